"""What the database itself refuses on breaches, whoever asks: SQL by hand, bulk calls, a script."""

from __future__ import annotations

from breaches.duties import Duty
from breaches.states import BREACH_TRANSITIONS, TOLD, BreachAction, BreachState
from letters.states import TRANSITIONS, Guard
from letters.states import State as LetterState
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
_PROMISED = (  # the newest report promised another phase, neither sent nor withdrawn
    "EXISTS (SELECT 1 FROM breaches_referral r WHERE r.breach_id = NEW.id AND r.more_to_come "
    "AND r.withdrawn_at IS NULL AND NOT EXISTS (SELECT 1 FROM breaches_referral s "
    "WHERE s.breach_id = r.breach_id AND s.phase > r.phase))"
)
_KEPT = still_kept("'breach/' || (SELECT b.reference FROM breaches_breach b WHERE b.id = OLD.breach_id)")
# Whom it tells isn't met; nobody is named yet, and the one meeting stands open.
_UNMET = (
    "CASE WHEN u.id IS NULL THEN EXISTS (SELECT 1 FROM breaches_breachduty d WHERE d.breach_id = b.id "  # noqa: S608
    f"AND d.duty = '{Duty.SERVICE_USER_MEETING}' AND d.status = 'open') "
    "ELSE u.met_at IS NULL AND u.excused_id IS NULL END"
)
_WAITS = (
    "EXISTS (SELECT 1 FROM breaches_serviceuserletter l JOIN breaches_breach b ON b.id = l.breach_id "  # noqa: S608
    f"LEFT JOIN breaches_serviceuser u ON u.id = l.person_id WHERE l.letter_id = NEW.id AND {_UNMET})"
)
_HELD_MOVES = ", ".join(
    sorted(
        {f"('{t.source}', '{t.target}')" for t in TRANSITIONS if Guard.NOT_HELD in t.guards and t.source != t.target}
    )
)
_WENT = ", ".join(f"'{state}'" for state in TOLD)
_GONE_TO = (
    "EXISTS (SELECT 1 FROM breaches_serviceuserletter l JOIN letters_letter t ON t.id = l.letter_id "  # noqa: S608
    f"WHERE {{of}} AND t.state IN ({_WENT}))"
)
_WRITING = "EXISTS (SELECT 1 FROM breaches_breachduty d WHERE d.breach_id = NEW.id AND d.duty = '{duty}' AND {status})"
# Each named is owed a letter unless writing was set aside with its reason.
_UNWRITTEN = (
    "("  # noqa: S608 - from code
    + _WRITING.format(duty=Duty.SERVICE_USER_LETTER, status="d.status <> 'set_aside'")
    + " AND EXISTS (SELECT 1 FROM breaches_serviceuser u WHERE u.breach_id = NEW.id AND u.cleared_at IS NULL AND NOT "
    + _GONE_TO.format(of="l.person_id = u.id")
    + "))"
)
_CAME_BACK = (
    "("  # noqa: S608
    + _WRITING.format(duty=Duty.SERVICE_USER_LETTER, status="d.status = 'done'")
    + " AND EXISTS (SELECT 1 FROM breaches_serviceuserletter r JOIN letters_letter q ON q.id = r.letter_id "
    + f"WHERE r.breach_id = NEW.id AND q.state = '{LetterState.RETURNED}') AND NOT "
    + _GONE_TO.format(of="l.breach_id = NEW.id")
    + ")"
)
_NAMED_ON_IT = (
    "EXISTS (SELECT 1 FROM breaches_serviceuser u JOIN cases_caseperson p ON p.id = u.person_id "
    "WHERE u.breach_id = {row}.breach_id AND u.cleared_at IS NULL AND p.case_id = {row}.case_id)"
)


def _act(action: str, more: str) -> str:
    """The newest step of the breach is this act, as the ledger has it and as the breach's row points to it."""
    return (
        "EXISTS (SELECT 1 FROM breaches_breach b JOIN ledger_entry e ON e.subject = 'breach/' || b.reference "  # noqa: S608
        "AND e.seq = b.ledger_seq AND e.hash = b.ledger_head "
        f"WHERE b.id = NEW.breach_id AND e.action = '{action}' AND {more})"
    )


_OF_THEM = "e.payload = '{\"person\":' || NEW.person_id || '}'"
_CLEARED = _act(BreachAction.CLEAR_PERSON, f"e.actor_id = NEW.cleared_by_id AND {_OF_THEM}")
_MET = _act(BreachAction.MEET_PERSON, f"e.actor_id = NEW.met_by_id AND {_OF_THEM}")
# A manager's yes to that very question, asked for this person or for all.
_AGREED = (
    "EXISTS (SELECT 1 FROM breaches_meetingexception x WHERE x.id = NEW.excused_id AND x.breach_id = NEW.breach_id "  # noqa: S608
    "AND x.agreed AND x.kind <> 'danger' AND (x.service_user_id IS NULL OR x.service_user_id = NEW.id) "
    "AND NOT EXISTS (SELECT 1 FROM breaches_meetingexception y WHERE y.breach_id = x.breach_id AND y.id > x.id) AND "
    + _act(
        BreachAction.APPROVE_NO_MEETING,
        "e.actor_id = x.decided_by_id AND substr(e.payload, 1, 15) = '{\"agreed\":true,'",
    )
    + ")"
)
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
        name="breaches_breach_promised",
        table="breaches_breach",
        event="UPDATE OF state",
        message="A breach closes with each phase promised to the Commissioner sent or withdrawn",
        when=f"NEW.state = 'closed' AND OLD.state <> NEW.state AND {_PROMISED}",
    ),
    Trigger(
        name="breaches_breach_people_told",
        table="breaches_breach",
        event="UPDATE OF state",
        message="A breach closes with each person named met, or excused by a manager",
        when=(
            "NEW.state = 'closed' AND OLD.state <> NEW.state AND EXISTS (SELECT 1 FROM breaches_serviceuser u "
            "WHERE u.breach_id = NEW.id AND u.cleared_at IS NULL AND u.met_at IS NULL AND u.excused_id IS NULL)"
        ),
    ),
    Trigger(
        name="breaches_breach_people_written_to",
        table="breaches_breach",
        event="UPDATE OF state",
        message="A breach closes with each person named written to, and with no letter to them that came back alone",
        when=f"NEW.state = 'closed' AND OLD.state <> NEW.state AND ({_UNWRITTEN} OR {_CAME_BACK})",
    ),
    Trigger(
        name="breaches_case_of_people_stays",
        table="breaches_breach_cases",
        event="DELETE",
        message="A case stays on a breach that names somebody on it",
        when=_NAMED_ON_IT.format(row="OLD"),
    ),
    Trigger(
        name="breaches_case_of_people_fixed",
        table="breaches_breach_cases",
        event="UPDATE",
        message="A case stays on a breach that names somebody on it",
        when=("(OLD.breach_id <> NEW.breach_id OR OLD.case_id <> NEW.case_id) AND " + _NAMED_ON_IT.format(row="OLD")),
    ),
    Trigger(
        name="breaches_letter_waits",
        table="letters_letter",
        event="UPDATE OF state",
        message="A letter to a service user is signed and goes once they were met, or a manager agreed",
        when=f"OLD.state <> NEW.state AND (OLD.state, NEW.state) IN (VALUES {_HELD_MOVES}) AND {_WAITS}",
    ),
    Trigger(
        name="breaches_person_of_its_case",
        table="breaches_serviceuser",
        event="INSERT",
        message="Whom a breach names is family on one of its cases",
        when=(
            "NOT EXISTS (SELECT 1 FROM breaches_breach_cases c JOIN cases_caseperson p ON p.case_id = c.case_id "
            "WHERE c.breach_id = NEW.breach_id AND p.id = NEW.person_id AND p.relationship <> 'professional')"
        ),
    ),
    Trigger(
        name="breaches_person_begins",
        table="breaches_serviceuser",
        event="INSERT",
        message="Whom a breach names is neither met, excused nor taken back as yet",
        when="NEW.met_at IS NOT NULL OR NEW.excused_id IS NOT NULL OR NEW.cleared_at IS NOT NULL",
    ),
    Trigger(
        name="breaches_person_cleared",
        table="breaches_serviceuser",
        event="UPDATE",
        message="Somebody named is taken back by the step that the ledger has, once",
        when=(
            "(NEW.cleared_at IS DISTINCT FROM OLD.cleared_at OR NEW.cleared_by_id IS DISTINCT FROM OLD.cleared_by_id) "
            f"AND (OLD.cleared_at IS NOT NULL OR NEW.cleared_at IS NULL OR NOT {_CLEARED})"
        ),
    ),
    Trigger(
        name="breaches_person_excused",
        table="breaches_serviceuser",
        event="UPDATE",
        message="Somebody named is excused by the yes of a manager that the ledger has",
        when=(f"NEW.excused_id IS DISTINCT FROM OLD.excused_id AND (OLD.excused_id IS NOT NULL OR NOT {_AGREED})"),
    ),
    Trigger(
        name="breaches_person_met",
        table="breaches_serviceuser",
        event="UPDATE",
        message="Somebody named is met by the step that the ledger has",
        when=(
            "((OLD.met_at IS NULL AND NEW.met_at IS NOT NULL) "
            f"OR NEW.met_by_id IS DISTINCT FROM OLD.met_by_id) AND (OLD.met_by_id IS NOT NULL OR NOT {_MET})"
        ),
    ),
    Trigger(
        name="breaches_person_stays",
        table="breaches_serviceuser",
        event="DELETE",
        message="Who was named stays on record",
    ),
    Trigger(
        name="breaches_person_met_stays",
        table="breaches_serviceuser",
        event="UPDATE",
        message="That somebody was met stays on record",
        when=(
            "OLD.breach_id <> NEW.breach_id OR OLD.person_id <> NEW.person_id "
            "OR (OLD.met_at IS NOT NULL AND NEW.met_at IS DISTINCT FROM OLD.met_at)"
        ),
    ),
    Trigger(
        name="breaches_hold_waits",
        table="letters_hold",
        event="UPDATE OF released_at",
        message="A letter to a service user waits for the meeting",
        when=(
            "OLD.released_at IS NULL AND NEW.released_at IS NOT NULL AND EXISTS (SELECT 1 FROM "  # noqa: S608
            "breaches_serviceuserletter l JOIN breaches_breach b ON b.id = l.breach_id "
            "LEFT JOIN breaches_serviceuser u ON u.id = l.person_id WHERE l.letter_id = NEW.letter_id "
            "AND NEW.set_by = 'breach/' || b.reference "
            f"AND {_UNMET})"
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
        name="breaches_duty_file_for_deciders",
        table="breaches_breachduty",
        event="UPDATE OF file_for_deciders",
        message="A file that says what was decided on staff stays with those who decide",
        when="OLD.file_for_deciders AND NOT NEW.file_for_deciders",
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
        name="breaches_notification_stays",
        table="breaches_notification",
        event="DELETE",
        message="What was made for the Commissioner stays on record",
    ),
    Trigger(
        name="breaches_notification_frozen",
        table="breaches_notification",
        event="UPDATE",
        message="A notification to the Commissioner stays as it was made; another is made instead",
        when=(
            "OLD.breach_id <> NEW.breach_id OR OLD.phase <> NEW.phase OR OLD.made_at <> NEW.made_at "
            "OR OLD.made_by_id <> NEW.made_by_id OR OLD.more_by IS DISTINCT FROM NEW.more_by "
            "OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at) "
            "OR ((OLD.note <> NEW.note OR OLD.late_reason <> NEW.late_reason OR OLD.content <> NEW.content "
            f"OR NEW.file_id IS DISTINCT FROM OLD.file_id) AND {_KEPT})"
        ),
    ),
    Trigger(
        name="breaches_referral_stays",
        table="breaches_referral",
        event="DELETE",
        message="What was sent to the Commissioner stays on record",
    ),
    Trigger(
        name="breaches_referral_frozen",
        table="breaches_referral",
        event="UPDATE",
        message="A phase that was sent to the Commissioner stays as it was sent",
        when=(
            "OLD.breach_id <> NEW.breach_id OR OLD.phase <> NEW.phase OR OLD.at <> NEW.at OR OLD.by_id <> NEW.by_id "
            "OR OLD.reference <> NEW.reference OR OLD.more_to_come <> NEW.more_to_come "
            "OR NEW.more_by IS DISTINCT FROM OLD.more_by OR NEW.notification_id IS DISTINCT FROM OLD.notification_id "
            "OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at) "
            f"OR ((OLD.note <> NEW.note OR OLD.late_reason <> NEW.late_reason) AND {_KEPT})"
        ),
    ),
    Trigger(
        name="breaches_reminder_stays",
        table="breaches_reminder",
        event="DELETE",
        message="What people were told of stays on record",
    ),
    Trigger(
        name="breaches_action_for_deciders",
        table="breaches_followup",
        event="UPDATE",
        message="An action of the disciplinary part stays with those who decide",
        when="OLD.for_deciders <> NEW.for_deciders OR (OLD.for_deciders AND OLD.breach_id <> NEW.breach_id)",
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
