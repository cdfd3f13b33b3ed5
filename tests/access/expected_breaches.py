"""Who may open which page of breaches, written by hand from clauses.md ("Who may do what", OGP-11, OGP-12).

Asked of one breach of the office `near` that a bag with papers was stolen. Who isn't named is refused: 403, or 404
where the breach doesn't exist for them. The people:

reporter             near's social worker who reported it; `line_manager` is theirs
involved             information governance too, but named as involved in this breach
far.manager          a team manager of another office; near.manager one of the office where it happened
"""

EVERYONE = {
    "reporter", "line_manager", "involved", "near.worker", "near.manager", "near.admin", "far.manager", "far.admin",
    "safeguarding", "district_admin_manager", "information_governance", "assistant_director", "caldicott_guardian",
    "system_administrator", "director", "business_improvement_manager", "records_manager", "data_protection_officer",
}  # fmt: skip
IG = {"information_governance"}
DECIDERS = {"assistant_director", "caldicott_guardian"}
READERS = (
    IG
    | DECIDERS
    | {"director", "business_improvement_manager", "records_manager", "data_protection_officer"}
    | {"reporter", "line_manager", "near.manager"}  # the manager: somebody asked them about the meeting
)
WHOLE = IG | DECIDERS | {"director", "records_manager", "data_protection_officer"}
ASKED = {"near.manager", "line_manager"}  # both hold a manager's role at near

# name: who may GET, who may POST (an empty form: who may is told what is missing); None: not taken (405)
EXPECTED: dict[str, tuple[set[str] | None, set[str] | None]] = {
    "breaches": (EVERYONE, None),
    "report": (EVERYONE, EVERYONE),
    "draft": ({"reporter"}, {"reporter"}),
    "discard": (None, {"reporter"}),
    "follow_up": (IG | {"near.admin"}, IG | {"near.admin"}),  # near.admin owns it
    "breach": (READERS, None),
    "history": (WHOLE, None),
    "history_pdf": (WHOLE, None),
    "facts": (IG, IG),
    "aware": (IG, IG),
    "more": (IG, IG),
    "involve": (IG, IG),
    "clear_involved": (IG, IG),
    "duty": (IG | {"records_manager"}, IG | {"records_manager"}),  # their own report
    "set_aside": (IG, IG),
    "sign_report": ({"records_manager"}, {"records_manager"}),
    "duty_file": (WHOLE, None),
    "ask_exception": (IG, IG),
    "answer_meeting": (ASKED, ASKED),
    "answer_deferral": ({"caldicott_guardian"}, {"caldicott_guardian"}),
    "name_people": (IG, IG),
    "meet_person": (IG, IG),
    "clear_person": (IG, IG),
    "link_letter": (IG, IG),
    "assess": (IG, IG),
    "ask_advice": (IG, IG),
    "advise": ({"data_protection_officer"}, {"data_protection_officer"}),
    "decide": (DECIDERS, DECIDERS),
    "agree": ({"caldicott_guardian"}, {"caldicott_guardian"}),  # the Assistant Director wrote it
    "notify": (IG, IG),
    "refer": (IG, IG),
    "withdraw_phase": (IG, IG),
    "cause": (IG, IG),
    "add_action": (IG, IG),
    "close": (IG, IG),
}
NAMES = {f"breaches:{name}" for name in EXPECTED}
