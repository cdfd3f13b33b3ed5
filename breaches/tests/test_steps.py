"""A breach on real rows: what policy demands happens, and what must not, can't."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from breaches import actions, reminders
from breaches.duties import Duty, Kind
from breaches.models import Breach, BreachDuty, Decision, Involved, Reminder
from breaches.policy import can
from breaches.selectors import sight_of, visible_to
from breaches.sight import Sight
from breaches.states import BreachAction
from breaches.tests.scene import Scene, answers
from breaches.work_lists import lists_for
from letters import actions as letter_actions
from letters.models import Hold
from letters.selectors import visible_to as letters_visible_to
from letters.states import State
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.people.models import Deputy
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale
from tests.support import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.policy("OGP-11")
def test_anyone_signed_in_reports_also_without_a_role_and_for_a_colleague(scene):
    nobody = world.make_user("No Roles", scene.desk.office)
    breach = scene.reported(by=nobody, reported_for=scene.desk.other_worker)
    assert (breach.state, breach.line_manager) == ("reported", scene.desk.deputy)
    for who in (nobody, scene.desk.other_worker):
        assert visible_to(who).get() == breach
        assert sight_of(breach, who, authority_of(who)) == Sight.REPORTER
    leaver = world.make_user("Lee Leaver", None)
    leaver.is_active = False
    leaver.save()
    with pytest.raises(NotAllowed):
        scene.reported(by=leaver)


@pytest.mark.policy("OGP-11", "CLS-10")
def test_a_near_miss_reaches_governance_has_its_two_duties_and_closes_without_deciders(scene):
    breach = scene.reported(Kind.NEAR_MISS)
    assert [row.duty for row in breach.duties.all()] == ["form", "governance"]
    assert not visible_to(scene.ad).exists()
    told = {job.payload["user"] for job in Job.objects.filter(kind="notice")}
    assert told == {scene.ig.pk}
    with pytest.raises(GuardFailed):
        scene.assessed(breach)
    with pytest.raises(GuardFailed):
        actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))
    assert scene.closed(breach).state == "closed"


@pytest.mark.policy("CLS-7", "CLS-8", "CLS-9", "CLS-11", "CLS-12", "CLS-13", "CLS-14", "CLS-15")
def test_the_whole_way_of_a_theft(scene):
    breach = scene.closed(scene.reported(Kind.THEFT))
    assert breach.state == "closed"
    assert breach.duties.filter(status="open").count() == 0
    assert (breach.decided_ad, breach.decided_cg) == (scene.ad, scene.cg)
    actions_taken = Entry.objects.filter(subject=breach.ledger_subject).values_list("action", flat=True)
    assert actions_taken[0] == "report"
    assert list(actions_taken)[-1] == "close"
    for entry in Entry.objects.filter(subject=breach.ledger_subject):
        assert "slip" not in entry.payload
        assert "neighbour" not in entry.payload


@pytest.mark.policy("CLS-15")
@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"discovered_at": dt.timedelta(hours=1)}, "discovered_at"),
        ({"occurred_at": dt.timedelta(hours=-1)}, "occurred_at"),
        ({"aware_at": dt.timedelta(hours=1)}, "aware_at"),
        ({"aware_at": dt.timedelta(hours=-9)}, "aware_at"),
    ],
)
def test_the_four_times_stand_in_their_order(scene, over, field):
    now = timezone.now()
    with pytest.raises(InvalidStep) as caught:
        scene.reported(**{name: now + delta for name, delta in over.items()})
    assert caught.value.field == field
    assert not Breach.objects.exists()


@pytest.mark.policy("CLS-15")
def test_aware_changes_with_a_reason_and_counts_what_is_open_anew(scene):
    breach = scene.reported()
    breach = scene.done(breach, Duty.GOVERNANCE)
    before = {row.duty: row.due_at for row in breach.duties.all()}
    earlier = breach.aware_at - dt.timedelta(hours=2)
    with pytest.raises(ReasonNeeded):
        actions.change_aware(breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=earlier, reason="")
    breach = actions.change_aware(
        breach=breach, by=scene.ig, seen=Seen.of(breach), aware_at=earlier, reason="The call was at nine."
    )
    after = {row.duty: row.due_at for row in breach.duties.all()}
    assert after["governance"] == before["governance"]
    assert after["commissioner"] == before["commissioner"] - dt.timedelta(hours=2)


@pytest.mark.policy("CLS-7", "CLS-8")
def test_more_found_later_adds_what_is_missing_and_undoes_nothing(scene):
    breach = scene.closed(scene.reported())
    settled = {row.pk: row.settled_at for row in breach.duties.all()}
    breach = actions.find_more(
        breach=breach, by=scene.ig, seen=Seen.of(breach), kinds=[Kind.THEFT], reason="The bag was stolen."
    )
    assert breach.state == "reported"
    assert breach.decided_at is None
    rows = list(breach.duties.all())
    assert {row.duty for row in rows if not row.settled} == {"police", "line_manager"}
    assert all(row.settled_at == settled[row.pk] for row in rows if row.pk in settled)
    assert scene.closed(breach).state == "closed"


@pytest.mark.policy("OGP-12", "CLS-15")
def test_whoever_is_involved_is_kept_out_and_the_deputy_acts(scene):
    breach = scene.reported(involved=(scene.cg, scene.ig))
    for who in (scene.cg, scene.ig):
        assert not visible_to(who).exists()
        assert not can(breach, who, BreachAction.AMEND)
    second = world.make_user("Second Governance", None, Role.INFORMATION_GOVERNANCE)
    today = timezone.localdate()
    deputy = world.make_user("Dep Guardian", None)
    Deputy.objects.create(
        role=Role.CALDICOTT_GUARDIAN,
        user=deputy,
        starts=today,
        ends=today,
        named_by=scene.wide[Role.SYSTEM_ADMINISTRATOR],
    )
    scene.wide[Role.INFORMATION_GOVERNANCE] = second
    breach = scene.proposed(scene.advised(scene.assessed(breach)))
    with pytest.raises(NotAllowed):
        scene.agreed(breach)
    breach = scene.agreed(breach, by=deputy)
    assert breach.decided_cg == deputy
    assert "Deputy for the Caldicott Guardian" in Decision.objects.get().agreed_authority


@pytest.mark.policy("OGP-12")
def test_who_held_a_step_of_the_letter_is_involved_and_the_letter_opens_to_the_others(scene):
    letter = scene.posted_letter()
    breach = scene.reported(letter=letter)
    desk = scene.desk
    assert set(Involved.objects.values_list("user", flat=True)) == {desk.admin.pk, desk.worker.pk}
    for who in (scene.ig, scene.ad, scene.cg):
        assert letters_visible_to(who).get() == letter
    assert not letters_visible_to(scene.dpo).exists()
    breach = actions.name_involved(breach=breach, by=scene.ig, seen=Seen.of(breach), person=scene.ad, how="His case.")
    assert not letters_visible_to(scene.ad).exists()
    with pytest.raises(NotAllowed):
        scene.proposed(scene.advised(scene.assessed(breach)))
    row = Involved.objects.get(user=scene.ad)
    breach = Breach.objects.get(pk=breach.pk)
    breach = actions.clear_involved(
        breach=breach, by=scene.ig, seen=Seen.of(breach), involved=row, reason="Another of that name."
    )
    assert letters_visible_to(scene.ad).get() == letter


@pytest.mark.policy("CLS-15")
def test_a_decision_takes_both_each_by_their_own_hand(scene):
    breach = scene.assessed(scene.reported())
    with pytest.raises(GuardFailed, match="Data Protection Officer"):
        scene.proposed(breach)
    breach = scene.proposed(scene.advised(breach))
    with pytest.raises(NotAllowed):
        scene.agreed(breach, by=scene.ad)
    # Somebody who holds both offices is still one person.
    world.grant(scene.ad, Role.CALDICOTT_GUARDIAN)
    with pytest.raises(NotAllowed):
        scene.agreed(breach, by=scene.ad)
    read = breach.decisions.get()
    breach = scene.proposed(breach, by=scene.cg, commissioner=True)
    with pytest.raises(InvalidStep, match="written anew"):
        actions.agree_decision(breach=breach, by=scene.ad, seen=Seen.of(breach), decision=read)
    breach = scene.agreed(breach, by=scene.ad)
    assert (breach.state, breach.decided_ad, breach.decided_cg) == ("decided", scene.ad, scene.cg)
    with pytest.raises(InvalidStep, match="reason"):
        actions.propose_decision(
            breach=scene.assessed(scene.reported()),
            by=scene.ad,
            seen=Seen(2),
            answers=answers(disciplinary_reason=" "),
        )


@pytest.mark.policy("CLS-15")
def test_the_commissioner_waits_for_nobody_comes_in_phases_and_late_with_a_reason(scene):
    breach = scene.reported(aware_at=timezone.now() - dt.timedelta(hours=73), occurred_at=None)
    with pytest.raises(GuardFailed, match="Make the notification"):
        actions.refer(breach=breach, by=scene.ig, seen=Seen.of(breach), at=timezone.now(), reference="IC-1")
    with pytest.raises(InvalidStep, match="delay"):
        scene.referred(breach)
    with pytest.raises(InvalidStep, match="by which"):
        scene.referred(breach, late_reason="It was found out over a weekend.", more_to_come=True)
    day = timezone.localdate() + dt.timedelta(days=3)
    breach = scene.referred(breach, late_reason="It was found out over a weekend.", more_to_come=True, more_by=day)
    breach = scene.referred(breach, note="The rest.")
    assert [row.phase for row in breach.referrals.all()] == [1, 2]
    assert breach.duties.get(duty="commissioner").status == "done"


@pytest.mark.policy("CLS-15")
def test_only_the_deciders_decide_not_to_refer(scene):
    breach = scene.reported()
    with pytest.raises(InvalidStep, match="deciders"):
        actions.set_aside_duty(
            breach=breach, by=scene.ig, seen=Seen.of(breach), duty=Duty.COMMISSIONER, reason="Small."
        )
    breach = scene.decided(breach)
    row = breach.duties.get(duty="commissioner")
    assert (row.status, row.note) == ("set_aside", "Decided not to refer: Contained.")


@pytest.mark.policy("CLS-15")
def test_a_later_decision_to_refer_is_owed_although_the_first_set_it_aside(scene):
    breach = scene.closed(scene.reported(Kind.LOSS))
    assert breach.duties.get(duty="commissioner").status == "set_aside"
    breach = actions.find_more(
        breach=breach, by=scene.ig, seen=Seen.of(breach), kinds=[Kind.DISCLOSURE], reason="Somebody read it."
    )
    breach = scene.decided(breach, commissioner=True)
    with pytest.raises(GuardFailed):
        actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))
    breach = scene.referred(breach, reference="IC-2")
    assert actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach)).state == "closed"


@pytest.mark.policy("CLS-14")
def test_the_letter_waits_for_the_meeting(scene):
    desk = scene.desk
    breach = scene.reported()
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    letter = letter_actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    breach = actions.link_letter(breach=breach, by=scene.ig, seen=Seen.of(breach), letter=letter)
    with pytest.raises(GuardFailed, match="on hold"):
        letter_actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter))
    with pytest.raises(InvalidStep, match="face to face"):
        scene.done(breach, Duty.SERVICE_USER_LETTER)
    breach = scene.done(breach, Duty.SERVICE_USER_MEETING)
    assert breach.duties.get(duty="service_user_letter").due_at is not None
    with pytest.raises(InvalidStep, match="posted"):
        scene.done(breach, Duty.SERVICE_USER_LETTER)
    letter = letter_actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter))
    letter = world._post(desk, world._envelope(desk, letter))
    breach = scene.done(breach, Duty.SERVICE_USER_LETTER)
    assert breach.duties.get(duty="service_user_letter").reference == letter.reference


@pytest.mark.policy("CLS-14")
def test_a_refused_meeting_takes_a_manager_and_frees_the_letter(scene):
    desk = scene.desk
    breach = scene.reported()
    letter = world.letter_in(desk, State.TYPED)
    breach = actions.link_letter(breach=breach, by=scene.ig, seen=Seen.of(breach), letter=letter)
    with pytest.raises(InvalidStep, match="manager"):
        actions.set_aside_duty(
            breach=breach, by=scene.ig, seen=Seen.of(breach), duty=Duty.SERVICE_USER_MEETING, reason="Refused."
        )
    assert not visible_to(desk.manager).exists()
    breach = actions.ask_exception(
        breach=breach, by=scene.ig, seen=Seen.of(breach), kind="refused", reason="She hung up."
    )
    assert visible_to(desk.manager).get() == breach
    assert sight_of(breach, desk.manager, authority_of(desk.manager)) == Sight.OWNER

    def answer(by, agreed):
        return actions.approve_no_meeting(breach=breach, by=by, seen=Seen.of(breach), agreed=agreed, reason="Tried.")

    for other in (scene.ig, scene.cg, scene.far.manager):
        with pytest.raises(NotAllowed):
            answer(other, True)
    breach = answer(desk.manager, False)
    assert Hold.objects.get().released_at is None
    breach = actions.ask_exception(
        breach=breach, by=scene.ig, seen=Seen.of(breach), kind="impossible", reason="She moved abroad."
    )
    breach = answer(desk.deputy, True)
    assert Hold.objects.get().released_at is not None
    assert breach.duties.get(duty="service_user_meeting").status == "set_aside"


@pytest.mark.policy("CLS-14")
def test_a_deferral_takes_the_caldicott_guardian_and_keeps_the_hold(scene):
    breach = scene.reported()
    until = timezone.localdate() + dt.timedelta(days=30)
    letter = world.letter_in(scene.desk, State.TYPED)
    breach = actions.link_letter(breach=breach, by=scene.ig, seen=Seen.of(breach), letter=letter)

    def ask(day):
        return actions.ask_exception(
            breach=breach, by=scene.ig, seen=Seen.of(breach), kind="danger", reason="He is violent.", until=day
        )

    with pytest.raises(InvalidStep, match="after today"):
        ask(None)
    breach = ask(until)
    with pytest.raises(NotAllowed):
        actions.approve_deferral(breach=breach, by=scene.desk.manager, seen=Seen.of(breach), agreed=True, reason="Yes.")
    with pytest.raises(InvalidStep, match="Nobody has asked"):
        actions.approve_no_meeting(
            breach=breach, by=scene.desk.manager, seen=Seen.of(breach), agreed=True, reason="Yes."
        )
    breach = actions.approve_deferral(breach=breach, by=scene.cg, seen=Seen.of(breach), agreed=True, reason="Yes.")
    row = breach.duties.get(duty="service_user_meeting")
    assert timezone.localdate(row.due_at) == until + dt.timedelta(days=1)
    assert Hold.objects.get().released_at is None


@pytest.mark.policy("CLS-9")
def test_a_duty_is_done_with_its_evidence_by_whom_it_concerns_and_once(scene):
    breach = scene.reported(Kind.LOSS)
    seen = Seen.of(breach)
    for duty in Duty:  # the two reports with steps of their own are among them: refused here, whatever is entered
        if duty in (Duty.SERVICE_USER_LETTER, Duty.COMMISSIONER):
            continue
        with pytest.raises(InvalidStep):
            actions.do_duty(breach=breach, by=scene.ig, seen=seen, duty=duty)
    records = scene.wide[Role.RECORDS_MANAGER]
    with pytest.raises(NotAllowed):
        scene.done(breach, Duty.POLICE, by=records)
    breach = scene.done(breach, Duty.RECORDS_MANAGER_REPORT, by=records)
    with pytest.raises(InvalidStep, match="settled already"):
        scene.done(breach, Duty.RECORDS_MANAGER_REPORT)
    with pytest.raises(Stale):
        actions.do_duty(breach=breach, by=scene.ig, seen=seen, duty=Duty.POLICE, reference="1")
    with pytest.raises(ReasonNeeded):
        actions.set_aside_duty(breach=breach, by=scene.ig, seen=Seen.of(breach), duty=Duty.INSURERS, reason=" ")


@pytest.mark.policy("CLS-7")
def test_the_line_manager_says_themselves_that_the_details_reached_them(scene):
    breach, manager = scene.reported(Kind.THEFT), scene.desk.deputy
    assert breach.line_manager == manager
    lists = {one.slug: one for one in lists_for(manager, authority_of(manager))}
    assert [row.href for row in lists["breach-duties"].rows] == [f"/breaches/{breach.reference}/duties/line_manager/"]
    for duty in (Duty.POLICE, Duty.GOVERNANCE):
        with pytest.raises(NotAllowed):
            scene.done(breach, duty, by=manager)
    for other in (scene.desk.manager, scene.desk.other_worker):
        with pytest.raises(NotAllowed):
            scene.done(breach, Duty.LINE_MANAGER, by=other)
    reminders.remind_all()
    overdue = {job.payload["user"] for job in Job.objects.filter(key__contains="overdue/line_manager")}
    assert overdue == {scene.ig.pk, manager.pk}
    breach = scene.done(breach, Duty.LINE_MANAGER, by=manager)
    assert breach.duties.get(duty="line_manager").settled_by == manager
    assert not {one.slug: one for one in lists_for(manager, authority_of(manager))}["breach-duties"].rows


@pytest.mark.policy("CLS-7", "OGP-12")
def test_a_line_manager_who_is_involved_or_has_left_is_passed_over_for_the_next_one_up(scene):
    desk = scene.desk
    desk.deputy.line_manager = desk.manager
    desk.deputy.save()
    breach = scene.reported(Kind.LOSS, involved=(desk.deputy,))
    assert breach.line_manager == desk.manager
    assert not visible_to(desk.deputy).exists()
    with pytest.raises(NotAllowed, match="involved"):
        scene.done(breach, Duty.LINE_MANAGER, by=desk.deputy)
    desk.manager.line_manager = desk.deputy  # a ring ends
    desk.manager.is_active = False
    desk.manager.save()
    assert scene.reported(Kind.LOSS, involved=(desk.deputy,)).line_manager is None


@pytest.mark.policy("OGP-12", "CLS-15")
def test_whoever_held_the_step_that_failed_is_kept_out_and_their_hand_alone_is_void(scene):
    deputy = world.make_user("Dara Deputy", None)
    today = timezone.localdate()
    Deputy.objects.create(
        role=Role.ASSISTANT_DIRECTOR,
        user=deputy,
        starts=today,
        ends=today,
        named_by=scene.wide[Role.SYSTEM_ADMINISTRATOR],
    )
    breach = scene.proposed(scene.advised(scene.assessed(scene.reported())))
    held = {"cause": "wrong_address", "cause_words": "Typed from memory.", "control": "signature"}
    breach = actions.record_cause(breach=breach, by=scene.ig, seen=Seen.of(breach), control_held_by=scene.ad, **held)
    assert list(breach.involved.values_list("user", "how")) == [(scene.ad.pk, "held the step that failed")]
    with pytest.raises(NotAllowed):  # there is no other hand to agree with any more
        actions.agree_decision(breach=breach, by=scene.cg, seen=Seen.of(breach), decision=Decision.objects.get())
    breach = scene.agreed(scene.proposed(breach, by=deputy))
    assert (breach.decided_ad, breach.decided_cg) == (deputy, scene.cg)
    # Named after both have decided: it can't be closed so, and is decided anew.
    breach = scene.settled(breach)
    breach = actions.name_involved(breach=breach, by=scene.ig, seen=Seen.of(breach), person=deputy, how="Was there.")
    with pytest.raises(GuardFailed, match="neither may be involved"):
        actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))


@pytest.mark.policy("CLS-9", "CLS-15")
def test_the_database_closes_no_breach_with_a_duty_open_or_without_both(scene):
    breach = scene.reported()
    with connection.cursor() as cursor:
        for sql in (
            "UPDATE breaches_breach SET state = 'closed'",
            "UPDATE breaches_breach SET state = 'decided'",
            "DELETE FROM breaches_breachduty",
            "DELETE FROM breaches_breach",
            "UPDATE breaches_breachduty SET status = 'done'",
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(sql)
    breach = scene.caused(scene.decided(breach))
    with pytest.raises(GuardFailed):
        actions.close(breach=breach, by=scene.ig, seen=Seen.of(breach))
    with pytest.raises(IntegrityError), transaction.atomic():
        BreachDuty.objects.filter(status="set_aside").update(status="open", settled_at=None)
    with pytest.raises(NotPossible):
        scene.assessed(breach)


@pytest.mark.policy("CLS-15")
def test_a_scheduler_that_was_down_two_days_loses_no_mark_and_doubles_none(scene):
    with time_machine.travel("2027-03-26T12:00:00+00:00", tick=False):  # over the change of the clocks
        breach = scene.reported(aware_at=timezone.now(), discovered_at=timezone.now(), occurred_at=None)
        assert reminders.remind_all() == 1  # the form is due at once
        assert reminders.remind_all() == 0
    with time_machine.travel("2027-03-28T13:00:00+00:00", tick=False):
        reminders.remind_all()
        reminders.remind_all()
    marks = dict(Reminder.objects.filter(what__startswith="mark").values_list("what", "owed_since"))
    assert {name: f"{at:%d %H:%M}" for name, at in marks.items()} == {
        "mark/24/20270327T120000Z": "27 12:00", "mark/48/20270328T120000Z": "28 12:00",
    }  # fmt: skip
    jobs = [job for job in Job.objects.filter(kind="notice") if job.payload["notice"] == "breach_mark"]
    assert len(jobs) == 2 * 3  # governance and both deciders, for each mark
    assert len({job.key for job in jobs}) == len(jobs)
    with time_machine.travel("2027-03-29T06:30:00+00:00", tick=False):
        scene.referred(Breach.objects.get())
        reminders.remind_all()
    assert not Reminder.objects.filter(what__startswith="mark/66").exists()
    for job in Job.objects.all():
        assert breach.what not in str(job.payload)


@pytest.mark.policy("OGP-12", "CLS-1")
def test_who_sees_how_much(scene):
    theft, near_miss = scene.reported(Kind.THEFT), scene.reported(Kind.NEAR_MISS)
    expected = {
        scene.ig: ("full", "full"),
        scene.ad: ("decider", None),
        scene.cg: ("decider", None),
        scene.dpo: ("full", None),
        scene.wide[Role.DIRECTOR]: ("full", None),
        scene.wide[Role.RECORDS_MANAGER]: ("full", None),
        scene.wide[Role.BUSINESS_IMPROVEMENT_MANAGER]: ("owner", None),
        scene.desk.other_worker: ("reporter", "reporter"),
        scene.desk.deputy: ("owner", "owner"),  # the reporter's line manager
        scene.desk.manager: (None, None),
        scene.desk.worker: (None, None),
        scene.far.manager: (None, None),
        scene.wide[Role.SYSTEM_ADMINISTRATOR]: (None, None),
        scene.wide[Role.DISTRICT_ADMIN_MANAGER]: (None, None),
        scene.wide[Role.SAFEGUARDING]: (None, None),
    }
    for who, sights in expected.items():
        for breach, sight in zip((theft, near_miss), sights, strict=True):
            seen = visible_to(who).filter(pk=breach.pk).exists()
            assert seen is (sight is not None), (who.name, breach.kinds)
            if seen:
                assert sight_of(breach, who, authority_of(who)) == sight, who.name
