"""What each report says, from the rows of one breach. Reads only; whoever may see it is decided by the views.

What a decision says on staff stands in none of them: a disciplinary investigation, the professional body, legal advice
(OGP-12, decision 0184).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from breaches.duties import Duty, Kind
from breaches.models import Breach, BreachDuty, Decision
from breaches.reports.parts import NONE, Report, Section, about, moment, yes
from breaches.states import BreachAction
from breaches.words import (
    CATEGORY_NAMES,
    CAUSE_NAMES,
    CONTROL_NAMES,
    LEVEL_WORDS,
    LIKELIHOOD_WORDS,
    SEVERITY_WORDS,
    Category,
    Cause,
    Control,
)
from postroom.files.models import StoredFile
from postroom.forms import in_words
from postroom.ledger.models import Entry
from postroom.people.roles import ROLE_NAMES, Role

KIND_NAMES: dict[Kind, str] = {
    Kind.NEAR_MISS: "Near miss",
    Kind.DISCLOSURE: "Disclosed",
    Kind.LOSS: "Lost",
    Kind.THEFT: "Stolen",
}


def kinds_of(breach: Breach) -> str:
    """ "Lost, Disclosed"."""
    return ", ".join(KIND_NAMES[kind] for kind in breach.kinds)


def categories_of(breach: Breach) -> str:
    """The categories of data and people, in words."""
    return ", ".join(CATEGORY_NAMES[Category(name)] for name in breach.categories) or NONE


def facts(breach: Breach) -> Section:
    """What happened: the four times, in words."""
    return Section(
        "What happened",
        [
            ("Kind", kinds_of(breach)),
            ("Office", breach.office.name),
            ("What", breach.what),
            ("Occurred", moment(breach.occurred_at, "Not known")),
            ("Discovered", f"{moment(breach.discovered_at)}, by {breach.discovered_by}"),
            ("The council became aware", moment(breach.aware_at)),
            ("Reported", f"{moment(breach.reported_at)}, by {breach.reported_by.name}"),
        ],
    )


def whose_data(breach: Breach) -> Section:
    """Categories and approximate numbers of people and records."""
    return Section(
        "Whose data",
        [
            ("Categories", categories_of(breach)),
            ("People concerned", about(breach.people_count)),
            ("Records concerned", about(breach.record_count)),
            ("Cases", ", ".join(case.reference for case in breach.cases.order_by("reference")) or NONE),
        ],
    )


def risk(breach: Breach) -> Section:
    """The assessment on the grid, with its words."""
    if breach.level is None or breach.likelihood is None or breach.severity is None:
        return Section("Risk assessment", [("Assessment", "Not assessed yet")])
    return Section(
        "Risk assessment",
        [
            ("Likelihood of harm", f"{breach.likelihood} of 5. {LIKELIHOOD_WORDS[breach.likelihood]}"),
            ("Severity", f"{breach.severity} of 5. {SEVERITY_WORDS[breach.severity]}"),
            ("What the grid says", LEVEL_WORDS[breach.level]),
            ("Likely consequences", breach.consequences or NONE),
            ("Assessed", f"{moment(breach.assessed_at)}, by {breach.assessed_by.name if breach.assessed_by else ''}"),
        ],
    )


def actions_taken(breach: Breach) -> Section:
    """What was done at once, to contain it, to redress it, and what is still to be done by whom."""
    rows = [
        ("At once", breach.done_at_once or NONE),
        ("To contain it", breach.containment or NONE),
        ("To redress the loss", breach.redress or NONE),
    ]
    for action in breach.follow_ups.filter(for_deciders=False).select_related("owner"):
        done = f"done {moment(action.finished_at)}" if action.finished_at else f"due {in_words(action.due_on)}"
        rows.append((f"Action of {action.owner.name}, {done}", action.words))
    return Section("Actions", rows)


def duties(breach: Breach) -> Section:
    """Each duty: done with its evidence, set aside with its reason, or still to do."""
    return Section("Duties", [(row.row.words, _duty(row)) for row in breach.duties.order_by("place")])


def _duty(row: BreachDuty) -> str:
    if row.status == BreachDuty.Status.OPEN:
        return f"To do, due {moment(row.due_at, 'once what comes before is done')}"
    word = "Done" if row.status == BreachDuty.Status.DONE else "Set aside"
    evidence = "; ".join(filter(None, [row.reference, row.note, "file kept" if row.file_id else ""]))
    return f"{word} {moment(row.happened_at or row.settled_at)}. {evidence}"


def cause(breach: Breach) -> Section:
    """Which step failed, and what was learnt. Who held the step stands in the record, not in a report."""
    return Section(
        "Cause",
        [
            ("Cause", CAUSE_NAMES[Cause(breach.cause)] if breach.cause else NONE),
            ("In words", breach.cause_words or NONE),
            ("Control that should have held", CONTROL_NAMES[Control(breach.control)] if breach.control else NONE),
            ("Lessons", breach.lessons or NONE),
        ],
    )


def decision(breach: Breach) -> Section:
    """What both deciders agreed on the Commissioner. The rest is about staff, for the two alone (OGP-12)."""
    stands = Decision.objects.filter(breach=breach, superseded_at__isnull=True, agreed_at__isnull=False).first()
    if stands is None:
        return Section("Decision", [("Decision", "Not decided yet")])
    rows = [
        (settings.COMMISSIONER_NAME, f"{yes(stands.commissioner)}. {stands.commissioner_reason}"),
        ("Decided", moment(stands.agreed_at)),
    ]
    return Section("Decision of the Assistant Director with the Caldicott Guardian", rows)


def advice(breach: Breach) -> Section:
    """What the Data Protection Officer was asked and answered."""
    rows = [(one.question, one.text or "Not answered yet") for one in breach.advice.order_by("pk")]
    return Section("The Data Protection Officer's advice", rows or [("Advice", "Not asked yet")])


def what_it_rests_on(breach: Breach) -> list[Section]:
    """What whoever advises or decides has to have read: what happened, the risk, what was done, the advice."""
    return [part(breach) for part in (facts, whose_data, risk, actions_taken, advice)]


def to_director(breach: Breach) -> Report:
    """The detailed report to the Director (CLS-8): what, the risk, the actions to minimise and redress."""
    parts = [facts, whose_data, risk, actions_taken, duties, decision]
    return Report("Report to the Director", f"Breach {breach.reference}", [part(breach) for part in parts])


@dataclass(frozen=True)
class Signed:
    """Who signed off the report, in what office, when (aware), and what they found in their own words."""

    name: str
    office: str
    at: dt.datetime
    findings: str


def of_records_manager(breach: Breach, signed: Signed | None = None) -> Report:
    """The Information & Records Manager's report (CLS-11) with its author, their findings and the sign-off.

    Without `signed` it is the draft, and says so; signed off, the file that was frozen then is the report.
    """
    author = Section(
        "This report",
        [
            ("Author", f"{signed.name}, {signed.office}" if signed else "Not signed off yet: this is a draft"),
            ("Findings", signed.findings if signed else NONE),
        ],
    )
    parts = [facts, whose_data, risk, cause, actions_taken, decision]
    sections = [author, *(part(breach) for part in parts)]
    if signed:
        rows = [("Signed off by", f"{signed.name}, {signed.office}"), ("Signed off", moment(signed.at))]
        sections.append(Section("Sign-off", rows))
    return Report("Report of the Information & Records Manager", f"Breach {breach.reference}", sections)


def signed_report(breach: Breach) -> BreachDuty | None:
    """The duty whose file is the report as it was frozen when it was signed off; None until then."""
    done = breach.duties.filter(duty=Duty.RECORDS_MANAGER_REPORT, status=BreachDuty.Status.DONE, file__isnull=False)
    return done.select_related("file", "settled_by").first()


def without_staff(breach: Breach, row: BreachDuty) -> Report:
    """What stands in for a report that was kept before decision 0184, for whoever doesn't decide: made anew from the
    record, without what was decided on staff, and it says so. The file itself stays as it was signed. Two queries."""
    if row.duty == Duty.RECORDS_MANAGER_REPORT:
        report = of_records_manager(breach, _signed(breach, row))
    else:
        report = to_director(breach)
    kept = (
        f"Signed off or kept {moment(row.settled_at)}. It says what was decided on staff: the two who decide open it."
    )
    says = "The same report from what is on record today, without that part."
    head = Section("In place of the report that is kept", [("The report", kept), ("This", says)])
    return replace(report, sections=[head, *report.sections])


def _signed(breach: Breach, row: BreachDuty) -> Signed | None:
    if row.settled_by is None or row.settled_at is None:
        return None
    of = Entry.objects.filter(subject=breach.ledger_subject, action=BreachAction.SIGN_REPORT).order_by("seq").last()
    office = (of.actor_authority if of else "") or ROLE_NAMES[Role.RECORDS_MANAGER]
    return Signed(row.settled_by.name, office, row.settled_at, row.note)


def notification_file(breach: Breach, which: str) -> StoredFile | None:
    """The PDF of a notification as it was made: "to-send", or the number of a phase that was sent; None without."""
    made = breach.notifications.select_related("file")
    if which == "to-send":
        one = made.filter(ended_at__isnull=True).first()
    else:
        number = int(which) if which.isascii() and which.isdecimal() and len(which) < 5 else 0
        one = made.filter(sent__phase=number).first()
    return one.file if one is not None else None


def contact_point() -> list[tuple[str, str]]:
    """The Data Protection Officer as the Commissioner reaches them, from the settings; what is missing says so."""
    return [
        ("Data Protection Officer", settings.DPO_CONTACT_NAME or NONE),
        ("E-mail", settings.DPO_CONTACT_EMAIL or NONE),
        ("Telephone", settings.DPO_CONTACT_PHONE or NONE),
    ]


@dataclass(frozen=True)
class Phase:
    """One phase to send: its number, what is reported in it, why it is late, by when another is promised."""

    number: int
    note: str = ""
    late_reason: str = ""
    more_by: dt.date | None = None


def as_data(report: Report) -> dict[str, Any]:
    """The report as it is kept in a row: title, what it is about, sections of key and value."""
    parts = [{"title": part.title, "rows": [list(row) for row in part.rows]} for part in report.sections]
    return {"title": report.title, "about": report.about, "sections": parts}


def _this_phase(phase: Phase | None) -> Section:
    if phase is None:
        return Section("This notification", [("Phase", "A draft: not made to be sent yet")])
    more = f"Yes, by the end of {in_words(phase.more_by)}" if phase.more_by else "No"
    rows = [("Phase", str(phase.number)), ("More is to follow", more)]
    if phase.note:
        rows.append(("What is reported in it", phase.note))
    if phase.late_reason:
        rows.append(("Reason for the delay: Article 33(1)", phase.late_reason))
    return Section("This notification", rows)


def to_commissioner(breach: Breach, phase: Phase | None = None) -> Report:
    """A notification with everything that Article 33(3) asks, and the phases sent so far (33(4)).

    Without `phase` it is a draft, and says so; what is made to be sent is frozen then (`make_notification`).
    """
    phases = list(breach.referrals.order_by("phase"))
    nature = Section(
        "Nature of the breach: Article 33(3)(a)",
        [
            ("What happened", breach.what),
            ("Kind", kinds_of(breach)),
            ("Occurred", moment(breach.occurred_at, "Not known")),
            ("Became aware", moment(breach.aware_at)),
            ("Categories of people and records", categories_of(breach)),
            ("People concerned", about(breach.people_count)),
            ("Records concerned", about(breach.record_count)),
        ],
    )
    contact = Section("Contact point: Article 33(3)(b)", [("Council", settings.COUNCIL_NAME), *contact_point()])
    effects = Section("Likely consequences: Article 33(3)(c)", [("Consequences", breach.consequences or NONE)])
    measures = Section(
        "Measures taken or proposed: Article 33(3)(d)",
        [
            ("At once", breach.done_at_once or NONE),
            ("To contain it", breach.containment or NONE),
            ("To make good", breach.redress or NONE),
        ],
    )
    sent = Section(
        "Phases: Article 33(4)",
        [
            (
                f"Phase {one.phase}, sent {moment(one.at)}",
                " ".join(
                    filter(None, [one.reference, one.note, f"Late: {one.late_reason}" if one.late_reason else ""])
                ),
            )
            for one in phases
        ]
        or [("Phases", "None sent yet: this is the first")],
    )
    title = f"Notification to the {settings.COMMISSIONER_NAME}"
    return Report(title, f"Breach {breach.reference}", [_this_phase(phase), nature, contact, effects, measures, sent])


def as_form(breach: Breach) -> Report:
    """The case in the order of the council's Security Incident/Data Breach Form, with the reference it gave.

    Order and headings are the council's (`BREACH_FORM_ORDER`); what it doesn't name comes after it, in its usual order.
    """
    row = breach.duties.filter(duty=Duty.FORM).first()
    form = Section("The council's form", [("Reference", row.reference if row and row.reference else NONE)])
    wanted = dict(_name_and_heading(one) for one in settings.BREACH_FORM_ORDER)
    sections = []
    for name in (*wanted, *(rest for rest in FORM_PARTS if rest not in wanted)):
        section = FORM_PARTS[name](breach)
        sections.append(replace(section, title=wanted[name]) if wanted.get(name) else section)
    title = "Security Incident/Data Breach Form"
    return Report(title, f"Breach {breach.reference}", [form, *sections])


def _name_and_heading(entry: str) -> tuple[str, str]:
    name, _, heading = entry.partition("=")
    return name.strip(), heading.strip()


# The parts that the council's form may ask for, by the names that the setting has them under.
FORM_PARTS: dict[str, Callable[[Breach], Section]] = {
    "facts": facts,
    "data": whose_data,
    "actions": actions_taken,
    "risk": risk,
    "duties": duties,
    "cause": cause,
    "decision": decision,
}


# Name in addresses -> (words of the link, what makes it).
REPORTS: dict[str, tuple[str, Callable[[Breach], Report]]] = {
    "director": ("Report to the Director", to_director),
    "records-manager": ("Report of the Information & Records Manager", of_records_manager),
    "commissioner": ("Notification to the Commissioner, as a draft", to_commissioner),
    "form": ("The case in the order of the council's form", as_form),
}
