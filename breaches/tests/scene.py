"""A council for tests of breaches; states are reached by the real actions, never by setting them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from breaches import actions
from breaches.actions.deciding import Answers
from breaches.duties import Duty, Evidence, Kind
from breaches.models import ROWS, Breach
from letters.models import Letter
from letters.states import State
from postroom.files.store import store
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

COUNCIL_WIDE = (
    Role.SAFEGUARDING,
    Role.DISTRICT_ADMIN_MANAGER,
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.SYSTEM_ADMINISTRATOR,
    Role.DIRECTOR,
    Role.BUSINESS_IMPROVEMENT_MANAGER,
    Role.RECORDS_MANAGER,
    Role.DATA_PROTECTION_OFFICER,
)
PDF = b"%PDF-1.4\n%report"


@dataclass
class Scene:
    """An office with its people, the offices of the council, and a second office."""

    desk: world.Desk = field(init=False)
    far: world.Desk = field(init=False)
    wide: dict[Role, User] = field(init=False)

    def __post_init__(self) -> None:
        self.desk = world.Desk(world.make_office("riv", "Riverside"))
        self.far = world.Desk(world.make_office("hill", "Hillside"))
        self.wide = {role: world.make_user(f"Con {role}", None, role) for role in COUNCIL_WIDE}
        self.desk.other_worker.line_manager = self.desk.deputy
        self.desk.other_worker.save()

    @property
    def ig(self) -> User:
        return self.wide[Role.INFORMATION_GOVERNANCE]

    @property
    def ad(self) -> User:
        return self.wide[Role.ASSISTANT_DIRECTOR]

    @property
    def cg(self) -> User:
        return self.wide[Role.CALDICOTT_GUARDIAN]

    @property
    def dpo(self) -> User:
        return self.wide[Role.DATA_PROTECTION_OFFICER]

    def tells(self, *kinds: Kind, **over: Any) -> actions.Report:
        """What a reporter tells."""
        now = timezone.now()
        return actions.Report(
            **{
                "kinds": kinds or (Kind.DISCLOSURE,),
                "office": self.desk.office,
                "what": "A letter went to the neighbours, who opened it.",
                "occurred_at": now - dt.timedelta(hours=5),
                "discovered_at": now - dt.timedelta(hours=2),
                "discovered_by": "The neighbour",
                "aware_at": now - dt.timedelta(hours=1),
                "cases": (self.desk.case,),
                "people_count": 3,
                "categories": ("children", "addresses"),
                **over,
            }  # type: ignore[arg-type]
        )

    def reported(self, *kinds: Kind, by: User | None = None, **over: Any) -> Breach:
        """A breach, reported by a social worker who had no part in it."""
        return actions.report(by=by or self.desk.other_worker, report=self.tells(*kinds, **over))

    def posted_letter(self) -> Letter:
        """The letter that went astray."""
        return world.letter_in(self.desk, State.POSTED)

    def assessed(self, breach: Breach) -> Breach:
        return actions.assess(
            breach=breach,
            by=self.ig,
            seen=Seen.of(breach),
            likelihood=3,
            severity=3,
            consequences="Distress.",
            containment="The letter was fetched back.",
            redress="An apology.",
        )

    def advised(self, breach: Breach) -> Breach:
        return self.given_once(self.asked_once(breach))

    def asked_once(self, breach: Breach) -> Breach:
        """The Data Protection Officer is asked."""
        return actions.ask_advice(breach=breach, by=self.ig, seen=Seen.of(breach), question="Refer?")

    def given_once(self, breach: Breach) -> Breach:
        """And answers."""
        return actions.advise(breach=breach, by=self.dpo, seen=Seen.of(breach), text="Not needed.")

    def proposed(self, breach: Breach, by: User | None = None, **over: Any) -> Breach:
        return actions.propose_decision(breach=breach, by=by or self.ad, seen=Seen.of(breach), answers=answers(**over))

    def agreed(self, breach: Breach, by: User | None = None) -> Breach:
        decision = breach.decisions.get(superseded_at__isnull=True)
        return actions.agree_decision(breach=breach, by=by or self.cg, seen=Seen.of(breach), decision=decision)

    def decided(self, breach: Breach, **over: Any) -> Breach:
        return self.agreed(self.proposed(self.advised(self.assessed(breach)), **over))

    def done(self, breach: Breach, duty: Duty, by: User | None = None) -> Breach:
        """A duty done with the evidence it needs."""
        if duty == Duty.RECORDS_MANAGER_REPORT:
            return self.signed(breach, by)
        return actions.do_duty(breach=breach, by=by or self.ig, seen=Seen.of(breach), duty=duty, **evidence(duty))

    def signed(self, breach: Breach, by: User | None = None) -> Breach:
        """The Information & Records Manager's report, signed off by their own hand."""
        by = by or self.wide[Role.RECORDS_MANAGER]
        findings = "The address check was made from memory."
        return actions.sign_report(breach=breach, by=by, seen=Seen.of(breach), findings=findings, signed_off=True)

    def referred(
        self, breach: Breach, *, reference: str = "IC-1", at: dt.datetime | None = None, **says: Any
    ) -> Breach:
        """The next phase is made, and went to the Commissioner; `says` as the notification has it."""
        made = actions.make_notification(breach=breach, by=self.ig, seen=Seen.of(breach), **says)
        at = at or timezone.now()
        return actions.refer(breach=made, by=self.ig, seen=Seen.of(made), at=at, reference=reference)

    def caused(self, breach: Breach) -> Breach:
        return actions.record_cause(
            breach=breach,
            by=self.ig,
            seen=Seen.of(breach),
            cause="wrong_address",
            cause_words="The old house number was typed.",
            control="address_check",
        )

    def settled(self, breach: Breach) -> Breach:
        """Every duty that is open: done, or set aside where it can't be done here."""
        for row in breach.duties.filter(status="open").order_by("place"):
            duty = Duty(row.duty)
            row.refresh_from_db()
            if row.settled:
                continue
            if duty == Duty.COMMISSIONER:
                breach = self.referred(breach)
            elif ROWS[duty].evidence == Evidence.LETTER:
                breach = actions.set_aside_duty(
                    breach=breach, by=self.ig, seen=Seen.of(breach), duty=duty, reason="Handed over at the meeting."
                )
            else:
                breach = self.done(breach, duty)
        return breach

    def closed(self, breach: Breach) -> Breach:
        if not breach.only_near_miss:
            breach = self.decided(breach)
        breach = self.caused(self.settled(breach))
        return actions.close(breach=breach, by=self.ig, seen=Seen.of(breach))


def answers(**over: Any) -> Answers:
    """No to each of the three questions, with reasons."""
    return Answers(
        **{
            "disciplinary": False,
            "disciplinary_reason": "An honest slip.",
            "commissioner": False,
            "commissioner_reason": "Contained.",
            "professional_body": False,
            "professional_body_reason": "Not called for.",
            **over,
        }
    )


def evidence(duty: Duty) -> dict[str, Any]:
    """What proves this duty done."""
    match ROWS[duty].evidence:
        case Evidence.REFERENCE:
            return {"reference": "REF-1"}
        case Evidence.NOTE:
            return {"note": "By telephone."}
        case Evidence.FILE:
            return {"file": store(PDF, "application/pdf")}
        case Evidence.DECISION:
            return {"answer": False, "note": "No risk to reputation."}
        case Evidence.MEETING:
            return {"happened_at": timezone.now(), "note": "The worker met the mother at home."}
        case _:
            return {}
