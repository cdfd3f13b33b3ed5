"""Forms on cases. Each carries the version that the person saw; what they hold is checked again by the verbs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from postroom.cases.actions import ChildDetails, PersonDetails
from postroom.cases.area import proposed_area
from postroom.cases.forms_marks import NOT_CONFIDENTIAL, area_field
from postroom.cases.models import Address, AddressSource, Case, CasePerson, Confidential, Relationship
from postroom.forms import DatePartsField, PlainForm
from postroom.people.forms import SeenForm
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import SOCIAL_WORK_ROLES

MOST_CHILDREN = 12


class FindForm(PlainForm):
    """A case reference or a child's ICS number, whole. Sent by POST: a child's number has no place in an address."""

    words = forms.CharField(label="Case reference or ICS number", max_length=40)

    widths = {"words": 20}
    required_words = {"words": "Enter a case reference or a child's ICS number"}


class OpenCaseForm(PlainForm):
    """An office and one or more children. "Add another child" posts `more` and shows the form with one row more."""

    office = forms.ModelChoiceField(Office.objects.none(), label="Office", empty_label="Choose an office")
    rows = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=MOST_CHILDREN)

    def __init__(self, *args: Any, offices: QuerySet[Office], rows: int = 1, **kwargs: Any) -> None:
        self.row_count = max(1, min(rows, MOST_CHILDREN))
        kwargs["initial"] = {"rows": self.row_count, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]
        several = self.row_count > 1
        for n in range(1, self.row_count + 1):
            which = f"child {n}" if several else "the child"
            self._add(f"name_{n}", forms.CharField(label=f"Name of {which}", max_length=120, required=n == 1))
            number = forms.CharField(label=f"ICS number of {which}", max_length=20, required=n == 1)
            self._add(f"ics_number_{n}", number)
            born = DatePartsField(label=f"Date of birth of {which}", required=False, latest=timezone.localdate)
            self._add(f"born_{n}", born)

    def _add(self, name: str, field: forms.Field) -> None:
        self.fields[name] = field
        if name.startswith("ics"):
            self.widths = {**self.widths, name: 10}
        self._make_plain(name, field)

    def one_more(self) -> None:
        """The same form with a row more, all that was typed left standing and no errors shown as yet."""
        data = self.data
        initial = {name: self.fields[name].widget.value_from_datadict(data, {}, name) for name in self.fields}
        for name, value in initial.items():
            if name.startswith("born_"):
                initial[name] = self._date(name, value)
        offices = self.fields["office"].queryset  # type: ignore[attr-defined]
        initial["rows"] = min(self.row_count + 1, MOST_CHILDREN)
        self.__init__(offices=offices, rows=self.row_count + 1, initial=initial)  # type: ignore[misc]

    def _date(self, name: str, value: Any) -> Any:
        try:
            return self.fields[name].to_python(value)
        except forms.ValidationError:
            return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for n in range(2, self.row_count + 1):
            name, number = cleaned.get(f"name_{n}"), cleaned.get(f"ics_number_{n}")
            if name and not number and f"ics_number_{n}" not in self.errors:
                self.add_error(f"ics_number_{n}", f"Enter the ICS number of child {n}")
            if not name and (number or cleaned.get(f"born_{n}")) and f"name_{n}" not in self.errors:
                self.add_error(f"name_{n}", f"Enter the name of child {n}")
        return cleaned

    def children(self) -> list[ChildDetails]:
        """The children entered; rows left empty are passed over."""
        rows = range(1, self.row_count + 1)
        return [
            ChildDetails(
                name=self.cleaned_data[f"name_{n}"],
                ics_number=self.cleaned_data[f"ics_number_{n}"],
                date_of_birth=self.cleaned_data[f"born_{n}"],
            )
            for n in rows
            if self.cleaned_data[f"name_{n}"]
        ]


class CasePersonForm(SeenForm):
    """Family or a professional."""

    relationship = forms.ChoiceField(
        label="How do they belong to the case?", choices=Relationship.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label="Name", max_length=120, help_text="As it goes on the envelope, for example Ms Ada Sample."
    )
    salutation = forms.CharField(
        label="Salutation", max_length=120, required=False, help_text="As after Dear, for example Ms Sample."
    )
    ics_number = forms.CharField(label="ICS number", max_length=20, required=False, help_text="For a child.")
    date_of_birth = DatePartsField(label="Date of birth", required=False, latest=timezone.localdate)
    organisation = forms.CharField(
        label="Organisation", max_length=120, required=False, help_text="For a professional: school, surgery, court."
    )

    email = forms.EmailField(
        label="E-mail address", required=False, help_text="For a professional only. Family is never e-mailed."
    )
    mobile = forms.CharField(label="Mobile number", max_length=20, required=False, help_text="For a professional only.")
    no_fixed_abode = forms.BooleanField(
        label="No fixed abode", required=False, help_text="Nothing is posted: the worker hands it over in person."
    )

    widths = {"ics_number": 10, "mobile": 20}
    required_words = {"relationship": "Choose how they belong to the case"}

    def __init__(self, *args: Any, case: Case, person: CasePerson | None = None, **kwargs: Any) -> None:
        if person:
            kwargs["initial"] = {name: getattr(person, name) for name in PersonDetails.__dataclass_fields__}
        super().__init__(*args, seen=case.version, **kwargs)

    def details(self) -> PersonDetails:
        """What was entered."""
        return PersonDetails(**{k: v for k, v in self.cleaned_data.items() if k != "seen"})


class AddressForm(SeenForm):
    """The lines of an address and where it comes from."""

    lines = forms.CharField(
        label="Address",
        widget=forms.Textarea({"rows": 6}),
        max_length=400,
        help_text="Without the name. Street, town, and the postcode alone on the last line, or a country in capitals.",
    )
    source = forms.ChoiceField(
        label="Where does it come from?", choices=AddressSource.choices, widget=forms.RadioSelect
    )

    required_words = {"source": "Choose where the address comes from"}


class NewAddressForm(AddressForm):
    """The same, and whether it must be kept confidential from the first moment."""

    confidential_kind = forms.ChoiceField(
        label="Must it be kept confidential?",
        choices=[NOT_CONFIDENTIAL, *((value, f"Yes: {label.lower()}") for value, label in Confidential.choices)],
        widget=forms.RadioSelect,
        required=False,
        initial="",
        help_text="Then it is shown only to the case's worker, its managers, and those who make and sign a letter to "
        "it. You may not see it again yourself.",
    )


class VerifyForm(SeenForm):
    """How the worker knows that the address is right, and whether it lies in the council's area."""

    source = forms.ChoiceField(label="How do you know?", choices=AddressSource.choices, widget=forms.RadioSelect)
    area = area_field()
    reason = forms.CharField(
        label="If its postcode suggests another area, why is it as you chose?",
        widget=forms.Textarea({"rows": 2}),
        max_length=1000,
        required=False,
    )

    required_words = {
        "source": "Choose how you know that it is right",
        "area": "Choose whether it is in the council's area",
    }

    def __init__(self, *args: Any, case: Case, address: Address, **kwargs: Any) -> None:
        proposed = address.area or proposed_area(address.line_list, settings.COUNCIL_POSTCODES)
        super().__init__(*args, seen=case.version, initial={"area": proposed}, **kwargs)


class DoubtForm(SeenForm):
    """Why an address is in doubt."""

    reason = forms.CharField(label="Why is it in doubt?", max_length=200, widget=forms.Textarea({"rows": 2}))

    required_words = {"reason": "Say why the address is in doubt"}


class AllocateForm(SeenForm):
    """A social worker of the case's office."""

    worker = forms.ModelChoiceField(User.objects.none(), label="Social worker", empty_label="Choose a social worker")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, seen=case.version, **kwargs)
        workers = social_workers(case.office_id).exclude(pk=case.allocated_worker_id or 0)
        self.fields["worker"].queryset = workers  # type: ignore[attr-defined]


class MoveForm(SeenForm):
    """Another office, and a worker there if it is known."""

    office = forms.ModelChoiceField(Office.objects.none(), label="Office", empty_label="Choose an office")
    worker = forms.ModelChoiceField(
        User.objects.none(),
        label="Social worker there",
        required=False,
        empty_label="To be allocated there",
        help_text="One of the office chosen above.",
    )
    reason = forms.CharField(label="Reason", widget=forms.Textarea({"rows": 3}), max_length=1000)

    required_words = {"reason": "Say why. It stays on record."}

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, seen=case.version, **kwargs)
        offices = Office.objects.filter(is_active=True).exclude(pk=case.office_id)
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]
        worker = self.fields["worker"]
        assert isinstance(worker, forms.ModelChoiceField)  # noqa: S101 - declared above
        worker.queryset = social_workers(*offices.values_list("pk", flat=True)).select_related("office")
        worker.label_from_instance = _with_office  # type: ignore[assignment]


def _with_office(user: User) -> str:
    return f"{user.name} ({user.office.name})" if user.office else user.name


def social_workers(*office_ids: int) -> QuerySet[User]:
    """Active people with a social-work role of any grade at one of these offices today, and not by cover alone."""
    held = RoleGrant.objects.on(timezone.localdate()).filter(
        role__in=SOCIAL_WORK_ROLES, office_id__in=office_ids, is_cover=False
    )
    return User.objects.filter(is_active=True, pk__in=held.values("user_id"))
