"""The whole product on real rows: where an item stands × action × person, each tried through the real verb.

What is allowed happens, is recorded once and is rolled back; what is not is refused and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from distribution import actions
from distribution.documents import Document
from distribution.models import Item
from distribution.policy import can
from distribution.selectors import visible_to
from distribution.states import Action, State
from distribution.tests.expected_rules import PRODUCT, READERS, WHERE_TO, WHO_MAY
from distribution.tests.world import STATES, Conference, everybody, fresh, taken_in, tracking_of
from letters.models import EnvelopeStock
from letters.routes import Channel
from postroom.ledger.models import Entry
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError
from tests.support import world

pytestmark = pytest.mark.django_db
SAMPLE = 0.1
HUMAN = [a for a in WHO_MAY if WHO_MAY[a][1] and a != "issue"]


@pytest.fixture(autouse=True)
def texts(settings: Any) -> None:
    """This council has a gateway for texts."""
    settings.SMS_GATEWAY = "distribution.texting.FolderGateway"


class RolledBack(Exception):
    """Ends a trial that worked."""


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@pytest.fixture
def people(conference: Conference) -> dict[str, User]:
    return everybody(conference)


@pytest.fixture
def redacted() -> Document:
    return taken_in("What they may see.")


def verb(action: str, redacted: Document) -> Callable[..., Any]:
    """The real verb for an action, with entries that are right."""
    today = timezone.localdate()
    more: dict[str, dict[str, Any]] = {
        "replace_version": {"file": redacted, "redaction_confirmed": True},
        "choose_route": {"channel": Channel.BY_HAND},
        "confirm_right": {"basis": "subject"},
        "ask_approval": {"reason": "They moved away."},
        "approve": {"reason": "They did.", "until": today + dt.timedelta(days=7)},
        "decline": {"reason": "They didn't."},
        "release": {"version_confirmed": True},
        "take_out": {"lockable_bag": True},
        "hand_over": {"at": timezone.now(), "where": "home", "known_by": "personally", "own_hands": True},
        "not_possible": {"reason": "Nobody was in."},
        "post": {"posted_on": today, "special_delivery": True},
        "prove_delivery": {"delivered_on": today, "delivered_time": dt.time(0), "printed_name": "F WAY"},
        "return_undelivered": {"reason": "Gone away."},
        "give_password": {"recipient_known": True},
        "prepare_again": {"reason": "A new version."},
        "set_aside": {"reason": "Has no right to it."},
        "upload": {"ics_reference": "ICS-1"},
        "decide_sent": {"sent": True, "reason": "They have it."},
        "decide_not_sent": {"sent": False, "reason": "They don't have it."},
    }
    name = {"decide_sent": "decide", "decide_not_sent": "decide"}.get(action, action)

    def take(item: Item, by: User) -> Item:
        extra = dict(more.get(action, {}))
        if action == "post":
            extra["tracking_number"] = tracking_of(item.person_id)
        if action == "envelope":
            extra = {
                "stock": EnvelopeStock.objects.get(slug="dl"),
                "sheets": item.pages + 1,
                "contents_checked": True,
                "new_envelope": True,
                "return_mark_on": True,
                "initials_written": True,
            }
        return getattr(actions, name)(item=item, by=by, seen=Seen.of(item), **extra)

    return take


@pytest.mark.policy("OGP-4a", "OGP-4b", "OGP-6", "OGP-7", "OGP-8", "OGP-9", "CLS-1", "CLS-2", "CLS-6")
@pytest.mark.parametrize("name", [*STATES, *(pytest.param(n, marks=pytest.mark.soak, id=f"whole {n}") for n in STATES)])
def test_product(name: str, conference: Conference, people: dict[str, User], redacted: Document, request):
    item = conference.in_state(name)
    if name == "uncertain":  # the worker was killed, and the reaper found its job
        from postroom.outbox.models import Job, JobState

        Job.objects.filter(kind="item_email").update(
            state=JobState.UNCERTAIN, attempted_at=timezone.now(), lease_token=None
        )
    before = (item.state, item.version, item.ledger_head)
    entries = Entry.objects.count()
    wrong = []
    rng, soaking = Random(name), "soak" in request.keywords
    # The page's answer is asked with what a page has read once; the engine reads all of it anew at each attempt.
    asked = fresh(item)
    authorities = {who: authority_of(user) for who, user in people.items()}
    for action in HUMAN:
        for who, user in people.items():
            expected = who in PRODUCT[name].get(action, set())
            if can(asked, user, action, authority=authorities[who]) is not expected:
                wrong.append(f"page: {who} {action}")
            # Who may not is tried for real in a sample, with a fixed seed; all of it in a soak.
            if not expected and not soaking and rng.random() > SAMPLE:
                continue
            if _happens(item, action, user, redacted) is not expected:
                wrong.append(f"engine: {who} {action}")
    assert not wrong
    now = fresh(item)
    assert (now.state, now.version, now.ledger_head) == before
    assert Entry.objects.count() == entries


def _happens(item: Item, action: str, user: User, redacted: Document) -> bool:
    """Take the step for real and roll it back; True if it happened as the table says and was recorded once."""
    seen = fresh(item)
    count = Entry.objects.filter(subject=item.ledger_subject).count()
    try:
        with transaction.atomic():
            after = verb(action, redacted)(seen, user)
            assert after.state == WHERE_TO[action][str(item.state)]
            newest = Entry.objects.filter(subject=item.ledger_subject).order_by("-seq")
            assert newest.count() == count + 1
            entry = newest[0]
            assert (entry.action, entry.actor_id, entry.to_state) == (action, user.pk, str(after.state))
            raise RolledBack
    except RolledBack:
        return True
    except StepError as error:
        assert str(error)  # noqa: PT017
        return False


def test_the_product_speaks_of_every_place():
    assert set(PRODUCT) == set(STATES)
    assert {State(name.split(",")[0].split(" by ")[0].replace(" ", "_")) for name in STATES} == set(State)


@pytest.mark.policy("CLS-1")
def test_who_reads(conference: Conference, people: dict[str, User]):
    made = conference.issue()
    readers = {who for who, user in people.items() if visible_to(user).filter(pk=made.pk).exists()}
    assert readers == READERS


@pytest.mark.policy("OGP-7", "OGP-9")
def test_only_safeguarding_issues(conference: Conference, people: dict[str, User]):
    for who, user in people.items():
        entry = {
            "case": conference.desk.case,
            "document": "minutes",
            "meeting_on": timezone.localdate(),
            "recipients": [conference.parent],
            "file": taken_in(),
        }
        if who == "safeguarding":
            made = actions.issue(by=user, **entry)
            assert Entry.objects.filter(subject=made.ledger_subject, action="issue_set").exists()
            assert [item.state for item in made.items.all()] == [State.PREPARED]
        else:
            with pytest.raises(StepError), transaction.atomic():
                actions.issue(by=user, **entry)


def test_every_action_has_its_verb():
    own = {"attempt", "mark_sent", "mark_not_sent", "fail", "bounce", "hold", "ask_again"}
    own |= {"mark_texted", "mark_not_texted"}
    assert set(Action) - {*HUMAN, "issue"} == own
