"""A paper that is out when its case goes to somebody else, or when a stand-in's turn on the rota ends: who took it out
still says what became of it, and a manager of the case's office can say that it is back (OGP-7, OGP-9, CLS-2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution.models import Item
from distribution.selectors import items_visible_to, visible_to
from distribution.tests.test_product import HUMAN, verb
from distribution.tests.world import Conference, fresh, taken_in
from distribution.work import lists_for, waiting
from papers.models import PapersOut
from postroom.cases import actions as cases
from postroom.cases.models import Case
from postroom.people.authority import authority_of
from postroom.people.models import DutySlot, User
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-7", "OGP-9", "CLS-2")]
ENDS = {"hand_over": "handed_over", "not_possible": "held", "bring_back": "released"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def reallocated(conference: Conference) -> None:
    case, desk = Case.objects.get(pk=conference.desk.case.pk), conference.desk
    cases.allocate(case=case, worker=desk.other_worker, by=desk.manager, seen=Seen.of(case))


def moved(conference: Conference) -> None:
    case, far = Case.objects.get(pk=conference.desk.case.pk), world.Desk(world.make_office("far", "Offhill"))
    cases.move(case=case, office=far.office, by=conference.desk.manager, seen=Seen.of(case), reason="They moved house.")


def out_with_worker(conference: Conference) -> tuple[Item, User]:
    return conference.in_state("released by hand, out"), conference.desk.worker


def out_with_duty(conference: Conference) -> tuple[Item, User]:
    return conference.taken_out(conference.in_state("released by hand"), conference.desk.duty), conference.desk.duty


def off_duty(conference: Conference) -> None:
    DutySlot.objects.filter(user=conference.desk.duty).delete()


LOSES = [(out_with_worker, reallocated), (out_with_worker, moved), (out_with_duty, moved), (out_with_duty, off_duty)]
# What happens at the door in every run; not possible and back once each; the others in a soak.
EACH = [("hand_over", *one) for one in LOSES] + [("not_possible", *LOSES[1]), ("bring_back", *LOSES[3])]
OTHERS = [(action, *one) for action in ENDS for one in LOSES if (action, *one) not in EACH]
ways = pytest.mark.parametrize(
    ("action", "take", "lose"),
    [*EACH, *(pytest.param(*one, marks=pytest.mark.soak) for one in OTHERS)],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)


def mine(user: User) -> list[str]:
    """What My work lists of reports and minutes for this person, by reference; its count agrees."""
    [found] = [one for one in lists_for(user, authority_of(user)) if one.slug == "distribution-mine"]
    assert sum(rows.count() for rows in waiting(user, authority_of(user))) >= found.count
    return [row.href.split("/")[-3] for row in found.rows]


@ways
def test_who_has_the_paper_says_what_became_of_it(
    action: str, take: Callable[..., tuple[Item, User]], lose: Callable[..., None], conference: Conference
):
    item, carrier = take(conference)
    lose(conference)
    assert mine(carrier) == [item.reference]
    assert not visible_to(carrier).exists()  # the copy in their hand, not the set with all who get it
    client = Client()
    client.force_login(carrier, backend=BACKEND)
    page = client.get(reverse("distribution:item", args=[item.reference])).content.decode()
    assert item.distribution.reference not in page
    assert "Record the hand-over" in page
    for other in set(HUMAN) - set(ENDS):
        with pytest.raises(StepError):
            verb(other, taken_in("What they may see."))(fresh(item), carrier)
    done = verb(action, taken_in())(fresh(item), carrier)
    assert done.state == ENDS[action]
    # Once the paper is out of their hand, the item is out of their sight; on hold it is still with them.
    still = action == "not_possible"
    assert items_visible_to(carrier).filter(pk=item.pk).exists() is still
    assert PapersOut.objects.filter(entered_by__startswith=item.ledger_subject, state="out").exists() is still


def test_the_page_after_the_hand_over_is_my_work(conference: Conference):
    item, carrier = out_with_worker(conference)
    moved(conference)
    now, client = fresh(item), Client()
    client.force_login(carrier, backend=BACKEND)
    address = reverse("distribution:bring_back", args=[item.reference])
    answer = client.post(address, {"seen_version": now.version, "seen_hash": now.content_hash}, follow=True)
    assert answer.redirect_chain == [(reverse("letters:my_work"), 302)]
    assert "the paper is back in the office" in answer.content.decode()
    assert client.get(address).status_code == 404


def test_a_carrier_who_left_or_is_kept_from_the_case_leaves_it_to_a_manager(conference: Conference):
    item, carrier = out_with_worker(conference)
    reallocated(conference)
    case = Case.objects.get(pk=conference.desk.case.pk)
    why = "They are related."
    cases.bar_person(case=case, user=carrier, by=conference.desk.manager, seen=Seen.of(case), reason=why)
    assert mine(carrier) == []
    for action in ENDS:
        with pytest.raises(StepError):
            verb(action, taken_in())(fresh(item), carrier)
    for action in ("hand_over", "not_possible"):  # they were not at the door
        with pytest.raises(StepError):
            verb(action, taken_in())(fresh(item), conference.desk.manager)
    done = verb("bring_back", taken_in())(fresh(item), conference.desk.manager)
    assert done.carried_by is None
    assert not PapersOut.objects.filter(entered_by__startswith=item.ledger_subject, state="out").exists()
