"""What the database itself refuses on the register's rows, whoever asks: SQL by hand, bulk calls, a script.

Generated from the tables of transitions, so that a rule stands once; installed after every migrate.
"""

from __future__ import annotations

from collections.abc import Iterable

from papers.states import AGREEMENT_RULES, PAPERS_RULES
from postroom.ledger.kept import still_kept
from postroom.ledger.triggers import Trigger, append_only
from postroom.steps.table import Transition


def _moves(rows: Iterable[Transition]) -> str:
    pairs = sorted({(str(t.source), str(t.target)) for t in rows if t.source and t.source != t.target})
    return ", ".join(f"('{source}', '{target}')" for source, target in pairs)


def _entry(kind: str, from_state: str = "") -> str:
    """A ledger entry of this very move stands: subject, place, hash and states agree with the row."""
    return (
        "EXISTS (SELECT 1 FROM ledger_entry e "  # noqa: S608 - nothing in it comes from outside
        f"WHERE e.subject = '{kind}/' || NEW.reference AND e.seq = NEW.ledger_seq "
        f"AND e.hash = NEW.ledger_head AND e.to_state = NEW.state{from_state})"
    )


def _guarded(table: str, kind: str, rows: Iterable[Transition], what: str) -> list[Trigger]:
    return [
        Trigger(
            name=f"{table}_moves",
            table=table,
            event="UPDATE OF state",
            message=f"{what} moves only along its table of transitions",
            when=f"OLD.state <> NEW.state AND NOT ((OLD.state, NEW.state) IN (VALUES {_moves(rows)}))",
        ),
        Trigger(
            name=f"{table}_recorded",
            table=table,
            event="UPDATE OF state",
            message=f"{what} moves only by a step that the ledger has",
            when=f"OLD.state <> NEW.state AND NOT {_entry(kind, ' AND e.from_state = OLD.state')}",
        ),
        Trigger(name=f"{table}_stays", table=table, event="DELETE", message=f"{what} stays on record"),
    ]


# What retention lets go of, the database lets go of too.
_KEPT = still_kept("'papers/' || OLD.reference")
_AGREEMENT_KEPT = still_kept("'away_agreement/' || OLD.reference")
PROTECTION: tuple[Trigger, ...] = (
    *_guarded("papers_papersout", "papers", PAPERS_RULES.transitions, "An entry of the papers-out register"),
    Trigger(
        name="papers_papersout_begins",
        table="papers_papersout",
        event="INSERT",
        message="Papers leave for an agreed task, or are asked for",
        # The engine writes the row before its entry, so what can be held here is where it begins and for what.
        when=(
            "NOT (NEW.state = 'out' AND NEW.purpose <> 'other' OR NEW.state = 'asked' AND NEW.purpose = 'other') "
            f"AND NOT {_entry('papers')}"
        ),
    ),
    Trigger(
        name="papers_papersout_identity",
        table="papers_papersout",
        event="UPDATE OF reference, case_id, holder_id, kind, what, pages, purpose, entered_by",
        message="What was taken, by whom and for what stays as entered",
        when=(
            "OLD.reference <> NEW.reference OR OLD.case_id IS DISTINCT FROM NEW.case_id "
            "OR OLD.holder_id <> NEW.holder_id OR OLD.kind <> NEW.kind "
            f"OR (OLD.what <> NEW.what AND {_KEPT}) "
            "OR OLD.pages IS DISTINCT FROM NEW.pages OR OLD.purpose <> NEW.purpose "
            "OR OLD.entered_by <> NEW.entered_by"
        ),
    ),
    *append_only("papers_reminder", keys=[("papers_id", "due_on", "stage")]),
    *_guarded("papers_awayagreement", "away_agreement", AGREEMENT_RULES.transitions, "An agreement"),
    Trigger(
        name="papers_awayagreement_fixed",
        table="papers_awayagreement",
        event="UPDATE OF person_id, agreed_by_id, starts, ends, place, base, access",
        message="Who agreed to what for whom stays as entered; another agreement is another row",
        when=(
            "OLD.person_id <> NEW.person_id OR OLD.agreed_by_id <> NEW.agreed_by_id "
            "OR OLD.starts <> NEW.starts OR OLD.ends <> NEW.ends OR OLD.place <> NEW.place "
            f"OR ((OLD.base <> NEW.base OR OLD.access <> NEW.access) AND {_AGREEMENT_KEPT})"
        ),
    ),
)
