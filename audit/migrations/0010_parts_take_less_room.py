import django.db.models.deletion
from django.db import migrations, models


def count_anew(apps, schema_editor):
    """The sums are counted again from the ledger: what was handed over or e-mailed is owed to the case record too."""
    if apps.get_model("audit", "FiguresUpTo").objects.filter(position__gt=0).update(position=0):
        apps.get_model("audit", "FigureRow").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0009_dice_confirmed_by_their_witness'),
        ('letters', '0025_gone_and_not_on_the_case_record'),
        ('people', '0004_office_name_and_prefix'),
    ]

    operations = [
        # Derived rows, in millions: made anew, not altered one by one.
        migrations.DeleteModel(name='FigurePart'),
        migrations.CreateModel(
            name='FigurePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('letter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='letters.letter')),
                ('office', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.office')),
                ('day', models.DateField()),
                ('seconds', models.IntegerField(default=0)),
                ('measure', models.CharField(max_length=20)),
                ('key', models.CharField(blank=True, default='', max_length=40)),
            ],
            options={
                'indexes': [models.Index(fields=['office', 'measure', 'key', 'day', 'id'], name='figure_parts')],
            },
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
