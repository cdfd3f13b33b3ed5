"""Are the acknowledgements of a version, and its text, those that its entries tell of (OGP-0)?"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from audit.floor_rules import FloorAction
from audit.models import PolicyVersion
from postroom.ledger.chain import EntryValues, to_microseconds
from postroom.ledger.replaying import Told, details_of

ACKNOWLEDGE = "acknowledge_policy"


def check_policy(version: PolicyVersion, entries: Sequence[EntryValues]) -> str:
    """What is wrong with a version's text and acknowledgements, given its entries in order; "" if nothing is."""
    told: Counter[tuple[int | None, int]] = Counter(
        (entry.actor_id, entry.at) for entry in entries if entry.action == ACKNOWLEDGE
    )
    rows = version.acknowledgements.using(version._state.db).values_list("user_id", "at")
    kept: Counter[tuple[int | None, int]] = Counter((user, to_microseconds(at)) for user, at in rows)
    if told - kept:
        return "an acknowledgement that its entries tell of is gone"
    if kept - told:
        return "an acknowledgement stands there that no entry tells of"
    digest = hashlib.sha256(version.text.encode("utf-8", "replace")).hexdigest()
    known = {details_of(e).get("sha256") for e in entries if e.action == ACKNOWLEDGE}
    known |= {Told(entries).details(FloorAction.ADD_VERSION).get("sha256")}
    if digest != version.sha256 or known - {None, digest}:
        return "its text is not the one that was entered and acknowledged"
    return ""
