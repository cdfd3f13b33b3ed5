"""The council of the journeys: an office that signs on paper, one that signs on screen."""

import pytest

from tests.support import world


def make_desk(medium: str, *, code: str = "riv", name: str = "Riverside") -> world.Desk:
    """Riverside with one person in each role and one case."""
    return world.Desk(world.make_office(code, name, medium))


@pytest.fixture
def paper_desk(transactional_db: None) -> world.Desk:
    """It signs on paper."""
    return make_desk("paper")


@pytest.fixture
def screen_desk(transactional_db: None) -> world.Desk:
    """It signs on screen."""
    return make_desk("screen")
