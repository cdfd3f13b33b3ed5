"""Whose steps a bundle shows nobody: of a breach that whoever asks is kept out of, of a case that is kept from them.

A breach: being involved, or barred from one of its cases (decision 0179). A case: restricted to people they aren't
among, or barred from it (decision 0192). With the case goes all that hangs on it, each in a chain of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from audit.models import Finding
from audit.models import Item as SpotItem
from audit.record.models import AccessRequest, Bundle, LegalHold
from breaches.kept_out import kept_out
from breaches.models import Breach
from distribution.models import Distribution
from distribution.models import Item as Copy
from letters.models import Letter
from papers.models import PapersOut
from postroom.cases.access import not_hidden
from postroom.cases.models import Case, CaseAccess
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import User


def kept_from(user: User) -> frozenset[str]:
    """The chains that are kept from this person now, by name. A fixed number of queries, however many there are."""
    breaches = _named(Breach.objects.filter(kept_out(user.pk)))
    cases = Case.objects.filter(~not_hidden(user)).order_by()
    ids = cases.values("pk")
    kept = {*breaches, *_named(cases)}
    for model in (Letter, Distribution, Copy, PapersOut):
        kept |= _named(model.objects.filter(case__in=ids))
    items = SpotItem.objects.filter(Q(letter__case__in=ids) | Q(copy__case__in=ids))
    kept |= _named(items.select_related("check_of")) | _named(Finding.objects.filter(item__in=items))
    kept |= _named(LegalHold.objects.filter(Q(case__in=ids) | Q(record__in=kept))) if kept else set()
    kept |= _named(Bundle.objects.filter(letter__case__in=ids))
    barred = CaseAccess.objects.filter(user=user, kind=CaseAccess.Kind.BARRED, ended_at__isnull=True).order_by()
    return frozenset(kept | _named(AccessRequest.objects.filter(person__case__in=barred.values("case"))))


def _named(rows: Iterable[LedgerSubject]) -> set[str]:
    return {row.ledger_subject for row in rows}


def is_kept_from(user: User, letter: Letter) -> bool:
    """Is the case of this letter kept from this person now? Then there is no such letter for them. One query."""
    hidden: QuerySet[Case] = Case.objects.filter(~not_hidden(user), pk=letter.case_id)
    return hidden.exists()
