"""What safeguarding enters: the case, the document, who is to have it; and an office's rules for secure e-mail."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from distribution.models import ISSUED
from letters.routes import DOCUMENT_NAMES
from postroom.cases.models import CasePerson
from postroom.forms import DatePartsField, PlainForm
from postroom.uploads import Kind, UploadField

_DOMAIN = re.compile(r"(?=.{3,120}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")


class FindCaseForm(PlainForm):
    """A case by its reference or a child's ICS number; posted, since it is personal."""

    widths = {"number": 20}
    number = forms.CharField(
        label="Case reference, or a child's ICS number",
        max_length=40,
        error_messages={"required": "Enter the case reference, or a child's ICS number"},
    )


class IssueForm(PlainForm):
    """`people`: everybody on the case; all of them are proposed."""

    required_words = {
        "document": "Choose what it is",
        "meeting_on": "Enter the day of the conference, review or meeting",
        "recipients": "Choose at least one person who is to have it",
        "file": "Choose the document",
    }

    document = forms.ChoiceField(
        label="What is it?", widget=forms.RadioSelect, choices=[(d.value, DOCUMENT_NAMES[d]) for d in ISSUED]
    )
    meeting_on = DatePartsField(
        label="Day of the conference, review or meeting",
        latest=timezone.localdate,
        too_late="The day of the meeting can't be in the future",
    )
    file = UploadField(label="The document", allow=(Kind.PDF, Kind.WORD))
    recipients = forms.MultipleChoiceField(
        label="Who is to have it?",
        help_text="Everybody on the case is proposed. Untick whoever has no right to it.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, people: list[CasePerson], *args: Any, **kwargs: Any) -> None:
        self.by_key = {str(person.pk): person for person in people}
        kwargs["initial"] = {"recipients": list(self.by_key), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["recipients"].choices = [(key, words_for(p)) for key, p in self.by_key.items()]  # type: ignore[attr-defined]

    def clean_recipients(self) -> list[CasePerson]:
        """The people themselves."""
        return [self.by_key[key] for key in self.cleaned_data["recipients"]]


class AddRecipientForm(PlainForm):
    """One more recipient: somebody on the case who isn't on the list yet."""

    person = forms.ChoiceField(
        label="Who is to have it too?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who is to have it too"},
    )

    def __init__(self, people: list[CasePerson], *args: Any, **kwargs: Any) -> None:
        self.by_key = {str(person.pk): person for person in people}
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(key, words_for(p)) for key, p in self.by_key.items()]  # type: ignore[attr-defined]

    def clean_person(self) -> CasePerson:
        """The person."""
        return self.by_key[self.cleaned_data["person"]]


class OfficeMailForm(PlainForm):
    """Sender and domains."""

    sender = forms.EmailField(
        label="The office's mailbox",
        help_text="Documents are sent from here, and what can't be delivered comes back to it.",
        error_messages={"required": "Enter the office's mailbox"},
    )
    allowed_domains = forms.CharField(
        label="Domains that may be written to",
        required=False,
        help_text="One a line, for example invented-school.sch.uk.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=5000,
    )
    secure_domains = forms.CharField(
        label="Domains of a secure mail service",
        required=False,
        help_text="One a line, for example nhs.net. These may be written to as well.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=5000,
    )

    def clean_allowed_domains(self) -> str:
        """Tidy lines."""
        return _domains(self.cleaned_data["allowed_domains"])

    def clean_secure_domains(self) -> str:
        """Tidy lines."""
        return _domains(self.cleaned_data["secure_domains"])


def _domains(text: str) -> str:
    lines = list(dict.fromkeys(line.strip().lower().lstrip("@") for line in text.splitlines() if line.strip()))
    for line in lines:
        if not _DOMAIN.fullmatch(line):
            raise ValidationError(f"“{line}” is not a domain. Write what stands after the @, one a line.")
    return "\n".join(lines)


def words_for(person: CasePerson) -> str:
    """Name and how they belong to the case; never where they live."""
    how = person.organisation if person.organisation else person.get_relationship_display().lower()
    return f"{person.name} ({how})"
