"""Who may open which page of spot checks, written by hand from clauses.md: "spot check: District Admin Manager",
"District Admin Manager what was drawn (figures for all)". Managers see the checks and findings of their own office.

Everything is asked of a spot check of the office `near` that is being checked, its first letter (with a fault and a
finding owned by near.admin), by every person of both offices and of the whole council. Not named: 403 or 404.
"""

from __future__ import annotations

from tests.access.expected_letters import EVERYONE

DAM = {"district_admin_manager"}
NEAR_MANAGERS = {"near.manager", "near.deputy"}
FAR_MANAGERS = {"far.manager", "far.deputy"}
NOT_TAKEN: set[str] | None = None

# name -> (who may GET, who may POST); None: the page takes no such request.
PAGES: dict[str, tuple[set[str] | None, set[str] | None]] = {
    "spot_checks": (DAM | NEAR_MANAGERS | FAR_MANAGERS, None),
    "spot_check_new": (DAM, DAM),
    "spot_check": (DAM | NEAR_MANAGERS, None),
    "spot_check_frame": (DAM, None),  # to others only when the check is over
    "spot_check_seed": (None, DAM),
    "dice": ({"near.admin"}, {"near.admin"}),  # who was named as having seen them, and nobody else
    "dice_refuse": (None, {"near.admin"}),
    "spot_check_draw": (None, DAM),
    "spot_check_begin": (None, DAM),
    "spot_check_finish": (None, DAM),
    "spot_check_pick": (DAM, DAM),
    "spot_check_abandon": (DAM, DAM),
    "item": (DAM, DAM),
    "item_save": (None, DAM),
    "item_photo": (None, DAM),
    "item_photo_file": (DAM, None),
    "item_missing": (DAM, DAM),
    "item_correct": (DAM, DAM),
    "finding_new": (DAM, DAM),
    "finding": (DAM | NEAR_MANAGERS | {"near.admin"}, None),
    "finding_answer": ({"near.admin"}, {"near.admin"}),
    "finding_accept": (None, DAM),
    "finding_send_back": (DAM, DAM),
    "finding_hand_on": (DAM, DAM),
}
# Figures: the District Admin Manager for all, managers for their own office; asked about near, so far has no such page.
FIGURES = DAM | NEAR_MANAGERS
FIGURE_PAGES: dict[str, set[str]] = {
    "figures": FIGURES,
    "figures_file": FIGURES,
    "figure_letters": FIGURES,
    "figure_stays": FIGURES,
    "figure_breaches": FIGURES,
    "figure_copies": FIGURES,
}
# Policies: everybody reads and acknowledges; a new version by those who keep them; managers see who hasn't.
KEEPERS = DAM | {"information_governance"}
POLICY_PAGES: dict[str, tuple[set[str] | None, set[str] | None]] = {
    "policies": (EVERYONE, None),
    "policy": (EVERYONE, EVERYONE),
    "policy_new": (KEEPERS, KEEPERS),
    "policy_missing": (KEEPERS | NEAR_MANAGERS | FAR_MANAGERS, None),
}
NAMES = {f"audit:{name}" for name in (*PAGES, *FIGURE_PAGES, *POLICY_PAGES)}
assert all(who is None or who <= EVERYONE for pair in PAGES.values() for who in pair)
