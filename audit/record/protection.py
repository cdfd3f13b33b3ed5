"""What the database refuses on this app's rows."""

from postroom.ledger.triggers import Trigger, append_only

PROTECTION: tuple[Trigger, ...] = (
    *append_only("record_departure", keys=[("id",), ("number", "way", "place")]),
    *append_only("record_verification", keys=[("id",)]),
)
