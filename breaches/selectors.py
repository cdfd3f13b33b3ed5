"""Every read a page makes of breaches; each starts from `visible_to(user)`, the one place that scopes reads."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from breaches.duties import Duty
from breaches.kept_out import is_kept_out, kept_out
from breaches.models import (
    ROWS,
    Breach,
    BreachDuty,
    Decision,
    FollowUp,
    MeetingException,
    Referral,
    ServiceUserLetter,
)
from breaches.policy import DECIDERS, PARTY_ROLES
from breaches.sight import Part, Sight, sees, sight_by_role
from breaches.states import TOLD, BreachAction
from letters.states import State as LetterState
from postroom.cases.access import not_hidden
from postroom.cases.models import CasePerson, Relationship
from postroom.ledger.models import Entry
from postroom.ledger.recording import json_text
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.roles import Role

MANAGERS = (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
PAGE = 25


def _running(user: User, authority: Authority) -> Q:
    """Breaches that these roles bring: all for governance; for the others, those that are more than a near miss."""
    if authority.has(Role.INFORMATION_GOVERNANCE):
        return Q(pk__isnull=False)  # an empty Q would vanish beside another
    found = Q(pk__in=[])
    if authority.has(*DECIDERS, Role.DATA_PROTECTION_OFFICER):
        found |= Q(is_disclosure=True) | Q(is_loss=True) | Q(is_theft=True)
    own = [duty for duty, row in ROWS.items() if PARTY_ROLES.get(row.whom) in authority.roles]
    if own:
        found |= Q(Exists(BreachDuty.objects.filter(breach=OuterRef("pk"), duty__in=own)))
    offices = authority.offices(*MANAGERS)
    if offices:
        asked = MeetingException.objects.filter(breach=OuterRef("pk")).exclude(kind="danger")
        found |= Q(Exists(asked), office_id__in=offices)
    return found


def visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[Breach]:
    """The breaches that this person may read now. One that is not here doesn't exist for them (404).

    Information governance; the deciders, the Data Protection Officer and the owners of duties where it is more than a
    near miss; a manager of its office who decides on a meeting: none of them where they are kept out. Whoever reported
    it, or for whom it was reported, and their line manager: how much, `sight_of` says. All others see none.
    """
    authority = authority or authority_of(user)
    if not user.is_active:
        return Breach.objects.none()
    theirs = Q(reported_by=user) | Q(reported_for=user)
    return Breach.objects.filter(theirs | ((_running(user, authority) | Q(line_manager=user)) & ~kept_out(user.pk)))


def sight_of(breach: Breach, user: User, authority: Authority) -> Sight:
    """How much of a visible breach this person sees."""
    if is_kept_out(breach, user):
        return Sight.REPORTER
    by_role = sight_by_role(authority.roles, near_miss=breach.only_near_miss)
    if by_role is not None:
        return by_role
    if Breach.objects.filter(_running(user, authority) | Q(line_manager=user), pk=breach.pk).exists():
        return Sight.OWNER
    return Sight.REPORTER


def for_page(breaches: QuerySet[Breach]) -> QuerySet[Breach]:
    """The same, each with the rows its page shows, in one query."""
    return breaches.select_related(
        "office",
        "letter",
        "copy__distribution",
        "reported_by",
        "reported_for",
        "line_manager",
        "assessed_by",
        "control_held_by",
        "decided_ad",
        "decided_cg",
    )


def duties_of(breach: Breach) -> list[BreachDuty]:
    """Its duties in order. One query."""
    return list(breach.duties.select_related("settled_by", "file").order_by("place"))


def duty_of(breach: Breach, duty: Duty) -> BreachDuty | None:
    """The row of that duty, or None if this kind of event doesn't bring it."""
    return breach.duties.filter(duty=duty).first()


def open_duties(breaches: QuerySet[Breach]) -> QuerySet[BreachDuty]:
    """What is still to do in these breaches (`policy.still_to_do`), the first due first."""
    decided_not_to = Decision.objects.filter(
        breach=OuterRef("breach"), superseded_at__isnull=True, agreed_at__isnull=False, commissioner=False
    )
    reported = Referral.objects.filter(breach=OuterRef("breach"))
    again = Q(~Exists(decided_not_to), ~Exists(reported), duty=Duty.COMMISSIONER, status=BreachDuty.Status.SET_ASIDE)
    linked = ServiceUserLetter.objects.filter(breach=OuterRef("breach"))
    again |= Q(
        Exists(linked.filter(letter__state=LetterState.RETURNED)),
        ~Exists(linked.filter(letter__state__in=TOLD)),
        duty=Duty.SERVICE_USER_LETTER,
        status=BreachDuty.Status.DONE,
    )
    rows = BreachDuty.objects.filter(Q(status=BreachDuty.Status.OPEN) | again, breach__in=breaches)
    return rows.select_related("breach").order_by("due_at", "pk")


def promised(breaches: QuerySet[Breach]) -> QuerySet[Referral]:
    """Reports to the Commissioner of these breaches whose promised next phase is owed (`policy.promised_phase`)."""
    later = Referral.objects.filter(breach=OuterRef("breach"), phase__gt=OuterRef("phase"))
    rows = Referral.objects.filter(~Exists(later), breach__in=breaches, more_to_come=True, withdrawn_at__isnull=True)
    return rows.select_related("breach").order_by("more_by", "pk")


def family_not_named(breach: Breach) -> QuerySet[CasePerson]:
    """Family on the breach's cases who aren't named as those whose data it was."""
    named = breach.service_users.filter(cleared_at__isnull=True).values("person")
    family = CasePerson.objects.filter(case__breaches=breach).exclude(relationship=Relationship.PROFESSIONAL)
    return family.exclude(pk__in=named)


def people_for(breach: Breach, user: User) -> QuerySet[CasePerson]:
    """Whom this person can name: family on the breach's cases who aren't named, but for cases kept from them."""
    return family_not_named(breach).filter(not_hidden(user, "case")).order_by("case", "name", "pk")


def follow_ups_of(user: User, authority: Authority) -> QuerySet[FollowUp]:
    """The unfinished actions that this person owns; of the disciplinary part while they are one of those who decide."""
    own = FollowUp.objects.filter(owner=user, finished_at__isnull=True)
    if not authority.has(*DECIDERS):
        return own.filter(for_deciders=False)
    return own.exclude(for_deciders=True, breach__in=Breach.objects.filter(kept_out(user.pk)))


def without_deciders_steps(entries: QuerySet[Entry], subjects: list[str]) -> QuerySet[Entry]:
    """Entries of these breaches' chains without those of the disciplinary part: its actions finished. One query."""
    references = [subject.partition("/")[2] for subject in subjects]
    hidden = FollowUp.objects.filter(for_deciders=True, breach__reference__in=references).values_list("pk", flat=True)
    payloads = [json_text({"action": pk}) for pk in hidden]
    return entries.exclude(action=BreachAction.FINISH_FOLLOW_UP, payload__in=payloads)


def actions_seen(breach: Breach, sight: Sight) -> QuerySet[FollowUp]:
    """The actions of a breach that somebody who sees so much of it knows of (OGP-12)."""
    found = breach.follow_ups.select_related("owner")
    return found if sees(Part.ACTIONS, sight) else found.filter(for_deciders=False)
