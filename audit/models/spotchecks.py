"""A spot check, what can be drawn, what was drawn, what was seen, what follows (OGP-10).

The database holds the order by itself: constraints here, triggers in audit/protection.py.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField

from audit.spotchecks.checklist import ANSWER_NAMES, CHECKLIST_NAMES, STAGE_NAMES, Checklist, Kind, Stage
from audit.spotchecks.plan import result_words
from audit.spotchecks.rules import (
    CHECK_RULES,
    CHECK_STATE_NAMES,
    FINDING_RULES,
    FINDING_STATE_NAMES,
    ITEM_RULES,
    ITEM_STATE_NAMES,
    CheckState,
    FindingState,
    ItemState,
)
from distribution.models import Item as Copy
from letters.models import Letter
from postroom.files.models import StoredFile
from postroom.people.models import Office, User
from postroom.steps.models import StepSubject, declare_transitions
from postroom.steps.references import new_reference

AFTER_SEED = [CheckState.SEEDED, CheckState.DRAWN, CheckState.CHECKING, CheckState.FINISHED]


class SeedFrom(models.TextChoices):
    """Where the seed comes from; said when the frame is fixed, never chosen afterwards."""

    DICE = "dice", "Dice, thrown after the list is fixed"
    ANNOUNCED = "announced", "A value announced beforehand, known later"


class StrataBy(models.TextChoices):
    """What the frame is divided by before the seed."""

    NONE = "", "Not divided"
    OFFICE = "office", "By office"
    SIGNATURE = "signature", "By who signed: the worker, or pp"


class SpotCheck(declare_transitions(CHECK_RULES), StepSubject):  # type: ignore[misc]
    """One spot check of an office, or of all (`office` empty). `content_hash` is the SHA-256 of its frame."""

    ledger_kind = "spotcheck"
    rules = CHECK_RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    state = FSMField(default=CheckState.FIXED, choices=list(CHECK_STATE_NAMES.items()), protected=True)
    office = models.ForeignKey(Office, models.PROTECT, related_name="spot_checks", null=True, blank=True)
    stage = models.CharField(max_length=10, choices=list(STAGE_NAMES.items()))
    kinds = models.CharField(max_length=40, help_text="Kinds of letters, a comma between; all of them unless narrowed.")
    first_day = models.DateField()
    last_day = models.DateField()
    strata_by = models.CharField(max_length=10, choices=StrataBy.choices, blank=True, default="")
    count = models.PositiveIntegerField(help_text="References in the frame.")
    sample = models.PositiveIntegerField(help_text="How many are drawn, fixed with the frame.")
    fixed_at = models.DateTimeField(default=timezone.now)
    fixed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    seed_from = models.CharField(max_length=10, choices=SeedFrom.choices)
    seed_words = models.CharField(max_length=200, blank=True, default="")
    seed_known_at = models.DateTimeField(null=True, blank=True)
    seed = models.CharField(max_length=20, blank=True, default="", editable=False)
    seed_at = models.DateTimeField(null=True, blank=True, editable=False)
    seed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    witness = models.CharField(max_length=120, blank=True, default="", help_text="Who else saw the dice, by name.")
    witness_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)

    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="By the witness, signed in.")
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)

    drawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    drawn_sha256 = models.CharField(max_length=64, blank=True, default="", editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    faulty = models.PositiveIntegerField(null=True, blank=True, editable=False, help_text="Of those drawn.")
    at_most = models.PositiveIntegerField(null=True, blank=True, editable=False, help_text="Upper bound in the frame.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["office", "state", "finished_at"]), models.Index(fields=["state"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(CheckState)), name="spotcheck_state_known"),
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="spotcheck_period"),
            models.CheckConstraint(condition=Q(stage__in=[s.value for s in Stage]), name="spotcheck_stage_known"),
            models.CheckConstraint(
                condition=Q(count__gte=1, sample__gte=1, sample__lte=F("count")), name="spotcheck_draws_from_some"
            ),
            models.CheckConstraint(
                condition=Q(seed="", seed_at__isnull=True, seed_by__isnull=True)
                | ~Q(seed="") & Q(seed_at__gt=F("fixed_at"), seed_by__isnull=False),
                name="spotcheck_seed_after_frame",
            ),
            models.CheckConstraint(
                condition=Q(seed_from=SeedFrom.DICE.value, seed_known_at__isnull=True)
                | Q(seed_from=SeedFrom.ANNOUNCED.value, seed_known_at__gt=F("fixed_at")) & ~Q(seed_words=""),
                name="spotcheck_announced_before",
            ),
            models.CheckConstraint(
                condition=Q(seed="") | Q(seed_known_at__isnull=True) | Q(seed_at__gte=F("seed_known_at")),
                name="spotcheck_seed_when_known",
            ),
            models.CheckConstraint(
                condition=Q(witness_by__isnull=True) | ~Q(witness_by=F("seed_by")), name="spotcheck_two_saw_the_dice"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(
                    seed_from=SeedFrom.DICE.value,
                    seed_at__isnull=False,
                    confirmed_at__gte=F("seed_at"),
                    witness_by__isnull=False,
                    confirmed_by__isnull=False,
                    confirmed_by=F("witness_by"),
                ),
                name="spotcheck_confirmed_by_its_witness",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=AFTER_SEED) | ~Q(seed=""), name="spotcheck_no_draw_without_seed"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=AFTER_SEED[1:]) | Q(drawn_at__gte=F("seed_at")) & ~Q(drawn_sha256=""),
                name="spotcheck_drawn_after_seed",
            ),
            models.CheckConstraint(
                condition=Q(faulty__isnull=True, at_most__isnull=True, finished_at__isnull=True)
                | Q(
                    state=CheckState.FINISHED.value,
                    finished_at__isnull=False,
                    faulty__lte=F("sample"),
                    at_most__gte=F("faulty"),
                    at_most__lte=F("count"),
                ),
                name="spotcheck_result_with_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=CheckState.FINISHED.value) | Q(faulty__isnull=False, at_most__isnull=False),
                name="spotcheck_finished_has_result",
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
        return "Waits for who saw the dice" if self.waits_for_witness else CHECK_STATE_NAMES[str(self.state)]

    @property
    def waits_for_witness(self) -> bool:
        """Were dice thrown that whoever saw them has not confirmed yet?"""
        return self.state == CheckState.SEEDED and self.seed_from == SeedFrom.DICE and self.confirmed_at is None

    @property
    def result(self) -> str:
        """The result with its bound, in one sentence; "" until it is finished."""
        if self.faulty is None or self.at_most is None:
            return ""
        return result_words(self.faulty, self.sample, self.count, self.at_most)

    @property
    def kind_list(self) -> list[Kind]:
        """The kinds it is about."""
        return [Kind(kind) for kind in self.kinds.split(",")]


class Stratum(models.Model):
    """A part of the frame with a draw of its own; a check that is not divided has one. Frozen from the start.

    `frame` is the file of facts.md, byte for byte: references in order of bytes, one a line, LF after each.
    """

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="strata")
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    frame = models.TextField()
    count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    sample = models.PositiveIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "place"], name="stratum_once"),
            models.CheckConstraint(
                condition=Q(count__gte=1, sample__gte=1, sample__lte=F("count")), name="stratum_draws_from_some"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Item(declare_transitions(ITEM_RULES), StepSubject):  # type: ignore[misc]
    """A letter, or a copy of a report or minutes, to look at.

    Drawn (with its stratum, place and ticket), or picked by hand beside the draw.
    """

    ledger_kind = "spotcheck_item"
    rules = ITEM_RULES

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="items")
    number = models.PositiveIntegerField(help_text="From 1 within the check.")
    state = FSMField(default=ItemState.WAITING, choices=list(ITEM_STATE_NAMES.items()), protected=True)
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="spot_check_items", null=True, blank=True)
    copy = models.ForeignKey(Copy, models.PROTECT, related_name="spot_check_items", null=True, blank=True)
    letter_reference = models.CharField(max_length=12, help_text="Of the letter or the copy.")
    checklist = models.CharField(
        max_length=10, choices=list(CHECKLIST_NAMES.items()), default=Checklist.PAPER.value, editable=False
    )
    stratum = models.ForeignKey(Stratum, models.PROTECT, related_name="items", null=True, blank=True)
    place = models.PositiveIntegerField(null=True, blank=True)
    ticket = models.CharField(max_length=64, blank=True, default="")
    picked_because = models.CharField(max_length=200, blank=True, default="")
    edition = models.PositiveIntegerField(default=0, help_text="Counts the saves of answers not yet given in.")
    salt = models.CharField(max_length=64, blank=True, default="", editable=False)
    faulty = models.BooleanField(default=False, editable=False)
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "number"], name="item_number_once"),
            models.UniqueConstraint(fields=["check_of", "letter"], name="item_letter_once"),
            models.UniqueConstraint(fields=["check_of", "copy"], name="item_copy_once"),
            models.CheckConstraint(
                condition=Q(letter__isnull=False, copy__isnull=True) | Q(letter__isnull=True, copy__isnull=False),
                name="item_is_a_letter_or_a_copy",
            ),
            models.CheckConstraint(
                condition=Q(checklist=Checklist.PAPER.value)
                | Q(checklist=Checklist.EMAIL.value, copy__isnull=False)
                | Q(checklist=Checklist.LETTER_EMAIL.value, letter__isnull=False),
                name="item_checklist_known",
            ),
            models.UniqueConstraint(fields=["stratum", "place"], name="item_place_once"),
            models.CheckConstraint(condition=Q(state__in=list(ItemState)), name="item_state_known"),
            models.CheckConstraint(
                condition=Q(stratum__isnull=False, place__gte=1, picked_because="") & ~Q(ticket="")
                | Q(stratum__isnull=True, place__isnull=True, ticket="") & ~Q(picked_because=""),
                name="item_drawn_or_picked",
            ),
            models.CheckConstraint(
                condition=Q(state=ItemState.WAITING.value, checked_by__isnull=True, faulty=False)
                | ~Q(state=ItemState.WAITING.value) & Q(checked_by__isnull=False, checked_at__isnull=False),
                name="item_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=ItemState.NOT_FOUND.value) | Q(faulty=True), name="item_not_found_is_a_fault"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id}/{self.number}"

    @property
    def ledger_key(self) -> str:
        return f"{self.check_of.reference}.{self.number}"

    @property
    def post(self) -> Letter | Copy:
        """What is looked at."""
        found = self.letter if self.letter is not None else self.copy
        assert found is not None  # noqa: S101 - a constraint of the table
        return found

    @property
    def office(self) -> Office:
        """Whose post it is."""
        return self.letter.office if self.letter is not None else self.post.case.office

    @property
    def what(self) -> str:
        """The word "Letter", or which document it is a copy of."""
        return "Letter" if self.copy is None else self.copy.get_document_display()

    @property
    def is_drawn(self) -> bool:
        """Drawn, and so part of the estimate?"""
        return self.stratum_id is not None

    @property
    def state_name(self) -> str:
        """The state in words."""
        return ITEM_STATE_NAMES[str(self.state)]


class Answer(models.Model):
    """The answer to one question, kept as it is given; frozen once the item is given in."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="answers")
    code = models.CharField(max_length=20)
    answer = models.CharField(max_length=3, choices=list(ANSWER_NAMES.items()), blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "code"], name="answer_once")]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Evidence(models.Model):
    """A photo taken at the tray; seen by those who may see the item alone."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["item", "file"], name="evidence_once")]

    def __str__(self) -> str:
        return f"evidence {self.pk}"


class Finding(declare_transitions(FINDING_RULES), StepSubject):  # type: ignore[misc]
    """What follows from a fault: whose it is to put right, by when, and how it was followed up."""

    ledger_kind = "spotcheck_finding"
    rules = FINDING_RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="findings")
    state = FSMField(default=FindingState.OPEN, choices=list(FINDING_STATE_NAMES.items()), protected=True)
    what = models.CharField(max_length=500)
    owner = models.ForeignKey(User, models.PROTECT, related_name="spot_check_findings")
    due_on = models.DateField()
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    done = models.CharField(max_length=1000, blank=True, default="", help_text="What the owner did about it.")
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["owner", "state", "due_on"]), models.Index(fields=["state", "due_on"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(FindingState)), name="finding_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[FindingState.ANSWERED, FindingState.CLOSED]) | ~Q(done=""),
                name="finding_answered_with_words",
            ),
            models.CheckConstraint(
                condition=~Q(state=FindingState.CLOSED.value)
                | Q(closed_by__isnull=False, closed_at__isnull=False) & ~Q(closed_by=F("owner")),
                name="finding_closed_by_another",
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
        return FINDING_STATE_NAMES[str(self.state)]
