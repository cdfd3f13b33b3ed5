"""Every form's field for a file goes through the one gate: known by its content, opened apart, seen by the scanner."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from django import forms
from django.apps import apps
from django.conf import settings

from postroom.uploads import UploadField

# What isn't an UploadField, and where it is looked into instead.
OTHERWISE = {
    "postroom.cases.forms_marks.IcsFileForm.file": "a CSV file, read row by row by the import",
    "audit.forms.spotchecks.PhotoForm.photo": "by the gate in audit.actions.items.add_photo",
    "postroom.style.examples.ExampleForm.scan": "the style page, which keeps nothing",
}


def _every(kind: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for below in kind.__subclasses__():
        yield below
        yield from _every(below)


def every_form() -> list[type[forms.BaseForm]]:
    """All forms of ours, loaded."""
    for config in apps.get_app_configs():
        if str(config.path).startswith(str(settings.BASE_DIR)) and ".venv" not in str(config.path):
            for module in pkgutil.walk_packages([config.path], f"{config.name}."):
                if "form" in module.name and ".tests" not in module.name:
                    importlib.import_module(module.name)
    return [form for form in _every(forms.BaseForm) if not form.__module__.startswith(("django", "allauth"))]


def test_every_file_goes_through_the_gate() -> None:
    found, gated = {}, 0
    for form in every_form():
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, UploadField):
                gated += 1
            elif isinstance(field, forms.FileField):
                found[f"{form.__module__}.{form.__qualname__}.{name}"] = form
    assert gated >= 7
    assert set(found) - set(OTHERWISE) == set()
