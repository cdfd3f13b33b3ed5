"""What the database itself refuses on items, whoever asks: SQL by hand, bulk calls, a script.

The constraints on the item's row hold its route (models.py); these triggers hold the row equal to what it speaks of:
the set's document, the recipient's relationship, the address's confirmed area. And they hold the sources still while
something stands as posted or e-mailed on their word, so that a row can't be made to lie afterwards either.
"""

from __future__ import annotations

from distribution.states import OUTWARD, TRANSITIONS, State
from letters.protection_shared import claimed_first
from letters.routes import Channel
from postroom.cases.models import Area, Relationship
from postroom.ledger.kept import still_kept
from postroom.ledger.triggers import Trigger

_MOVES = sorted({(str(t.source), str(t.target)) for t in TRANSITIONS if t.source and t.source != t.target})
_ALLOWED = ", ".join(f"('{source}', '{target}')" for source, target in _MOVES)
_OUTSIDE = f"('{Area.OUT.value}', '{Area.ABROAD.value}')"
_GONE = f"('{State.UNCERTAIN}', '{State.SENT}', '{State.DELIVERED}')"
_SENT_AWAY = f"i.state IN {_GONE} AND i.channel IN ('{Channel.REGISTERED_POST}', '{Channel.SECURE_EMAIL}')"
# The area that counts: confirmed by somebody, of the address the row names; else in area, the stricter way.
_AREA_OF = (
    "COALESCE((SELECT a.area FROM cases_address a WHERE a.id = NEW.address_id "  # noqa: S608 - from code
    f"AND a.area IN {_OUTSIDE} AND a.area_confirmed_by_id IS NOT NULL), '{Area.IN.value}')"
)
_LIES = (
    "NOT EXISTS (SELECT 1 FROM distribution_distribution d WHERE d.id = NEW.distribution_id "  # noqa: S608 - from code
    "AND d.document = NEW.document AND d.case_id = NEW.case_id) "
    "OR NOT EXISTS (SELECT 1 FROM cases_caseperson p WHERE p.id = NEW.person_id AND p.case_id = NEW.case_id "
    f"AND (p.relationship <> '{Relationship.PROFESSIONAL.value}') = NEW.family) "
    f"OR NEW.area <> {_AREA_OF} "
    "OR (NEW.address_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cases_address a WHERE a.id = NEW.address_id "
    "AND a.person_id = NEW.person_id))"
)
_CHANGED = " OR ".join(
    f"OLD.{column} IS DISTINCT FROM NEW.{column}"
    for column in ("state", "family", "area", "document", "channel", "address_id", "person_id", "case_id")
)
# What is written of an item that is settled (its upload, say) doesn't ask again how its recipient stands today.
_WATCHED = "state, family, area, document, channel, address_id, person_id, case_id, distribution_id"


def _entry(from_state: str) -> str:
    """A ledger entry of this very move stands: subject, place, hash and states agree with the row."""
    return (
        "EXISTS (SELECT 1 FROM ledger_entry e "  # noqa: S608 - nothing in it comes from outside
        "WHERE e.subject = 'item/' || NEW.reference AND e.seq = NEW.ledger_seq "
        f"AND e.hash = NEW.ledger_head AND e.to_state = NEW.state{from_state})"
    )


# What retention lets go of, the database lets go of too.
_SET = "'distribution/' || OLD.reference"
PROTECTION: tuple[Trigger, ...] = (
    Trigger(
        name="distribution_item_moves",
        table="distribution_item",
        event="UPDATE OF state",
        message="An item moves only along its table of transitions",
        when=f"OLD.state <> NEW.state AND NOT ((OLD.state, NEW.state) IN (VALUES {_ALLOWED}))",
    ),
    *claimed_first("distribution_item", "person_id"),
    Trigger(
        name="distribution_item_recorded",
        table="distribution_item",
        event="UPDATE OF state",
        message="An item moves only by a step that the ledger has",
        when=f"OLD.state <> NEW.state AND NOT {_entry(' AND e.from_state = OLD.state')}",
    ),
    Trigger(
        name="distribution_item_begins",
        table="distribution_item",
        event="INSERT",
        message="An item begins as prepared",
        when=f"NEW.state <> '{State.PREPARED}' AND NOT {_entry('')}",
    ),
    Trigger(
        name="distribution_item_true_new",
        table="distribution_item",
        event="INSERT",
        message="An item says of its document, recipient and area what their own rows say",
        when=_LIES,
    ),
    Trigger(
        name="distribution_item_true",
        table="distribution_item",
        event=f"UPDATE OF {_WATCHED}",
        message="An item says of its document, recipient and area what their own rows say",
        when=f"({_CHANGED}) AND ({_LIES})",
    ),
    Trigger(
        name="distribution_item_stays",
        table="distribution_item",
        event="DELETE",
        message="An item is set aside, never deleted",
    ),
    Trigger(
        name="distribution_item_identity",
        table="distribution_item",
        event="UPDATE OF reference, distribution_id, person_id, document, case_id",
        message="An item keeps its reference, document and recipient",
        when=(
            "OLD.reference <> NEW.reference OR OLD.distribution_id <> NEW.distribution_id "
            "OR OLD.person_id <> NEW.person_id OR OLD.document <> NEW.document OR OLD.case_id <> NEW.case_id"
        ),
    ),
    Trigger(
        name="distribution_item_tried",
        table="distribution_item",
        event="UPDATE OF not_handed_at",
        message="A delivery by hand that could not be made stays on record: it is never posted instead",
        when="OLD.not_handed_at IS NOT NULL AND NEW.not_handed_at IS NULL",
    ),
    Trigger(
        name="distribution_set_identity",
        table="distribution_distribution",
        event="UPDATE OF reference, case_id, document, pdf_id, original_id",
        message="What was issued stays as it was issued",
        when=(
            "OLD.reference <> NEW.reference OR OLD.case_id <> NEW.case_id OR OLD.document <> NEW.document "
            "OR ((OLD.pdf_id <> NEW.pdf_id OR OLD.original_id <> NEW.original_id) "
            f"AND {still_kept(_SET)})"
        ),
    ),
    Trigger(
        name="distribution_set_stays",
        table="distribution_distribution",
        event="DELETE",
        message="What was issued stays on record",
    ),
    Trigger(
        name="distribution_receipt_fixed",
        table="distribution_receipt",
        event="UPDATE",
        message="The scan of a receipt stays as it was added",
    ),
    Trigger(
        name="distribution_receipt_stays",
        table="distribution_receipt",
        event="DELETE",
        message="The scan of a receipt stays on record",
        when=still_kept("'item/' || (SELECT i.reference FROM distribution_item i WHERE i.id = OLD.item_id)"),
    ),
    Trigger(
        name="distribution_kind_stands",
        table="cases_caseperson",
        event="UPDATE OF relationship, case_id",
        message="Somebody who was sent a report or minutes keeps their kind: take them off and add them anew",
        when=(
            f"((OLD.relationship = '{Relationship.PROFESSIONAL.value}') <> "  # noqa: S608 - from code
            f"(NEW.relationship = '{Relationship.PROFESSIONAL.value}') OR OLD.case_id <> NEW.case_id) AND "
            f"EXISTS (SELECT 1 FROM distribution_item i WHERE i.person_id = OLD.id AND {_SENT_AWAY})"
        ),
    ),
    Trigger(
        name="distribution_area_stands",
        table="cases_address",
        event="UPDATE OF area, area_confirmed_by_id",
        message="An address that minutes were posted to keeps its area: retire it and enter it anew",
        when=(
            "(OLD.area <> NEW.area OR (NEW.area_confirmed_by_id IS NULL AND OLD.area_confirmed_by_id IS NOT NULL)) "  # noqa: S608
            f"AND EXISTS (SELECT 1 FROM distribution_item i WHERE i.address_id = OLD.id AND {_SENT_AWAY} "
            f"AND i.channel = '{Channel.REGISTERED_POST}')"
        ),
    ),
)

# The states in which an item's way is held by its row; named here for the tests that walk them.
HELD_STATES = OUTWARD
