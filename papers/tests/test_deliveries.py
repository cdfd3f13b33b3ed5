"""Hand deliveries enter themselves: out with the social worker, handed over, brought back, lost on the way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from distribution import hooks
from distribution.hooks import Ended
from papers import deliveries
from papers.models import PapersOut
from papers.tests import help as make
from postroom.steps.engine import Taken
from tests.support import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> world.Desk:
    return world.Desk(world.make_office("riv", "Riverside"))


def item_of(desk: world.Desk, version: int = 3) -> Any:
    """What the hook is given of an item (distribution's own tests make real ones)."""
    title = SimpleNamespace(title="Minutes of 12 November 2026")
    return SimpleNamespace(
        carried_by=desk.worker, case=desk.case, distribution=title, pages=4, version=version,
        ledger_subject="item/K7Q2M4XD9", reference="K7Q2M4XD9",
    )  # fmt: skip


TAKEN = Taken(None, None, "", timezone.now(), "")


def test_distribution_tells_the_register():
    assert deliveries.left in hooks.papers_left
    assert deliveries.back in hooks.papers_back


@pytest.mark.policy("CLS-2")
def test_each_trip_is_an_entry_that_ends_with_it(desk: world.Desk):
    deliveries.left(item_of(desk), TAKEN)
    papers = PapersOut.objects.get()
    assert (papers.state, papers.holder, papers.pages, papers.purpose) == (
        "out",
        desk.worker,
        4,
        "service_user_meeting",
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        deliveries.left(item_of(desk), TAKEN)  # the same trip twice is one entry
    deliveries.back(item_of(desk), TAKEN, Ended.BROUGHT_BACK)
    deliveries.left(item_of(desk, version=7), TAKEN)
    deliveries.back(item_of(desk, version=8), TAKEN, Ended.HANDED_OVER)
    assert list(PapersOut.objects.order_by("pk").values_list("state", flat=True)) == ["back", "handed_on"]


@pytest.mark.policy("CLS-7")
def test_what_was_lost_on_the_way_stays_lost(desk: world.Desk):
    deliveries.left(item_of(desk), TAKEN)
    make.take(PapersOut.objects.get(), "lose", desk.worker, desk)
    deliveries.back(item_of(desk), TAKEN, Ended.HANDED_OVER)
    assert PapersOut.objects.get().state == "lost"
