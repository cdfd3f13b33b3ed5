"""Forms on what is said of people and addresses, and on who sees a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from postroom.cases.actions import AddressMarks
from postroom.cases.area import proposed_area
from postroom.cases.ics.reading import MOST_BYTES
from postroom.cases.models import Address, Area, Case, CasePerson, Confidential
from postroom.forms import DatePartsField, PlainForm, RowsField
from postroom.people.forms import ReasonForm, SeenForm
from postroom.people.models import User

YES_NO = [("yes", "Yes"), ("no", "No")]
NOT_CONFIDENTIAL = ("", "No, it can be shown to whoever works the case")


def area_field() -> forms.ChoiceField:
    """Where an address lies; the answer is a person's."""
    return forms.ChoiceField(
        label="Is it in the council's area?",
        choices=Area.choices,
        widget=forms.RadioSelect,
        help_text="Jersey, Guernsey, the Isle of Man and BFPO are out of area.",
    )


class MarksForm(SeenForm):
    """Area, safe to post, confidential."""

    area = area_field()
    safe = forms.ChoiceField(label="Is it safe to post to this address?", choices=YES_NO, widget=forms.RadioSelect)
    unsafe_why = forms.CharField(
        label="If not, why?", max_length=200, required=False, help_text="For example: somebody else opens the post."
    )
    confidential_kind = forms.ChoiceField(
        label="Must the address be kept confidential?",
        choices=[NOT_CONFIDENTIAL, *((value, f"Yes: {label.lower()}") for value, label in Confidential.choices)],
        widget=forms.RadioSelect,
        required=False,
        help_text="Then only you, your managers, and those who make and sign a letter to it are shown it.",
    )
    confidential_why = forms.CharField(label="Note on why it is confidential", max_length=200, required=False)
    reason = forms.CharField(
        label="Reason for this change",
        widget=forms.Textarea({"rows": 2}),
        max_length=1000,
        required=False,
        help_text="Needed if you take a protection away, or the area isn't the one its postcode suggests.",
    )

    required_words = {
        "area": "Choose whether it is in the council's area",
        "safe": "Choose whether it is safe to post to this address",
    }

    def __init__(self, *args: Any, case: Case, address: Address, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "area": address.area or proposed_area(address.line_list, settings.COUNCIL_POSTCODES),
            "safe": "yes" if address.safe_to_post else "no",
            "unsafe_why": address.unsafe_why,
            "confidential_kind": address.confidential_kind,
            "confidential_why": address.confidential_why,
        }
        super().__init__(*args, seen=case.version, **kwargs)

    def marks(self) -> AddressMarks:
        """What was chosen."""
        said = self.cleaned_data
        return AddressMarks(
            area=said["area"],
            safe_to_post=said["safe"] == "yes",
            unsafe_why=said["unsafe_why"],
            confidential_kind=said["confidential_kind"],
            confidential_why=said["confidential_why"],
        )


class SafePostForm(SeenForm):
    """Whether post is safe for somebody at all."""

    safe = forms.ChoiceField(label="Is it safe to post to them?", choices=YES_NO, widget=forms.RadioSelect)
    why = forms.CharField(label="If not, why?", max_length=200, required=False)
    reason = forms.CharField(
        label="If it is safe again, why?", widget=forms.Textarea({"rows": 2}), max_length=1000, required=False
    )

    required_words = {"safe": "Choose whether it is safe to post to them"}

    def __init__(self, *args: Any, case: Case, person: CasePerson, **kwargs: Any) -> None:
        kwargs["initial"] = {"safe": "yes" if person.safe_to_post else "no", "why": person.unsafe_why}
        super().__init__(*args, seen=case.version, **kwargs)


class ApartForm(ReasonForm):
    """Two people on the case who must not know of each other."""

    one = forms.ModelChoiceField(CasePerson.objects.none(), label="Who", empty_label="Choose a person")
    other = forms.ModelChoiceField(CasePerson.objects.none(), label="And who", empty_label="Choose another person")
    field_order = ("one", "other", "reason")

    required_words = {**ReasonForm.required_words, "one": "Choose who", "other": "Choose the other person"}

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, seen=case.version, **kwargs)
        for name in ("one", "other"):
            self.fields[name].queryset = case.people.filter(is_active=True)  # type: ignore[attr-defined]


class FindAccessForm(PlainForm):
    """A case by its reference, whole."""

    reference = forms.CharField(label="Case reference", max_length=20)

    widths = {"reference": 10}
    required_words = {"reference": "Enter the case's reference"}


class RestrictForm(ReasonForm):
    """Those for whom the case goes on existing."""

    named = RowsField(
        User.objects.none(),
        label="Who may know of this case?",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Its social worker is named by itself. Others can be named afterwards.",
    )
    field_order = ("named", "reason")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, seen=case.version, **kwargs)
        staff = User.objects.filter(is_active=True, office_id=case.office_id).exclude(pk=case.allocated_worker_id or 0)
        self.fields["named"].queryset = staff.order_by("name")  # type: ignore[attr-defined]


class OnePersonForm(ReasonForm):
    """Somebody who works for the council, by name."""

    user = forms.ModelChoiceField(User.objects.none(), label="Who", empty_label="Choose a person")
    field_order = ("user", "reason")

    required_words = {**ReasonForm.required_words, "user": "Choose who"}

    def __init__(self, *args: Any, case: Case, by: User, **kwargs: Any) -> None:
        super().__init__(*args, seen=case.version, **kwargs)
        taken = case.access.filter(ended_at__isnull=True).values("user_id")
        users = User.objects.filter(is_active=True).exclude(pk=by.pk).exclude(pk__in=taken).order_by("name", "pk")
        field = self.fields["user"]
        field.queryset = users.select_related("office")  # type: ignore[attr-defined]
        field.label_from_instance = _with_office  # type: ignore[attr-defined]


class IcsFileForm(PlainForm):
    """A CSV file exported from ICS, and the day of the export."""

    file = forms.FileField(label="CSV file from ICS", help_text="At most 40 MB.")
    as_of = DatePartsField(label="Day of the export", latest=timezone.localdate)

    required_words = {"file": "Choose the file that ICS gave", "as_of": "Enter the day of the export"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"as_of": timezone.localdate()}, **kwargs)

    def clean_file(self) -> Any:
        """Refused by its size before anything is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 40 MB. Split it.")
        return file


def _with_office(user: User) -> str:
    return f"{user.name} ({user.office.name})" if user.office else user.name
