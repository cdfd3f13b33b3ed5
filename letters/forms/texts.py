"""The form of a template or standard paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from letters.models import OfficeText
from postroom.forms import PlainForm
from postroom.people.models import Office


class TextForm(PlainForm):
    """`offices`: those to choose from (asked only where there are several); `changing`: it is there already."""

    required_words = {"name": "Give it a name", "body": "Write what it says"}
    widths = {"name": 30}

    office_code = forms.ChoiceField(label="Office")
    name = forms.CharField(label="Name", max_length=80, help_text="As admin looks for it, for example: Invitation.")
    subject = forms.CharField(label="Subject line", max_length=120, required=False)
    body = forms.CharField(
        label="What it says",
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 14, "lang": "en-GB", "spellcheck": "true"}),
        help_text="Leave an empty line between paragraphs. ## begins a heading, - a list, ** stands around bold words.",
    )
    is_active = forms.BooleanField(label="In use", required=False)

    def __init__(
        self, *args: Any, kind: str, offices: Sequence[Office] = (), changing: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offices = {office.code: office for office in offices}
        self.fields["office_code"].choices = [(o.code, o.name) for o in offices]  # type: ignore[attr-defined]
        if len(offices) < 2:
            del self.fields["office_code"]
        if not changing:
            del self.fields["is_active"]
        if kind == OfficeText.Kind.PARAGRAPH:
            del self.fields["subject"]

    def clean(self) -> dict[str, Any]:
        """A paragraph has no subject line."""
        data = super().clean() or {}
        data.setdefault("subject", "")
        return data

    @property
    def office(self) -> Office:
        """The office chosen, or the only one there is."""
        code = self.cleaned_data.get("office_code")
        return self.offices[code] if code else next(iter(self.offices.values()))
