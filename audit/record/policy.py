"""Who may do which action on the record, now. The rules are data in `permissions`; `can` is the twin of `check`."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from audit.record.permissions import RECORD_RIGHTS, RecordAction
from postroom.ledger.recording import Actor
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.rights import Grant
from postroom.people.roles import ROLE_NAMES
from postroom.steps.errors import NotAllowed


def check(
    action: RecordAction, *, by: User, holding: Collection[str] = (), authority: Authority | None = None
) -> Actor:
    """The actor for the ledger, if `by` may do this now. Raises NotAllowed with a sentence."""
    authority = authority or authority_of(by)
    found = RECORD_RIGHTS.decide(action, authority.roles, holding)
    if not isinstance(found, Grant):
        raise NotAllowed(RECORD_RIGHTS.explain(found))
    return Actor(id=by.pk, name=by.name, role=ROLE_NAMES[found.role], authority=authority.how(found.role, None))


def can(action: RecordAction, *, by: User, holding: Collection[str] = (), authority: Authority | None = None) -> bool:
    """Boolean twin of `check`."""
    with suppress(NotAllowed):
        check(action, by=by, holding=holding, authority=authority)
        return True
    return False
