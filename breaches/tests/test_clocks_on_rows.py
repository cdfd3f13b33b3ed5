"""The clocks on real breaches: late awareness, weekends, bank holidays, the changes of the clocks, a scheduler that was
down for two days. However it is woken, what people are told of is what the hand count says: none lost, none doubled."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
import time_machine
from django.utils import timezone

from breaches import actions, reminders, tasks
from breaches.duties import Duty, Kind
from breaches.models import Breach, Reminder, ReportDraft
from breaches.presenters import clock_of
from breaches.selectors import duties_of
from breaches.tests.scene import Scene
from breaches.work_lists import lists_for
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
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


def mails(what: str) -> set[str]:
    """The e-mails that are owed of what begins so, each by its key."""
    return set(Job.objects.filter(kind="notice", key__contains=f":{what}").values_list("key", flat=True))


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
            ("mark/24/20260721T090000Z", "21 09"),
            ("mark/48/20260722T090000Z", "22 09"),
            ("mark/66/20260723T030000Z", "23 03"),
        ]
        assert Reminder.objects.filter(what__startswith="overdue/commissioner/").count() == 1
    # Then it turns out that nobody knew before 23 July: the hours run anew, and each new time is told, once.
    with time_machine.travel(utc("2026-07-23 11:00"), tick=False):
        breach = actions.change_aware(
            breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=utc("2026-07-23 08:00"), reason="Misread."
        )
        assert due(breach)["commissioner"] == "2026-07-26 09:00"
    before = Job.objects.count()
    told = {}
    for moment in ("07-24 07:59", "07-24 08:00", "07-25 08:00", "07-26 01:59", "07-26 02:00", "07-26 08:00"):
        with time_machine.travel(utc(f"2026-{moment}"), tick=False):
            sent = mails("mark/"), mails("overdue/commissioner/")
            reminders.remind_all()
            assert reminders.remind_all() == 0
            told[moment] = len(mails("mark/") - sent[0]), len(mails("overdue/commissioner/") - sent[1])
    # Governance and both deciders at each mark; governance of the duty that is overdue.
    assert told == {
        "07-24 07:59": (0, 0), "07-24 08:00": (3, 0), "07-25 08:00": (3, 0),
        "07-26 01:59": (0, 0), "07-26 02:00": (3, 0), "07-26 08:00": (0, 1),
    }  # fmt: skip
    assert Job.objects.count() > before
    assert "mark/66/20260726T020000Z" in Reminder.objects.values_list("what", flat=True)


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
    assert {what.rpartition("/")[0] for what in told} - {"overdue/insurers"} == wanted
    jobs = [job.key for job in Job.objects.filter(kind="notice")]
    assert len(jobs) == len(set(jobs))
    for what in told:  # each e-mail is owed once to each person
        people = [job.payload["user"] for job in Job.objects.filter(key__contains=f":{what}:")]
        assert people
        assert len(people) == len(set(people))


@pytest.mark.policy("CLS-15")
def test_what_was_told_before_the_moment_stood_in_the_row_is_not_told_again(scene: Scene):
    breach = reported_at(scene, "2026-07-20 09:00")
    with time_machine.travel(utc("2026-07-21 10:00"), tick=False):
        Reminder.objects.create(breach=breach, what="mark/24", owed_since=utc("2026-07-21 09:00"))
        for row in breach.duties.filter(due_at__lte=timezone.now()):
            assert row.due_at is not None
            Reminder.objects.create(breach=breach, what=f"overdue/{row.duty}", owed_since=row.due_at)
        assert reminders.remind_all() == 0
        aware = utc("2026-07-20 08:00")
        actions.change_aware(breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=aware, reason="Misread.")
        reminders.remind_all()
        assert len(mails("mark/24/20260721T080000Z:")) == 3


def test_the_longest_of_what_is_told_fits_its_row():
    most = max(len(f"overdue/{duty}/20260721T080000Z") for duty in Duty)
    assert most <= (Reminder._meta.get_field("what").max_length or 0)


@pytest.mark.policy("CLS-14")
def test_a_meeting_told_as_overdue_and_put_off_is_told_again_when_the_deferral_ends(scene: Scene):
    breach = reported_at(scene, "2026-07-20 09:00")
    late = breach.duties.get(duty="service_user_meeting").due_at
    assert late is not None
    with time_machine.travel(late, tick=False):
        reminders.remind_all()
        first = mails("overdue/service_user_meeting/")
        assert first
        until = timezone.localdate() + dt.timedelta(days=5)
        common = {"by": scene.ig, "kind": "danger", "reason": "He is violent.", "until": until}
        breach = actions.ask_exception(breach=breach, seen=Seen.of(breach), **common)
        breach = actions.approve_deferral(breach=breach, by=scene.cg, seen=Seen.of(breach), agreed=True, reason="Yes.")
    ends = breach.duties.get(duty="service_user_meeting").due_at
    assert ends is not None
    assert ends > late
    with time_machine.travel(ends - dt.timedelta(minutes=1), tick=False):
        reminders.remind_all()
        assert mails("overdue/service_user_meeting/") == first
    with time_machine.travel(ends, tick=False):
        reminders.remind_all()
        both = mails("overdue/service_user_meeting/")
        assert len(both) == 2 * len(first)
        assert reminders.remind_all() == 0


@pytest.mark.policy("CLS-15")
def test_with_nobody_there_to_tell_it_is_told_once_somebody_is(scene: Scene):
    reported_at(scene, "2026-07-20 09:00")
    grants = RoleGrant.objects.filter(user__in=(scene.ig, scene.ad, scene.cg))
    grants.update(ends=dt.date(2026, 7, 20))
    with time_machine.travel(utc("2026-07-21 10:00"), tick=False):
        reminders.remind_all()
        assert not Reminder.objects.filter(what__startswith="mark/").exists()
        assert not Reminder.objects.filter(what__startswith="overdue/governance").exists()
        grants.filter(user=scene.ig).update(ends=None)
        reminders.remind_all()
        assert reminders.remind_all() == 0
    assert {key.rpartition(":")[2] for key in mails("mark/24/")} == {str(scene.ig.pk)}
    assert len(mails("overdue/governance/")) == 1


@pytest.mark.policy("CLS-15")
def test_a_breach_that_fails_stops_no_other_and_is_seen(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    bad, good = (reported_at(scene, "2026-07-20 09:00") for _ in range(2))
    draft = ReportDraft.objects.create(by=scene.ig, saved_at=utc("2026-01-01 09:00"))
    real = reminders.open_letters

    def spoilt(breach: Breach) -> None:
        real(breach)
        if breach.pk == bad.pk:
            raise ValueError(breach.what)

    monkeypatch.setattr(reminders, "open_letters", spoilt)
    with time_machine.travel(utc("2026-07-21 10:00"), tick=False), pytest.raises(reminders.RemindersFailed) as caught:
        tasks.remind.run()
    assert bad.what not in str(caught.value)
    assert not Reminder.objects.filter(breach=bad).exists()
    assert Reminder.objects.filter(breach=good, what__startswith="mark/24/").count() == 1
    assert not ReportDraft.objects.filter(pk=draft.pk).exists()  # the rest of the beat is done all the same
    monkeypatch.undo()
    with time_machine.travel(utc("2026-07-21 10:05"), tick=False):
        assert tasks.remind.run() > 0
    assert Reminder.objects.filter(breach=bad, what__startswith="mark/24/").count() == 1


@pytest.mark.policy("CLS-15")
def test_after_more_is_found_the_clock_runs_again_until_both_decide_anew(scene: Scene):
    def words() -> str:
        clock = clock_of(breach, duties_of(breach))
        assert clock is not None
        return clock.words

    def to_report() -> list[tuple[str, bool]]:
        rows = {one.slug: one for one in lists_for(scene.ig, authority_of(scene.ig))}["breach-duties"].rows
        return [(row.href, row.overdue) for row in rows if row.title == title]

    breach = reported_at(scene, "2026-07-20 09:00")
    row = breach.duties.get(duty="commissioner")
    title = row.row.words.rstrip(".")
    with time_machine.travel(utc("2026-07-20 12:00"), tick=False):
        breach = scene.settled(scene.decided(breach))
        assert "decided not to" in words()
        assert to_report() == []
        aware = utc("2026-07-20 08:00")  # put right while it is set aside: its time is the true one all the same
        breach = actions.change_aware(
            breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=aware, reason="Misread."
        )
    with time_machine.travel(utc("2026-07-21 12:00"), tick=False):
        reminders.remind_all()
        assert not mails("mark/")
        breach = actions.find_more(
            breach=breach, by=scene.ig, seen=Seen.of(breach), kinds=[Kind.LOSS], reason="A second page."
        )
        assert words().startswith("To be reported to the")
        assert "within 44 hours" in words()
        assert to_report() == [(f"/breaches/{breach.reference}/notify/", False)]
        reminders.remind_all()
        assert len(mails("mark/24/20260721T080000Z:")) == len(mails("mark/")) == 3
    with time_machine.travel(utc("2026-07-23 08:00"), tick=False):
        reminders.remind_all()
        assert len(mails("mark/")) == 9
        assert len(mails("overdue/commissioner/")) == 1
        assert "is over" in words()
        assert to_report() == [(f"/breaches/{breach.reference}/notify/", True)]
        breach = scene.decided(breach, commissioner=True)
        assert "Report it now" in words()
        assert len(to_report()) == 1
        breach = scene.referred(breach, late_reason="It was found out late.")
        assert words().endswith("phase 1.")
        assert to_report() == []


@pytest.mark.policy("CLS-15")
def test_a_second_no_of_both_stops_the_clock_again(scene: Scene):
    breach = reported_at(scene, "2026-07-20 09:00")
    with time_machine.travel(utc("2026-07-20 12:00"), tick=False):
        breach = scene.decided(breach)
        breach = actions.find_more(
            breach=breach, by=scene.ig, seen=Seen.of(breach), kinds=[Kind.LOSS], reason="A second page."
        )
        breach = scene.decided(breach)
        clock = clock_of(breach, duties_of(breach))
        assert clock is not None
        assert "decided not to" in clock.words
    with time_machine.travel(utc("2026-07-24 12:00"), tick=False):
        reminders.remind_all()
    assert not mails("mark/")
    assert not mails("overdue/commissioner/")
