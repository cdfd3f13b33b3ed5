"""The papers-out register, its reminders, and agreements to work on records away from the office."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField

from papers.states import (
    AGREED_TASKS,
    AGREEMENT_RULES,
    PAPERS_RULES,
    PAPERS_STATE_NAMES,
    PURPOSE_NAMES,
    AgreementState,
    PapersState,
    Purpose,
)
from postroom.cases.models import Case
from postroom.ledger.history import field_history
from postroom.people.models import Office, User
from postroom.steps.models import StepSubject, declare_transitions
from postroom.steps.references import new_reference

ENGINE_FIELDS = ["ledger_seq", "ledger_head", "version", "content_hash"]
TAKEN = [PapersState.OUT, PapersState.BACK, PapersState.DESTROYED, PapersState.LOST, PapersState.HANDED_ON]
ANSWERED = [PapersState.AGREED, PapersState.REFUSED]


class PapersKind(models.TextChoices):
    """What they are. A notebook is a kind of paper out (CLS-5)."""

    COPY = "copy", "Copies or printouts"
    ORIGINAL = "original", "Original documents"
    NOTEBOOK = "notebook", "A notebook"


class Device(models.TextChoices):
    """What goes with the papers. There is no USB stick here, nor in the database (CLS-4)."""

    NONE = "none", "No device"
    LAPTOP = "laptop", "A laptop"


class DestroyedBy(models.TextChoices):
    """How papers were destroyed."""

    SHREDDER = "shredder", "Cross-cut shredder"
    CONFIDENTIAL_WASTE = "confidential_waste", "Locked confidential waste bin"


class Gone(models.TextChoices):
    """How papers went missing (CLS-7)."""

    LOSS = "loss", "Lost"
    THEFT = "theft", "Stolen"


class PapersOut(declare_transitions(PAPERS_RULES), StepSubject):  # type: ignore[misc]
    """One entry of the register: papers that somebody takes out of the office, from asking to their end."""

    ledger_kind = "papers"
    rules = PAPERS_RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    state = FSMField(
        default=PapersState.OUT, choices=[(s.value, PAPERS_STATE_NAMES[s]) for s in PapersState], protected=True
    )
    state_since = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Empty for a notebook that holds notes on several cases.
    case = models.ForeignKey(Case, models.PROTECT, related_name="papers_out", null=True, blank=True)
    office = models.ForeignKey(Office, models.PROTECT, related_name="papers_out")
    holder = models.ForeignKey(User, models.PROTECT, related_name="papers_out")

    kind = models.CharField(max_length=8, choices=PapersKind.choices)
    what = models.CharField(max_length=200, help_text="Which papers.")
    pages = models.PositiveSmallIntegerField(null=True, blank=True)
    purpose = models.CharField(max_length=20, choices=[(p.value, PURPOSE_NAMES[p]) for p in Purpose])
    purpose_words = models.CharField(max_length=300, blank=True, help_text="For another purpose: why.")
    destination = models.CharField(max_length=120, blank=True)
    due_on = models.DateField(help_text="Returned or destroyed by the end of this day.")

    in_lockable_bag = models.BooleanField(default=False)
    device = models.CharField(max_length=6, choices=Device.choices, default=Device.NONE)
    laptop_has_password = models.BooleanField(default=False)
    taken_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Whose answer was asked for, as it stood then, and whether they were said to be away.
    asked_of = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    manager_away = models.BooleanField(default=False)
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)

    ended_on = models.DateField(null=True, blank=True, help_text="The day they came back or were destroyed.")
    witness = models.ForeignKey(User, models.PROTECT, related_name="papers_witnessed", null=True, blank=True)
    destroyed_by = models.CharField(max_length=20, choices=DestroyedBy.choices, blank=True, default="")
    gone = models.CharField(max_length=6, choices=Gone.choices, blank=True, default="")
    gone_since = models.DateTimeField(null=True, blank=True)
    breach_reference = models.CharField(max_length=12, blank=True, default="", editable=False)
    record_reference = models.CharField(max_length=60, blank=True, default="")
    # The hand delivery that entered these papers by itself; empty for those a person entered.
    entered_by = models.CharField(max_length=40, blank=True, default="", editable=False)

    history = field_history(excluded_fields=ENGINE_FIELDS)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["state", "due_on", "id"]),
            models.Index(fields=["holder", "state", "due_on"]),
            models.Index(fields=["case", "state"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(PapersState)), name="papers_state_known"),
            models.CheckConstraint(condition=Q(device__in=list(Device)), name="papers_no_usb"),
            models.CheckConstraint(
                condition=Q(purpose__in=AGREED_TASKS) | Q(purpose=Purpose.OTHER) & ~Q(purpose_words=""),
                name="papers_purpose_said",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(kind=PapersKind.NOTEBOOK.value), name="papers_have_a_case"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=TAKEN)
                | Q(purpose__in=AGREED_TASKS)
                | Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answered_by=F("holder")),
                name="papers_agreed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ANSWERED) | Q(answered_by__isnull=False) & ~Q(answered_by=F("holder")),
                name="papers_answered_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=TAKEN)
                | Q(taken_at__isnull=False)
                & Q(in_lockable_bag=True)
                & (~Q(device=Device.LAPTOP.value) | Q(laptop_has_password=True)),
                name="papers_travel_secured",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PapersState.BACK, PapersState.DESTROYED])
                | Q(ended_on__isnull=False)
                & (Q(witness__isnull=False) | ~Q(entered_by=""))
                & (Q(witness__isnull=True) | ~Q(witness=F("holder"))),
                name="papers_end_has_a_witness",
            ),
            models.CheckConstraint(
                condition=~Q(state=PapersState.DESTROYED.value)
                | ~Q(destroyed_by="") & ~Q(kind=PapersKind.ORIGINAL.value),
                name="papers_destroyed_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(state=PapersState.LOST.value) | ~Q(gone="") & Q(gone_since__isnull=False),
                name="papers_lost_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(state=PapersState.HANDED_ON.value) | ~Q(entered_by="") & Q(ended_on__isnull=False),
                name="papers_handed_on_by_a_delivery",
            ),
            models.UniqueConstraint(fields=["entered_by"], condition=~Q(entered_by=""), name="papers_entered_once"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def ledger_key(self) -> str:
        return self.reference

    @property
    def at_office_id(self) -> int:
        """The office the papers belong to: their case's as it stands now; a notebook's, where it left from."""
        return self.case.office_id if self.case else self.office_id

    @property
    def is_agreed_task(self) -> bool:
        """Court, a professional meeting or a meeting with service users (CLS-2)?"""
        return self.purpose in AGREED_TASKS

    @property
    def is_late(self) -> bool:
        """Out, and the due day is over."""
        return self.state == PapersState.OUT and self.due_on < timezone.localdate()

    @property
    def title(self) -> str:
        """For lists that others can see: kind and pages, never a name or what the papers say."""
        words = self.get_kind_display()
        return f"{words}, {self.pages} page{'' if self.pages == 1 else 's'}" if self.pages else words


class Reminder(models.Model):
    """One stage of chasing that was reached; the row says that it was sent, so that none is lost and none doubled."""

    papers = models.ForeignKey(PapersOut, models.PROTECT, related_name="reminders")
    due_on = models.DateField(help_text="The due day that was missed: another day starts anew.")
    stage = models.PositiveSmallIntegerField()
    to_manager = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["papers", "due_on", "stage"], name="papers_reminded_once")]

    def __str__(self) -> str:
        return f"reminder {self.stage} for {self.papers_id}"


class WorkPlace(models.TextChoices):
    """Where records are worked on by agreement (CLS-1)."""

    HOME = "home", "At home"
    OTHER_BASE = "other_base", "At another base"


class AwayAgreement(declare_transitions(AGREEMENT_RULES), StepSubject):  # type: ignore[misc]
    """Somebody may work on records from home or another base: who, agreed by whom, until when."""

    ledger_kind = "away_agreement"
    rules = AGREEMENT_RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    state = FSMField(
        default=AgreementState.STANDING, choices=[(s.value, s.value.title()) for s in AgreementState], protected=True
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="away_agreements")
    place = models.CharField(max_length=10, choices=WorkPlace.choices)
    base = models.CharField(max_length=80, blank=True, help_text="Which base; never a home address.")
    access = models.CharField(max_length=200, help_text="To what, and how it is kept secure.")
    starts = models.DateField()
    ends = models.DateField(help_text="The last day.")
    agreed_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    agreed_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    history = field_history(excluded_fields=ENGINE_FIELDS)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(agreed_by=F("person")), name="away_agreed_by_another"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="away_ends_after"),
            models.CheckConstraint(condition=Q(place=WorkPlace.HOME.value) | ~Q(base=""), name="away_base_named"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def ledger_key(self) -> str:
        return self.reference

    @property
    def standing_words(self) -> str:
        """How it stands today: "Ended early", "Not yet", "Ran out" or "In force"."""
        today = timezone.localdate()
        if self.state == AgreementState.ENDED:
            return "Ended early"
        if today < self.starts:
            return "Not yet"
        return "Ran out" if today > self.ends else "In force"
