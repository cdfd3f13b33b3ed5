"""What the database itself refuses on downtimes, whoever asks."""

from __future__ import annotations

from downtime.states import DowntimeState
from postroom.ledger.triggers import Trigger

PROTECTION: tuple[Trigger, ...] = (
    Trigger(
        name="downtime_stays", table="downtime_downtime", event="DELETE", message="A downtime is closed, never deleted"
    ),
    Trigger(
        name="downtime_closed_for_good",
        table="downtime_downtime",
        event="UPDATE OF state",
        message="A closed downtime stays closed",
        when=f"OLD.state = '{DowntimeState.CLOSED}' AND NEW.state <> OLD.state",
    ),
    Trigger(
        name="downtime_times_fixed",
        table="downtime_downtime",
        event="UPDATE OF began_at, ended_at, office_id",
        message="The times of a downtime stay as they were opened",
        when="OLD.began_at <> NEW.began_at OR OLD.ended_at <> NEW.ended_at OR OLD.office_id <> NEW.office_id",
    ),
    Trigger(
        name="downtime_entry_within",
        table="downtime_lateentry",
        event="INSERT",
        message="A step is entered later only for an open downtime of its office, within its times",
        when=(
            "NOT EXISTS (SELECT 1 FROM downtime_downtime d JOIN letters_letter l "  # noqa: S608 - our own words
            "ON l.id = NEW.letter_id "
            f"WHERE d.id = NEW.downtime_id AND d.state = '{DowntimeState.OPEN}' AND d.office_id = l.office_id "
            "AND NEW.happened_at >= d.began_at AND NEW.happened_at <= d.ended_at)"
        ),
    ),
    Trigger(
        name="downtime_entry_fixed",
        table="downtime_lateentry",
        event="UPDATE",
        message="What was entered later is not changed",
        # Its scan goes with what the letter says (downtime.kept).
        when=(
            "NOT EXISTS (SELECT 1 FROM letters_disposed d WHERE d.letter_id = OLD.letter_id AND d.what = 'content') "
            "OR OLD.letter_id <> NEW.letter_id OR OLD.by_id <> NEW.by_id OR OLD.action <> NEW.action "
            "OR OLD.happened_at <> NEW.happened_at OR OLD.entered_by_id <> NEW.entered_by_id"
        ),
    ),
    Trigger(
        name="downtime_entry_stays",
        table="downtime_lateentry",
        event="DELETE",
        message="What was entered later is not deleted",
    ),
)
