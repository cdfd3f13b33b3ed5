"""What the policy expects of a report or minutes, written by hand from its clauses, not from Postroom's tables.

Read it beside the policy: OGP is Out-going Post in District Offices (version 3), CLS is 1.1.4 Confidentiality.
"""

from __future__ import annotations

# action -> clauses it comes from, who may take it, and what must be true of that person (all of it).
OFFICE_SOCIAL_WORK = ("duty_worker", "advanced_practitioner", "deputy_team_manager", "team_manager")
MANAGERS = ("deputy_team_manager", "team_manager")
WORKER_ONLY = {"worker": {"allocated"}}
ADMIN_ONLY = {"admin": {"office"}}
# "hand deliver: a social worker; may not: admin"
SOCIAL_WORKERS = {"worker": {"allocated"}} | {role: {"office"} for role in OFFICE_SOCIAL_WORK}
# Whoever has the paper with them says what became of it, also when the case went to somebody else meanwhile. That it is
# back in the office a manager there can say as well: its carrier may have left.
THE_CARRIER = {"worker": {"carrier"}} | {role: {"office", "carrier"} for role in OFFICE_SOCIAL_WORK}
BACK = THE_CARRIER | {role: {"office"} for role in MANAGERS}

WHO_MAY: dict[str, tuple[tuple[str, ...], dict[str, set[str]]]] = {
    "issue": (("OGP-7", "OGP-9"), {"safeguarding": set()}),
    "replace_version": (("CLS-6",), {"safeguarding": set()}),
    "choose_route": (("OGP-7", "OGP-8", "OGP-9"), WORKER_ONLY),
    "confirm_right": (("CLS-6",), WORKER_ONLY),
    "ask_approval": (("OGP-8",), WORKER_ONLY),
    "approve": (("OGP-8",), {role: {"office", "not requester"} for role in MANAGERS}),
    "decline": (("OGP-8",), {role: {"office", "not requester"} for role in MANAGERS}),
    "release": (("OGP-7", "OGP-8", "OGP-9", "CLS-6"), WORKER_ONLY),
    "take_out": (("OGP-7", "OGP-9"), SOCIAL_WORKERS),
    "hand_over": (("OGP-7", "OGP-9"), THE_CARRIER),
    "not_possible": (("OGP-7", "OGP-9"), THE_CARRIER),
    "bring_back": (("CLS-2",), BACK),
    "envelope": (("OGP-4a", "OGP-4b"), {"admin": {"office", "not releaser"}}),
    "post": (("OGP-8",), ADMIN_ONLY),
    "prove_delivery": (("OGP-8",), ADMIN_ONLY),
    "return_undelivered": (("OGP-8",), ADMIN_ONLY),
    "send": (("OGP-9", "CLS-6"), WORKER_ONLY),
    "decide_sent": (("OGP-9", "CLS-6"), WORKER_ONLY),
    "decide_not_sent": (("OGP-9", "CLS-6"), WORKER_ONLY),
    "give_password": (("CLS-6",), WORKER_ONLY),
    "text_password": (("CLS-6",), WORKER_ONLY),
    "prepare_again": (("CLS-6",), WORKER_ONLY),
    "set_aside": (("OGP-9",), {"team_manager": {"office"}}),
    "upload": (("OGP-6",), ADMIN_ONLY),
    # Postroom's own; no person may.
    "attempt": (("OGP-9", "CLS-6"), {}),
    "mark_sent": (("OGP-9", "CLS-6"), {}),
    "mark_not_sent": (("OGP-9", "CLS-6"), {}),
    "fail": (("OGP-9", "CLS-6"), {}),
    "bounce": (("OGP-9", "CLS-6"), {}),
    "mark_texted": (("CLS-6",), {}),
    "mark_not_texted": (("CLS-6",), {}),
    "hold": (("CLS-6",), {}),
    "ask_again": (("CLS-6",), {}),
}

# action -> {state it may be taken in: state it leads to}. "" is: there is no item yet.
WHERE_TO: dict[str, dict[str, str]] = {
    "issue": {"": "prepared"},
    "replace_version": {"prepared": "prepared", "held": "held"},
    "choose_route": {"prepared": "prepared"},
    "confirm_right": {"prepared": "prepared"},
    "ask_approval": {"prepared": "prepared"},
    "approve": {"prepared": "prepared"},
    "decline": {"prepared": "prepared"},
    "release": {"prepared": "released"},
    "take_out": {"released": "released"},
    "hand_over": {"released": "handed_over"},
    # "a hand delivery that can't be made is held, never posted"
    "not_possible": {"released": "held"},
    "bring_back": {"released": "released", "held": "held"},
    "envelope": {"released": "released"},
    "post": {"released": "sent"},
    "prove_delivery": {"sent": "delivered"},
    "return_undelivered": {"sent": "held"},
    "send": {"released": "released"},
    "attempt": {"released": "uncertain"},
    "mark_sent": {"uncertain": "sent"},
    "mark_not_sent": {"uncertain": "released"},
    "fail": {"uncertain": "held", "released": "held"},
    "decide_sent": {"uncertain": "sent"},
    "decide_not_sent": {"uncertain": "released"},
    "give_password": {"sent": "delivered"},
    "text_password": {"sent": "sent"},
    "mark_texted": {"sent": "delivered"},
    "mark_not_texted": {"sent": "sent"},
    "bounce": {"sent": "held", "delivered": "held", "uncertain": "held"},
    "hold": {"released": "held"},
    "ask_again": {"prepared": "prepared", "held": "held"},
    "prepare_again": {"held": "prepared", "released": "prepared"},
    "set_aside": {"prepared": "set_aside", "released": "set_aside", "held": "set_aside", "sent": "set_aside"},
    "upload": {"handed_over": "handed_over", "sent": "sent", "delivered": "delivered"},
}

CHOSEN = {"recipient_current", "right_confirmed", "route_open"}
# The route is asked again at every step that moves it outward.
OUTWARD = CHOSEN | {"version_confirmed"}
MUST_HOLD: dict[str, set[str]] = {
    "ask_approval": {"approval_wanted"},
    "approve": {"approval_asked", "recipient_current", "address_current"},
    "decline": {"approval_asked"},
    "release": CHOSEN | {"address_current"},
    "take_out": OUTWARD | {"by_hand", "not_out"},
    "hand_over": OUTWARD | {"by_hand", "is_out"},
    "not_possible": {"by_hand", "is_out"},
    "bring_back": {"is_out"},
    "envelope": OUTWARD | {"address_current", "by_post"},
    "post": OUTWARD | {"address_current", "by_post", "in_envelope"},
    "prove_delivery": {"by_post"},
    "return_undelivered": {"by_post"},
    "send": OUTWARD | {"by_email", "email_allowed", "not_sending"},
    "attempt": OUTWARD | {"by_email", "email_allowed"},
    # Without it the file tells nothing: "care that addressee and the recipient's right are correct".
    "give_password": {"by_email", "still_on_case"},
    "text_password": {"by_email", "still_on_case", "can_be_texted", "not_sending"},
    "mark_texted": {"by_email"},
    "mark_not_texted": {"by_email"},
    "bounce": {"by_email"},
    "upload": {"ics_owed"},
}
# By action and state, where one action asks for different things.
MUST_HOLD_IN: dict[tuple[str, str], set[str]] = {
    ("prepare_again", "held"): {"not_out"},
    ("prepare_again", "released"): {"not_out", "not_sending"},
    ("set_aside", "prepared"): {"not_out"},
    ("set_aside", "released"): {"not_out", "not_sending"},
    ("set_aside", "held"): {"not_out"},
    ("set_aside", "sent"): {"by_email", "not_sending"},
}

NEEDS_REASON = {
    "mark_not_texted",
    "ask_approval", "approve", "decline", "not_possible", "return_undelivered", "fail", "decide_sent",
    "decide_not_sent", "bounce", "hold", "ask_again", "prepare_again", "set_aside",
}  # fmt: skip

# The office of the case: who, by name in tests.support.world.Desk, may do what where an item stands.
# It was issued by `safeguarding`, released, carried and sent by `worker`, initialled by `admin`.
W, TM, BOTH = {"worker"}, {"manager"}, {"manager", "deputy"}
ADMINS = {"admin", "other_admin"}
CARRIERS = {"worker", "duty", "ap", "deputy", "manager"}
SG = {"safeguarding"}
_PREPARED = {"replace_version": SG, "choose_route": W, "confirm_right": W, "set_aside": TM}
PRODUCT: dict[str, dict[str, set[str]]] = {
    "prepared": _PREPARED,
    "prepared, right confirmed": {**_PREPARED, "release": W},
    "prepared, way chosen": {**_PREPARED, "ask_approval": W},
    "prepared, approved": {**_PREPARED, "release": W},
    "prepared, approval asked": {**_PREPARED, "approve": BOTH, "decline": BOTH},
    "released by hand": {"take_out": CARRIERS, "prepare_again": W, "set_aside": TM},
    "released by hand, out": {"hand_over": W, "not_possible": W, "bring_back": W | BOTH},
    "released by post": {"envelope": ADMINS, "prepare_again": W, "set_aside": TM},
    "released by post, in envelope": {"envelope": ADMINS, "post": ADMINS, "prepare_again": W, "set_aside": TM},
    "released by e-mail": {"send": W, "prepare_again": W, "set_aside": TM},
    "released by e-mail, sending": {},
    "handed over": {"upload": ADMINS},
    "sent by post": {"prove_delivery": ADMINS, "return_undelivered": ADMINS, "upload": ADMINS},
    "sent by e-mail": {"give_password": W, "text_password": W, "upload": ADMINS, "set_aside": TM},
    "sent by e-mail, texting": {"give_password": W, "upload": ADMINS},
    "delivered by post": {"upload": ADMINS},
    "delivered by e-mail": {"upload": ADMINS},
    "held": {"replace_version": SG, "prepare_again": W, "set_aside": TM},
    "held, out": {"replace_version": SG, "bring_back": W | BOTH},
    "uncertain": {"decide_sent": W, "decide_not_sent": W},
    "set aside": {},
}
READERS = {"worker", "duty", "ap", "deputy", "manager", "admin", "other_admin", "safeguarding"}
