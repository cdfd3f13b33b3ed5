"""What the database itself refuses of a letter in a format that has to be made: Braille, audio, easy read (0167)."""

from __future__ import annotations

from letters.formats import MADE
from letters.states import Action, State
from postroom.ledger.triggers import Trigger

_MADE = ", ".join(f"'{name}'" for name in MADE)
_OUTWARD = f"'{State.ENVELOPED}', '{State.POSTED}', '{State.HANDED_OVER}'"
_ON_RECORD = (
    "EXISTS (SELECT 1 FROM letters_madeinformat m WHERE m.version_id = NEW.current_id "
    "AND m.letter_format = NEW.letter_format)"
)
# The letter's newest step is this very one, by the same person, and the row is of the version that stands.
_ITS_STEP = (
    "EXISTS (SELECT 1 FROM letters_letter l JOIN ledger_entry e ON e.subject = 'letter/' || l.reference "  # noqa: S608
    f"AND e.seq = l.ledger_seq AND e.action = '{Action.RECORD_FORMAT}' AND e.actor_id = NEW.by_id "
    "WHERE l.current_id = NEW.version_id AND l.letter_format = NEW.letter_format)"
)
_DESTROYED = (
    "EXISTS (SELECT 1 FROM letters_disposed d JOIN letters_letterversion v ON v.letter_id = d.letter_id "
    "WHERE v.id = OLD.version_id AND d.what = 'content')"
)

FORMATS: tuple[Trigger, ...] = (
    Trigger(
        name="letters_letter_made_in_format",
        table="letters_letter",
        event="UPDATE OF state",
        message="This letter has still to be made in the format that its addressee can read",
        when=(
            f"OLD.state <> NEW.state AND NEW.state IN ({_OUTWARD}) AND NEW.letter_format IN ({_MADE}) "
            f"AND NOT {_ON_RECORD}"
        ),
    ),
    Trigger(
        name="letters_madeinformat_by_its_step",
        table="letters_madeinformat",
        event="INSERT",
        message="What was made in another format is recorded by its step in the ledger",
        when=f"NOT {_ITS_STEP}",
    ),
    Trigger(
        name="letters_madeinformat_fixed",
        table="letters_madeinformat",
        event="UPDATE",
        message="What was made in another format stays as it was recorded",
        when=f"NOT {_DESTROYED}",
    ),
    Trigger(
        name="letters_madeinformat_stays",
        table="letters_madeinformat",
        event="DELETE",
        message="What was made in another format stays as it was recorded",
    ),
)
