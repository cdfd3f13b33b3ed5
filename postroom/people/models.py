"""People, offices and who may do what where, each with the dates it holds for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from postroom.ledger.history import field_history
from postroom.ledger.subjects import LedgerSubject
from postroom.people.roles import GRANTABLE, OFFICE_ROLES, ROLE_NAMES, Role


class Office(LedgerSubject):
    """A district office: what stands on its letterhead and on the back of its envelopes."""

    ledger_kind = "office"

    code = models.SlugField(max_length=12, unique=True, help_text="Short name in web addresses, for example riv.")
    name = models.CharField(max_length=80, unique=True)
    address = models.TextField(help_text="One line each, postcode last. It is the return address.")
    # What stands before it on a return label; empty: the council's own (RETURN_PREFIX).
    label_prefix = models.CharField(max_length=20, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    letterhead = models.CharField(
        max_length=120, blank=True, help_text="The line under the council's name on letters; may be left empty."
    )
    is_active = models.BooleanField(default=True)

    history = field_history(excluded_fields=["ledger_seq", "ledger_head"])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_key(self) -> str:
        return self.code

    @property
    def address_lines(self) -> list[str]:
        """The return address, a line each, without the council's prefix."""
        return [line.strip() for line in self.address.splitlines() if line.strip()]


class OfficeChange(models.Model):
    """An office's details from a day on: put on its row when the day comes (`applied_at`), or withdrawn before it."""

    DETAILS: ClassVar[tuple[str, ...]] = ("name", "address", "label_prefix", "phone", "email", "letterhead")

    office = models.ForeignKey(Office, models.PROTECT, related_name="changes")
    starts = models.DateField()
    # Empty only where it was entered before names had a day: the name stays.
    name = models.CharField(max_length=80, blank=True, default="")
    address = models.TextField()
    label_prefix = models.CharField(max_length=20, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    letterhead = models.CharField(max_length=120, blank=True)
    made_by = models.ForeignKey("User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("User", models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["starts", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "starts"], condition=Q(withdrawn_at__isnull=True), name="one_office_change_a_day"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, applied_at__isnull=True),
                name="office_change_withdrawn_before_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} from {self.starts}"

    def details(self) -> dict[str, str]:
        """What the office has from that day on, by the field's name."""
        return {name: getattr(self, name) for name in self.DETAILS if name != "name" or self.name}


class Team(models.Model):
    """A team within an office."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["office__name", "name"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="team_once_per_office")]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Accounts by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new account; without a password it can't sign in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(LedgerSubject, AbstractBaseUser):
    """A person who signs in. Accounts are made inactive, never deleted: what they did stays theirs."""

    ledger_kind = "person"
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    initials = models.CharField(max_length=5, help_text="As written on the back of the envelope.")
    job_title = models.CharField(max_length=80, blank=True)
    office = models.ForeignKey(Office, models.PROTECT, related_name="people", null=True, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="people", null=True, blank=True)
    line_manager = models.ForeignKey("self", models.PROTECT, related_name="reports", null=True, blank=True)
    is_active = models.BooleanField(default=True)

    objects = UserManager()
    history = field_history(excluded_fields=["password", "last_login", "ledger_seq", "ledger_head"])

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(line_manager__isnull=True) | ~Q(line_manager=F("pk")), name="nobody_manages_themselves"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_key(self) -> str:
        return str(self.pk)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class DatedQuerySet(models.QuerySet[Any]):
    """Rows that hold from a first to a last day, both included."""

    def on(self, day: dt.date) -> DatedQuerySet:
        """Those that hold on `day` (a local date)."""
        return self.filter(starts__lte=day).filter(Q(ends__isnull=True) | Q(ends__gte=day))


class RoleGrant(models.Model):
    """A role that somebody holds, at one office or for the whole council, from a day to a day."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=40, choices=[(r.value, ROLE_NAMES[r]) for r in GRANTABLE])
    office = models.ForeignKey(Office, models.PROTECT, related_name="grants", null=True, blank=True)
    starts = models.DateField(default=timezone.localdate)
    ends = models.DateField(null=True, blank=True, help_text="The last day; empty: until changed.")
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="grants_given", null=True, blank=True)
    # Given by a manager of that office, for named days: admin duty, or cover (actions.cover).
    is_cover = models.BooleanField(default=False)

    objects = DatedQuerySet.as_manager()
    history = field_history()

    class Meta:
        indexes = [models.Index(fields=["user", "role"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")), name="nobody_grants_themselves"
            ),
            models.CheckConstraint(condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="grant_ends_after"),
            models.CheckConstraint(condition=~Q(role=Role.DUTY_WORKER.value), name="duty_comes_from_the_rota"),
            models.CheckConstraint(
                condition=Q(role__in=sorted(OFFICE_ROLES), office__isnull=False)
                | (~Q(role__in=sorted(OFFICE_ROLES)) & Q(office__isnull=True)),
                name="office_role_names_its_office",
            ),
            models.CheckConstraint(
                condition=Q(is_cover=False) | Q(office__isnull=False, granted_by__isnull=False, ends__isnull=False),
                name="cover_has_its_days_and_giver",
            ),
        ]

    def __str__(self) -> str:
        cover = ", cover" if self.is_cover else ""
        return f"{ROLE_NAMES[Role(self.role)]}{f' at {self.office}' if self.office_id else ''}{cover}"


class HalfDay(models.TextChoices):
    """The two shifts of the duty rota."""

    MORNING = "am", "Morning"
    AFTERNOON = "pm", "Afternoon"


class DutySlot(models.Model):
    """Who is on duty at an office in one half-day. Only social workers; nobody puts themselves on."""

    office = models.ForeignKey(Office, models.PROTECT, related_name="duty_slots")
    user = models.ForeignKey(User, models.PROTECT, related_name="duty_slots")
    day = models.DateField()
    half = models.CharField(max_length=2, choices=HalfDay.choices)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="duty_slots_set")

    class Meta:
        ordering = ["day", "half", "user__name"]
        constraints = [
            models.UniqueConstraint(fields=["office", "user", "day", "half"], name="once_on_duty"),
            models.CheckConstraint(condition=~Q(set_by=F("user")), name="nobody_puts_themselves_on_duty"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.half}"


class Deputy(models.Model):
    """A dated deputy for the one holder of a role; acts when the holder is away or involved."""

    role = models.CharField(max_length=40, choices=[(r.value, ROLE_NAMES[r]) for r in GRANTABLE])
    user = models.ForeignKey(User, models.PROTECT, related_name="deputy_for")
    starts = models.DateField()
    ends = models.DateField()
    named_by = models.ForeignKey(User, models.PROTECT, related_name="deputies_named")

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="deputy_ends_after"),
            models.CheckConstraint(condition=~Q(named_by=F("user")), name="nobody_deputises_themselves"),
        ]

    def __str__(self) -> str:
        return f"{ROLE_NAMES[Role(self.role)]}, {self.starts} to {self.ends}"


def half_day_at(moment: dt.datetime) -> tuple[dt.date, HalfDay]:
    """The local day and half-day of the rota that `moment` (aware) falls in."""
    local = timezone.localtime(moment)
    afternoon = local.hour >= settings.ROTA_AFTERNOON_FROM_HOUR
    return local.date(), HalfDay.AFTERNOON if afternoon else HalfDay.MORNING


__all__: Sequence[str] = [
    "Deputy",
    "DutySlot",
    "HalfDay",
    "Office",
    "OfficeChange",
    "RoleGrant",
    "Team",
    "User",
    "half_day_at",
]
