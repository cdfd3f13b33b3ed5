"""Cases: the children, their family and professionals, and where each can be written to."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMField

from postroom.cases.states import CASE_RULES, CaseState
from postroom.ledger.history import field_history
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

    history = field_history(excluded_fields=ENGINE_FIELDS)

    class Meta:
        ordering = ["-pk"]

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


class CasePerson(models.Model):
    """Somebody on a case: a child (with ICS number), family, or a professional (with organisation)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="people")
    relationship = models.CharField(max_length=12, choices=Relationship.choices)
    name = models.CharField(max_length=120, help_text="As it goes on the envelope, for example Ms Ada Sample.")
    salutation = models.CharField(max_length=120, blank=True, help_text="As after Dear, for example Ms Sample.")
    ics_number = models.CharField(max_length=20, blank=True, help_text="The child's number in ICS.")
    date_of_birth = models.DateField(null=True, blank=True)
    organisation = models.CharField(max_length=120, blank=True, help_text="For a professional: school, surgery, court.")
    is_active = models.BooleanField(default=True, help_text="No longer on the case: gets no new letters.")

    history = field_history()

    class Meta:
        ordering = ["case", "relationship", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(relationship=Relationship.CHILD.value) | ~Q(ics_number=""), name="child_has_ics_number"
            ),
            models.UniqueConstraint(fields=["ics_number"], condition=~Q(ics_number=""), name="ics_number_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_family(self) -> bool:
        """Family in the sense of OGP-7 to OGP-9."""
        return self.relationship != Relationship.PROFESSIONAL


class AddressSource(models.TextChoices):
    """Where an address comes from."""

    ICS = "ics", "ICS"
    VISIT = "visit", "A visit"
    PERSON = "person", "The person told us"
    PROFESSIONAL = "professional", "Another professional"


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

    history = field_history()

    class Meta:
        ordering = ["person", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_on__isnull=True, verified_by__isnull=True)
                | Q(verified_on__isnull=False, verified_by__isnull=False),
                name="verified_says_when_and_who",
            )
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
    def is_stale(self) -> bool:
        """Verified longer ago than the council allows; whoever chooses it is asked."""
        if self.verified_on is None:
            return True
        return timezone.localdate() - self.verified_on > dt.timedelta(days=settings.ADDRESS_STALE_AFTER_DAYS)
