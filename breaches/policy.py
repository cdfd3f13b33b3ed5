"""Who may do which action on this breach, now. `check_action` raises, `can` is its boolean twin.

The rules are data in `breaches.permissions`; here the facts are read that their conditions speak of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import assert_never

from django.utils import timezone

from breaches.duties import PARTY_NAMES, Duty, Party
from breaches.kept_out import is_kept_out
from breaches.models import (
    ROWS,
    Advice,
    Breach,
    BreachDuty,
    Decision,
    FollowUp,
    Involved,
    MeetingException,
    Notification,
    Referral,
    ServiceUser,
)
from breaches.permissions import BREACH_RULES, BreachCondition
from breaches.states import TOLD, BreachAction, BreachGuard
from letters.states import State as LetterState
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Standing
from postroom.steps.errors import GuardFailed, NotAllowed, NotPossible, StepError
from postroom.steps.table import Grant

# Whose office a duty concerns, where it is a person's of ours.
PARTY_ROLES: dict[Party, Role] = {
    Party.DIRECTOR: Role.DIRECTOR,
    Party.CALDICOTT_GUARDIAN: Role.CALDICOTT_GUARDIAN,
    Party.BUSINESS_IMPROVEMENT_MANAGER: Role.BUSINESS_IMPROVEMENT_MANAGER,
    Party.RECORDS_MANAGER: Role.RECORDS_MANAGER,
}
DECIDERS = (Role.ASSISTANT_DIRECTOR, Role.CALDICOTT_GUARDIAN)


def standing_proposal(breach: Breach) -> Decision | None:
    """The decision as it stands, agreed or not."""
    return Decision.objects.filter(breach=breach, superseded_at__isnull=True).first()


def referral_owed(breach: Breach) -> bool:
    """Did both decide to report it to the Commissioner, and nobody has?

    The duty alone doesn't say: set aside by an earlier decision it stays so, when more found later turns the answer.
    """
    decided = standing_proposal(breach)
    agreed = decided is not None and decided.agreed_at is not None and decided.commissioner
    return agreed and not Referral.objects.filter(breach=breach).exists()


def promised_phase(breach: Breach) -> Referral | None:
    """The newest report to the Commissioner, if it promised another phase and that promise was not withdrawn.

    `selectors.promised` asks the same of many.
    """
    last = Referral.objects.filter(breach=breach).order_by("-phase").first()
    return last if last is not None and last.more_to_come and last.withdrawn_at is None else None


def letter_came_back(breach: Breach) -> bool:
    """Was the service user told in a letter that came back, and in no other? `selectors.open_duties` asks the same."""
    linked = breach.service_user_letters
    back = linked.filter(letter__state=LetterState.RETURNED).exists()
    return back and not linked.filter(letter__state__in=TOLD).exists()


def people_left(breach: Breach) -> list[ServiceUser]:
    """Those named who are neither met nor excused, or to whom no letter went though one is due.

    A letter is not due while the duty of writing is set aside with its reason. Three queries.
    """
    named = breach.service_users.filter(cleared_at__isnull=True).prefetch_related("letters__letter")
    rows = list(named)
    if not rows:
        return []
    writing = BreachDuty.objects.filter(breach=breach, duty=Duty.SERVICE_USER_LETTER).first()
    aside = writing is None or writing.status == BreachDuty.Status.SET_ASIDE
    return [row for row in rows if not row.settled or not (aside or written_to(row))]


def written_to(row: ServiceUser) -> bool:
    """Did a letter to this person go, and not come back?"""
    return any(one.letter.state in TOLD for one in row.letters.all())


def to_send(breach: Breach) -> Notification | None:
    """The notification that was made and isn't sent yet."""
    return Notification.objects.filter(breach=breach, ended_at__isnull=True).select_related("file").first()


def still_to_do(breach: Breach, row: BreachDuty) -> bool:
    """Does this duty of the breach's run? `selectors.open_duties` asks the same of many.

    The report to the Commissioner runs also where it was set aside, and both deciders' "no" does not stand any more
    (more was found, the risk was assessed or the decision written anew) or became a "yes", and nobody has reported it.
    """
    if row.duty == Duty.SERVICE_USER_LETTER and row.status == BreachDuty.Status.DONE:
        return letter_came_back(breach)
    if row.duty != Duty.COMMISSIONER or row.status != BreachDuty.Status.SET_ASIDE:
        return not row.settled
    decided = standing_proposal(breach)
    decided_not_to = decided is not None and decided.agreed_at is not None and not decided.commissioner
    return not decided_not_to and not Referral.objects.filter(breach=breach).exists()


def decider_of(user: User, authority: Authority, proposal: Decision, role: Role) -> bool:
    """Would this person's hand be the other one of the two under this decision, in this office?"""
    return (
        role in authority.roles
        and proposal.agreed_at is None
        and proposal.proposed_by_id != user.pk
        and proposal.proposed_as != role
    )


@dataclass(frozen=True)
class BreachPolicy:
    """What the engine asks about a breach. `duty`, `follow_up`: what the step is about, where it is about one."""

    duty: Duty | None = None
    follow_up: FollowUp | None = None

    def standing(self, subject: Breach, user: User, at: dt.datetime) -> Standing:
        fresh = User.objects.get(pk=user.pk)
        return self.standing_with(subject, fresh, authority_of(fresh, at))

    def standing_with(self, breach: Breach, user: User, authority: Authority) -> Standing:
        """The person's roles and the conditions that hold; `authority` read already. Three queries."""
        return self.about(facts_of(breach, user, authority), breach, user)

    def about(self, facts: Standing, breach: Breach, user: User) -> Standing:
        """The same facts, and those of the one duty or action that the step is about. No query."""
        roles, holding = set(facts.roles), set(facts.holding)
        if self.duty is not None and PARTY_ROLES.get(ROWS[self.duty].whom) in roles:
            holding.add(BreachCondition.OWN_DUTY)
            roles -= {role for role in PARTY_ROLES.values() if role != PARTY_ROLES[ROWS[self.duty].whom]}
        if self.duty == Duty.LINE_MANAGER and breach.line_manager_id == user.pk:
            holding.add(BreachCondition.LINE_MANAGER)
        if self.follow_up is not None:
            theirs = roles & set(DECIDERS) if self.follow_up.for_deciders else self.follow_up.owner_id == user.pk
            holding |= {BreachCondition.OWNER} if theirs else set()
            holding |= set() if self.follow_up.for_deciders else {BreachCondition.OPEN_ACTION}
        return Standing(frozenset(roles), frozenset(holding), facts.authority)

    def failed_guards(self, subject: Breach, guards: Collection[str]) -> list[str]:
        return [guard for guard in guards if not _holds(subject, BreachGuard(guard))]


def facts_of(breach: Breach, user: User, authority: Authority) -> Standing:
    """What is true of this person towards the breach as a whole: roles, conditions, and their words."""
    if not user.is_active:
        return Standing(frozenset(), frozenset(), {})
    roles = set(authority.at_office(breach.office_id)) | {Role.SIGNED_IN}
    holding: set[str] = set()
    if not is_kept_out(breach, user):
        holding.add(BreachCondition.NOT_INVOLVED)
    if roles & {Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER}:
        holding.add(BreachCondition.IN_OFFICE)
    if breach.pk is not None:
        pending = MeetingException.objects.filter(breach=breach, decided_at__isnull=True).first()
        if pending is None or pending.asked_by_id != user.pk:
            holding.add(BreachCondition.NOT_ASKER)
        proposal = standing_proposal(breach)
        if proposal is not None and any(decider_of(user, authority, proposal, role) for role in DECIDERS):
            holding.add(BreachCondition.OTHER_HAND)
            # With both offices in one hand (a deputy's), the row of the other one must not borrow the condition.
            roles.discard(Role(proposal.proposed_as))
    words = {role: authority.how(role, breach.office_id) for role in roles}
    return Standing(frozenset(roles), frozenset(holding), words)


def duties_open_to(breach: Breach, user: User, facts: Standing, duties: Collection[Duty]) -> set[Duty]:
    """Those of `duties` that this person may record as done now; `facts` of them towards the breach. No query."""
    if BREACH_RULES.transition(BreachAction.DO_DUTY, str(breach.state)) is None:
        return set()
    found = set()
    for duty in duties:
        standing = BreachPolicy(duty=duty).about(facts, breach, user)
        if isinstance(BREACH_RULES.decide(BreachAction.DO_DUTY, standing.roles, standing.holding), Grant):
            found.add(duty)
    return found


def _holds(breach: Breach, guard: BreachGuard) -> bool:
    match guard:
        case BreachGuard.IS_BREACH:
            return not breach.only_near_miss
        case BreachGuard.IS_NEAR_MISS:
            return breach.only_near_miss
        case BreachGuard.DUTIES_SETTLED:
            duties = BreachDuty.objects.filter(breach=breach)
            settled = duties.exists() and not duties.filter(status=BreachDuty.Status.OPEN).exists()
            if not settled or referral_owed(breach) or promised_phase(breach) is not None or people_left(breach):
                return False
            written = duties.filter(duty=Duty.SERVICE_USER_LETTER, status=BreachDuty.Status.DONE).exists()
            return not (written and letter_came_back(breach))
        case BreachGuard.BOTH_DECIDED:
            both = {pk for pk in (breach.decided_ad_id, breach.decided_cg_id) if pk is not None}
            # One of them may have been named as involved since: then it is decided anew, by their deputy.
            out = Involved.objects.filter(breach=breach, user_id__in=both, cleared_at__isnull=True)
            return len(both) == 2 and not out.exists()
        case BreachGuard.CAUSE_RECORDED:
            return bool(breach.cause and breach.control)
        case BreachGuard.ADVICE_GIVEN:
            asked = Advice.objects.filter(breach=breach)
            return asked.filter(given_at__isnull=False).exists() and not asked.filter(given_at__isnull=True).exists()
        case BreachGuard.PROPOSAL_STANDS:
            proposal = standing_proposal(breach)
            return proposal is not None and proposal.agreed_at is None
        case BreachGuard.NOTIFICATION_MADE:
            return to_send(breach) is not None
        case BreachGuard.PHASE_PROMISED:
            return promised_phase(breach) is not None
        case _:
            assert_never(guard)


POLICY = BreachPolicy()


def check_action(
    breach: Breach, user: User, action: str, *, authority: Authority | None = None, policy: BreachPolicy = POLICY
) -> Grant:
    """The grant on which `user` may take `action` now; the engine asks all of it again inside the step.

    Raises NotAllowed, NotPossible or GuardFailed, each with its sentence.
    """
    authority = authority or authority_of(user, timezone.now())
    standing = policy.standing_with(breach, user, authority)
    decision = BREACH_RULES.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(BREACH_RULES.explain(decision))
    row = BREACH_RULES.transition(action, str(breach.state) if breach.pk else "")
    if row is None:
        raise NotPossible("That step is not possible where this breach stands now.")
    failed = policy.failed_guards(breach, row.guards)
    if failed:
        raise GuardFailed(BREACH_RULES.words[failed[0]], failed[0])
    return decision


def can(
    breach: Breach, user: User, action: str, *, authority: Authority | None = None, policy: BreachPolicy = POLICY
) -> bool:
    """Boolean twin of `check_action`."""
    try:
        check_action(breach, user, action, authority=authority, policy=policy)
    except StepError:
        return False
    return True


__all__ = ["DECIDERS", "PARTY_NAMES", "PARTY_ROLES", "POLICY", "BreachPolicy", "can", "check_action"]
