"""What the demonstration shows of breaches: one in each state, near misses, a report half finished, a step that waits
for each of those who decide."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from breaches import actions, alerts, reminders
from breaches.actions.common import holders
from breaches.actions.deciding import Answers
from breaches.duties import Duty, Evidence, Kind
from breaches.models import ROWS, Breach, ReportDraft
from breaches.reports.content import to_director
from breaches.reports.pdf import report_pdf
from letters.models import Letter
from letters.states import State
from postroom.cases.models import Case
from postroom.demo_parts import as_if
from postroom.files.store import store
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen

NEEDED = (
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.DATA_PROTECTION_OFFICER,
)
PRINTER = ("Two letters lay on the printer together.", "Each letter is taken from the printer by itself.")
CAR = ("The bag lay on the back seat, locked, for an hour.", "Papers never stay in a car.")
NO = "The school is bound to keep it to itself."


@dataclass(frozen=True)
class Cast:
    """Who plays: those who run and decide, the office it happens at, its people."""

    ig: User
    ad: User
    cg: User
    dpo: User
    records: User | None
    office: Office
    case: Case
    finder: User
    worker: User


def play(rng: Random, now: dt.datetime) -> None:
    """Eight events by the real actions, some of them days ago. Does nothing where an office is not held."""
    held = {role: _holder(role) for role in NEEDED}
    letter = Letter.objects.filter(state=State.POSTED).select_related("case", "office").order_by("-pk").first()
    ig, ad, cg, dpo = (held[role] for role in NEEDED)
    if letter is None or ig is None or ad is None or cg is None or dpo is None:
        return
    admins = RoleGrant.objects.filter(office=letter.office, role=Role.ADMIN).select_related("user").order_by("pk")
    workers = RoleGrant.objects.filter(office=letter.office, role=Role.WORKER).select_related("user").order_by("pk")
    finder, worker = rng.choice([one.user for one in admins]), rng.choice([one.user for one in workers])
    cast = Cast(ig, ad, cg, dpo, _holder(Role.RECORDS_MANAGER), letter.office, letter.case, finder, worker)
    _closed(cast, now - dt.timedelta(days=40))
    _closed_near_miss(cast, now - dt.timedelta(days=20))
    _decided(cast, now - dt.timedelta(days=2))
    _waits_for_the_second(cast, now - dt.timedelta(hours=30), letter)
    _told(cast, now, "A notebook was left on the bus.", Kind.LOSS, hours=2)
    _told(cast, now, "A wrong enclosure was noticed at the envelope.", Kind.NEAR_MISS, hours=1)
    ReportDraft.objects.create(by=finder, fields={"what": ["A letter came back opened."], "kinds": ["disclosure"]})
    reminders.remind_all(now)
    alerts.raise_all(now)


def _holder(role: Role) -> User | None:
    return User.objects.filter(pk__in=holders([role])).order_by("pk").first()


def _told(
    cast: Cast, now: dt.datetime, what: str, *kinds: Kind, hours: int = 1, letter: Letter | None = None
) -> Breach:
    """Reported at `now`; somebody was aware so many hours before."""
    aware = now - dt.timedelta(hours=hours)
    told = actions.Report(
        kinds=kinds,
        office=cast.office,
        what=what,
        occurred_at=aware - dt.timedelta(hours=20),
        discovered_at=aware,
        discovered_by=cast.finder.name,
        aware_at=aware,
        letter=letter,
        cases=(cast.case,),
        people_count=2,
        record_count=1,
        categories=("children", "addresses"),
        done_at_once="Fetched back the same day.",
    )
    return actions.report(by=cast.finder, report=told)


def _assessed(cast: Cast, breach: Breach, likelihood: int, severity: int) -> Breach:
    return actions.assess(
        breach=breach,
        by=cast.ig,
        seen=Seen.of(breach),
        likelihood=likelihood,
        severity=severity,
        consequences="Somebody outside knows of the meeting and one date of birth.",
        containment="It was fetched back, and they were asked to keep it to themselves.",
        redress="The worker visits the family and says sorry.",
    )


def _proposed(cast: Cast, breach: Breach, *, commissioner: bool) -> Breach:
    breach = actions.ask_advice(breach=breach, by=cast.ig, seen=Seen.of(breach), question="Is it to be referred?")
    text = "Refer it: a child may be traced." if commissioner else "The risk is low; record why not."
    breach = actions.advise(breach=breach, by=cast.dpo, seen=Seen.of(breach), text=text)
    answers = Answers(
        disciplinary=False,
        disciplinary_reason="An honest slip.",
        commissioner=commissioner,
        commissioner_reason="A risk to the family." if commissioner else NO,
        professional_body=False,
        professional_body_reason="Not called for.",
    )
    return actions.propose_decision(breach=breach, by=cast.ad, seen=Seen.of(breach), answers=answers)


def _agreed(cast: Cast, breach: Breach) -> Breach:
    decision = breach.decisions.get(superseded_at__isnull=True)
    return actions.agree_decision(breach=breach, by=cast.cg, seen=Seen.of(breach), decision=decision)


def _caused(cast: Cast, breach: Breach, cause: str, control: str, words: str, lessons: str) -> Breach:
    return actions.record_cause(
        breach=breach,
        by=cast.ig,
        seen=Seen.of(breach),
        cause=cause,
        cause_words=words,
        control=control,
        lessons=lessons,
    )


def _closed(cast: Cast, now: dt.datetime) -> None:
    with as_if(now):
        what = "A page of another family lay in the envelope; the school rang."
        breach = _told(cast, now, what, Kind.DISCLOSURE, hours=3)
        breach = _agreed(cast, _proposed(cast, _assessed(cast, breach, 2, 2), commissioner=False))
        for row in breach.duties.filter(status="open").order_by("place"):
            breach = _settled(cast, breach, Duty(row.duty), now)
        breach = _caused(cast, breach, "wrong_enclosure", "contents_check", *PRINTER)
        actions.close(breach=breach, by=cast.ig, seen=Seen.of(breach))


def _closed_near_miss(cast: Cast, now: dt.datetime) -> None:
    with as_if(now):
        what = "Two letters lay in one tray; it was seen before they were enveloped."
        breach = _told(cast, now, what, Kind.NEAR_MISS)
        for duty in (Duty.FORM, Duty.GOVERNANCE):
            breach = _settled(cast, breach, duty, now)
        breach = _caused(cast, breach, "wrong_enclosure", "contents_check", *PRINTER)
        actions.close(breach=breach, by=cast.ig, seen=Seen.of(breach))


def _decided(cast: Cast, now: dt.datetime) -> None:
    """Both have decided, the Commissioner knows, an action is somebody's; the service user is still to be told."""
    with as_if(now):
        breach = _told(cast, now, "A bag with case papers was stolen from a car.", Kind.THEFT, hours=3)
        breach = _agreed(cast, _proposed(cast, _assessed(cast, breach, 4, 4), commissioner=True))
        for duty in (Duty.FORM, Duty.POLICE, Duty.LINE_MANAGER, Duty.GOVERNANCE, Duty.DIRECTOR_REPORT):
            breach = _settled(cast, breach, duty, now)
        note = "The facts as far as they are known."
        more_by = now.date() + dt.timedelta(days=5)
        breach = actions.make_notification(
            breach=breach, by=cast.ig, seen=Seen.of(breach), note=note, more_to_come=True, more_by=more_by
        )
        breach = actions.refer(breach=breach, by=cast.ig, seen=Seen.of(breach), at=now, reference="IC-DEMO-1")
        breach = _caused(cast, breach, "lost_or_stolen_outside", "transport", *CAR)
        actions.add_follow_up(
            breach=breach,
            by=cast.ig,
            seen=Seen.of(breach),
            words="Talk through with the team how papers travel.",
            owner=cast.worker,
            due_on=now.date() + dt.timedelta(days=21),
        )


def _waits_for_the_second(cast: Cast, now: dt.datetime, letter: Letter) -> None:
    """The Assistant Director's hand is on the decision; a manager is asked about the meeting."""
    with as_if(now):
        breach = _told(cast, now, "A letter was opened by the neighbours.", Kind.DISCLOSURE, letter=letter)
        breach = _proposed(cast, _assessed(cast, breach, 3, 3), commissioner=False)
        reason = "She was asked twice and says that a letter is enough."
        actions.ask_exception(breach=breach, by=cast.ig, seen=Seen.of(breach), kind="refused", reason=reason)


def _settled(cast: Cast, breach: Breach, duty: Duty, now: dt.datetime) -> Breach:
    seen, by = Seen.of(breach), cast.ig
    if duty == Duty.RECORDS_MANAGER_REPORT and cast.records is not None:
        findings = "The page was taken from the printer with the letter. Nobody counted the sheets."
        return actions.sign_report(breach=breach, by=cast.records, seen=seen, findings=findings, signed_off=True)
    match ROWS[duty].evidence:
        case Evidence.REFERENCE:
            return actions.do_duty(breach=breach, by=by, seen=seen, duty=duty, reference="DEMO-1")
        case Evidence.NOTE:
            return actions.do_duty(breach=breach, by=by, seen=seen, duty=duty, note="Told by telephone.")
        case Evidence.DECISION:
            note = "Nothing is public."
            return actions.do_duty(breach=breach, by=by, seen=seen, duty=duty, answer=False, note=note)
        case Evidence.MEETING:
            note = "The worker met the mother at home."
            return actions.do_duty(breach=breach, by=by, seen=seen, duty=duty, happened_at=now, note=note)
        case Evidence.FILE if duty == Duty.DIRECTOR_REPORT:
            file = store(report_pdf(to_director(breach), "Made for the demonstration."), "application/pdf")
            return actions.do_duty(breach=breach, by=by, seen=seen, duty=duty, file=file)
    reason = "In the demonstration, on paper."
    return actions.set_aside_duty(breach=breach, by=by, seen=seen, duty=duty, reason=reason)
