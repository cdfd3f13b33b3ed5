"""Who may open which page of people and cases, written by hand from clauses.md ("Who may do what").

A page not listed here is refused to everybody: the test fails for a new address until somebody says who may use it.
Everything is asked of things of the office `near`: `far.*` are the same people of another office. `duty` is on near's
rota now, `near.worker` is the allocated worker of the case. Who isn't named is refused: 403, or 404 where the thing
doesn't exist for them.
"""

EVERYONE = {
    "near.worker", "near.colleague", "near.duty", "near.ap", "near.deputy", "near.manager", "near.admin", "near.nobody",
    "far.worker", "far.colleague", "far.duty", "far.ap", "far.deputy", "far.manager", "far.admin", "far.nobody",
    "safeguarding", "district_admin_manager", "information_governance", "assistant_director", "caldicott_guardian",
    "system_administrator",
}  # fmt: skip
SYSTEM = {"system_administrator"}
NEAR_MANAGERS = {"near.manager", "near.deputy"}
FAR_MANAGERS = {"far.manager", "far.deputy"}
NEAR_ROLES = {"near.worker", "near.colleague", "near.duty", "near.ap", "near.admin"} | NEAR_MANAGERS
FAR_ROLES = {"far.worker", "far.colleague", "far.duty", "far.ap", "far.admin"} | FAR_MANAGERS
READERS = {"near.worker", "near.duty", "near.ap", "near.admin"} | NEAR_MANAGERS
AMENDERS = {"near.worker", "near.admin"}
# who may know of a case: "TM, information governance"
ADMINS = {"near.admin", "far.admin"}
ACCESS = {"near.manager", "information_governance"}
OPENERS = {f"{office}.{who}" for office in ("near", "far") for who in ("worker", "colleague", "duty", "admin")}

# name: (who may GET, who may POST); None: the page takes no such request from anybody (405)
EXPECTED: dict[str, tuple[set[str] | None, set[str] | None]] = {
    # people; the person is near.nobody, who sees their own page and nothing else
    "people": (SYSTEM | NEAR_MANAGERS | FAR_MANAGERS, SYSTEM | NEAR_MANAGERS | FAR_MANAGERS),
    "my_details": (EVERYONE, None),
    "person": (SYSTEM | NEAR_MANAGERS | {"near.nobody"}, None),
    "person_add": (SYSTEM, SYSTEM),
    "person_change": (SYSTEM, SYSTEM),
    "person_close": (SYSTEM, SYSTEM),
    "person_open": (SYSTEM, SYSTEM),
    "person_link": (SYSTEM, SYSTEM),
    "role_give": (SYSTEM, SYSTEM),
    "role_end": (SYSTEM, SYSTEM),
    "deputies": (SYSTEM, None),
    "deputy_add": (SYSTEM, SYSTEM),
    "deputy_end": (SYSTEM, SYSTEM),
    "offices": (SYSTEM, None),
    "office": (SYSTEM, None),
    "office_add": (SYSTEM, SYSTEM),
    "office_change": (SYSTEM, SYSTEM),
    "office_plan": (SYSTEM, SYSTEM),
    "office_withdraw": (SYSTEM, SYSTEM),
    "team_add": (SYSTEM, SYSTEM),
    "team_rename": (SYSTEM, SYSTEM),
    "cover": (NEAR_MANAGERS | FAR_MANAGERS, None),
    "cover_office": (NEAR_MANAGERS, None),
    "cover_give": (NEAR_MANAGERS, NEAR_MANAGERS),
    "cover_end": (NEAR_MANAGERS, NEAR_MANAGERS),
    "rota": (NEAR_ROLES | FAR_ROLES, None),
    "rota_week": (NEAR_ROLES, None),
    "rota_add": (NEAR_MANAGERS, NEAR_MANAGERS),
    "rota_remove": (NEAR_MANAGERS, NEAR_MANAGERS),
    # cases; the list is open to all and holds what each may see
    "cases": (EVERYONE, EVERYONE),
    "case_open": (OPENERS, OPENERS),
    "case": (READERS, None),
    "case_history": (READERS, None),
    "case_handed_on_list": (EVERYONE, None),  # holds what each may see
    "case_handed_on": ({"near.worker"} | NEAR_MANAGERS, {"near.worker"} | NEAR_MANAGERS),
    "case_allocate": (NEAR_MANAGERS, NEAR_MANAGERS),
    "case_move": (NEAR_MANAGERS, NEAR_MANAGERS),
    "case_close": (NEAR_MANAGERS, NEAR_MANAGERS),
    "case_reopen": (NEAR_MANAGERS, NEAR_MANAGERS),
    "case_person_add": (AMENDERS, AMENDERS),
    "case_person_change": (AMENDERS, AMENDERS),
    "case_person_off": (AMENDERS, AMENDERS),
    "case_person_back": (AMENDERS, AMENDERS),
    "case_address_add": (AMENDERS, AMENDERS),
    "case_address_replace": (AMENDERS, AMENDERS),
    "case_address_retire": (AMENDERS, AMENDERS),
    "case_address_look": (READERS, None),  # one that isn't confidential; see tests/access/test_hidden.py
    "case_address_mark": ({"near.worker"}, {"near.worker"}),
    "case_person_post": ({"near.worker"}, {"near.worker"}),
    "case_apart_add": ({"near.worker"} | NEAR_MANAGERS, {"near.worker"} | NEAR_MANAGERS),
    "case_apart_lift": ({"near.worker"} | NEAR_MANAGERS, {"near.worker"} | NEAR_MANAGERS),
    "case_access_find": (ACCESS | {"far.manager"}, ACCESS | {"far.manager"}),
    **dict.fromkeys(
        ("case_restrict", "case_lift", "case_name", "case_bar", "case_unname", "case_unbar"), (ACCESS, ACCESS)
    ),
    "case_access": (ACCESS, None),
    # files from ICS: admin, each for their own office and their own files; the file is near.admin's
    "case_ics_imports": (ADMINS, ADMINS),
    "case_ics_queries": (ADMINS, None),
    "case_ics_import": ({"near.admin"}, {"near.admin"}),
    "case_ics_progress": ({"near.admin"}, None),
    "case_ics_wrong": (None, AMENDERS),
    "case_ics_settle": ({"near.admin"}, {"near.admin"}),
    "case_address_verify": ({"near.worker"}, {"near.worker"}),
    "case_address_doubt": ({"near.worker"}, {"near.worker"}),
}
