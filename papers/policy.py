"""Who may do what with papers out, at this moment. `check_action` raises, `can` is its boolean twin.

The rules are data in `papers.states`; here the facts are read that their conditions speak of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from distribution.models import Item
from letters.models import Letter
from papers.models import AwayAgreement, Device, PapersKind, PapersOut
from papers.states import AGREEMENT_RULES, OFFICE_MANAGERS, PAPERS_RULES, TAKERS, AgreementCondition, PapersState
from papers.states import PapersCondition as C
from papers.states import PapersGuard as G
from postroom.cases.access import kept_from
from postroom.cases.selectors import visible_to as cases_visible_to
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.rights import Grant
from postroom.people.roles import ROLE_NAMES
from postroom.steps.engine import Standing
from postroom.steps.errors import GuardFailed, NotAllowed, NotPossible, StepError


def manager_is_away(papers: PapersOut, at: dt.datetime) -> bool:
    """Does somebody else answer for the holder's line manager? Nobody is entered or they have left; they were said to
    be away when it was asked; or they have not answered in time (PAPERS_STAND_IN_AFTER_HOURS)."""
    manager = papers.holder.line_manager
    if manager is None or not manager.is_active or papers.manager_away:
        return True
    waited = papers.state == PapersState.ASKED and papers.pk is not None
    return waited and at - papers.created_at >= dt.timedelta(hours=settings.PAPERS_STAND_IN_AFTER_HOURS)


def standing_of(
    papers: PapersOut,
    user: User,
    authority: Authority,
    at: dt.datetime | None = None,
    *,
    may_know: bool | None = None,
) -> Standing:
    """The person's roles towards these papers and the conditions that hold.

    Roles of an office count at the papers' own office; a holder's and a line manager's wherever they hold them. From
    whom the case is kept (restricted, barred) has none but over papers they hold. `may_know`: pass it where a list
    has asked that already.
    """
    at = at or timezone.now()
    if papers.holder_id != user.pk and papers.case is not None:
        may_know = not kept_from(papers.case, user) if may_know is None else may_know
        if not may_know:
            return Standing(frozenset(), frozenset({C.NOT_HOLDER}), {})
    office = papers.at_office_id
    roles, holding = set(authority.at_office(office)), set()
    if roles & set(TAKERS):
        holding.add(C.IN_OFFICE)
    # Asked only when papers are about to be entered: no later step depends on it, and lists stay at one query.
    if papers.pk is None and (
        papers.case_id is None or cases_visible_to(user, authority=authority).filter(pk=papers.case_id).exists()
    ):
        holding.add(C.ON_CASE)
    holding.add(C.HOLDER if papers.holder_id == user.pk else C.NOT_HOLDER)
    manager = papers.holder.line_manager
    if manager is not None and user.pk == manager.pk:
        holding.add(C.LINE_MANAGER)
    elif manager is not None and user.pk == manager.line_manager_id:
        holding.add(C.NEXT_MANAGER)
    if manager_is_away(papers, at):
        holding.add(C.MANAGER_AWAY)
    if papers.is_agreed_task:
        holding.add(C.AGREED_TASK)
    if holding & {C.HOLDER, C.LINE_MANAGER, C.NEXT_MANAGER}:
        roles |= authority.roles
    relation = ""
    if C.LINE_MANAGER in holding:
        relation = "Line manager of the holder"
    elif C.NEXT_MANAGER in holding:
        relation = "Next manager, for the line manager"
    held = {role: authority.how(role, office) or ROLE_NAMES[role] for role in roles}
    words = {role: f"{relation}; {how}" if relation else how for role, how in held.items()}
    return Standing(frozenset(roles), frozenset(holding), words)


class PapersPolicy:
    """What the engine asks about papers out (steps.engine.Policy). Reads afresh, inside the step's transaction."""

    def standing(self, subject: PapersOut, user: User, at: dt.datetime) -> Standing:
        fresh = User.objects.get(pk=user.pk)
        return standing_of(subject, fresh, authority_of(fresh, at), at)

    def failed_guards(self, subject: PapersOut, guards: Collection[str]) -> list[str]:
        return [guard for guard in guards if not _holds(subject, G(guard))]


def delivery_of(papers: PapersOut) -> Letter | Item | None:
    """The hand delivery that entered these papers, while somebody is still carrying it; else None."""
    kind, _, rest = papers.entered_by.partition("/")
    carried = {"reference": rest.partition("/")[0], "carried_by__isnull": False}
    if kind == Letter.ledger_kind:
        return Letter.objects.filter(**carried).first()
    return Item.objects.filter(**carried).first() if kind == Item.ledger_kind else None


def _holds(papers: PapersOut, guard: G) -> bool:
    match guard:
        case G.IS_AGREED_TASK:
            return papers.is_agreed_task
        case G.IS_OTHER_PURPOSE:
            return not papers.is_agreed_task
        case G.SECURED:
            # Asked and recorded at removal; of papers that enter themselves, on the hand delivery's own page.
            return papers.in_lockable_bag and (papers.device != Device.LAPTOP or papers.laptop_has_password)
        case G.OF_A_DELIVERY:
            return bool(papers.entered_by)
        case G.DELIVERY_OVER:
            return delivery_of(papers) is None
        case G.NOT_ORIGINAL:
            return papers.kind != PapersKind.ORIGINAL


POLICY = PapersPolicy()


class DeliveryPolicy(PapersPolicy):
    """For papers that a hand delivery enters: that its carrier may take them, distribution has decided already."""

    def standing(self, subject: PapersOut, user: User, at: dt.datetime) -> Standing:
        return carrier_standing(authority_of(user, at))


def carrier_standing(authority: Authority) -> Standing:
    """What somebody who carries a hand delivery acts as."""
    words = dict.fromkeys(authority.roles, "Carries a hand delivery")
    return Standing(authority.roles, frozenset({C.IN_OFFICE, C.ON_CASE, C.HOLDER, C.AGREED_TASK}), words)


DELIVERY_POLICY = DeliveryPolicy()


def check_action(
    papers: PapersOut,
    user: User,
    action: str,
    *,
    authority: Authority | None = None,
    guards: bool = True,
    may_know: bool | None = None,
) -> Grant:
    """The grant on which `user` may take `action` on `papers` now, for pages; the engine asks again inside the step.

    Raises NotAllowed, NotPossible or GuardFailed, each with its sentence. `guards` False: what the form has yet to
    ask (the bag, the laptop) is left to the step.
    """
    authority = authority or authority_of(user)
    standing = standing_of(papers, user, authority, may_know=may_know)
    decision = PAPERS_RULES.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(PAPERS_RULES.explain(decision))
    row = PAPERS_RULES.transition(action, str(papers.state) if papers.pk else "")
    if row is None:
        raise NotPossible("That is not possible where these papers stand now.")
    failed = POLICY.failed_guards(papers, [g for g in row.guards if guards or g != G.SECURED])
    if failed:
        raise GuardFailed(PAPERS_RULES.words[failed[0]], failed[0])
    return decision


def can(
    papers: PapersOut, user: User, action: str, *, authority: Authority | None = None, may_know: bool | None = None
) -> bool:
    """Boolean twin of `check_action`; what the step's own form asks is left to it."""
    with suppress(StepError):
        check_action(papers, user, action, authority=authority, guards=False, may_know=may_know)
        return True
    return False


def agreement_standing(agreement: AwayAgreement, user: User, authority: Authority) -> Standing:
    """The person's roles towards an agreement and the conditions that hold."""
    person = agreement.person
    roles, holding = set(authority.at_office(person.office_id)) if person.office_id else set(), set()
    if roles & set(OFFICE_MANAGERS):
        holding.add(AgreementCondition.OFFICE_MANAGER)
    if person.line_manager_id == user.pk:
        holding.add(AgreementCondition.LINE_MANAGER)
        roles |= authority.roles
    if person.pk != user.pk:
        holding.add(AgreementCondition.NOT_ONESELF)
    words = {role: authority.how(role, person.office_id) or ROLE_NAMES[role] for role in roles}
    return Standing(frozenset(roles), frozenset(holding), words)


class AgreementPolicy:
    """What the engine asks about an agreement (steps.engine.Policy)."""

    def standing(self, subject: AwayAgreement, user: User, at: dt.datetime) -> Standing:
        fresh = User.objects.get(pk=user.pk)
        return agreement_standing(subject, fresh, authority_of(fresh, at))

    def failed_guards(self, subject: AwayAgreement, guards: Collection[str]) -> list[str]:
        return list(guards)  # the table names none: one that nobody can answer stands against the step


AGREEMENT_POLICY = AgreementPolicy()


def may_agreement(agreement: AwayAgreement, user: User, action: str, *, authority: Authority) -> bool:
    """May this person take `action` on the agreement now?"""
    standing = agreement_standing(agreement, user, authority)
    return isinstance(AGREEMENT_RULES.decide(action, standing.roles, standing.holding), Grant)
