"""What happened to a letter, one row each: checks, signatures, prints, envelopes, proposals, notices, holds.

The letter's own row says what stands now; these say what was, also when it was voided.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from letters.models.letter import Letter, LetterVersion, SignatureKind
from letters.models.printers import Printer
from letters.models.shared import TextCheck
from letters.models.stock import IcsWay, OfficePost, SignatureMedium
from letters.weights import sheets_of_pages
from postroom.cases.models import CasePerson
from postroom.files.models import StoredFile
from postroom.people.models import User
from postroom.people.roles import GRANTABLE, ROLE_NAMES


class Check(models.Model):
    """Two separate confirmations, address and body, of one exact version (OGP-3a)."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="checks")
    version = models.ForeignKey(LetterVersion, models.PROTECT, related_name="checks")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    address_confirmed = models.BooleanField()
    body_confirmed = models.BooleanField()
    # Of a letter in another language: whose confirmation stands for that of the body, and of which day.
    translator = models.CharField(max_length=120, blank=True, default="")
    translated_on = models.DateField(null=True, blank=True)
    # Of several with the same words: the one confirmation of the body that this check of an address rests on.
    text_check = models.ForeignKey(TextCheck, models.PROTECT, related_name="rest_on_it", null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(address_confirmed=True, body_confirmed=True), name="check_is_both_confirmations"
            )
        ]

    def __str__(self) -> str:
        return f"check {self.pk}"


class Signature(models.Model):
    """Who signed which version, for whom, on what authority as it stood then (OGP-3b)."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="signatures")
    version = models.ForeignKey(LetterVersion, models.PROTECT, related_name="signatures")
    relied_on = models.ForeignKey(Check, models.PROTECT, related_name="signatures")
    kind = models.CharField(max_length=6, choices=SignatureKind.choices)
    medium = models.CharField(max_length=6, choices=SignatureMedium.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_for = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    role = models.CharField(max_length=40)
    authority = models.CharField(max_length=160)
    at = models.DateTimeField(default=timezone.now)
    # Screen: the PDF with the signature block filled in, proved again.
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    # Paper: who received the signed sheets, and their scan.
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    scan = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"signature {self.pk}"


class Print(models.Model):
    """A print of a version: which bytes, by whom, when. `signed`: it bears an on-screen signature.

    `pdf` is the version's PDF with a mark on each sheet (`letters.rendering.sheet_marks`), as it goes to the printer;
    it is empty only for letters that came in bulk (demo, import), until somebody first looks.
    """

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="prints")
    version = models.ForeignKey(LetterVersion, models.PROTECT, related_name="prints")
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True)
    signed = models.BooleanField(default=False)
    # Which print of its letter this is, from 1: it stands in the marks. 0: from before sheets bore marks.
    number = models.PositiveSmallIntegerField(default=0)
    # Sheets (page numbers, from 1) whose margins had no blank place for a mark.
    bare = models.JSONField(default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # Its calibration sheet was measured (a trigger asks for it); empty only for prints from before printers were kept.
    printer = models.ForeignKey(Printer, models.PROTECT, related_name="+", null=True)
    # How that printer was set then: how many sheets it made.
    both_sides = models.BooleanField(default=False)
    came_out = models.BooleanField(null=True, blank=True, help_text="False: its sheets are void and shredded.")
    said_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    said_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(came_out__isnull=True, said_by__isnull=True, said_at__isnull=True)
                | Q(came_out__isnull=False, said_by__isnull=False, said_at__isnull=False),
                name="print_outcome_is_whole",
            ),
            models.UniqueConstraint(fields=["letter", "number"], condition=Q(number__gt=0), name="print_number_once"),
        ]

    def __str__(self) -> str:
        return f"print {self.pk}"

    @property
    def sheets(self) -> int:
        """Sheets of paper that it made."""
        return sheets_of_pages(self.version.sheets, both_sides=self.both_sides)


class Proposal(models.Model):
    """Sent back for retyping: why, and the wording the worker proposes instead."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="proposals")
    version = models.ForeignKey(LetterVersion, models.PROTECT, related_name="proposals")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField()
    body = models.TextField(blank=True, help_text="Proposed wording; empty: the note says it all.")
    taken_in_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"proposal {self.pk}"


class Envelope(models.Model):
    """A letter put into its envelope and initialled (OGP-4b, OGP-5)."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="envelopes")
    version = models.ForeignKey(LetterVersion, models.PROTECT, related_name="envelopes")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    initials = models.CharField(max_length=5)
    at = models.DateTimeField(default=timezone.now)
    sheets = models.PositiveSmallIntegerField()
    # How many of them were scanned in, and of which print they are; 0: counted by eye.
    scanned = models.PositiveSmallIntegerField(default=0)
    printed = models.ForeignKey(Print, models.PROTECT, related_name="envelopes", null=True, blank=True)
    return_mark = models.CharField(max_length=5, choices=OfficePost.ReturnMark.choices)
    reopened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scanned=0, printed__isnull=True) | Q(scanned__gt=0, printed__isnull=False),
                name="envelope_scan_is_whole",
            )
        ]

    def __str__(self) -> str:
        return f"envelope {self.pk}"


class Return(models.Model):
    """Royal Mail brought it back: opened or not, why."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="returns")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    came_back_on = models.DateField()
    was_opened = models.BooleanField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"return {self.pk}"


class TrackedNumber(models.Model):
    """A tracking number, once, and for whom it was posted: a letter's or a copy's (OGP-8, decision 0143).

    Written in the step that posts; its key makes two in the same moment take turns, whichever floor they are on.
    """

    number = models.CharField(max_length=40, primary_key=True)
    person = models.ForeignKey("cases.CasePerson", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"tracking number of {self.person_id}"


class Registered(models.Model):
    """The proof of registered post: number, posting receipt, and later what Royal Mail says of its delivery."""

    letter = models.OneToOneField(Letter, models.PROTECT, related_name="registered")
    number = models.CharField(max_length=30)
    # Why the number has another form than S10 (OGP-8); empty: its check digit is right.
    number_reason = models.CharField(max_length=200, blank=True, default="")
    receipt = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    printed_name = models.CharField(max_length=120, blank=True, default="")
    proved_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    proved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["number"], name="registered_number")]
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True, printed_name="", proved_by__isnull=True, proved_at__isnull=True)
                | Q(delivered_at__isnull=False, proved_by__isnull=False, proved_at__isnull=False) & ~Q(printed_name=""),
                name="registered_proof_is_whole",
            )
        ]

    def __str__(self) -> str:
        return f"registered post of {self.letter_id}"


class Handing(models.Model):
    """A try to put a letter into the person's own hands: done (to whom, when, where, identity checked), or not."""

    class Identity(models.TextChoices):
        KNOWN = "known", "I know them"
        DOCUMENT = "document", "They showed a document with their name"
        QUESTIONS = "questions", "They answered questions only they could answer"

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="handings")
    envelope = models.ForeignKey(Envelope, models.PROTECT, related_name="handings")
    delivered = models.BooleanField()
    to_name = models.CharField(max_length=120, blank=True, default="")
    place = models.CharField(max_length=120, blank=True, default="")
    identity = models.CharField(max_length=10, choices=Identity.choices, blank=True, default="")
    at = models.DateTimeField(help_text="When it was, as whoever did it says.")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered=False) | ~Q(to_name="") & ~Q(place="") & ~Q(identity=""),
                name="handing_says_to_whom",
            ),
            models.UniqueConstraint(fields=["letter"], condition=Q(delivered=True), name="handed_over_once"),
        ]

    def __str__(self) -> str:
        return f"handing {self.pk}"


class IcsUpload(models.Model):
    """A completed document owed to one child's case record, where Postroom brings it there itself (OGP-6)."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="ics_uploads")
    child = models.ForeignKey(CasePerson, models.PROTECT, related_name="+")
    way = models.CharField(max_length=6, choices=IcsWay.choices)
    reference = models.CharField(max_length=80, blank=True, default="")
    answer = models.TextField(blank=True, default="", help_text="What ICS answered, as it came.")
    error = models.CharField(max_length=80, blank=True, default="", help_text="A code: why the last attempt failed.")
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "child"], name="ics_upload_once_a_child"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | ~Q(reference=""), name="ics_upload_done_has_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"


class Hold(models.Model):
    """Something an upper floor sets on a letter so that it waits; letters never asks why beyond these words."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="holds")
    set_by = models.CharField(max_length=60, help_text="The app and row that set it, for example breach/7KQ2.")
    words = models.CharField(max_length=200, help_text="Why it waits and what frees it, for people.")
    at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "set_by"], name="hold_once")]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class Opening(models.Model):
    """An upper floor opens one letter to somebody who may not read it otherwise (clauses.md, "read a letter").

    The District Admin Manager reads what was drawn, information governance and the deciders what a breach case links,
    safeguarding what it issued: whoever knows writes a row, letters never asks why beyond `opened_by`. Either for one
    person, or for whoever holds a role of the whole council.
    """

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="openings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    role = models.CharField(
        max_length=40, blank=True, default="", choices=[(r.value, ROLE_NAMES[r]) for r in GRANTABLE]
    )
    opened_by = models.CharField(max_length=60, help_text="The app and row that opened it, for example breach/7KQ2.")
    at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["letter"]), models.Index(fields=["user"]), models.Index(fields=["role"])]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "user", "opened_by"], condition=Q(user__isnull=False), name="opening_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["letter", "role", "opened_by"], condition=Q(user__isnull=True), name="opening_once_a_role"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, role="") | Q(user__isnull=True) & ~Q(role=""),
                name="opening_for_one_or_a_role",
            ),
        ]

    def __str__(self) -> str:
        return f"opening {self.pk}"


class Notice(models.Model):
    """Told to one person on My work: their check was voided, their letter came back. Words come from `code`."""

    class Code(models.TextChoices):
        CHECK_VOIDED = "check_voided", "Your check no longer stands"
        SIGNATURE_VOIDED = "signature_voided", "Your signature no longer stands"
        SENT_BACK = "sent_back", "Sent back for retyping"
        RETURNED = "returned", "Returned undelivered"
        NOT_DELIVERED = "not_delivered", "Could not be delivered by hand"
        WITHDRAWN = "withdrawn", "Withdrawn"
        QUESTION = "question", "Admin has a question"
        ANSWER = "answer", "Your question is answered"
        NOT_EMAILED = "not_emailed", "Could not be sent by e-mail"
        EMAIL_RETURNED = "email_returned", "The e-mail came back undelivered"

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="notices")
    user = models.ForeignKey(User, models.PROTECT, related_name="notices")
    code = models.CharField(max_length=20, choices=Code.choices)
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "seen_at"])]

    def __str__(self) -> str:
        return f"notice {self.pk}"
