"""Words of a subject and of an addressee's name are looked up in an index, on PostgreSQL (see letters/finding.py)."""

from django.db import migrations

INDEXES = (
    ("letters_subject_words", "letters_letter", "subject"),
    ("cases_name_words", "cases_caseperson", "name_key"),
)


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, table, column in INDEXES:
            schema_editor.execute(f"CREATE INDEX {name} ON {table} USING gin (to_tsvector('simple', {column}))")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, _, _ in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("letters", "0002_four_stocks"), ("cases", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
