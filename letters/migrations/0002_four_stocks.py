"""The four envelope stocks of the policy's facts: figures in mm, as printed on the packs."""

from django.db import migrations

# slug, name, envelope w and h, window w and h, left, up, folds
STOCKS = [
    ("dl", "DL", 220, 110, 90, 35, 20, 18, "99, 198", 5),
    ("dl-20-up", "DL, 20 up", 220, 110, 90, 35, 20, 20, "99, 198", 5),
    ("dl-105", "DL, fold 105/210", 220, 110, 90, 35, 20, 18, "105, 210", 5),
    ("c5", "C5", 229, 162, 90, 35, 20, 60, "148.5", 10),
]
FIELDS = [
    "slug",
    "name",
    "envelope_w",
    "envelope_h",
    "window_w",
    "window_h",
    "window_left",
    "window_up",
    "folds",
    "max_sheets",
]


def add(apps, schema_editor):
    stock = apps.get_model("letters", "EnvelopeStock")
    for row in STOCKS:
        stock.objects.get_or_create(slug=row[0], defaults=dict(zip(FIELDS[1:], row[1:], strict=True)))


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
