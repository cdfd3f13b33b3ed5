"""Forms on people, offices, deputies and the rota. What they hold is checked again by the verbs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from postroom.forms import DatePartsField, PlainForm
from postroom.people.actions import COVER_DAYS, OfficeDetails, PersonDetails
from postroom.people.actions.cover import COVER_NAMES
from postroom.people.models import Office, OfficeChange, Team, User
from postroom.people.roles import GRANTABLE, OFFICE_ROLES, ROLE_NAMES, SINGLE_HOLDER_ROLES, Role


class SeenForm(PlainForm):
    """A form that carries what the person had on screen: the subject's version (`seen`).

    After a refusal `look_again` puts the present one in its place, with all that was typed left standing.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, seen: int = 0, **kwargs: Any) -> None:
        kwargs["initial"] = {"seen": seen, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def clean_seen(self) -> int:
        """-1, which no subject has, for a page that didn't say."""
        value: int | None = self.cleaned_data["seen"]
        return -1 if value is None else value

    def look_again(self, seen: int) -> None:
        """From now on the form is about the subject as it is now."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("seen")] = str(seen)
        self.data = data


class ReasonForm(SeenForm):
    """A reason, and nothing else."""

    reason = forms.CharField(label="Reason", widget=forms.Textarea({"rows": 3}), max_length=1000)

    required_words = {"reason": "Say why. It stays on record."}


class ConfirmForm(SeenForm):
    """Nothing to fill in: the button is the answer."""


class PersonForm(SeenForm):
    """Who somebody is and where they belong."""

    name = forms.CharField(label="Full name", max_length=120)
    email = forms.EmailField(
        label="E-mail address", max_length=254, help_text="They sign in with it. It must be their own."
    )
    initials = forms.CharField(
        label="Initials",
        max_length=5,
        help_text="As written on the back of envelopes, for example JS. One person of an office has them.",
    )
    job_title = forms.CharField(label="Job title", max_length=80, required=False)
    office = forms.ModelChoiceField(
        Office.objects.none(), label="Office", required=False, empty_label="Whole council", help_text="Where they work."
    )
    team = forms.ModelChoiceField(Team.objects.none(), label="Team", required=False, empty_label="No team")
    line_manager = forms.ModelChoiceField(
        User.objects.none(), label="Line manager", required=False, empty_label="Not entered"
    )

    widths = {"initials": 5}
    required_words = {
        "name": "Enter the person's full name",
        "email": "Enter their e-mail address",
        "initials": "Enter their initials",
    }

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        if person:
            names = ("name", "email", "initials", "job_title", "office", "team", "line_manager")
            kwargs["initial"] = {name: getattr(person, name) for name in names}
            kwargs["seen"] = person.ledger_seq
        super().__init__(*args, **kwargs)
        self._choose("office", Office.objects.filter(is_active=True), lambda office: office.name)
        self._choose("team", Team.objects.select_related("office"), lambda t: f"{t.name} ({t.office.name})")
        managers = User.objects.filter(is_active=True).exclude(pk=person.pk if person else 0).select_related("office")
        self._choose(
            "line_manager", managers, lambda u: f"{u.name} ({u.office.name})" if u.office else f"{u.name} (council)"
        )

    def _choose(self, name: str, rows: QuerySet[Any], label: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = rows
        field.label_from_instance = label  # type: ignore[method-assign]

    def details(self) -> PersonDetails:
        """What was entered."""
        return PersonDetails(**{k: v for k, v in self.cleaned_data.items() if k != "seen"})


class GrantForm(SeenForm):
    """A role from a day to a day."""

    required_words = {"role": "Choose a role"}

    role = forms.ChoiceField(
        label="Role", choices=[("", "Choose a role")] + [(r.value, ROLE_NAMES[r]) for r in GRANTABLE]
    )
    office = forms.ModelChoiceField(
        Office.objects.none(),
        label="Office",
        required=False,
        empty_label="Whole council",
        help_text="Social workers, managers and admin hold their role at one office; the other roles hold everywhere.",
    )
    starts = DatePartsField(label="First day", initial=timezone.localdate)
    ends = DatePartsField(
        label="Last day", required=False, help_text="For cover or a fixed time. Leave empty to hold until changed."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = Office.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        role = cleaned.get("role")
        if role and Role(role) in OFFICE_ROLES and not cleaned.get("office") and "office" not in self.errors:
            self.add_error("office", f"{ROLE_NAMES[Role(role)]} is a role at one office. Choose the office.")
        return cleaned


class CoverForm(PlainForm):
    """Whom a manager asks to do what at the office, and on which days."""

    person = forms.ModelChoiceField(User.objects.none(), label="Who", empty_label="Choose a person")
    role = forms.ChoiceField(
        label="What they do",
        widget=forms.RadioSelect,
        choices=[(role.value, COVER_NAMES[role]) for role in COVER_NAMES],
    )
    starts = DatePartsField(label="First day", initial=timezone.localdate)
    ends = DatePartsField(label="Last day", help_text=f"At most {COVER_DAYS} days, the first and the last included.")

    required_words = {
        "person": "Choose a person",
        "role": "Choose what they do",
        "starts": "Enter the first day",
        "ends": "Enter the last day",
    }
    choice_hints = {
        "role": {
            Role.ADMIN.value: "Types, prints, envelopes and posts. Whoever signs a letter never initials that letter.",
            Role.WORKER.value: "For somebody who is one at another office; so for the other grades.",
        }
    }

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = people.select_related("office")
        field.label_from_instance = _with_office  # type: ignore[method-assign]


def _with_office(obj: Any) -> str:
    return f"{obj.name} ({obj.office.name if obj.office else 'council'})"


class EndGrantForm(SeenForm):
    """When a role ends."""

    when = forms.ChoiceField(
        label="When does it end?",
        choices=[("now", "At once"), ("day", "At the end of a day")],
        widget=forms.RadioSelect,
    )
    last_day = DatePartsField(label="Last day", required=False, help_text="Only if it ends at the end of a day.")

    required_words = {"when": "Choose when it ends"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == "day" and not cleaned.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", "Enter the last day")
        return cleaned

    def last(self) -> dt.date | None:
        """The last day, or None for at once."""
        return self.cleaned_data["last_day"] if self.cleaned_data["when"] == "day" else None


class DeputyForm(PlainForm):
    """Who acts for the holder of an office, and when."""

    required_words = {
        "role": "Choose for whom the deputy acts",
        "person": "Choose the deputy",
        "ends": "Enter the last day",
    }

    role = forms.ChoiceField(
        label="For whom",
        choices=[("", "Choose an office")] + [(r.value, ROLE_NAMES[r]) for r in Role if r in SINGLE_HOLDER_ROLES],
    )
    person = forms.ModelChoiceField(User.objects.none(), label="Deputy", empty_label="Choose a person")
    starts = DatePartsField(label="First day", initial=timezone.localdate)
    ends = DatePartsField(label="Last day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]


class OfficeForm(SeenForm):
    """An office's details. `office` None: a new one, which needs its code."""

    code = forms.CharField(
        label="Short code",
        max_length=12,
        help_text="2 to 12 letters or figures, for example riv. It stands in web addresses and never changes.",
    )
    name = forms.CharField(label="Name", max_length=80)
    address = forms.CharField(
        label="Return address",
        widget=forms.Textarea({"rows": 6}),
        max_length=500,
        help_text="One line each, the postcode alone on the last. It is printed on the back of envelopes after the "
        "council's prefix, so it must not mention children's services.",
    )
    label_prefix = forms.CharField(
        label="Before the address on return labels",
        max_length=20,
        required=False,
        help_text="Leave it empty for the council's own.",
    )
    phone = forms.CharField(label="Telephone", max_length=40, required=False)
    email = forms.EmailField(label="E-mail address", required=False)
    letterhead = forms.CharField(label="Line under the council's name on letters", max_length=120, required=False)
    is_active = forms.BooleanField(label="This office is open", required=False, initial=True)

    widths = {"code": 10, "phone": 20, "label_prefix": 10}
    required_words = {
        "code": "Enter a short code",
        "name": "Enter the office's name",
        "address": "Enter the return address",
    }

    def __init__(self, *args: Any, office: Office | None = None, **kwargs: Any) -> None:
        if office:
            names = ("name", "address", "label_prefix", "phone", "email", "letterhead", "is_active")
            kwargs["initial"] = {name: getattr(office, name) for name in names}
            kwargs["seen"] = office.ledger_seq
        super().__init__(*args, **kwargs)
        del self.fields["code" if office else "is_active"]

    def details(self) -> OfficeDetails:
        """What was entered; a new office is open."""
        return OfficeDetails(**{k: v for k, v in self.cleaned_data.items() if k not in ("seen", "code")})


class OfficeChangeForm(SeenForm):
    """An office's details from a day on. They begin as those in force when the page was opened."""

    starts = DatePartsField(label="From which day?")
    name = forms.CharField(label="Name", max_length=80)
    address = forms.CharField(label="Return address", widget=forms.Textarea({"rows": 6}), max_length=500)
    label_prefix = forms.CharField(
        label="Before the address on return labels",
        max_length=20,
        required=False,
        help_text="Leave it empty for the council's own.",
    )
    phone = forms.CharField(label="Telephone", max_length=40, required=False)
    email = forms.EmailField(label="E-mail address", required=False)
    letterhead = forms.CharField(label="Line under the council's name on letters", max_length=120, required=False)

    widths = {"phone": 20, "label_prefix": 10}
    required_words = {
        "starts": "Enter the first day",
        "name": "Enter the office's name",
        "address": "Enter the return address",
    }

    def __init__(self, *args: Any, office: Office, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(office, name) for name in OfficeChange.DETAILS}
        super().__init__(*args, seen=office.ledger_seq, **kwargs)


class TeamForm(PlainForm):
    """A team's name."""

    name = forms.CharField(label="Name of the team", max_length=80)


class SearchForm(PlainForm):
    """Part of a name. It is sent by POST: a name has no place in a web address."""

    words = forms.CharField(label="Part of a name", max_length=80, required=False)
    words.hide_optional = True  # type: ignore[attr-defined]

    widths = {"words": 20}


class DutyForm(PlainForm):
    """One person, one or more half-days of a week."""

    person = forms.ModelChoiceField(User.objects.none(), label="Social worker", empty_label="Choose a person")
    slots = forms.MultipleChoiceField(label="Half-days", widget=forms.CheckboxSelectMultiple)

    required_words = {"slots": "Tick at least one half-day"}

    def __init__(self, *args: Any, people: QuerySet[User], slots: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["slots"].choices = slots  # type: ignore[attr-defined]
