import pytest

from tests.support.council import Council
from tests.support.world import Desk, make_office


@pytest.fixture
def council(db) -> Council:
    return Council()


@pytest.fixture
def desk(db) -> Desk:
    return Desk(make_office("desk", "Deskford"))
