"""What the database itself refuses on this floor's rows, whoever asks: the order of a spot check above all.

The frame is frozen before a seed exists, a seed comes once, drawn letters are lines of the frame, and
answers that were given in stay.
"""

from __future__ import annotations

from audit.spotchecks.rules import CHECK_RULES, FINDING_RULES, ITEM_RULES
from postroom.ledger.kept import still_kept
from postroom.ledger.triggers import Trigger
from postroom.steps.table import Rules

CHECK, STRATUM, ITEM, ANSWER = "audit_spotcheck", "audit_stratum", "audit_item", "audit_answer"
EVIDENCE, FINDING = "audit_evidence", "audit_finding"


def _moves(table: str, rules: Rules[str], key: str) -> tuple[Trigger, Trigger]:
    """A state moves only along the table, and only with the entry of that very move. `key`: SQL of the subject."""
    allowed = ", ".join(
        f"('{s}', '{t}')"
        for s, t in sorted(
            {(str(r.source), str(r.target)) for r in rules.transitions if r.source and r.source != r.target}
        )
    )
    return (
        Trigger(
            name=f"{table}_moves",
            table=table,
            event="UPDATE OF state",
            message="It moves only along its table of transitions",
            when=f"OLD.state <> NEW.state AND NOT ((OLD.state, NEW.state) IN (VALUES {allowed}))",
        ),
        Trigger(
            name=f"{table}_recorded",
            table=table,
            event="UPDATE OF state",
            message="It moves only by a step that the ledger has",
            when=(
                "OLD.state <> NEW.state AND NOT EXISTS (SELECT 1 FROM ledger_entry e "  # noqa: S608 - names from code
                f"WHERE e.subject = {key} AND e.seq = NEW.ledger_seq AND e.hash = NEW.ledger_head "
                "AND e.to_state = NEW.state AND e.from_state = OLD.state)"
            ),
        ),
    )


def _changed(*columns: str) -> str:
    return " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in columns)


def _check_is(state: str, row: str) -> str:
    return f"EXISTS (SELECT 1 FROM {CHECK} c WHERE c.id = {row}.check_of_id AND c.state = '{state}')"  # noqa: S608


_FRAME = (
    "reference", "office_id", "stage", "kinds", "first_day", "last_day", "strata_by", "count", "sample", "content_hash",
    "fixed_at", "fixed_by_id", "seed_from", "seed_words", "seed_known_at",
)  # fmt: skip
# A witness said that these were not the dice they saw: the seed goes, and another can be thrown.
_REFUSED = "(NEW.seed = '' AND OLD.state = 'seeded' AND NEW.state = 'fixed' AND OLD.confirmed_at IS NULL)"
_ITEM_KEY = (
    "'spotcheck_item/' || (SELECT c.reference FROM audit_spotcheck c WHERE c.id = NEW.check_of_id) "
    "|| '.' || CAST(NEW.number AS text)"
)
# What retention lets go of, the database lets go of too: the spot check's own leave.
_SPOT = "'spotcheck/' || (SELECT c.reference FROM audit_spotcheck c WHERE c.id = {row}.check_of_id)"
_SPOT_OF_ITEM = (
    "'spotcheck/' || (SELECT c.reference FROM audit_spotcheck c JOIN audit_item i ON i.check_of_id = c.id "
    "WHERE i.id = {row}.item_id)"
)
_WAITING = "EXISTS (SELECT 1 FROM audit_item i WHERE i.id = {row}.item_id AND i.state = 'waiting')"

SPOT_CHECKS: tuple[Trigger, ...] = (
    *_moves(CHECK, CHECK_RULES, "'spotcheck/' || NEW.reference"),
    *_moves(ITEM, ITEM_RULES, _ITEM_KEY),
    *_moves(FINDING, FINDING_RULES, "'spotcheck_finding/' || NEW.reference"),
    *(
        Trigger(name=f"{table}_stays", table=table, event="DELETE", message="What was drawn and found stays")
        for table in (CHECK, STRATUM, ITEM, FINDING)
    ),
    Trigger(
        name="audit_spotcheck_begins",
        table=CHECK,
        event="INSERT",
        message="A spot check begins with its frame, without a seed",
        when="NEW.state <> 'fixed' OR NEW.seed <> '' OR NEW.confirmed_at IS NOT NULL",
    ),
    Trigger(
        name="audit_spotcheck_frame_fixed",
        table=CHECK,
        event="UPDATE",
        message="The frame is fixed before the seed and never changes",
        when=_changed(*_FRAME),
    ),
    Trigger(
        name="audit_spotcheck_seed_once",
        table=CHECK,
        event="UPDATE",
        message="A seed comes once, as 20 digits, and only to a fixed frame",
        when=(
            f"OLD.seed IS DISTINCT FROM NEW.seed AND NOT {_REFUSED} "
            "AND (OLD.seed <> '' OR OLD.state <> 'fixed' OR NEW.state <> 'seeded' "
            "OR length(NEW.seed) <> 20 OR ltrim(NEW.seed, '0123456789') <> '')"
        ),
    ),
    Trigger(
        name="audit_spotcheck_seed_stays",
        table=CHECK,
        event="UPDATE",
        message="Who took the seed and when stays as it was",
        when=f"OLD.seed <> '' AND NOT {_REFUSED} AND ({_changed('seed_at', 'seed_by_id', 'witness', 'witness_by_id')})",
    ),
    Trigger(
        name="audit_spotcheck_list_has_left",
        table=CHECK,
        event="UPDATE",
        message="The list has left the house before there is a seed",
        when=(
            "OLD.seed IS DISTINCT FROM NEW.seed AND NEW.seed <> '' AND NOT EXISTS (SELECT 1 FROM ledger_entry e "
            "JOIN ledger_seal s ON s.entry_id = e.id JOIN record_departure d ON TRUE "
            "JOIN ledger_checkpoint c ON c.number = d.number AND c.hash = d.hash "
            "WHERE e.subject = 'spotcheck/' || NEW.reference AND e.seq = 1 AND c.last_position >= s.position)"
        ),
    ),
    Trigger(
        name="audit_spotcheck_dice_were_seen",
        table=CHECK,
        event="UPDATE",
        message="Two people saw the dice",
        when=(
            "OLD.seed IS DISTINCT FROM NEW.seed AND NEW.seed <> '' AND NEW.seed_from = 'dice' "
            "AND (NEW.witness_by_id IS NULL OR NEW.witness_by_id = NEW.seed_by_id)"
        ),
    ),
    Trigger(
        name="audit_spotcheck_dice_confirmed",
        table=CHECK,
        event="UPDATE",
        message="Dice are confirmed once, by a step of their witness, before the draw",
        when=(
            f"({_changed('confirmed_at', 'confirmed_by_id')}) "  # noqa: S608 - names from code
            "AND (OLD.confirmed_at IS NOT NULL "
            "OR OLD.state <> 'seeded' OR NEW.state <> 'seeded' "
            "OR NOT EXISTS (SELECT 1 FROM people_user u WHERE u.id = NEW.confirmed_by_id AND u.is_active) "
            "OR NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.subject = 'spotcheck/' || NEW.reference "
            "AND e.seq = NEW.ledger_seq AND e.hash = NEW.ledger_head AND e.action = 'confirm_dice' "
            "AND e.actor_id = NEW.confirmed_by_id))"
        ),
    ),
    Trigger(
        name="audit_spotcheck_draw_waits",
        table=CHECK,
        event="UPDATE OF state",
        message="Nothing is drawn from dice that their witness has not confirmed",
        when=("OLD.state <> NEW.state AND NEW.state = 'drawn' AND NEW.seed_from = 'dice' AND NEW.confirmed_at IS NULL"),
    ),
    Trigger(
        name="audit_spotcheck_draw_once",
        table=CHECK,
        event="UPDATE",
        message="It is drawn once",
        when=f"OLD.drawn_sha256 <> '' AND ({_changed('drawn_sha256', 'drawn_at')})",
    ),
    Trigger(
        name="audit_spotcheck_result_stays",
        table=CHECK,
        event="UPDATE",
        message="A result stays as it was found",
        when=f"OLD.state = 'finished' AND ({_changed('faulty', 'at_most', 'finished_at')})",
    ),
    Trigger(name="audit_stratum_frozen", table=STRATUM, event="UPDATE", message="A frame is frozen"),
    Trigger(
        name="audit_stratum_before_seed",
        table=STRATUM,
        event="INSERT",
        message="A frame is fixed before there is a seed",
        when=f"NOT {_check_is('fixed', 'NEW')}",
    ),
    Trigger(
        name="audit_item_drawn_from_frame",
        table=ITEM,
        event="INSERT",
        message="A drawn item is a line of the frame, drawn after the seed, within the sample",
        when=(
            "NEW.state <> 'waiting' OR (NEW.stratum_id IS NOT NULL AND ("  # noqa: S608 - names from code
            f"NOT {_check_is('drawn', 'NEW')} OR NOT EXISTS (SELECT 1 FROM audit_stratum s WHERE s.id = NEW.stratum_id "
            "AND s.check_of_id = NEW.check_of_id AND NEW.place <= s.sample "
            "AND s.frame LIKE '%' || NEW.letter_reference || '%')))"
        ),
    ),
    Trigger(
        name="audit_item_picked_after_draw",
        table=ITEM,
        event="INSERT",
        message="Items are picked by hand only beside a draw that stands",
        when=f"NEW.stratum_id IS NULL AND NOT {_check_is('checking', 'NEW')}",
    ),
    Trigger(
        name="audit_item_identity",
        table=ITEM,
        event="UPDATE",
        message="What was drawn never changes",
        when=_changed(
            "check_of_id",
            "number",
            "letter_id",
            "copy_id",
            "letter_reference",
            "stratum_id",
            "place",
            "ticket",
            "checklist",
        )
        + f" OR ({_changed('picked_because')} AND {still_kept(_SPOT.format(row='OLD'))})",
    ),
    Trigger(
        name="audit_item_while_checked",
        table=ITEM,
        event="UPDATE OF state",
        message="An item is answered while its spot check is being checked",
        when=f"OLD.state <> NEW.state AND NOT {_check_is('checking', 'NEW')}",
    ),
    Trigger(
        name="audit_item_result_stays",
        table=ITEM,
        event="UPDATE",
        message="An answered item changes only by a named correction",
        when=(
            "OLD.state <> 'waiting' AND OLD.state = NEW.state "
            f"AND ({_changed('faulty', 'checked_by_id', 'content_hash')} "
            f"OR ({_changed('salt')} AND {still_kept(_SPOT.format(row='OLD'))}))"
        ),
    ),
    *(
        Trigger(
            name=f"{table}_frozen_{verb.lower()}",
            table=table,
            event=verb,
            message="What was given in is frozen",
            when=(
                f"NOT {_WAITING.format(row='OLD' if verb == 'DELETE' else 'NEW')}"
                + (f" AND {still_kept(_SPOT_OF_ITEM.format(row='OLD'))}" if verb != "INSERT" else "")
            ),
        )
        for table in (ANSWER, EVIDENCE)
        for verb in ("INSERT", "UPDATE", "DELETE")
    ),
    Trigger(
        name="audit_finding_identity",
        table=FINDING,
        event="UPDATE",
        message="A finding keeps what was found",
        when=_changed("reference", "item_id", "raised_by_id", "raised_at")
        + f" OR ({_changed('what')} AND {still_kept(_SPOT_OF_ITEM.format(row='OLD'))})",
    ),
)

VERSION, READING, ACKNOWLEDGED = "audit_policyversion", "audit_policyreading", "audit_acknowledgement"
POLICIES: tuple[Trigger, ...] = (
    Trigger(
        name="audit_policy_frozen",
        table=VERSION,
        event="UPDATE",
        message="A version of a policy is frozen",
        when=_changed(
            "slug",
            "title",
            "version",
            "number",
            "author",
            "approval",
            "issued_on",
            "issued_words",
            "review_on",
            "review_words",
            "audience",
            "rationale",
            "text",
            "sha256",
            "added_at",
            "added_by_id",
        ),
    ),
    Trigger(name="audit_policy_stays", table=VERSION, event="DELETE", message="A version of a policy stays"),
    *(
        Trigger(name=f"{table}_{verb.lower()}", table=table, event=verb, message="Who read what stays as it was")
        for table in (READING, ACKNOWLEDGED)
        for verb in ("UPDATE", "DELETE")
    ),
    Trigger(
        name="audit_acknowledged_after_reading",
        table=ACKNOWLEDGED,
        event="INSERT",
        message="A policy is acknowledged by somebody who opened its whole text",
        when=(
            "NOT EXISTS (SELECT 1 FROM audit_policyreading r "
            "WHERE r.version_id = NEW.version_id AND r.user_id = NEW.user_id)"
        ),
    ),
)

PROTECTION: tuple[Trigger, ...] = SPOT_CHECKS + POLICIES
