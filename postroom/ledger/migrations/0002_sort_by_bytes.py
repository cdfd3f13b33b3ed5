"""On PostgreSQL the subject sorts by its bytes, as the ledger's head is defined; its index then serves verifying."""

from django.db import migrations


def sort_by_bytes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in ("ledger_entry", "ledger_reason", "ledger_disposal"):
            schema_editor.execute(f'ALTER TABLE {table} ALTER COLUMN subject TYPE text COLLATE "C"')


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(sort_by_bytes, migrations.RunPython.noop, elidable=False)]
