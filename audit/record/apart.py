"""From whom a person's answer is kept although they are of governance: barred from a case of theirs, or part of a
breach case that is in the answer (clauses.md: not anyone involved, on that case; decisions 0032, 0121)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from audit.record.access import LEFT_OUT_CASES, breaches_about
from audit.record.models import AccessRequest
from postroom.cases.models import CaseAccess, CasePerson
from postroom.ledger.kept import kind_of
from postroom.people.models import User

BARRED = "You are barred from a case of this person. Somebody else of governance answers the request."
PART_OF_IT = "You are part of a breach case that this answer holds. Somebody else of governance takes it from here."


def bars(user: User) -> QuerySet[CaseAccess]:
    """What this person is barred from now."""
    return CaseAccess.objects.filter(user=user, kind=CaseAccess.Kind.BARRED, ended_at__isnull=True).order_by()


def not_barred(people: QuerySet[CasePerson], user: User) -> QuerySet[CasePerson]:
    """Those of cases that this person isn't barred from."""
    return people.exclude(case__in=bars(user).values("case"))


def is_barred(people: Iterable[CasePerson], user: User) -> bool:
    """Is this person barred from a case of one of these?"""
    return bars(user).filter(case__in=[one.case_id for one in people]).exists()


def why_not(asked: AccessRequest, user: User) -> str:
    """Why this person doesn't fetch that answer; "" where they may.

    Who gathered it themselves has a file from which their own breach cases are left out: those alone keep nothing.
    """
    people = list(asked.people)
    if is_barred(people, user):
        return BARRED
    left_out = int(asked.found.get(LEFT_OUT_CASES, 0)) if asked.answered_by_id == user.pk else 0
    return PART_OF_IT if len(_part_of(people, user)) > left_out else ""


def _part_of(people: Sequence[CasePerson], user: User) -> set[int]:
    kind = kind_of("breaches")
    if kind is None:
        return set()
    theirs = breaches_about(people, kind.model) | Q(letter__addressee__in=people)
    return set(kind.involved(user.pk, list(kind.rows().filter(theirs).distinct().values_list("pk", flat=True))))
