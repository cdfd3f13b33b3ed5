"""Who may open which page of reports and minutes, written by hand from clauses.md ("Who may do what").

A page not listed here is refused to everybody. Who isn't named is refused: 403, or 404 where the set doesn't exist for
them. `at` names where an item stands, as distribution.tests.world does; "" is the set itself.

worker     the case's allocated worker: confirms rights, releases, sends, carries
safeguarding  issued the set; admin, manager … are those of the case's office; far.* the same of another office
"""

from __future__ import annotations

DESK = {"worker", "other_worker", "duty", "ap", "deputy", "manager", "admin", "other_admin"}
FAR = {"far.worker", "far.manager", "far.admin"}
COUNCIL = {
    "district_admin_manager", "information_governance", "assistant_director", "caldicott_guardian",
    "system_administrator",
}  # fmt: skip
EVERYONE = DESK | FAR | COUNCIL | {"safeguarding"}
ADMINS = {"admin", "other_admin"}
MANAGERS = {"deputy", "manager"}
SOCIAL_WORKERS = {"worker", "duty", "ap"} | MANAGERS
# "read": safeguarding what it issued; the allocated worker; admin, AP, deputy TM, TM of its office; the duty worker.
READERS = SOCIAL_WORKERS | ADMINS | {"safeguarding"}
ISSUERS = {"safeguarding"}

# name of the address -> (where its item stands, who GETs, who POSTs; None: takes no such request)
PAGES: dict[str, tuple[str, set[str], set[str] | None]] = {
    # Everybody's own list; it holds what each may see, and nothing of others.
    "sets": ("", EVERYONE, None),
    # "issue reports and minutes: safeguarding"
    "find_case": ("", ISSUERS, ISSUERS),
    "issue": ("", ISSUERS, ISSUERS),
    "add_recipient": ("", ISSUERS, ISSUERS),
    "set": ("", READERS, None),
    "set_pdf": ("", READERS, None),
    "item": ("released by post", READERS, None),
    "item_pdf": ("released by post", READERS, None),
    "signature": ("handed over", READERS, None),
    "receipt": ("handed over", READERS, None),
    "cover_pdf": ("released by post", READERS, None),
    "version": ("held", ISSUERS, ISSUERS),
    # "confirm a recipient's right; send by secure e-mail: the allocated worker"
    "ready": ("prepared", {"worker"}, {"worker"}),
    "release": ("prepared, right confirmed", {"worker"}, {"worker"}),
    "send": ("released by e-mail", {"worker"}, {"worker"}),
    "decide": ("uncertain", {"worker"}, {"worker"}),
    "password": ("sent by e-mail", {"worker"}, {"worker"}),
    "again": ("held", {"worker"}, {"worker"}),
    # "approve out of area: TM, deputy TM; not the requester"
    "approve": ("prepared, approval asked", MANAGERS, MANAGERS),
    # "hand deliver: a social worker; not admin"; then whoever took it out
    "take_out": ("released by hand", SOCIAL_WORKERS, SOCIAL_WORKERS),
    "hand_over": ("released by hand, out", {"worker"}, {"worker"}),
    "not_possible": ("released by hand, out", {"worker"}, {"worker"}),
    "bring_back": ("held, out", {"worker", "deputy", "manager"}, {"worker", "deputy", "manager"}),
    # "envelope, initial; post, record date; upload to ICS: admin"
    "envelope": ("released by post", ADMINS, ADMINS),
    "post": ("released by post, in envelope", ADMINS, ADMINS),
    "delivery": ("sent by post", ADMINS, ADMINS),
    "returned": ("sent by post", ADMINS, ADMINS),
    "upload": ("handed over", ADMINS, ADMINS),
    # "A recipient can be set aside by a TM with a reason"
    "set_aside": ("prepared", {"manager"}, {"manager"}),
    # An office's own rules: its managers; the system administrator.
    "mail": ("", MANAGERS | {"far.manager", "system_administrator"}, None),
    "office_mail": ("", MANAGERS | {"system_administrator"}, MANAGERS | {"system_administrator"}),
}
NAMES = {f"distribution:{name}" for name in PAGES}
