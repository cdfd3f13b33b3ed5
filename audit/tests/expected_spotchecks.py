"""What the policy expects of spot checks, written by hand from OGP-10 and facts.md, not from Postroom's tables."""

from __future__ import annotations

PEOPLE_OF_THE_POST = (
    "worker",
    "advanced_practitioner",
    "deputy_team_manager",
    "team_manager",
    "admin",
    "safeguarding",
    "district_admin_manager",
)
# action -> {role: what must be true of that person}. "spot check: District Admin Manager; may not: own work".
WHO_MAY: dict[str, dict[str, dict[str, set[str]]]] = {
    "check": {
        **{
            action: {"district_admin_manager": set[str]()}
            for action in ("fix_frame", "take_seed", "draw", "begin", "pick", "finish", "abandon")
        },
        # Whoever saw the dice says so, somebody else than who threw them: people with a part in the post.
        **{action: {role: {"witness"} for role in PEOPLE_OF_THE_POST} for action in ("confirm_dice", "refuse_dice")},
    },
    # A draw or a pick puts a letter on the list; no person does.
    "item": {"put_on_list": {}}
    | {action: {"district_admin_manager": {"not own work"}} for action in ("check_item", "cannot_find", "correct")},
    "finding": {
        "raise_finding": {"district_admin_manager": {"not own work"}},
        "answer": {role: {"owner"} for role in PEOPLE_OF_THE_POST},
        "hand_on": {"district_admin_manager": set()},
        "accept": {"district_admin_manager": {"not owner"}},
        "send_back": {"district_admin_manager": {"not owner"}},
    },
}

# action -> {from: to}. The frame comes before the seed, the seed before the draw, the draw before the checking.
WHERE_TO: dict[str, dict[str, dict[str, str]]] = {
    "check": {
        "fix_frame": {"": "fixed"},
        "take_seed": {"fixed": "seeded"},
        "confirm_dice": {"seeded": "seeded"},
        "refuse_dice": {"seeded": "fixed"},
        "draw": {"seeded": "drawn"},
        "begin": {"drawn": "checking"},
        "pick": {"checking": "checking"},
        "finish": {"checking": "finished"},
        "abandon": dict.fromkeys(("fixed", "seeded", "drawn", "checking"), "abandoned"),
    },
    "item": {
        "put_on_list": {"": "waiting"},
        "check_item": {"waiting": "checked"},
        "cannot_find": {"waiting": "not_found"},
        "correct": {"checked": "waiting", "not_found": "waiting"},
    },
    "finding": {
        "raise_finding": {"": "open"},
        "answer": {"open": "answered"},
        "hand_on": {"open": "open"},
        "accept": {"answered": "closed"},
        "send_back": {"answered": "open"},
    },
}

MUST_HOLD: dict[str, set[str]] = {
    "take_seed": {"seed_is_due", "list_has_left", "left_in_time"},
    "confirm_dice": {"not_yet_confirmed"},
    "refuse_dice": {"not_yet_confirmed"},
    "draw": {"dice_confirmed"},
    "finish": {"all_looked_at"},
    "check_item": {"being_checked"},
    "cannot_find": {"being_checked"},
    "correct": {"being_checked"},
}
NEEDS_REASON = {"refuse_dice", "pick", "abandon", "correct", "hand_on", "send_back"}
