"""The log of who read which letter moves to the ledger's floor, where it is protected and sealed."""

from django.db import migrations


def move(apps, schema_editor):
    """Each reading, as it was, in order."""
    old = apps.get_model("letters", "Reading").objects.select_related("letter", "by").order_by("pk")
    new = apps.get_model("ledger", "Reading")
    batch = []
    for row in old.iterator(chunk_size=2_000):
        batch.append(
            new(
                subject=f"letter/{row.letter.reference}",
                reader_id=row.by_id,
                reader_name=row.by.name,
                what=row.what,
                at=row.at,
            )
        )
        if len(batch) == 1_000:
            new.objects.bulk_create(batch)
            batch.clear()
    new.objects.bulk_create(batch)


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0004_openings"),
        ("ledger", "0003_readings"),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(name="Reading"),
    ]
