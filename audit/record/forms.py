"""Forms of the record's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from audit.record.actions.retention import record_of
from audit.record.apart import not_barred
from audit.record.checkpoints import found_in
from audit.record.models import Scope
from letters.models import Letter
from postroom.cases.access import not_hidden
from postroom.cases.models import Case, CasePerson
from postroom.forms import DatePartsField, Plain, RowsField
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import Office, User


class CompareForm(Plain, forms.Form):
    """A checkpoint from outside, pasted: a whole e-mail, the printed line, or NUMBER:HASH."""

    kept = forms.CharField(
        label="The message or line that was kept",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Paste the whole e-mail, the printed line, or its number and hash as 12:9f86d0…",
    )

    def clean_kept(self) -> dict[int, str]:
        """Numbers and hashes of the checkpoints in it."""
        found = found_in(self.cleaned_data["kept"])
        if not found:
            raise ValidationError(
                "There is no checkpoint in this. Copy the line that begins with “postroom checkpoint”."
            )
        return found


class LetterBundleForm(Plain, forms.Form):
    """The bundle of one letter; its content only for whoever may read it."""

    with_content = forms.BooleanField(
        label="Put in what the letter says, the reasons that were given, and who read it",
        required=False,
        help_text="Without it the bundle holds no personal data of the family: who did what and when, and proofs.",
    )

    def __init__(self, *args: Any, readable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not readable:
            del self.fields["with_content"]


class BundleForm(Plain, forms.Form):
    """What a bundle is about."""

    scope = forms.ChoiceField(label="What should it be about?", choices=Scope.choices, widget=forms.RadioSelect)
    reference = forms.CharField(label="Reference of the letter", required=False, max_length=20)
    office = forms.ModelChoiceField(
        Office.objects.order_by("name"), label="Office", required=False, empty_label="Choose an office"
    )
    first_day = DatePartsField(label="First day", required=False)
    last_day = DatePartsField(label="Last day", required=False)
    with_content = forms.BooleanField(
        label="Put in what letters say, the reasons, and who read them, of those that I may read",
        required=False,
        help_text="Without it the bundle holds no personal data of families: who did what and when, and proofs.",
    )
    widths = {"reference": 10}
    required_words = {"scope": "Choose what it should be about"}

    def __init__(self, *args: Any, user: User, everything: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not everything:
            scope: Any = self.fields["scope"]
            scope.choices = [choice for choice in Scope.choices if choice[0] != Scope.EVERYTHING]
        else:
            self.fields["scope"].help_text = (
                "Everything has breaches in it, too. The steps of one that you are involved in, and of a case that is "
                "kept from you, are there as hashes alone; whoever is not kept out can export them."
            )

    def clean(self) -> dict[str, Any]:
        """The fields that the chosen scope needs."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        given["letter"] = None
        if given.get("scope") == Scope.LETTER:
            reference = "".join(given.get("reference", "").split()).upper()
            given["letter"] = Letter.objects.filter(not_hidden(self.user, "case"), reference=reference).first()
            if given["letter"] is None:
                self.add_error("reference", "There is no letter of that reference. Type it as on the letter.")
        elif given.get("scope") == Scope.OFFICE:
            for name, words in (("office", "Choose the office"), ("first_day", "Enter the first day")):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, words)
            if not given.get("last_day") and "last_day" not in self.errors:
                self.add_error("last_day", "Enter the last day")
        return given


class HoldForm(Plain, forms.Form):
    """Which case, or which one record, and why."""

    reference = forms.CharField(
        label="Reference of the case, or of the one record",
        max_length=20,
        help_text="A case: everything of it is held. One record: a letter, a set of reports or minutes, a breach, "
        "papers out, a spot check, a bundle, an access request.",
    )
    why = forms.CharField(
        label="Why is it held?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A complaint, a claim, an inquiry, with its reference. No names.",
    )
    widths = {"reference": 10}
    required_words = {"why": "Say why it is held"}

    def clean_reference(self) -> LedgerSubject:
        """The case, or the record."""
        reference = "".join(self.cleaned_data["reference"].split()).upper()
        found = Case.objects.filter(reference=reference).first() or record_of(reference)
        if found is None:
            raise ValidationError("There is no case or record of that reference. Type it as it stands on its page.")
        return found


class ReleaseForm(Plain, forms.Form):
    """Why a hold can end."""

    why = forms.CharField(label="Why can it end?", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    required_words = {"why": "Say why it can end"}


class DecideForm(Plain, forms.Form):
    """A second person's decision on a disposal."""

    decision = forms.ChoiceField(
        label="What do you decide?",
        choices=[("approve", "Destroy them: it can't be undone"), ("refuse", "Destroy nothing")],
        widget=forms.RadioSelect,
    )
    why = forms.CharField(
        label="If nothing should be destroyed, why?",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    required_words = {"decision": "Choose what you decide"}


class PersonForm(Plain, forms.Form):
    """Whom a request is about."""

    words = forms.CharField(label="Name, or ICS number", max_length=80, help_text="At least three letters of the name.")
    required_words = {"words": "Enter a name or an ICS number"}

    def clean_words(self) -> str:
        """Long enough not to list everybody."""
        words = " ".join(str(self.cleaned_data["words"]).split())
        if len(words) < 3:
            raise ValidationError("Enter at least three letters of the name, or the whole ICS number.")
        return words

    def people(self) -> QuerySet[CasePerson]:
        """Those it may be: the same person on two cases is two rows, and two requests."""
        words = self.cleaned_data["words"]
        found = CasePerson.objects.filter(Q(name__icontains=words) | Q(ics_number=words))
        return found.select_related("case").order_by("name", "pk")


def same_perhaps(person: CasePerson) -> QuerySet[CasePerson]:
    """Rows on other cases that may be the same human: the last word of the name, an e-mail or a number in common."""
    last = person.name.split()[-1] if person.name.split() else person.name
    alike = Q(name__iendswith=last)
    for name in ("email", "mobile"):
        if value := getattr(person, name):
            alike |= Q(**{f"{name}__iexact": value})
    found = CasePerson.objects.filter(alike).exclude(case=person.case_id)
    return found.select_related("case").order_by("name", "pk")


class PeopleField(RowsField):
    """Rows of people, each named with its case."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, what they are there, which case."""
        return f"{obj.name}, {obj.get_relationship_display().lower()}, case {obj.case.reference}"


class AccessForm(Plain, forms.Form):
    """When the request came, and on which other cases the same person stands."""

    required_words = {"received_on": "Enter the day on which the request was received"}
    received_on = DatePartsField(label="When was the request received?")
    also = PeopleField(
        label="Who of these is the same person?",
        required=False,
        queryset=CasePerson.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="A person stands once on each case. Tick those that are the same human, and only those: a relative "
        "or a namesake has no right to this.",
    )

    def __init__(self, *args: Any, person: CasePerson, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["also"]
        field.queryset = not_barred(same_perhaps(person), by)
        if not field.queryset.exists():
            del self.fields["also"]
