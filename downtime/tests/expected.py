"""Who may do what to a downtime, and where it leads, written by hand from the issue and clauses.md.

"A manager opens a downtime period, in which steps are entered": opened and closed by TM or deputy of the office; what
happened is typed in by its admin, or by them.
"""

WHO_MAY: dict[str, set[str]] = {
    "open_downtime": {"deputy_team_manager", "team_manager"},
    "enter_later": {"admin", "deputy_team_manager", "team_manager"},
    "close_downtime": {"deputy_team_manager", "team_manager"},
}
WHERE_TO: dict[str, dict[str, str]] = {
    "open_downtime": {"": "open"},
    "enter_later": {"open": "open"},
    "close_downtime": {"open": "closed"},
}
