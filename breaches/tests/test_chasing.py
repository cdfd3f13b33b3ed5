"""What is promised to the Commissioner or asked of somebody is owed, shown and asked for again until it is there."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from breaches import actions, reminders
from breaches.actions.common import hands_on
from breaches.chasing import chases, unheld
from breaches.duties import Kind
from breaches.models import Breach, Notification, Referral, Reminder
from breaches.reports.register import HEAD, rows_of
from breaches.tests.scene import Scene
from breaches.tests.test_reports import text_of
from breaches.work_lists import lists_for, waiting
from letters.states import State
from postroom.files.store import read
from postroom.ledger.models import Reading
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.people.models import Deputy
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, ReasonNeeded
from tests.support import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene()


def told(notice: str) -> set[int]:
    """Whom an e-mail of this kind is owed to."""
    return {job.payload["user"] for job in Job.objects.filter(kind="notice") if job.payload["notice"] == notice}


def names() -> list[str]:
    return [what.rsplit("/", 1)[0] for what in Reminder.objects.order_by("pk").values_list("what", flat=True)]


@pytest.mark.policy("CLS-15")
def test_a_promised_phase_is_a_duty_until_it_is_sent_or_withdrawn(scene: Scene):
    breach = scene.settled(scene.decided(scene.reported(), commissioner=True))
    breach = scene.caused(breach)
    day = timezone.localdate() + dt.timedelta(days=3)
    breach = scene.referred(breach, more_to_come=True, more_by=day)
    with pytest.raises(GuardFailed, match="phase promised"):
        actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))
    known = Client()
    known.force_login(scene.ig)
    path = reverse("breaches:breach", args=[breach.reference])
    page = known.get(path).content.decode()
    assert "Send phase 3, which was promised" in page
    assert "Duties: 1 to do" in page
    rows = [row for one in lists_for(scene.ig, authority_of(scene.ig)) for row in one.rows]
    assert [row.title for row in rows] == ["Send phase 3, which was promised to the Commissioner"]
    assert sum(found.count() for found in waiting(scene.ig, authority_of(scene.ig))) == 1
    for days, again in ((2, 0), (3, 1), (3, 1), (4, 2), (7, 3)):  # two days that nobody looked are not made up for
        with time_machine.travel(timezone.now() + dt.timedelta(days=days), tick=False):
            reminders.remind_all()
            assert names().count("phase/3") == again
            known.force_login(scene.ig)
            page = known.get(path).content.decode()
            assert ("is overdue." in page) is (days > 3)
    assert told("breach_phase") == {scene.ig.pk}
    with pytest.raises(ReasonNeeded):
        actions.withdraw_phase(breach=breach, by=scene.ig, seen=Seen.of(breach), reason=" ")
    breach = actions.withdraw_phase(breach=breach, by=scene.ig, seen=Seen.of(breach), reason="Nothing more was found.")
    assert "Nothing more was found." in known.get(path).content.decode()
    assert not [one for one in chases(breach) if one.name.startswith("phase")]
    assert actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach)).state == "closed"


@pytest.mark.policy("CLS-15")
def test_each_phase_is_kept_as_it_was_sent_also_against_sql(scene: Scene):
    breach = scene.reported(aware_at=timezone.now() - dt.timedelta(hours=80), occurred_at=None)
    day = timezone.localdate()
    breach = scene.referred(breach, note="What is known.", late_reason="A weekend.", more_to_come=True, more_by=day)
    breach = actions.amend(breach=breach, by=scene.ig, seen=Seen.of(breach), facts={"what": "It was another letter."})
    breach = scene.referred(breach, note="The rest.")
    known = Client()
    known.force_login(scene.ig)
    first, second = (
        known.get(reverse("breach_reports:report", args=[breach.reference, f"commissioner-{n}"])).content
        for n in (1, 2)
    )
    assert Reading.objects.filter(subject=breach.ledger_subject, what="pdf").count() == 2
    kept = [one.notification for one in breach.referrals.all()]
    assert [hashlib.sha256(pdf).hexdigest() for pdf in (first, second)] == [one.file_id for one in kept if one]
    one, two = text_of(first), text_of(second)
    for words in ("went to the neighbours", "What is known.", "A weekend.", "More is to follow"):
        assert words in one, words
    assert "It was another letter." not in one
    assert "It was another letter." in two
    answer = known.get(reverse("breach_reports:report", args=[breach.reference, "commissioner-3"]))
    assert answer.status_code == 404
    sent, made = Referral.objects.filter(phase=1), Notification.objects.filter(phase=1)
    for rows, change in (
        (sent, {"at": timezone.now()}), (sent, {"note": "Other."}), (sent, {"more_to_come": False}),
        (made, {"content": {}}), (made, {"late_reason": ""}), (made, {"file": None}),
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    for rows in (sent, made):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)
    assert read(str(kept[0].file_id if kept[0] else "")) == first


@pytest.mark.policy("CLS-15")
def test_the_pages_ask_for_the_reason_of_the_delay_before_the_pdf_is_made(scene: Scene):
    breach = scene.reported(aware_at=timezone.now() - dt.timedelta(hours=80), occurred_at=None)
    known = Client()
    known.force_login(scene.ig)
    path = reverse("breaches:notify", args=[breach.reference])
    seen = {"seen_version": breach.version, "seen_hash": breach.content_hash}
    page = known.post(path, seen | {"note": "As far as known.", "more_to_come": "on"}).content.decode()
    assert "Give the reason for the delay" in page
    assert "Enter the day by which the next phase is sent" in page
    assert "As far as known." in page
    assert not Notification.objects.exists()
    answer = known.post(path, seen | {"late_reason": "Found over a weekend."})
    assert answer["Location"] == reverse("breaches:refer", args=[breach.reference])
    page = known.get(answer["Location"]).content.decode()
    at = reverse("breach_reports:report", args=[breach.reference, "commissioner-to-send"])
    assert at in page
    assert "Found over a weekend." in text_of(known.get(at).content)
    # Made anew, the one before gives way to it.
    breach = Breach.objects.get()
    breach = actions.make_notification(breach=breach, by=scene.ig, seen=Seen.of(breach), late_reason="Nobody looked.")
    assert [one.late_reason for one in Notification.objects.filter(ended_at=None)] == ["Nobody looked."]


@pytest.mark.policy("CLS-8", "CLS-14", "CLS-15")
def test_advice_the_meeting_and_actions_are_asked_for_again_each_day(scene: Scene):
    breach = scene.assessed(scene.reported())
    breach = scene.asked_once(breach)
    breach = actions.ask_exception(breach=breach, by=scene.ig, seen=Seen.of(breach), kind="refused", reason="No.")
    today = timezone.localdate()
    breach = actions.add_follow_up(
        breach=breach, by=scene.ig, seen=Seen.of(breach), words="Train.", owner=scene.desk.admin, due_on=today
    )
    reminders.remind_all()
    assert not told("breach_waits") | told("breach_action_late")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25), tick=False):
        reminders.remind_all()
        reminders.remind_all()
    assert told("breach_waits") == {scene.ig.pk, scene.dpo.pk, scene.desk.manager.pk, scene.desk.deputy.pk}
    assert told("breach_action_late") == {scene.ig.pk, scene.desk.admin.pk}
    waited = [name.split("/")[0] for name in names()]
    assert [waited.count(name) for name in ("advice", "meeting", "action")] == [1, 1, 1]


@pytest.mark.policy("CLS-8")
def test_an_action_past_its_day_is_asked_for_also_when_the_breach_is_closed(scene: Scene):
    breach = scene.reported(Kind.NEAR_MISS)
    breach = actions.add_follow_up(
        breach=breach, by=scene.ig, seen=Seen.of(breach), words="Train.", owner=scene.desk.admin,
        due_on=timezone.localdate(),
    )  # fmt: skip
    breach = scene.closed(breach)
    with time_machine.travel(timezone.now() + dt.timedelta(days=2), tick=False):
        assert reminders.remind_all() == 1
    assert told("breach_action_late") == {scene.ig.pk, scene.desk.admin.pk}


@pytest.mark.policy("CLS-9", "OGP-12")
def test_an_office_that_nobody_may_fill_falls_to_those_who_can_name_somebody(scene: Scene):
    breach = scene.reported(involved=(scene.cg,))
    assert unheld(breach) == [Role.CALDICOTT_GUARDIAN]
    known = Client()
    known.force_login(scene.ig)
    path = reverse("breaches:breach", args=[breach.reference])
    assert "Caldicott Guardian: nobody" in known.get(path).content.decode()
    reminders.remind_all()
    assert told("breach_nobody") == {scene.ig.pk, scene.wide[Role.SYSTEM_ADMINISTRATOR].pk}
    today = timezone.localdate()
    for who, left in ((scene.ad, [Role.CALDICOTT_GUARDIAN]), (scene.far.manager, [])):
        # The Assistant Director for both would still be one person.
        Deputy.objects.filter(role=Role.CALDICOTT_GUARDIAN).delete()
        Deputy.objects.create(user=who, role=Role.CALDICOTT_GUARDIAN, starts=today, ends=today, named_by=scene.ig)
        assert unheld(breach) == left
    actions.name_involved(breach=breach, by=scene.ig, seen=Seen.of(breach), person=scene.ig, how="Held the key.")
    assert unheld(Breach.objects.get()) == [Role.INFORMATION_GOVERNANCE]
    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
        reminders.remind_all()
    assert told("breach_nobody") >= {scene.wide[Role.DIRECTOR].pk}


@pytest.mark.policy("OGP-12")
def test_whoever_typed_an_earlier_version_or_handed_it_over_had_a_hand_in_it(scene: Scene):
    letter = world.letter_in(scene.desk, State.TYPED)
    again = world.make_user("Second Typist", scene.desk.office, Role.ADMIN)
    letter.handed_by, letter.typed_by = scene.desk.other_worker, again
    hands = hands_on(letter)
    assert hands[scene.desk.admin.pk] == hands[again.pk] == "typed the letter"
    assert hands[scene.desk.other_worker.pk] == "handed the letter over"


@pytest.mark.policy("CLS-15")
def test_the_register_says_why_a_breach_was_not_referred(scene: Scene):
    scene.reported(Kind.NEAR_MISS)
    scene.reported()
    scene.decided(scene.reported())
    scene.decided(scene.reported(), commissioner=True)
    scene.referred(scene.reported())
    why = [row[HEAD.index("Why not referred")] for row in rows_of(Breach.objects.all())]
    assert why == ["", "Decided to refer it; not reported yet", "Contained.", "Not decided yet", "A near miss"]
