"""What the policy expects of papers out, written by hand from CLS-1 to CLS-5, not from Postroom's tables."""

from __future__ import annotations

TAKERS = ("worker", "advanced_practitioner", "deputy_team_manager", "team_manager", "admin")
MANAGERS = (
    "advanced_practitioner",
    "deputy_team_manager",
    "team_manager",
    "admin",
    "district_admin_manager",
    "assistant_director",
)
OFFICE_MANAGERS = ("deputy_team_manager", "team_manager")
KEEPERS = ("admin", "deputy_team_manager", "team_manager")

Ways = dict[str, list[set[str]]]


def _ways(*pairs: tuple[tuple[str, ...], set[str]]) -> Ways:
    found: Ways = {}
    for roles, conditions in pairs:
        for role in roles:
            found.setdefault(role, []).append(conditions)
    return found


# The line manager, never for oneself; away: the office's managers, or the next manager up.
ANSWERS = (
    (MANAGERS, {"another's", "line manager"}),
    (MANAGERS, {"another's", "next manager", "manager away"}),
    (OFFICE_MANAGERS, {"another's", "office", "manager away"}),
)
HOLDER_OR_KEEPER = ((TAKERS, {"own"}), (KEEPERS, {"another's", "office"}))

# action -> clauses, and for each role the ways (all conditions of one of them must hold).
WHO_MAY: dict[str, tuple[tuple[str, ...], Ways]] = {
    "take": (("CLS-2",), _ways((TAKERS, {"office", "case"}))),
    "ask": (("CLS-3",), _ways((TAKERS, {"office", "case"}))),
    "agree": (("CLS-3",), _ways(*ANSWERS)),
    "refuse": (("CLS-3",), _ways(*ANSWERS)),
    "leave": (("CLS-3",), _ways((TAKERS, {"own"}))),
    "not_take": (("CLS-3",), _ways((TAKERS, {"own"}))),
    "extend": (("CLS-3",), _ways((TAKERS, {"own", "agreed task"}), *ANSWERS)),
    "give_back": (("CLS-3",), _ways(*HOLDER_OR_KEEPER)),
    "destroy": (("CLS-3",), _ways(*HOLDER_OR_KEEPER)),
    "lose": (("CLS-7",), _ways(*HOLDER_OR_KEEPER)),
    "find": (("CLS-3",), _ways(*HOLDER_OR_KEEPER)),
    "keep_record": (("CLS-3",), _ways(*HOLDER_OR_KEEPER)),
    "chase": (("CLS-3",), {}),
    "hand_on": (("CLS-2",), {}),
}

WHERE_TO: dict[str, dict[str, str]] = {
    "take": {"": "out"},
    "ask": {"": "asked"},
    "agree": {"asked": "agreed"},
    "refuse": {"asked": "refused"},
    "leave": {"agreed": "out"},
    "not_take": {"asked": "not_taken", "agreed": "not_taken"},
    "extend": {"out": "out"},
    "give_back": {"out": "back"},
    "destroy": {"out": "destroyed"},
    "lose": {"out": "lost"},
    "find": {"lost": "back"},
    "keep_record": {
        "agreed": "agreed",
        "refused": "refused",
        "out": "out",
        "back": "back",
        "destroyed": "destroyed",
        "lost": "lost",
    },
    "chase": {"out": "out"},
    "hand_on": {"out": "handed_on"},
}
MUST_HOLD: dict[str, set[str]] = {
    "take": {"is_agreed_task", "secured"},
    "ask": {"is_other_purpose"},
    "destroy": {"not_original", "delivery_over"},
    # A hand delivery says itself what became of its paper, while somebody carries it.
    "find": {"delivery_over"},
    "give_back": {"delivery_over"},
    "hand_on": {"of_a_delivery"},
}
NEEDS_REASON = {"refuse", "extend", "lose", "find"}

# On real rows, by name in tests.support.world.Desk; the papers are worker's, whose line manager is `manager`, whose
# own is `boss` (an Assistant Director). The manager is at work, and the request is fresh.
KEEP = {"admin", "other_admin", "deputy", "manager"}
OWN_OR_KEPT = {"worker"} | KEEP
PRODUCT: dict[str, dict[str, set[str]]] = {
    "asked": {"agree": {"manager"}, "refuse": {"manager"}, "not_take": {"worker"}},
    "asked, manager away": {
        "agree": {"manager", "deputy", "boss"},
        "refuse": {"manager", "deputy", "boss"},
        "not_take": {"worker"},
    },
    "agreed": {"leave": {"worker"}, "not_take": {"worker"}, "keep_record": OWN_OR_KEPT},
    "refused": {"keep_record": OWN_OR_KEPT},
    "not_taken": {},
    "out, agreed task": {
        "extend": {"worker", "manager"},
        "give_back": OWN_OR_KEPT,
        "destroy": OWN_OR_KEPT,
        "lose": OWN_OR_KEPT,
        "keep_record": OWN_OR_KEPT,
    },
    "out, original": {
        "extend": {"worker", "manager"},
        "give_back": OWN_OR_KEPT,
        "lose": OWN_OR_KEPT,
        "keep_record": OWN_OR_KEPT,
    },
    "out, other purpose": {
        "extend": {"manager"},
        "give_back": OWN_OR_KEPT,
        "destroy": OWN_OR_KEPT,
        "lose": OWN_OR_KEPT,
        "keep_record": OWN_OR_KEPT,
    },
    "back": {"keep_record": OWN_OR_KEPT},
    "destroyed": {"keep_record": OWN_OR_KEPT},
    "lost": {"find": OWN_OR_KEPT, "keep_record": OWN_OR_KEPT},
}
# Who may read the entry at all; `boss` as the manager's manager.
READERS = {"worker", "duty", "ap", "deputy", "manager", "boss", "admin", "other_admin"}

# An agreement to work away: the line manager, or a manager of the person's office; never for oneself.
AGREEMENT_WHO = _ways((MANAGERS, {"another", "line manager"}), (OFFICE_MANAGERS, {"another", "office manager"}))
AGREEMENT_WHERE: dict[str, dict[str, str]] = {"register": {"": "standing"}, "end": {"standing": "ended"}}
AGREEMENT_REASON = {"end"}
