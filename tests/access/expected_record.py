"""Who may open which page of the record, by hand (clauses.md: governance, and the District Admin Manager for checks;
the system administrator reads none of it). None: the page takes no POST from anybody."""

IG, DAM, CG = "information_governance", "district_admin_manager", "caldicott_guardian"
SEES = {IG, DAM}
DECIDES = {IG, DAM, CG}
MANAGERS = {"near.manager", "near.deputy"}

# name: (who may GET, who may POST)
PAGES: dict[str, tuple[set[str], set[str] | None]] = {
    "home": (SEES, None),
    "checkpoints": (SEES, None),
    "checkpoint": (SEES, None),
    "compare": (SEES, SEES),
    "bundles": (SEES, None),
    "bundle_ask": (SEES, SEES),
    # the letter is near's: its managers read it, and may hand over its record
    "bundle_letter": (SEES | MANAGERS, SEES | MANAGERS),
    # information governance asked for it
    "bundle": ({IG}, None),
    "bundle_file": ({IG}, None),
    # two people for a disposal; governance proposed this one, so governance sees it and may not decide
    "retention": (DECIDES, None),
    "disposal_propose": (set(), {IG}),
    "disposal": (DECIDES, DECIDES),
    "access": ({IG}, {IG}),
    "access_ask": ({IG}, {IG}),
    "access_request": ({IG}, None),
    "access_file": ({IG}, None),
    "hold_set": ({IG}, {IG}),
    "hold_release": ({IG}, {IG}),
}
NAMES = {f"record:{name}" for name in PAGES}
