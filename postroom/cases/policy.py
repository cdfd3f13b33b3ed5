"""Who may do which action on this case, at this moment. `check_action` raises, `can` is its boolean twin.

The rules are data in `postroom.cases.states`; here the facts are read that their conditions speak of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import suppress

from django.utils import timezone

from postroom.cases.access import Kept, kept_from
from postroom.cases.models import Case
from postroom.cases.states import CASE_RULES, CaseAction, CaseCondition
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.rights import Grant
from postroom.people.roles import OFFICE_ROLES, SOCIAL_WORK_ROLES, Role
from postroom.steps.engine import Standing
from postroom.steps.errors import NotAllowed, NotPossible, StepError


def standing_of(
    case: Case, user: User, authority: Authority, *, concerned: int | None = None, kept: Kept | None = None
) -> Standing:
    """The person's roles towards this case and the conditions that hold. One query: is the case kept from them? None
    if the caller knows (`kept`).

    Somebody barred from it, or not named on a restricted one, has no role towards it. Information governance keeps
    its right to say who is named (clauses.md), unless barred; it reads no case by that. `concerned`: whom the step is
    about, by id.

    Towards a case that is being opened `worker` is whoever was granted that role at its office. From then on it is the
    allocated worker and nobody else, whatever their grade. Roles of an office count at the case's own office.
    """
    at_office = authority.at_office(case.office_id)
    roles = set(at_office)
    holding: set[str] = set()
    kept = kept_from(case, user) if kept is None else kept
    if kept:
        roles &= {Role.INFORMATION_GOVERNANCE}
    if kept != Kept.BARRED and user.pk != concerned:
        holding.add(CaseCondition.NOT_CONCERNED)
    words = {role: authority.how(role, case.office_id) for role in at_office}
    if case.pk is not None:
        roles.discard(Role.WORKER)
        if not kept and case.allocated_worker_id == user.pk and authority.has(*SOCIAL_WORK_ROLES):
            roles.add(Role.WORKER)
            words[Role.WORKER] = "Allocated worker of the case"
            holding.add(CaseCondition.ALLOCATED)
    if at_office & OFFICE_ROLES:
        holding.add(CaseCondition.IN_OFFICE)
    return Standing(frozenset(roles), frozenset(holding), words)


class CasePolicy:
    """What the engine asks about a case (steps.engine.Policy). Reads afresh, inside the step's transaction.

    `concerned`: the person whom the step is about, who may not take it.
    """

    def __init__(self, concerned: User | None = None) -> None:
        self._concerned = concerned.pk if concerned else None

    def standing(self, subject: Case, user: User, at: dt.datetime) -> Standing:
        fresh = User.objects.get(pk=user.pk)
        return standing_of(subject, fresh, authority_of(fresh, at), concerned=self._concerned)

    def failed_guards(self, subject: Case, guards: Collection[str]) -> list[str]:
        return list(guards)  # the table names none: one that nobody can answer stands against the step


POLICY = CasePolicy()


def check_action(
    case: Case, user: User, action: str, *, authority: Authority | None = None, concerned: User | None = None
) -> Grant:
    """The grant on which `user` may take `action` on `case` now, for pages; the engine asks again inside the step.

    Raises NotAllowed or NotPossible (not in this state), each with its sentence.
    """
    authority = authority or authority_of(user, timezone.now())
    standing = standing_of(case, user, authority, concerned=concerned.pk if concerned else None)
    decision = CASE_RULES.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(CASE_RULES.explain(decision))
    if CASE_RULES.transition(action, str(case.state) if case.pk else "") is None:
        raise NotPossible("That is not possible where this case stands now.")
    return decision


def can(case: Case, user: User, action: str, *, authority: Authority | None = None) -> bool:
    """Boolean twin of `check_action`."""
    with suppress(StepError):
        check_action(case, user, action, authority=authority)
        return True
    return False


def what_may(case: Case, user: User, authority: Authority) -> dict[str, bool]:
    """What this person may do on the case as it stands, by action; for its page. One query."""
    standing = standing_of(case, user, authority)
    state = str(case.state)
    return {
        action.value: CASE_RULES.transition(action, state) is not None
        and isinstance(CASE_RULES.decide(action, standing.roles, standing.holding), Grant)
        for action in CaseAction
    }
