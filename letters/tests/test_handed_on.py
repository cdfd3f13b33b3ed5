"""A case that changes worker or office takes its open letters along; a leaver's work goes to their manager."""

from __future__ import annotations

import datetime as dt
from functools import partial
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from letters import actions
from letters.models import Letter
from letters.states import State
from letters.tests.desk_help import desk, elsewhere, signed_in
from letters.tests.test_desk_asking import at_once
from postroom.cases.actions import allocate, move
from postroom.cases.actions.handing_on import hand_on_stale
from postroom.cases.handed_models import HandedOn, HandedOnItem, HandedOnSeen
from postroom.cases.models import Case, CaseAccess
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.people import actions as people_actions
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import Stale, StepError
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db


def told(user: User) -> int:
    return Job.objects.filter(payload__notice="handed_on", payload__user=user.pk).count()


def shown(user: User, handed: HandedOn) -> int:
    return signed_in(user).get(reverse("case_handed_on", args=[handed.pk])).status_code


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def system(db) -> User:
    return world.make_user("Sid System", None, Role.SYSTEM_ADMINISTRATOR)


@pytest.mark.policy("CLS-1")
def test_another_worker_gets_the_open_letters_and_the_list(desk, elsewhere):
    open_ones = [world.letter_in(desk, state) for state in (State.DRAFTED, State.TYPED, State.SIGNED, State.POSTED)]
    world.letter_in(desk, State.UPLOADED)
    checked = world.letter_in(desk, State.WORKER_CHECKED)
    allocate(case=desk.case, worker=desk.other_worker, by=desk.manager, seen=Seen.of(desk.case))
    handed = HandedOn.objects.get()
    assert (handed.from_worker, handed.to_worker, handed.by) == (desk.worker, desk.other_worker, desk.manager)
    listed = set(handed.items.values_list("reference", "words"))
    assert listed == {(one.reference, one.state_name) for one in open_ones} | {(checked.reference, "Typed")}
    assert [told(user) for user in (desk.other_worker, desk.deputy, desk.manager, desk.worker, desk.admin)] == [
        1, 1, 0, 0, 0,
    ]  # fmt: skip
    for user in (desk.other_worker, desk.deputy, desk.manager):
        assert shown(user, handed) == 200
    for user in (desk.worker, desk.admin, desk.duty, elsewhere.manager, world.make_user("Nora Nobody")):
        assert shown(user, handed) == 404
    assert actions.check(
        letter=world.fresh(open_ones[1]),
        by=desk.other_worker,
        seen=Seen.of(world.fresh(open_ones[1])),
        address_confirmed=True,
        body_confirmed=True,
    )


@pytest.mark.policy("CLS-1")
def test_another_office_gets_them_and_both_managers_see(desk, elsewhere):
    letters = [world.letter_in(desk, state) for state in (State.DRAFTED, State.TYPED, State.ENVELOPED)]
    move(
        case=desk.case, office=elsewhere.office, worker=elsewhere.worker, by=desk.deputy, seen=Seen.of(desk.case),
        reason="They moved.",
    )  # fmt: skip
    handed = HandedOn.objects.get()
    assert {world.fresh(letter).office for letter in letters} == {elsewhere.office}
    assert handed.items.count() == 3
    people = (desk.manager, elsewhere.manager, elsewhere.deputy, elsewhere.worker)
    assert all(told(user) == 1 and shown(user, handed) == 200 for user in people)
    assert told(desk.deputy) == 0
    assert shown(desk.deputy, handed) == 200
    # The list says no more than references to those who can't open them any more.
    assert signed_in(desk.manager).get(f"/letters/{letters[0].reference}/").status_code == 404
    page = signed_in(desk.manager).get(reverse("case_handed_on", args=[handed.pk])).content.decode()
    assert letters[0].reference in page
    assert desk.parent.name not in page


def test_it_is_on_my_work_until_looked_at(desk):
    world.letter_in(desk, State.TYPED)
    allocate(case=desk.case, worker=desk.other_worker, by=desk.manager, seen=Seen.of(desk.case))
    handed = HandedOn.objects.get()
    client = signed_in(desk.deputy)
    assert f"Case {desk.case.reference}" in client.get("/").content.decode()
    assert f"Case {desk.case.reference}" not in signed_in(desk.manager).get("/").content.decode()
    for _ in range(2):
        assert client.post(reverse("case_handed_on", args=[handed.pk])).status_code == 302
    assert HandedOnSeen.objects.filter(user=desk.deputy).count() == 1
    assert reverse("case_handed_on", args=[handed.pk]) not in client.get("/").content.decode()
    assert f"Case {desk.case.reference}" in client.get(reverse("case_handed_on_list")).content.decode()


def test_who_may_not_know_of_the_case_neither_hears_nor_sees(desk):
    CaseAccess.objects.create(case=desk.case, user=desk.deputy, kind="barred", set_by=desk.manager)
    world.letter_in(desk, State.TYPED)
    allocate(case=desk.case, worker=desk.other_worker, by=desk.manager, seen=Seen.of(desk.case))
    assert told(desk.deputy) == 0
    assert shown(desk.deputy, HandedOn.objects.get()) == 404
    listed = signed_in(desk.deputy).get(reverse("case_handed_on_list")).content.decode()
    assert desk.case.reference not in listed


def test_the_first_worker_of_an_empty_case_is_no_change_of_hands(desk):
    case = world.make_case(desk.office, None)
    allocate(case=case, worker=desk.worker, by=desk.manager, seen=Seen.of(case))
    assert not HandedOn.objects.exists()


@pytest.mark.policy("CLS-1", "OGP-3a")
def test_a_leavers_open_work_goes_to_their_manager(desk, system):
    """Nothing is orphaned: each case has a worker or waits for a manager; the list says who has what now."""
    User.objects.filter(pk=desk.worker.pk).update(line_manager=desk.manager)
    second = world.make_case(desk.office, desk.worker)
    checked, typed = world.letter_in(desk, State.WORKER_CHECKED), world.letter_in(desk, State.TYPED)
    worker = User.objects.get(pk=desk.worker.pk)
    people_actions.deactivate_person(person=worker, by=system, seen=worker.ledger_seq, reason="Left.")
    assert not Case.objects.filter(allocated_worker__is_active=False).exists()
    assert fresh(desk.case).allocated_worker == fresh(second).allocated_worker == desk.manager
    assert world.fresh(checked).state == State.TYPED, "a check that isn't signed is void"
    handed = HandedOn.objects.get()
    assert (handed.person, handed.case, handed.to_worker) == (desk.worker, None, desk.manager)
    rows = set(handed.items.values_list("kind", "reference", "now_with__name"))
    assert rows == {
        ("Case", desk.case.reference, desk.manager.name),
        ("Case", second.reference, desk.manager.name),
        ("Letter", checked.reference, desk.manager.name),
        ("Letter", typed.reference, desk.manager.name),
    }
    assert [told(user) for user in (desk.manager, desk.deputy, system)] == [1, 1, 0]
    entry = Entry.objects.filter(subject=desk.case.ledger_subject).order_by("-seq")[0]
    assert (entry.action, entry.actor_name, entry.actor_role) == ("allocate", "Postroom", "system")
    page = signed_in(desk.deputy).get(reverse("case_handed_on", args=[handed.pk])).content.decode()
    assert "waits" not in page
    assert hand_on_stale() == 0
    # The manager goes on with it as with any case of theirs.
    letter = world.fresh(typed)
    actions.check(letter=letter, by=desk.manager, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True)


def test_a_case_that_is_kept_from_every_manager_waits_for_one(desk, system):
    """Postroom names nobody on a restricted case; who is named there takes it, else nobody has it and it is listed."""
    for user in (desk.worker, desk.deputy):
        CaseAccess.objects.create(case=desk.case, user=user, kind="named", set_by=desk.manager)
    Case.objects.filter(pk=desk.case.pk).update(is_restricted=True)
    other = world.make_case(desk.office, desk.worker)
    CaseAccess.objects.create(case=other, user=desk.worker, kind="named", set_by=desk.manager)
    Case.objects.filter(pk=other.pk).update(is_restricted=True)
    worker = User.objects.get(pk=desk.worker.pk)
    people_actions.deactivate_person(person=worker, by=system, seen=worker.ledger_seq, reason="Left.")
    assert fresh(desk.case).allocated_worker == desk.deputy
    assert fresh(other).allocated_worker is None
    handed = HandedOn.objects.get()
    page = signed_in(desk.manager).get(reverse("case_handed_on", args=[handed.pk])).content.decode()
    assert desk.case.reference not in page
    assert other.reference not in page
    assert desk.case.reference in signed_in(desk.deputy).get(
        reverse("case_handed_on", args=[handed.pk])
    ).content.decode()  # fmt: skip


@pytest.mark.policy("CLS-1")
def test_a_role_that_ends_hands_its_cases_on(desk, elsewhere, system):
    """At once; and on the day after its last one, found by the scheduler. A role that goes on keeps them."""
    world.letter_in(desk, State.TYPED)
    worker = User.objects.get(pk=desk.worker.pk)
    world.grant(worker, Role.WORKER, elsewhere.office)
    kept = world.make_case(elsewhere.office, worker)
    grant = RoleGrant.objects.get(user=worker, office=desk.office)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    people_actions.end_grant(grant=grant, by=system, seen=worker.ledger_seq, last_day=tomorrow)
    assert fresh(desk.case).allocated_worker == worker
    assert hand_on_stale() == 0
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + dt.timedelta(days=2)):
        assert hand_on_stale() == 1
        assert hand_on_stale() == 0
    assert fresh(desk.case).allocated_worker == desk.manager
    assert fresh(kept).allocated_worker == worker
    worker.refresh_from_db()
    other = RoleGrant.objects.get(user=worker, office=elsewhere.office)
    people_actions.end_grant(grant=other, by=system, seen=worker.ledger_seq)
    assert fresh(kept).allocated_worker == elsewhere.manager
    assert HandedOn.objects.count() == 2


def test_a_failure_on_the_way_leaves_everything_as_it_was(desk, system, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("postroom.cases.actions.handing_on._tell", fail)
    worker = User.objects.get(pk=desk.worker.pk)
    with pytest.raises(RuntimeError):
        people_actions.deactivate_person(person=worker, by=system, seen=worker.ledger_seq, reason="Left.")
    worker.refresh_from_db()
    assert worker.is_active
    assert fresh(desk.case).allocated_worker == worker
    assert not HandedOn.objects.exists()


def test_the_database_keeps_the_list(desk):
    world.letter_in(desk, State.TYPED)
    allocate(case=desk.case, worker=desk.other_worker, by=desk.manager, seen=Seen.of(desk.case))
    for rows, change in ((HandedOn.objects, {"to_worker": desk.worker}), (HandedOnItem.objects, {"words": "Gone"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.all()._raw_delete("default")


def test_twice_in_a_row_with_an_old_page_is_refused(desk, elsewhere):
    seen = Seen.of(desk.case)
    move(case=desk.case, office=elsewhere.office, by=desk.manager, seen=seen, reason="They moved.")
    with pytest.raises(StepError):
        move(case=desk.case, office=elsewhere.office, by=desk.manager, seen=seen, reason="They moved.")
    with pytest.raises(Stale):
        allocate(case=desk.case, worker=elsewhere.worker, by=elsewhere.manager, seen=seen)
    assert HandedOn.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.policy("OGP-3a", "CLS-1")
@pytest.mark.parametrize("rounds", [6, pytest.param(60, marks=pytest.mark.soak)])
def test_a_move_while_steps_are_taken_leaves_no_letter_behind(rounds):
    """Checked, handed over and moved at once: no letter stays at the old office, no old worker's check stands unsigned.

    Whoever came second is told, or their step came first and went along.
    """
    one, two = (world.Desk(world.make_office(code, name)) for code, name in (("riv", "Riverside"), ("hil", "Hillview")))
    for number in range(rounds):
        here, there = (one, two) if number % 2 == 0 else (two, one)
        here.case = world.make_case(here.office, here.worker)
        here.parent = here.case.people.get(relationship="parent")
        here.address = here.parent.addresses.get()
        letters = [world.letter_in(here, State.TYPED) for _ in range(2)]
        results = at_once(partial(_move_or_step, here, there, fresh(here.case), letters), 4)
        assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, StepError)], results
        rows = Letter.objects.filter(case=here.case)
        assert set(rows.values_list("office_id", flat=True)) == {there.office.pk}
        assert not rows.filter(state=State.WORKER_CHECKED).exists()
    connection.close()


def _move_or_step(here: world.Desk, there: world.Desk, case: Case, letters: list[Letter], n: int) -> object:
    """The move, the checks of two letters, a draft handed over: by number."""
    if n == 0:
        seen = Seen.of(case)
        return move(
            case=case, office=there.office, worker=there.worker, by=here.manager, seen=seen, reason="They moved."
        )
    if n == 3:
        return world.hand_over(here)
    letter = letters[n - 1]
    return actions.check(
        letter=letter, by=here.worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True
    )
