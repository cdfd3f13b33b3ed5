"""Reports and minutes of a case, and one item for each recipient's copy: what may go out by the one way that is open.

What was confirmed, approved, carried, posted and sent stands on the item's own row, so that the database can refuse an
item that is further than it may be (the constraints below; `protection.py` holds it equal to its sources).
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField

from distribution.permissions import RULES
from distribution.states import GONE, OUTWARD, STATE_NAMES, State
from letters.models import EnvelopeStock, OfficeMail, SealedPassword, domain_of
from letters.routes import CHANNEL_NAMES, DOCUMENT_NAMES, ROUTES, Channel, Condition, Document, Recipient, Verdict
from postroom.cases.models import Address, Area, Case, CasePerson
from postroom.files.models import StoredFile
from postroom.ledger.history import field_history
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import User
from postroom.steps.models import StepSubject, declare_transitions
from postroom.steps.references import new_reference

# What safeguarding issues; a letter has its own way (`letters`).
ISSUED = (Document.CP_REPORT, Document.LAC_REPORT, Document.MINUTES)
REPORTS = (Document.CP_REPORT, Document.LAC_REPORT)
OUT_AREAS = (Area.OUT, Area.ABROAD)


NEVER_POSTED_INSTEAD = (
    "A delivery by hand of this copy could not be made. It is held for another try, and never posted instead (OGP-7, "
    "OGP-9)."
)


class Distribution(LedgerSubject):
    """One report, or the minutes of one meeting, for a case, with everybody who is to have it (OGP-7, OGP-9)."""

    ledger_kind = "distribution"

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="distributions")
    document = models.CharField(max_length=12, choices=[(d.value, DOCUMENT_NAMES[d]) for d in ISSUED])
    meeting_on = models.DateField(help_text="Day of the conference, review or meeting.")
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="distributions_issued")
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    # As it came, byte for byte; and the PDF that is given out, without anything but its pages.
    original = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pages = models.PositiveSmallIntegerField()
    # Of the page that it was issued on: sent twice, it is one set.
    form_key = models.CharField(max_length=40, blank=True, default="", editable=False)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["case", "-id"])]
        constraints = [
            models.CheckConstraint(condition=Q(document__in=list(ISSUED)), name="distribution_document_known"),
            models.UniqueConstraint(
                fields=["case", "form_key"], condition=~Q(form_key=""), name="distribution_once_a_form"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def ledger_key(self) -> str:
        return self.reference

    @property
    def title(self) -> str:
        """What it is, in words, without a name: "Minutes of 12 November 2026"."""
        name = DOCUMENT_NAMES[Document(self.document)]
        return f"{name} of {self.meeting_on.day} {self.meeting_on:%B %Y}"


def _recipient(recipient: Recipient) -> Q:
    """An item for this kind of recipient."""
    if recipient is Recipient.PROFESSIONAL:
        return Q(family=False)
    outside = Q(area__in=list(OUT_AREAS))
    return Q(family=True) & (outside if recipient is Recipient.FAMILY_OUT_OF_AREA else ~outside)


def _open_routes() -> Q:
    """An item whose way the policy's table leaves open; where it names an approval, only with one. From the table."""
    ways = []
    for row in ROUTES:
        if row.document in ISSUED and row.verdict is not Verdict.REFUSED:
            way = Q(document=row.document.value, channel=row.channel.value) & _recipient(row.recipient)
            if {Condition.OUT_OF_AREA_APPROVED, Condition.MANAGER_APPROVED} & set(row.conditions):
                way &= Q(approved_by__isnull=False, approved_until__isnull=False)
            ways.append(way)
    return reduce(or_, ways)


_CHANNELS = ["", *(c.value for c in Channel)]
_POSTED = Q(channel=Channel.REGISTERED_POST.value)
_EMAILED = Q(channel=Channel.SECURE_EMAIL.value)
_BY_HAND = Q(channel=Channel.BY_HAND.value)


class Item(declare_transitions(RULES), StepSubject):  # type: ignore[misc]
    """One recipient's copy. `content_hash` is the SHA-256 of the version that they get."""

    ledger_kind = "item"
    rules = RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="items")
    # Beside the set's, so that the database can hold the route on this row alone; a trigger keeps them equal.
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    document = models.CharField(max_length=12, choices=[(d.value, DOCUMENT_NAMES[d]) for d in ISSUED])
    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="items")
    family = models.BooleanField(editable=False)
    area = models.CharField(max_length=6, choices=Area.choices, default=Area.IN, editable=False)
    state = FSMField(default=State.PREPARED, choices=[(s.value, STATE_NAMES[s]) for s in State], protected=True)
    state_since = models.DateTimeField(default=timezone.now, editable=False)

    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pages = models.PositiveSmallIntegerField()
    redacted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    version_hash = models.CharField(max_length=64, blank=True, default="", editable=False, help_text="As confirmed.")

    channel = models.CharField(
        max_length=16, choices=[("", "Not chosen")] + [(c.value, CHANNEL_NAMES[c]) for c in Channel], blank=True
    )
    # Where it goes by post; for the area of family that it goes to by hand too, where they have an address.
    address = models.ForeignKey(Address, models.PROTECT, related_name="items", null=True, blank=True)
    email = models.EmailField(blank=True, default="", editable=False)

    right_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    right_at = models.DateTimeField(null=True, editable=False)
    right_basis = models.CharField(max_length=20, blank=True, default="", editable=False)

    approval_asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    approved_until = models.DateField(null=True, editable=False, help_text="The last day it may be posted.")
    service = models.CharField(max_length=60, blank=True, default="", help_text="Abroad: the service approved.")

    released_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)

    carried_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    taken_out_at = models.DateTimeField(null=True, editable=False)
    handed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    handed_at = models.DateTimeField(null=True, editable=False)
    handed_on = models.DateField(null=True, editable=False, help_text="Local date of handed_at.")
    # The last delivery by hand that could not be made. From then on it is never posted instead (clauses.md).
    not_handed_at = models.DateTimeField(null=True, editable=False)

    stock = models.ForeignKey(EnvelopeStock, models.PROTECT, related_name="+", null=True, editable=False)
    cover = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, editable=False)
    initialled_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    initials = models.CharField(max_length=5, blank=True, default="", editable=False)
    enveloped_on = models.DateField(null=True, editable=False)
    posted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    posted_on = models.DateField(null=True, editable=False)
    tracking_number = models.CharField(max_length=40, blank=True, default="", editable=False)

    # Counts the e-mails asked for: each is a job of its own in the outbox.
    sends = models.PositiveSmallIntegerField(default=0, editable=False)
    sending = models.BooleanField(default=False, editable=False)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)

    uploaded_at = models.DateTimeField(null=True, editable=False)
    ics_reference = models.CharField(max_length=60, blank=True, default="", editable=False)

    history = field_history(excluded_fields=["ledger_seq", "ledger_head", "version"])

    class Meta:
        ordering = ["distribution", "pk"]
        indexes = [
            models.Index(fields=["state", "state_since"]),
            models.Index(fields=["case", "state"]),
            models.Index(fields=["tracking_number"], name="copy_tracking", condition=~Q(tracking_number="")),
            models.Index(fields=["carried_by"], name="copy_carried", condition=Q(carried_by__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["distribution", "person"], name="copy_once_a_recipient"),
            models.CheckConstraint(condition=Q(state__in=list(State)), name="copy_state_known"),
            models.CheckConstraint(
                condition=Q(document__in=list(ISSUED), channel__in=_CHANNELS, area__in=Area.values),
                name="copy_words_known",
            ),
            # OGP-7 in its own words, apart from any table: under no circumstances.
            models.CheckConstraint(
                condition=Q(family=False) | ~Q(document__in=[d.value for d in REPORTS]) | _BY_HAND | Q(channel=""),
                name="copy_report_to_family_by_hand",
            ),
            # OGP-8, OGP-9: minutes to family by registered post where they live out of area, else by hand.
            models.CheckConstraint(
                condition=Q(family=False)
                | ~Q(document=Document.MINUTES.value)
                | _BY_HAND
                | Q(channel="")
                | _POSTED & Q(area__in=list(OUT_AREAS)),
                name="copy_minutes_to_family",
            ),
            models.CheckConstraint(condition=~Q(state__in=list(OUTWARD)) | _open_routes(), name="copy_route_is_open"),
            models.CheckConstraint(
                condition=~Q(state__in=list(OUTWARD))
                | Q(
                    right_by__isnull=False,
                    right_at__isnull=False,
                    released_by__isnull=False,
                    version_hash=F("content_hash"),
                )
                & ~Q(content_hash="")
                & ~Q(right_basis=""),
                name="copy_right_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("approval_asked_by")),
                name="copy_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_until__isnull=True)
                | Q(approved_by__isnull=False, approved_until__isnull=False, approval_asked_by__isnull=False),
                name="copy_approval_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.HANDED_OVER.value)
                | _BY_HAND & Q(handed_by__isnull=False, handed_at__isnull=False, handed_on__isnull=False),
                name="copy_handed_over_by_hand",
            ),
            models.CheckConstraint(
                condition=Q(not_handed_at__isnull=True) | ~_POSTED, name="copy_never_posted_instead"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=list(GONE)) | _POSTED | _EMAILED, name="copy_gone_by_post_or_email"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.UNCERTAIN.value) | _EMAILED, name="copy_uncertain_is_email"
            ),
            models.CheckConstraint(
                condition=~(Q(state__in=[State.SENT.value, State.DELIVERED.value]) & _POSTED)
                | Q(
                    address__isnull=False,
                    initialled_by__isnull=False,
                    posted_by__isnull=False,
                    posted_on__isnull=False,
                    enveloped_on__isnull=False,
                    posted_on__gte=F("enveloped_on"),
                )
                & (Q(approved_until__isnull=True) | Q(approved_until__gte=F("posted_on")))
                & ~Q(tracking_number="")
                & ~Q(initialled_by=F("released_by")),
                name="copy_posted_whole",
            ),
            models.CheckConstraint(
                condition=~(Q(state__in=list(GONE)) & _POSTED) | ~Q(area=Area.ABROAD.value) | ~Q(service=""),
                name="copy_abroad_names_service",
            ),
            models.CheckConstraint(
                condition=~(Q(state__in=list(GONE)) & _EMAILED) | Q(sent_by__isnull=False) & ~Q(email=""),
                name="copy_emailed_whole",
            ),
            models.CheckConstraint(
                condition=Q(carried_by__isnull=True, taken_out_at__isnull=True)
                | Q(carried_by__isnull=False, taken_out_at__isnull=False)
                & Q(state__in=[State.RELEASED.value, State.HELD.value])
                & _BY_HAND,
                name="copy_out_by_hand",
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
        return STATE_NAMES[State(self.state)]

    @property
    def recipient(self) -> Recipient:
        """Whose kind the policy's table asks for, as the row says."""
        if not self.family:
            return Recipient.PROFESSIONAL
        return Recipient.FAMILY_OUT_OF_AREA if self.area in OUT_AREAS else Recipient.FAMILY_IN_AREA

    @property
    def is_posted(self) -> bool:
        """Goes by registered post."""
        return self.channel == Channel.REGISTERED_POST

    @property
    def is_emailed(self) -> bool:
        """Goes by secure e-mail."""
        return self.channel == Channel.SECURE_EMAIL

    @property
    def by_hand(self) -> bool:
        """Carried by a social worker."""
        return self.channel == Channel.BY_HAND

    @property
    def upload_owed(self) -> bool:
        """The recipient has it, or it was sent, and the case record doesn't say so yet (OGP-6)."""
        return self.uploaded_at is None and self.state in (State.HANDED_OVER, State.SENT, State.DELIVERED)


class ItemVersion(models.Model):
    """A version that a recipient was given instead of the set's own: what came, what is given out, who confirmed it."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="versions")
    original = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    redaction_confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"version {self.pk}"


class Handover(models.Model):
    """Into whose own hands, by whom, when, where, how they were known (OGP-7). One row for each delivery by hand."""

    class Where(models.TextChoices):
        HOME = "home", "At their home"
        OFFICE = "office", "At one of our offices"
        PLACEMENT = "placement", "At the placement or school"
        MEETING = "meeting", "At a meeting or at court"
        ELSEWHERE = "elsewhere", "Somewhere else"

    class Known(models.TextChoices):
        PERSONALLY = "personally", "I know them"
        DOCUMENT = "document", "They showed a document with their photo"
        QUESTIONS = "questions", "They answered questions only they can answer"

    item = models.OneToOneField(Item, models.PROTECT, related_name="handover")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="When it was handed over, as entered.")
    recorded_at = models.DateTimeField(default=timezone.now)
    where = models.CharField(max_length=10, choices=Where.choices)
    place = models.CharField(max_length=120, blank=True)
    known_by = models.CharField(max_length=10, choices=Known.choices)
    own_hands = models.BooleanField()
    signature = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(own_hands=True), name="handover_into_own_hands")]

    def __str__(self) -> str:
        return f"hand-over {self.pk}"


class Proof(models.Model):
    """What Royal Mail says of a registered item: delivered when, and the name printed (facts.md)."""

    item = models.OneToOneField(Item, models.PROTECT, related_name="proof")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    delivered_on = models.DateField()
    delivered_time = models.TimeField(null=True, blank=True, help_text="Local; empty: recorded before it was asked.")
    printed_name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"proof {self.pk}"


class Receipt(models.Model):
    """The scan of a receipt that is on paper: whoever takes the step adds it, if there is one (OGP-7, OGP-8)."""

    class Of(models.TextChoices):
        HANDOVER = "handover", "Receipt signed on paper"
        POSTING = "posting", "Posting receipt"
        DELIVERY = "delivery", "Proof of delivery"

    item = models.ForeignKey(Item, models.PROTECT, related_name="receipts")
    of = models.CharField(max_length=10, choices=Of.choices)
    scan = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(of__in=["handover", "posting", "delivery"]), name="receipt_of_known")
        ]

    def __str__(self) -> str:
        return f"receipt {self.pk}"


class EmailPassword(SealedPassword):
    """The password of one e-mailed copy."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="passwords")
    send = models.PositiveSmallIntegerField(help_text="Of which sending: Item.sends.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "send"], name="password_once_a_send")]


__all__: Any = [
    "Distribution",
    "EmailPassword",
    "Handover",
    "Item",
    "ItemVersion",
    "OfficeMail",
    "Proof",
    "Receipt",
    "domain_of",
]
