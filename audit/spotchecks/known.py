"""The copies of reports and minutes that spot checks show to whoever checks, and need as long as they are kept."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from audit.models import Item, SpotCheck
from distribution.models import Item as Copy
from postroom.ledger.kept import not_let_go
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import Role


def before_the_checker(user: User, authority: Authority) -> Q | None:
    """For the District Admin Manager: the copies on the list of a spot check. So a fault is one click from a report."""
    if not user.is_active or not authority.has(Role.DISTRICT_ADMIN_MANAGER):
        return None
    return Q(pk__in=Item.objects.filter(copy__isnull=False).order_by().values("copy"))


def still_needed() -> QuerySet[Copy]:
    """Copies whose spot check is still kept: what it found is looked up in them."""
    kept = SpotCheck.objects.filter(not_let_go(SpotCheck))
    return Copy.objects.filter(pk__in=Item.objects.filter(copy__isnull=False, check_of__in=kept).values("copy"))
