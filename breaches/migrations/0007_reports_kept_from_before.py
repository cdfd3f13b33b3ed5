"""Which reports were kept when they still said what was decided on staff: those are for the two who decide."""

from django.db import migrations, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Exists, OuterRef
from django.utils import timezone

MADE_HERE = ("records_manager_report", "director_report")


def kept_before(apps, schema_editor):
    """Files of reports that were kept after a decision, before the reports were made without it (migration 0006).

    A file that somebody sent in themselves for the Director is among them where it can't be told from one made here.
    """
    using = schema_editor.connection.alias
    recorder = MigrationRecorder(schema_editor.connection)
    applied = recorder.applied_migrations().get(("breaches", "0006_actions_for_deciders"))
    since = applied.applied if applied is not None else timezone.now()
    decided = apps.get_model("breaches", "Decision").objects.using(using)
    before = decided.filter(breach=OuterRef("breach"), agreed_at__lte=OuterRef("settled_at"))
    duties = apps.get_model("breaches", "BreachDuty").objects.using(using)
    kept = duties.filter(Exists(before), duty__in=MADE_HERE, file__isnull=False, settled_at__lt=since)
    kept.update(file_for_deciders=True)


class Migration(migrations.Migration):

    dependencies = [
        ('breaches', '0006_actions_for_deciders'),
    ]

    operations = [
        migrations.AddField(
            model_name='breachduty',
            name='file_for_deciders',
            field=models.BooleanField(default=False, editable=False, help_text='Kept from before decision 0184: the file says what was decided on staff, and legal advice.'),
        ),
        migrations.RunPython(kept_before, migrations.RunPython.noop),
    ]
