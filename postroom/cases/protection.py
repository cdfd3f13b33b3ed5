"""What the database itself refuses on cases, whoever asks: SQL by hand, bulk calls, a script."""

from __future__ import annotations

from postroom.ledger.triggers import Trigger

PROTECTION: tuple[Trigger, ...] = (
    Trigger(name="cases_case_stays", table="cases_case", event="DELETE", message="A case is closed, never deleted"),
    Trigger(
        name="cases_address_fixed",
        table="cases_address",
        event="UPDATE OF lines, person_id",
        message="The lines of an address never change: a new address is a new row",
        when="OLD.lines <> NEW.lines OR OLD.person_id <> NEW.person_id",
    ),
    Trigger(
        name="cases_address_stays",
        table="cases_address",
        event="DELETE",
        message="An address is retired, never deleted",
    ),
    Trigger(
        name="cases_address_retired_for_good",
        table="cases_address",
        event="UPDATE OF retired_at",
        message="A retired address stays retired",
        when="OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at",
    ),
)
