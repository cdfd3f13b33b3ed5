"""What the database itself refuses on cases, whoever asks: SQL by hand, bulk calls, a script."""

from __future__ import annotations

from postroom.ledger.kept import still_kept
from postroom.ledger.triggers import Trigger

PROTECTION: tuple[Trigger, ...] = (
    *(
        Trigger(name=f"{table}_{verb.lower()}", table=table, event=verb, message="What changed hands stays as it was")
        for table in ("cases_handedon", "cases_handedonitem", "cases_handedonseen")
        for verb in ("UPDATE", "DELETE")
    ),
    Trigger(
        name="cases_icsimport_file",
        table="cases_icsimport",
        event="UPDATE OF file_id",
        message="The file that was taken over from ICS stays until its time has come",
        when="OLD.file_id <> NEW.file_id AND " + still_kept("'ics_import/' || OLD.reference"),
    ),
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
    Trigger(
        name="cases_access_stays",
        table="cases_caseaccess",
        event="DELETE",
        message="Who was named or barred is ended, never deleted",
    ),
    Trigger(
        name="cases_access_ended",
        table="cases_caseaccess",
        event="UPDATE",
        message="Who was named or barred is ended once and not changed",
        when=(
            "OLD.ended_at IS NOT NULL OR OLD.case_id <> NEW.case_id OR OLD.user_id <> NEW.user_id "
            "OR OLD.kind <> NEW.kind OR OLD.since <> NEW.since OR OLD.set_by_id <> NEW.set_by_id"
        ),
    ),
    Trigger(
        name="cases_mustnotknow_stays",
        table="cases_mustnotknow",
        event="DELETE",
        message="Who must not know is lifted, never deleted",
    ),
    Trigger(
        name="cases_mustnotknow_lifted",
        table="cases_mustnotknow",
        event="UPDATE",
        message="Who must not know is lifted once and not changed",
        when=(
            "OLD.lifted_at IS NOT NULL OR OLD.case_id <> NEW.case_id OR OLD.a_id <> NEW.a_id OR OLD.b_id <> NEW.b_id "
            "OR OLD.reason <> NEW.reason OR OLD.set_by_id <> NEW.set_by_id"
        ),
    ),
)
