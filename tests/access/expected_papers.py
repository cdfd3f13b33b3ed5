"""Who may open which page of papers out, written by hand from CLS-1 to CLS-5.

Everything is asked of papers of a case of `near`, held by near.worker, whose line manager is near.manager; those asked
for say that the manager is away. Who isn't named is refused: 403, or 404 where the entry doesn't exist for them.
"""

from __future__ import annotations

STAFF = ("worker", "colleague", "duty", "ap", "deputy", "manager", "admin", "nobody")
EVERYONE = {f"{where}.{who}" for where in ("near", "far") for who in STAFF} | {
    "safeguarding", "district_admin_manager", "information_governance", "assistant_director", "caldicott_guardian",
    "system_administrator",
}  # fmt: skip
TAKERS = {f"{where}.{who}" for where in ("near", "far") for who in STAFF if who != "nobody"}
# Case papers: to whom the case is open, in its office.
CASE = {"near.worker", "near.duty", "near.ap", "near.deputy", "near.manager", "near.admin"}
READERS = CASE
HOLDER = {"near.worker"}
OWN_OR_KEPT = HOLDER | {"near.admin", "near.deputy", "near.manager"}
MANAGERS = {"near.manager", "near.deputy"}
BOTH_MANAGERS = MANAGERS | {"far.manager", "far.deputy"}

# page -> (asked of papers that are …, who GETs, who POSTs; None: 405)
PAGES: dict[str, tuple[str, set[str], set[str] | None]] = {
    "board": ("", EVERYONE, None),
    "ended": ("", EVERYONE, None),
    "new": ("", TAKERS, TAKERS),
    "take": ("", CASE, CASE),
    "ask": ("", CASE, CASE),
    "agreements": ("", EVERYONE, None),
    "agreement_new": ("", BOTH_MANAGERS, BOTH_MANAGERS),
    "agreement_end": ("", MANAGERS, MANAGERS),
    "entry": ("out", READERS, None),
    "answer": ("asked", MANAGERS, MANAGERS),
    "leave": ("agreed", HOLDER, HOLDER),
    "not_taken": ("agreed", HOLDER, HOLDER),
    "back": ("out", OWN_OR_KEPT, OWN_OR_KEPT),
    "destroyed": ("out", OWN_OR_KEPT, OWN_OR_KEPT),
    "lost": ("out", OWN_OR_KEPT, OWN_OR_KEPT),
    "found": ("lost", OWN_OR_KEPT, OWN_OR_KEPT),
    # An agreed task: the holder says so; the line manager for them; not the deputy while the manager is there.
    "another_day": ("out", HOLDER | {"near.manager"}, HOLDER | {"near.manager"}),
    "record": ("out", OWN_OR_KEPT, OWN_OR_KEPT),
}
NAMES = {f"papers:{name}" for name in PAGES}
