"""Advice, and the decision of both (CLS-15)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from breaches.actions.common import holders, set_due_times, step, tell
from breaches.actions.duties import set_aside
from breaches.duties import Duty
from breaches.models import Advice, Breach, BreachDuty, Decision, FollowUp
from breaches.policy import DECIDERS
from breaches.states import BreachAction
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep

FOLLOW_UP_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The three questions, each yes or no with a reason; legal advice where any was taken."""

    disciplinary: bool
    disciplinary_reason: str
    commissioner: bool
    commissioner_reason: str
    professional_body: bool
    professional_body_reason: str
    legal_advice: str = ""


def ask_advice(*, breach: Breach, by: User, seen: Seen, question: str) -> Breach:
    """Ask the Data Protection Officer; the decision waits for the answer, the 72 hours don't."""
    if not question.strip():
        raise InvalidStep("Write what advice is asked for.", "question")

    def after(locked: Breach, taken: Taken) -> None:
        if Advice.objects.filter(breach=locked, given_at__isnull=True).exists():
            raise InvalidStep("Advice has been asked for already, and is not given yet.", "question")
        asked = Advice.objects.create(breach=locked, asked_by=by, asked_at=taken.at, question=question)
        tell(locked, holders([Role.DATA_PROTECTION_OFFICER]), "breach_asked", f"advice{asked.pk}", but=by)

    return step(breach, BreachAction.ASK_ADVICE, by=by, seen=seen, after=after)


def advise(*, breach: Breach, by: User, seen: Seen, text: str) -> Breach:
    """The Data Protection Officer's advice, recorded. Raises InvalidStep if nobody has asked."""
    if not text.strip():
        raise InvalidStep("Write the advice.", "text")

    def after(locked: Breach, taken: Taken) -> None:
        waiting = Advice.objects.filter(breach=locked, given_at__isnull=True)
        if not waiting.update(given_by=by, given_at=taken.at, text=text):
            raise InvalidStep("No advice has been asked for, or it is given already.", "")
        who = holders((Role.INFORMATION_GOVERNANCE, *DECIDERS))
        tell(locked, who, "breach_asked", f"advised{locked.version}", but=by)

    return step(breach, BreachAction.ADVISE, by=by, seen=seen, after=after)


def propose_decision(*, breach: Breach, by: User, seen: Seen, answers: Answers) -> Breach:
    """The first of the two writes the decision and puts their hand to it; one written before is superseded."""
    for name in ("disciplinary", "commissioner", "professional_body"):
        if not getattr(answers, f"{name}_reason").strip():
            raise InvalidStep("Give the reason, for yes as for no.", f"{name}_reason")

    def after(locked: Breach, taken: Taken) -> None:
        assert taken.grant is not None  # noqa: S101 - a person's step has one
        Decision.objects.filter(breach=locked, superseded_at__isnull=True).update(superseded_at=taken.at)
        Decision.objects.create(
            breach=locked,
            proposed_by=by,
            proposed_as=taken.grant.role,
            proposed_authority=taken.authority,
            proposed_at=taken.at,
            **vars(answers),
        )
        tell(locked, holders(DECIDERS), "breach_asked", f"proposed{locked.version}", but=by)

    return step(breach, BreachAction.PROPOSE_DECISION, by=by, seen=seen, after=after)


def agree_decision(*, breach: Breach, by: User, seen: Seen, decision: Decision) -> Breach:
    """The second of the two, holder of the other office, agrees to the very decision they read.

    Not referring to the Commissioner sets that duty aside with the reason; a yes to a disciplinary investigation, or to
    the professional body, becomes an action that only those who decide know of (OGP-12). Raises InvalidStep if another
    decision was written since.
    """

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        assert taken.grant is not None  # noqa: S101
        standing = Decision.objects.select_for_update().get(breach=locked, superseded_at__isnull=True)
        if standing.pk != decision.pk:
            raise InvalidStep("The decision was written anew since you read it. Read it again.", "")
        standing.agreed_by, standing.agreed_at, standing.agreed_authority = by, taken.at, taken.authority
        standing.save(update_fields=["agreed_by", "agreed_at", "agreed_authority"])
        hands = {standing.proposed_as: standing.proposed_by, str(taken.grant.role): by}
        locked.decided_ad = hands[Role.ASSISTANT_DIRECTOR]
        locked.decided_cg = hands[Role.CALDICOTT_GUARDIAN]
        locked.decided_at = taken.at
        # The disciplinary answer is for the deciders alone: the ledger names the decision, not what it says.
        return {"decision": standing.pk, "commissioner": standing.commissioner, "first": standing.proposed_by_id}

    def after(locked: Breach, taken: Taken) -> None:
        _what_follows(locked, by, taken)
        set_due_times(locked)
        tell(locked, holders([Role.INFORMATION_GOVERNANCE]), "breach_decided", locked.version, but=by)

    return step(breach, BreachAction.AGREE_DECISION, by=by, seen=seen, change=change, after=after)


def _what_follows(breach: Breach, by: User, taken: Taken) -> None:
    decided = Decision.objects.get(breach=breach, superseded_at__isnull=True)
    duty = BreachDuty.objects.filter(breach=breach, duty=Duty.COMMISSIONER, status="open").first()
    if not decided.commissioner and duty is not None:
        set_aside(duty, by, taken.at, f"Decided not to refer: {decided.commissioner_reason}")
    for yes, words in (
        (decided.disciplinary, "Begin the disciplinary investigation, and note its reference."),
        (decided.professional_body, f"Refer to {settings.PROFESSIONAL_BODY_NAME}, and note the reference."),
    ):
        if yes:
            # It has to be somebody's: the first of the two, who wrote the decision.
            FollowUp.objects.create(
                breach=breach,
                words=words,
                owner=decided.proposed_by,
                due_on=timezone.localdate(taken.at) + dt.timedelta(days=FOLLOW_UP_DAYS),
                added_by=by,
                for_deciders=True,
            )
