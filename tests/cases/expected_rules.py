"""Who may do what to a case, written by hand from clauses.md ("Who may do what"), not from the tables.

Each action: the clauses it comes from, and who may, on what (all of it must hold).
"""

MANAGERS = {"team_manager": {"office"}, "deputy_team_manager": {"office"}}
OWN_WORKER = {"worker": {"allocated"}}
# "restrict a case to named people, bar a person from a case | TM, information governance | the person concerned"
DECIDE_ACCESS = {"team_manager": {"office", "not concerned"}, "information_governance": {"not concerned"}}

WHO_MAY: dict[str, tuple[tuple[str, ...], dict[str, set[str]]]] = {
    # "open a case with its ICS number | worker, admin; import"
    "open_case": (("CLS-1",), {"worker": {"office"}, "admin": {"office"}}),
    "amend_case": (("CLS-1",), {**OWN_WORKER, "admin": {"office"}}),
    # "confirm a recipient's right; mark or verify an address | the allocated worker"
    "verify_address": (("CLS-6",), OWN_WORKER),
    "mark_address": (("CLS-5", "CLS-6"), OWN_WORKER),
    "mark_person": (("CLS-5", "CLS-6"), OWN_WORKER),
    "keep_apart": (("CLS-5",), {**OWN_WORKER, **MANAGERS}),
    "let_know": (("CLS-5",), {**OWN_WORKER, **MANAGERS}),
    # "open a case with its ICS number | worker, admin; import"; ICS is the master, whoever keeps it is told
    "take_from_ics": (("CLS-6",), {"admin": {"office"}}),
    "query_ics": (("CLS-6",), {**OWN_WORKER, "admin": {"office"}}),
    "settle_ics": (("CLS-6",), {"admin": {"office"}}),
    # "allocate a case, move it to another worker or office | TM, deputy TM"
    "allocate": (("CLS-1",), MANAGERS),
    "move": (("CLS-1",), MANAGERS),
    "close_case": (("CLS-1",), MANAGERS),
    "reopen_case": (("CLS-1",), MANAGERS),
    "restrict_case": (("CLS-1",), DECIDE_ACCESS),
    "lift_restriction": (("CLS-1",), DECIDE_ACCESS),
    "name_person": (("CLS-1",), DECIDE_ACCESS),
    "unname_person": (("CLS-1",), DECIDE_ACCESS),
    "bar_person": (("CLS-1",), DECIDE_ACCESS),
    "lift_bar": (("CLS-1",), DECIDE_ACCESS),
}

_STAYS_OPEN = {"open": "open"}
_ACCESS = {"open": "open", "closed": "closed"}
WHERE_TO: dict[str, dict[str, str]] = {
    "open_case": {"": "open"},
    **dict.fromkeys(
        (
            "take_from_ics",
            "query_ics",
            "amend_case",
            "verify_address",
            "mark_address",
            "mark_person",
            "keep_apart",
            "let_know",
            "allocate",
            "move",
        ),
        _STAYS_OPEN,
    ),
    "close_case": {"open": "closed"},
    "reopen_case": {"closed": "open"},
    "settle_ics": _ACCESS,
    **dict.fromkeys(
        ("restrict_case", "lift_restriction", "name_person", "unname_person", "bar_person", "lift_bar"), _ACCESS
    ),
}
NEEDS_REASON = {
    "settle_ics",
    "move", "close_case", "reopen_case", "keep_apart", "let_know", "restrict_case", "lift_restriction", "name_person",
    "unname_person", "bar_person", "lift_bar",
}  # fmt: skip
