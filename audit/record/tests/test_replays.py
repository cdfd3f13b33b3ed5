"""The ledger gives the facts of breaches, papers, copies and spot checks; a row put right past its steps is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from audit.actions import findings, items, policies
from audit.models import Acknowledgement, Answer, Finding, PolicyVersion, SpotCheck
from audit.models import Item as SpotItem
from audit.record.actions import retention
from audit.record.models import Disposal, DisposalItem, LegalHold
from audit.tests.help import Scene as SpotScene
from breaches.duties import Kind
from breaches.models import Breach, BreachDuty
from breaches.tests.scene import Scene as BreachScene
from distribution.models import Item
from distribution.tests.world import STATES, Conference
from letters.states import State
from papers.models import PapersOut
from papers.tests import help as papers_help
from papers.tests.expected_rules import PRODUCT
from postroom.ledger.triggers import drop_sql, expected
from postroom.ledger.verify import verify
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-0"), pytest.mark.django_db]


def found() -> list[str]:
    """What verification says, but for the world's cases, which were put there without their first step."""
    return [str(finding) for finding in verify().findings if not str(finding).startswith("case/")]


def lift() -> None:
    """The triggers are gone, as after somebody with the database's password."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        for trigger in expected(connection):
            cursor.execute(drop_sql(connection, trigger))


def desk_of() -> world.Desk:
    desk = world.Desk(world.make_office("near", "Near"))
    papers_help.with_managers(desk)
    return desk


def spot() -> SpotScene:
    """A finished check: one fault with a finding that is followed up, one that can't be found, one opened again."""
    scene = SpotScene(letters=4)
    check = scene.checking(3)
    first, second, third = check.items.all()
    first = scene.give_in(first, initials="None on the back.")
    finding = findings.raise_finding(
        item=first, by=scene.dam, what="Initial it.", owner=scene.desk.admin, due_on=timezone.localdate()
    )
    finding = findings.hand_on(
        finding=finding, by=scene.dam, seen=Seen.of(finding), owner=scene.desk.other_admin,
        due_on=timezone.localdate() + dt.timedelta(days=2), reason="On leave.",
    )  # fmt: skip
    finding = findings.answer(finding=finding, by=scene.desk.other_admin, seen=Seen.of(finding), done="Shown.")
    findings.accept(finding=finding, by=scene.dam, seen=Seen.of(finding))
    items.cannot_find(item=second, by=scene.dam, seen=Seen.of(second), note="Nowhere.")
    third = scene.give_in(third, window="Slipped.")
    third = items.correct(item=third, by=scene.dam, seen=Seen.of(third), reason="The wrong one.")
    scene.give_in(third)
    check.refresh_from_db()
    from audit.actions import spotchecks

    spotchecks.finish(check=check, by=scene.dam, seen=Seen.of(check))
    return scene


def acknowledged() -> None:
    """A newer version of a policy, that two have acknowledged."""
    governance = world.make_user("Gwen Governance", None, Role.INFORMATION_GOVERNANCE)
    version = policies.add_version(
        by=governance, slug="outgoing-post", text="You must.", issued_on=timezone.localdate(), version="4",
        title="Out-going Post", author="", approval="", review_on=None, audience="", rationale="",
    )  # fmt: skip
    for person in (governance, world.make_user("Ann Other", None, Role.DIRECTOR)):
        policies.open_text(version=version, by=person)
        policies.acknowledge(version=version, by=person, read=True)


def another_acknowledges() -> None:
    person = world.make_user("Nora Never", None, Role.DIRECTOR)
    Acknowledgement.objects.create(version=PolicyVersion.objects.get(number=2), user=person)


def held(ended: bool) -> Any:
    return LegalHold.objects.filter(released_at__isnull=not ended)


def holds_and_certificate() -> None:
    """A hold that ended, one that stands, and one letter's disposal carried out."""
    desk = desk_of()
    people = [world.make_user(name, None, Role.INFORMATION_GOVERNANCE) for name in ("Gwen", "Greta")]
    letter = world.letter_in(desk, State.UPLOADED)
    hold = retention.set_hold(why="Complaint 7.", by=people[0], case=desk.case)
    retention.release_hold(hold=hold, why="Settled.", by=people[0])
    with time_machine.travel(timezone.now() + dt.timedelta(days=400), tick=True):
        disposal = retention.propose_disposal(what="content", by=people[0])
        retention.approve_disposal(disposal=disposal, by=people[1])
    assert disposal.items.get().subject == letter.ledger_subject
    again = [retention.set_hold(why="Complaint 8.", by=people[0], case=desk.case) for _ in range(2)]
    assert again[0] == again[1], "the same form sent again"
    assert again[0] != hold


def breach() -> BreachScene:
    """Closed, after more was found and the clock was changed."""
    from breaches import actions

    scene = BreachScene()
    made = scene.reported(letter=scene.posted_letter())
    made = actions.change_aware(
        breach=made, by=scene.ig, seen=Seen.of(made), aware_at=made.aware_at - dt.timedelta(minutes=30), reason="Phone."
    )
    made = scene.assessed(made)
    made = actions.find_more(breach=made, by=scene.ig, seen=Seen.of(made), kinds=[Kind.LOSS], reason="A page too.")
    scene.closed(made)
    return scene


def test_papers_replay_in_every_place():
    desk = desk_of()
    for name in PRODUCT:
        papers_help.in_place(desk, name)
    papers = papers_help.taken(desk)
    papers_help.take(papers, "extend", desk.worker, desk)
    lost = papers_help.take(papers, "lose", desk.worker, desk)
    papers_help.take(lost, "find", desk.worker, desk)
    assert found() == []


@pytest.mark.parametrize("name", [s if i % 10 == 4 else pytest.param(s, marks=pytest.mark.soak)
                                  for i, s in enumerate(STATES)])  # fmt: skip
def test_copies_replay_in_every_state(name):
    Conference(world.Desk(world.make_office("near", "Near"))).in_state(name)
    assert found() == []


def changed(rows: Any, **change: Any) -> Callable[[], None]:
    def make() -> None:
        assert rows().update(**change) == 1

    return make


TAMPERED: dict[str, tuple[Callable[[], Any], list[tuple[Callable[[], Any], str]]]] = {
    "spot check": (
        spot,
        [
            (changed(SpotCheck.objects.all, faulty=1), "its result is not the one that was found"),
            (changed(SpotCheck.objects.all, at_most=4), "its result is not the one that was found"),
            (changed(lambda: SpotItem.objects.filter(state="checked", faulty=True), faulty=False), "another outcome"),
            (changed(lambda: Answer.objects.filter(code="initials", answer="no"), answer="yes"), "its answers"),
            (changed(lambda: Answer.objects.filter(code="not_found"), note="Found."), "its answers or photos are not"),
            (changed(Finding.objects.all, due_on="2031-01-01"), "another due day"),
        ],
    ),
    "policy": (
        acknowledged,
        [
            (lambda: Acknowledgement.objects.all()[:1].get().delete(), "that its entries tell of is gone"),
            (lambda: another_acknowledges(), "that no entry tells of"),
            (changed(lambda: Acknowledgement.objects.filter(user__name="Ann Other"), at=timezone.now()), "is gone"),
            (changed(lambda: PolicyVersion.objects.filter(number=2), text="You may."), "its text is not the one"),
        ],
    ),
    "retention": (
        holds_and_certificate,
        [
            (changed(lambda: held(True), why="Nothing."), "another reason"),
            (changed(lambda: held(True), set_by=1), "another person who set it"),
            (changed(lambda: held(True), released_at=None, released_by=None), "its row says that it stands"),
            (changed(lambda: held(False), released_at=timezone.now(), released_by=1), "and no entry does"),
            (changed(lambda: held(False), case=None, record="letter/X"), "another record"),
            (changed(Disposal.objects.all, destroyed={"letters": 0}), "another account of what went"),
            (changed(Disposal.objects.all, what="sources"), "another kind of what was to go"),
            (changed(DisposalItem.objects.all, subject="letter/X"), "another list of records"),
            (changed(DisposalItem.objects.all, left_out="Held."), "another number of records left out"),
            (lambda: DisposalItem.objects.all().delete(), "another number of records"),
        ],
    ),
    "breach": (
        breach,
        [
            (changed(Breach.objects.all, aware_at=timezone.now() - dt.timedelta(days=9)), "another time of becoming"),
            (changed(Breach.objects.all, likelihood=1), "another assessment"),
            (changed(Breach.objects.all, is_loss=False), "another kind"),
            (changed(Breach.objects.all, letter=None), "another letter"),
            (changed(Breach.objects.all, control="typing"), "another cause"),
            (
                changed(lambda: BreachDuty.objects.filter(duty="governance"), settled_at=timezone.now()),
                "its duty governance was settled by no step",
            ),
        ],
    ),
    "papers": (
        lambda: papers_help.in_place(desk_of(), "destroyed"),
        [
            (changed(PapersOut.objects.all, due_on="2031-01-01"), "another due day"),
            (changed(PapersOut.objects.all, pages=2), "another number of pages"),
            (changed(PapersOut.objects.all, destroyed_by="confidential_waste"), "another way of destroying"),
            (changed(PapersOut.objects.all, ended_on="2031-01-01"), "another last day"),
        ],
    ),
    "copy": (
        lambda: Conference(world.Desk(world.make_office("near", "Near"))).in_state("delivered by post"),
        [
            (changed(Item.objects.all, posted_on="2031-01-01", approved_until="2031-01-01"), "another"),
            (changed(Item.objects.all, tracking_number="KW100000025GB"), "another tracking number"),
            (changed(Item.objects.all, initials="XX"), "another initials"),
            (changed(Item.objects.all, right_basis="court"), "another right"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", list(TAMPERED))
def test_each_fact_changed_straight_in_the_database_is_named(what):
    make, changes = TAMPERED[what]
    make()
    assert found() == []
    lift()
    from django.db import transaction

    for change, words in changes:
        try:
            with transaction.atomic():
                change()
                assert any(words in text for text in found()), (words, found())
                raise _Back
        except _Back:
            pass
    assert found() == []


class _Back(Exception):
    """The change is taken back."""
