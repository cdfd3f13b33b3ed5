"""Who reads the register of breaches. Pure data."""

from postroom.people.roles import Role

# Who reads the register: those who see the whole of every breach. What they are involved in is left out for them.
READERS = (
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.DATA_PROTECTION_OFFICER,
    Role.DIRECTOR,
    Role.RECORDS_MANAGER,
)
