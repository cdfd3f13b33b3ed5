"""The council of the journeys: an office that signs on paper, one that signs on screen."""

from importlib import import_module

import pytest

from letters.models import EnvelopeStock
from tests.support import world

stocks = import_module("letters.migrations.0002_four_stocks")


def make_desk(medium: str, *, code: str = "riv", name: str = "Riverside") -> world.Desk:
    """Riverside with one person in each role and one case. A test that commits may have emptied the stocks before."""
    for row in stocks.STOCKS:
        EnvelopeStock.objects.get_or_create(slug=row[0], defaults=dict(zip(stocks.FIELDS[1:], row[1:], strict=True)))
    return world.Desk(world.make_office(code, name, medium))


@pytest.fixture
def paper_desk(transactional_db: None) -> world.Desk:
    """It signs on paper."""
    return make_desk("paper")


@pytest.fixture
def screen_desk(transactional_db: None) -> world.Desk:
    """It signs on screen."""
    return make_desk("screen")
