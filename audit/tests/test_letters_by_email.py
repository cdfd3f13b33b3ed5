"""Letters sent by secure e-mail are drawn and checked; what came back, and what nobody knows, too (OGP-10)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actions import items as item_actions
from audit.actions import spotchecks as checks
from audit.models import Item
from audit.spotchecks.checklist import LETTER_EMAIL_QUESTIONS, Kind, Stage
from audit.spotchecks.facts import facts_of
from audit.spotchecks.frames import Wanted, letters_of
from audit.spotchecks.risks import risky
from audit.spotchecks.words import Fact
from audit.tests.test_copies_drawn import checking
from letters import actions
from letters.models import Letter, OfficeMail
from letters.states import State
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-10"), pytest.mark.django_db]
ALL_YES = {q.code: "yes" for q in LETTER_EMAIL_QUESTIONS}


@pytest.fixture
def desk() -> world.Desk:
    return world.Desk(world.make_office("riv", "Riverside"))


@pytest.fixture
def dam() -> User:
    return world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)


def wanted(desk: world.Desk, stage: Stage = Stage.EMAILED, kinds: tuple[Kind, ...] = tuple(Kind)) -> Wanted:
    today = timezone.localdate()
    return Wanted(desk.office, stage, today, today, kinds)


def decided(desk: world.Desk) -> Letter:
    letter = world.letter_in(desk, State.UNCERTAIN)
    return actions.decide_sent(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="They have it.")


def test_who_is_in_the_frame(desk):
    """What came back, what is on the case record, and what nobody knows; not what was asked for and never began."""
    sent = world.letter_in(desk, State.EMAILED, by_pp=True)
    back, there = (world.letter_in(desk, state, way="secure_email") for state in (State.RETURNED, State.UPLOADED))
    unknown = world.letter_in(desk, State.UNCERTAIN)
    signed = world.letter_in(desk, State.SIGNED, way="secure_email")
    actions.send_email(letter=signed, by=desk.worker, seen=Seen.of(signed), **world.emailing(signed))
    posted, came = world.letter_in(desk, State.POSTED), world.letter_in(desk, State.RETURNED)
    assert set(letters_of(wanted(desk))) == {sent, back, there, unknown}
    assert set(letters_of(wanted(desk, kinds=(Kind.PP,)))) == {sent}
    assert set(letters_of(wanted(desk, Stage.POSTED))) == {posted, came}
    assert set(letters_of(wanted(desk, Stage.RETURNED))) == {back, came}
    assert set(letters_of(wanted(desk, Stage.UPLOADED))) == {there}
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    for stage in (Stage.EMAILED, Stage.RETURNED):
        assert not letters_of(Wanted(desk.office, stage, tomorrow, tomorrow)).exists()


@pytest.mark.policy("CLS-6")
def test_what_the_record_says(desk, dam):
    plain, given = world.letter_in(desk, State.EMAILED, by_pp=True), world.letter_in(desk, State.EMAILED)
    given = actions.give_password(letter=given, by=desk.worker, seen=Seen.of(given), recipient_known=True)
    back, there = (world.letter_in(desk, state, way="secure_email") for state in (State.RETURNED, State.UPLOADED))
    unknown, said = world.letter_in(desk, State.UNCERTAIN), decided(desk)
    check = checking(dam, wanted(desk), 6)
    assert {item.checklist for item in check.items.all()} == {"letter"}

    def of(letter: Letter) -> dict[str, Fact]:
        return facts_of(check.items.get(letter=letter))

    for letter in (plain, given, back, there, unknown, said):
        facts = of(letter)
        assert sorted(facts) == sorted(ALL_YES)
        assert f"{letter.addressee.name}, professional, {letter.email}." == facts["addressee"].words
        held = {code for code, fact in facts.items() if fact.holds}
        assert held >= {"addressee", "order", "right", "channel", "encrypted", "subject", "domain"}
        assert {code for code, fact in facts.items() if fact.applies} >= held - {
            "password",
            "ics_date",
            "arrived",
            "pp",
        }
        assert f"Confirmed by {desk.worker.name}" in facts["right"].words
        assert "They work with the child or the family" in facts["right"].words
        assert "sending began" in facts["order"].words
    assert (of(plain)["pp"].applies, of(given)["pp"].applies) == (True, False)
    assert of(plain)["password"] == Fact("Not given yet, by the record.")
    assert of(given)["password"].words.startswith(f"Read out by phone by {desk.worker.name}")
    assert of(given)["password"].applies
    arrived = {name: of(one)["arrived"] for name, one in {"plain": plain, "back": back, "said": said}.items()}
    assert (arrived["plain"].holds, arrived["back"].holds, arrived["said"].holds) == (True, False, None)
    assert "it came back" in arrived["back"].words
    assert f"as {desk.worker.name} decided" in arrived["said"].words
    assert "nobody has decided" in of(unknown)["arrived"].words
    assert of(unknown)["ics_date"].words == "Not gone yet."
    assert "The notes should begin: Sent by secure e-mail" in of(there)["ics_date"].words
    assert (of(there)["ics_date"].holds, of(plain)["ics_date"].holds) == (True, False)
    OfficeMail.objects.update(allowed_domains="")
    plain.addressee.email = f"other@{world.SCHOOL}"
    plain.addressee.save()
    assert of(plain)["domain"].holds is None
    assert of(plain)["addressee"].holds is False
    assert "The case has another e-mail address now" in of(plain)["addressee"].words


def test_it_is_checked_by_its_own_questions_which_it_keeps(desk, dam):
    letter = world.letter_in(desk, State.EMAILED)
    posted = world.letter_in(desk, State.POSTED)
    check = checking(dam, wanted(desk), 1)
    check = checks.pick(check=check, by=dam, seen=Seen.of(check), reference=posted.reference, reason="Beside it.")
    item = check.items.get(letter=letter)
    client = Client()
    client.force_login(dam)
    page = client.get(reverse("audit:item", args=[check.reference, item.number])).content.decode()
    assert "Did it go as an encrypted file?" in page
    assert "Did the check and the signature come before it was sent?" in page
    assert "Does the address alone show in the window?" not in page
    world.came_back_by_email(letter)
    for row, other in ((item, "paper"), (item, "email"), (check.items.get(letter=posted), "letter")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.filter(pk=row.pk).update(checklist=other)
    with pytest.raises(item_actions.AnswersMissing) as missing:
        item_actions.check_item(
            item=item, by=dam, seen=Seen.of(item), edition=0, answers=dict.fromkeys(ALL_YES, "na"), notes={}
        )
    assert set(missing.value.problems) == set(ALL_YES) - {"password", "pp", "ics_date"}
    item = item_actions.check_item(
        item=item, by=dam, seen=Seen.of(item), edition=0, answers=ALL_YES | {"arrived": "no"},
        notes={"arrived": "It came back, and nobody has written since."},
    )  # fmt: skip
    assert item.faulty
    assert set(item.answers.values_list("code", flat=True)) == set(ALL_YES)


def test_what_is_risky_is_suggested(desk, dam, django_assert_max_num_queries):
    back, said = world.letter_in(desk, State.RETURNED, way="secure_email"), decided(desk)
    world.letter_in(desk, State.EMAILED)
    pp = world.letter_in(desk, State.EMAILED, by_pp=True)
    check = checks.fix_frame(by=dam, wanted=wanted(desk), sample=1)
    with django_assert_max_num_queries(4):
        found = {risk.reference: risk.why for risk in risky(check, dam)}
    assert found == {
        back.reference: "its e-mail came back",
        said.reference: "a person decided that its e-mail was sent",
        pp.reference: "signed pp",
    }
