"""Handed-over letters, and copies of reports and minutes, are drawn and checked like letters in the post (OGP-10)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actions import findings
from audit.actions import items as item_actions
from audit.actions import spotchecks as actions
from audit.models import Item, SpotCheck
from audit.spotchecks.checklist import QUESTIONS, Kind, Stage, what_is_missing
from audit.spotchecks.draw import draw
from audit.spotchecks.facts import facts_of
from audit.spotchecks.frame import read_frame
from audit.spotchecks.frames import Wanted, copies_of, how_many, letters_of
from audit.spotchecks.people import possible_witnesses
from audit.spotchecks.words import applying
from audit.tests.help import SEED, leave, seeded_and_seen
from distribution.tests.world import TRACKING, Conference
from letters.models import Letter
from letters.states import State
from postroom.ledger.models import Reading
from postroom.ledger.verify import verify
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-10"), pytest.mark.django_db]
ANSWERS = {q.code: "na" if q.code in ("order", "pp", "ics_date", "hand_delivery") else "yes" for q in QUESTIONS}


@pytest.fixture
def place() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@pytest.fixture
def dam() -> User:
    return world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)


def wanted(place: Conference, stage: Stage, kinds: tuple[Kind, ...] = tuple(Kind)) -> Wanted:
    today = timezone.localdate()
    return Wanted(place.desk.office, stage, today, today, kinds)


def checking(by: User, want: Wanted, sample: int) -> SpotCheck:
    """Through the real steps up to the checking."""
    check = actions.fix_frame(by=by, wanted=want, sample=sample)
    leave()
    check = seeded_and_seen(check, by, possible_witnesses(check, by.pk)[0])
    check = actions.draw(check=check, by=by, seen=Seen.of(check))
    return actions.begin(check=check, by=by, seen=Seen.of(check))


def test_each_stage_has_the_letters_and_copies_that_are_in_it(place):
    desk = place.desk
    posted = place.posted(place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post")))
    tray = place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post"))
    handed = place.handed_over(place.taken_out(place.ready(place.item("cp_report", place.parent), "by_hand")))
    place.item("minutes", place.parent)
    by_hand = world.letter_in(desk, State.HANDED_OVER)
    by_post = world.letter_in(desk, State.POSTED)
    in_tray = world.letter_in(desk, State.ENVELOPED)
    for stage, letters, copies in (
        (Stage.POSTED, {by_post}, {posted}),
        (Stage.TRAY, {in_tray}, {tray}),
        (Stage.HANDED, {by_hand}, {handed}),
        (Stage.RETURNED, set(), set()),
        (Stage.UPLOADED, set(), set()),
    ):
        want = wanted(place, stage)
        assert {one.pk for one in letters_of(want)} == {one.pk for one in letters}, stage
        assert {one.pk for one in copies_of(want)} == {one.pk for one in copies}, stage
        assert how_many(want) == len(letters) + len(copies)
        only = wanted(place, stage, (Kind.COPY,))
        assert how_many(only) == len(copies)
        assert not letters_of(only).exists()
        assert not copies_of(wanted(place, stage, (Kind.OWN, Kind.PP))).exists()
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    before = Wanted(desk.office, Stage.HANDED, yesterday, yesterday)
    assert how_many(before) == 0


def test_a_copy_in_the_tray_is_drawn_checked_and_followed_up(place, dam):
    copy = place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post"))
    letter = world.letter_in(place.desk, State.ENVELOPED)
    check = checking(dam, wanted(place, Stage.TRAY), 2)
    frame = check.strata.get().frame
    assert frame == "".join(sorted(f"{one.reference}\n" for one in (copy, letter)))
    order = [item.letter_reference for item in check.items.all()]
    assert order == draw(read_frame(frame.encode()), SEED, 2)
    item = check.items.get(copy=copy)
    client = Client()
    client.force_login(dam)
    page = client.get(reverse("audit:item", args=[check.reference, item.number]))
    words = page.content.decode()
    assert "The whole letter" not in words
    for fact in (place.away.name, "Approved by", "registered post", place.away_address.line_list[0]):
        assert fact in words, fact
    assert Reading.objects.filter(subject=copy.ledger_subject, reader_id=dam.pk).count() == 1
    item = item_actions.check_item(
        item=item, by=dam, seen=Seen.of(item), edition=item.edition, answers=ANSWERS | {"initials": "no"},
        notes={"initials": "None."},
    )  # fmt: skip
    assert item.faulty
    form = client.get(reverse("audit:finding_new", args=[check.reference, item.number])).content.decode()
    assert "Raise a finding on minutes" in form
    report = f"{reverse('breaches:report')}?copy={copy.reference}"
    assert f'href="{report}"' in form
    filled_in = client.get(report).content.decode()
    for known in (copy.distribution.title, f'name="copy" value="{copy.reference}"', place.desk.case.reference):
        assert known in filled_in, known
    finding = findings.raise_finding(
        item=item, by=dam, owner=place.desk.admin, what="Initials were missing.", due_on=timezone.localdate()
    )
    for person, status in ((place.desk.admin, 200), (place.desk.manager, 200), (place.desk.worker, 404)):
        client.force_login(person)
        assert client.get(reverse("audit:finding", args=[finding.reference])).status_code == status
    client.force_login(dam)
    page = client.get(reverse("audit:spot_check", args=[check.reference])).content.decode()
    assert "2 of 2 items" in page
    assert page.count('data-label="What it is">Minutes<') == page.count('data-label="What it is">Letter<') == 1
    assert [str(f) for f in verify().findings if not str(f).startswith("case/")] == []


def test_own_work_on_a_copy_is_never_drawn_for_oneself(place):
    both = world.make_user("Bo Both", place.desk.office, Role.ADMIN)
    world.grant(both, Role.DISTRICT_ADMIN_MANAGER, None)
    place.desk.admin = both
    place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post"))
    check = checking(both, wanted(place, Stage.TRAY), 1)
    item = check.items.get()
    with pytest.raises(NotAllowed):
        item_actions.check_item(item=item, by=both, seen=Seen.of(item), edition=0, answers=ANSWERS, notes={})


def test_what_the_record_says_of_each_way(place, dam):
    desk = place.desk
    by_hand = world.letter_in(desk, State.HANDED_OVER)
    report = place.handed_over(place.taken_out(place.ready(place.item("cp_report", place.parent), "by_hand")))
    check = checking(dam, wanted(place, Stage.HANDED), 2)
    facts = facts_of(check.items.get(letter=by_hand))
    assert facts["hand_delivery"].holds
    assert "At her door" in facts["hand_delivery"].words
    assert "needs neither" in facts["out_of_area"].words
    facts = facts_of(check.items.get(copy=report))
    assert facts["hand_delivery"].holds
    assert "Into their own hands" in facts["hand_delivery"].words
    assert facts["channel"].holds
    assert facts["addressee"].holds
    registered = world.letter_in(desk, State.POSTED, way="registered_post")
    minutes = place.posted(place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post")))
    check = checking(dam, wanted(place, Stage.POSTED), 2)
    facts = facts_of(check.items.get(letter=registered))
    assert facts["out_of_area"].holds
    assert registered.tracking_number in facts["out_of_area"].words
    facts = facts_of(check.items.get(copy=minutes))
    assert facts["out_of_area"].holds
    assert f"Approved by {desk.manager.name}; tracking number {TRACKING}" in facts["out_of_area"].words


def test_what_must_be_answered():
    given = dict.fromkeys((q.code for q in QUESTIONS), "na")
    assert "order" in what_is_missing(given, {}, "tray")
    assert "order" not in what_is_missing(given, {}, "tray", copy=True)
    assert "addressee" in what_is_missing(given, {}, "tray", copy=True)
    assert "hand_delivery" in what_is_missing(given, {}, "handed", copy=True)
    assert "hand_delivery" not in what_is_missing(given, {}, "posted")


def applying_to(check: SpotCheck, **which: Any) -> set[str]:
    return set(applying(facts_of(check.items.get(**which))))


def test_cant_apply_is_no_answer_where_the_record_says_that_it_applies(place, dam):
    """Whatever the stage: who signed, which way, whether it is in ICS, whether its envelope lies in the office."""
    desk = place.desk
    always = {"addressee", "order", "channel"}
    own = world.letter_in(desk, State.POSTED)
    pp = world.letter_in(desk, State.POSTED, by_pp=True)
    registered = world.letter_in(desk, State.POSTED, way="registered_post")
    minutes = place.posted(place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post")))
    check = checking(dam, wanted(place, Stage.POSTED), 4)
    assert applying_to(check, letter=own) == always
    assert applying_to(check, letter=pp) == always | {"pp"}
    assert applying_to(check, letter=registered) == always | {"out_of_area"}
    assert applying_to(check, copy=minutes) == {"addressee", "channel", "out_of_area"}
    world.letter_in(desk, State.HANDED_OVER)
    report = place.handed_over(place.taken_out(place.ready(place.item("cp_report", place.parent), "by_hand")))
    check = checking(dam, wanted(place, Stage.HANDED), 2)
    assert applying_to(check, copy__isnull=True) == always | {"hand_delivery"}
    assert applying_to(check, copy=report) == {"addressee", "channel", "hand_delivery"}
    done = world.letter_in(desk, State.UPLOADED)
    Letter.objects.filter(pk=world.letter_in(desk, State.ENVELOPED).pk).update(enveloped_on=dt.date(2026, 1, 5))
    check = checking(dam, wanted(place, Stage.UPLOADED), 1)
    item = check.items.get(letter=done)
    assert set(applying(facts_of(item))) == always | {"ics_date", "tray"}
    answers = dict.fromkeys((q.code for q in QUESTIONS), "na") | dict.fromkeys(always, "yes")
    with pytest.raises(item_actions.AnswersMissing) as missing:
        item_actions.check_item(item=item, by=dam, seen=Seen.of(item), edition=0, answers=answers, notes={})
    assert set(missing.value.problems) == {"ics_date", "tray"}
    answers |= {"ics_date": "yes", "tray": "yes"}
    item_actions.check_item(item=item, by=dam, seen=Seen.of(item), edition=0, answers=answers, notes={})
    back = world.letter_in(desk, State.RETURNED)  # from here on the address is in doubt
    check = checking(dam, wanted(place, Stage.RETURNED), 1)
    here = {"window", "contents", "initials", "return_label", "tray"}
    assert applying_to(check, letter=back) == always | here


def test_a_copy_is_picked_beside_the_draw_and_the_database_wants_one_thing(place, dam):
    world.letter_in(place.desk, State.POSTED)
    copy = place.posted(place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post")))
    check = checking(dam, wanted(place, Stage.POSTED, (Kind.OWN, Kind.PP)), 1)
    check = actions.pick(check=check, by=dam, seen=Seen.of(check), reference=copy.reference, reason="Out of area.")
    with pytest.raises(InvalidStep):
        actions.pick(check=check, by=dam, seen=Seen.of(check), reference=copy.reference, reason="Again.")
    item = check.items.get(copy=copy)
    assert not item.is_drawn
    for change in ({"letter": check.items.exclude(copy=copy).get().letter}, {"copy": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.filter(pk=item.pk).update(**change)
