"""The roles of clauses.md ("Who may do what"), as data. No models here."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may be. Roles add up. Two are never granted: `DUTY_WORKER` comes from the rota alone, and
    `SIGNED_IN` is everybody with an open account (for what nobody needs a role for: reporting a breach)."""

    WORKER = "worker"
    DUTY_WORKER = "duty_worker"
    ADVANCED_PRACTITIONER = "advanced_practitioner"
    DEPUTY_TEAM_MANAGER = "deputy_team_manager"
    TEAM_MANAGER = "team_manager"
    ADMIN = "admin"
    SAFEGUARDING = "safeguarding"
    DISTRICT_ADMIN_MANAGER = "district_admin_manager"
    INFORMATION_GOVERNANCE = "information_governance"
    ASSISTANT_DIRECTOR = "assistant_director"
    CALDICOTT_GUARDIAN = "caldicott_guardian"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    DIRECTOR = "director"
    BUSINESS_IMPROVEMENT_MANAGER = "business_improvement_manager"
    RECORDS_MANAGER = "records_manager"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    SIGNED_IN = "signed_in"


ROLE_NAMES: dict[Role, str] = {
    Role.WORKER: "Social worker",
    Role.DUTY_WORKER: "Duty worker",
    Role.ADVANCED_PRACTITIONER: "Advanced practitioner",
    Role.DEPUTY_TEAM_MANAGER: "Deputy team manager",
    Role.TEAM_MANAGER: "Team manager",
    Role.ADMIN: "Admin",
    Role.SAFEGUARDING: "Safeguarding",
    Role.DISTRICT_ADMIN_MANAGER: "District Admin Manager",
    Role.INFORMATION_GOVERNANCE: "Information governance",
    Role.ASSISTANT_DIRECTOR: "Assistant Director",
    Role.CALDICOTT_GUARDIAN: "Caldicott Guardian",
    Role.SYSTEM_ADMINISTRATOR: "System administrator",
    Role.DIRECTOR: "Director",
    Role.BUSINESS_IMPROVEMENT_MANAGER: "Business Improvement Manager",
    Role.RECORDS_MANAGER: "Information & Records Manager",
    Role.DATA_PROTECTION_OFFICER: "Data Protection Officer",
    Role.SIGNED_IN: "Anyone signed in",
}
GRANTABLE = tuple(role for role in Role if role not in (Role.DUTY_WORKER, Role.SIGNED_IN))
# Offices of the council that breaches need; they have no part in letters (issue 2's twelve roles are the others).
BREACH_OFFICES = frozenset(
    {Role.DIRECTOR, Role.BUSINESS_IMPROVEMENT_MANAGER, Role.RECORDS_MANAGER, Role.DATA_PROTECTION_OFFICER}
)
LETTER_ROLES = tuple(role for role in Role if role not in BREACH_OFFICES | {Role.SIGNED_IN})
# Social workers of any grade: they can be allocated a case and go on the duty rota.
SOCIAL_WORK_ROLES = frozenset({Role.WORKER, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER})
# Held at one office; the others hold for the whole council.
OFFICE_ROLES = SOCIAL_WORK_ROLES | {Role.ADMIN}
# One holder each; a dated deputy acts when the holder is away or involved.
SINGLE_HOLDER_ROLES = BREACH_OFFICES | {Role.ASSISTANT_DIRECTOR, Role.CALDICOTT_GUARDIAN, Role.DISTRICT_ADMIN_MANAGER}
