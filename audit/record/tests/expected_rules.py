"""Who may do what with the record, by hand: clauses.md gives governance its cases and the DAM the spot checks; whoever
proposes a disposal, or is part of what would go, doesn't decide on it; the system administrator has no part in it."""

IG, DAM, CG = "information_governance", "district_admin_manager", "caldicott_guardian"
OTHER = frozenset({"did not propose this disposal", "is not part of what would go"})
READS = frozenset({"may read the letter"})
NONE: frozenset[str] = frozenset()

EXPECTED: dict[tuple[str, str], frozenset[str]] = {
    ("see_record", IG): NONE,
    ("see_record", DAM): NONE,
    ("export_letter", IG): NONE,
    ("export_letter", DAM): NONE,
    ("export_letter", "team_manager"): READS,
    ("export_letter", "deputy_team_manager"): READS,
    ("export_office", IG): NONE,
    ("export_office", DAM): NONE,
    ("export_everything", IG): NONE,
    ("set_hold", IG): NONE,
    ("release_hold", IG): NONE,
    ("propose_disposal", IG): NONE,
    ("approve_disposal", IG): OTHER,
    ("approve_disposal", DAM): OTHER,
    ("approve_disposal", CG): OTHER,
    ("refuse_disposal", IG): OTHER,
    ("refuse_disposal", DAM): OTHER,
    ("refuse_disposal", CG): OTHER,
    ("answer_access", IG): NONE,
}
