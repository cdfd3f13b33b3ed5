"""Printers, their measured calibration sheets; what came out of a print stands on the print."""

import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

# What came out of a print run stood beside the run's letter; now it stands on the print itself.
_FROM = "FROM letters_printrunletter l JOIN letters_printrun r ON r.id = l.run_id WHERE l.printed_id = letters_print.id"
CARRY_OVER = f"""
UPDATE letters_print SET
  came_out = (SELECT l.came_out {_FROM}),
  said_by_id = (SELECT r.by_id {_FROM}),
  said_at = (SELECT COALESCE(r.looked_at, r.at) {_FROM})
WHERE EXISTS (SELECT 1 {_FROM} AND l.came_out IS NOT NULL)
"""  # noqa: S608 - nothing in it comes from outside


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_initial"),
        ("letters", "0005_proofs_go_too"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Calibration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("upper_left_x", models.DecimalField(decimal_places=1, max_digits=5)),
                ("upper_left_y", models.DecimalField(decimal_places=1, max_digits=5)),
                ("upper_right_x", models.DecimalField(decimal_places=1, max_digits=5)),
                ("upper_right_y", models.DecimalField(decimal_places=1, max_digits=5)),
                ("lower_left_x", models.DecimalField(decimal_places=1, max_digits=5)),
                ("lower_left_y", models.DecimalField(decimal_places=1, max_digits=5)),
                (
                    "in_envelope",
                    models.BooleanField(help_text="Folded and in the envelope, the frames showed as they must."),
                ),
                (
                    "shift",
                    models.DecimalField(
                        decimal_places=2, help_text="The farthest a point of the zone moves, mm.", max_digits=5
                    ),
                ),
                ("holds", models.BooleanField()),
                ("expires_on", models.DateField(help_text="The first local day on which it no longer counts.")),
                ("stock_figures", models.JSONField(help_text="The stock's figures that the sheet was made for.")),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalPrinter",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("place", models.CharField(max_length=80, verbose_name="where it stands")),
                ("is_active", models.BooleanField(default=True, verbose_name="letters may be printed on it")),
                ("history_user_id", models.BigIntegerField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical printer",
                "verbose_name_plural": "historical printers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Printer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ledger_seq", models.PositiveBigIntegerField(default=0, editable=False)),
                (
                    "ledger_head",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        editable=False,
                        max_length=64,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("place", models.CharField(max_length=80, verbose_name="where it stands")),
                ("is_active", models.BooleanField(default=True, verbose_name="letters may be printed on it")),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="print",
            name="came_out",
            field=models.BooleanField(blank=True, help_text="False: its sheets are void and shredded.", null=True),
        ),
        migrations.AddField(
            model_name="print",
            name="said_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="print",
            name="said_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="calibration",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="calibration",
            name="stock",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="calibrations", to="letters.envelopestock"
            ),
        ),
        migrations.AddField(
            model_name="historicalprinter",
            name="office",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="people.office",
            ),
        ),
        migrations.AddField(
            model_name="printer",
            name="office",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="printers", to="people.office"
            ),
        ),
        migrations.AddField(
            model_name="calibration",
            name="printer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="calibrations", to="letters.printer"
            ),
        ),
        migrations.AddField(
            model_name="print",
            name="printer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="letters.printer"
            ),
        ),
        migrations.AddField(
            model_name="printrun",
            name="printer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="letters.printer"
            ),
        ),
        migrations.AddConstraint(
            model_name="print",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("came_out__isnull", True), ("said_at__isnull", True), ("said_by__isnull", True)),
                    models.Q(("came_out__isnull", False), ("said_at__isnull", False), ("said_by__isnull", False)),
                    _connector="OR",
                ),
                name="print_outcome_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="printer",
            constraint=models.UniqueConstraint(fields=("office", "name"), name="printer_name_once_an_office"),
        ),
        migrations.AddIndex(
            model_name="calibration",
            index=models.Index(fields=["printer", "stock", "-id"], name="calibration_newest"),
        ),
        migrations.AddConstraint(
            model_name="calibration",
            constraint=models.CheckConstraint(
                condition=models.Q(("holds", False), ("in_envelope", True), _connector="OR"),
                name="calibration_holds_in_envelope",
            ),
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name="printrunletter",
            name="came_out_was_printed",
        ),
        migrations.RemoveField(
            model_name="printrunletter",
            name="came_out",
        ),
    ]
