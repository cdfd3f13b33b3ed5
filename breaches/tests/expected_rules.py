"""What the policy expects of a breach's steps, written by hand from clauses.md, not from Postroom's tables.

"run a breach case: information governance; not anyone involved"; "decide on a breach: Assistant Director with
Caldicott Guardian; not one alone, not anyone involved"; "report a breach: everyone signed in".
"""

from __future__ import annotations

RUNS: dict[str, set[str]] = {"information_governance": {"not involved"}}

# action -> clauses, who may, and what must be true of them.
WHO_MAY: dict[str, tuple[tuple[str, ...], dict[str, set[str]]]] = {
    "report": (("OGP-11",), {"signed_in": set()}),
    "amend": (("CLS-8",), RUNS),
    "change_aware": (("CLS-15",), RUNS),
    "find_more": (("CLS-8",), RUNS),
    "name_involved": (("OGP-12",), RUNS),
    "clear_involved": (("OGP-12",), RUNS),
    "do_duty": (
        ("CLS-7", "CLS-9"),
        RUNS
        | {
            "caldicott_guardian": {"not involved", "own duty"},
            "director": {"not involved", "own duty"},
            "business_improvement_manager": {"not involved", "own duty"},
            "records_manager": {"not involved", "own duty"},
            # CLS-7: "details to the line manager", whatever role that person has.
            "signed_in": {"not involved", "their reporter's line manager"},
        },
    ),
    "set_aside_duty": (("CLS-9",), RUNS),
    "sign_report": (("CLS-11",), {"records_manager": {"not involved"}}),
    "ask_exception": (("CLS-14",), RUNS),
    "approve_no_meeting": (
        ("CLS-14",),
        {
            "team_manager": {"office", "not involved", "not asker"},
            "deputy_team_manager": {"office", "not involved", "not asker"},
        },
    ),
    "approve_deferral": (("CLS-14",), {"caldicott_guardian": {"not involved", "not asker"}}),
    "name_people": (("CLS-14",), RUNS),
    "clear_person": (("CLS-14",), RUNS),
    "meet_person": (("CLS-14",), RUNS),
    "link_letter": (("CLS-14",), RUNS),
    "assess": (("CLS-8",), RUNS),
    "ask_advice": (("CLS-15",), RUNS),
    "advise": (("CLS-15",), {"data_protection_officer": {"not involved"}}),
    "propose_decision": (
        ("CLS-15",),
        {"assistant_director": {"not involved"}, "caldicott_guardian": {"not involved"}},
    ),
    "agree_decision": (
        ("CLS-15",),
        {"assistant_director": {"not involved", "other hand"}, "caldicott_guardian": {"not involved", "other hand"}},
    ),
    "make_notification": (("CLS-15",), RUNS),
    "refer": (("CLS-15",), RUNS),
    "withdraw_phase": (("CLS-15",), RUNS),
    "record_cause": (("OGP-12",), RUNS),
    "add_follow_up": (("CLS-8",), RUNS),
    # OGP-12: what follows from the disciplinary part is known to those who decide alone.
    "finish_follow_up": (
        ("CLS-8", "OGP-12"),
        {
            "information_governance": {"not involved", "not disciplinary"},
            "signed_in": {"owner", "not disciplinary"},
            "assistant_director": {"not involved", "owner"},
            "caldicott_guardian": {"not involved", "owner"},
        },
    ),
    "close": (("CLS-9", "CLS-15"), RUNS),
    "close_near_miss": (("CLS-10",), RUNS),
}

OPEN = ("reported", "assessed", "decided")


def _stays(*states: str) -> dict[str, str]:
    return {state: state for state in states}


WHERE_TO: dict[str, dict[str, str]] = {
    "report": {"": "reported"},
    "amend": _stays(*OPEN),
    "change_aware": _stays(*OPEN),
    "find_more": dict.fromkeys((*OPEN, "closed"), "reported"),
    "name_involved": _stays(*OPEN),
    "clear_involved": _stays(*OPEN),
    "do_duty": _stays(*OPEN),
    "set_aside_duty": _stays(*OPEN),
    "sign_report": _stays(*OPEN),
    "ask_exception": _stays(*OPEN),
    "approve_no_meeting": _stays(*OPEN),
    "approve_deferral": _stays(*OPEN),
    "name_people": _stays(*OPEN),
    "clear_person": _stays(*OPEN),
    "meet_person": _stays(*OPEN),
    "link_letter": _stays(*OPEN),
    "assess": {"reported": "assessed", "assessed": "assessed"},
    "ask_advice": _stays("reported", "assessed"),
    "advise": _stays("reported", "assessed"),
    "propose_decision": _stays("assessed"),
    "agree_decision": {"assessed": "decided"},
    "make_notification": _stays(*OPEN),
    "refer": _stays(*OPEN),
    "withdraw_phase": _stays(*OPEN),
    "record_cause": _stays(*OPEN),
    "add_follow_up": _stays(*OPEN),
    "finish_follow_up": _stays(*OPEN, "closed"),
    "close": {"decided": "closed"},
    "close_near_miss": {"reported": "closed"},
}
MUST_HOLD: dict[str, set[str]] = {
    "assess": {"is_breach"},
    "propose_decision": {"advice_given"},
    "agree_decision": {"advice_given", "proposal_stands"},
    "make_notification": {"is_breach"},
    "refer": {"is_breach", "notification_made"},
    "withdraw_phase": {"phase_promised"},
    "sign_report": {"is_breach"},
    "close": {"both_decided", "duties_settled", "cause_recorded"},
    "close_near_miss": {"is_near_miss", "duties_settled", "cause_recorded"},
}
NEEDS_REASON = {
    "change_aware",
    "find_more",
    "clear_involved",
    "set_aside_duty",
    "ask_exception",
    "approve_no_meeting",
    "approve_deferral",
    "withdraw_phase",
    "clear_person",
}
