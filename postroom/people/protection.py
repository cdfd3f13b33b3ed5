"""What the database itself refuses on people, whoever asks: SQL by hand, bulk calls, a script."""

from __future__ import annotations

from postroom.ledger.triggers import Trigger

_STAYS = "Accounts and offices are closed, never deleted: what they did stays theirs"

PROTECTION: tuple[Trigger, ...] = (
    Trigger(name="people_user_stays", table="people_user", event="DELETE", message=_STAYS),
    Trigger(name="people_office_stays", table="people_office", event="DELETE", message=_STAYS),
    Trigger(
        name="people_officechange_stays",
        table="people_officechange",
        event="DELETE",
        message="What was to change at an office is withdrawn, never deleted",
    ),
    Trigger(
        name="people_officechange_fixed",
        table="people_officechange",
        event="UPDATE",
        message="What is to change at an office stays as it was entered; it begins or is withdrawn once",
        when=(
            "OLD.office_id <> NEW.office_id OR OLD.starts <> NEW.starts OR OLD.address <> NEW.address "
            "OR OLD.name <> NEW.name OR OLD.label_prefix <> NEW.label_prefix "
            "OR OLD.phone <> NEW.phone OR OLD.email <> NEW.email OR OLD.letterhead <> NEW.letterhead "
            "OR OLD.made_by_id <> NEW.made_by_id OR OLD.applied_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL"
        ),
    ),
    # Cover holds for its days and place alone: it ends earlier, or another is given and recorded.
    Trigger(
        name="people_cover_stays_as_given",
        table="people_rolegrant",
        event="UPDATE",
        message="Cover is given for its days and its office, and is never made longer",
        when=(
            "OLD.is_cover <> NEW.is_cover OR (OLD.is_cover AND (OLD.user_id <> NEW.user_id OR OLD.role <> NEW.role "
            "OR OLD.office_id <> NEW.office_id OR NEW.starts < OLD.starts OR NEW.ends > OLD.ends))"
        ),
    ),
    Trigger(
        name="people_office_code_stays",
        table="people_office",
        event="UPDATE OF code",
        message="The code of an office names its chain in the ledger and never changes",
        when="OLD.code <> NEW.code",
    ),
)
