"""What a bundle shows of spot checks and of an office: the draw, its dice, who saw them, all that was done."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from django.utils import timezone

import verify_bundle
from audit.actions import findings
from audit.actions import items as spot_items
from audit.actions import spotchecks as spot_actions
from audit.actions.dice import refuse_dice
from audit.record.bundle import letter_wanted, office_wanted
from audit.record.tests.bundles import changed, here, make, run
from audit.spotchecks.checklist import Stage
from audit.tests import test_copies_drawn as copies_drawn
from audit.tests.help import SEED, leave, seeded_and_seen
from audit.tests.help import Scene as SpotScene
from distribution.tests.world import Conference
from papers import actions as paper_actions
from papers.actions.agreements import Terms
from papers.tests import help as papers_help
from postroom.ledger.models import Checkpoint, Entry
from postroom.ledger.sealing import seal
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-0"), pytest.mark.django_db]


def test_an_outsider_sees_that_the_list_was_fixed_before_its_seed(tmp_path):
    """With a checkpoint that left between list and seed; and what doesn't hold together is named (OGP-10)."""
    scene = SpotScene(letters=3)
    check = scene.fixed(2)
    left = Checkpoint.objects.order_by("-number")[0]
    witness = scene.desk.manager
    first = spot_actions.take_seed(check=check, by=scene.dam, seen=Seen.of(check), seed="9" * 20, witness=witness)
    check = refuse_dice(check=first, by=witness, seen=Seen.of(first), reason="I saw another throw.")
    check = seeded_and_seen(check, scene.dam, witness)
    check = spot_actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    check = spot_actions.begin(check=check, by=scene.dam, seen=Seen.of(check))
    seal(everything=True)
    subjects = [check.ledger_subject, *(item.ledger_subject for item in check.items.all())]
    data = make(sorted(subjects), scope="spot check")
    code, said = run(data, tmp_path)
    assert (code, f"give a checkpoint from {left.number} to {left.number} that" in said) == (0, True), said
    code, said = run(data, tmp_path, "--checkpoint", f"{left.number}:{left.hash}")
    assert code == 0, said
    for words in (
        f"shown from outside: checkpoint {left.number}, kept outside, has the list and not yet the seed",
        f"{check.ledger_subject}: list of 3 fixed",
        f"seed {'9' * 20} refused", f"by {witness.name}, who was named as having seen the dice",
        f"seed {SEED} taken", f"by {scene.dam.name}, from dice, seen by {witness.name}", "with their own sign-in",
        "drawn again: 2 of 3, as the rule draws them",
    ):  # fmt: skip
        assert words in said, said
    # Kept from after the seed, it shows nothing.
    newest = Checkpoint.objects.order_by("-number")[0]
    assert "not yet shown from outside" in run(data, tmp_path, "--checkpoint", f"{newest.number}:{newest.hash}")[1]
    code, said = here(changed(data, "frames.jsonl", lambda rows: []), tmp_path)
    assert (code, "its frame is not in the bundle" in said) == (1, True)

    # Whoever has the key signs another story; each is named.
    def story(action, subject=check.ledger_subject, **more):
        told = json.loads(Entry.objects.filter(subject=subject, action=action)[0].payload)
        position = 10**6 if action == "take_seed" else 1
        return {subject: {action: told | {"_position": position, "_at": 2 * 10**15, "_by": 1} | more}}

    seed, step = story("take_seed")[check.ledger_subject], story("confirm_dice")[check.ledger_subject]
    seed["take_seed"] = json.loads(
        Entry.objects.filter(subject=check.ledger_subject, action="take_seed").order_by("-seq")[0].payload
    )
    told = {"draw": {"_seq": 5}}
    for more, is_so in (
        ({"_by": witness.pk, "_seq": 4}, True), ({"_by": scene.dam.pk, "_seq": 4}, False),
        ({"_by": witness.pk, "_seq": 6}, False), ({"_by": witness.pk, "_seq": 4, "seed": "1"}, False),
    ):  # fmt: skip
        assert verify_bundle.confirmed(told | seed | {"confirm_dice": step["confirm_dice"] | more}) is is_so
    assert not verify_bundle.confirmed(told | seed)
    points = {left.number: {"number": left.number, "hash": left.hash, "last_position": 10, "at": 10**15}}
    early = "2026-01-01T00:00:00+00:00"
    for fixed, seed, words in (
        ({}, {"left": {"checkpoint": left.number, "hash": "f" * 64}}, "not in the checkpoint"),
        ({"_position": 11}, {}, "not in the checkpoint"),
        ({}, {"_position": 10}, "its seed was taken before"),
        ({"known_at": early}, {"_at": 10**15}, "was known, and then taken"),
        ({"known_at": "2001-01-01T00:00:00+00:00"}, {}, "was known, and then taken"),
    ):
        told = story("fix_frame", **fixed)[check.ledger_subject] | story("take_seed", **seed)[check.ledger_subject]
        with pytest.raises(verify_bundle.Wrong, match=words):
            verify_bundle.before_seed("x", told, {1: "Dee"}, points, set())
    # As lists were recorded before they had to leave first: said, and no fault.
    told = (
        story("fix_frame", _position=8)[check.ledger_subject]
        | story("take_seed", left=None, _position=9)[check.ledger_subject]
    )
    assert "can't be shown from outside" in verify_bundle.before_seed("x", told, {1: "Dee"}, points, set())[1]


def test_an_offices_bundle_has_all_that_its_people_did_but_breaches(tmp_path):
    """Reports and minutes with each copy, papers out and agreements, spot checks with items and findings."""
    place = Conference(world.Desk(world.make_office("riv", "Riverside")))
    papers_help.with_managers(place.desk)
    copy = place.in_state("sent by post")
    papers = papers_help.taken(place.desk)
    elsewhere = Conference(world.Desk(world.make_office("hill", "Hillside"))).in_state("handed over")
    away = paper_actions.register_agreement(
        person=place.desk.worker, by=place.desk.manager,
        terms=Terms(place="home", base="", access="Letters", starts=timezone.localdate(), ends=timezone.localdate()),
    )  # fmt: skip
    dam = world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)
    check = copies_drawn.checking(dam, copies_drawn.wanted(place, Stage.POSTED), 1)
    item = check.items.get()
    spot_items.cannot_find(item=item, by=dam, seen=Seen.of(item), note="Nowhere.")
    item.refresh_from_db()
    finding = findings.raise_finding(
        item=item, by=dam, what="Look for it.", owner=place.desk.admin, due_on=timezone.localdate()
    )
    seal(everything=True)
    today = timezone.localdate()
    subjects = office_wanted(place.desk.office, today, today)
    there = {copy, copy.distribution, papers, away, check, item, finding}
    assert {one.ledger_subject for one in there} <= set(subjects)
    assert elsewhere.ledger_subject not in subjects
    assert not [subject for subject in subjects if subject.startswith("breach/")]
    code, said = here(make(subjects, scope="office"), tmp_path)
    assert code == 0, said
    assert office_wanted(place.desk.office, today + dt.timedelta(days=9), today + dt.timedelta(days=10)) == [
        place.desk.office.ledger_subject
    ]


def test_a_letters_bundle_has_the_draws_it_was_in_once_they_are_over(tmp_path):
    scene = SpotScene(letters=3)
    check = scene.checking(2)
    item = check.items.all()[0]
    letter = item.letter
    seal(everything=True)
    assert letter_wanted(letter, of_all_offices=True) == [letter.ledger_subject]
    for one in check.items.all():
        scene.give_in(one)
    check.refresh_from_db()
    check = spot_actions.finish(check=check, by=scene.dam, seen=Seen.of(check))
    seal(everything=True)
    subjects = letter_wanted(letter, of_all_offices=False)
    assert set(subjects) == {letter.ledger_subject, check.ledger_subject, item.ledger_subject}
    data = make(subjects, scope="letter")
    code, said = here(data, tmp_path)
    assert code == 0, said

    def another_frame(rows):
        rows[0]["frames"] = [rows[0]["frames"][0].replace(letter.reference, "ZZZZZZZZZ")]

    code, said = here(changed(data, "frames.jsonl", another_frame), tmp_path)
    assert (code, "its frame is not the one that was published" in said) == (1, True)
    every = spot_actions.fix_frame(by=scene.dam, wanted=replace(scene.wanted(), office=None), sample=3)
    leave()
    every = seeded_and_seen(every, scene.dam, scene.desk.manager)
    every = spot_actions.draw(check=every, by=scene.dam, seen=Seen.of(every))
    every = spot_actions.abandon(check=every, by=scene.dam, seen=Seen.of(every), reason="Too many.")
    assert every.ledger_subject not in letter_wanted(letter, of_all_offices=False)
    assert every.ledger_subject in letter_wanted(letter, of_all_offices=True)
