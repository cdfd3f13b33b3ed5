"""What the database itself refuses on breaches, whoever asks: SQL by hand, bulk calls, a script."""

from __future__ import annotations

from breaches.duties import Duty
from breaches.states import BREACH_TRANSITIONS, BreachState
from postroom.ledger.kept import still_kept
from postroom.ledger.triggers import Trigger

_MOVES = sorted({(str(t.source), str(t.target)) for t in BREACH_TRANSITIONS if t.source and t.source != t.target})
_ALLOWED = ", ".join(f"('{source}', '{target}')" for source, target in _MOVES)


def _entry(more: str) -> str:
    """A ledger entry of this very move stands: subject, place, hash and states agree with the row."""
    return (
        "EXISTS (SELECT 1 FROM ledger_entry e "  # noqa: S608 - nothing in it comes from outside
        "WHERE e.subject = 'breach/' || NEW.reference AND e.seq = NEW.ledger_seq "
        f"AND e.hash = NEW.ledger_head AND e.to_state = NEW.state{more})"
    )


# What retention lets go of, the database lets go of too.
_KEPT = still_kept("'breach/' || (SELECT b.reference FROM breaches_breach b WHERE b.id = OLD.breach_id)")
PROTECTION: tuple[Trigger, ...] = (
    Trigger(
        name="breaches_breach_moves",
        table="breaches_breach",
        event="UPDATE OF state",
        message="A breach moves only along its table of transitions",
        when=f"OLD.state <> NEW.state AND NOT ((OLD.state, NEW.state) IN (VALUES {_ALLOWED}))",
    ),
    Trigger(
        name="breaches_breach_recorded",
        table="breaches_breach",
        event="UPDATE OF state",
        message="A breach moves only by a step that the ledger has",
        when=f"OLD.state <> NEW.state AND NOT {_entry(' AND e.from_state = OLD.state')}",
    ),
    Trigger(
        name="breaches_breach_begins",
        table="breaches_breach",
        event="INSERT",
        message="A breach begins as reported",
        when=f"NEW.state <> '{BreachState.REPORTED}'",
    ),
    Trigger(
        name="breaches_breach_settled",
        table="breaches_breach",
        event="UPDATE OF state",
        message="A breach closes with each duty done or set aside",
        when=(
            "NEW.state = 'closed' AND OLD.state <> NEW.state AND (EXISTS (SELECT 1 FROM "
            "breaches_breachduty d WHERE d.breach_id = NEW.id AND d.status = 'open') OR NOT EXISTS (SELECT 1 FROM "
            "breaches_breachduty d WHERE d.breach_id = NEW.id))"
        ),
    ),
    Trigger(
        name="breaches_breach_stays",
        table="breaches_breach",
        event="DELETE",
        message="A breach is closed, never deleted",
    ),
    Trigger(
        name="breaches_breach_identity",
        table="breaches_breach",
        event="UPDATE OF reference, reported_by_id, reported_at",
        message="A breach keeps its reference, and who reported it when",
        when=(
            "OLD.reference <> NEW.reference OR OLD.reported_by_id <> NEW.reported_by_id "
            "OR OLD.reported_at <> NEW.reported_at"
        ),
    ),
    Trigger(
        name="breaches_duty_stays",
        table="breaches_breachduty",
        event="DELETE",
        message="A duty is done or set aside, never deleted",
    ),
    Trigger(
        name="breaches_duty_settled_for_good",
        table="breaches_breachduty",
        event="UPDATE",
        message="What is settled stays settled",
        when=(
            "OLD.status <> 'open' AND (NEW.status <> OLD.status OR NEW.settled_at <> OLD.settled_at "
            f"OR (NEW.file_id IS DISTINCT FROM OLD.file_id AND {_KEPT}))"
        ),
    ),
    Trigger(
        name="breaches_duty_report_signed",
        table="breaches_breachduty",
        event="UPDATE OF status",
        message="The report of the Information and Records Manager is done by the file that was signed off",
        when=(
            f"NEW.duty = '{Duty.RECORDS_MANAGER_REPORT}' AND NEW.status = 'done' AND OLD.status <> 'done' "
            "AND NEW.file_id IS NULL"
        ),
    ),
    Trigger(
        name="breaches_duty_of_a_closed_breach",
        table="breaches_breachduty",
        event="INSERT",
        message="A closed breach gets no duty: it is opened again first",
        when="EXISTS (SELECT 1 FROM breaches_breach b WHERE b.id = NEW.breach_id AND b.state = 'closed')",
    ),
    Trigger(
        name="breaches_reminder_stays",
        table="breaches_reminder",
        event="DELETE",
        message="What people were told of stays on record",
    ),
    Trigger(
        name="breaches_decision_agreed",
        table="breaches_decision",
        event="UPDATE",
        message="A decision is written anew, not changed",
        when=(
            "OLD.disciplinary <> NEW.disciplinary OR OLD.commissioner <> NEW.commissioner "
            "OR OLD.professional_body <> NEW.professional_body OR OLD.proposed_by_id <> NEW.proposed_by_id "
            "OR ((OLD.disciplinary_reason <> NEW.disciplinary_reason "
            "OR OLD.commissioner_reason <> NEW.commissioner_reason "
            f"OR OLD.professional_body_reason <> NEW.professional_body_reason) AND {_KEPT}) "
            "OR (OLD.agreed_by_id IS NOT NULL AND NEW.agreed_by_id IS DISTINCT FROM OLD.agreed_by_id)"
        ),
    ),
)
