"""Who may do which action on a downtime, now. `check_action` raises, `can` is its boolean twin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import suppress

from downtime.models import Downtime
from downtime.states import DOWNTIME_RULES, DowntimeCondition
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.roles import OFFICE_ROLES
from postroom.steps.engine import Standing
from postroom.steps.errors import NotAllowed, NotPossible, StepError
from postroom.steps.table import Grant


def standing_of(downtime: Downtime, authority: Authority) -> Standing:
    """The roles held at the downtime's office, and the conditions that hold."""
    roles = authority.at_office(downtime.office_id)
    holding = frozenset({DowntimeCondition.IN_OFFICE}) if roles & OFFICE_ROLES else frozenset()
    return Standing(roles, holding, {role: authority.how(role, downtime.office_id) for role in roles})


class DowntimePolicy:
    """What the engine asks about a downtime. Reads afresh, inside the step's transaction."""

    def standing(self, subject: Downtime, user: User, at: dt.datetime) -> Standing:
        return standing_of(subject, authority_of(User.objects.get(pk=user.pk), at))

    def failed_guards(self, subject: Downtime, guards: Collection[str]) -> list[str]:
        return list(guards)  # the table names none: one that nobody can answer stands against the step


POLICY = DowntimePolicy()


def check_action(downtime: Downtime, user: User, action: str, *, authority: Authority | None = None) -> Grant:
    """The grant on which `user` may take `action` now. Raises NotAllowed, NotPossible."""
    standing = standing_of(downtime, authority or authority_of(user))
    decision = DOWNTIME_RULES.decide(action, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(DOWNTIME_RULES.explain(decision))
    source = str(downtime.state) if downtime.pk else ""
    if DOWNTIME_RULES.transition(action, source) is None:
        raise NotPossible("This downtime is closed: nothing more can be entered for it.")
    return decision


def can(downtime: Downtime, user: User, action: str, *, authority: Authority | None = None) -> bool:
    """Boolean twin of `check_action`."""
    with suppress(StepError):
        check_action(downtime, user, action, authority=authority)
        return True
    return False
