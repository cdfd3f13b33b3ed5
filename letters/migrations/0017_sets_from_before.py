from django.db import migrations


def keep_sets(apps, schema_editor):
    """Letters that were handed over together before this have their shared text too, from their next typing on."""
    letter, shared = apps.get_model("letters", "Letter"), apps.get_model("letters", "SharedText")
    sets = letter.objects.exclude(together="").order_by().values_list("together", "case_id").distinct()
    for word, case_id in sets:
        shared.objects.get_or_create(word=word, defaults={"case_id": case_id})


class Migration(migrations.Migration):

    dependencies = [
        ('letters', '0016_one_text_to_many'),
    ]

    operations = [migrations.RunPython(keep_sets, migrations.RunPython.noop)]
