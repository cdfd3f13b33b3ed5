import django.db.models.deletion
from django.db import migrations, models


def count_anew(apps, schema_editor):
    """The sums are counted again from the ledger, this time with everything that they are the sums of."""
    if apps.get_model("audit", "FiguresUpTo").objects.filter(position__gt=0).update(position=0):
        apps.get_model("audit", "FigureRow").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0006_stays_behind_the_figures'),
        ('letters', '0019_whom_a_letter_names'),
        ('people', '0004_office_name_and_prefix'),
    ]

    operations = [
        migrations.DeleteModel(name='FigureStay'),
        migrations.CreateModel(
            name='FigurePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('measure', models.CharField(max_length=20)),
                ('key', models.CharField(blank=True, default='', max_length=40)),
                ('seconds', models.BigIntegerField(default=0)),
                ('letter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='letters.letter')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.office')),
            ],
            options={
                'indexes': [models.Index(fields=['office', 'measure', 'key', 'day', 'id'], name='figure_parts')],
            },
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
