import django.db.models.deletion
from django.db import migrations, models

# What was listed before were letters: by their row, and by their chain's name.
NAME_THE_LETTERS = (
    "UPDATE record_disposal_item SET \"row\" = letter_id, "
    "subject = (SELECT 'letter/' || l.reference FROM letters_letter l WHERE l.id = letter_id)"
)


class Migration(migrations.Migration):

    dependencies = [("cases", "0001_initial"), ("letters", "0001_initial"), ("record", "0001_initial")]

    operations = [
        migrations.AddField("disposalitem", "row", models.BigIntegerField(default=0)),
        migrations.AddField("disposalitem", "subject", models.CharField(default="", max_length=60)),
        migrations.RunSQL(NAME_THE_LETTERS, migrations.RunSQL.noop),
        migrations.RemoveConstraint("disposalitem", "record_disposal_item_once"),
        migrations.RemoveField("disposalitem", "letter"),
        migrations.AlterField(
            "disposalitem", "row", models.BigIntegerField(help_text="Of the table of the disposal's kind.")
        ),
        migrations.AlterField("disposalitem", "subject", models.CharField(max_length=60)),
        migrations.AddField("legalhold", "record", models.CharField(blank=True, default="", max_length=60)),
        migrations.AlterField(
            "disposal",
            "what",
            models.CharField(help_text="The key of a kind in postroom.ledger.kept.", max_length=20),
        ),
        migrations.AlterField(
            "legalhold",
            "case",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="legal_holds",
                to="cases.case",
            ),
        ),
        migrations.AddIndex("disposalitem", models.Index(fields=["row"], name="record_disposal_item_row")),
        migrations.AddIndex(
            "legalhold",
            models.Index(condition=~models.Q(record=""), fields=["record"], name="record_hold_record"),
        ),
        migrations.AddConstraint(
            "disposalitem",
            models.UniqueConstraint(fields=("disposal", "row"), name="record_disposal_item_once"),
        ),
        migrations.AddConstraint(
            "legalhold",
            models.CheckConstraint(
                condition=models.Q(case__isnull=False, record="") | models.Q(case__isnull=True) & ~models.Q(record=""),
                name="record_hold_on_a_case_or_a_record",
            ),
        ),
    ]
