"""Handing over a draft: to whom, at which address, what it should say."""

from __future__ import annotations

from typing import Any

from django import forms

from letters.forms.ways import SENSITIVE, SENSITIVE_HINT, WAYS
from letters.ways import WAY_HINTS, Way
from postroom.cases.models import Address, CasePerson
from postroom.forms import PlainForm, in_words


class HandOverForm(PlainForm):
    """`people`: those on the case, with their addresses fetched. One choice names person and address together."""

    required_words = {
        "address": "Choose who the letter is to, and at which address",
        "draft_text": "Write or paste what the letter should say",
    }

    address = forms.ChoiceField(label="Who is it to, and at which address?", widget=forms.RadioSelect)
    still_right = forms.BooleanField(label="I have checked that this address is still right", required=False)
    draft_text = forms.CharField(
        label="What should the letter say?",
        help_text="Write it or paste it in. Admin types the letter from this; you check it before it goes.",
        widget=forms.Textarea(attrs={"rows": 14, "lang": "en-GB", "spellcheck": "true"}),
        max_length=50_000,
    )
    subject = forms.CharField(
        label="Subject line",
        required=False,
        max_length=120,
        help_text="It stands above the text, for example: Our meeting on 20 July.",
    )
    way = forms.ChoiceField(
        label="How is it to go?", widget=forms.RadioSelect, choices=WAYS, initial=Way.POST.value, required=False
    )
    sensitive = forms.BooleanField(label=SENSITIVE, required=False, help_text=SENSITIVE_HINT)
    instructions = forms.CharField(
        label="Note to admin",
        required=False,
        max_length=2000,
        help_text="Enclosures to add, or a day it must go by. It is not part of the letter.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, people: list[CasePerson], *args: Any, **kwargs: Any) -> None:
        self.by_key = {
            str(address.pk): address for person in people for address in person.addresses.all() if address.is_usable
        }
        hints = {str(way): words for way, words in WAY_HINTS.items()}
        self.choice_hints = {
            "way": hints,
            "address": {key: verified_words(address) for key, address in self.by_key.items()},
        }
        if len(self.by_key) == 1:
            kwargs["initial"] = {"address": next(iter(self.by_key)), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["address"].choices = [  # type: ignore[attr-defined]
            (key, f"{person_words(address.person)}: {', '.join(address.line_list)}")
            for key, address in self.by_key.items()
        ]

    @property
    def asks_again(self) -> bool:
        """Was an address chosen whose last verification is long ago? Then the tick is shown."""
        chosen = self.by_key.get(self.data.get("address", "")) if self.is_bound else None
        return chosen is not None and chosen.is_stale

    def clean_way(self) -> str:
        """Nothing chosen is ordinary post."""
        return self.cleaned_data["way"] or Way.POST.value

    def clean_address(self) -> Address:
        """The address itself; it says whom the letter is to."""
        return self.by_key[self.cleaned_data["address"]]

    def clean(self) -> dict[str, Any]:
        """A stale address asks (CLS-6)."""
        data = super().clean() or {}
        address = data.get("address")
        if address is not None and address.is_stale and not data.get("still_right"):
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
