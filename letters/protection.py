"""What the database itself refuses on a letter's rows, whoever asks: SQL by hand, bulk calls, a script.

Generated from the table of transitions, so that the rule stands once; installed after every migrate.
"""

from __future__ import annotations

from letters.states import TRANSITIONS, State
from postroom.ledger.triggers import Trigger

_MOVES = sorted({(str(t.source), str(t.target)) for t in TRANSITIONS if t.source and t.source != t.target})
_ALLOWED = ", ".join(f"('{source}', '{target}')" for source, target in _MOVES)


def _entry(from_state: str) -> str:
    """A ledger entry of this very move stands: subject, place, hash and states agree with the row."""
    return (
        "EXISTS (SELECT 1 FROM ledger_entry e "  # noqa: S608 - nothing in it comes from outside
        "WHERE e.subject = 'letter/' || NEW.reference AND e.seq = NEW.ledger_seq "
        f"AND e.hash = NEW.ledger_head AND e.to_state = NEW.state{from_state})"
    )


PROTECTION: tuple[Trigger, ...] = (
    Trigger(
        name="letters_letter_moves",
        table="letters_letter",
        event="UPDATE OF state",
        message="A letter moves only along its table of transitions",
        when=f"OLD.state <> NEW.state AND NOT ((OLD.state, NEW.state) IN (VALUES {_ALLOWED}))",
    ),
    Trigger(
        name="letters_letter_recorded",
        table="letters_letter",
        event="UPDATE OF state",
        message="A letter moves only by a step that the ledger has",
        when=f"OLD.state <> NEW.state AND NOT {_entry(' AND e.from_state = OLD.state')}",
    ),
    Trigger(
        name="letters_letter_begins",
        table="letters_letter",
        event="INSERT",
        message="A letter begins as a draft, or with its steps in the ledger",
        when=f"NEW.state <> '{State.DRAFTED}' AND NOT {_entry('')}",
    ),
    Trigger(
        name="letters_letter_stays",
        table="letters_letter",
        event="DELETE",
        message="A letter is withdrawn, never deleted",
    ),
    Trigger(
        name="letters_letter_identity",
        table="letters_letter",
        event="UPDATE OF reference, case_id, addressee_id, created_by_id",
        message="A letter keeps its reference, case and addressee",
        when=(
            "OLD.reference <> NEW.reference OR OLD.case_id <> NEW.case_id OR OLD.addressee_id <> NEW.addressee_id "
            "OR OLD.created_by_id <> NEW.created_by_id"
        ),
    ),
    Trigger(
        name="letters_version_frozen",
        table="letters_letterversion",
        event="UPDATE",
        message="A version of a letter is frozen",
        when=(
            "OLD.letter_id <> NEW.letter_id OR OLD.number <> NEW.number OR OLD.content <> NEW.content "
            "OR OLD.salt <> NEW.salt OR OLD.content_hash <> NEW.content_hash OR OLD.body <> NEW.body "
            "OR OLD.address_id <> NEW.address_id OR OLD.typed_by_id <> NEW.typed_by_id "
            "OR OLD.signatory_id <> NEW.signatory_id "
            "OR (OLD.pdf_id IS NOT NULL AND NEW.pdf_id IS DISTINCT FROM OLD.pdf_id)"
        ),
    ),
    Trigger(
        name="letters_version_stays",
        table="letters_letterversion",
        event="DELETE",
        message="A version of a letter is frozen",
    ),
)
