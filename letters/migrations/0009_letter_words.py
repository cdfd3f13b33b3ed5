"""The search reads a narrow copy of what it looks for; PostgreSQL indexes its words within their office."""

import django.db.models.deletion
from django.db import migrations, models

import letters.models.letter
from postroom.cases.names import words_of

AT_ONCE = 2_000
# Marked with the office, so that nobody's search wades through the others' letters. Its cost keeps PostgreSQL from
# working it out row by row where the index has it; PL/pgSQL, since a function in SQL would be taken apart and lose it.
FUNCTION = """
CREATE OR REPLACE FUNCTION letters_words_of(office bigint, subject text, name text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE COST 100 AS $fn$ BEGIN RETURN array_to_tsvector(string_to_array(ltrim(
    replace(' ' || subject, ' ', ' s' || office || '/') || replace(' ' || name, ' ', ' n' || office || '/')
), ' ')); END $fn$
"""
# Words are written once in a letter's life: better then than a list of them that every search reads first.
INDEX = """
CREATE INDEX letters_words_in_office ON letters_letterwords
USING gin (letters_words_of(office_id, subject_words, name_words)) WITH (fastupdate = off)
"""
COPY = """
INSERT INTO letters_letterwords (letter_id, office_id, case_id, subject_words, name_words)
SELECT l.id, l.office_id, l.case_id, l.subject_key, p.name_key
FROM letters_letter l JOIN cases_caseperson p ON p.id = l.addressee_id
"""


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS letters_subject_words")
        schema_editor.execute("DROP INDEX IF EXISTS cases_name_words")
        schema_editor.execute(FUNCTION)
        schema_editor.execute(INDEX)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS letters_words_in_office")
        schema_editor.execute("DROP FUNCTION IF EXISTS letters_words_of(bigint, text, text)")


def copy(apps, schema_editor):
    letters = apps.get_model("letters", "Letter").objects.exclude(subject="").order_by("pk")
    last = 0
    while some := list(letters.filter(pk__gt=last).only("pk", "subject")[:AT_ONCE]):
        for letter in some:
            letter.subject_key = " ".join(words_of(letter.subject))[:240]
        letters.model.objects.bulk_update(some, ["subject_key"], batch_size=200)
        last = some[-1].pk
    schema_editor.execute(COPY)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_handed_on'),
        ('letters', '0008_sheets_scanned'),
        ('people', '0003_office_changes'),
    ]

    operations = [
        migrations.AddField(
            model_name='letter',
            name='subject_key',
            field=letters.models.letter.SubjectKeyField(default='', editable=False, max_length=240),
        ),
        migrations.CreateModel(
            name='LetterWords',
            fields=[
                ('letter', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='letters.letter')),
                ('subject_words', models.CharField(max_length=240)),
                ('name_words', models.CharField(max_length=120)),
                ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='cases.case')),
                ('office', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.office')),
            ],
            options={
                'indexes': [models.Index(fields=['office', '-letter'], include=['case', 'subject_words', 'name_words'], name='words_office_newest')],
            },
        ),
        migrations.RunPython(make_index, drop_index),
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]
