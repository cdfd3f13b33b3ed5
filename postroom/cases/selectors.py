"""Every read a page makes of cases; each starts from `visible_to(user)`, the one place that scopes reads (CLS-1)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from postroom.cases.access import not_hidden
from postroom.cases.handed_models import HandedOn, HandedOnItem, HandedOnSeen
from postroom.cases.models import Address, Case, CaseAccess, CasePerson, IcsQuery, MustNotKnow, Relationship
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role

# Roles that see every case of the office they hold them at; the duty worker only while on its rota.
OFFICE_READERS = (
    Role.ADMIN,
    Role.ADVANCED_PRACTITIONER,
    Role.DEPUTY_TEAM_MANAGER,
    Role.TEAM_MANAGER,
    Role.DUTY_WORKER,
)
PAGE = 25


def visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[Case]:
    """The cases that this person may read now. A case that is not here doesn't exist for them (404, not 403).

    The allocated worker; admin, AP, deputy TM and TM of its office; the duty worker of that office while on its rota.
    All others see none: the system administrator too. Nobody sees one that is restricted and doesn't name them, or
    from which they are barred, whatever their role.
    """
    authority = authority or authority_of(user)
    if not user.is_active:
        return Case.objects.none()
    may_read = Q(office_id__in=authority.offices(*OFFICE_READERS))
    if authority.has(*SOCIAL_WORK_ROLES):
        may_read |= Q(allocated_worker=user)
    return Case.objects.filter(may_read).filter(not_hidden(user))


def opens_to(case: Case, user: User, authority: Authority) -> bool:
    """May this reader of one of its letters open the case too? As `visible_to`, but without a query: whoever the case
    is kept from, restricted or barred, reads none of its letters."""
    at_office = case.office_id in authority.offices(*OFFICE_READERS)
    return at_office or (case.allocated_worker_id == user.pk and authority.has(*SOCIAL_WORK_ROLES))


def access_visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[Case]:
    """The cases about whose access this person may decide: a TM's own office's, all for information governance.

    Whoever is barred from a case sees nothing of it here either; a TM who isn't named doesn't.
    """
    authority = authority or authority_of(user)
    managed = visible_to(user, authority=authority).filter(office_id__in=authority.offices(Role.TEAM_MANAGER))
    if not authority.has(Role.INFORMATION_GOVERNANCE):
        return managed
    barred = CaseAccess.objects.filter(user=user, kind=CaseAccess.Kind.BARRED, ended_at__isnull=True)
    return Case.objects.exclude(pk__in=barred.values("case_id"))


def access_of(case: Case) -> list[CaseAccess]:
    """Who is named on the case or barred from it now, by name."""
    rows = case.access.filter(ended_at__isnull=True).select_related("user", "set_by")
    return list(rows.order_by("kind", "user__name", "pk"))


@dataclass(frozen=True)
class CasePage:
    """One page of a list, newest first, and the keys of its neighbours (ids; None: there is none)."""

    cases: list[Case]
    newer: int | None
    older: int | None


def case_page(
    cases: QuerySet[Case], *, before: int | None = None, after: int | None = None, size: int = PAGE
) -> CasePage:
    """A page of `cases` by key: those opened before the case with id `before`, or after the one with id `after`.

    Three queries whatever the length of the list: a page's key is a bound on the index, never a count of rows.
    """
    rows = cases.select_related("office", "allocated_worker").prefetch_related(
        Prefetch(
            "people",
            CasePerson.objects.filter(relationship=Relationship.CHILD, is_active=True),
            to_attr="children",
        )
    )
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        more, found = len(found) > size, list(reversed(found[:size]))
        newer = found[0].pk if more else None
        older = found[-1].pk if found else None
        return CasePage(found, newer, older)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    newer = found[0].pk if before is not None and found else None
    return CasePage(found, newer, found[-1].pk if more else None)


def find_exact(cases: QuerySet[Case], typed: str) -> Case | None:
    """The case with this reference, or of the child with this ICS number, among `cases`; exact but for blanks and case.

    Somebody no longer on the case is still found by their number: it is the number that was read out.
    """
    compact = "".join(typed.split())
    if not compact:
        return None
    number = CasePerson.objects.filter(ics_number__iexact=compact).values("case_id")
    return cases.filter(Q(reference=compact.upper()) | Q(pk__in=number)).order_by("-pk").first()


def people_of(case: Case) -> list[CasePerson]:
    """Everybody on the case, children first, each with `current` and `former` lists of addresses. Two queries."""
    order = [Relationship.CHILD, Relationship.PARENT, Relationship.CARER, Relationship.RELATIVE]
    people = list(
        case.people.prefetch_related(
            Prefetch("addresses", Address.objects.select_related("verified_by").order_by("-pk"))
        )
    )
    for person in people:
        rows = list(person.addresses.all())
        person.current = [row for row in rows if row.retired_at is None]  # type: ignore[attr-defined]
        person.former = [row for row in rows if row.retired_at is not None]  # type: ignore[attr-defined]
    rank = {str(value): place for place, value in enumerate(order)}
    return sorted(people, key=lambda p: (not p.is_active, rank.get(p.relationship, len(order)), p.name, p.pk))


def kept_apart(case_id: int) -> list[MustNotKnow]:
    """The pairs on a case who must not know of each other, as it stands now."""
    return list(MustNotKnow.objects.filter(case_id=case_id, lifted_at__isnull=True).select_related("a", "b", "set_by"))


def must_not_know(one: CasePerson, other: CasePerson) -> bool:
    """Must neither of these two learn of the other? For whoever puts people on one letter, list or set."""
    first, second = sorted((one.pk, other.pk))
    return MustNotKnow.objects.filter(a_id=first, b_id=second, lifted_at__isnull=True).exists()


def apart_from(person: CasePerson) -> set[int]:
    """Ids of the people who must not know of this one, nor this one of them. One query."""
    pairs = MustNotKnow.objects.filter(Q(a=person) | Q(b=person), lifted_at__isnull=True).values_list("a_id", "b_id")
    return {pk for pair in pairs for pk in pair} - {person.pk}


def open_ics_queries(user: User, authority: Authority) -> QuerySet[IcsQuery]:
    """What is said to be wrong in ICS and isn't settled, at the offices where this person is admin; oldest first."""
    cases = visible_to(user, authority=authority).filter(office_id__in=authority.offices(Role.ADMIN))
    rows = IcsQuery.objects.filter(settled_at__isnull=True, case__in=cases)
    return rows.select_related("case", "person", "asked_by").order_by("pk")


def handed_on_to(user: User, authority: Authority) -> QuerySet[HandedOn]:
    """What changed hands and this person sees: managers of either office, the new worker, a leaver's line manager.

    Of a case that isn't kept from them.
    """
    offices = authority.offices(Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
    mine = Q(from_office_id__in=offices) | Q(to_office_id__in=offices) | Q(to_worker=user) | Q(items__now_with=user)
    if not user.is_active:
        return HandedOn.objects.none()
    shown = HandedOn.objects.filter(mine).values("pk")
    rows = HandedOn.objects.filter(pk__in=shown).filter(Q(case__isnull=True) | not_hidden(user, "case_id"))
    return rows.select_related("case", "person", "by", "from_worker", "to_worker", "from_office", "to_office")


def unseen_handed_on(user: User, authority: Authority) -> QuerySet[HandedOn]:
    """The same without what this person did themselves or has looked at, the newest first."""
    seen = HandedOnSeen.objects.filter(handed=OuterRef("pk"), user=user)
    return handed_on_to(user, authority).filter(~Exists(seen)).exclude(by=user).order_by("-pk")


def items_handed_on(handed: HandedOn, user: User) -> QuerySet[HandedOnItem]:
    """What went along, but for what is of a case that is kept from this person."""
    rows = handed.items.filter(Q(case__isnull=True) | not_hidden(user, "case_id"))
    return rows.select_related("now_with").order_by("pk")
