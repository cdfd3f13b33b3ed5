"""Whose turn it is: the e-mail of each state, the number at the head of each page, letters whose day is in danger."""

from __future__ import annotations

import datetime as dt
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from letters import actions, work_lists
from letters.actions import danger
from letters.actions.labels import label_lines
from letters.models import Letter, OfficePost
from letters.states import State
from letters.tests.desk_help import desk, elsewhere, signed_in
from postroom import work
from postroom.cases.models import CaseAccess
from postroom.outbox import summary
from postroom.outbox.choices import choose
from postroom.outbox.models import HeldNotice, Job, When
from postroom.people.authority import authority_of
from postroom.people.models import DutySlot, Office, OfficeChange, User
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db


def told(user: User) -> list[str]:
    """The notices owed to this person at once, in order."""
    jobs = Job.objects.filter(kind="notice", payload__user=user.pk).order_by("created_at")
    return [job.payload["notice"] for job in jobs]


@pytest.mark.policy("OGP-1", "OGP-2")
def test_each_state_tells_whose_turn_it_is_and_nobody_else(desk):
    """By hand: the desk's turns reach those of its admin who asked for each at once; never who did it."""
    choose(user=desk.other_admin, when=When.AT_ONCE)
    world.letter_in(desk, State.ENVELOPED, way="by_hand")
    assert told(desk.other_admin) == ["letter_to_type", "letter_to_print", "letter_to_envelope"]
    assert told(desk.worker) == ["letter_typed", "letter_to_carry"]
    assert told(desk.admin) == told(desk.manager) == told(desk.duty) == []
    OfficePost.objects.update(signature_medium="screen")
    Job.objects.all().delete()
    desk.office.refresh_from_db()
    world.letter_in(desk, State.SIGNED)
    assert told(desk.other_admin) == ["letter_to_type", "letter_to_envelope"], "there is nothing to print for signing"


def test_admin_who_may_not_know_of_the_case_hears_nothing(desk):
    choose(user=desk.other_admin, when=When.AT_ONCE)
    CaseAccess.objects.create(case=desk.case, user=desk.other_admin, kind="barred", set_by=desk.manager)
    world.letter_in(desk, State.SIGNED)
    assert told(desk.other_admin) == []


def test_a_held_notice_is_told_while_it_holds(desk, elsewhere):
    choose(user=desk.worker, when=When.MORNING)
    letter, done = world.letter_in(desk, State.TYPED), world.letter_in(desk, State.WORKER_CHECKED)
    held = list(HeldNotice.objects.filter(user=desk.worker))
    assert {row.subject for row in held} == {f"letter/{letter.reference}", f"letter/{done.reference}"}
    text = summary.text_of(desk.worker, held)
    assert letter.reference in text
    assert done.reference not in text, "it was checked since"
    CaseAccess.objects.create(case=desk.case, user=desk.worker, kind="barred", set_by=desk.manager)
    assert letter.reference not in summary.text_of(desk.worker, held)


def test_the_summary_has_no_personal_data(desk):
    world.letter_in(desk, State.TYPED)
    for state in (State.DRAFTED, State.SIGNED, State.POSTED):
        world.letter_in(desk, state)
    for user in (desk.worker, desk.admin, desk.duty):
        text = summary.text_of(user, [])
        assert text.startswith("What waits for you now:")
        for personal in (desk.parent.name, desk.worker.name, "Sample Road", "Our meeting", "Example"):
            assert personal not in text.replace("https://", "")


@pytest.mark.parametrize("who", ["admin", "worker", "duty", "manager", "deputy", "ap", "other_worker"])
def test_the_number_at_the_head_is_that_of_my_work(desk, who):
    """What every page says is the sum of the lists on My work, whoever asks."""
    for state in (State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED, State.POSTED):
        world.letter_in(desk, state)
    letter = world.letter_in(desk, State.TYPED)
    actions.ask(letter=letter, by=desk.admin, text="Which school?")
    Letter.objects.filter(pk=letter.pk).update(late_at=timezone.now() - dt.timedelta(days=9))
    user = getattr(desk, who)
    authority = authority_of(user)
    lists = work_lists.lines(user, authority) + [
        (found.title, found.count) for found in work.lists_for(user, authority) if found.is_work
    ]
    wanted = sum(count for _, count in lists)
    assert work.count_waiting(user, authority) == wanted
    client = signed_in(user)
    cache.clear()
    for page in ("/", "/account/"):
        shown = client.get(page).content.decode()
        if wanted:
            assert f">{wanted} waiting<" in shown
        else:
            assert " waiting<" not in shown


@pytest.mark.parametrize("who", ["admin", "worker", "manager"])
def test_the_number_costs_one_query_however_much_waits(desk, who):
    user = getattr(desk, who)
    authority = authority_of(user)
    for _ in range(2):
        world.letter_in(desk, State.TYPED)
        world.letter_in(desk, State.SIGNED)
        with CaptureQueriesContext(connection) as captured:
            work.count_waiting(user, authority)
        assert len(captured) == 1


def test_somebody_without_a_role_pays_for_what_anyone_may_have_alone(db):
    nobody = world.make_user("Nora Nobody")
    with CaptureQueriesContext(connection) as captured:
        assert work.count_waiting(nobody, authority_of(nobody)) == 0
    assert len(captured) <= 4


# --- a day in danger -----------------------------------------------------------------------------


def working_time(hour: int = 10) -> dt.datetime:
    """A working day's hour on which this desk's people hold their roles: today, or the next working day."""
    from postroom.working_days import is_working_day

    day = timezone.localdate()
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def due(letter: Letter, kind: str, on: dt.date) -> None:
    Letter.objects.filter(pk=letter.pk).update(due_kind=kind, due_on=on, due_why="Court")


def on_duty(desk: world.Desk, now: dt.datetime) -> None:
    DutySlot.objects.all().delete()
    world.put_on_duty(desk.duty, desk.office, desk.manager, now)


def people_told(now: dt.datetime) -> dict[str, set[int]]:
    Job.objects.all().delete()
    danger.warn(now)
    found: dict[str, set[int]] = {}
    for job in Job.objects.filter(kind="notice", payload__notice="letter_in_danger"):
        found.setdefault(job.subject.partition("/")[2], set()).add(job.payload["user"])
    return found


@pytest.mark.policy("OGP-1", "OGP-3b")
def test_duty_is_told_once_a_half_day_of_what_its_worker_leaves_lying(desk, elsewhere):
    now = working_time()
    on_duty(desk, now)
    today = timezone.localdate(now)
    waiting = [world.letter_in(desk, state) for state in (State.TYPED, State.WORKER_CHECKED)]
    others = [world.letter_in(desk, state) for state in (State.DRAFTED, State.SIGNED, State.ENVELOPED)]
    for letter in (*waiting, *others):
        due(letter, "post_by", today)
    far = world.letter_in(desk, State.TYPED)
    due(far, "post_by", today + dt.timedelta(days=20))
    assert people_told(now) == {letter.reference: {desk.duty.pk} for letter in waiting}
    assert danger.warn(now) == 2, "asked again, they are the same e-mails"
    assert Job.objects.count() == 2
    world.put_on_duty(desk.duty, desk.office, desk.manager, now + dt.timedelta(hours=4))
    assert danger.warn(now + dt.timedelta(hours=4)) == 2, "the afternoon's duty hears of it too"
    assert Job.objects.count() == 4
    payloads = str(list(Job.objects.values_list("payload", "key")))
    assert desk.parent.name not in payloads


@pytest.mark.policy("OGP-3b")
def test_managers_are_told_where_nobody_is_on_duty(desk):
    now = working_time()
    DutySlot.objects.all().delete()
    letter = world.letter_in(desk, State.TYPED)
    due(letter, "arrive_by", timezone.localdate(now))
    assert people_told(now) == {letter.reference: {desk.manager.pk, desk.deputy.pk}}
    CaseAccess.objects.create(case=desk.case, user=desk.manager, kind="barred", set_by=desk.deputy)
    assert people_told(now) == {letter.reference: {desk.deputy.pk}}


def test_the_worker_on_duty_is_not_told_of_their_own(desk):
    now = working_time()
    on_duty(desk, now)
    DutySlot.objects.update(user=desk.worker)
    letter = world.letter_in(desk, State.TYPED)
    due(letter, "post_by", timezone.localdate(now))
    assert people_told(now) == {letter.reference: {desk.manager.pk, desk.deputy.pk}}


def test_the_offices_own_collection_decides(desk):
    """Due the next working day: in danger once today's collection has gone, as tomorrow's is the last."""
    morning, late = working_time(10), working_time(17)
    on_duty(desk, morning)
    letter = world.letter_in(desk, State.TYPED)
    tomorrow = danger.first_posting_day(morning, dt.time(0, 1))
    due(letter, "post_by", tomorrow)
    OfficePost.objects.update(collection=dt.time(16))
    assert people_told(morning) == {}
    assert set(people_told(late)) == {letter.reference}
    OfficePost.objects.update(collection=dt.time(18))
    assert people_told(late) == {}


def test_not_at_night_nor_on_a_day_off(desk):
    letter = world.letter_in(desk, State.TYPED)
    due(letter, "post_by", timezone.localdate())
    assert people_told(working_time(6)) == people_told(working_time(20)) == {}
    with mock.patch.object(danger, "is_working_day", return_value=False):
        assert people_told(working_time()) == {}


def test_the_look_takes_the_same_reads_for_letters_not_in_danger(desk):
    now = working_time()
    counts = []
    for _ in range(2):
        for _ in range(3):
            due(world.letter_in(desk, State.TYPED), "post_by", timezone.localdate(now) + dt.timedelta(days=15))
        with CaptureQueriesContext(connection) as captured:
            assert danger.in_danger(now) == []
        counts.append(len(captured))
    assert counts == [1, 1]


# --- an office's details in force when printed ---------------------------------------------------


@pytest.mark.policy("OGP-5", "OGP-2")
@pytest.mark.parametrize("state", [State.TYPED, State.WORKER_CHECKED])
def test_a_letter_typed_with_old_details_is_not_printed_but_typed_again(desk, state):
    letter = world.letter_in(desk, state)
    Office.objects.filter(pk=desk.office.pk).update(phone="01632 960999")
    with pytest.raises(GuardFailed) as caught:
        actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    assert caught.value.guard == "letterhead_in_force"
    again = actions.type_letter(
        letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed(), reason="The office's new number."
    )
    assert again.state == State.TYPED
    assert again.typed_version.as_content["letterhead"]["phone"] == "01632 960999"
    assert actions.print_letter(letter=again, by=desk.admin, seen=Seen.of(again)).state == State.TYPED


@pytest.mark.policy("OGP-5")
def test_from_their_day_on_letters_and_labels_bear_the_planned_details(desk):
    """Nobody has put them on the office's row yet: midnight is enough. What is signed on paper goes on."""
    signed = world.letter_in(desk, State.SIGNED)
    address = "New House\n2 Invented Way\nNM1 2BB"
    OfficeChange.objects.create(
        office=desk.office, starts=timezone.localdate(), address=address, phone="01632 960999", made_by=desk.manager
    )
    typed = world.letter_in(desk, State.TYPED)
    assert typed.typed_version.as_content["letterhead"]["address_lines"] == address.splitlines()
    assert label_lines(desk.office)[1:] == address.splitlines()
    assert world.put_in_envelope(desk, world.sheets_in_hand(desk, signed)).state == State.ENVELOPED
