"""A breach or near miss, and what was done about it. The row itself says what must hold before it may close."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField

from breaches.duties import DUTIES, PARTY_NAMES, Duty, Kind, Party, Row, Unit
from breaches.permissions import BREACH_RULES
from breaches.states import BREACH_STATE_NAMES, BreachState
from breaches.words import CAUSE_NAMES, CONTROL_NAMES, LEVEL_WORDS, Cause, Control, Level, level_of
from letters.models import Letter
from postroom.cases.models import Case
from postroom.files.models import StoredFile
from postroom.ledger.history import field_history
from postroom.people.models import Office, User
from postroom.people.roles import Role
from postroom.steps.models import StepSubject, declare_transitions
from postroom.steps.references import new_reference

ROWS: dict[Duty, Row] = {row.duty: row for row in DUTIES}
BOTH_DECIDERS = Q(decided_ad__isnull=False, decided_cg__isnull=False, decided_at__isnull=False) & ~Q(
    decided_ad=F("decided_cg")
)
ONLY_NEAR_MISS = Q(is_near_miss=True, is_disclosure=False, is_loss=False, is_theft=False)


class Breach(declare_transitions(BREACH_RULES), StepSubject):  # type: ignore[misc]
    """One breach or near miss. Times are aware; `aware_at` starts the 72 hours."""

    ledger_kind = "breach"
    rules = BREACH_RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    state = FSMField(
        default=BreachState.REPORTED, choices=[(s.value, BREACH_STATE_NAMES[s]) for s in BreachState], protected=True
    )
    state_since = models.DateTimeField(default=timezone.now, editable=False)

    is_near_miss = models.BooleanField(default=False)
    is_disclosure = models.BooleanField(default=False)
    is_loss = models.BooleanField(default=False)
    is_theft = models.BooleanField(default=False)

    office = models.ForeignKey(Office, models.PROTECT, related_name="breaches", help_text="Where it happened.")
    what = models.TextField(help_text="What happened, in the reporter's words.")
    occurred_at = models.DateTimeField(null=True, blank=True, help_text="Empty: not known.")
    discovered_at = models.DateTimeField()
    discovered_by = models.CharField(max_length=120)
    aware_at = models.DateTimeField()
    reported_at = models.DateTimeField(default=timezone.now, editable=False)
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="breaches_reported")
    reported_for = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    line_manager = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="breaches", null=True, blank=True)
    cases = models.ManyToManyField(Case, related_name="breaches", blank=True)
    people_count = models.PositiveIntegerField(null=True, blank=True, help_text="About how many people.")
    record_count = models.PositiveIntegerField(null=True, blank=True, help_text="About how many records or papers.")
    categories = models.JSONField(default=list)
    done_at_once = models.TextField(blank=True)

    likelihood = models.PositiveSmallIntegerField(null=True, blank=True)
    severity = models.PositiveSmallIntegerField(null=True, blank=True)
    consequences = models.TextField(blank=True, help_text="Likely consequences for the people concerned.")
    containment = models.TextField(blank=True)
    redress = models.TextField(blank=True)
    assessed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    assessed_at = models.DateTimeField(null=True, blank=True, editable=False)

    cause = models.CharField(max_length=30, choices=[(c.value, CAUSE_NAMES[c]) for c in Cause], blank=True, default="")
    cause_words = models.TextField(blank=True)
    control = models.CharField(
        max_length=30, choices=[(c.value, CONTROL_NAMES[c]) for c in Control], blank=True, default=""
    )
    control_held_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    lessons = models.TextField(blank=True)

    # Both deciders, each by their own hand (CLS-15); the decision itself is a row of its own.
    decided_ad = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    decided_cg = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    history = field_history(excluded_fields=["ledger_seq", "ledger_head", "version"])

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "-id"]), models.Index(fields=["office", "-id"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(BreachState)), name="breach_state_known"),
            models.CheckConstraint(
                condition=Q(is_near_miss=True) | Q(is_disclosure=True) | Q(is_loss=True) | Q(is_theft=True),
                name="breach_says_what_kind",
            ),
            models.CheckConstraint(
                condition=Q(occurred_at__isnull=True) | Q(occurred_at__lte=F("discovered_at")),
                name="breach_occurred_before_discovered",
            ),
            models.CheckConstraint(condition=Q(aware_at__lte=F("reported_at")), name="breach_aware_before_reported"),
            models.CheckConstraint(
                condition=~Q(state__in=["assessed", "decided"])
                | Q(likelihood__range=(1, 5), severity__range=(1, 5), assessed_at__isnull=False),
                name="breach_assessed_on_the_grid",
            ),
            models.CheckConstraint(condition=~Q(state="decided") | BOTH_DECIDERS, name="breach_decided_by_both"),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (BOTH_DECIDERS | ONLY_NEAR_MISS) & Q(closed_at__isnull=False) & ~Q(cause=""),
                name="breach_closed_as_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def ledger_key(self) -> str:
        return self.reference

    @property
    def state_name(self) -> str:
        """The state in words."""
        return BREACH_STATE_NAMES[BreachState(self.state)]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What happened; several at once are possible."""
        held = {
            Kind.NEAR_MISS: self.is_near_miss,
            Kind.DISCLOSURE: self.is_disclosure,
            Kind.LOSS: self.is_loss,
            Kind.THEFT: self.is_theft,
        }
        return tuple(kind for kind, yes in held.items() if yes)

    @property
    def only_near_miss(self) -> bool:
        """A near miss and nothing else: governance is told, nothing is decided (CLS-10)."""
        return self.kinds == (Kind.NEAR_MISS,)

    @property
    def level_words(self) -> str:
        """What the grid says, in words; empty until assessed."""
        return LEVEL_WORDS[self.level] if self.level else ""

    @property
    def level(self) -> Level | None:
        """What the grid says, once assessed."""
        return level_of(self.likelihood, self.severity) if self.likelihood and self.severity else None


class Involved(models.Model):
    """Somebody who is involved and so kept out of running the case."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="involved")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    how = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["breach", "user"], condition=Q(cleared_at__isnull=True), name="involved_once"
            )
        ]

    def __str__(self) -> str:
        return f"involved {self.pk}"


class BreachDuty(models.Model):
    """One duty of one breach: due, done with its evidence, or set aside with its reason."""

    class Status(models.TextChoices):
        OPEN = "open", "To do"
        DONE = "done", "Done"
        SET_ASIDE = "set_aside", "Set aside"

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="duties")
    duty = models.CharField(max_length=40, choices=[(d.value, d.value) for d in Duty])
    place = models.PositiveSmallIntegerField(help_text="The order in which people see them.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    added_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Overdue from then on; empty while it waits.")

    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    happened_at = models.DateTimeField(null=True, blank=True, help_text="When it was done: told, met, sent.")
    reference = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True, help_text="Who was told and how; the reason of an answer.")
    answer = models.BooleanField(null=True, blank=True, help_text="Of a decision: yes or no.")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["breach", "place"]
        indexes = [models.Index(fields=["status", "due_at"])]
        constraints = [
            models.UniqueConstraint(fields=["breach", "duty"], name="duty_once"),
            models.CheckConstraint(
                condition=Q(status="open", settled_at__isnull=True)
                | Q(status__in=["done", "set_aside"], settled_at__isnull=False),
                name="duty_settled_when",
            ),
            models.CheckConstraint(condition=~Q(status="set_aside") | ~Q(note=""), name="duty_set_aside_with_reason"),
            models.CheckConstraint(
                condition=~Q(status="done") | ~Q(reference="") | ~Q(note="") | Q(file__isnull=False),
                name="duty_done_with_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} of {self.breach_id}"

    @property
    def row(self) -> Row:
        """What the table says of it."""
        return ROWS[Duty(self.duty)]

    @property
    def whom(self) -> str:
        """Whom it concerns, in words."""
        return PARTY_NAMES[Party(self.row.whom)]

    @property
    def settled(self) -> bool:
        """Done, or set aside."""
        return self.status != self.Status.OPEN

    @property
    def due_day(self) -> dt.date | None:
        """The last day, for what is counted in whole days: overdue from the midnight after it."""
        if self.due_at is None or self.row.due.unit != Unit.WORKING_DAYS:
            return None
        return timezone.localdate(self.due_at - dt.timedelta(microseconds=1))

    def is_overdue(self, now: dt.datetime | None = None) -> bool:
        """Is it still to do after its time?"""
        return not self.settled and self.due_at is not None and self.due_at <= (now or timezone.now())


class MeetingException(models.Model):
    """The service user can't be met, or must not be told yet: who asked, why, who decided (CLS-14)."""

    class Kind(models.TextChoices):
        REFUSED = "refused", "The service user refuses to meet"
        IMPOSSIBLE = "impossible", "A meeting is not possible"
        DANGER = "danger", "Telling now would endanger somebody"

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="exceptions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField()
    until = models.DateField(null=True, blank=True, help_text="Put off until then; asked again afterwards.")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["breach"], condition=Q(decided_at__isnull=True), name="exception_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="exception_by_another"
            ),
            models.CheckConstraint(condition=~Q(kind="danger") | Q(until__isnull=False), name="deferral_has_an_end"),
        ]

    def __str__(self) -> str:
        return f"exception {self.pk}"


class ServiceUserLetter(models.Model):
    """The letter in which the service user is told in writing; held until the meeting is on record (CLS-14)."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="service_user_letters")
    letter = models.OneToOneField(Letter, models.PROTECT, related_name="tells_of")
    linked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"letter of {self.breach_id}"


class Advice(models.Model):
    """Asked of the Data Protection Officer, and what they answered."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="advice")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    question = models.TextField()
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["breach"], condition=Q(given_at__isnull=True), name="advice_one_at_a_time")
        ]

    def __str__(self) -> str:
        return f"advice {self.pk}"


class Decision(models.Model):
    """What the Assistant Director and the Caldicott Guardian decided, each by their own hand (CLS-15).

    The disciplinary part is shown to those who decide and to nobody else (OGP-12). The newest row that isn't
    superseded stands; a proposal written anew supersedes the one before, and its hand with it.
    """

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="decisions")
    disciplinary = models.BooleanField()
    disciplinary_reason = models.TextField()
    commissioner = models.BooleanField()
    commissioner_reason = models.TextField()
    professional_body = models.BooleanField()
    professional_body_reason = models.TextField()
    legal_advice = models.TextField(blank=True)

    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_as = models.CharField(
        max_length=40, choices=[(r.value, r.value) for r in (Role.ASSISTANT_DIRECTOR, Role.CALDICOTT_GUARDIAN)]
    )
    proposed_authority = models.CharField(max_length=160)
    proposed_at = models.DateTimeField(default=timezone.now)
    agreed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    agreed_authority = models.CharField(max_length=160, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["breach"], condition=Q(superseded_at__isnull=True), name="one_decision_stands"
            ),
            models.CheckConstraint(
                condition=~Q(disciplinary_reason="") & ~Q(commissioner_reason="") & ~Q(professional_body_reason=""),
                name="decision_gives_each_reason",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("proposed_by")), name="decision_takes_two"
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Referral(models.Model):
    """A report to the Commissioner, in phases; a late one says why (Article 33)."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="referrals")
    phase = models.PositiveSmallIntegerField()
    at = models.DateTimeField(help_text="When it was sent.")
    reference = models.CharField(max_length=80)
    note = models.TextField(blank=True)
    late_reason = models.TextField(blank=True)
    more_to_come = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["phase"]
        constraints = [models.UniqueConstraint(fields=["breach", "phase"], name="referral_phase_once")]

    def __str__(self) -> str:
        return f"referral {self.pk}"


class FollowUp(models.Model):
    """An action with its owner and date, so that it doesn't happen again."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="follow_ups")
    words = models.TextField()
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_on = models.DateField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    result = models.TextField(blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["owner", "finished_at"])]

    def __str__(self) -> str:
        return f"action {self.pk}"


class Reminder(models.Model):
    """What people were told of, once each: `what` is "mark/24" or "overdue/police". The row says what was sent."""

    breach = models.ForeignKey(Breach, models.PROTECT, related_name="reminders")
    what = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    owed_since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["breach", "what"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.what} of {self.breach_id}"


class ReportDraft(models.Model):
    """A report half finished, kept for the one who writes it; deleted when it is sent."""

    by = models.ForeignKey(User, models.PROTECT, related_name="breach_drafts")
    key = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-saved_at"]

    def __str__(self) -> str:
        return f"draft {self.pk}"
