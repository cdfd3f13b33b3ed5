"""Handing over a draft: to whom, at which address, what it should say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from letters.forms.handing_over_files import FilesField, KeptFile
from letters.forms.ways import SENSITIVE, SENSITIVE_HINT, WayField, way_hints
from letters.models import DueKind, LetterFormat
from letters.ways import Way
from postroom.cases.models import Address, CasePerson, Relationship
from postroom.forms import DatePartsField, PlainForm, in_words
from postroom.uploads import Checked

COPIES_HINT = (
    "A letter names nobody else unless you say so here. This sends them nothing: for a copy of their own, choose them "
    "as somebody the letter is to as well."
)


def copies_field() -> forms.MultipleChoiceField:
    """Whom the letter names as having a copy; its choices are put in by `set_copies`."""
    return forms.MultipleChoiceField(
        label="Should the letter say that others have a copy?",
        help_text=COPIES_HINT,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def set_copies(form: PlainForm, people: Sequence[CasePerson]) -> None:
    """Give the form's question about copies its people; without any, it isn't asked."""
    if people:
        choices = [(str(person.pk), person_words(person)) for person in people]
        form.fields["copies_to"].choices = choices  # type: ignore[attr-defined]
    else:
        del form.fields["copies_to"]


class BriefForm(PlainForm):
    """By when it must go and why, and what the addressee can read."""

    widths = {"language": 20}
    sometimes: tuple[str, ...] = ("due_on", "due_why", "language")
    due_kind = forms.ChoiceField(
        label="Is there a day by which it must go?",
        required=False,
        widget=forms.RadioSelect,
        choices=[("", "No"), *DueKind.choices],
    )
    due_on = DatePartsField(label="Which day?", required=False)
    due_why = forms.CharField(
        label="Why by then?", required=False, max_length=200, help_text="For example: the meeting is on 3 August."
    )
    letter_format = forms.ChoiceField(
        label="What can the addressee read?",
        help_text="Ask, if you don't know. Admin makes the letter in this format.",
        choices=LetterFormat.choices,
        initial=LetterFormat.STANDARD,
        required=False,
    )
    language = forms.CharField(label="Which language?", required=False, max_length=40)

    def clean_letter_format(self) -> str:
        """Ordinary print unless something else was chosen."""
        return self.cleaned_data["letter_format"] or str(LetterFormat.STANDARD)

    def brief(self) -> dict[str, Any]:
        """As the action takes it; only once the form is valid. What belongs to another choice falls away."""
        data = self.cleaned_data
        due = bool(data["due_kind"])
        return {
            "due_kind": data["due_kind"],
            "due_on": data["due_on"] if due else None,
            "due_why": data["due_why"] if due else "",
            "letter_format": data["letter_format"],
            "language": data["language"],
        }


class ChangeBriefForm(BriefForm):
    """The same later on, and whom it names as having a copy: `people` are the others on its case."""

    copies_to = copies_field()

    def __init__(self, people: Sequence[CasePerson], *args: Any, **kwargs: Any) -> None:
        self.people = {str(person.pk): person for person in people}
        super().__init__(*args, **kwargs)
        set_copies(self, people)

    def brief(self) -> dict[str, Any]:
        """With the people themselves."""
        chosen = self.cleaned_data.get("copies_to")
        return {**super().brief(), "copies_to": None if chosen is None else [self.people[key] for key in chosen]}


class HandOverForm(BriefForm):
    """`people`: those on the case, with their addresses fetched. One choice names person and address together.

    Several choices make as many letters, each to one of them alone. `kept`: files that passed in an earlier try.
    `by_email`: those who may have it by secure e-mail.
    """

    # What it should say is written or handed over as a file: neither alone is optional.
    sometimes = (*BriefForm.sometimes, "draft_text")
    required_words = {"address": "Choose who the letter is to, and at which address"}

    address = forms.MultipleChoiceField(
        label="Who is it to, and at which address?",
        help_text="Choose several, and each gets a letter of their own, to them alone.",
        widget=forms.CheckboxSelectMultiple,
    )
    copies_to = copies_field()
    about = forms.MultipleChoiceField(
        label="Which child is it about?", required=False, widget=forms.CheckboxSelectMultiple
    )
    still_right = forms.BooleanField(label="I have checked that this address is still right", required=False)
    draft_text = forms.CharField(
        label="What should the letter say?",
        help_text="Write it or paste it in. Admin types the letter from this; you check it before it goes.",
        widget=forms.Textarea(attrs={"rows": 12, "lang": "en-GB", "spellcheck": "true"}),
        max_length=50_000,
        required=False,
    )
    drafts = FilesField(
        label="Or hand over a file",
        required=False,
        help_text="A Word file, a PDF, a photo or scan of your handwriting (JPEG or PNG), a dictation "
        "(MP3, M4A, WAV or OGG), or a text file. Several if need be.",
    )
    subject = forms.CharField(
        label="Subject line",
        required=False,
        max_length=120,
        help_text="It stands above the text, for example: Our meeting on 20 July.",
    )
    way = WayField(initial=Way.POST.value, required=False)
    sensitive = forms.BooleanField(label=SENSITIVE, required=False, help_text=SENSITIVE_HINT)
    instructions = forms.CharField(
        label="Note to admin",
        required=False,
        max_length=2000,
        help_text="Enclosures to add, for example. It is not part of the letter.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    field_order = ["address", "still_right", "about", "draft_text", "drafts", "subject", "instructions"]

    def __init__(
        self,
        people: list[CasePerson],
        *args: Any,
        kept: Sequence[KeptFile] = (),
        by_email: Sequence[CasePerson] = (),
        **kwargs: Any,
    ) -> None:
        self.kept = list(kept)
        self.people = {str(one.pk): one for one in people}
        self.children = {str(one.pk): one for one in people if one.relationship == Relationship.CHILD}
        self.by_key = {
            str(address.pk): address for person in people for address in person.addresses.all() if address.is_usable
        }
        reached = {address.person_id for address in self.by_key.values()}
        by_email = [one for one in by_email if one.pk in reached]
        self.choice_hints = {
            "way": way_hints(by_email),
            "address": {key: verified_words(address) for key, address in self.by_key.items()},
        }
        if len(self.by_key) == 1:
            kwargs["initial"] = {"address": list(self.by_key), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["address"].choices = [  # type: ignore[attr-defined]
            (key, f"{person_words(address.person)}: {', '.join(address.line_list)}")
            for key, address in self.by_key.items()
        ]
        self.fields["way"].offer(by_email)  # type: ignore[attr-defined]
        set_copies(self, people if len(people) > 1 else ())
        if len(self.children) > 1:
            self.fields["about"].choices = [(k, one.name) for k, one in self.children.items()]  # type: ignore[attr-defined]
        else:
            del self.fields["about"]

    @property
    def asks_again(self) -> bool:
        """Was an address chosen whose last verification is long ago? Then the tick is shown."""
        chosen = self.data.getlist("address") if self.is_bound else []  # type: ignore[attr-defined]
        return any(self.by_key[key].is_stale for key in chosen if key in self.by_key)

    def clean_way(self) -> str:
        """Nothing chosen is ordinary post."""
        return self.cleaned_data["way"] or Way.POST.value

    def clean_address(self) -> list[Address]:
        """The addresses themselves; each says whom a letter is to. Nobody gets two."""
        chosen = [self.by_key[key] for key in self.cleaned_data["address"]]
        if len({address.person_id for address in chosen}) < len(chosen):
            raise forms.ValidationError("Choose one address for each person")
        return chosen

    def clean_copies_to(self) -> list[CasePerson]:
        """The people themselves."""
        return [self.people[key] for key in self.cleaned_data["copies_to"]]

    def clean_about(self) -> list[CasePerson]:
        """The children themselves."""
        return [self.children[key] for key in self.cleaned_data["about"]]

    @property
    def passed(self) -> list[Checked]:
        """The files of this try that passed the gate, whatever became of the rest."""
        return list(getattr(self.fields["drafts"], "passed", []))

    @property
    def sources(self) -> list[Checked]:
        """All files: those kept from an earlier try first."""
        return [one.checked for one in self.kept] + self.passed

    def clean(self) -> dict[str, Any]:
        """A stale address asks (CLS-6); something must say what the letter is to say."""
        data = super().clean() or {}
        if not data.get("draft_text", "").strip() and not self.sources and "drafts" not in self.errors:
            self.add_error("draft_text", "Write or paste what the letter should say, or hand over a file")
        stale = [address for address in data.get("address") or () if address.is_stale]
        address = stale[0] if stale else None
        if address is not None and not data.get("still_right"):
            self.add_error(
                "still_right",
                f"This address was last verified on {in_words(address.verified_on)}. Check that it is still right, "
                "and say so; if it is not, add the new one on the case first",
            )
        return data


def person_words(person: CasePerson) -> str:
    """Name and how they belong to the case: "Ms Pat Example (parent)"."""
    how = person.get_relationship_display().lower()
    return f"{person.name} ({person.organisation})" if person.organisation else f"{person.name} ({how})"


ASKED = "That is long ago: you will be asked whether it is still right."
ASK_THE_WORKER = "That is long ago: ask the worker whether it is still right."


def verified_words(address: Address, stale: str = ASKED) -> str:
    """When and by whom it was last verified (CLS-6); for one that can't be used: why, and what to do."""
    if address.retired_at is not None:
        return "No longer used."
    if address.in_doubt:
        return f"In doubt. {address.doubt_reason} Verify it on the case, or add the new address, first.".replace(
            "  ", " "
        )
    if address.verified_on is None or address.verified_by is None:
        return "Not verified yet. Verify it on the case first."
    words = f"Verified {in_words(address.verified_on)} by {address.verified_by.name}."
    return f"{words} {stale}" if address.is_stale else words
