"""Files that were uploaded before this was kept with the file itself."""

from typing import Any

from django.db import migrations
from django.utils import timezone


def mark(apps: Any, schema_editor: Any) -> None:
    """From outside: what was handed over, added while typing, scanned as signed or as a receipt."""
    files = apps.get_model("files", "StoredFile").objects.using(schema_editor.connection.alias)
    for model, column in (("Source", "file"), ("LetterFile", "file"), ("Signature", "scan"), ("Registered", "receipt")):
        rows = apps.get_model("letters", model).objects.using(schema_editor.connection.alias)
        named = rows.filter(**{f"{column}__isnull": False}).values(f"{column}_id")
        files.filter(pk__in=named).update(from_outside=True)
        if column == "file":
            files.filter(pk__in=rows.filter(scanned=True).values("file_id")).update(scanned_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("letters", "0010_carried_by_hand"), ("files", "0002_from_outside")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
