"""A case goes to another office, or its recipient's address comes into doubt, at the very moment when somebody works on
an item of it: one waits for the other, and who has lost the case has lost the step (OGP-7, OGP-8, OGP-9, CLS-1)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from copy import copy
from typing import Any

import pytest
from django.db import connection, transaction

from distribution.models import Item
from distribution.tests.expected_rules import WHO_MAY
from distribution.tests.test_product import verb
from distribution.tests.test_two_at_once import STEPS, person_of, ready_for, recorded
from distribution.tests.world import Conference, fresh, taken_in
from postroom.cases import actions as cases
from postroom.cases.models import Case
from postroom.people.models import Office
from postroom.steps.engine import Seen
from postroom.steps.errors import NotAllowed, Stale, StepError
from tests.support import world

# Who keeps a step although the case went to another office or worker: safeguarding, which is of no office, and whoever
# has the paper with them (decision 0146); after an allocation, all those who aren't the allocated worker.
KEPT = {"replace_version", "hand_over", "not_possible", "bring_back"}
OF_THE_WORKER = {
    "choose_route", "confirm_right", "ask_approval", "release", "take_out", "send", "give_password", "text_password",
    "decide_sent", "decide_not_sent", "prepare_again",
}  # fmt: skip
# This one doubts an address of the case: whoever wanted to move it looks at it again first.
CHANGES_THE_CASE = {"return_undelivered"}
# What leaves the office is tried in every run, against a move; the other steps, and most allocations, in a soak.
OUTWARD = ("approve", "release", "envelope", "post", "send", "set_aside")


def each(*always: str) -> pytest.MarkDecorator:
    """Every step that a person takes on a copy; but for `always`, in a soak alone."""
    return pytest.mark.parametrize(
        "action", [pytest.param(name, marks=() if name in always else pytest.mark.soak) for name in STEPS]
    )


POLICY = pytest.mark.policy("OGP-7", "OGP-8", "OGP-9", "CLS-1")


@pytest.fixture(autouse=True)
def texts(settings: Any) -> None:
    """This council has a gateway for texts."""
    settings.SMS_GATEWAY = "distribution.texting.FolderGateway"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@pytest.fixture
def elsewhere() -> Office:
    return world.Desk(world.make_office("far", "Offhill")).office


def moved(conference: Conference, to: Office) -> None:
    case = Case.objects.get(pk=conference.desk.case.pk)
    cases.move(case=case, office=to, by=conference.desk.manager, seen=Seen.of(case), reason="They moved house.")


def seen_by(conference: Conference, action: str) -> tuple[Item, Callable[[], object]]:
    """The item where the step is open, and the step from the page as it is now."""
    item = ready_for(conference, action)
    seen, by, take = fresh(item), person_of(conference, STEPS[action][1]), verb(action, taken_in("What they may see."))
    return item, lambda: take(copy(seen), by)


def in_thread(work: Callable[[], object]) -> Callable[[], StepError | None]:
    """In a thread of the pool: the error that it met, or None."""

    def one() -> StepError | None:
        try:
            work()
        except StepError as error:
            return error
        finally:
            connection.close()
        return None

    return one


def waits_for_a_lock(future: Future[StepError | None]) -> bool:
    """Does the other connection wait for a lock? False when it came to its end without waiting."""
    while not wait([future], timeout=0.05).done:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            row = cursor.fetchone()
        if row and row[0]:
            return True
    return False


def came_out(action: str, item: Item, before: list[str], error: StepError | None, *, goes: bool) -> None:
    """The step happened once, or not at all and for want of a right to it."""
    assert error is None if goes else isinstance(error, NotAllowed), f"{action}: {error!r}"
    assert recorded(item) == [*before, *([action] if goes else [])]


def met(step: Callable[[], object]) -> StepError | None:
    try:
        step()
    except StepError as error:
        return error
    return None


@POLICY
@pytest.mark.django_db
@each(*OUTWARD)
def test_who_lost_the_case_has_lost_the_step(action: str, conference: Conference, elsewhere: Office):
    """Both databases. From a page opened before the move: the item itself did not change by it."""
    item, step = seen_by(conference, action)
    moved(conference, elsewhere)
    before = recorded(item)
    came_out(action, item, before, met(step), goes=action in KEPT)


@POLICY
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@each(*OUTWARD)
def test_a_step_waits_for_a_move_that_is_under_way(action: str, conference: Conference, elsewhere: Office):
    item, step = seen_by(conference, action)
    before = recorded(item)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            moved(conference, elsewhere)
            future = pool.submit(in_thread(step))
            assert waits_for_a_lock(future), f"{action} did not wait for the move"
        came_out(action, item, before, future.result(), goes=action in KEPT)


@POLICY
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@each(*OUTWARD)
def test_a_move_waits_for_a_step_that_is_under_way(action: str, conference: Conference, elsewhere: Office):
    item, step = seen_by(conference, action)
    before = recorded(item)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            step()
            future = pool.submit(in_thread(lambda: moved(conference, elsewhere)))
            assert waits_for_a_lock(future), f"the move did not wait for {action}"
        stale = isinstance(future.result(), Stale)
        assert stale if action in CHANGES_THE_CASE else future.result() is None
    assert recorded(item) == [*before, action]
    assert (Case.objects.get(pk=conference.desk.case.pk).office_id == elsewhere.pk) is not stale


@pytest.mark.policy("OGP-8", "CLS-6")
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_posting_waits_for_an_address_that_comes_into_doubt(conference: Conference):
    item, step = seen_by(conference, "post")
    case, worker = Case.objects.get(pk=conference.desk.case.pk), conference.desk.worker
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            cases.doubt_address(
                case=case, address=conference.away_address, by=worker, seen=Seen.of(case), reason="They moved."
            )
            future = pool.submit(in_thread(step))
            assert waits_for_a_lock(future)
        assert isinstance(future.result(), StepError)
    assert fresh(item).state == "held"


def reallocated(conference: Conference) -> None:
    case, desk = Case.objects.get(pk=conference.desk.case.pk), conference.desk
    cases.allocate(case=case, worker=desk.other_worker, by=desk.manager, seen=Seen.of(case))


@POLICY
@pytest.mark.django_db
@each("release", "send")
def test_another_worker_of_the_office_has_it_now(action: str, conference: Conference):
    """Both databases."""
    item, step = seen_by(conference, action)
    reallocated(conference)
    before = recorded(item)
    came_out(action, item, before, met(step), goes=action not in OF_THE_WORKER)


@POLICY
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@each("send", "hand_over")
def test_a_step_waits_for_an_allocation_that_is_under_way(action: str, conference: Conference):
    item, step = seen_by(conference, action)
    before = recorded(item)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            reallocated(conference)
            future = pool.submit(in_thread(step))
            assert waits_for_a_lock(future), f"{action} did not wait for the allocation"
        came_out(action, item, before, future.result(), goes=action not in OF_THE_WORKER)


@POLICY
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@each("release")
def test_an_allocation_waits_for_a_step_that_is_under_way(action: str, conference: Conference):
    item, step = seen_by(conference, action)
    before = recorded(item)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            step()
            future = pool.submit(in_thread(lambda: reallocated(conference)))
            assert waits_for_a_lock(future), f"the allocation did not wait for {action}"
        stale = isinstance(future.result(), Stale)
        assert stale if action in CHANGES_THE_CASE else future.result() is None
    assert recorded(item) == [*before, action]
    now = Case.objects.get(pk=conference.desk.case.pk)
    assert (now.allocated_worker_id == conference.desk.other_worker.pk) is not stale


def test_the_worker_s_own_steps_are_those_of_the_expectation():
    for name in STEPS:
        assert (set(WHO_MAY[name][1]) == {"worker"}) <= (name in OF_THE_WORKER), name
    assert set(STEPS) >= KEPT | OF_THE_WORKER | set(OUTWARD)
