"""What the database itself refuses where a check rests on one text that several letters say (decision 0165), and where
a letter names somebody else who gets one (0166)."""

from __future__ import annotations

from letters.states import TRANSITIONS, Action, Guard
from postroom.ledger.triggers import Trigger
from postroom.people.roles import ROLE_NAMES, Role

# Whoever typed the text on any letter of its set confirms it for none of them.
_TYPED_IT = (
    "EXISTS (SELECT 1 FROM letters_letterversion w JOIN letters_letter m ON m.id = w.letter_id "
    "WHERE m.case_id = s.case_id AND m.together = s.word AND w.text_hash = {0}.text_hash "
    "AND w.typed_by_id = {0}.by_id)"
)
_OF_ITS_TEXT = (
    "EXISTS (SELECT 1 FROM letters_sharedtext s JOIN letters_letterversion v ON v.id = NEW.version_id "  # noqa: S608
    "JOIN letters_letter l ON l.id = v.letter_id AND l.case_id = s.case_id AND l.together = s.word "
    f"WHERE s.id = NEW.shared_id AND v.text_hash = NEW.text_hash AND NOT {_TYPED_IT.format('NEW')})"
)
_RESTS = (
    "EXISTS (SELECT 1 FROM letters_textcheck t JOIN letters_sharedtext s ON s.id = t.shared_id "  # noqa: S608
    "JOIN letters_letter l ON l.id = NEW.letter_id AND l.case_id = s.case_id AND l.together = s.word "
    "JOIN letters_letterversion v ON v.id = NEW.version_id AND v.letter_id = l.id AND v.text_hash = t.text_hash "
    "WHERE t.id = NEW.text_check_id AND t.by_id = NEW.by_id AND t.voided_at IS NULL AND t.at <= NEW.at "
    f"AND NEW.translator = '' AND NOT {_TYPED_IT.format('t')})"
)
_ITS_STEP = (
    "EXISTS (SELECT 1 FROM letters_letter l JOIN ledger_entry e ON e.subject = 'letter/' || l.reference "
    "AND e.seq = l.ledger_seq AND e.action = 'check_address' AND e.actor_id = NEW.by_id WHERE l.id = NEW.letter_id)"
)
# The letter's worker, or whoever stood in for them on the duty rota: a step of theirs, the newest of the letter.
_SAID_BY_ITS_WORKER = (
    "EXISTS (SELECT 1 FROM letters_letterversion v JOIN letters_letter l ON l.id = v.letter_id "  # noqa: S608
    "JOIN cases_case c ON c.id = l.case_id JOIN ledger_entry e ON e.subject = 'letter/' || l.reference "
    f"AND e.seq = l.ledger_seq AND e.action = '{Action.NAME_OTHERS}' AND e.actor_id = NEW.said_by_id "
    "WHERE v.id = NEW.version_id AND l.current_id = v.id AND "
    f"(c.allocated_worker_id = NEW.said_by_id OR e.actor_role = '{ROLE_NAMES[Role.DUTY_WORKER]}'))"
)
# Forward, from the check to its leaving.
_ONWARD = ", ".join(
    f"('{t.source}', '{t.target}')"
    for t in TRANSITIONS
    if t.source != t.target and (Guard.NAMES_SAID in t.guards or t.action in (Action.CHECK, Action.CHECK_ADDRESS))
)
_UNSAID = "EXISTS (SELECT 1 FROM letters_namedother n WHERE n.version_id = NEW.current_id AND n.said_at IS NULL)"
_LAST_GONE = (
    "NOT EXISTS (SELECT 1 FROM letters_letter l WHERE l.case_id = OLD.case_id AND l.together = OLD.word "
    "AND NOT EXISTS (SELECT 1 FROM letters_disposed d WHERE d.letter_id = l.id AND d.what = 'content'))"
)

NOT_CLAIMED = "A tracking number is put on record for its recipient first, by the step that posts"


def claimed_first(table: str, person: str) -> list[Trigger]:
    """A tracking number stands on a row of `table` only once it is on record for the row's own recipient (column
    `person`): a number that nobody has claimed is refused like somebody else's (OGP-8, decision 0143)."""
    unclaimed = (
        "NEW.tracking_number <> '' AND NOT EXISTS (SELECT 1 FROM letters_trackednumber t "  # noqa: S608 - from code
        f"WHERE t.number = NEW.tracking_number AND t.person_id = NEW.{person})"
    )
    changed = f"NEW.tracking_number <> OLD.tracking_number AND {unclaimed}"
    return [
        Trigger(name=f"{table}_own_number_new", table=table, event="INSERT", message=NOT_CLAIMED, when=unclaimed),
        Trigger(
            name=f"{table}_own_number",
            table=table,
            event="UPDATE OF tracking_number",
            message=NOT_CLAIMED,
            when=changed,
        ),
    ]


SHARED: tuple[Trigger, ...] = (
    Trigger(
        name="letters_sharedtext_fixed",
        table="letters_sharedtext",
        event="UPDATE",
        message="What letters have in common stays; its salt goes with the last of them",
        when=(
            "OLD.id <> NEW.id OR OLD.case_id <> NEW.case_id OR OLD.word <> NEW.word "
            f"OR (OLD.salt <> NEW.salt AND NOT (NEW.salt = '' AND {_LAST_GONE}))"
        ),
    ),
    Trigger(
        name="letters_textcheck_of_its_text",
        table="letters_textcheck",
        event="INSERT",
        message="A text is confirmed as a letter of its set says it, by somebody who typed it on none of them",
        when=f"NOT {_OF_ITS_TEXT}",
    ),
    Trigger(
        name="letters_textcheck_fixed",
        table="letters_textcheck",
        event="UPDATE",
        message="A confirmed text stays on record; it is only voided, once",
        when=(
            "OLD.id <> NEW.id OR OLD.shared_id <> NEW.shared_id OR OLD.version_id <> NEW.version_id "
            "OR OLD.text_hash <> NEW.text_hash OR OLD.by_id <> NEW.by_id OR OLD.role <> NEW.role OR OLD.at <> NEW.at "
            "OR OLD.voided_at IS NOT NULL"
        ),
    ),
    *(
        Trigger(
            name=f"{table}_stays",
            table=table,
            event="DELETE",
            message="What was confirmed for several letters stays on record",
        )
        for table in ("letters_sharedtext", "letters_textcheck")
    ),
    Trigger(
        name="letters_check_rests",
        table="letters_check",
        event="INSERT",
        message="A check rests on a text that the same person confirmed, and that this version says",
        when=f"NEW.text_check_id IS NOT NULL AND NOT {_RESTS}",
    ),
    Trigger(
        name="letters_check_rests_by_its_step",
        table="letters_check",
        event="INSERT",
        message="A check that rests on a text is made by its step in the ledger",
        when=f"NEW.text_check_id IS NOT NULL AND NOT {_ITS_STEP}",
    ),
    Trigger(
        name="letters_check_rests_fixed",
        table="letters_check",
        event="UPDATE",
        message="What a check rests on stays as it was",
        when=(
            "NEW.text_check_id IS DISTINCT FROM OLD.text_check_id OR (OLD.text_check_id IS NOT NULL AND "
            "(OLD.letter_id <> NEW.letter_id OR OLD.version_id <> NEW.version_id OR OLD.by_id <> NEW.by_id))"
        ),
    ),
    Trigger(
        name="letters_namedother_begins",
        table="letters_namedother",
        event="INSERT",
        message="Whom a letter may name is said by its worker, once it is found in its words",
        when="NEW.said_by_id IS NOT NULL OR NEW.said_at IS NOT NULL",
    ),
    Trigger(
        name="letters_namedother_said",
        table="letters_namedother",
        event="UPDATE",
        message="Whom a letter may name is said once, by its worker or the duty worker for them",
        when=(
            "OLD.id <> NEW.id OR OLD.version_id <> NEW.version_id OR OLD.person_id <> NEW.person_id "
            f"OR OLD.said_at IS NOT NULL OR NOT {_SAID_BY_ITS_WORKER}"
        ),
    ),
    Trigger(
        name="letters_namedother_stays",
        table="letters_namedother",
        event="DELETE",
        message="Whom a letter names stays on record",
    ),
    Trigger(
        name="letters_letter_names_said",
        table="letters_letter",
        event="UPDATE OF state",
        message="This letter names somebody of whom its worker has not said that it may",
        when=f"OLD.state <> NEW.state AND (OLD.state, NEW.state) IN (VALUES {_ONWARD}) AND {_UNSAID}",
    ),
)
