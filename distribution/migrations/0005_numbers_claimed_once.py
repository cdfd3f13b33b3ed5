from django.db import migrations


def claim(apps, schema_editor):
    """Numbers that stand on copies are claimed for whom they were posted; where two have one, for the first."""
    item, tracked = apps.get_model("distribution", "Item"), apps.get_model("letters", "TrackedNumber")
    posted = item.objects.exclude(tracking_number="").order_by("pk").values_list("tracking_number", "person_id")
    for number, person_id in posted.iterator():
        tracked.objects.get_or_create(number=number, defaults={"person_id": person_id})


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0004_own_tracking_numbers'),
        ('letters', '0018_numbers_claimed_once'),
    ]

    operations = [migrations.RunPython(claim, migrations.RunPython.noop)]
