"""A letter that is delivered by hand enters the papers that are out by itself, from when it leaves until it is handed
over or back; and whoever has it with them says what became of it, wherever its case has gone meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from breaches.models import Breach
from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.models import Letter
from letters.policy import can
from letters.selectors import visible_to
from letters.states import State
from letters.tests.test_product import HUMAN, verb
from papers.actions import chase_late
from papers.models import PapersOut
from papers.presenters import running_record
from papers.selectors import held_by
from papers.tests import help as make
from postroom.cases import actions as cases
from postroom.cases.hooks import work_held_by
from postroom.cases.models import Case
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.people.models import DutySlot, User
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, NotAllowed, Stale, StepError
from tests.support import world

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ENDS = {"hand_deliver": "handed_over", "not_delivered": "enveloped", "bring_back": "enveloped"}


@pytest.fixture
def desk() -> world.Desk:
    return world.Desk(world.make_office("riv", "Riverside"))


def by_hand(desk: world.Desk) -> Letter:
    return world.letter_in(desk, State.ENVELOPED, way="by_hand")


def out(desk: world.Desk, by: User | None = None) -> Letter:
    """In the bag of its worker, or of whoever stands in."""
    letter = by_hand(desk)
    return actions.take_out(letter=letter, by=by or desk.worker, seen=Seen.of(letter))


@pytest.mark.policy("CLS-2", "CLS-6")
def test_taking_it_out_enters_it_and_handing_it_over_ends_it(desk: world.Desk):
    letter = by_hand(desk)
    assert not PapersOut.objects.exists()
    letter = actions.take_out(letter=letter, by=desk.worker, seen=Seen.of(letter))
    assert (letter.state, letter.carried_by, letter.taken_out_at is None) == ("enveloped", desk.worker, False)
    papers = PapersOut.objects.get()
    assert (papers.state, papers.holder, papers.case, papers.office) == ("out", desk.worker, desk.case, desk.office)
    assert (papers.kind, papers.pages, papers.purpose) == ("original", sheets_to_count(letter), "service_user_meeting")
    assert papers.in_lockable_bag
    # Which letter, never to whom or about what: others see the register.
    assert papers.what == f"Letter {letter.reference} in its envelope, to hand over"
    assert desk.parent.name not in running_record(papers)
    letter = actions.hand_deliver(letter=letter, by=desk.worker, seen=Seen.of(letter), **world.in_person())
    papers.refresh_from_db()
    assert (letter.state, letter.carried_by, letter.handed_by) == (State.HANDED_OVER, None, desk.worker)
    assert (papers.state, papers.ended_on) == ("handed_on", timezone.localdate())
    taken = Entry.objects.filter(subject=papers.ledger_subject).order_by("seq").values_list("action", flat=True)
    assert list(taken) == ["take", "hand_on"]


@pytest.mark.policy("CLS-2", "CLS-6")
def test_each_trip_is_an_entry_of_its_own_and_on_hold_it_is_still_out(desk: world.Desk):
    letter = out(desk)
    letter = verb("not_delivered")(letter, desk.worker)
    assert PapersOut.objects.get().state == "out"  # in the bag until it is back in the office
    letter = verb("bring_back")(letter, desk.worker)
    first = PapersOut.objects.get()
    assert (first.state, first.ended_on, first.witness) == ("back", timezone.localdate(), None)
    letter = verb("carry_again")(letter, desk.manager)
    letter = verb("take_out")(letter, desk.duty)
    verb("hand_deliver")(letter, desk.duty)
    found = PapersOut.objects.order_by("pk").values_list("state", "holder__name")
    assert list(found) == [("back", desk.worker.name), ("handed_on", desk.duty.name)]


@pytest.mark.policy("CLS-2", "CLS-6")
def test_a_manager_lets_it_be_tried_again_on_the_same_trip(desk: world.Desk):
    letter = verb("not_delivered")(out(desk), desk.worker)
    letter = verb("carry_again")(letter, desk.manager)
    verb("hand_deliver")(letter, desk.worker)
    assert PapersOut.objects.get().state == "handed_on"


@pytest.mark.policy("CLS-1", "OGP-4b")
def test_what_needs_the_envelope_waits_until_it_is_back(desk: world.Desk):
    letter = out(desk)
    for action, by in (("reopen", desk.admin), ("lock_in", desk.admin), ("take_out", desk.duty)):
        with pytest.raises(GuardFailed, match="out of the office"):
            verb(action)(letter, by)
    letter = verb("bring_back")(letter, desk.worker)
    verb("reopen")(letter, desk.admin)
    assert PapersOut.objects.get().state == "back"


@pytest.mark.policy("CLS-2")
def test_a_step_that_fails_enters_nothing_and_ends_nothing(desk: world.Desk):
    letter = by_hand(desk)
    seen = Seen.of(letter)
    letter = actions.take_out(letter=letter, by=desk.worker, seen=seen)
    with pytest.raises(Stale):
        actions.take_out(letter=letter, by=desk.worker, seen=seen)
    assert PapersOut.objects.count() == 1
    wrong = {**world.in_person(), "own_hands": False}
    with pytest.raises(StepError):
        actions.hand_deliver(letter=letter, by=desk.worker, seen=Seen.of(letter), **wrong)
    assert PapersOut.objects.get().state == "out"


@pytest.mark.policy("CLS-3")
def test_while_it_is_carried_its_own_page_says_what_became_of_it(desk: world.Desk):
    letter, papers = out(desk), PapersOut.objects.get()
    for by in (desk.worker, desk.admin):
        with pytest.raises(GuardFailed, match="recorded with the delivery itself"):
            make.take(papers, "give_back", by, desk)
    client = Client()
    client.force_login(desk.worker, backend=BACKEND)
    page = client.get(reverse("papers:entry", args=[papers.reference])).content.decode()
    assert reverse("letters:letter", args=[letter.reference]) in page
    assert "They are back" not in page
    assert "Lost or stolen" in page
    verb("withdraw")(letter, desk.manager)
    page = client.get(reverse("papers:entry", args=[papers.reference])).content.decode()
    assert "They are back" in page
    assert "Go to the delivery" not in page


@pytest.mark.policy("CLS-3")
def test_one_that_does_not_come_back_is_chased_like_any_other(desk: world.Desk):
    make.with_managers(desk)
    letter, papers = out(desk), PapersOut.objects.get()
    late = timezone.make_aware(dt.datetime.combine(papers.due_on + dt.timedelta(days=9), dt.time(12)))
    # On My work it waits once, with the delivery; as papers once it is late.
    assert not held_by(desk.worker).exists()
    with time_machine.travel(late, tick=False):
        assert held_by(desk.worker).get() == papers
        assert chase_late() == 3
        told = Job.objects.filter(subject=papers.ledger_subject, payload__notice="papers_late_manager")
        assert {job.payload["user"] for job in told} == {desk.manager.pk}
        verb("bring_back")(letter, desk.worker)
        assert chase_late() == 0


@pytest.mark.policy("CLS-7", "CLS-14")
def test_one_lost_on_the_way_opens_a_breach_that_links_it_and_can_be_withdrawn(desk: world.Desk):
    letter = out(desk)
    make.take(PapersOut.objects.get(), "lose", desk.worker, desk)
    breach = Breach.objects.get()
    assert (breach.is_theft, breach.letter, list(breach.cases.all())) == (True, letter, [desk.case])
    assert letter.reference in breach.what
    # It won't come back: withdrawn, so that another can be written; in the register it stays lost.
    letter = verb("withdraw")(world.fresh(letter), desk.manager)
    assert (letter.state, letter.carried_by) == ("withdrawn", None)
    assert PapersOut.objects.get().state == "lost"


@pytest.mark.policy("CLS-2")
def test_one_withdrawn_on_its_way_is_told_to_its_carrier_and_stays_in_their_hands(desk: world.Desk):
    letter = out(desk, desk.duty)
    verb("withdraw")(letter, desk.manager)
    assert desk.duty.pk in letter.notices.filter(code="withdrawn").values_list("user", flat=True)
    papers = PapersOut.objects.get()
    assert (papers.state, papers.holder) == ("out", desk.duty)
    make.take(papers, "give_back", desk.duty, desk)
    assert PapersOut.objects.get().state == "back"


def reallocated(desk: world.Desk) -> None:
    case = Case.objects.get(pk=desk.case.pk)
    cases.allocate(case=case, worker=desk.other_worker, by=desk.manager, seen=Seen.of(case))


def moved(desk: world.Desk) -> None:
    case, far = Case.objects.get(pk=desk.case.pk), world.Desk(world.make_office("far", "Offhill"))
    cases.move(case=case, office=far.office, by=desk.manager, seen=Seen.of(case), reason="They moved house.")


def off_duty(desk: world.Desk) -> None:
    DutySlot.objects.filter(user=desk.duty).delete()


@pytest.mark.policy("CLS-2", "CLS-6")
@pytest.mark.parametrize(
    ("action", "carrier", "lose"),
    [("hand_deliver", "worker", reallocated), ("hand_deliver", "duty", off_duty), ("hand_deliver", "worker", moved),
     ("not_delivered", "duty", moved), ("bring_back", "worker", moved)],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)  # fmt: skip
def test_who_has_it_says_what_became_of_it(
    action: str, carrier: str, lose: Callable[[world.Desk], None], desk: world.Desk
):
    by: User = getattr(desk, carrier)
    letter = out(desk, by)
    lose(desk)
    assert [row.reference for row in work_held_by(by) if row.kind == "Letter being carried"] == [letter.reference]
    client = Client()
    client.force_login(by, backend=BACKEND)
    assert "With you, to hand over" in client.get("/").content.decode()
    page = client.get(reverse("letters:letter", args=[letter.reference])).content.decode()
    assert f"{by.name} (who has it with them)" in page
    assert "Record the delivery by hand" in page
    now = world.fresh(letter)
    assert {one for one in HUMAN if can(now, by, one)} == set(ENDS)
    done = verb(action)(world.fresh(letter), by)
    assert done.state == ENDS[action]
    # Out of their hand it is out of their sight; on hold it is still with them.
    still = action == "not_delivered"
    assert visible_to(by).filter(pk=letter.pk).exists() is still
    assert PapersOut.objects.filter(entered_by__startswith=letter.ledger_subject, state="out").exists() is still


@pytest.mark.policy("CLS-2")
def test_the_page_after_it_is_my_work_where_the_case_is_anothers_by_now(desk: world.Desk):
    letter = out(desk)
    moved(desk)
    now, client = world.fresh(letter), Client()
    client.force_login(desk.worker, backend=BACKEND)
    address = reverse("letters:bring_back", args=[letter.reference])
    answer = client.post(address, {"seen_version": now.version, "seen_hash": now.content_hash}, follow=True)
    assert answer.redirect_chain == [(reverse("letters:my_work"), 302)]
    assert "the letter is back in the office" in answer.content.decode()
    assert client.get(address).status_code == 404


@pytest.mark.policy("CLS-2")
def test_a_carrier_who_is_kept_from_the_case_leaves_it_to_a_manager(desk: world.Desk):
    letter = out(desk)
    reallocated(desk)
    case = Case.objects.get(pk=desk.case.pk)
    cases.bar_person(case=case, user=desk.worker, by=desk.manager, seen=Seen.of(case), reason="They are related.")
    assert not visible_to(desk.worker).filter(pk=letter.pk).exists()
    for action in ENDS:
        with pytest.raises(StepError):
            verb(action)(world.fresh(letter), desk.worker)
    for action in ("hand_deliver", "not_delivered"):  # they were not at the door
        with pytest.raises(NotAllowed):
            verb(action)(world.fresh(letter), desk.manager)
    done = verb("bring_back")(world.fresh(letter), desk.manager)
    assert done.carried_by is None
    assert PapersOut.objects.get().state == "back"
