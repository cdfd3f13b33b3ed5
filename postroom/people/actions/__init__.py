"""Verbs on people, offices and the rota. Each checks the right, changes the rows and writes the ledger, or nothing.

All take keyword arguments, `by=` the person who acts. They raise NotPermitted, OutOfDate or Refused
(postroom.people.errors), each with a sentence.
"""

from postroom.people.actions.cover import COVER_DAYS, end_cover, give_cover
from postroom.people.actions.deputies import end_deputy, name_deputy
from postroom.people.actions.office_changes import plan_office_change, withdraw_office_change
from postroom.people.actions.offices import OfficeDetails, add_office, add_team, change_office, rename_team
from postroom.people.actions.persons import (
    PersonDetails,
    add_first_administrator,
    add_person,
    change_person,
    deactivate_person,
    reactivate_person,
    record_password_link,
)
from postroom.people.actions.roles import end_grant, grant_role
from postroom.people.actions.rota import put_on_duty, take_off_duty

__all__ = [
    "COVER_DAYS",
    "OfficeDetails",
    "PersonDetails",
    "add_first_administrator",
    "add_office",
    "add_person",
    "add_team",
    "change_office",
    "change_person",
    "deactivate_person",
    "end_cover",
    "end_deputy",
    "end_grant",
    "give_cover",
    "grant_role",
    "name_deputy",
    "plan_office_change",
    "put_on_duty",
    "reactivate_person",
    "record_password_link",
    "rename_team",
    "take_off_duty",
    "withdraw_office_change",
]
