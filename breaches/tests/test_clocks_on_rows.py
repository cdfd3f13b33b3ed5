"""The clocks on real breaches: late awareness, weekends, bank holidays, the changes of the clocks, a scheduler that was
down for two days. However it is woken, what people are told of is what the hand count says: none lost, none doubled."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from random import Random

import pytest
import time_machine
from django.utils import timezone

from breaches import actions, reminders
from breaches.duties import Duty, Kind
from breaches.models import Breach, Reminder
from breaches.tests.scene import Scene
from postroom.outbox.models import Job
from postroom.people.models import RoleGrant
from postroom.steps.engine import Seen

pytestmark = pytest.mark.django_db


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    RoleGrant.objects.update(starts=dt.date(2020, 1, 1))
    return made


def reported_at(scene: Scene, moment: str, *kinds: Kind, aware: str = "") -> Breach:
    """Reported at `moment` (UTC), somebody having been aware then, or at `aware`."""
    with time_machine.travel(utc(moment), tick=False):
        known = utc(aware or moment)
        return scene.reported(*kinds, aware_at=known, discovered_at=known, occurred_at=None)


def due(breach: Breach) -> dict[str, str]:
    """Duty -> when it is overdue, in local time."""
    return {row.duty: f"{timezone.localtime(row.due_at):%Y-%m-%d %H:%M}" for row in breach.duties.all() if row.due_at}


# When somebody was aware (UTC) -> local: Governance 24 h, Commissioner 72 h, insurers 2 working days, report 10.
BY_HAND = {
    # Friday afternoon in July: hours run over the weekend, working days don't.
    "2026-07-24 15:00": ("2026-07-25 16:00", "2026-07-27 16:00", "2026-07-29 00:00", "2026-08-08 00:00"),
    # Christmas Eve, a Thursday: Friday, Monday (in place of Boxing Day) and New Year's Day are bank holidays.
    "2026-12-24 09:00": ("2026-12-25 09:00", "2026-12-27 09:00", "2026-12-31 00:00", "2027-01-13 00:00"),
    # Maundy Thursday: Good Friday and Easter Monday.
    "2026-04-02 08:00": ("2026-04-03 09:00", "2026-04-05 09:00", "2026-04-09 00:00", "2026-04-21 00:00"),
    # The clocks go forward on 28 March 2027 (Easter Sunday), back on 25 October 2026.
    "2027-03-26 12:00": ("2027-03-27 12:00", "2027-03-29 13:00", "2027-04-01 00:00", "2027-04-13 00:00"),
    "2026-10-23 11:00": ("2026-10-24 12:00", "2026-10-26 11:00", "2026-10-28 00:00", "2026-11-07 00:00"),
}


@pytest.mark.policy("CLS-10", "CLS-11", "CLS-12", "CLS-15")
@pytest.mark.parametrize("aware", BY_HAND)
def test_by_when_each_duty_is_due_counted_by_hand(scene: Scene, aware: str):
    breach = reported_at(scene, aware)
    found = due(breach)
    names = ("governance", "commissioner", "insurers", "records_manager_report")
    assert tuple(found[name] for name in names) == BY_HAND[aware]


@pytest.mark.policy("CLS-15")
def test_known_late_all_marks_are_told_at_once_each_once_and_a_late_report_says_why(scene: Scene):
    breach = reported_at(scene, "2026-07-23 10:00", aware="2026-07-20 09:00")  # somebody knew 73 hours before
    with time_machine.travel(utc("2026-07-23 10:05"), tick=False):
        reminders.remind_all()
        assert reminders.remind_all() == 0
        marks = Reminder.objects.filter(what__startswith="mark/").order_by("owed_since")
        assert [(one.what, f"{one.owed_since:%d %H}") for one in marks] == [
            ("mark/24", "21 09"), ("mark/48", "22 09"), ("mark/66", "23 03"),
        ]  # fmt: skip
        assert Reminder.objects.filter(what="overdue/commissioner").count() == 1
    # Then it turns out that nobody knew before 23 July: the hours run anew, what was told stays told.
    with time_machine.travel(utc("2026-07-23 11:00"), tick=False):
        breach = actions.change_aware(
            breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=utc("2026-07-23 08:00"), reason="Misread."
        )
        assert due(breach)["commissioner"] == "2026-07-26 09:00"
    with time_machine.travel(utc("2026-07-27 09:00"), tick=False):
        reminders.remind_all()
        assert Counter(Reminder.objects.values_list("what", flat=True)).most_common(1)[0][1] == 1


@pytest.mark.policy("CLS-7", "CLS-9", "CLS-15")
@pytest.mark.parametrize("seed", range(3))
def test_woken_whenever_also_not_for_two_days_nothing_is_lost_and_nothing_doubled(scene: Scene, seed: int):
    """Over the autumn change of the clocks: beats at random, one gap of two days; told = what the hand count says."""
    rng, start = Random(seed), utc("2026-10-23 11:00")
    breach = reported_at(scene, "2026-10-23 11:00", Kind.THEFT)
    down = rng.uniform(1, 30)
    beats = sorted(rng.uniform(0, 120) for _ in range(40))
    beats = [hours for hours in beats if not down <= hours < down + 48] + [120.0]
    done_after = rng.uniform(20, 60)  # governance is told some time in between, whether or not anybody looks
    for hours in beats:
        with time_machine.travel(start + dt.timedelta(hours=hours), tick=False):
            fresh = Breach.objects.get(pk=breach.pk)
            if hours > done_after and fresh.duties.filter(duty="insurers", status="open").exists():
                scene.done(fresh, Duty.INSURERS)
            reminders.remind_all()
            if rng.random() < 0.3:
                reminders.remind_all()
    told = list(Reminder.objects.values_list("what", flat=True))
    assert len(told) == len(set(told))
    # Five days on: everything but what waits for the meeting (the letter) and the report of ten working days.
    wanted = {"mark/24", "mark/48", "mark/66"} | {
        f"overdue/{duty}" for duty in breach.duties.values_list("duty", flat=True)
    } - {"overdue/service_user_letter", "overdue/records_manager_report", "overdue/insurers"}
    assert set(told) - {"overdue/insurers"} == wanted
    jobs = [job.key for job in Job.objects.filter(kind="notice")]
    assert len(jobs) == len(set(jobs))
    for what in told:  # each e-mail is owed once to each person
        people = [job.payload["user"] for job in Job.objects.filter(key__contains=f":{what}:")]
        assert people
        assert len(people) == len(set(people))
