"""The steps of a breach, as verbs. Each is one transaction of the engine, or nothing.

All are keyword-only: `breach`, `by` (who), `seen` (what they had on screen) and what the step needs. They raise the
errors of `postroom.steps.errors`.
"""

from breaches.actions.deciding import advise, agree_decision, ask_advice, propose_decision
from breaches.actions.duties import do_duty, set_aside_duty
from breaches.actions.learning import add_follow_up, close, finish_follow_up, record_cause
from breaches.actions.people import clear_person, meet_person, name_people
from breaches.actions.referring import make_notification, refer, withdraw_phase
from breaches.actions.reporting import (
    Report,
    amend,
    assess,
    change_aware,
    clear_involved,
    find_more,
    name_involved,
    report,
    report_once,
)
from breaches.actions.signing import sign_report
from breaches.actions.telling import approve_deferral, approve_no_meeting, ask_exception, link_letter

__all__ = [
    "Report",
    "add_follow_up",
    "advise",
    "agree_decision",
    "amend",
    "approve_deferral",
    "approve_no_meeting",
    "ask_advice",
    "ask_exception",
    "assess",
    "change_aware",
    "clear_involved",
    "clear_person",
    "close",
    "do_duty",
    "find_more",
    "finish_follow_up",
    "link_letter",
    "make_notification",
    "meet_person",
    "name_involved",
    "name_people",
    "propose_decision",
    "record_cause",
    "refer",
    "report",
    "report_once",
    "set_aside_duty",
    "sign_report",
    "withdraw_phase",
]
