"""A letter, and the frozen versions of what it says."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField

from letters.deadlines import late_at
from letters.formats import MADE
from letters.models.stock import EnvelopeStock, SignatureMedium
from letters.models.texts import OfficeTextVersion
from letters.permissions import RULES
from letters.states import STATE_NAMES, State
from letters.ways import BY_ROYAL_MAIL, IN_PERSON, SAFE, WAY_NAMES, Way
from postroom.cases.models import Address, Case, CasePerson
from postroom.cases.names import words_of
from postroom.files.models import StoredFile
from postroom.ledger.history import field_history
from postroom.people.models import Office, User
from postroom.steps.errors import NotPossible
from postroom.steps.models import StepSubject, declare_transitions
from postroom.steps.references import new_reference

CHECKED = [
    State.WORKER_CHECKED,
    State.SIGNED,
    State.ENVELOPED,
    State.POSTED,
    State.HANDED_OVER,
    State.UPLOADED,
    State.RETURNED,
    State.UNCERTAIN,
    State.EMAILED,
]
SIGNED = CHECKED[1:]
ENVELOPED = [State.ENVELOPED, State.POSTED, State.HANDED_OVER, State.UPLOADED, State.RETURNED]
GONE = ENVELOPED[1:]
# Sent by secure e-mail, or it may have been; in no envelope.
BY_EMAIL = [State.UNCERTAIN, State.EMAILED]
_EMAILED = Q(way=Way.SECURE_EMAIL.value)
# Nothing waits for anybody any more, save an upload or a proof that is still owed.
SETTLED = (State.UPLOADED, State.RETURNED, State.WITHDRAWN)
UNDER_WAY = [state.value for state in State if state not in SETTLED]


class PostClass(models.TextChoices):
    """Royal Mail's product. The two with Special Delivery Guaranteed are registered post, which is inland; the others
    below go abroad, the last in place of registered post: `Letter.service` names it."""

    FIRST = "first", "First class"
    SECOND = "second", "Second class"
    SPECIAL_1PM = "sd1pm", "Special Delivery Guaranteed by 1 pm"
    SPECIAL_9AM = "sd9am", "Special Delivery Guaranteed by 9 am"
    ABROAD_STANDARD = "intstd", "International Standard"
    ABROAD_ECONOMY = "inteco", "International Economy"
    ABROAD_SERVICE = "named", "The service abroad that the office named"


CLASSES: dict[Way, tuple[PostClass, ...]] = {
    Way.POST: (PostClass.FIRST, PostClass.SECOND),
    Way.REGISTERED_POST: (PostClass.SPECIAL_1PM, PostClass.SPECIAL_9AM),
}
CLASSES_ABROAD: dict[Way, tuple[PostClass, ...]] = {
    Way.POST: (PostClass.ABROAD_STANDARD, PostClass.ABROAD_ECONOMY),
    Way.REGISTERED_POST: (PostClass.ABROAD_SERVICE,),
}


class SignatureKind(models.TextChoices):
    """By the worker, or on the worker's behalf (OGP-3b)."""

    WORKER = "worker", "Signed by the worker"
    PP = "pp", "Signed for the worker (pp)"


class DueKind(models.TextChoices):
    """What the worker's date means."""

    POST_BY = "post_by", "Must be posted by"
    ARRIVE_BY = "arrive_by", "Must arrive by"


class Anew(models.TextChoices):
    """What a letter needs since something that it bears changed on the case. Empty: nothing. For lists; whether a step
    may be taken is asked of the case itself (letters.anew)."""

    TYPE = "type", "To be typed anew"
    TAKE_OUT = "take_out", "A name to be taken out of Copy to"
    ADDRESS = "address", "No address that it may go to"


class LetterFormat(models.TextChoices):
    """What the addressee can read."""

    STANDARD = "standard", "Ordinary print"
    LARGE_PRINT = "large_print", "Large print"
    EASY_READ = "easy_read", "Easy read"
    BRAILLE = "braille", "Braille"
    AUDIO = "audio", "Audio"
    LANGUAGE = "language", "Another language"


class SubjectKeyField(models.CharField):
    """The words of the row's own subject, worked out whenever the row is written, in bulk too."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = " ".join(words_of(model_instance.subject))[: self.max_length]  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, key)
        return key


class Letter(declare_transitions(RULES), StepSubject):  # type: ignore[misc]
    """One letter to one addressee. What was checked, signed, initialled and posted stands on the row itself, so
    that the database can refuse a letter that is further than its checks (the constraints below)."""

    ledger_kind = "letter"
    rules = RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="letters")
    office = models.ForeignKey(Office, models.PROTECT, related_name="letters")
    state = FSMField(default=State.DRAFTED, choices=[(s.value, STATE_NAMES[s]) for s in State], protected=True)
    state_since = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="letters_handed_over")

    addressee = models.ForeignKey(CasePerson, models.PROTECT, related_name="letters")
    address = models.ForeignKey(Address, models.PROTECT, related_name="letters")
    subject = models.CharField(max_length=120, blank=True, help_text="Below the window, never in it.")
    # Its words without case, accents and marks: what is typed into the search is looked up in them (LetterWords).
    subject_key = SubjectKeyField(max_length=240, editable=False, default="")
    draft_text = models.TextField(blank=True, help_text="What the worker handed over; stays as it was.")
    instructions = models.TextField(blank=True, help_text="From the worker to admin; not part of the letter.")

    way = models.CharField(max_length=15, choices=[(w.value, WAY_NAMES[w]) for w in Way], default=Way.POST)
    sensitive = models.BooleanField(default=False, help_text="Held to registered post or by hand (CLS-6).")
    # Empty: all the children of the case.
    about = models.ManyToManyField(CasePerson, related_name="letters_about", blank=True)
    # Whom the letter names as having a copy ("Copy to"): nobody unless its worker says so. In a draft alone.
    copies_to = models.ManyToManyField(CasePerson, related_name="named_on_letters", blank=True)
    # Written with the case's own steps and with typing, in their transaction (letters.actions.voiding).
    anew = models.CharField(max_length=8, choices=Anew.choices, blank=True, default="", editable=False)
    # Letters that were handed over together with one text share this; "" for one alone. It is shown nowhere.
    together = models.CharField(max_length=16, blank=True, default="", editable=False)
    due_kind = models.CharField("when it must go", max_length=9, choices=DueKind.choices, blank=True, default="")
    due_on = models.DateField("by which day", null=True, blank=True)
    due_why = models.CharField("why then", max_length=200, blank=True, default="")
    letter_format = models.CharField(
        "format", max_length=11, choices=LetterFormat.choices, default=LetterFormat.STANDARD
    )
    language = models.CharField(max_length=40, blank=True, default="", help_text="Only where it is another language.")
    # From this moment on it is late: My work sorts by it (letters.deadlines).
    late_at = models.DateTimeField(default=timezone.now, editable=False)

    current = models.OneToOneField(
        "LetterVersion", models.PROTECT, related_name="current_for", null=True, blank=True, editable=False
    )
    typed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)

    checked_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)

    signed_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    signed_at = models.DateTimeField(null=True, blank=True, editable=False)
    signature_kind = models.CharField(max_length=6, choices=SignatureKind.choices, blank=True, default="")
    signature_medium = models.CharField(max_length=6, choices=SignatureMedium.choices, blank=True, default="")
    signed_for = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    authority = models.CharField(max_length=160, blank=True, default="", editable=False)
    # True once paper that bears the signature is confirmed (paper), or the signed PDF is printed (screen).
    sheets_in_hand = models.BooleanField(default=False, editable=False)

    initialled_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    initials = models.CharField(max_length=5, blank=True, default="", editable=False)
    enveloped_at = models.DateTimeField(null=True, blank=True, editable=False)
    enveloped_on = models.DateField(null=True, blank=True, editable=False, help_text="Local date of enveloped_at.")

    locked_in_on = models.DateField(
        null=True, blank=True, editable=False, help_text="The last night it was locked away, having missed the bag."
    )

    # By hand: who has it with them, from when it left the office until it is handed over or back (letters.hooks).
    carried_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    taken_out_at = models.DateTimeField(null=True, blank=True, editable=False)

    posted_on = models.DateField(null=True, blank=True, editable=False)
    posted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    post_class = models.CharField(max_length=6, choices=PostClass.choices, blank=True, default="")
    # Abroad in place of registered post: the service by its name, as its office had it when it was posted.
    service = models.CharField(max_length=60, blank=True, default="", editable=False)

    # Registered post: the number on the receipt, and when Royal Mail says it was delivered.
    tracking_number = models.CharField(max_length=30, blank=True, default="", editable=False)
    delivered_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Into the person's own hands, by a worker or at reception. To whom and how is in `Handing`.
    handed_on = models.DateField(null=True, blank=True, editable=False)
    handed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)

    # By secure e-mail: where to, and who confirmed the addressee's right to it. `sends` counts the e-mails asked for,
    # each a job of its own in the outbox; `emailed_on` is the local day of the attempt.
    email = models.EmailField(blank=True, default="", editable=False)
    right_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    right_at = models.DateTimeField(null=True, blank=True, editable=False)
    right_basis = models.CharField(max_length=20, blank=True, default="", editable=False)
    sends = models.PositiveSmallIntegerField(default=0, editable=False)
    sending = models.BooleanField(default=False, editable=False)
    emailed_on = models.DateField(null=True, blank=True, editable=False)
    emailed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)

    uploaded_at = models.DateTimeField(null=True, blank=True, editable=False)
    ics_reference = models.CharField(max_length=60, blank=True, default="", editable=False)

    history = field_history(
        excluded_fields=["ledger_seq", "ledger_head", "version", "late_at", "subject_key", "together", "anew"]
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["office", "state", "late_at"]),
            models.Index(fields=["state", "late_at"]),
            models.Index(fields=["case", "-id"]),
            # An office's letters, newest first.
            models.Index(fields=["office", "-id"], name="letter_office_newest"),
            # Handed over in those weeks.
            models.Index(fields=["created_at"], name="letter_handed_over"),
            # Somebody's own work: of their cases, what is under way. One letter in hundreds, however many there are.
            models.Index(
                fields=["case", "state", "late_at"], name="letter_under_way", condition=Q(state__in=UNDER_WAY)
            ),
            # What somebody has with them: a handful, however many letters there are.
            models.Index(fields=["carried_by"], name="letter_carried", condition=Q(carried_by__isnull=False)),
            # What changed under it: a handful, however many letters there are.
            models.Index(fields=["office", "state", "late_at"], name="letter_anew", condition=~Q(anew="")),
            # A day's bag.
            models.Index(fields=["office", "posted_on"], name="letter_bag", condition=Q(posted_on__isnull=False)),
            # Gone, and not on the case record yet: chased, and behind the figures.
            models.Index(
                fields=["office", "posted_on"],
                name="letter_upload_owed",
                condition=Q(posted_on__isnull=False, uploaded_at__isnull=True),
            ),
            # The same, newest first: sorting them had PostgreSQL start a second process for a page of fifty.
            models.Index(
                fields=["office", "-id"],
                name="letter_owed_newest",
                condition=Q(posted_on__isnull=False, uploaded_at__isnull=True),
            ),
            # Handed over, or sent by secure e-mail, and not on the case record: behind the figure of it.
            models.Index(
                fields=["office", "-id"],
                name="letter_handed_owed",
                condition=Q(handed_on__isnull=False, uploaded_at__isnull=True),
            ),
            models.Index(
                fields=["office", "-id"],
                name="letter_emailed_owed",
                condition=Q(emailed_on__isnull=False, uploaded_at__isnull=True),
            ),
            # Signed pp and posted, newest first: behind the figure of it.
            models.Index(
                fields=["office", "-id"],
                name="letter_pp_posted",
                condition=Q(signature_kind=SignatureKind.PP.value, posted_on__isnull=False),
            ),
            # What ended otherwise, newest first: one letter in hundreds.
            models.Index(
                fields=["state", "-id"],
                name="letter_ended_otherwise",
                condition=Q(state__in=[State.WITHDRAWN.value, State.RETURNED.value]),
            ),
            # What registered post still owes its proof of.
            models.Index(
                fields=["office", "posted_on"],
                name="letter_proof_owed",
                condition=Q(way=Way.REGISTERED_POST.value, delivered_at__isnull=True, posted_on__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(State)), name="letter_state_known"),
            models.CheckConstraint(
                condition=Q(due_kind="", due_on__isnull=True, due_why="")
                | Q(due_kind__in=DueKind.values, due_on__isnull=False) & ~Q(due_why=""),
                name="letter_due_says_why",
            ),
            models.CheckConstraint(
                condition=Q(letter_format=LetterFormat.LANGUAGE.value) & ~Q(language="")
                | ~Q(letter_format=LetterFormat.LANGUAGE.value) & Q(language=""),
                name="letter_language_named",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CHECKED)
                | Q(current__isnull=False, checked_by__isnull=False, checked_at__isnull=False)
                & ~Q(content_hash="")
                & Q(checked_hash=F("content_hash")),
                name="letter_checked_as_it_is",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CHECKED) | ~Q(checked_by=F("typed_by")), name="letter_typist_never_checks"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=SIGNED)
                | Q(signed_by__isnull=False, signed_at__isnull=False, signed_hash=F("content_hash"))
                & ~Q(signature_kind="")
                & ~Q(signature_medium=""),
                name="letter_signed_as_it_is",
            ),
            models.CheckConstraint(
                condition=~Q(signature_kind=SignatureKind.PP.value)
                | Q(signed_for__isnull=False) & ~Q(authority="") & ~Q(signed_for=F("signed_by")),
                name="letter_pp_has_authority",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ENVELOPED)
                | Q(state__in=GONE) & _EMAILED
                | Q(initialled_by__isnull=False, enveloped_on__isnull=False, sheets_in_hand=True)
                & ~Q(initials="")
                & ~Q(initialled_by=F("signed_by")),
                name="letter_initialled_by_another",
            ),
            models.CheckConstraint(
                condition=Q(carried_by__isnull=True, taken_out_at__isnull=True)
                | Q(
                    carried_by__isnull=False,
                    taken_out_at__isnull=False,
                    way=Way.BY_HAND.value,
                    state=State.ENVELOPED.value,
                ),
                name="letter_carried_in_its_envelope",
            ),
            models.CheckConstraint(condition=Q(way__in=[w.value for w in Way]), name="letter_way_known"),
            models.CheckConstraint(
                condition=Q(sensitive=False) | Q(way__in=[w.value for w in SAFE]), name="letter_sensitive_goes_safely"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=GONE)
                | Q(way__in=[w.value for w in BY_ROYAL_MAIL], posted_on__isnull=False, posted_by__isnull=False)
                & Q(posted_on__gte=F("enveloped_on"))
                | Q(way__in=[w.value for w in IN_PERSON], handed_on__isnull=False, handed_by__isnull=False)
                & Q(handed_on__gte=F("enveloped_on"))
                | Q(state__in=[State.UPLOADED, State.RETURNED], emailed_on__isnull=False) & _EMAILED,
                name="letter_gone_after_envelope",
            ),
            models.CheckConstraint(
                condition=Q(posted_on__isnull=True, post_class="", tracking_number="", service="")
                | Q(
                    way=Way.POST.value,
                    post_class__in=["first", "second", "intstd", "inteco"],
                    tracking_number="",
                    service="",
                )
                | Q(way=Way.REGISTERED_POST.value, post_class__in=["sd1pm", "sd9am"], service="")
                & ~Q(tracking_number="")
                | Q(way=Way.REGISTERED_POST.value, post_class="named") & ~Q(tracking_number="") & ~Q(service=""),
                name="letter_class_fits_its_way",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.POSTED, State.RETURNED])
                | Q(posted_on__isnull=False)
                | Q(state=State.RETURNED, emailed_on__isnull=False),
                name="letter_posted_has_its_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.HANDED_OVER.value) | Q(handed_on__isnull=False),
                name="letter_handed_over_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(posted_on__isnull=True, handed_on__isnull=True)
                | Q(posted_on__isnull=True, emailed_on__isnull=True)
                | Q(handed_on__isnull=True, emailed_on__isnull=True),
                name="letter_goes_one_way",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=BY_EMAIL) | Q(emailed_on__isnull=False), name="letter_emailed_has_its_day"
            ),
            models.CheckConstraint(
                condition=Q(emailed_on__isnull=True)
                | Q(
                    right_by__isnull=False,
                    right_at__isnull=False,
                    emailed_by__isnull=False,
                    sends__gte=1,
                    signature_medium=SignatureMedium.SCREEN.value,
                )
                & _EMAILED
                & ~Q(email="")
                & ~Q(right_basis="")
                & ~Q(letter_format__in=MADE),
                name="letter_emailed_whole",
            ),
            models.CheckConstraint(
                condition=Q(sending=False) | Q(state__in=[State.SIGNED.value, State.UNCERTAIN.value]) & _EMAILED,
                name="letter_sending_by_email",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(way=Way.REGISTERED_POST.value, posted_on__isnull=False),
                name="letter_delivery_of_registered_post",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.UPLOADED.value) | Q(uploaded_at__isnull=False) & ~Q(ics_reference=""),
                name="letter_uploaded_has_reference",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps `late_at` with what it comes from."""
        self.late_at = late_at(self.state_since, self.due_kind, self.due_on)
        super().save(*args, **kwargs)

    @property
    def ledger_key(self) -> str:
        return self.reference

    @property
    def state_name(self) -> str:
        """The state in words."""
        return STATE_NAMES[State(self.state)]

    @property
    def class_words(self) -> str:
        """What it was posted by, in words; "" before that."""
        return self.service or (str(PostClass(self.post_class).label) if self.post_class else "")

    @property
    def typed_version(self) -> LetterVersion:
        """What the letter says now. Raises NotPossible while nothing has been typed."""
        if self.current is None:
            raise NotPossible("Nothing has been typed yet.")
        return self.current

    @property
    def upload_owed(self) -> bool:
        """Gone, and not on the case record yet; stays due when the letter comes back."""
        went = self.posted_on or self.handed_on or (self.emailed_on if self.state != State.UNCERTAIN else None)
        return went is not None and self.uploaded_at is None

    @property
    def proof_owed(self) -> bool:
        """Gone by registered post, and nobody has recorded yet when and to whom it was delivered."""
        return self.way == Way.REGISTERED_POST and self.posted_on is not None and self.delivered_at is None


class LetterVersion(models.Model):
    """What a letter says, frozen: the content as JSON text, its salted hash, and the PDF's bytes by hash.

    Rows never change but for `pdf_sha256` being filled at the first look (a trigger holds the rest).
    """

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.TextField(help_text="Canonical JSON of letters.rendering.LetterContent.")
    salt = models.CharField(max_length=32)
    content_hash = models.CharField(max_length=64)
    # Of a letter handed over together with others: of what it has in common with them (letters.shared).
    text_hash = models.CharField(max_length=64, blank=True, default="")
    body = models.TextField()
    address = models.ForeignKey(Address, models.PROTECT, related_name="letter_versions")
    stock = models.ForeignKey(EnvelopeStock, models.PROTECT, related_name="+")
    stock_figures = models.JSONField(help_text="The stock's figures as they stood, mm.")
    # In whose name it goes out; whoever pp's signs for this person.
    signatory = models.ForeignKey(User, models.PROTECT, related_name="+")
    typed_by = models.ForeignKey(User, models.PROTECT, related_name="versions_typed")
    typed_at = models.DateTimeField(default=timezone.now)
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    sheets = models.PositiveSmallIntegerField(
        default=0, help_text="Pages, each a sheet where one side is printed; 0 until rendered."
    )
    taken_over = models.BooleanField(default=False, help_text="The worker's draft, unchanged, in one step.")
    texts = models.ManyToManyField(OfficeTextVersion, related_name="letter_versions", blank=True)

    class Meta:
        ordering = ["letter", "-number"]
        constraints = [models.UniqueConstraint(fields=["letter", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.letter_id} version {self.number}"

    @property
    def as_content(self) -> dict[str, Any]:
        """The frozen content as plain data."""
        data: dict[str, Any] = json.loads(self.content)
        return data


class WorkingText(models.Model):
    """What admin is typing and hasn't finished: saved as they type, not part of the record until typed."""

    letter = models.OneToOneField(Letter, models.PROTECT, related_name="working")
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # Counts the saves: a second tab or person is told instead of overwriting.
    edition = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"working text of {self.letter_id}"
