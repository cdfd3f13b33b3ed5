"""The next spot check by office: what My work lists is what the number at the head counts (OGP-10)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from audit import selectors, work
from audit.actions import spotchecks as actions
from audit.actions.spotchecks import fix_frame
from audit.spotchecks.checklist import Stage
from audit.spotchecks.frames import Wanted
from audit.tests.help import Scene, leave, seeded_and_seen
from letters.models import Letter
from letters.states import State
from postroom.people.authority import authority_of
from postroom.people.models import Office, User
from postroom.steps.engine import Seen
from postroom.work import count_waiting
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-10"), pytest.mark.django_db]


def due_of(user: User) -> set[int]:
    """The offices due, the two ways of asking agreeing; and head and lists agree on how much there is."""
    by_day = {
        due.office.pk
        for due in selectors.next_checks(selectors.active_offices())
        if due.due_on <= timezone.localdate() and not due.running
    }
    assert set(selectors.offices_due().values_list("pk", flat=True)) == by_day
    authority = authority_of(user)
    lists = [found for found in work.lists_for(user, authority) if found.is_work]
    counted = sum(rows.count() for rows in work.waiting(user, authority))
    assert counted == sum(found.count for found in lists)
    assert count_waiting(user, authority) == counted
    return by_day


def noon(days: int) -> dt.datetime:
    """Noon so many days ago: the hour by which clocks change moves no day."""
    return timezone.make_aware(dt.datetime.combine(timezone.localdate() - dt.timedelta(days=days), dt.time(12)))


def old_office(code: str, name: str, days: int = 40) -> Office:
    """An office that is there since so many days."""
    with time_machine.travel(noon(days), tick=True):
        return world.make_office(code, name)


def test_an_office_that_was_never_checked_is_due_after_its_first_weeks_and_then_overdue(settings):
    settings.SPOT_CHECK_EVERY_DAYS = 31
    scene = Scene(letters=1)
    today = timezone.localdate()
    ages = {old_office(f"o{days}", f"Office {days}", days).pk: days for days in (30, 31, 32)}
    found = {due.office.pk: due for due in selectors.next_checks(selectors.active_offices())}
    for office, days in ages.items():
        assert found[office].due_on == today + dt.timedelta(days=31 - days)
        assert found[office].overdue == (days > 31)
    new = scene.desk.office
    assert found[new.pk].due_on == today + dt.timedelta(days=31)
    assert due_of(scene.dam) == {office for office, days in ages.items() if days >= 31}
    # Without a history of its own: since its first letter.
    Office.history.filter(id=new.pk).delete()
    Letter.objects.filter(office=new).update(created_at=noon(33))
    (due,) = selectors.next_checks([new])
    assert (due.due_on, due.overdue) == (today - dt.timedelta(days=2), True)
    assert new.pk in due_of(scene.dam)


def test_due_offices_are_counted_at_the_head(settings):
    scene = Scene(letters=2)
    riverside = scene.desk.office
    hill, closed = old_office("hil", "Hillside"), old_office("old", "Oldgate")
    Office.objects.filter(pk=closed.pk).update(is_active=False)
    assert due_of(scene.dam) == {hill.pk}
    settings.SPOT_CHECK_EVERY_DAYS = 0
    assert due_of(scene.dam) == {riverside.pk, hill.pk}
    assert count_waiting(scene.dam, authority_of(scene.dam)) == 2
    deputy = authority_of(scene.stand_in)
    assert selectors.offices_due().count() in [rows.count() for rows in work.waiting(scene.stand_in, deputy)]
    manager = authority_of(scene.desk.manager)
    assert [rows.count() for rows in work.waiting(scene.desk.manager, manager)] == [0, 0]
    running = scene.checking(2)
    assert due_of(scene.dam) == {hill.pk}
    for item in running.items.all():
        scene.give_in(item)
    running.refresh_from_db()
    actions.finish(check=running, by=scene.dam, seen=Seen.of(running))
    # Done today: due again after so many days, counted from today.
    for days, due in ((31, {hill.pk}), (1, {hill.pk}), (0, {riverside.pk, hill.pk})):
        settings.SPOT_CHECK_EVERY_DAYS = days
        assert due_of(scene.dam) == due, days


def test_a_check_of_all_offices_counts_for_those_of_which_something_was_drawn(settings):
    """Of two offices with post one has an item drawn; the other stays due (Hillside, which has no post, too)."""
    settings.SPOT_CHECK_EVERY_DAYS = 0
    scene = Scene(letters=1)
    hill = old_office("hil", "Hillside")
    other = world.Desk(world.make_office("oak", "Oakfield"))
    world.letter_in(other, State.POSTED)
    today = timezone.localdate()
    check = fix_frame(by=scene.dam, wanted=Wanted(None, Stage.POSTED, today, today), sample=1)
    assert due_of(scene.dam) == set()
    leave()
    check = seeded_and_seen(check, scene.dam, scene.desk.manager)
    check = actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    item = check.items.get()
    left = {scene.desk.office.pk, other.office.pk, hill.pk} - {item.letter.office_id}
    assert due_of(scene.dam) == left
    check = actions.begin(check=check, by=scene.dam, seen=Seen.of(check))
    scene.give_in(item)
    check.refresh_from_db()
    actions.finish(check=check, by=scene.dam, seen=Seen.of(check))
    settings.SPOT_CHECK_EVERY_DAYS = 31
    found = {due.office.pk: due for due in selectors.next_checks(selectors.active_offices())}
    assert [pk for pk, due in found.items() if due.last is not None] == [item.letter.office_id]
    assert due_of(scene.dam) == {hill.pk}


def test_a_check_that_was_left_lying_takes_no_office_off_the_list(settings):
    settings.SPOT_CHECK_EVERY_DAYS, settings.SPOT_CHECK_STALE_DAYS = 0, 14
    scene = Scene(letters=1)
    today = timezone.localdate()
    for days, due in ((13, set()), (15, {scene.desk.office.pk})):
        for wanted in (scene.wanted(), Wanted(None, Stage.POSTED, today, today)):
            with transaction.atomic():
                fix_frame(by=scene.dam, wanted=wanted, sample=1)
                with time_machine.travel(timezone.now() + dt.timedelta(days=days), tick=True):
                    assert due_of(scene.dam) == due
                transaction.set_rollback(True)


def test_a_check_of_all_offices_takes_each_off_until_it_is_drawn(settings):
    scene = Scene(letters=2)
    settings.SPOT_CHECK_EVERY_DAYS = 0
    hill = world.make_office("hil", "Hillside")
    today = timezone.localdate()
    check = fix_frame(by=scene.dam, wanted=Wanted(None, Stage.POSTED, today, today), sample=1)
    assert due_of(scene.dam) == set()
    actions.abandon(check=check, by=scene.dam, seen=Seen.of(check), reason="The list was too long.")
    assert due_of(scene.dam) == {scene.desk.office.pk, hill.pk}
