"""What policy demands after a breach or near miss: kind of event → whom, by when, with what evidence. Pure data.

Source: OGP-11 and CLS-7 to CLS-15. The clauses say whom; where they leave the time open, it is a named figure with a
default that a council may change (`docs/decisions/0007-duties.md`). The decision of the Assistant Director with the
Caldicott Guardian (CLS-15) and the assessment (CLS-8) are steps of the case, not duties.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from breaches.clocks import hours_after, working_days_due


class Kind(StrEnum):
    """What happened. An event can be several at once: a bag stolen, and a letter in it read by somebody."""

    NEAR_MISS = "near_miss"
    DISCLOSURE = "disclosure"
    LOSS = "loss"
    THEFT = "theft"


class Duty(StrEnum):
    """What has to be done, in the order in which people see it."""

    FORM = "form"
    POLICE = "police"
    LINE_MANAGER = "line_manager"
    GOVERNANCE = "governance"
    DIRECTOR_REPORT = "director_report"
    CALDICOTT_GUARDIAN = "caldicott_guardian"
    BUSINESS_IMPROVEMENT_MANAGER = "business_improvement_manager"
    RECORDS_MANAGER = "records_manager"
    COMMISSIONER = "commissioner"
    SERVICE_USER_MEETING = "service_user_meeting"
    SERVICE_USER_LETTER = "service_user_letter"
    INSURERS = "insurers"
    MEDIA = "media"
    RECORDS_MANAGER_REPORT = "records_manager_report"


class Party(StrEnum):
    """Who is told or asked; for a report, who prepares it (the records manager) or gets it (the Director)."""

    INFORMATION_GOVERNANCE = "information_governance"
    POLICE = "police"
    LINE_MANAGER = "line_manager"
    GOVERNANCE_TEAM = "governance_team"
    DIRECTOR = "director"
    CALDICOTT_GUARDIAN = "caldicott_guardian"
    BUSINESS_IMPROVEMENT_MANAGER = "business_improvement_manager"
    RECORDS_MANAGER = "records_manager"
    COMMISSIONER = "commissioner"
    SERVICE_USER = "service_user"
    INSURANCE_SECTION = "insurance_section"
    MEDIA_OFFICE = "media_office"


# As people read them.
PARTY_NAMES: dict[Party, str] = {
    Party.INFORMATION_GOVERNANCE: "Information Governance",
    Party.POLICE: "Police",
    Party.LINE_MANAGER: "Line manager",
    Party.GOVERNANCE_TEAM: "Governance Team",
    Party.DIRECTOR: "Director",
    Party.CALDICOTT_GUARDIAN: "Caldicott Guardian",
    Party.BUSINESS_IMPROVEMENT_MANAGER: "Business Improvement Manager",
    Party.RECORDS_MANAGER: "Information & Records Manager",
    Party.COMMISSIONER: "Information Commissioner",
    Party.SERVICE_USER: "Service user",
    Party.INSURANCE_SECTION: "Insurance Section",
    Party.MEDIA_OFFICE: "Media office",
}


class Evidence(StrEnum):
    """What proves a duty done."""

    REFERENCE = "reference"  # the other side's: crime reference, form number, claim
    NOTE = "note"  # who was told, when and how
    FILE = "file"  # the report itself
    DECISION = "decision"  # yes or no, with its reason
    MEETING = "meeting"  # when it took place, and with whom
    LETTER = "letter"  # a letter in Postroom, linked


class Unit(StrEnum):
    """What a figure counts."""

    HOURS = "hours"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True)
class Due:
    """By when: the name of its figure, what that counts, and from when: becoming aware, or another duty settled."""

    setting: str
    unit: Unit
    after: Duty | None = None


@dataclass(frozen=True)
class Row:
    """One duty: of which kinds of event it is demanded, whom it concerns, by when, and what proves it done."""

    duty: Duty
    kinds: frozenset[Kind]
    whom: Party
    due: Due
    evidence: Evidence
    clauses: tuple[str, ...]
    words: str


# The figures by the names of their settings, with their defaults; 0 hours is at once.
DEFAULT_TIMES: Mapping[str, int] = {
    "BREACH_FORM_HOURS": 0,
    "BREACH_POLICE_HOURS": 0,
    "BREACH_LINE_MANAGER_HOURS": 0,
    "BREACH_GOVERNANCE_HOURS": 24,
    "BREACH_DIRECTOR_HOURS": 24,
    "BREACH_CALDICOTT_GUARDIAN_HOURS": 24,
    "BREACH_BUSINESS_IMPROVEMENT_MANAGER_HOURS": 24,
    "BREACH_RECORDS_MANAGER_HOURS": 24,
    "BREACH_MEDIA_HOURS": 24,
    "BREACH_SERVICE_USER_MEETING_HOURS": 72,
    "BREACH_SERVICE_USER_LETTER_WORKING_DAYS": 2,
    "BREACH_INSURERS_WORKING_DAYS": 2,
    "BREACH_RECORDS_MANAGER_REPORT_WORKING_DAYS": 10,
    "BREACH_COMMISSIONER_HOURS": 72,
}
# Hours from becoming aware at which people are told that the Commissioner's clock runs.
DEFAULT_ESCALATIONS: tuple[int, ...] = (24, 48, 66)
COMMISSIONER_HOURS = 72  # Article 33: a council may ask for less, never for more

_BREACH = frozenset({Kind.DISCLOSURE, Kind.LOSS, Kind.THEFT})
_GONE = frozenset({Kind.LOSS, Kind.THEFT})
_ALL = frozenset(Kind)


def _hours(name: str) -> Due:
    return Due(f"BREACH_{name}_HOURS", Unit.HOURS)


def _working_days(name: str, after: Duty | None = None) -> Due:
    return Due(f"BREACH_{name}_WORKING_DAYS", Unit.WORKING_DAYS, after)


# fmt: off
DUTIES: tuple[Row, ...] = (
    Row(Duty.FORM, _ALL, Party.INFORMATION_GOVERNANCE, _hours("FORM"), Evidence.REFERENCE, ("OGP-11",),
        "Report it on the Security Incident/Data Breach Form."),
    Row(Duty.POLICE, _GONE, Party.POLICE, _hours("POLICE"), Evidence.REFERENCE, ("CLS-7",),
        "Report the loss or theft to the police and keep the crime reference."),
    Row(Duty.LINE_MANAGER, _GONE, Party.LINE_MANAGER, _hours("LINE_MANAGER"), Evidence.NOTE, ("CLS-7",),
        "Pass the details of the loss or theft to the line manager."),
    Row(Duty.GOVERNANCE, _ALL, Party.GOVERNANCE_TEAM, _hours("GOVERNANCE"), Evidence.NOTE, ("CLS-10",),
        "Tell the Governance Team."),
    Row(Duty.DIRECTOR_REPORT, _BREACH, Party.DIRECTOR, _hours("DIRECTOR"), Evidence.FILE, ("CLS-8",),
        "Give the Director a detailed report: what was disclosed, lost or stolen, the risks, the actions taken."),
    Row(Duty.CALDICOTT_GUARDIAN, _BREACH, Party.CALDICOTT_GUARDIAN, _hours("CALDICOTT_GUARDIAN"), Evidence.NOTE,
        ("CLS-9",), "Report it to the Caldicott Guardian."),
    Row(Duty.BUSINESS_IMPROVEMENT_MANAGER, _BREACH, Party.BUSINESS_IMPROVEMENT_MANAGER,
        _hours("BUSINESS_IMPROVEMENT_MANAGER"), Evidence.NOTE, ("CLS-9",),
        "Report it to the Business Improvement Manager."),
    Row(Duty.RECORDS_MANAGER, _BREACH, Party.RECORDS_MANAGER, _hours("RECORDS_MANAGER"), Evidence.NOTE, ("CLS-9",),
        "Report it to the Information & Records Manager."),
    Row(Duty.COMMISSIONER, _BREACH, Party.COMMISSIONER, _hours("COMMISSIONER"), Evidence.REFERENCE, ("CLS-15",),
        "Refer it to the Information Commissioner; if it is decided not to, say why it does not apply."),
    Row(Duty.SERVICE_USER_MEETING, _BREACH, Party.SERVICE_USER, _hours("SERVICE_USER_MEETING"), Evidence.MEETING,
        ("CLS-14",), "Tell the service user face to face what was disclosed, lost or stolen."),
    Row(Duty.SERVICE_USER_LETTER, _BREACH, Party.SERVICE_USER,
        _working_days("SERVICE_USER_LETTER", Duty.SERVICE_USER_MEETING), Evidence.LETTER, ("CLS-14",),
        "Tell the service user in writing too, after the meeting."),
    Row(Duty.INSURERS, _BREACH, Party.INSURANCE_SECTION, _working_days("INSURERS"), Evidence.REFERENCE, ("CLS-12",),
        "Inform the insurers through the Insurance Section."),
    Row(Duty.MEDIA, _BREACH, Party.MEDIA_OFFICE, _hours("MEDIA"), Evidence.DECISION, ("CLS-13",),
        "Decide whether the council's reputation is at risk and the media office should be advised."),
    Row(Duty.RECORDS_MANAGER_REPORT, _BREACH, Party.RECORDS_MANAGER, _working_days("RECORDS_MANAGER_REPORT"),
        Evidence.FILE, ("CLS-11",), "The Information & Records Manager prepares a report on the breach."),
)
# fmt: on


class DutyError(ValueError):
    """No duties follow from this, or no time. Its words say why."""


def duties_for(kinds: Collection[Kind]) -> tuple[Row, ...]:
    """Every duty that an event of these kinds brings, in the order in which people see them.

    More kinds never bring fewer duties. Raises DutyError for none, ValueError for a kind that is none.
    """
    event = {Kind(kind) for kind in kinds}
    if not event:
        raise DutyError("Say what happened: a near miss, or something disclosed, lost or stolen.")
    return tuple(row for row in DUTIES if row.kinds & event)


def duties_missing(kinds: Collection[Kind], standing: Collection[Duty]) -> tuple[Row, ...]:
    """Those to add when more is found later; what stands already, done or not, is left alone. Raises as duties_for."""
    return tuple(row for row in duties_for(kinds) if row.duty not in standing)


def may_be_done(row: Row, settled: Collection[Duty]) -> bool:
    """Is its turn come? In writing only after face to face (CLS-14). `settled`: done, or set aside with a reason."""
    return row.due.after is None or row.due.after in settled


def due_at(
    row: Row,
    *,
    aware: datetime,
    zone: ZoneInfo,
    settled: Mapping[Duty, datetime] | None = None,
    times: Mapping[str, int] = DEFAULT_TIMES,
    closed: Collection[date] = (),
) -> datetime | None:
    """When this duty is overdue (UTC), or None while it waits for another to be settled.

    `aware`: when anybody at the council became aware. `settled`: duty → when it was done or set aside. `zone`: for
    which day it is locally. `closed`: the council's own closing days. Raises ClockError for a time without zone.
    """
    start = aware if row.due.after is None else (settled or {}).get(row.due.after)
    if start is None:
        return None
    figure = times[row.due.setting]
    if row.due.unit is Unit.HOURS:
        return hours_after(start, figure)
    return working_days_due(start, figure, zone, closed)


def check_times(times: Mapping[str, int], marks: Collection[int]) -> None:
    """Refuse figures that no council may set. For settings, once at the start. Raises DutyError, naming the setting."""
    if unknown := sorted(set(DEFAULT_TIMES) ^ set(times)):
        raise DutyError(f"{unknown[0]} is missing, or is no setting of breaches.")
    for row in DUTIES:
        name, least = row.due.setting, 1 if row.due.unit is Unit.WORKING_DAYS else 0
        if times[name] < least:
            raise DutyError(f"{name} must be {least} or more.")
    if times["BREACH_COMMISSIONER_HOURS"] > COMMISSIONER_HOURS:
        raise DutyError(f"BREACH_COMMISSIONER_HOURS can be at most {COMMISSIONER_HOURS}: the law allows no more.")
    if list(marks) != sorted(set(marks)) or not all(0 < m < times["BREACH_COMMISSIONER_HOURS"] for m in marks):
        raise DutyError("BREACH_ESCALATIONS must ascend and lie before BREACH_COMMISSIONER_HOURS, like 24, 48, 66.")
