"""Whoever saw the dice says so with their own sign-in, before anything is drawn (OGP-10)."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from audit import selectors, work
from audit.actions import spotchecks as actions
from audit.actions.dice import confirm_dice, refuse_dice
from audit.models import SpotCheck
from audit.spotchecks.replay import draw_is_the_rule
from audit.tests.help import SEED, Scene
from audit.tests.test_kept import signed_in
from audit.tests.test_spotcheck_actions import refused, why_refused
from postroom.ledger.models import Entry
from postroom.ledger.sealing import seal
from postroom.ledger.verify import verify
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.people.models import RoleGrant
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale
from tests.access.hunting import words_on
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-10")]


@pytest.fixture
def scene():
    return Scene(letters=2)


def page_of(check, name="dice"):
    return reverse(f"audit:{name}", args=[check.reference])


def test_nothing_is_drawn_before_the_witness_has_confirmed(scene):
    check, witness = scene.thrown(), scene.desk.manager
    with pytest.raises(GuardFailed, match="has not confirmed them yet"):
        actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    assert selectors.dice_to_confirm(witness).get() == check
    seen = Seen.of(check)
    check = confirm_dice(check=check, by=witness, seen=seen)
    assert (check.state, check.confirmed_by, check.confirmed_at) == ("seeded", witness, check.confirmed_at)
    told = Entry.objects.get(subject=check.ledger_subject, action="confirm_dice")
    assert (json.loads(told.payload), told.actor_id) == ({"seed": SEED, "sha256": check.content_hash}, witness.pk)
    assert not selectors.dice_to_confirm(witness).exists()
    with pytest.raises(Stale):
        confirm_dice(check=check, by=witness, seen=seen)
    for again in (confirm_dice, refuse_dice):
        with pytest.raises(GuardFailed, match="Once confirmed they stand"):
            again(check=check, by=witness, seen=Seen.of(check), **({"reason": "x"} if again is refuse_dice else {}))
    check = actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    assert check.items.count() == 2
    with pytest.raises(NotPossible):
        confirm_dice(check=check, by=witness, seen=Seen.of(check))
    seal()
    assert verify().found == 0
    asked = Job.objects.filter(subject=check.ledger_subject)
    told = {(job.payload["user"], job.payload["notice"]) for job in asked}
    assert told == {(witness.pk, "spotcheck_witness"), (scene.dam.pk, "spotcheck_dice")}


def test_nobody_but_the_witness_confirms_and_only_while_they_have_a_part_in_the_post(scene):
    check, witness = scene.thrown(), scene.desk.manager
    elsewhere = world.Desk(world.make_office("hil", "Hillside"))
    for who in (scene.dam, scene.stand_in, scene.desk.admin, scene.desk.deputy, elsewhere.manager):
        for verb, more in ((confirm_dice, {}), (refuse_dice, {"reason": "Others."})):
            with pytest.raises(NotAllowed, match="Only the person who was named"):
                verb(check=check, by=who, seen=Seen.of(check), **more)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    grants = RoleGrant.objects.filter(user=witness)
    for place in (None, elsewhere.office):  # their role has ended; it is at another office now
        grants.update(ends=yesterday)
        if place is not None:
            RoleGrant.objects.create(user=witness, role=Role.ADMIN, office=place, starts=yesterday)
        with pytest.raises(NotAllowed):
            confirm_dice(check=check, by=witness, seen=Seen.of(check))
    grants.update(ends=None)
    type(witness).objects.filter(pk=witness.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        confirm_dice(check=check, by=witness, seen=Seen.of(check))
    assert SpotCheck.objects.get().confirmed_at is None


def test_a_witness_is_named_who_has_a_part_in_that_offices_post(scene):
    check = scene.fixed()
    elsewhere = world.Desk(world.make_office("hil", "Hillside"))
    for who in (elsewhere.manager, world.make_user("Sys Admin", None, Role.SYSTEM_ADMINISTRATOR)):
        with pytest.raises(InvalidStep, match="a part in that office"):
            actions.take_seed(check=check, by=scene.dam, seen=Seen.of(check), seed=SEED, witness=who)


def test_a_wrong_one_begins_the_seed_anew_with_both_on_record(scene):
    check, witness = scene.thrown(), scene.desk.manager
    with pytest.raises(ReasonNeeded):
        refuse_dice(check=check, by=witness, seen=Seen.of(check), reason=" ")
    check = refuse_dice(check=check, by=witness, seen=Seen.of(check), reason="The fourth was a 7.")
    assert (check.state, check.seed, check.seed_by, check.witness_by, check.witness) == ("fixed", "", None, None, "")
    seal()
    assert verify().found == 0
    with pytest.raises(NotPossible):
        actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    give = {"check": check, "by": scene.dam, "seen": Seen.of(check), "witness": scene.desk.admin}
    check = actions.take_seed(**give, seed="7" * 20)
    check = confirm_dice(check=check, by=scene.desk.admin, seen=Seen.of(check))
    check = actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    seeds = Entry.objects.filter(subject=check.ledger_subject, action="take_seed").order_by("seq")
    assert [json.loads(entry.payload)["seed"] for entry in seeds] == [SEED, "7" * 20]
    (one,) = selectors.refused_seeds(check)
    assert (one.seed, one.by, one.why) == (SEED, witness.name, "The fourth was a 7.")
    assert SEED in words_on(signed_in(scene.dam).get(page_of(check, "spot_check")))
    assert SEED not in words_on(signed_in(scene.desk.manager).get(page_of(check, "spot_check")))
    seal()
    assert verify().found == 0


def test_the_database_wants_the_witnesss_own_step(scene):
    check, witness, other = scene.thrown(), scene.desk.manager.pk, scene.desk.admin.pk
    confirm = "UPDATE audit_spotcheck SET confirmed_at = seed_at, confirmed_by_id = %s WHERE id = %s"
    assert "a step of their witness" in why_refused(confirm, witness, check.pk)
    assert refused(confirm, other, check.pk)
    assert refused("UPDATE audit_spotcheck SET confirmed_at = seed_at WHERE id = %s", check.pk)
    assert refused("UPDATE audit_spotcheck SET seed = '' WHERE id = %s", check.pk)
    assert refused("UPDATE audit_spotcheck SET state = 'fixed', seed = '', seed_at = NULL, seed_by_id = NULL, "
                   "witness = '', witness_by_id = NULL WHERE id = %s", check.pk)  # fmt: skip
    assert refused("UPDATE audit_spotcheck SET witness_by_id = %s WHERE id = %s", other, check.pk)
    words = why_refused("UPDATE audit_spotcheck SET state = 'drawn' WHERE id = %s", check.pk)
    assert words
    check = confirm_dice(check=check, by=scene.desk.manager, seen=Seen.of(check))
    gone = "UPDATE audit_spotcheck SET confirmed_at = NULL, confirmed_by_id = NULL WHERE id = %s"
    assert "a step of their witness" in why_refused(gone, check.pk)
    assert refused("UPDATE audit_spotcheck SET confirmed_at = drawn_at WHERE id = %s", check.pk)


def test_a_draw_without_or_before_its_witness_is_named_by_verify(scene):
    check = scene.drawn()
    entries = [entry.values() for entry in Entry.objects.filter(subject=check.ledger_subject).order_by("seq")]
    assert draw_is_the_rule(check, entries) == ""
    without = [entry for entry in entries if entry.action != "confirm_dice"]
    assert "their witness had not confirmed" in draw_is_the_rule(check, without)
    swapped = sorted(entries, key=lambda entry: entry.action == "confirm_dice")
    assert "their witness had not confirmed" in draw_is_the_rule(check, swapped)
    for change in ({"confirmed_at": timezone.now()}, {"confirmed_by": scene.desk.admin}, {"confirmed_by": None}):
        row = SpotCheck.objects.get(pk=check.pk)
        for name, value in change.items():
            setattr(row, name, value)
        assert "than its entries" in draw_is_the_rule(row, entries), change


def test_the_page_is_the_witnesss_alone_and_says_what_they_confirm(scene):
    check, client = scene.thrown(), signed_in(scene.desk.manager)
    here = page_of(check)
    assert [Client().get(here).status_code, signed_in(scene.dam).get(here).status_code] == [302, 404]
    said = words_on(client.get(here))
    assert "00123 45678 90123 45678" in said
    assert check.content_hash in said
    seen = {"seen_version": check.version, "seen_hash": check.content_hash}
    answer = client.post(page_of(check, "dice_refuse"), seen | {"reason": ""})
    assert (answer.status_code, "Say what you saw instead" in words_on(answer)) == (422, True)
    assert client.post(here, seen | {"seen_version": 1}).status_code == 409
    for _ in range(2):  # the same form sent twice
        assert client.post(here, seen)["Location"] == here
    assert "You confirmed them" in words_on(client.get(here))
    assert client.post(page_of(check, "dice_refuse"), seen | {"reason": "No."}).status_code == 409
    assert Entry.objects.filter(subject=check.ledger_subject, action="confirm_dice").count() == 1


def test_refused_twice_by_one_form_it_is_recorded_once_and_the_link_says_so(scene):
    check, client = scene.thrown(), signed_in(scene.desk.manager)
    sent = {"seen_version": check.version, "seen_hash": check.content_hash, "reason": "The fourth was a 7."}
    for _ in range(2):
        assert client.post(page_of(check, "dice_refuse"), sent)["Location"] == reverse("letters:my_work")
    assert Entry.objects.filter(subject=check.ledger_subject, action="refuse_dice").count() == 1
    assert "nothing more to do" in words_on(client.get(page_of(check), follow=True))
    assert signed_in(scene.desk.deputy).get(page_of(check)).status_code == 404


def test_it_waits_on_my_work_and_the_other_way_is_offered(scene):
    check, witness = scene.thrown(), scene.desk.manager
    (mine,) = [row for row in work.lists_for(witness, authority_of(witness)) if row.slug == "spot-check-dice"]
    assert [(row.do, row.href) for row in mine.rows] == [("Say if you saw them", page_of(check))]
    assert [one.kind for one in work.held_by(witness)] == ["Dice of a spot check"]
    client = signed_in(scene.dam)
    page = client.get(page_of(check, "spot_check"))
    assert page.context["waiting"] == client.get(reverse("audit:spot_checks")).context["waiting"] > 0  # at the head
    said = page.content.decode()
    assert f"Waits for {witness.name}" in said
    assert f"{reverse('audit:spot_check_new')}?seed=announced&amp;office=riv" in said
    assert client.get(f"{reverse('audit:spot_check_new')}?seed=announced").context["form"]["seed_from"].value() == (
        "announced"
    )
