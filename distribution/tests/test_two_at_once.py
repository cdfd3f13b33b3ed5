"""Several at once on the same item (PostgreSQL): of six that start together one wins each step, and it is told once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from distribution import actions
from distribution.models import Distribution, Item
from distribution.states import Action
from distribution.tests.expected_rules import WHO_MAY
from distribution.tests.test_product import verb
from distribution.tests.world import Conference, fresh, taken_in
from postroom.ledger.models import Entry
from postroom.outbox.carrier import run_due
from postroom.outbox.models import Job, JobState
from postroom.people.models import User
from postroom.steps.errors import StepError
from tests.support import world

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 6
# Each step that a person takes, in a state where it is open, by somebody who may.
STEPS = {
    "replace_version": ("prepared", "safeguarding"),
    "choose_route": ("prepared", "worker"),
    "confirm_right": ("prepared", "worker"),
    "ask_approval": ("prepared, way chosen", "worker"),
    "approve": ("prepared, approval asked", "manager"),
    "decline": ("prepared, approval asked", "manager"),
    "release": ("prepared, right confirmed", "worker"),
    "take_out": ("released by hand", "worker"),
    "hand_over": ("released by hand, out", "worker"),
    "not_possible": ("released by hand, out", "worker"),
    "bring_back": ("held, out", "worker"),
    "envelope": ("released by post", "admin"),
    "post": ("released by post, in envelope", "admin"),
    "prove_delivery": ("sent by post", "admin"),
    "return_undelivered": ("sent by post", "admin"),
    "send": ("released by e-mail", "worker"),
    "give_password": ("sent by e-mail", "worker"),
    "text_password": ("sent by e-mail", "worker"),
    "decide_sent": ("uncertain", "worker"),
    "decide_not_sent": ("uncertain", "worker"),
    "prepare_again": ("held", "worker"),
    "set_aside": ("prepared", "manager"),
    "upload": ("handed over", "admin"),
}
# Those that every run tries: what leaves the office, and what could be done twice by mistake. The others in a soak.
ALWAYS = ("approve", "hand_over", "post", "send", "give_password", "decide_not_sent")


def at_once(*works: Callable[[], object]) -> int:
    """How many of six that start together were let through, taking the works in turn; the others met a StepError."""
    barrier = Barrier(THREADS)

    def one(work: Callable[[], object]) -> bool:
        try:
            barrier.wait(timeout=60)
            work()
        except StepError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(each.result() for each in [pool.submit(one, works[n % len(works)]) for n in range(THREADS)])


def person_of(conference: Conference, who: str) -> User:
    return conference.safeguarding if who == "safeguarding" else getattr(conference.desk, who)


def ready_for(conference: Conference, action: str) -> Item:
    item = conference.in_state(STEPS[action][0])
    if item.state == "uncertain":  # the worker was killed, and the reaper found its job
        Job.objects.filter(kind="item_email").update(
            state=JobState.UNCERTAIN, attempted_at=timezone.now(), lease_token=None
        )
    return item


@pytest.fixture(autouse=True)
def texts(settings: Any) -> None:
    """This council has a gateway for texts."""
    settings.SMS_GATEWAY = "distribution.texting.FolderGateway"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def fresh_copy(seen: Item) -> Item:
    """What one of them saw on their own page: the item as all of them saw it."""
    return copy(seen)


def recorded(item: Item) -> list[str]:
    """The actions in the item's ledger, oldest first."""
    return list(Entry.objects.filter(subject=item.ledger_subject).order_by("seq").values_list("action", flat=True))


@pytest.mark.policy("OGP-4b", "OGP-6", "OGP-7", "OGP-8", "OGP-9", "CLS-2", "CLS-6")
@pytest.mark.parametrize(
    "action", [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.soak) for name in STEPS]
)
def test_one_of_six_wins(action: str, conference: Conference):
    item = ready_for(conference, action)
    by, take = person_of(conference, STEPS[action][1]), verb(action, taken_in("What they may see."))
    before = recorded(item)
    seen = fresh(item)
    assert at_once(lambda: take(fresh_copy(seen), by)) == 1
    assert recorded(item) == [*before, action]
    with pytest.raises(StepError):  # twice in a row, from the page as it was
        take(fresh_copy(seen), by)
    assert recorded(item) == [*before, action]


RIVALS = (
    ("prepared, approval asked", ("approve", "decline")),
    ("prepared, right confirmed", ("release", "set_aside")),
    ("prepared, way chosen", ("ask_approval", "choose_route", "set_aside")),
    ("released by hand, out", ("hand_over", "not_possible", "bring_back")),
    ("sent by post", ("prove_delivery", "return_undelivered")),
    ("sent by e-mail", ("give_password", "text_password")),
    ("released by e-mail", ("send", "prepare_again", "set_aside")),
    ("released by post, in envelope", ("post", "prepare_again", "set_aside")),
)


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9", "CLS-6")
@pytest.mark.parametrize(("at", "rivals"), [RIVALS[6], *(pytest.param(*r, marks=pytest.mark.soak) for r in RIVALS)])
def test_of_steps_that_exclude_each_other_one_wins(at: str, rivals: tuple[str, ...], conference: Conference):
    item = conference.in_state(at)
    before, seen = recorded(item), fresh(item)
    who = {name: "manager" if name == "set_aside" else STEPS[name][1] for name in rivals}
    version = taken_in("What they may see.")

    def one(name: str) -> Callable[[], object]:
        return lambda: verb(name, version)(fresh_copy(seen), person_of(conference, who[name]))

    assert at_once(*(one(name) for name in rivals)) == 1
    after = recorded(item)
    assert after[:-1] == before
    assert after[-1] in rivals
    assert fresh(item).version == seen.version + 1


@pytest.mark.policy("OGP-7", "OGP-9")
def test_a_page_sent_six_times_issues_one_set(conference: Conference):
    file = taken_in()

    def issued() -> None:
        actions.issue(
            case=conference.desk.case,
            document="minutes",
            meeting_on=timezone.localdate(),
            recipients=[conference.parent, conference.teacher],
            file=file,
            by=conference.safeguarding,
            form_key="of-this-page",
        )

    assert at_once(issued) == THREADS  # each of them is shown the one set
    [made] = Distribution.objects.all()
    assert made.items.count() == 2
    assert Job.objects.filter(key__startswith="item_issued").count() == 1


@pytest.mark.policy("OGP-9")
def test_a_recipient_is_added_once(conference: Conference):
    made = conference.issue("minutes", conference.parent)

    def added() -> None:
        actions.add_recipient(distribution=made, person=conference.teacher, by=conference.safeguarding)

    assert at_once(added) == 1
    assert made.items.count() == 2


@pytest.mark.policy("OGP-9", "CLS-6")
def test_six_carriers_send_it_once(conference: Conference):
    item = conference.in_state("released by e-mail, sending")
    assert at_once(run_due) == THREADS
    assert len([one for one in mail.outbox if one.to == [item.email]]) == 1
    assert recorded(item)[-2:] == ["attempt", "mark_sent"]


def test_every_step_that_a_person_takes_is_tried():
    by_people = {action for action in WHO_MAY if WHO_MAY[action][1]}
    # Issuing makes the item; its own test is below.
    assert by_people - set(STEPS) == {"issue"}
    assert set(STEPS) <= {str(action) for action in Action}
