"""The key of every name that stood before names had keys."""

from django.db import migrations

from postroom.cases.names import name_key


def fill(apps, schema_editor):
    CasePerson = apps.get_model("cases", "CasePerson")
    batch = []
    for row in CasePerson.objects.filter(name_key="").only("pk", "name").iterator(chunk_size=2000):
        row.name_key = name_key(row.name)
        batch.append(row)
        if len(batch) == 2000:
            CasePerson.objects.bulk_update(batch, ["name_key"])
            batch = []
    CasePerson.objects.bulk_update(batch, ["name_key"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_contacts_and_access")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
