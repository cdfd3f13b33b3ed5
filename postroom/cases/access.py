"""From whom a case is kept: not named on a restricted one, or barred from it (clauses.md, "restrict a case").

One place for every floor: a case that is kept from somebody doesn't exist for them, nor does anything of it. Being
named gives nobody a right that they haven't by their role and office; it only lifts the restriction.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.db.models import Q

from postroom.cases.models import Case, CaseAccess
from postroom.people.models import User
from postroom.prepared import Prepared


class Kept(StrEnum):
    """Why a case is kept from somebody; empty: it isn't."""

    NOT = ""
    NOT_NAMED = "not_named"
    BARRED = "barred"


_KINDS = Prepared(
    lambda case, user: (
        CaseAccess.objects.filter(case_id=case, user_id=user, ended_at__isnull=True).order_by("pk").values_list("kind")
    ),
    case=int,
    user=int,
)


def kept_from(case: Case, user: User) -> Kept:
    """Is this case kept from this person? One query, always fresh; none for a case not saved yet."""
    if case.pk is None:
        return Kept.NOT
    kind = next(iter(_KINDS.rows(case=case.pk, user=user.pk or 0)), None)
    if kind == (CaseAccess.Kind.BARRED,):
        return Kept.BARRED
    return Kept.NOT_NAMED if case.is_restricted and kind is None else Kept.NOT


def not_hidden(user: User, path: str = "pk") -> Q:
    """The condition that a row's case isn't kept from this person; `path` leads from the row to the case's id.

    Two short lists of ids that indexes serve: the database reads each once, and a list keeps its own order.
    """
    mine = CaseAccess.objects.filter(user_id=user.pk, ended_at__isnull=True).order_by()
    named = mine.filter(kind=CaseAccess.Kind.NAMED).values("case_id")
    restricted = Case.objects.filter(is_restricted=True).exclude(pk__in=named).order_by().values("pk")
    barred = mine.filter(kind=CaseAccess.Kind.BARRED).values("case_id")
    return ~Q(**{f"{path}__in": restricted}) & ~Q(**{f"{path}__in": barred})


def those_who_may_know(case: Case, user_ids: Iterable[int]) -> set[int]:
    """Those of `user_ids` from whom the case is not kept: who may get a notice or an e-mail about it. Two queries."""
    wanted = set(user_ids)
    restricted = Case.objects.filter(pk=case.pk).values_list("is_restricted", flat=True).get()
    rows = CaseAccess.objects.filter(case_id=case.pk, user_id__in=wanted, ended_at__isnull=True)
    kinds = dict(rows.values_list("user_id", "kind"))
    if restricted:
        return {pk for pk in wanted if kinds.get(pk) == CaseAccess.Kind.NAMED}
    return {pk for pk in wanted if kinds.get(pk) != CaseAccess.Kind.BARRED}
