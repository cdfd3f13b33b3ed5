"""What is known of the record as a whole: which checkpoints left, and what the nightly look at it found."""

from __future__ import annotations

import calendar
import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from letters.models import Letter
from postroom.cases.models import Case, CasePerson
from postroom.files.models import StoredFile
from postroom.ledger.fields import MomentField
from postroom.ledger.kept import Kept, kind_of
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import Office, User
from postroom.steps.references import new_reference


class Way(models.TextChoices):
    """How a checkpoint leaves."""

    MAIL = "mail", "by e-mail"
    FOLDER = "folder", "to the write-once folder"
    STAMP = "stamp", "to the time-stamping service"


class Departure(models.Model):
    """A checkpoint that has left. Append-only. `place`: a digest of the e-mail address, or the service's host.

    `receipt`: the service's time stamp (RFC 3161 response), base64; it proves by itself when the checkpoint existed.
    """

    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    way = models.CharField(max_length=6, choices=Way.choices)
    place = models.CharField(max_length=100)
    at = MomentField()
    receipt = models.TextField(blank=True, default="")

    class Meta:
        db_table = "record_departure"
        constraints = [
            models.UniqueConstraint(fields=["number", "way", "place"], name="record_left_once"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="record_way_known"),
            models.CheckConstraint(condition=~Q(way=Way.STAMP) | ~Q(receipt=""), name="record_stamp_has_receipt"),
        ]
        indexes = [models.Index(fields=["way", "place", "-number"], name="record_newest_departure")]

    def __str__(self) -> str:
        return f"checkpoint {self.number} {self.way}"


class Verification(models.Model):
    """What one pass over the whole ledger found. Append-only. `first`: the first thing wrong, empty if intact."""

    at = MomentField()
    entries = models.BigIntegerField()
    readings = models.BigIntegerField()
    head = models.CharField(max_length=64)
    found = models.BigIntegerField()
    first = models.TextField(blank=True, default="")
    checkpoint = models.BigIntegerField(default=0)
    seconds = models.FloatField()

    class Meta:
        db_table = "record_verification"

    def __str__(self) -> str:
        return f"verification {self.pk}"


class Scope(models.TextChoices):
    """What a bundle is about."""

    LETTER = "letter", "One letter"
    OFFICE = "office", "An office, and a period"
    EVERYTHING = "everything", "Everything"


class Bundle(LedgerSubject):
    """An audit bundle that somebody asked for, and its file once the worker has made it."""

    ledger_kind = "bundle"

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="bundles", null=True, blank=True)
    office = models.ForeignKey(Office, models.PROTECT, related_name="bundles", null=True, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    with_content = models.BooleanField(default=False)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="bundles")
    asked_at = models.DateTimeField(default=timezone.now)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    entries = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "record_bundle"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope=Scope.LETTER.value, letter__isnull=False, office__isnull=True)
                | Q(scope=Scope.OFFICE.value, letter__isnull=True, office__isnull=False)
                & Q(first_day__isnull=False, last_day__gte=F("first_day"))
                | Q(scope=Scope.EVERYTHING.value, letter__isnull=True, office__isnull=True),
                name="record_bundle_scope_whole",
            )
        ]

    def __str__(self) -> str:
        return f"bundle {self.reference}"

    @property
    def ledger_key(self) -> str:
        return self.reference


class LegalHold(LedgerSubject):
    """Nothing of this case, or of this one record, is destroyed while it stands: a complaint, a claim, an inquiry.

    `record`: the chain's name of the one record (`breach/K7Q2M4XD9`); "" where a whole case is held.
    """

    ledger_kind = "legal_hold"

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="legal_holds", null=True, blank=True)
    record = models.CharField(max_length=60, blank=True, default="")
    why = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    released_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "record_legal_hold"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="record_hold_released_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False, record="") | Q(case__isnull=True) & ~Q(record=""),
                name="record_hold_on_a_case_or_a_record",
            ),
        ]
        indexes = [models.Index(fields=["record"], name="record_hold_record", condition=~Q(record=""))]

    def __str__(self) -> str:
        return f"hold {self.reference}"

    @property
    def ledger_key(self) -> str:
        return self.reference


class DisposalState(models.TextChoices):
    """Where a disposal stands."""

    PROPOSED = "proposed", "Waits for a second person"
    DONE = "done", "Destroyed"
    REFUSED = "refused", "Refused"


class Disposal(LedgerSubject):
    """Records whose time has come, proposed by one person and decided by another; carried out, it is the certificate.

    `destroyed`: what went, kind in words to count.
    """

    ledger_kind = "disposal"

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    what = models.CharField(max_length=20, help_text="The key of a kind in postroom.ledger.kept.")
    state = models.CharField(max_length=8, choices=DisposalState.choices, default=DisposalState.PROPOSED)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    destroyed = models.JSONField(default=dict)

    class Meta:
        db_table = "record_disposal"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DisposalState.values), name="record_disposal_state_known"),
            models.CheckConstraint(
                condition=Q(state=DisposalState.PROPOSED.value, decided_by__isnull=True)
                | ~Q(state=DisposalState.PROPOSED.value) & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="record_disposal_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("proposed_by")), name="record_disposal_by_two_people"),
        ]

    def __str__(self) -> str:
        return f"disposal {self.reference}"

    @property
    def kind(self) -> Kept | None:
        """The line of the schedule it is about."""
        return kind_of(self.what)

    @property
    def words(self) -> str:
        """What goes, in words."""
        return self.kind.words if self.kind else self.what

    @property
    def ledger_key(self) -> str:
        return self.reference


class DisposalItem(models.Model):
    """One record of a disposal, by its row and by its chain's name. `left_out`: why it was not destroyed after all."""

    disposal = models.ForeignKey(Disposal, models.PROTECT, related_name="items")
    row = models.BigIntegerField(help_text="Of the table of the disposal's kind.")
    subject = models.CharField(max_length=60)
    left_out = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        db_table = "record_disposal_item"
        constraints = [models.UniqueConstraint(fields=["disposal", "row"], name="record_disposal_item_once")]
        indexes = [models.Index(fields=["row"], name="record_disposal_item_row")]

    def __str__(self) -> str:
        return f"item {self.pk}"

    @property
    def reference(self) -> str:
        """The record's public reference."""
        return self.subject.partition("/")[2]


class AccessRequest(LedgerSubject):
    """A person, or somebody on their behalf, asks what is held on them. The file is made by the worker."""

    ledger_kind = "access_request"

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="access_requests")
    # The rows that are the same human on other cases, as governance judged.
    also = models.ManyToManyField(CasePerson, related_name="+", blank=True)
    received_on = models.DateField()
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    found = models.JSONField(default=dict)

    class Meta:
        db_table = "record_access_request"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"access request {self.reference}"

    @property
    def answer_by(self) -> dt.date:
        """One calendar month after it was received: the same day of the next month, else that month's last."""
        year, month = divmod(self.received_on.year * 12 + self.received_on.month, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return dt.date(year, month + 1, min(self.received_on.day, last))

    @property
    def people(self) -> list[CasePerson]:
        """Every row of the person, the one asked for first."""
        return [self.person, *self.also.select_related("case").order_by("pk")]

    @property
    def ledger_key(self) -> str:
        return self.reference
