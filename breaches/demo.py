"""What the demonstration shows of breaches: one just reported, one on its way, a near miss, one closed."""

from __future__ import annotations

import datetime as dt
from random import Random

from breaches import actions
from breaches.actions.common import holders
from breaches.actions.deciding import Answers
from breaches.duties import Duty, Evidence, Kind
from breaches.models import ROWS, Breach
from letters.models import Letter
from letters.states import State
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen

NEEDED = (
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.DATA_PROTECTION_OFFICER,
)


def play(rng: Random, now: dt.datetime) -> None:
    """Four breaches by the real actions. Does nothing where an office is not held."""
    held = {role: User.objects.filter(pk__in=holders([role])).order_by("pk").first() for role in NEEDED}
    letters = Letter.objects.filter(state=State.POSTED).select_related("case", "office").order_by("-pk")
    letter = letters.first()
    ig, ad, cg, dpo = (held[role] for role in NEEDED)
    if letter is None or ig is None or ad is None or cg is None or dpo is None:
        return
    office = letter.office
    admins = RoleGrant.objects.filter(office=office, role=Role.ADMIN).select_related("user").order_by("pk")
    finder = rng.choice([grant.user for grant in admins])

    def reported(what: str, *kinds: Kind, hours: int, letter: Letter | None = None, **more: int) -> Breach:
        aware = now - dt.timedelta(hours=hours)
        told = actions.Report(
            kinds=kinds,
            office=office,
            what=what,
            occurred_at=aware - dt.timedelta(hours=20),
            discovered_at=aware,
            discovered_by=finder.name,
            aware_at=aware,
            letter=letter,
            people_count=more.get("people", 2),
            record_count=1,
            categories=("children", "addresses"),
            done_at_once="Fetched back the same day.",
        )
        return actions.report(by=finder, report=told)

    old = reported("A page of another family lay in the envelope; the school rang.", Kind.DISCLOSURE, hours=60)
    _close(old, ig, ad, cg, dpo, now)
    on_its_way = reported("A letter was opened by the neighbours.", Kind.DISCLOSURE, hours=30, letter=letter)
    on_its_way = actions.assess(
        breach=on_its_way,
        by=ig,
        seen=Seen.of(on_its_way),
        likelihood=3,
        severity=3,
        consequences="The neighbours know of the meeting.",
        containment="The letter was fetched back, and they were asked to keep it to themselves.",
        redress="The worker visits the family.",
    )
    actions.ask_advice(breach=on_its_way, by=ig, seen=Seen.of(on_its_way), question="Is it to be referred?")
    reported("A notebook was left on the bus.", Kind.LOSS, hours=2)
    reported("A wrong enclosure was noticed at the envelope.", Kind.NEAR_MISS, hours=1)


def _close(breach: Breach, ig: User, ad: User, cg: User, dpo: User, now: dt.datetime) -> None:
    breach = actions.assess(
        breach=breach,
        by=ig,
        seen=Seen.of(breach),
        likelihood=2,
        severity=2,
        consequences="The school saw one date of birth.",
        containment="The page was destroyed.",
        redress="An apology by the worker.",
    )
    breach = actions.ask_advice(breach=breach, by=ig, seen=Seen.of(breach), question="Is it to be referred?")
    breach = actions.advise(breach=breach, by=dpo, seen=Seen.of(breach), text="The risk is low; record why not.")
    no = "The school is bound to keep it to itself."
    answers = Answers(
        disciplinary=False,
        disciplinary_reason="An honest slip.",
        commissioner=False,
        commissioner_reason=no,
        professional_body=False,
        professional_body_reason=no,
    )
    breach = actions.propose_decision(breach=breach, by=ad, seen=Seen.of(breach), answers=answers)
    decision = breach.decisions.get(superseded_at__isnull=True)
    breach = actions.agree_decision(breach=breach, by=cg, seen=Seen.of(breach), decision=decision)
    for row in breach.duties.filter(status="open").order_by("place"):
        breach = _settle(breach, Duty(row.duty), ig, now)
    breach = actions.record_cause(
        breach=breach,
        by=ig,
        seen=Seen.of(breach),
        cause="wrong_enclosure",
        cause_words="Two letters lay on the printer together.",
        control="contents_check",
        lessons="Each letter is taken from the printer by itself.",
    )
    actions.close(breach=breach, by=ig, seen=Seen.of(breach))


def _settle(breach: Breach, duty: Duty, by: User, now: dt.datetime) -> Breach:
    seen = Seen.of(breach)
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
    reason = "In the demonstration, on paper."
    return actions.set_aside_duty(breach=breach, by=by, seen=seen, duty=duty, reason=reason)
