"""One form for each step of a breach."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from breaches.duties import Evidence, Kind, Row
from breaches.forms.fields import MomentForm, ReferencesField, TimeField, day, words, yes_no
from breaches.forms.reporting import KINDS
from breaches.models import MeetingException
from breaches.words import CAUSE_NAMES, CONTROL_NAMES, LIKELIHOOD_WORDS, SEVERITY_WORDS
from postroom.cases.models import CasePerson
from postroom.forms import DatePartsField, PlainForm, RowsField
from postroom.people.choosing import PersonField
from postroom.uploads import Kind as FileKind
from postroom.uploads import UploadField

MAX_FILE = 10 * 1024 * 1024


class AwareForm(MomentForm):
    """Another time of becoming aware."""

    moments: tuple[str, ...] = ("aware_at",)
    widths = {"aware_at_time": 5}
    required_words = {
        "aware_at_on": "Enter the day",
        "aware_at_time": "Enter the time; about is good enough",
        "reason": "Say why it is changed",
    }
    aware_at_on = day("When did anybody at the council first know of it?")
    aware_at_time = TimeField(label="At about what time?")
    reason = words("Why is it changed?", rows=3)


class MoreForm(PlainForm):
    """More was found."""

    required_words = {"kinds": "Choose what was found besides", "reason": "Say what exactly was found, and how"}

    kinds = forms.MultipleChoiceField(
        label="What was found besides?",
        widget=forms.CheckboxSelectMultiple,
        choices=[choice for choice in KINDS if choice[0] != Kind.NEAR_MISS],
    )
    reason = words("What exactly was found, and how?")


class InvolvedForm(PlainForm):
    """Somebody is involved."""

    widths = {"person": 20, "how": 30}
    required_words = {
        "person": "Type the name of the person who is involved",
        "how": "Say in what way they are involved",
    }

    person = PersonField(label="Who is involved?")
    how = forms.CharField(label="In what way?", max_length=200)


class ReasonForm(PlainForm):
    """A reason and nothing else."""

    required_words = {"reason": "Say why"}

    reason = words("Why?")


class ConfirmForm(PlainForm):
    """Nothing to enter: a button."""


class SignReportForm(PlainForm):
    """The Information & Records Manager's own findings, and their hand under the whole report."""

    required_words = {"findings": "Write what you found, and what you conclude"}

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
    required_words = {"answer": "Choose yes or no"}

    happened_at_on = day("When?", required=False)
    happened_at_time = TimeField(label="At about what time?", required=False)
    reference = forms.CharField(label="Reference that you were given", max_length=80, required=False)
    answer = yes_no("Is the council's reputation at risk, so that the media office is advised?")
    made_here = forms.BooleanField(
        label="Keep the report as Postroom makes it from the case now",
        required=False,
        help_text="It stays as it is then.",
    )
    file = UploadField(
        label="Or another file: PDF or scan", allow=(FileKind.PDF, FileKind.PICTURE), max_bytes=MAX_FILE, required=False
    )
    note = words("Who was told, and how?", required=False)

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = {
            Evidence.REFERENCE: ("happened_at", "reference", "note"),
            Evidence.NOTE: ("happened_at", "note"),
            Evidence.FILE: ("happened_at", "made_here", "file", "note"),
            Evidence.DECISION: ("answer", "note"),
            Evidence.MEETING: ("happened_at", "note"),
            Evidence.LETTER: (),
        }[row.evidence]
        for name in list(self.fields):
            if name.removesuffix("_on").removesuffix("_time") not in keep:
                del self.fields[name]
        # What the step asks for is not called optional, though the form leaves it to the step to say so.
        self.sometimes = {
            Evidence.REFERENCE: ("reference",),
            Evidence.NOTE: ("note",),
            Evidence.FILE: ("file",),
            Evidence.DECISION: ("note",),
            Evidence.MEETING: ("happened_at_on", "happened_at_time", "note"),
            Evidence.LETTER: (),
        }[row.evidence]
        if row.evidence == Evidence.DECISION:
            self.fields["note"].label = "For what reason?"
        if row.evidence == Evidence.MEETING:
            self.fields["note"].label = "Who met whom, and what was said?"


class AssessForm(PlainForm):
    """The 5 × 5 grid with its words."""

    required_words = {
        "likelihood": "Choose how likely harm is",
        "severity": "Choose how severe it would be",
        "consequences": "Say what it is likely to mean for the people concerned",
        "containment": "Say what was done to limit the harm",
        "redress": "Say what is done to make good the loss",
    }

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

    required_words = {"question": "Write what the Data Protection Officer should advise on"}

    question = words("What should the Data Protection Officer advise on?")


class AdviceForm(PlainForm):
    """The advice."""

    required_words = {"text": "Write your advice"}

    text = words("Your advice", rows=8)


ONLY_THE_TWO = "Only the two who decide see this."


class DecisionForm(PlainForm):
    """Three questions, each with its reason."""

    required_words = {
        "disciplinary": "Choose yes or no: a disciplinary investigation",
        "disciplinary_reason": "Give the reason, for a disciplinary investigation or against it",
        "commissioner": "Choose yes or no: referring it to the Commissioner",
        "commissioner_reason": "Give the reason, for referring it to the Commissioner or against it",
        "professional_body": "Choose yes or no: referring it to the professional body",
        "professional_body_reason": "Give the reason, for referring it to the professional body or against it",
    }

    commissioner = yes_no("Refer it to the Commissioner?")
    commissioner_reason = words(
        "Reason for that",
        rows=3,
        hint="Governance reads this answer, and it stands in reports and in the register: nothing on staff here.",
    )
    disciplinary = yes_no("A disciplinary investigation?", ONLY_THE_TWO)
    disciplinary_reason = words("Reason", rows=3)
    professional_body = yes_no("Refer it to the professional body?", ONLY_THE_TWO)
    professional_body_reason = words("Reason for this too", rows=3)
    legal_advice = words(
        "Legal advice", required=False, rows=3, hint=f"By whom and what, if any was taken. {ONLY_THE_TWO}"
    )


class NotificationForm(PlainForm):
    """What the next phase says beside the case's own facts; `late`: it needs the reason for the delay."""

    note = words("What is reported in this phase?", required=False)
    late_reason = words("Why is it later than the time allowed?", required=False, rows=3)
    more_to_come = forms.BooleanField(label="More is to follow in another phase", required=False)
    more_by = DatePartsField(
        label="By when is that sent?",
        required=False,
        earliest=timezone.localdate,
        too_early="The day can't be in the past",
        help_text="It is then a duty of the breach, until it is sent or withdrawn with a reason.",
    )

    def __init__(self, *args: Any, late: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if late:
            self.fields["late_reason"].required = True
            self.fields["late_reason"].error_messages["required"] = "Give the reason for the delay"
        else:
            del self.fields["late_reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("more_to_come") and not cleaned.get("more_by") and "more_by" not in self.errors:
            self.add_error("more_by", "Enter the day by which the next phase is sent")
        if cleaned.get("more_by") and not cleaned.get("more_to_come"):
            self.add_error("more_to_come", "Choose this too, if more is to follow by that day; else empty the day")
        return cleaned


class ReferForm(MomentForm):
    """The notification that was made went to the Commissioner."""

    moments: tuple[str, ...] = ("at",)
    widths = {"at_time": 5, "reference": 20}
    required_words = {
        "at_on": "Enter the day it was sent",
        "at_time": "Enter the time it was sent",
        "reference": "Enter the reference that the Commissioner gave",
    }
    at_on = day("When was it sent?")
    at_time = TimeField(label="At what time?")
    reference = forms.CharField(label="Reference that the Commissioner gave", max_length=80)


class ExceptionForm(PlainForm):
    """The meeting is left out or put off."""

    required_words = {"kind": "Choose why the meeting can't be", "reason": "Say more: what was tried, what is feared"}

    kind = forms.ChoiceField(label="Why can't the meeting be?", widget=forms.RadioSelect, choices=MeetingException.Kind)
    until = DatePartsField(label="If telling would endanger somebody: look at it again on", required=False)
    reason = words("Say more")


class AnswerForm(PlainForm):
    """A manager's or the Guardian's answer."""

    required_words = {"agreed": "Choose yes or no", "reason": "Give the reason"}

    agreed = yes_no("Do you agree?")
    reason = words("For what reason?", rows=3)


class LinkForm(PlainForm):
    """The letter to the service user."""

    widths = {"reference": 10}
    reference = ReferencesField(label="Reference of the letter", max_length=20, help_text="It stands on every sheet.")


class PeopleForm(PlainForm):
    """Whose data it was; `people`: of family on the breach's cases."""

    required_words = {"people": "Choose whose data it was"}

    people = RowsField(
        label="Whose data was it?",
        queryset=CasePerson.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Each is then told face to face and written to.",
    )

    def __init__(self, *args: Any, people: QuerySet[CasePerson], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["people"]
        field.queryset = people
        field.label_from_instance = lambda one: f"{one.name}, {one.get_relationship_display().lower()}"


class MetForm(MomentForm):
    """One person was told face to face."""

    moments: tuple[str, ...] = ("happened_at",)
    widths = {"happened_at_time": 5}
    required_words = {
        "happened_at_on": "Enter the day of the meeting",
        "happened_at_time": "Enter the time; about is good enough",
        "note": "Say who met them, and what was said",
    }
    happened_at_on = day("When did you meet?")
    happened_at_time = TimeField(label="At about what time?")
    note = words("Who met them, and what was said?")


class CauseForm(PlainForm):
    """What caused it, and which control should have held."""

    required_words = {
        "cause": "Choose what went wrong",
        "cause_words": "Say how it came about",
        "control": "Choose the step that should have held",
    }

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
    required_words = {
        "words": "Say what has to be done",
        "owner": "Type the name of whoever does it",
        "due_on": "Enter the day by which it is done",
    }

    words = words("What has to be done?")
    owner = PersonField(label="Who does it?")
    due_on = DatePartsField(label="By when?", earliest=timezone.localdate, too_early="The day can't be in the past")


class ResultForm(PlainForm):
    """What came of an action."""

    required_words = {"result": "Say what was done"}

    result = words("What was done?")
