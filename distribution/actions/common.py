"""What several steps share: the time an item has been in a state, voiding what was confirmed, telling people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from distribution.models import Item, Receipt
from distribution.policy import POLICY, kind_now
from letters.actions.common import hold_case
from letters.routes import Channel
from postroom.cases.access import those_who_may_know
from postroom.files.models import StoredFile
from postroom.outbox.mail import notify
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen, Taken, take

Change = Callable[[Item, Taken], Mapping[str, Any] | None]


def keep_receipt(item: Item, taken: Taken, *, of: str, scan: StoredFile | None, by: User) -> None:
    """Inside a step: the scan of the receipt that it gave, if there is one."""
    if scan is not None:
        Receipt.objects.create(item=item, of=of, scan=scan, by=by, at=taken.at)


def scanned(receipt: StoredFile | None) -> dict[str, str]:
    """What the ledger keeps of a scan: its hash."""
    return {"receipt": receipt.pk} if receipt else {}


def step(
    item: Item,
    action: str,
    *,
    by: User | None,
    seen: Seen | None,
    reason: str = "",
    change: Change | None = None,
    after: Callable[[Item, Taken], None] | None = None,
) -> Item:
    """One step of an item on the engine; keeps `state_since` for My work.

    A person's step holds the case first: a case can't change hands, nor a recipient or an address change, between the
    rights and guards of the step and its effect. Locks go in one order: the job of an e-mail, the case, the item.
    """

    def with_time(locked: Item, taken: Taken) -> Mapping[str, Any] | None:
        row = locked.rules.transition(action, str(locked.state))
        if row is not None and row.target != row.source:
            locked.state_since = taken.at
        return change(locked, taken) if change else None

    with transaction.atomic():
        held = {"case": hold_case(item.case_id)} if by is not None else None
        return take(
            item,
            action=action,
            by=by,
            policy=POLICY,
            seen=seen,
            reason=reason,
            change=with_time,
            after=after,
            held=held,
        )


def proposed_channel(family: bool) -> str:
    """The way the policy wants first: by hand to family, secure e-mail to professionals (OGP-9)."""
    return str(Channel.BY_HAND if family else Channel.SECURE_EMAIL)


def void(item: Item) -> None:
    """Take back what was confirmed of the recipient and the way: the item says of them what the case says now.

    What was handed, posted or sent stays on record; a paper that is out stays out.
    """
    void_approval(item)
    item.right_by, item.right_at, item.right_basis = None, None, ""
    item.released_by, item.released_at, item.version_hash = None, None, ""
    item.address, item.email, item.sending = None, "", False
    item.family, item.area = kind_now(item)
    if item.carried_by_id is None:
        item.channel = proposed_channel(item.family)


def void_approval(item: Item) -> None:
    """An approval is for one address and one way; the envelope made for it is void with it."""
    item.approval_asked_by, item.approved_by, item.approved_until, item.service = None, None, None, ""
    unseal(item)


def unseal(item: Item) -> None:
    """Take the initials off: there is no envelope."""
    item.stock, item.cover, item.initialled_by, item.initials, item.enveloped_on = None, None, None, "", None


def tell(item: Item, code: str, user_ids: Iterable[int | None], *, but: User | None = None) -> None:
    """An e-mail without a word about anybody, to those from whom the case isn't kept."""
    wanted = {pk for pk in user_ids if pk is not None and (but is None or pk != but.pk)}
    if wanted:
        told = those_who_may_know(item.case, wanted)
        notify(
            told,
            f"item_{code}",
            item.ledger_subject,
            f"/distribution/items/{item.reference}/",
            occasion=item.version,
        )


def managers_of(item: Item) -> list[int]:
    """The TMs and deputy TMs of the case's office today."""
    rows = RoleGrant.objects.on(timezone.localdate()).filter(
        office_id=item.case.office_id,
        role__in=[Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER],
        user__is_active=True,
    )
    return sorted(set(rows.values_list("user_id", flat=True)))
