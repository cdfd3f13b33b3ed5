"""What the database refuses on the ledger's own tables."""

from __future__ import annotations

from postroom.ledger.triggers import Trigger, append_only

_REASON = "ledger_reason keeps what is written until its retention ends"

PROTECTION: tuple[Trigger, ...] = (
    *append_only("ledger_entry", keys=[("id",), ("subject", "seq")]),
    *append_only("ledger_seal", keys=[("position",), ("entry_id",)]),
    *append_only("ledger_checkpoint", keys=[("number",), ("last_position",)]),
    *append_only("ledger_disposal", keys=[("id",)]),
    *append_only("ledger_reading", keys=[("id",)]),
    *append_only("ledger_read_batch", keys=[("seq",)]),
    Trigger(name="ledger_reason_no_update", table="ledger_reason", event="UPDATE", message=_REASON),
    Trigger(
        name="ledger_reason_no_truncate",
        table="ledger_reason",
        event="TRUNCATE",
        message=_REASON,
        vendors=("postgresql",),
    ),
    # Retention first writes down that it will (Disposal), in the same transaction; nobody else deletes a reason.
    Trigger(
        name="ledger_reason_no_delete",
        table="ledger_reason",
        event="DELETE",
        message=_REASON,
        when="NOT EXISTS (SELECT 1 FROM ledger_disposal d WHERE d.subject = OLD.subject AND d.up_to_seq >= OLD.seq)",
    ),
    Trigger(
        name="ledger_reason_no_replace",
        table="ledger_reason",
        event="INSERT",
        message=_REASON,
        when="EXISTS (SELECT 1 FROM ledger_reason WHERE id = NEW.id OR (subject = NEW.subject AND seq = NEW.seq))",
        vendors=("sqlite",),
    ),
)
