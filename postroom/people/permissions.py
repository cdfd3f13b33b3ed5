"""Who may do what to people, offices and the rota, as data (clauses.md, "Who may do what"). Pure; no models.

One row per action and role. Roles of an office count at the office in question only: for a person's page the office
they belong to, for the rota the office whose rota it is. No row, no right; there is no override for anyone.
"""

from __future__ import annotations

from enum import StrEnum

from postroom.people.rights import Permission, Rights
from postroom.people.roles import Role


class PeopleAction(StrEnum):
    """What can be done to people and offices; the names stand in the ledger."""

    SEE_PERSON = "see_person"
    ADD_PERSON = "add_person"
    CHANGE_PERSON = "change_person"
    DEACTIVATE_PERSON = "deactivate_person"
    REACTIVATE_PERSON = "reactivate_person"
    SEND_PASSWORD_LINK = "send_password_link"  # noqa: S105 - the name of an action
    GRANT_ROLE = "grant_role"
    END_GRANT = "end_grant"
    NAME_DEPUTY = "name_deputy"
    END_DEPUTY = "end_deputy"
    ADD_OFFICE = "add_office"
    CHANGE_OFFICE = "change_office"
    SEE_ROTA = "see_rota"
    PUT_ON_DUTY = "put_on_duty"
    TAKE_OFF_DUTY = "take_off_duty"
    GIVE_COVER = "give_cover"
    END_COVER = "end_cover"


PEOPLE_ACTION_NAMES: dict[PeopleAction, str] = {
    PeopleAction.SEE_PERSON: "See somebody's details and roles",
    PeopleAction.ADD_PERSON: "Add a person",
    PeopleAction.CHANGE_PERSON: "Change a person's details",
    PeopleAction.DEACTIVATE_PERSON: "Close an account (leaver)",
    PeopleAction.REACTIVATE_PERSON: "Open an account again",
    PeopleAction.SEND_PASSWORD_LINK: "Send a link to set a password",
    PeopleAction.GRANT_ROLE: "Give a role",
    PeopleAction.END_GRANT: "End a role",
    PeopleAction.NAME_DEPUTY: "Name a deputy",
    PeopleAction.END_DEPUTY: "End a deputy's time",
    PeopleAction.ADD_OFFICE: "Add an office",
    PeopleAction.CHANGE_OFFICE: "Change an office and its teams",
    PeopleAction.SEE_ROTA: "See the duty rota",
    PeopleAction.PUT_ON_DUTY: "Put somebody on the duty rota",
    PeopleAction.TAKE_OFF_DUTY: "Take somebody off the duty rota",
    PeopleAction.GIVE_COVER: "Give admin duty or cover for some days",
    PeopleAction.END_COVER: "End admin duty or cover",
}


class PeopleCondition(StrEnum):
    """What must be true of the person who acts, towards the person or office concerned."""

    NOT_SELF = "is not the person concerned"
    OWN_OFFICE = "holds the role at the office concerned"


PEOPLE_WORDS: dict[str, str] = {
    PeopleCondition.NOT_SELF: "Nobody changes their own account, roles or rota. Ask somebody else who may.",
    PeopleCondition.OWN_OFFICE: "You can only do this for your own office.",
}

A, K = PeopleAction, PeopleCondition
_SYSTEM = Role.SYSTEM_ADMINISTRATOR
_MANAGERS = (Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)
_AT_OFFICE = (Role.WORKER, Role.DUTY_WORKER, Role.ADVANCED_PRACTITIONER, *_MANAGERS, Role.ADMIN)

# Everybody sees their own page; that needs no row, as nothing there can be changed by them.
PEOPLE_PERMISSIONS: tuple[Permission, ...] = (
    Permission(A.SEE_PERSON, _SYSTEM, (), ("CLS-1",)),
    *(Permission(A.SEE_PERSON, role, (K.OWN_OFFICE,), ("CLS-1",)) for role in _MANAGERS),
    Permission(A.ADD_PERSON, _SYSTEM, (), ("CLS-1",)),
    *(
        Permission(action, _SYSTEM, (K.NOT_SELF,), ("CLS-1",))
        for action in (
            A.CHANGE_PERSON,
            A.DEACTIVATE_PERSON,
            A.REACTIVATE_PERSON,
            A.SEND_PASSWORD_LINK,
            A.GRANT_ROLE,
            A.END_GRANT,
            A.NAME_DEPUTY,
            A.END_DEPUTY,
        )
    ),
    Permission(A.ADD_OFFICE, _SYSTEM, (), ("OGP-5",)),
    Permission(A.CHANGE_OFFICE, _SYSTEM, (), ("OGP-5",)),
    *(Permission(A.SEE_ROTA, role, (K.OWN_OFFICE,), ("OGP-3b",)) for role in _AT_OFFICE),
    *(Permission(A.PUT_ON_DUTY, role, (K.OWN_OFFICE, K.NOT_SELF), ("OGP-3b",)) for role in _MANAGERS),
    *(Permission(A.TAKE_OFF_DUTY, role, (K.OWN_OFFICE, K.NOT_SELF), ("OGP-3b",)) for role in _MANAGERS),
    # For named days at their own office alone; it lets nobody sign and initial one letter (letters.permissions).
    *(
        Permission(action, role, (K.OWN_OFFICE, K.NOT_SELF), ("CLS-1", "OGP-4b"))
        for action in (A.GIVE_COVER, A.END_COVER)
        for role in _MANAGERS
    ),
)

PEOPLE_RIGHTS = Rights(PEOPLE_PERMISSIONS, PEOPLE_WORDS)
