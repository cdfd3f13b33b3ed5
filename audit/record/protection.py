"""What the database refuses on this app's rows."""

from postroom.ledger.triggers import Trigger, append_only

PROTECTION: tuple[Trigger, ...] = (
    *append_only("record_departure", keys=[("id",), ("number", "way", "place")]),
    *append_only("record_verification", keys=[("id",)]),
    Trigger(name="record_disposal_stays", table="record_disposal", event="DELETE", message="A certificate stays"),
    Trigger(
        name="record_disposal_decided_once",
        table="record_disposal",
        event="UPDATE",
        message="A disposal is decided once",
        when="OLD.state <> 'proposed' AND (OLD.state <> NEW.state OR OLD.decided_by_id <> NEW.decided_by_id "
        "OR OLD.proposed_by_id <> NEW.proposed_by_id OR OLD.what <> NEW.what)",
    ),
    Trigger(
        name="record_disposal_item_stays", table="record_disposal_item", event="DELETE", message="A certificate stays"
    ),
    Trigger(
        name="record_legal_hold_stays",
        table="record_legal_hold",
        event="DELETE",
        message="A hold is ended, never deleted",
    ),
)
