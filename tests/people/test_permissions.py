"""The whole product of action by role for people, against what clauses.md says, by hand (cases: tests/cases)."""

from __future__ import annotations

import itertools

import pytest

from postroom.cases.states import CASE_PERMISSIONS, CASE_TRANSITIONS
from postroom.people.permissions import PEOPLE_RIGHTS, PeopleAction, PeopleCondition
from postroom.people.rights import Grant
from postroom.people.roles import Role

S, TM, DTM, W, A = (
    "system_administrator", "team_manager", "deputy_team_manager", "worker", "admin",
)  # fmt: skip
DUTY, AP = "duty_worker", "advanced_practitioner"
SELF, OFFICE = "not_self", "own_office"

# (action, role): the conditions; what isn't here is refused, whatever holds.
PEOPLE = {
    ("see_person", S): set(),
    ("see_person", TM): {OFFICE},
    ("see_person", DTM): {OFFICE},
    ("add_person", S): set(),
    ("change_person", S): {SELF},
    ("deactivate_person", S): {SELF},
    ("reactivate_person", S): {SELF},
    ("send_password_link", S): {SELF},
    ("grant_role", S): {SELF},
    ("end_grant", S): {SELF},
    ("name_deputy", S): {SELF},
    ("end_deputy", S): {SELF},
    ("add_office", S): set(),
    ("change_office", S): set(),
    ("see_rota", W): {OFFICE},
    ("see_rota", DUTY): {OFFICE},
    ("see_rota", AP): {OFFICE},
    ("see_rota", TM): {OFFICE},
    ("see_rota", DTM): {OFFICE},
    ("see_rota", A): {OFFICE},
    ("put_on_duty", TM): {OFFICE, SELF},
    ("put_on_duty", DTM): {OFFICE, SELF},
    ("take_off_duty", TM): {OFFICE, SELF},
    ("take_off_duty", DTM): {OFFICE, SELF},
    ("give_cover", TM): {OFFICE, SELF},
    ("give_cover", DTM): {OFFICE, SELF},
    ("end_cover", TM): {OFFICE, SELF},
    ("end_cover", DTM): {OFFICE, SELF},
}
PEOPLE_NAMES = {SELF: PeopleCondition.NOT_SELF, OFFICE: PeopleCondition.OWN_OFFICE}


@pytest.mark.policy("CLS-1", "OGP-3b", "OGP-4b", "OGP-5")
@pytest.mark.parametrize(("action", "role"), list(itertools.product(PeopleAction, Role)))
def test_people(action: PeopleAction, role: Role) -> None:
    for count in range(len(PEOPLE_NAMES) + 1):
        for holding in itertools.combinations(PEOPLE_NAMES, count):
            allowed = (action.value, role.value) in PEOPLE and PEOPLE[action.value, role.value] <= set(holding)
            found = PEOPLE_RIGHTS.decide(action, {role}, {PEOPLE_NAMES[name] for name in holding})
            assert isinstance(found, Grant) == allowed, holding


def test_one_row_for_each() -> None:
    for rows in (PEOPLE_RIGHTS.permissions, CASE_PERMISSIONS):
        keys = [(row.action, row.role) for row in rows]
        assert len(keys) == len(set(keys))
        assert all(row.clauses for row in rows)
    assert all(row.clauses for row in CASE_TRANSITIONS)


def test_a_denial_says_who_can() -> None:
    found = PEOPLE_RIGHTS.decide(PeopleAction.ADD_PERSON, {Role.ADMIN}, set())
    assert not isinstance(found, Grant)
    assert "system administrator" in PEOPLE_RIGHTS.explain(found)
