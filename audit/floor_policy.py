"""Who may see which offices' figures and acknowledgements now: the rows of `floor_rules` and the person's authority."""

from __future__ import annotations

from audit.floor_rules import FLOOR_RULES, FloorAction, FloorCondition
from postroom.people.authority import Authority
from postroom.people.models import Office
from postroom.steps.errors import NotAllowed
from postroom.steps.table import Grant


def offices_for(authority: Authority, action: FloorAction) -> list[Office]:
    """The offices for which this person may do it, by name; none if they may for none. One query."""
    everywhere = {role for role, office in authority.held if office is None}
    if isinstance(FLOOR_RULES.decide(action, everywhere, ()), Grant):
        return list(Office.objects.filter(is_active=True).order_by("name"))
    mine = [
        office
        for office in sorted({office for _, office in authority.held if office is not None})
        if isinstance(FLOOR_RULES.decide(action, authority.at_office(office), {FloorCondition.OWN_OFFICE}), Grant)
    ]
    return list(Office.objects.filter(pk__in=mine, is_active=True).order_by("name")) if mine else []


def check_floor(authority: Authority, action: FloorAction) -> None:
    """Raises NotAllowed, with who may, unless the person may do it for the whole council."""
    everywhere = {role for role, office in authority.held if office is None}
    decision = FLOOR_RULES.decide(action, everywhere, ())
    if not isinstance(decision, Grant):
        raise NotAllowed(FLOOR_RULES.explain(decision))
