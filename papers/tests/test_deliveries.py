"""Hand deliveries enter themselves, by distribution's own steps: out with the social worker, handed over, brought back,
not possible, lost on the way. Letters: test_letters_carried."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from breaches.models import Breach
from distribution import actions as copies
from distribution.models import Item
from distribution.states import State
from distribution.tests.world import Conference, fresh
from papers import deliveries
from papers.actions import chase_late
from papers.models import PapersOut
from papers.tests import help as make
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep, Stale
from tests.support import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def out(conference: Conference) -> Item:
    """A report for the parent, taken out by the worker who hands it over."""
    return conference.in_state("released by hand, out")


@pytest.mark.policy("CLS-2", "OGP-7")
def test_taking_it_out_enters_it_and_handing_it_over_ends_it(conference: Conference):
    desk = conference.desk
    item = conference.in_state("released by hand")
    assert not PapersOut.objects.exists()
    with pytest.raises(InvalidStep, match="lockable bag"):
        copies.take_out(item=item, by=desk.worker, seen=Seen.of(item), lockable_bag=False)
    assert not PapersOut.objects.exists()
    item = conference.taken_out(item)
    papers = PapersOut.objects.get()
    assert (papers.state, papers.holder, papers.case, papers.office) == ("out", desk.worker, desk.case, desk.office)
    assert (papers.kind, papers.pages, papers.purpose) == ("copy", item.pages, "service_user_meeting")
    assert papers.what == f"{item.distribution.title}, to hand over"
    assert papers.in_lockable_bag
    item = conference.handed_over(item)
    papers.refresh_from_db()
    assert (item.state, papers.state, papers.ended_on) == (State.HANDED_OVER, "handed_on", timezone.localdate())
    taken = Entry.objects.filter(subject=papers.ledger_subject).order_by("seq").values_list("action", flat=True)
    assert list(taken) == ["take", "hand_on"]


@pytest.mark.policy("CLS-2")
def test_each_trip_is_an_entry_of_its_own(conference: Conference):
    desk, item = conference.desk, out(conference)
    item = copies.not_possible(item=item, by=desk.worker, seen=Seen.of(item), reason="Nobody was in.")
    assert PapersOut.objects.get().state == "out"  # still in the bag until it is back in the office
    item = copies.bring_back(item=item, by=desk.worker, seen=Seen.of(item))
    first = PapersOut.objects.get()
    assert (first.state, first.ended_on, first.witness) == ("back", timezone.localdate(), None)
    item = copies.prepare_again(item=item, by=desk.worker, seen=Seen.of(item), reason="They are home again.")
    item = conference.taken_out(conference.ready(item))
    with pytest.raises(IntegrityError), transaction.atomic():  # the same trip twice is one entry
        deliveries.item_left(item, Taken(None, None, "", timezone.now(), ""))
    conference.handed_over(item)
    assert list(PapersOut.objects.order_by("pk").values_list("state", flat=True)) == ["back", "handed_on"]


@pytest.mark.policy("CLS-2")
def test_a_step_that_fails_enters_nothing_and_ends_nothing(conference: Conference):
    desk, item = conference.desk, conference.in_state("released by hand")
    seen = Seen.of(item)
    conference.taken_out(item)
    with pytest.raises(Stale):
        copies.take_out(item=item, by=desk.worker, seen=seen, lockable_bag=True)
    assert PapersOut.objects.count() == 1
    with pytest.raises(InvalidStep):
        copies.hand_over(
            item=fresh(item),
            by=desk.worker,
            seen=Seen.of(fresh(item)),
            at=timezone.now(),
            where="home",
            known_by="personally",
            own_hands=False,
        )
    assert PapersOut.objects.get().state == "out"


@pytest.mark.policy("CLS-3")
def test_one_that_does_not_come_back_is_chased_like_any_other(conference: Conference):
    make.with_managers(conference.desk)
    item = out(conference)
    papers = PapersOut.objects.get()
    late = timezone.make_aware(dt.datetime.combine(papers.due_on + dt.timedelta(days=9), dt.time(12)))
    with time_machine.travel(late, tick=False):
        assert chase_late() == 3
        told = Job.objects.filter(subject=papers.ledger_subject, payload__notice="papers_late_manager")
        assert {job.payload["user"] for job in told} == {conference.desk.manager.pk}
        copies.bring_back(item=item, by=conference.desk.worker, seen=Seen.of(item))
        assert chase_late() == 0


@pytest.mark.policy("CLS-7")
def test_what_was_lost_on_the_way_opens_a_breach_and_stays_lost(conference: Conference):
    item, desk = out(conference), conference.desk
    make.take(PapersOut.objects.get(), "lose", desk.worker, desk)
    breach = Breach.objects.get()
    assert breach.is_theft
    assert item.distribution.title in breach.what
    assert list(breach.cases.all()) == [desk.case]
    copies.bring_back(item=fresh(item), by=desk.worker, seen=Seen.of(fresh(item)))
    papers = PapersOut.objects.get()
    assert (papers.state, papers.breach_reference) == ("lost", breach.reference)
