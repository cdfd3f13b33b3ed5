"""A council with a little history, and the people who look at its record."""

import pytest

from letters.states import State
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.sealing import seal
from postroom.people.roles import Role
from tests.support import world
from tests.support.fixtures import database

__all__ = ["database"]


@pytest.fixture
def desk(db):
    return world.Desk(world.make_office("near", "Near"))


@pytest.fixture
def governance(db):
    return world.make_user("Gwen Governance", None, Role.INFORMATION_GOVERNANCE)


@pytest.fixture
def second_governance(db):
    return world.make_user("Greta Governance", None, Role.INFORMATION_GOVERNANCE)


@pytest.fixture
def dam(db):
    return world.make_user("Dan Adminmanager", None, Role.DISTRICT_ADMIN_MANAGER)


@pytest.fixture
def letter(desk):
    """A letter that was uploaded; its steps are sealed."""
    found = world.letter_in(desk, State.UPLOADED)
    seal()
    return found


@pytest.fixture
def history(desk, letter):
    """Two letters, one of them sealed in a checkpoint of its own, and something unsealed."""
    other = world.letter_in(desk, State.TYPED)
    seal()
    record_and_save(desk.office, action="rename", actor=SYSTEM)
    return letter, other
