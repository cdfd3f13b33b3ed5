"""Who may open which page for bad days, by hand: of a downtime of `near`, open, and a typed letter of that office.

name: (who may GET, who may POST); None: the page takes no such request (405). Who isn't named: 403 or 404.
"""

from tests.access.expected_letters import READERS

OFFICES = ("near", "far")
ENTERERS = {f"near.{who}" for who in ("admin", "other_admin", "deputy", "manager")}
BOTH = {f"{office}.{who}" for office in OFFICES for who in ("admin", "other_admin", "deputy", "manager")}
BOTH_MANAGERS = {f"{office}.{who}" for office in OFFICES for who in ("deputy", "manager")}

EXPECTED: dict[str, tuple[set[str] | None, set[str] | None]] = {
    "downtimes": (BOTH, None),
    "open": (BOTH_MANAGERS, BOTH_MANAGERS),
    "pack": (ENTERERS, None),
    "downtime": (ENTERERS, None),
    "find": (None, ENTERERS),
    "close": (None, {"near.deputy", "near.manager"}),
    "enter": (ENTERERS, ENTERERS),
    "scan": (READERS, None),
}
NAMES = {f"downtime:{name}" for name in EXPECTED}
