"""What the policy expects of a letter, written by hand from its clauses, not from Postroom's tables.

Read it beside the policy: OGP is Out-going Post in District Offices (version 3), CLS is 1.1.4 Confidentiality.
"""

from __future__ import annotations

# action -> clauses it comes from, who may take it, and what must be true of that person (all of it).
# The words for people: worker = the case's allocated worker; everyone else by role, at the letter's office.
WHO_MAY: dict[str, tuple[tuple[str, ...], dict[str, set[str]]]] = {
    "hand_over": (("OGP-1",), {"worker": {"allocated"}}),
    "ask": (("OGP-1",), {"admin": {"office"}}),
    "answer": (("OGP-1",), {"worker": {"allocated"}}),
    "change_brief": (("OGP-1",), {"worker": {"allocated"}}),
    "type": (("OGP-2",), {"admin": {"office"}}),
    "print": (("OGP-2",), {"admin": {"office"}}),
    # Whoever stands at the printer says what came out of it.
    "confirm_print": (("OGP-2",), {"admin": {"office"}}),
    "void_print": (("OGP-2",), {"admin": {"office"}}),
    "return_to_worker": (("OGP-2",), {"admin": {"office"}}),
    "check": (
        ("OGP-3a",),
        {
            "worker": {"allocated", "not typist"},
            "duty_worker": {"office", "not allocated", "not typist"},
            "advanced_practitioner": {"office", "not allocated", "not typist"},
            "deputy_team_manager": {"office", "not allocated", "not typist"},
            "team_manager": {"office", "not allocated", "not typist"},
        },
    ),
    # One text to many: who confirmed the text of a set for its letters checks each address on it; the rest as above.
    "check_address": (
        ("OGP-3a",),
        {
            "worker": {"allocated", "not typist", "text checked"},
            "duty_worker": {"office", "not allocated", "not typist", "text checked"},
            "advanced_practitioner": {"office", "not allocated", "not typist", "text checked"},
            "deputy_team_manager": {"office", "not allocated", "not typist", "text checked"},
            "team_manager": {"office", "not allocated", "not typist", "text checked"},
        },
    ),
    # No letter names another recipient unless the worker says so, or who stands in for them on the duty rota.
    "name_others": (
        ("OGP-4b", "CLS-5"),
        {"worker": {"allocated"}, "duty_worker": {"office", "not allocated", "not typist"}},
    ),
    # Whoever has it made in the addressee's format: its worker, or admin.
    "record_format": (("OGP-1", "OGP-4b"), {"worker": {"allocated"}, "admin": {"office"}}),
    "sign": (("OGP-3a",), {"worker": {"allocated", "not typist", "own check"}}),
    "pp": (
        ("OGP-3b",),
        {
            "duty_worker": {"office", "not allocated", "not typist", "check stands"},
            "advanced_practitioner": {"office", "not allocated", "not typist", "check stands"},
            "deputy_team_manager": {"office", "not allocated", "not typist", "check stands"},
            "team_manager": {"office", "not allocated", "not typist", "check stands"},
        },
    ),
    "confirm_signature": (("OGP-3a",), {"admin": {"office", "not signer"}}),
    "envelope": (("OGP-4b",), {"admin": {"office", "not signer"}}),
    "post": (("OGP-4b",), {"admin": {"office"}}),
    # CLS-6 and "hand deliver: a social worker, not admin"; a sensitive letter's way is its worker's, or a manager's.
    "choose_way": (
        ("CLS-6",),
        {"worker": {"allocated"}, "deputy_team_manager": {"office"}, "team_manager": {"office"}},
    ),
    "confirm_delivery": (("CLS-6",), {"admin": {"office"}}),
    # CLS-2: from when it leaves it is a paper out of the office, in one person's hands; what became of it that person
    # alone can say, save that a manager can have it before them again.
    "take_out": (
        ("CLS-2", "CLS-6"),
        {
            "worker": {"allocated"},
            "duty_worker": {"office"},
            "advanced_practitioner": {"office"},
            "deputy_team_manager": {"office"},
            "team_manager": {"office"},
        },
    ),
    "hand_deliver": (("CLS-6",), {"worker": {"carrier"}}),
    "not_delivered": (("CLS-6",), {"worker": {"carrier"}}),
    "bring_back": (
        ("CLS-2",),
        {"worker": {"carrier"}, "deputy_team_manager": {"office"}, "team_manager": {"office"}},
    ),
    # CLS-1: kept secure at all times; what missed the bag is locked away by admin.
    "lock_in": (("CLS-1",), {"admin": {"office"}}),
    "give_at_reception": (("CLS-6",), {"admin": {"office"}}),
    "carry_again": (("CLS-6",), {"deputy_team_manager": {"office"}, "team_manager": {"office"}}),
    "upload": (("OGP-6",), {"admin": {"office"}}),
    "upload_child": (("OGP-6",), {"admin": {"office"}}),
    "return_for_retyping": (
        ("OGP-3a",),
        {
            "worker": {"allocated"},
            "duty_worker": {"office"},
            "advanced_practitioner": {"office"},
            "deputy_team_manager": {"office"},
            "team_manager": {"office"},
        },
    ),
    "edit_after_check": (("OGP-3a",), {"admin": {"office"}}),
    "reopen": (("OGP-4b",), {"admin": {"office"}}),
    "withdraw": (
        ("OGP-0",),
        {"worker": {"allocated"}, "deputy_team_manager": {"office"}, "team_manager": {"office"}},
    ),
    "return_undelivered": (("OGP-0",), {"admin": {"office"}}),
    # Postroom's own; no person may.
    "void_check": (("OGP-3a",), {}),
    "move_office": (("CLS-1",), {}),
}

# action -> {state it may be taken in: state it leads to}. "" is: there is no letter yet.
WHERE_TO: dict[str, dict[str, str]] = {
    "hand_over": {"": "drafted"},
    "ask": {state: state for state in ("drafted", "typed", "worker_checked", "signed")},
    "answer": {state: state for state in ("drafted", "typed", "worker_checked", "signed")},
    "change_brief": {state: state for state in ("drafted", "typed", "worker_checked", "signed", "enveloped")},
    "type": {"drafted": "typed", "typed": "typed"},
    "print": {"typed": "typed", "worker_checked": "worker_checked", "signed": "signed"},
    "confirm_print": {"typed": "typed", "worker_checked": "worker_checked", "signed": "signed"},
    "void_print": {"typed": "typed", "worker_checked": "worker_checked", "signed": "signed"},
    "return_to_worker": {"typed": "typed"},
    "check": {"typed": "worker_checked", "worker_checked": "worker_checked"},
    "check_address": {"typed": "worker_checked", "worker_checked": "worker_checked"},
    "name_others": {"typed": "typed", "worker_checked": "worker_checked"},
    "record_format": {state: state for state in ("typed", "worker_checked", "signed")},
    "sign": {"worker_checked": "signed"},
    "pp": {"worker_checked": "signed"},
    "confirm_signature": {"signed": "signed"},
    "envelope": {"signed": "enveloped"},
    "post": {"enveloped": "posted"},
    "choose_way": {
        "drafted": "drafted",
        "typed": "typed",
        "worker_checked": "worker_checked",
        "signed": "signed",
    },
    "confirm_delivery": {"posted": "posted", "uploaded": "uploaded"},
    "lock_in": {"enveloped": "enveloped"},
    "take_out": {"enveloped": "enveloped"},
    "bring_back": {"enveloped": "enveloped"},
    "hand_deliver": {"enveloped": "handed_over"},
    "give_at_reception": {"enveloped": "handed_over"},
    "not_delivered": {"enveloped": "enveloped"},
    "carry_again": {"enveloped": "enveloped"},
    "upload": {"posted": "uploaded", "handed_over": "uploaded", "returned": "returned"},
    "upload_child": {"posted": "posted", "handed_over": "handed_over", "returned": "returned"},
    "return_for_retyping": {"typed": "drafted", "worker_checked": "drafted", "signed": "drafted"},
    "edit_after_check": {"worker_checked": "typed", "signed": "typed"},
    "void_check": {"worker_checked": "typed", "signed": "typed"},
    "move_office": {
        "drafted": "drafted",
        "typed": "typed",
        "worker_checked": "worker_checked",
        "signed": "signed",
        "enveloped": "enveloped",
    },
    "reopen": {"enveloped": "signed"},
    "withdraw": {
        "drafted": "withdrawn",
        "typed": "withdrawn",
        "worker_checked": "withdrawn",
        "signed": "withdrawn",
        "enveloped": "withdrawn",
    },
    "return_undelivered": {"posted": "returned", "uploaded": "returned"},
}

# What must be true of the letter itself before the step, by action.
MUST_HOLD: dict[str, set[str]] = {
    "type": {"address_current", "copies_may_know"},
    # OGP-4a: only where the calibration sheet was measured.
    # The details of an office that are in force when it is printed (OGP-5 for the back, and so for the front).
    "print": {"printer_measured", "letterhead_in_force"},
    "confirm_print": {"print_unsaid"},
    "void_print": {"print_unsaid"},
    "return_to_worker": {"printed"},
    "check": {"address_current", "lines_current", "copies_may_know"},
    "name_others": {"names_unsaid"},
    "record_format": {"format_to_make"},
    "check_address": {"address_current", "lines_current", "copies_may_know"},
    "sign": {
        "address_current",
        "lines_current",
        "copies_may_know",
        "names_said",
        "check_stands",
        "print_to_sign",
        "not_held",
    },
    "pp": {
        "address_current",
        "lines_current",
        "copies_may_know",
        "names_said",
        "check_stands",
        "print_to_sign",
        "not_held",
    },
    "confirm_signature": {
        "address_current",
        "lines_current",
        "copies_may_know",
        "names_said",
        "check_stands",
        "signature_stands",
        "signed_on_paper",
    },
    "envelope": {
        "address_current",
        "lines_current",
        "copies_may_know",
        "names_said",
        "check_stands",
        "signature_stands",
        "signed_sheets_in_hand",
        "not_held",
        "format_made",
        "route_open",
    },
    "post": {
        "address_current",
        "lines_current",
        "copies_may_know",
        "names_said",
        "check_stands",
        "signature_stands",
        "not_held",
        "format_made",
        "route_open",
        "by_royal_mail",
    },
    "take_out": {
        "address_current",
        "lines_current",
        "copies_may_know",
        "names_said",
        "check_stands",
        "signature_stands",
        "not_held",
        "format_made",
        "route_open",
        "by_hand",
        "not_out",
    },
    "bring_back": {"is_out"},
    # Who carries it has the envelope; nobody in the office can lock it in or open it.
    "lock_in": {"not_out"},
    "hand_deliver": {
        "address_current",
        "lines_current",
        "copies_may_know",
        "names_said",
        "check_stands",
        "signature_stands",
        "not_held",
        "format_made",
        "route_open",
        "by_hand",
        "is_out",
    },
    "give_at_reception": {
        "address_current",
        "lines_current",
        "copies_may_know",
        "names_said",
        "check_stands",
        "signature_stands",
        "not_held",
        "format_made",
        "route_open",
        "collected",
    },
    "not_delivered": {"by_hand", "not_held", "is_out"},
    "carry_again": {"came_back_by_hand"},
    "confirm_delivery": {"registered", "delivery_open"},
    "return_undelivered": {"by_royal_mail", "delivery_open"},
    "reopen": {"delivery_decided", "not_out"},
    # On the case record with the last child's record; the others before it, each by itself.
    "upload": {"upload_owed", "last_child"},
    "upload_child": {"upload_owed", "more_children"},
    "edit_after_check": {"address_current", "copies_may_know"},
}

# Corrections are named, with a reason.
NEEDS_REASON = {
    "return_for_retyping",
    "edit_after_check",
    "void_check",
    "move_office",
    "reopen",
    "withdraw",
    "return_undelivered",
    "choose_way",
    "not_delivered",
    "carry_again",
}

# The office of the letter: who, by name in tests.support.world.Desk, may do what in which state.
# The letter was typed by `admin`, checked and signed on paper by `worker`, initialled by `admin`.
ADMINS = {"admin", "other_admin"}
STAND_INS = {"duty", "ap", "deputy", "manager"}
CHECKERS = {"worker"} | STAND_INS
TAKERS_BACK = {"worker", "deputy", "manager"}
CHOOSERS = {"worker", "deputy", "manager"}
MANAGERS = {"deputy", "manager"}
# Beside the way, before the envelope is closed: admin asks, the worker answers and says when it must go.
# A print lies there of which nobody has said what came out.
UNSAID = {"confirm_print": ADMINS, "void_print": ADMINS}
ASIDE = {"ask": ADMINS, "answer": {"worker"}, "change_brief": {"worker"}}
PRODUCT: dict[str, dict[str, set[str]]] = {
    "drafted": {**ASIDE, "type": ADMINS, "choose_way": CHOOSERS, "withdraw": TAKERS_BACK},
    "typed": {
        **ASIDE,
        "type": ADMINS,
        "print": ADMINS,
        "check": CHECKERS,
        "return_for_retyping": CHECKERS,
        "choose_way": CHOOSERS,
        "withdraw": TAKERS_BACK,
    },
    # One of several with the same words, which its worker has confirmed for all of them.
    "typed, one of several": {
        **ASIDE,
        "type": ADMINS,
        "print": ADMINS,
        "check": CHECKERS,
        "check_address": {"worker"},
        "return_for_retyping": CHECKERS,
        "choose_way": CHOOSERS,
        "withdraw": TAKERS_BACK,
    },
    "typed, printed": {
        **ASIDE,
        **UNSAID,
        "type": ADMINS,
        "print": ADMINS,
        "return_to_worker": ADMINS,
        "check": CHECKERS,
        "return_for_retyping": CHECKERS,
        "choose_way": CHOOSERS,
        "withdraw": TAKERS_BACK,
    },
    "worker_checked": {
        **ASIDE,
        "print": ADMINS,
        "check": CHECKERS,
        "return_for_retyping": CHECKERS,
        "edit_after_check": ADMINS,
        "choose_way": CHOOSERS,
        "withdraw": TAKERS_BACK,
    },
    "worker_checked, printed": {
        **ASIDE,
        **UNSAID,
        "print": ADMINS,
        "check": CHECKERS,
        "sign": {"worker"},
        "pp": STAND_INS,
        "return_for_retyping": CHECKERS,
        "edit_after_check": ADMINS,
        "choose_way": CHOOSERS,
        "withdraw": TAKERS_BACK,
    },
    "signed": {
        **ASIDE,
        **UNSAID,
        "print": ADMINS,
        "confirm_signature": ADMINS,
        "return_for_retyping": CHECKERS,
        "edit_after_check": ADMINS,
        "choose_way": CHOOSERS,
        "withdraw": TAKERS_BACK,
    },
    "signed, in hand": {
        **ASIDE,
        "print": ADMINS,
        "confirm_signature": ADMINS,
        "envelope": ADMINS,
        "return_for_retyping": CHECKERS,
        "edit_after_check": ADMINS,
        "choose_way": CHOOSERS,
        "withdraw": TAKERS_BACK,
    },
    "enveloped": {
        "lock_in": ADMINS,
        "change_brief": {"worker"},
        "post": ADMINS,
        "reopen": ADMINS,
        "withdraw": TAKERS_BACK,
    },
    "enveloped, registered": {
        "lock_in": ADMINS,
        "change_brief": {"worker"},
        "post": ADMINS,
        "reopen": ADMINS,
        "withdraw": TAKERS_BACK,
    },
    # By hand: a social worker, never admin; nobody posts it.
    "enveloped, by hand": {
        "lock_in": ADMINS,
        "change_brief": {"worker"},
        "take_out": CHECKERS,
        "reopen": ADMINS,
        "withdraw": TAKERS_BACK,
    },
    # In the worker's bag: what became of it the worker says, or a manager that it is back.
    "enveloped, out": {
        "change_brief": {"worker"},
        "hand_deliver": {"worker"},
        "not_delivered": {"worker"},
        "bring_back": {"worker"} | MANAGERS,
        "withdraw": TAKERS_BACK,
    },
    "enveloped, out with duty": {
        "change_brief": {"worker"},
        "hand_deliver": {"duty"},
        "not_delivered": {"duty"},
        "bring_back": {"duty"} | MANAGERS,
        "withdraw": TAKERS_BACK,
    },
    "enveloped, not delivered": {
        "change_brief": {"worker"},
        "carry_again": MANAGERS,
        "bring_back": {"worker"} | MANAGERS,
        "withdraw": TAKERS_BACK,
    },
    "enveloped, not delivered and back": {
        "lock_in": ADMINS,
        "change_brief": {"worker"},
        "carry_again": MANAGERS,
        "withdraw": TAKERS_BACK,
    },
    "enveloped, to collect": {
        "lock_in": ADMINS,
        "change_brief": {"worker"},
        "give_at_reception": ADMINS,
        "reopen": ADMINS,
        "withdraw": TAKERS_BACK,
    },
    "posted": {"upload": ADMINS, "return_undelivered": ADMINS},
    "posted, two children": {"upload_child": ADMINS, "return_undelivered": ADMINS},
    "posted, registered": {"upload": ADMINS, "return_undelivered": ADMINS, "confirm_delivery": ADMINS},
    "posted, delivered": {"upload": ADMINS},
    "handed_over": {"upload": ADMINS},
    "uploaded": {"return_undelivered": ADMINS},
    "uploaded, by hand": {},
    "withdrawn": {},
    "returned": {"upload": ADMINS},
}
# Who may read the letter at all, in every state.
READERS = {"worker", "duty", "ap", "deputy", "manager", "admin", "other_admin"}
