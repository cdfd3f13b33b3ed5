"""Cases: the children, their family and professionals, and where each can be written to."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMField

from postroom.cases.handed_models import HandedOn, HandedOnItem, HandedOnSeen
from postroom.cases.names import name_key
from postroom.cases.states import CASE_RULES, CaseState
from postroom.files.models import StoredFile
from postroom.ledger.history import field_history
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import Office, Team, User
from postroom.steps.models import StepSubject, declare_transitions
from postroom.steps.references import new_reference

ENGINE_FIELDS = ["ledger_seq", "ledger_head", "version", "content_hash"]


class Case(declare_transitions(CASE_RULES), StepSubject):  # type: ignore[misc]
    """One family's case as ICS knows it. "The worker" of its letters is its allocated worker."""

    ledger_kind = "case"
    rules = CASE_RULES

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="cases")
    team = models.ForeignKey(Team, models.PROTECT, related_name="cases", null=True, blank=True)
    allocated_worker = models.ForeignKey(User, models.PROTECT, related_name="allocated_cases", null=True, blank=True)
    state = FSMField(default=CaseState.OPEN, choices=[(s.value, s.value.title()) for s in CaseState], protected=True)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    ics_reference = models.CharField(max_length=20, blank=True, default="", help_text="The case's number in ICS.")
    # For named people only (`CaseAccess`); the others don't learn that it exists.
    is_restricted = models.BooleanField(default=False, editable=False)

    history = field_history(excluded_fields=ENGINE_FIELDS)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["id"], name="case_restricted", condition=Q(is_restricted=True))]
        constraints = [
            models.UniqueConstraint(fields=["ics_reference"], condition=~Q(ics_reference=""), name="ics_case_once")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def ledger_key(self) -> str:
        return self.reference


class Relationship(models.TextChoices):
    """How somebody belongs to the case. Child, parent and carer are all "family" to the policy."""

    CHILD = "child", "Child"
    PARENT = "parent", "Parent"
    CARER = "carer", "Carer"
    RELATIVE = "relative", "Other family"
    PROFESSIONAL = "professional", "Professional"


class NameKeyField(models.CharField):
    """The key of the row's own name, worked out whenever the row is written, in bulk too."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = name_key(model_instance.name)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, key)
        return key


class CasePerson(models.Model):
    """Somebody on a case: a child (with ICS number), family, or a professional (with organisation)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="people")
    relationship = models.CharField(max_length=12, choices=Relationship.choices)
    name = models.CharField(max_length=120, help_text="As it goes on the envelope, for example Ms Ada Sample.")
    salutation = models.CharField(max_length=120, blank=True, help_text="As after Dear, for example Ms Sample.")
    ics_number = models.CharField(max_length=20, blank=True, help_text="The child's number in ICS.")
    ics_id = models.CharField(max_length=20, blank=True, default="", help_text="The person's number in ICS.")
    date_of_birth = models.DateField(null=True, blank=True)
    organisation = models.CharField(max_length=120, blank=True, help_text="For a professional: school, surgery, court.")
    email = models.EmailField(blank=True, help_text="For a professional only: family is never e-mailed.")
    mobile = models.CharField(max_length=20, blank=True, help_text="For a professional; as +44 and digits.")
    no_fixed_abode = models.BooleanField(default=False, help_text="Nothing can be posted: by hand only.")
    safe_to_post = models.BooleanField(default=True, help_text="Unticked: post could harm them. By hand only.")
    unsafe_why = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True, help_text="No longer on the case: gets no new letters.")
    # The name without title, case, accents and marks: what a letter's words are looked up in.
    name_key = NameKeyField(max_length=120, editable=False, default="", db_index=True)

    history = field_history(excluded_fields=["name_key"])

    class Meta:
        ordering = ["case", "relationship", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(relationship=Relationship.CHILD.value) | ~Q(ics_number=""), name="child_has_ics_number"
            ),
            models.UniqueConstraint(fields=["ics_number"], condition=~Q(ics_number=""), name="ics_number_once"),
            models.UniqueConstraint(fields=["case", "ics_id"], condition=~Q(ics_id=""), name="ics_id_once_a_case"),
            models.CheckConstraint(
                condition=Q(relationship=Relationship.PROFESSIONAL.value) | Q(email="", mobile=""),
                name="only_professionals_are_emailed",
            ),
            models.CheckConstraint(condition=Q(safe_to_post=True) | ~Q(unsafe_why=""), name="unsafe_person_says_why"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_family(self) -> bool:
        """Family in the sense of OGP-7 to OGP-9."""
        return self.relationship != Relationship.PROFESSIONAL

    @property
    def why_by_hand(self) -> str:
        """Why nothing may be posted to them at all, in a sentence; empty if it may."""
        if self.no_fixed_abode:
            return "They have no fixed abode: hand it over in person."
        return "" if self.safe_to_post else "Post is not safe for this person: hand it over in person."


class AddressSource(models.TextChoices):
    """Where an address comes from."""

    ICS = "ics", "ICS"
    VISIT = "visit", "A visit"
    PERSON = "person", "The person told us"
    PROFESSIONAL = "professional", "Another professional"


class Area(models.TextChoices):
    """Where an address lies, towards the council's area. Jersey, Guernsey and the Isle of Man are out of area."""

    IN = "in", "In the council's area"
    OUT = "out", "Out of area"
    ABROAD = "abroad", "Abroad"


class Confidential(models.TextChoices):
    """Whose address nobody may learn who needn't use it (CLS-5)."""

    CARER = "carer", "Foster carer"
    ADOPTER = "adopter", "Adopter"
    REFUGE = "refuge", "Refuge"
    OTHER = "other", "Another reason"


class Address(models.Model):
    """Where somebody can be written to. Its lines never change: a new address is a new row, the old one is retired.

    So a letter that points to a row can be trusted to mean those lines, and a retired row voids what was prepared.
    """

    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="addresses")
    lines = models.TextField(help_text="One line each, postcode last; without the person's name.")
    source = models.CharField(max_length=12, choices=AddressSource.choices)
    verified_on = models.DateField(null=True, blank=True)
    verified_by = models.ForeignKey(User, models.PROTECT, related_name="addresses_verified", null=True, blank=True)
    in_doubt = models.BooleanField(default=False)
    doubt_reason = models.CharField(max_length=200, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Proposed by the postcode; holds once somebody confirmed it.
    area = models.CharField(max_length=6, choices=Area.choices, blank=True, default="")
    area_confirmed_on = models.DateField(null=True, blank=True)
    area_confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    safe_to_post = models.BooleanField(default=True, help_text="Unticked: post to here could harm somebody.")
    unsafe_why = models.CharField(max_length=200, blank=True)
    is_confidential = models.BooleanField(default=False, help_text="Shown only to those who must use it (CLS-5).")
    confidential_kind = models.CharField(max_length=8, choices=Confidential.choices, blank=True, default="")
    confidential_why = models.CharField(max_length=200, blank=True)
    # What ICS said last of this address, and when; ICS is the master.
    in_ics_on = models.DateField(null=True, blank=True)

    history = field_history()

    class Meta:
        ordering = ["person", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_on__isnull=True, verified_by__isnull=True)
                | Q(verified_on__isnull=False, verified_by__isnull=False),
                name="verified_says_when_and_who",
            ),
            models.CheckConstraint(
                condition=Q(area_confirmed_on__isnull=True, area_confirmed_by__isnull=True)
                | Q(area_confirmed_on__isnull=False, area_confirmed_by__isnull=False) & ~Q(area=""),
                name="area_says_when_and_who",
            ),
            models.CheckConstraint(condition=Q(safe_to_post=True) | ~Q(unsafe_why=""), name="unsafe_address_says_why"),
            models.CheckConstraint(
                condition=Q(is_confidential=False, confidential_kind="", confidential_why="")
                | Q(is_confidential=True) & ~Q(confidential_kind=""),
                name="confidential_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"

    @property
    def line_list(self) -> list[str]:
        """The lines without blank ones and without the name."""
        return [line.strip() for line in self.lines.splitlines() if line.strip()]

    @property
    def is_usable(self) -> bool:
        """Verified, not in doubt, not retired: a letter may go there (CLS-6)."""
        return self.retired_at is None and not self.in_doubt and self.verified_on is not None

    @property
    def why_not_by_post(self) -> str:
        """Why nothing may be posted here, in a sentence; empty if it may. Reads the person."""
        if why := self.person.why_by_hand:
            return why
        if not self.safe_to_post:
            return "Post to this address is not safe: use another address, or hand it over in person."
        return ""

    @property
    def is_out_of_area(self) -> bool:
        """Out of the council's area as somebody confirmed it. Not confirmed counts as in area, the stricter way."""
        return self.area_confirmed_by_id is not None and self.area in (Area.OUT, Area.ABROAD)

    @property
    def is_stale(self) -> bool:
        """Verified longer ago than the council allows; whoever chooses it is asked."""
        if self.verified_on is None:
            return True
        return timezone.localdate() - self.verified_on > dt.timedelta(days=settings.ADDRESS_STALE_AFTER_DAYS)


class IcsQuery(models.Model):
    """ICS is wrong about somebody's address or details: told to whoever keeps ICS, and listed until it is settled."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="ics_queries")
    person = models.ForeignKey(CasePerson, models.PROTECT, related_name="ics_queries")
    address = models.ForeignKey(Address, models.PROTECT, related_name="ics_queries", null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    settled_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["id"], name="ics_query_open", condition=Q(settled_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "address"], condition=Q(settled_at__isnull=True), name="ics_query_once"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="ics_query_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"ICS query {self.pk}"


class IcsImport(LedgerSubject):
    """One file from ICS: previewed, then taken over, case by case, in the worker."""

    ledger_kind = "ics_import"

    class State(models.TextChoices):
        READING = "reading", "Being read"
        READY = "ready", "Ready to take over"
        TAKING = "taking", "Being taken over"
        DONE = "done", "Taken over"
        REFUSED = "refused", "Can't be read"

    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    as_of = models.DateField(help_text="The day on which ICS said this.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.READING)
    why_refused = models.CharField(max_length=200, blank=True, default="")
    cases_total = models.PositiveIntegerField(default=0)
    cases_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.reference

    @property
    def ledger_key(self) -> str:
        return self.reference


class IcsLine(models.Model):
    """What one row of a file from ICS comes to: new, changed or refused, and why. One that changes nothing has none."""

    class Kind(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        REFUSED = "refused", "Refused"

    of = models.ForeignKey(IcsImport, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField(help_text="The row in the file; the head is row 1.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    words = models.CharField(max_length=300, help_text="What differs, or why it was refused; never an address.")

    class Meta:
        ordering = ["of", "number"]
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="ics_line_once")]
        indexes = [models.Index(fields=["of", "kind", "number"])]

    def __str__(self) -> str:
        return f"row {self.number}"


class MustNotKnow(models.Model):
    """Two people on a case, neither of whom may learn the other's address or what is written to them."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="kept_apart")
    a = models.ForeignKey(CasePerson, models.PROTECT, related_name="+")
    b = models.ForeignKey(CasePerson, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["a"]), models.Index(fields=["b"])]
        constraints = [
            # The lower id comes first, so that a pair is one row whichever way it is asked for.
            models.CheckConstraint(condition=Q(a__lt=F("b")), name="must_not_know_in_order"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="must_not_know_lifted_by_somebody",
            ),
            models.UniqueConstraint(fields=["a", "b"], condition=Q(lifted_at__isnull=True), name="must_not_know_once"),
        ]

    def __str__(self) -> str:
        return f"must not know {self.pk}"


class CaseAccess(models.Model):
    """One person named on a restricted case, or barred from a case. Rows end, they are never deleted."""

    class Kind(models.TextChoices):
        NAMED = "named", "Named"
        BARRED = "barred", "Barred"

    case = models.ForeignKey(Case, models.PROTECT, related_name="access")
    user = models.ForeignKey(User, models.PROTECT, related_name="case_access")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    since = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["user", "kind"], name="case_access_of", condition=Q(ended_at__isnull=True))]
        constraints = [
            # Named or barred, not both at once.
            models.UniqueConstraint(fields=["case", "user"], condition=Q(ended_at__isnull=True), name="access_once")
        ]

    def __str__(self) -> str:
        return f"access {self.pk}"


# Told to Django with the others; who uses them imports them from where they are.
_ALSO = (HandedOn, HandedOnItem, HandedOnSeen)
