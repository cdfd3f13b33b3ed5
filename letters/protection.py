"""What the database itself refuses on a letter's rows, whoever asks: SQL by hand, bulk calls, a script.

Generated from the table of transitions, so that the rule stands once; installed after every migrate.
"""

from __future__ import annotations

from letters.protection_abroad import ABROAD
from letters.protection_formats import FORMATS
from letters.protection_names import BY_THEIR_NAMES
from letters.protection_shared import NOT_CLAIMED, SHARED, claimed_first
from letters.states import TRANSITIONS, Action, Guard, State
from letters.ways import IN_PERSON, SAFE, Keeping, Way
from postroom.ledger.triggers import Keeper, Trigger, append_only

_MOVES = sorted({(str(t.source), str(t.target)) for t in TRANSITIONS if t.source and t.source != t.target})
# Forward, from the check to its leaving: what is read off here must still be right to send.
_ONWARD = ", ".join(
    f"('{t.source}', '{t.target}')"
    for t in TRANSITIONS
    # Back to typed is no step onward: it is how a check that doesn't stand any more is voided.
    if t.source != t.target and Guard.COPIES_MAY_KNOW in t.guards and t.target != State.TYPED
)
_ALLOWED = ", ".join(f"('{source}', '{target}')" for source, target in _MOVES)


def _entry(from_state: str) -> str:
    """A ledger entry of this very move stands: subject, place, hash and states agree with the row."""
    return (
        "EXISTS (SELECT 1 FROM ledger_entry e "  # noqa: S608 - nothing in it comes from outside
        "WHERE e.subject = 'letter/' || NEW.reference AND e.seq = NEW.ledger_seq "
        f"AND e.hash = NEW.ledger_head AND e.to_state = NEW.state{from_state})"
    )


_SAFE = ", ".join(f"'{way}'" for way in SAFE)
_IN_PERSON = ", ".join(f"'{way}'" for way in IN_PERSON)
_OUTWARD = ", ".join(
    f"'{state}'" for state in (State.ENVELOPED, State.POSTED, State.HANDED_OVER, State.UNCERTAIN, State.EMAILED)
)
# The relationship on the case decides who is family, whatever else a row says.
_KEPT_BY_OFFICE = (
    "EXISTS (SELECT 1 FROM letters_officepost p WHERE p.office_id = NEW.office_id "  # noqa: S608 - from this code alone
    f"AND (p.keeping = '{Keeping.ALL}' OR (p.keeping = '{Keeping.FAMILY}' AND EXISTS "
    "(SELECT 1 FROM cases_caseperson c WHERE c.id = NEW.addressee_id AND c.relationship <> 'professional'))))"
)
# The day is the row's own: what its office had turned on then. And to whom: the addressee, as the case has them.
_TURNED_ON = (
    "EXISTS (SELECT 1 FROM letters_officepost p WHERE p.office_id = NEW.office_id "
    "AND p.letters_by_email_from <= NEW.emailed_on "
    "AND (p.letters_by_email_until IS NULL OR p.letters_by_email_until >= NEW.emailed_on))"
)
_ITS_ADDRESSEE = "EXISTS (SELECT 1 FROM cases_caseperson c WHERE c.id = NEW.addressee_id AND c.email = NEW.email)"
_CHOSEN = f" AND e.action = '{Action.CHOOSE_WAY}'"
_REGISTERED = (
    "EXISTS (SELECT 1 FROM letters_registered r WHERE r.letter_id = NEW.id AND r.number = NEW.tracking_number)"
)
# Who has it with them changes by these steps alone.
_CARRYING = ", ".join(
    f"'{action}'" for action in (Action.TAKE_OUT, Action.BRING_BACK, Action.HAND_DELIVER, Action.WITHDRAW)
)
_HANDED = "EXISTS (SELECT 1 FROM letters_handing h WHERE h.letter_id = NEW.id AND h.delivered)"
# Whether it still counts (expired, other figures) is the engine's to ask: the rule there may change, this may not.
_MEASURED = (
    "EXISTS (SELECT 1 FROM letters_calibration c JOIN letters_printer p ON p.id = c.printer_id "
    "JOIN letters_letterversion v ON v.id = NEW.version_id AND v.stock_id = c.stock_id "
    "JOIN letters_letter l ON l.id = NEW.letter_id AND l.office_id = p.office_id "
    "WHERE c.printer_id = NEW.printer_id AND c.holds)"
)
_ITS_PRINT = (
    "EXISTS (SELECT 1 FROM letters_print p WHERE p.id = NEW.printed_id AND p.letter_id = NEW.letter_id "
    "AND p.version_id = NEW.version_id AND p.came_out IS NOT FALSE)"
)
_THEM = (
    "SELECT l.addressee_id FROM letters_letter l WHERE l.id = {0} UNION ALL "
    "SELECT c.caseperson_id FROM letters_letter_copies_to c WHERE c.letter_id = {0}"
)


def _apart(letter: str, more: str = "") -> str:
    """Among a letter's addressee and those it names as having a copy (and `more`) are two who must not know (SQL)."""
    them = _THEM.format(letter) + (f" UNION ALL SELECT {more}" if more else "")
    return (
        "EXISTS (SELECT 1 FROM cases_mustnotknow m WHERE m.lifted_at IS NULL "  # noqa: S608 - from this code alone
        f"AND m.a_id IN ({them}) AND m.b_id IN ({them}))"
    )


_DRAFT = "EXISTS (SELECT 1 FROM letters_letter l WHERE l.id = {0}.letter_id AND l.state = 'drafted')"
_OF_ITS_CASE = (
    "EXISTS (SELECT 1 FROM letters_letter l JOIN cases_caseperson p ON p.id = NEW.caseperson_id "
    "AND p.case_id = l.case_id AND p.id <> l.addressee_id WHERE l.id = NEW.letter_id)"
)
_COPIES = "letters_letter_copies_to"
_SAID = f"EXISTS (SELECT 1 FROM {_COPIES} c WHERE c.letter_id = NEW.letter_id)"  # noqa: S608 - from this code alone
_OFF_THE_CASE = (
    f"EXISTS (SELECT 1 FROM {_COPIES} c JOIN cases_caseperson p ON p.id = c.caseperson_id "  # noqa: S608 - our own words
    "WHERE c.letter_id = NEW.id AND (NOT p.is_active OR p.case_id <> NEW.case_id))"
)
# In canonical JSON this can't stand inside a text: its quotes would be escaped.
_NAMES_COPIES = 'NEW.content LIKE \'%"copies_to":["%\''
_TRIED_IN_VAIN = "EXISTS (SELECT 1 FROM letters_handing h WHERE h.letter_id = NEW.id AND NOT h.delivered)"


def _kept_of_row(what: str) -> str:
    """The same, asked of the letter's own row."""
    return _kept(what).replace("OLD.letter_id", "OLD.id")


def _kept(what: str) -> str:
    """Retention has not destroyed this of the row's letter; it first writes down that it does (letters_disposed)."""
    return (
        "NOT EXISTS (SELECT 1 FROM letters_disposed d "  # noqa: S608 - nothing in it comes from outside
        f"WHERE d.letter_id = OLD.letter_id AND d.what = '{what}')"
    )


def _frozen(name: str, table: str, message: str, *, until: str) -> tuple[Trigger, Trigger]:
    """Never changed; deleted only where `until` (SQL) no longer holds: when retention destroys it."""
    return (
        Trigger(name=f"letters_{name}_frozen", table=table, event="UPDATE", message=message),
        Trigger(name=f"letters_{name}_stays", table=table, event="DELETE", message=message, when=until),
    )


# The copy that the search reads (LetterWords): whoever writes letter or name, it follows in the same transaction.
_COPY = "letters_letterwords"
_WORDS = (
    "INSERT INTO letters_letterwords (letter_id, office_id, case_id, subject_words, name_words) "
    "SELECT NEW.id, NEW.office_id, NEW.case_id, NEW.subject_key, p.name_key "
    "FROM cases_caseperson p WHERE p.id = NEW.addressee_id "
    "ON CONFLICT (letter_id) DO UPDATE SET office_id = excluded.office_id, case_id = excluded.case_id, "
    "subject_words = excluded.subject_words, name_words = excluded.name_words"
)
WORDS: tuple[Trigger, ...] = (
    Keeper(name="letters_words_begin", table="letters_letter", event="INSERT", does=_WORDS, fills=_COPY),
    Keeper(
        name="letters_words_follow",
        table="letters_letter",
        event="UPDATE OF subject_key, office_id",
        when="OLD.subject_key <> NEW.subject_key OR OLD.office_id <> NEW.office_id",
        does=_WORDS,
        fills=_COPY,
    ),
    Keeper(
        name="letters_words_follow_name",
        table="cases_caseperson",
        event="UPDATE OF name_key",
        when="OLD.name_key <> NEW.name_key",
        fills=_COPY,
        does=(
            "UPDATE letters_letterwords SET name_words = NEW.name_key "
            "WHERE letter_id IN (SELECT l.id FROM letters_letter l WHERE l.addressee_id = NEW.id)"
        ),
    ),
)

PROTECTION: tuple[Trigger, ...] = (
    *WORDS,
    *SHARED,
    *BY_THEIR_NAMES,
    *FORMATS,
    *ABROAD,
    *append_only("letters_disposed", keys=[("id",), ("letter_id", "what")]),
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
        event="UPDATE OF reference, case_id, addressee_id, created_by_id, together",
        message="A letter keeps its reference, case and addressee",
        when=(
            "OLD.reference <> NEW.reference OR OLD.case_id <> NEW.case_id OR OLD.addressee_id <> NEW.addressee_id "
            "OR OLD.created_by_id <> NEW.created_by_id OR OLD.together <> NEW.together"
        ),
    ),
    Trigger(
        name="letters_letter_way_recorded",
        table="letters_letter",
        event="UPDATE OF way, sensitive",
        message="The way of a letter changes only by a step that the ledger has",
        when=(
            f"(OLD.way <> NEW.way OR OLD.sensitive <> NEW.sensitive) AND NOT (NEW.ledger_seq > OLD.ledger_seq AND "
            f"{_entry(_CHOSEN)})"
        ),
    ),
    Trigger(
        name="letters_letter_kept_safe",
        table="letters_letter",
        event="UPDATE OF state",
        message="The office holds this letter to registered post or by hand",
        when=f"OLD.state <> NEW.state AND NEW.state IN ({_OUTWARD}) AND NEW.way NOT IN ({_SAFE}) AND {_KEPT_BY_OFFICE}",
    ),
    Trigger(
        name="letters_letter_by_email_turned_on",
        table="letters_letter",
        event="UPDATE OF state",
        message="A letter goes by e-mail only from an office that has turned this on, to the address on the case",
        when=(
            f"OLD.state <> NEW.state AND NEW.state = '{State.UNCERTAIN}' AND NOT ({_TURNED_ON} AND {_ITS_ADDRESSEE})"
        ),
    ),
    Trigger(
        name="letters_letter_emailed_day",
        table="letters_letter",
        event="UPDATE OF emailed_on, email, emailed_by_id, right_by_id",
        message="When, where to and by whom a letter was e-mailed stays as it was sent",
        when=(
            f"OLD.state IN ('{State.EMAILED}', '{State.UPLOADED}', '{State.RETURNED}') AND OLD.emailed_on IS NOT NULL "
            "AND (NEW.emailed_on IS DISTINCT FROM OLD.emailed_on OR NEW.emailed_by_id IS DISTINCT FROM "
            "OLD.emailed_by_id OR NEW.right_by_id IS DISTINCT FROM OLD.right_by_id "
            f"OR (NEW.email <> OLD.email AND {_kept_of_row('content')}))"
        ),
    ),
    Trigger(
        name="letters_password_stays",
        table="letters_letterpassword",
        event="DELETE",
        message="What was done to a letter stays on record",
    ),
    Trigger(
        name="letters_letter_registered",
        table="letters_letter",
        event="UPDATE OF state",
        message="Registered post needs its number and receipt on record",
        when=(
            f"NEW.state = '{State.POSTED}' AND OLD.state <> NEW.state AND NEW.way = '{Way.REGISTERED_POST}' "
            f"AND NOT {_REGISTERED}"
        ),
    ),
    Trigger(
        name="letters_letter_into_hands",
        table="letters_letter",
        event="UPDATE OF state",
        message="Handed over needs to whom, where and how they were known on record",
        when=f"NEW.state = '{State.HANDED_OVER}' AND OLD.state <> NEW.state AND NOT {_HANDED}",
    ),
    Trigger(
        name="letters_letter_carried_recorded",
        table="letters_letter",
        event="UPDATE OF carried_by_id, taken_out_at",
        message="Who has a letter with them changes only by a step that the ledger has",
        when=(
            "(NEW.carried_by_id IS DISTINCT FROM OLD.carried_by_id OR NEW.taken_out_at IS DISTINCT FROM "
            "OLD.taken_out_at) AND NOT (NEW.ledger_seq > OLD.ledger_seq AND "
            f"{_entry(f' AND e.action IN ({_CARRYING})')})"
        ),
    ),
    Trigger(
        name="letters_letter_handed_by_its_carrier",
        table="letters_letter",
        event="UPDATE OF state",
        message="Handed over by hand is a letter that was taken out, by whoever had it with them",
        when=(
            f"NEW.state = '{State.HANDED_OVER}' AND OLD.state <> NEW.state AND NEW.way = '{Way.BY_HAND}' "
            "AND OLD.carried_by_id IS DISTINCT FROM NEW.handed_by_id"
        ),
    ),
    Trigger(
        name="letters_letter_never_posted_instead",
        table="letters_letter",
        event="UPDATE OF way",
        message="A letter that could not be delivered by hand is never posted instead",
        when=f"OLD.way <> NEW.way AND NEW.way NOT IN ({_IN_PERSON}) AND {_TRIED_IN_VAIN}",
    ),
    Trigger(
        name="letters_copy_named",
        table=_COPIES,
        event="INSERT",
        message="A letter names as having a copy only others of its case, while it is a draft",
        when=f"NOT ({_OF_ITS_CASE} AND {_DRAFT.format('NEW')})",
    ),
    Trigger(
        name="letters_copy_kept_apart",
        table=_COPIES,
        event="INSERT",
        message="No letter names two who must not know of each other",
        when=_apart("NEW.letter_id", "NEW.caseperson_id"),
    ),
    Trigger(
        name="letters_copy_fixed",
        table=_COPIES,
        event="UPDATE",
        message="Whom a letter names as having a copy is taken out or added, never changed",
    ),
    Trigger(
        name="letters_copy_stays",
        table=_COPIES,
        event="DELETE",
        message="Whom a letter names as having a copy changes in a draft alone",
        when=f"NOT {_DRAFT.format('OLD')}",
    ),
    Trigger(
        name="letters_version_names_whom_the_worker_said",
        table="letters_letterversion",
        event="INSERT",
        message="A letter names nobody as having a copy unless its worker said so",
        when=f"{_NAMES_COPIES} AND NOT {_SAID}",
    ),
    Trigger(
        name="letters_letter_copies_may_know",
        table="letters_letter",
        event="UPDATE OF state",
        message="No letter names two who must not know of each other",
        when=f"OLD.state <> NEW.state AND (OLD.state, NEW.state) IN (VALUES {_ONWARD}) AND {_apart('NEW.id')}",
    ),
    Trigger(
        name="letters_letter_copies_on_the_case",
        table="letters_letter",
        event="UPDATE OF state",
        message="No letter goes on that names as having a copy somebody who is not on its case any more",
        when=f"OLD.state <> NEW.state AND (OLD.state, NEW.state) IN (VALUES {_ONWARD}) AND {_OFF_THE_CASE}",
    ),
    *(
        Trigger(name=f"{table}_stays", table=table, event="DELETE", message="What was done to a letter stays on record")
        for table in ("letters_handing", "letters_registered")
    ),
    Trigger(
        name="letters_handing_fixed",
        table="letters_handing",
        event="UPDATE",
        message="What was done to a letter stays on record",
        when=_kept("proofs"),
    ),
    Trigger(
        name="letters_registered_own_number",
        table="letters_registered",
        event="INSERT",
        message=NOT_CLAIMED,
        when=(
            "NOT EXISTS (SELECT 1 FROM letters_trackednumber t JOIN letters_letter l ON l.id = NEW.letter_id "
            "WHERE t.number = NEW.number AND t.person_id = l.addressee_id)"
        ),
    ),
    *claimed_first("letters_letter", "addressee_id"),
    Trigger(
        name="letters_trackednumber_fixed",
        table="letters_trackednumber",
        event="UPDATE",
        message="For whom a tracking number was posted stays on record",
    ),
    Trigger(
        name="letters_trackednumber_stays",
        table="letters_trackednumber",
        event="DELETE",
        message="For whom a tracking number was posted stays on record",
    ),
    Trigger(
        name="letters_registered_fixed",
        table="letters_registered",
        event="UPDATE",
        message="Number and receipt of registered post stay as they were recorded",
        when=(
            "OLD.letter_id <> NEW.letter_id OR OLD.number <> NEW.number OR OLD.by_id <> NEW.by_id "
            f"OR ((OLD.delivered_at IS NOT NULL OR OLD.number_reason <> NEW.number_reason) AND {_kept('proofs')})"
        ),
    ),
    Trigger(
        name="letters_envelope_its_own_print",
        table="letters_envelope",
        event="INSERT",
        message="The sheets scanned into an envelope are of a print of this version that is not void",
        when=f"NEW.printed_id IS NOT NULL AND NOT {_ITS_PRINT}",
    ),
    *append_only("letters_calibration", keys=[("id",)]),
    Trigger(
        name="letters_printer_stays",
        table="letters_printer",
        event="DELETE",
        message="A printer is put out of use, never deleted",
    ),
    Trigger(
        name="letters_print_measured",
        table="letters_print",
        event="INSERT",
        message="Letters are printed only where the calibration sheet was measured and holds",
        when=f"NOT {_MEASURED}",
    ),
    Trigger(
        name="letters_print_kept",
        table="letters_print",
        event="UPDATE",
        message="A print stays as it was recorded; what came out is said once",
        when=(
            "OLD.letter_id <> NEW.letter_id OR OLD.version_id <> NEW.version_id OR OLD.by_id <> NEW.by_id "
            "OR OLD.at <> NEW.at OR OLD.signed <> NEW.signed OR OLD.number <> NEW.number "
            "OR NEW.printer_id IS DISTINCT FROM OLD.printer_id "
            "OR (OLD.came_out IS NOT NULL AND (NEW.came_out IS DISTINCT FROM OLD.came_out "
            "OR NEW.said_by_id IS DISTINCT FROM OLD.said_by_id OR NEW.said_at IS DISTINCT FROM OLD.said_at))"
        ),
    ),
    Trigger(
        name="letters_version_frozen",
        table="letters_letterversion",
        event="UPDATE",
        message="A version of a letter is frozen",
        when=(
            "OLD.letter_id <> NEW.letter_id OR OLD.number <> NEW.number OR OLD.content_hash <> NEW.content_hash "
            "OR OLD.text_hash <> NEW.text_hash "
            "OR OLD.address_id <> NEW.address_id OR OLD.typed_by_id <> NEW.typed_by_id "
            "OR OLD.signatory_id <> NEW.signatory_id OR OLD.taken_over <> NEW.taken_over "
            "OR ((OLD.content <> NEW.content OR OLD.salt <> NEW.salt OR OLD.body <> NEW.body "
            "OR (OLD.pdf_id IS NOT NULL AND NEW.pdf_id IS DISTINCT FROM OLD.pdf_id)) "
            f"AND {_kept('content')})"
        ),
    ),
    *_frozen("source", "letters_source", "What was handed over stays as it was", until=_kept("drafts")),
    *_frozen("file", "letters_letterfile", "A file of a letter stays as it was added", until=_kept("content")),
    *_frozen("text_version", "letters_officetextversion", "A version of a text is frozen", until="TRUE"),
    Trigger(
        name="letters_question_kept",
        table="letters_question",
        event="UPDATE",
        message="A question stays as it was asked, its answer as it was given",
        when=(
            "OLD.answered_at IS NOT NULL OR OLD.text <> NEW.text OR OLD.letter_id <> NEW.letter_id "
            "OR OLD.asked_by_id <> NEW.asked_by_id OR OLD.asked_at <> NEW.asked_at"
        ),
    ),
    Trigger(
        name="letters_question_stays",
        table="letters_question",
        event="DELETE",
        message="A question stays with its letter",
        when=_kept("content"),
    ),
    Trigger(
        name="letters_version_stays",
        table="letters_letterversion",
        event="DELETE",
        message="A version of a letter is frozen",
    ),
)
