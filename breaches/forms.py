"""The forms of breaches: the report, and one for each step."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from breaches.duties import Evidence, Kind, Row
from breaches.models import MeetingException
from breaches.words import CATEGORY_NAMES, CAUSE_NAMES, CONTROL_NAMES, LIKELIHOOD_WORDS, SEVERITY_WORDS
from letters.scans import BadScan, media_type_of
from postroom.cases.choosing import CasesField
from postroom.cases.models import Case
from postroom.forms import DatePartsField, PlainForm
from postroom.people.choosing import PersonField
from postroom.people.models import Office
from postroom.steps.references import is_reference

LONG = 5000
MAX_FILE = 10 * 1024 * 1024
KINDS = [
    (Kind.DISCLOSURE.value, "Something was disclosed, or went to the wrong person or place"),
    (Kind.LOSS.value, "Something was lost"),
    (Kind.THEFT.value, "Something was stolen"),
    (Kind.NEAR_MISS.value, "A near miss: it was noticed before any harm could come of it"),
]
_TIME = re.compile(r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?\s*", re.IGNORECASE)
YES_NO = [("yes", "Yes"), ("no", "No")]


def words(label: str, *, required: bool = True, rows: int = 4, hint: str = "") -> forms.CharField:
    """A box for sentences."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=LONG, widget=widget, help_text=hint)


def yes_no(label: str, hint: str = "") -> forms.TypedChoiceField:
    """Yes or no, without a default."""
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, coerce=lambda v: v == "yes", widget=forms.RadioSelect, help_text=hint
    )


class TimeField(forms.Field):
    """A time of day as people type it: 9.30, 14:05, 2pm. Gives a dt.time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(help_text="For example 14:30", **kwargs)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        found = _TIME.fullmatch(text)
        if found:
            hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
            if half and 1 <= hour <= 12:
                hour = hour % 12 + (12 if half == "pm" else 0)
            if hour < 24 and minute < 60:
                return dt.time(hour, minute)
        raise ValidationError("Enter a time like 14:30", code="invalid")


class MomentForm(PlainForm):
    """A form with moments, each asked for as a day (NAME_on) and a time (NAME_time)."""

    moments: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.moments:
            day, time = cleaned.pop(f"{name}_on", None), cleaned.pop(f"{name}_time", None)
            if day and time is None and f"{name}_time" not in self.errors:
                self.add_error(f"{name}_time", "Enter the time too; about is good enough")
            if time is not None and day is None and f"{name}_on" not in self.errors:
                self.add_error(f"{name}_on", "Enter the day too")
            cleaned[name] = timezone.make_aware(dt.datetime.combine(day, time)) if day and time is not None else None
        return cleaned

    def add_step_error(self, field: str, sentence: str) -> None:
        """An error of a step, at the box it is about."""
        name = f"{field}_on" if field in self.moments else field
        self.add_error(name if name in self.fields else None, sentence)


def moment_initial(name: str, at: dt.datetime | None) -> dict[str, Any]:
    """What the two boxes of a moment begin with."""
    if at is None:
        return {}
    local = timezone.localtime(at)
    return {f"{name}_on": local.date(), f"{name}_time": f"{local:%H:%M}"}


def _day(label: str, *, required: bool = True, hint: str = "") -> DatePartsField:
    return DatePartsField(
        label=label,
        required=required,
        help_text=hint,
        latest=timezone.localdate,
        too_late="That day lies in the future",
    )


class ReferencesField(forms.CharField):
    """References, by blanks, commas or lines; each must have the form of one."""

    def to_python(self, value: Any) -> Any:
        found = [part.upper() for part in re.split(r"[\s,;]+", super().to_python(value) or "") if part]
        if wrong := [part for part in found if not is_reference(part)]:
            raise ValidationError(f"{wrong[0][:20]} is not a reference. Check it on the case or the sheet.")
        return list(dict.fromkeys(found))


class FactsForm(MomentForm):
    """The facts, as the report and governance enter them."""

    moments: tuple[str, ...] = ("occurred", "discovered")
    widths = {
        "occurred_time": 5, "discovered_time": 5, "people_count": 5, "record_count": 5, "discovered_by": 20,
        "case_references": 20,
    }  # fmt: skip
    required_words = {"what": "Say what happened"}

    what = words("What happened?", rows=6, hint="In your own words. Who should not have seen what?")
    discovered_on = _day("When was it discovered?")
    discovered_time = TimeField(label="At about what time?")
    discovered_by = forms.CharField(
        label="Who discovered it?", max_length=120, help_text="A colleague, or for example: the neighbour."
    )
    occurred_on = _day("When did it happen?", required=False, hint="Leave it empty if nobody knows.")
    occurred_time = TimeField(label="At about what time did it happen?", required=False)
    case_references = CasesField(
        label="Which cases does it concern?", required=False, help_text="Their references, with blanks between."
    )
    people_count = forms.IntegerField(
        label="About how many people does it concern?", min_value=0, max_value=1_000_000, required=False
    )
    record_count = forms.IntegerField(
        label="About how many records or papers?", min_value=0, max_value=1_000_000, required=False
    )
    categories = forms.MultipleChoiceField(
        label="What is it about?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(c.value, name) for c, name in CATEGORY_NAMES.items()],
    )
    done_at_once = words("What was done at once?", required=False, hint="For example: the letter was fetched back.")


class ReportForm(FactsForm):
    """The report: all that is asked fits a phone and a few minutes."""

    moments: tuple[str, ...] = ("occurred", "discovered", "aware")
    widths = {**FactsForm.widths, "aware_time": 5, "reported_for": 20}
    required_words = {"kinds": "Say what kind of thing happened", "what": "Say what happened"}

    kinds = forms.MultipleChoiceField(
        label="What kind of thing happened?",
        widget=forms.CheckboxSelectMultiple,
        choices=KINDS,
        help_text="Tick all that apply.",
    )
    office = forms.ModelChoiceField(label="At which office?", queryset=Office.objects.filter(is_active=True))
    aware_on = _day("When did anybody at the council first know of it?", hint="The 72 hours to the Commissioner begin.")
    aware_time = TimeField(label="At about what time did they know?")
    reported_for = PersonField(
        label="Do you report for a colleague who told you?",
        required=False,
        help_text="Then type their name, or part of it. Leave it empty if it is your own report.",
    )
    i_was_involved = forms.BooleanField(label="I had a part in it myself", required=False)

    field_order = (
        "kinds", "what", "discovered_on", "discovered_time", "discovered_by", "aware_on", "aware_time", "occurred_on",
        "occurred_time", "office", "case_references", "people_count", "record_count", "categories", "done_at_once",
        "i_was_involved", "reported_for",
    )  # fmt: skip

    def __init__(self, *args: Any, cases: QuerySet[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["case_references"]
        assert isinstance(field, CasesField)  # noqa: S101 - declared above
        field.among = cases
        field.help_text = "Their references, or a name on cases that you may read. Leave it empty if you don't know."


class AwareForm(MomentForm):
    """Another time of becoming aware."""

    moments: tuple[str, ...] = ("aware_at",)
    widths = {"aware_at_time": 5}
    aware_at_on = _day("When did anybody at the council first know of it?")
    aware_at_time = TimeField(label="At about what time?")
    reason = words("Why is it changed?", rows=3)


class MoreForm(PlainForm):
    """More was found."""

    kinds = forms.MultipleChoiceField(
        label="What was found besides?",
        widget=forms.CheckboxSelectMultiple,
        choices=[choice for choice in KINDS if choice[0] != Kind.NEAR_MISS],
    )
    reason = words("What exactly was found, and how?")


class InvolvedForm(PlainForm):
    """Somebody is involved."""

    widths = {"person": 20, "how": 30}
    required_words = {"person": "Type the name of the person who is involved"}

    person = PersonField(label="Who is involved?")
    how = forms.CharField(label="In what way?", max_length=200)


class ReasonForm(PlainForm):
    """A reason and nothing else."""

    reason = words("Why?")


class ConfirmForm(PlainForm):
    """Nothing to enter: a button."""


class SignReportForm(PlainForm):
    """The Information & Records Manager's own findings, and their hand under the whole report."""

    findings = words(
        "What did you find, and what do you conclude?",
        rows=10,
        hint="Your own words. They stand at the head of the report and can't be changed once it is signed off.",
    )
    signed_off = forms.BooleanField(
        label="I have read the report, and sign it off",
        error_messages={"required": "Read the report, and confirm that you sign it off."},
    )


class DutyForm(MomentForm):
    """What proves a duty done, by the kind of evidence it needs."""

    moments: tuple[str, ...] = ("happened_at",)
    widths = {"happened_at_time": 5, "reference": 20}

    happened_at_on = _day("When?", required=False)
    happened_at_time = TimeField(label="At about what time?", required=False)
    reference = forms.CharField(label="Reference that you were given", max_length=80, required=False)
    answer = yes_no("Is the council's reputation at risk, so that the media office is advised?")
    file = forms.FileField(label="The report (PDF or scan)", required=False)
    note = words("Who was told, and how?", required=False)

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = {
            Evidence.REFERENCE: ("happened_at", "reference", "note"),
            Evidence.NOTE: ("happened_at", "note"),
            Evidence.FILE: ("happened_at", "file", "note"),
            Evidence.DECISION: ("answer", "note"),
            Evidence.MEETING: ("happened_at", "note"),
            Evidence.LETTER: (),
        }[row.evidence]
        for name in list(self.fields):
            if name.removesuffix("_on").removesuffix("_time") not in keep:
                del self.fields[name]
        if row.evidence == Evidence.DECISION:
            self.fields["note"].label = "For what reason?"
        if row.evidence == Evidence.MEETING:
            self.fields["note"].label = "Who met whom, and what was said?"

    def clean_file(self) -> Any:
        """The upload as (bytes, media type), known by its content."""
        upload = self.cleaned_data.get("file")
        if upload is None:
            return None
        if upload.size > MAX_FILE:
            raise ValidationError("This file is larger than 10 MB. Save it smaller, or as a PDF without pictures.")
        data = upload.read()
        try:
            return data, media_type_of(data)
        except BadScan as error:
            raise ValidationError(str(error)) from None


class AssessForm(PlainForm):
    """The 5 × 5 grid with its words."""

    likelihood = forms.TypedChoiceField(
        label="How likely is harm?",
        coerce=int,
        widget=forms.RadioSelect,
        choices=[(n, f"{n}. {text}") for n, text in LIKELIHOOD_WORDS.items()],
    )
    severity = forms.TypedChoiceField(
        label="How severe would it be?",
        coerce=int,
        widget=forms.RadioSelect,
        choices=[(n, f"{n}. {text}") for n, text in SEVERITY_WORDS.items()],
    )
    consequences = words("What is it likely to mean for the people concerned?")
    containment = words("What was done to limit the harm?")
    redress = words("What is done to make good the loss?")


class QuestionForm(PlainForm):
    """What advice is asked for."""

    question = words("What should the Data Protection Officer advise on?")


class AdviceForm(PlainForm):
    """The advice."""

    text = words("Your advice", rows=8)


class DecisionForm(PlainForm):
    """Three questions, each with its reason."""

    disciplinary = yes_no("A disciplinary investigation?", "Only the two who decide see this answer.")
    disciplinary_reason = words("Reason", rows=3)
    commissioner = yes_no("Refer it to the Commissioner?")
    commissioner_reason = words("Reason for that", rows=3)
    professional_body = yes_no("Refer it to the professional body?")
    professional_body_reason = words("Reason for this too", rows=3)
    legal_advice = words("Legal advice", required=False, rows=3, hint="By whom and what, if any was taken.")


class ReferForm(MomentForm):
    """A report to the Commissioner."""

    moments: tuple[str, ...] = ("at",)
    widths = {"at_time": 5, "reference": 20}
    at_on = _day("When was it sent?")
    at_time = TimeField(label="At what time?")
    reference = forms.CharField(label="Reference that the Commissioner gave", max_length=80)
    note = words("What was reported in this phase?", required=False)
    late_reason = words("If it is later than the time allowed: why?", required=False, rows=3)
    more_to_come = forms.BooleanField(label="More is to follow in another phase", required=False)


class ExceptionForm(PlainForm):
    """The meeting is left out or put off."""

    kind = forms.ChoiceField(label="Why can't the meeting be?", widget=forms.RadioSelect, choices=MeetingException.Kind)
    until = DatePartsField(label="If telling would endanger somebody: look at it again on", required=False)
    reason = words("Say more")


class AnswerForm(PlainForm):
    """A manager's or the Guardian's answer."""

    agreed = yes_no("Do you agree?")
    reason = words("For what reason?", rows=3)


class LinkForm(PlainForm):
    """The letter to the service user."""

    widths = {"reference": 10}
    reference = ReferencesField(label="Reference of the letter", max_length=20, help_text="It stands on every sheet.")


class CauseForm(PlainForm):
    """What caused it, and which control should have held."""

    widths = {"control_held_by": 20}

    cause = forms.ChoiceField(
        label="What went wrong?", widget=forms.RadioSelect, choices=[(c.value, n) for c, n in CAUSE_NAMES.items()]
    )
    cause_words = words("How did it come about?")
    control = forms.ChoiceField(
        label="Which step should have held?",
        widget=forms.RadioSelect,
        choices=[(c.value, n) for c, n in CONTROL_NAMES.items()],
    )
    control_held_by = PersonField(
        label="Who held that step?",
        required=False,
        help_text="Type their name, or part of it; leave it empty if nobody did. They take no part in the case then.",
    )
    lessons = words("What is learned from it?", required=False)


class FollowUpForm(PlainForm):
    """An action with owner and day."""

    widths = {"owner": 20}
    required_words = {"owner": "Type the name of whoever does it"}

    words = words("What has to be done?")
    owner = PersonField(label="Who does it?")
    due_on = DatePartsField(label="By when?", earliest=timezone.localdate, too_early="The day can't be in the past")


class ResultForm(PlainForm):
    """What came of an action."""

    result = words("What was done?")
