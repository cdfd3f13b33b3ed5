"""Who is shown an address that is marked confidential (CLS-5), and the record of each look.

On the case: its allocated worker, and the TM and deputy TM of its office. On a letter: see `letters.confidential`.
Everybody else reads "Confidential address" in its place, wherever it would stand.
"""

from __future__ import annotations

from postroom.cases.access import kept_from
from postroom.cases.models import Address, Case
from postroom.ledger.readings import record_read
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role

HIDDEN = "Confidential address"
MANAGERS = (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)


def may_see_confidential(case: Case, user: User, authority: Authority) -> bool:
    """May this person be shown the confidential addresses of the case? One query, for whether it is kept from them."""
    own = case.allocated_worker_id == user.pk and authority.has(*SOCIAL_WORK_ROLES)
    managed = case.office_id in authority.offices(*MANAGERS)
    return (own or managed) and not kept_from(case, user)


def masked(address: Address) -> str:
    """What stands in the place of a confidential address."""
    return f"{HIDDEN} ({address.get_confidential_kind_display().lower()})"


def lines_for(address: Address, *, may_see: bool) -> list[str]:
    """The lines for somebody who `may_see` confidential ones, or what stands in their place."""
    return address.line_list if may_see or not address.is_confidential else [masked(address)]


def looked(address: Address, by: User, what: str) -> None:
    """Record in the log of readings that somebody was shown this address, if it is confidential.

    `what`: the page's kind: case, letter. The reading's subject is `address/ID`.
    """
    if address.is_confidential:
        record_read(f"address/{address.pk}", by=by, what=what)
