"""A breach or near miss: its row says what must hold before it may close; and who is involved in it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField

from breaches.duties import Kind
from breaches.permissions import BREACH_RULES
from breaches.states import BREACH_STATE_NAMES, BreachState
from breaches.words import CAUSE_NAMES, CONTROL_NAMES, LEVEL_WORDS, Cause, Control, Level, level_of
from distribution.models import Item
from letters.models import Letter
from postroom.cases.models import Case
from postroom.ledger.history import field_history
from postroom.people.models import Office, User
from postroom.steps.models import StepSubject, declare_transitions
from postroom.steps.references import new_reference

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
    copy = models.ForeignKey(
        Item, models.PROTECT, related_name="breaches", null=True, blank=True, help_text="Of a report or minutes."
    )
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
            models.CheckConstraint(
                condition=Q(letter__isnull=True) | Q(copy__isnull=True), name="breach_of_a_letter_or_a_copy"
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
