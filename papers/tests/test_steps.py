"""The verbs on papers out: what they keep, refuse and owe; what the database refuses whoever asks."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from breaches.models import Breach
from papers import actions
from papers.actions import Security
from papers.actions.agreements import Terms
from papers.models import AwayAgreement, PapersOut, Reminder
from papers.presenters import running_record
from papers.selectors import visible_to
from papers.tests import help as make
from postroom.cases.models import Case
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.people.models import RoleGrant, User
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale
from tests.support import world

pytestmark = pytest.mark.django_db
UTC = dt.UTC


@pytest.fixture
def desk() -> world.Desk:
    made = world.Desk(world.make_office("riv", "Riverside"))
    make.with_managers(made)
    RoleGrant.objects.update(starts=dt.date(2020, 1, 1))  # so that a test may travel
    return made


def mails(code: str) -> list[int]:
    """Whom this notice is owed to."""
    return [
        job.payload["user"] for job in Job.objects.filter(kind="notice", key__startswith=f"{code}:").order_by("key")
    ]


@pytest.mark.policy("CLS-2")
@pytest.mark.parametrize("purpose", ["court", "professional_meeting", "service_user_meeting"])
def test_agreed_tasks_need_no_approval(desk: world.Desk, purpose: str):
    papers = make.taken(desk, purpose=purpose)
    assert (papers.state, papers.answered_by, papers.holder) == ("out", None, desk.worker)
    assert not Job.objects.exists()


@pytest.mark.policy("CLS-3")
def test_anything_else_waits_and_the_manager_is_told_once(desk: world.Desk):
    with pytest.raises(GuardFailed):
        actions.take_out(case=desk.case, office=desk.office, leaves=make.other(), security=make.SAFE, by=desk.worker)
    papers = make.asked(desk)
    assert papers.state == "asked"
    assert mails("papers_asked") == [desk.manager.pk]
    with pytest.raises((NotPossible, NotAllowed)):
        actions.leave(papers=papers, by=desk.worker, seen=Seen.of(papers), security=make.SAFE)
    agreed = actions.agree(papers=papers, by=desk.manager, seen=Seen.of(papers))
    assert mails("papers_agreed") == [desk.worker.pk]
    entry = Entry.objects.get(subject=papers.ledger_subject, action="agree")
    assert entry.actor_authority.startswith("Line manager of the holder")
    out = actions.leave(papers=agreed, by=desk.worker, seen=Seen.of(agreed), security=make.SAFE)
    assert out.state == "out"
    with pytest.raises(Stale):
        actions.leave(papers=agreed, by=desk.worker, seen=Seen.of(agreed), security=make.SAFE)


@pytest.mark.policy("CLS-3")
def test_nobody_agrees_to_their_own_also_where_they_manage(desk: world.Desk):
    """A team manager's own request goes to their manager; the deputy stands in while that one is away."""
    papers = actions.ask(case=desk.case, office=desk.office, leaves=make.other(), by=desk.manager, manager_away=True)
    with pytest.raises(NotAllowed):
        actions.agree(papers=papers, by=desk.manager, seen=Seen.of(papers))
    assert desk.manager.pk not in mails("papers_asked")
    assert desk.deputy.pk in mails("papers_asked")
    assert actions.agree(papers=papers, by=desk.deputy, seen=Seen.of(papers)).answered_by == desk.deputy


@pytest.mark.policy("CLS-3")
def test_a_silent_manager_is_stood_in_for_after_the_hours_that_are_set(desk: world.Desk, settings):
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, 0, tzinfo=UTC), tick=False) as clock:
        world.put_on_duty(desk.duty, desk.office, desk.manager)
        papers = make.asked(desk)
        clock.shift(dt.timedelta(hours=settings.PAPERS_STAND_IN_AFTER_HOURS) - dt.timedelta(seconds=1))
        with pytest.raises(NotAllowed):
            actions.agree(papers=papers, by=desk.deputy, seen=Seen.of(papers))
        clock.shift(dt.timedelta(seconds=1))
        assert actions.agree(papers=papers, by=desk.deputy, seen=Seen.of(papers)).state == "agreed"


@pytest.mark.policy("CLS-4")
def test_bag_password_and_usb(desk: world.Desk):
    def take(security: Security) -> PapersOut:
        with transaction.atomic():
            return actions.take_out(
                case=desk.case, office=desk.office, leaves=make.leaves(), security=security, by=desk.worker
            )

    with pytest.raises(GuardFailed, match="lockable bag"):
        take(Security(in_lockable_bag=False))
    with pytest.raises(GuardFailed, match="password"):
        take(Security(in_lockable_bag=True, device="laptop"))
    with pytest.raises(InvalidStep, match="USB stick"):
        take(Security(in_lockable_bag=True, device="usb"))
    assert not PapersOut.objects.exists()
    assert take(Security(in_lockable_bag=True, device="laptop", laptop_has_password=True)).laptop_has_password
    papers = make.in_place(desk, "agreed")
    for refused in (Security(in_lockable_bag=False), Security(in_lockable_bag=True, device="usb")):
        with pytest.raises(InvalidStep):
            actions.leave(papers=papers, by=desk.worker, seen=Seen.of(papers), security=refused)


@pytest.mark.policy("CLS-5")
def test_a_notebook_counts_and_needs_no_case(desk: world.Desk):
    with pytest.raises(InvalidStep):
        actions.take_out(case=None, office=desk.office, leaves=make.leaves(), security=make.SAFE, by=desk.worker)
    notebook = actions.take_out(
        case=None, office=desk.office, leaves=make.leaves(kind="notebook"), security=make.SAFE, by=desk.worker
    )
    assert visible_to(desk.admin).filter(pk=notebook.pk).exists()
    lost = make.take(notebook, "lose", desk.worker, desk)
    assert lost.state == "lost"
    assert mails("papers_lost") == [desk.manager.pk]


@pytest.mark.policy("CLS-3")
def test_the_witness_is_another_person_who_is_told(desk: world.Desk):
    papers = make.taken(desk)
    elsewhere = world.Desk(world.make_office("hill", "Hillside")).admin
    for witness in (None, desk.worker, elsewhere):
        with pytest.raises(InvalidStep), transaction.atomic():
            actions.give_back(
                papers=papers, by=desk.worker, seen=Seen.of(papers), ended_on=timezone.localdate(), witness=witness
            )
    for day in (timezone.localdate() + dt.timedelta(days=1), timezone.localdate() - dt.timedelta(days=1)):
        with pytest.raises(InvalidStep), transaction.atomic():
            actions.give_back(papers=papers, by=desk.worker, seen=Seen.of(papers), ended_on=day, witness=desk.admin)
    assert make.take(papers, "give_back", desk.worker, desk).witness == desk.other_admin
    assert mails("papers_witness") == [desk.other_admin.pk]
    taken_in = make.take(make.taken(desk), "give_back", desk.admin, desk)
    assert taken_in.witness == desk.admin
    assert mails("papers_witness") == [desk.other_admin.pk]


@pytest.mark.policy("CLS-3")
def test_originals_come_back_and_days_are_bounded(desk: world.Desk, settings):
    papers = make.taken(desk, kind="original")
    with pytest.raises(GuardFailed):
        make.take(papers, "destroy", desk.worker, desk)
    today = timezone.localdate()
    for day in (today - dt.timedelta(days=1), today + dt.timedelta(days=settings.PAPERS_LONGEST_DAYS + 1)):
        with pytest.raises(InvalidStep):
            make.taken(desk, due_on=day)
        with pytest.raises(InvalidStep):
            actions.extend(papers=papers, by=desk.worker, seen=Seen.of(papers), due_on=day, reason="Longer")
    with pytest.raises(ReasonNeeded):
        actions.extend(
            papers=papers, by=desk.worker, seen=Seen.of(papers), due_on=today + dt.timedelta(days=2), reason=" "
        )


@pytest.mark.policy("CLS-3")
def test_the_running_record_says_what_the_policy_asks(desk: world.Desk):
    papers = make.in_place(desk, "out, other purpose")
    text = running_record(papers)
    for words in (
        papers.reference,
        "12 pages",
        "Chronology",
        desk.manager.name,
        "Agreed by",
        "To be returned or destroyed",
    ):
        assert words in text
    kept = make.take(papers, "keep_record", desk.worker, desk)
    assert kept.record_reference == "RR-1"
    done = make.take(kept, "destroy", desk.worker, desk)
    assert "Destroyed (cross-cut shredder)" in running_record(done)
    assert f"Witness: {desk.other_admin.name}" in running_record(done)
    child = desk.case.people.get(relationship="child")
    assert child.name not in text


@pytest.mark.policy("CLS-3")
def test_late_papers_are_chased_once_a_stage(desk: world.Desk):
    with time_machine.travel(dt.datetime(2026, 11, 19, 9, 0, tzinfo=UTC), tick=False) as clock:
        papers = make.taken(desk, due_on=dt.date(2026, 11, 20))
        assert actions.chase_late() == 0
        clock.move_to(dt.datetime(2026, 11, 21, 9, 0, tzinfo=UTC))  # Saturday
        assert actions.chase_late() == 0
        clock.move_to(dt.datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
        assert [actions.chase_late(), actions.chase_late()] == [1, 0]
        assert mails("papers_late") == [desk.worker.pk]
        # The scheduler was down for two days: both stages that it missed are sent, each once.
        clock.move_to(dt.datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
        assert [actions.chase_late(), actions.chase_late()] == [2, 0]
        assert mails("papers_late") == [desk.worker.pk] * 3
        assert mails("papers_late_manager") == [desk.manager.pk]
        assert [r.stage for r in Reminder.objects.order_by("stage")] == [1, 2, 3]
        # Another day starts anew; back ends it.
        papers = PapersOut.objects.get(pk=papers.pk)
        papers = actions.extend(
            papers=papers, by=desk.worker, seen=Seen.of(papers), due_on=dt.date(2026, 11, 26), reason="Moved"
        )
        assert actions.chase_late() == 0
        clock.move_to(dt.datetime(2026, 11, 27, 9, 0, tzinfo=UTC))
        assert actions.chase_late() == 1
        make.take(papers, "give_back", desk.admin, desk)
        clock.move_to(dt.datetime(2026, 12, 20, 9, 0, tzinfo=UTC))
        assert actions.chase_late() == 0


@pytest.mark.policy("CLS-2", "CLS-3", "CLS-4")
def test_the_database_refuses_what_the_rules_refuse(desk: world.Desk):
    """By bulk calls, which pass by every verb."""
    papers = make.taken(desk)
    mine = PapersOut.objects.filter(pk=papers.pk)
    asked = PapersOut.objects.filter(pk=make.asked(desk).pk)
    tries = [
        (mine, {"device": "usb"}),
        (mine, {"in_lockable_bag": False}),
        (mine, {"device": "laptop", "laptop_has_password": False}),
        (mine, {"state": "back", "ended_on": timezone.localdate(), "witness": desk.admin}),  # no ledger entry
        (mine, {"state": "asked"}),
        (mine, {"purpose": "other", "purpose_words": "Home"}),
        (mine, {"holder": desk.admin}),
        (mine, {"what": "Something else"}),
        (asked, {"state": "out", "taken_at": timezone.now(), "in_lockable_bag": True}),
        (asked, {"state": "agreed", "answered_by": desk.worker, "answered_at": timezone.now()}),
    ]
    for rows, values in tries:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)
    fresh = {"case": desk.case, "office": desk.office, "holder": desk.worker, "kind": "copy", "what": "X"}
    due = timezone.localdate()
    for state in ("agreed", "out", "back", "lost"):
        with pytest.raises(IntegrityError), transaction.atomic():
            PapersOut.objects.bulk_create(
                [PapersOut(**fresh, purpose="other", purpose_words="Home", due_on=due, state=state)]
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        mine.delete()
    Reminder.objects.create(papers=papers, due_on=due, stage=1, to_manager=False)
    for change in (lambda: Reminder.objects.update(stage=2), lambda: Reminder.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.policy("CLS-1")
def test_agreements_say_who_agreed_until_when(desk: world.Desk):
    today = timezone.localdate()
    terms = Terms(place="home", access="Remote access", starts=today, ends=today + dt.timedelta(days=30))

    def register(person: User, by: User) -> AwayAgreement:
        with transaction.atomic():
            return actions.register_agreement(person=person, terms=terms, by=by)

    for person, by in ((desk.worker, desk.worker), (desk.manager, desk.manager), (desk.worker, desk.admin)):
        with pytest.raises(NotAllowed):
            register(person, by)
    made = register(desk.worker, desk.manager)
    assert (made.agreed_by, made.standing_words) == (desk.manager, "In force")
    assert register(desk.worker, desk.manager) == made, "the same form sent again"
    for values in ({"agreed_by": desk.worker}, {"ends": today + dt.timedelta(days=900)}, {"state": "ended"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AwayAgreement.objects.filter(pk=made.pk).update(**values)
    ended = actions.end_agreement(agreement=made, by=desk.deputy, seen=Seen.of(made), reason="Moved team")
    assert ended.standing_words == "Ended early"
    with pytest.raises(InvalidStep):
        actions.register_agreement(
            person=desk.worker, by=desk.manager, terms=Terms(place="other_base", access="X", starts=today, ends=today)
        )


@pytest.mark.policy("CLS-1")
def test_papers_of_a_restricted_case_exist_for_nobody_else(desk: world.Desk):
    papers = make.asked(desk)
    assert visible_to(desk.manager).filter(pk=papers.pk).exists()
    Case.objects.filter(pk=desk.case.pk).update(is_restricted=True)
    for who in (desk.manager, desk.deputy, desk.admin):
        assert not visible_to(who).filter(pk=papers.pk).exists()
        with pytest.raises(NotAllowed), transaction.atomic():
            actions.agree(papers=papers, by=who, seen=Seen.of(papers))
    assert visible_to(desk.worker).filter(pk=papers.pk).exists()


@pytest.mark.policy("CLS-7", "OGP-11")
@pytest.mark.parametrize("gone", ["loss", "theft"])
def test_a_loss_opens_the_breach_report_already_filled_in(desk: world.Desk, gone: str):
    papers = make.taken(desk)
    since = timezone.now()
    lost = actions.lose(
        papers=papers, by=desk.worker, seen=Seen.of(papers), gone=gone, gone_since=since, reason="Left on the 14 bus."
    )
    breach = Breach.objects.get(reference=lost.breach_reference)
    assert [str(kind) for kind in breach.kinds] == [gone]
    assert (breach.office, breach.occurred_at, breach.reported_by, breach.record_count) == (
        desk.office,
        since,
        desk.worker,
        12,
    )
    assert list(breach.cases.all()) == [desk.case]
    assert breach.line_manager == desk.manager
    for words in ("Left on the 14 bus.", papers.reference, "lockable bag"):
        assert words in breach.what
    duties = set(breach.duties.values_list("duty", flat=True))
    assert {"police", "line_manager", "commissioner", "governance"} <= duties
    assert breach.involved.get().user == desk.worker
    # Twice in a row: the second is told that it came too late, and there is one report.
    with pytest.raises(Stale):
        actions.lose(papers=papers, by=desk.worker, seen=Seen.of(papers), gone=gone, gone_since=since, reason="Again")
    assert Breach.objects.count() == 1
    found = make.take(lost, "find", desk.admin, desk)
    assert (found.state, found.breach_reference) == ("back", breach.reference)


@pytest.mark.policy("CLS-7")
def test_a_report_that_cannot_be_made_leaves_the_papers_as_they_were(desk: world.Desk):
    papers = make.taken(desk)
    for wrong in (
        {"gone": "", "gone_since": timezone.now(), "reason": "x"},
        {"gone": "loss", "gone_since": timezone.now() + dt.timedelta(hours=1), "reason": "x"},
        {"gone": "loss", "gone_since": timezone.now() - dt.timedelta(days=9), "reason": "x"},
    ):
        with pytest.raises(InvalidStep):
            actions.lose(papers=papers, by=desk.worker, seen=Seen.of(papers), **wrong)
    with pytest.raises(ReasonNeeded):
        actions.lose(
            papers=papers, by=desk.worker, seen=Seen.of(papers), gone="loss", gone_since=timezone.now(), reason=" "
        )
    assert PapersOut.objects.get(pk=papers.pk).state == "out"
    assert not Breach.objects.exists()
