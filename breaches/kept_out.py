"""Who is kept out of a breach: whoever is named as involved, and whoever is barred from one of its cases (clauses.md).

The one place for both. Neither sees the case of a breach that their role would bring them, nor has a part in running it
or deciding; a bar lasts as long as it stands (decision 0181). A restriction keeps nobody out: somebody has to run it.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from breaches.models import Breach, Involved
from postroom.cases.models import CaseAccess
from postroom.people.models import User

_BARS = CaseAccess.objects.filter(kind=CaseAccess.Kind.BARRED, ended_at__isnull=True).order_by()


def kept_out(user: int) -> Q:
    """The condition on breaches that this person, by their id, is kept out of them."""
    involved = Involved.objects.filter(breach=OuterRef("pk"), user_id=user, cleared_at__isnull=True)
    return Q(Exists(involved)) | Q(Exists(_BARS.filter(user_id=user, case__breaches=OuterRef("pk"))))


def is_kept_out(breach: Breach, user: User) -> bool:
    """Is this person kept out of this breach now? One query; none for a breach that isn't saved yet."""
    return breach.pk is not None and Breach.objects.filter(kept_out(user.pk), pk=breach.pk).exists()


def kept_out_ids(breach: Breach) -> set[int]:
    """Ids of all who are kept out of it. One query."""
    involved = Involved.objects.filter(breach=breach, cleared_at__isnull=True).values_list("user_id")
    return {pk for (pk,) in involved.union(_BARS.filter(case__breaches=breach).values_list("user_id"))}
