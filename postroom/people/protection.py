"""What the database itself refuses on people, whoever asks: SQL by hand, bulk calls, a script."""

from __future__ import annotations

from postroom.ledger.triggers import Trigger

_STAYS = "Accounts and offices are closed, never deleted: what they did stays theirs"

PROTECTION: tuple[Trigger, ...] = (
    Trigger(name="people_user_stays", table="people_user", event="DELETE", message=_STAYS),
    Trigger(name="people_office_stays", table="people_office", event="DELETE", message=_STAYS),
    Trigger(
        name="people_office_code_stays",
        table="people_office",
        event="UPDATE OF code",
        message="The code of an office names its chain in the ledger and never changes",
        when="OLD.code <> NEW.code",
    ),
)
