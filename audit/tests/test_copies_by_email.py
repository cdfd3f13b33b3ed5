"""Copies sent by secure e-mail, and copies that came back, are drawn and checked; picks beside the draw (OGP-10)."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actions import items as item_actions
from audit.actions import spotchecks as actions
from audit.models import Item, SpotCheck
from audit.spotchecks.checklist import EMAIL_QUESTIONS, Kind, Stage
from audit.spotchecks.facts import facts_of
from audit.spotchecks.frames import copies_of, letters_of
from audit.spotchecks.risks import risky
from audit.tests.help import SEED
from audit.tests.test_copies_drawn import checking, wanted
from distribution import actions as dist
from distribution.actions import emailing
from distribution.models import Item as Copy
from distribution.models import OfficeMail
from distribution.tests.world import TRACKING, Conference, fresh
from letters.routes import Channel
from letters.states import State
from postroom.ledger.verify import verify
from postroom.outbox.models import Job
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-10"), pytest.mark.django_db]
ALL_YES = {q.code: "yes" for q in EMAIL_QUESTIONS}


@pytest.fixture
def place() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@pytest.fixture
def dam() -> User:
    return world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)


def came_back(copy: Copy) -> Copy:
    """Its e-mail came back, as the mailbox reports it."""
    job = Job.objects.get(kind=emailing.KIND, key=f"{copy.reference}:{copy.sends}")
    emailing.bounced(message_ids=[f"{job.pk.hex}@postroom.example"], reason="No such mailbox.")
    return fresh(copy)


def returned(place: Conference, copy: Copy) -> Copy:
    return dist.return_undelivered(item=copy, by=place.desk.admin, seen=Seen.of(copy), reason="Gone away.")


def yesterday(place: Conference, stage: Stage) -> object:
    day = timezone.localdate() - dt.timedelta(days=1)
    want = wanted(place, stage)
    return type(want)(want.office, stage, day, day, want.kinds)


def test_who_is_in_the_frame_of_what_was_e_mailed(place, dam):
    """What came back, and what nobody knows, was e-mailed too: without them a frame would hold what went well."""
    sent = place.in_state("delivered by e-mail")
    back = came_back(place.in_state("sent by e-mail"))
    unknown = place.in_state("uncertain")
    place.in_state("released by e-mail, sending")
    place.in_state("handed over")
    posted = returned(place, place.in_state("sent by post"))
    world.letter_in(place.desk, State.POSTED)
    assert back.sent_at is None
    assert posted.posted_on is None
    assert set(copies_of(wanted(place, Stage.EMAILED))) == {sent, back, unknown}
    assert set(copies_of(wanted(place, Stage.POSTED))) == {posted}
    assert set(copies_of(wanted(place, Stage.RETURNED))) == {back, posted}
    assert not letters_of(wanted(place, Stage.EMAILED)).exists()
    assert not copies_of(wanted(place, Stage.EMAILED, (Kind.OWN, Kind.PP))).exists()
    for stage in (Stage.EMAILED, Stage.POSTED, Stage.RETURNED):
        assert not copies_of(yesterday(place, stage)).exists()
    elsewhere = Conference(world.Desk(world.make_office("hill", "Hillside")))
    assert not copies_of(wanted(elsewhere, Stage.EMAILED)).exists()


def test_the_frame_has_the_form_that_anybody_can_draw_from(place, dam, tmp_path):
    copies = [place.in_state("sent by e-mail") for _ in range(4)]
    check = checking(dam, wanted(place, Stage.EMAILED), 2)
    frame = check.strata.get().frame
    assert frame == "".join(sorted(f"{copy.reference}\n" for copy in copies))
    path, out = tmp_path / "frame.txt", io.StringIO()
    path.write_text(frame)
    call_command("spotcheck_draw", "--frame", str(path), "--seed", SEED, "-n", "2", stdout=out)
    assert out.getvalue().split() == [item.letter_reference for item in check.items.all()]
    assert {item.checklist for item in check.items.all()} == {"email"}
    assert [str(f) for f in verify().findings if not str(f).startswith("case/")] == []


@pytest.mark.policy("CLS-6", "OGP-9")
def test_what_the_record_says_of_an_e_mail(place, dam):
    plain = place.in_state("sent by e-mail")
    given = place.in_state("delivered by e-mail")
    back = came_back(place.in_state("delivered by e-mail"))
    unknown = place.in_state("uncertain")
    check = checking(dam, wanted(place, Stage.EMAILED), 4)

    def of(copy: Copy) -> dict[str, tuple[str, bool | None]]:
        return {code: (fact.words, fact.holds) for code, fact in facts_of(check.items.get(copy=copy)).items()}

    assert set(of(plain)) == {q.code for q in EMAIL_QUESTIONS}
    for copy in (plain, given, back, unknown):
        facts = of(copy)
        assert place.teacher.email in facts["addressee"][0]
        assert facts["addressee"][1] is True
        assert facts["right"] == (facts["right"][0], True)
        assert f"Confirmed by {place.desk.worker.name}" in facts["right"][0]
        assert "They are a member of the conference" in facts["right"][0]
        assert facts["channel"][1] is True
        assert "secure e-mail" in facts["channel"][0]
        assert facts["encrypted"][1] is True
        assert facts["subject"][1] is True
        assert facts["domain"] == ("invented-school.example: on the office's list of allowed domains.", True)
    assert of(plain)["password"] == ("Not given yet, by the record.", None)
    for copy in (given, back):
        assert f"Read out by phone by {place.desk.worker.name}" in of(copy)["password"][0]
        assert of(copy)["password"][1] is True
    assert of(given)["arrived"][1] is True
    assert "it came back" in of(back)["arrived"][0]
    assert of(back)["arrived"][1] is False
    assert "nobody has decided" in of(unknown)["arrived"][0]
    assert of(unknown)["arrived"][1] is False
    assert "The notes should begin: E-mailed" in of(given)["ics_date"][0]
    assert of(given)["ics_date"][1] is False
    OfficeMail.objects.update(allowed_domains="")
    assert of(plain)["domain"][1] is None
    assert "not on the office's list today" in of(plain)["domain"][0]
    with transaction.atomic():  # the password's row is what says that the file was encrypted
        sends = plain.sends
        Copy.objects.filter(pk=plain.pk).update(sends=sends + 1)
        assert of(plain)["encrypted"][1] is False
        Copy.objects.filter(pk=plain.pk).update(sends=sends)


def test_an_e_mail_is_checked_by_its_own_questions(place, dam):
    place.in_state("sent by e-mail")
    check = checking(dam, wanted(place, Stage.EMAILED), 1)
    item = check.items.get()
    client = Client()
    client.force_login(dam)
    page = reverse("audit:item", args=[check.reference, item.number])
    words = client.get(page).content.decode()
    assert "Did it go as an encrypted file?" in words
    assert "window" not in words
    assert client.post(page, {"version": "0", "seen_version": "1"}).status_code == 422
    with pytest.raises(item_actions.AnswersMissing) as missing:
        item_actions.check_item(
            item=item, by=dam, seen=Seen.of(item), edition=0, answers=dict.fromkeys(ALL_YES, "na"), notes={}
        )
    assert "encrypted" in missing.value.problems
    item = item_actions.check_item(
        item=item, by=dam, seen=Seen.of(item), edition=0, answers=ALL_YES | {"password": "no"},
        notes={"password": "It was in the next e-mail."},
    )  # fmt: skip
    assert item.faulty
    assert set(item.answers.values_list("code", flat=True)) == set(ALL_YES)
    form = client.get(reverse("audit:finding_new", args=[check.reference, item.number])).content.decode()
    assert "Did the password go another way" in form
    check.refresh_from_db(fields=["version", "content_hash"])
    check = actions.finish(check=check, by=dam, seen=Seen.of(check))
    assert (check.faulty, check.at_most) == (1, 1)


@pytest.mark.soak
def test_own_e_mail_is_never_checked_by_oneself(place):
    both = world.make_user("Bo Both", None, Role.DISTRICT_ADMIN_MANAGER, Role.SAFEGUARDING)
    place.safeguarding = both
    place.in_state("sent by e-mail")
    check = checking(both, wanted(place, Stage.EMAILED), 1)
    item = check.items.get()
    with pytest.raises(NotAllowed):
        item_actions.check_item(item=item, by=both, seen=Seen.of(item), edition=0, answers=ALL_YES, notes={})


def test_what_came_back_is_checked_as_it_went(place, dam):
    """Coming back takes number, approval and right off the row: the facts are of what went."""
    letter = world.letter_in(place.desk, State.RETURNED)
    posted = returned(place, place.in_state("sent by post"))
    mail = came_back(place.in_state("sent by e-mail"))
    again = place.ready(posted, Channel.REGISTERED_POST) if posted.state == "prepared" else posted
    check = checking(dam, wanted(place, Stage.RETURNED), 3)
    assert {item.letter_reference for item in check.items.all()} == {x.reference for x in (letter, again, mail)}
    facts = facts_of(check.items.get(copy=posted))
    assert TRACKING in facts["out_of_area"].words
    assert "It came back" in facts["out_of_area"].words
    assert f"Approved by {place.desk.manager.name}" in facts["out_of_area"].words
    assert facts["addressee"].holds
    assert place.away_address.line_list[0] in facts["addressee"].words
    assert place.desk.admin.name in facts["initials"].words
    assert check.items.get(copy=posted).checklist == "paper"
    facts = facts_of(check.items.get(copy=mail))
    assert check.items.get(copy=mail).checklist == "email"
    assert place.teacher.email in facts["addressee"].words
    assert facts["arrived"].holds is False


def test_it_keeps_its_questions_wherever_it_goes_meanwhile(place, dam):
    copy = place.in_state("sent by e-mail")
    check = checking(dam, wanted(place, Stage.EMAILED), 1)
    copy = came_back(copy)
    copy = dist.prepare_again(item=copy, by=place.desk.worker, seen=Seen.of(copy), reason="By hand now.")
    place.handed_over(place.taken_out(place.ready(copy, Channel.BY_HAND)))
    item = check.items.get()
    assert item.checklist == "email"
    facts = facts_of(item)
    assert set(facts) == set(ALL_YES)
    assert place.teacher.email in facts["addressee"].words
    assert "it came back" in facts["arrived"].words


def test_what_is_risky_is_suggested_letters_and_copies_of_the_list(place, dam):
    pp = world.letter_in(place.desk, State.POSTED, by_pp=True)
    world.letter_in(place.desk, State.POSTED)
    odd = place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post"))
    dist.post(
        item=odd, by=place.desk.admin, seen=Seen.of(odd), posted_on=timezone.localdate(), tracking_number="XX12345",
        special_delivery=True, odd_number="The counter's machine was down.",
    )  # fmt: skip
    plain, back = place.in_state("sent by post"), place.in_state("sent by post")
    returned(place, back)
    mail = came_back(place.in_state("sent by e-mail"))
    place.in_state("sent by e-mail")

    def why(stage: Stage, kinds: tuple[Kind, ...] = tuple(Kind)) -> dict[str, str]:
        check = actions.fix_frame(by=dam, wanted=wanted(place, stage, kinds), sample=1)
        return {risk.reference: risk.why for risk in risky(check, dam)}

    assert why(Stage.POSTED) == {
        pp.reference: "signed pp",
        odd.reference: "the tracking number is odd",
        back.reference: "came back undelivered",
    }
    assert plain.reference not in why(Stage.POSTED)
    assert why(Stage.EMAILED) == {mail.reference: "its e-mail came back"}
    assert set(why(Stage.RETURNED)) == {back.reference, mail.reference}
    assert set(why(Stage.POSTED, (Kind.COPY,))) == {odd.reference, back.reference}


@pytest.mark.soak
def test_a_picked_e_mail_has_its_questions_and_is_suggested_no_more(place, dam):
    world.letter_in(place.desk, State.POSTED)
    mail = came_back(place.in_state("sent by e-mail"))
    place.in_state("sent by e-mail")
    check = checking(dam, wanted(place, Stage.EMAILED), 1)
    other = next(copy for copy in Copy.objects.all() if not check.items.filter(copy=copy).exists())
    check = actions.pick(check=check, by=dam, seen=Seen.of(check), reference=other.reference, reason="A second one.")
    assert check.items.get(copy=other).checklist == "email"
    assert mail.reference not in {risk.reference for risk in risky(check, dam)}
    with pytest.raises(InvalidStep):
        actions.pick(check=check, by=dam, seen=Seen.of(check), reference=other.reference, reason="Again.")


def test_the_database_knows_the_stages_and_the_checklists(place, dam):
    letter = world.letter_in(place.desk, State.POSTED)
    place.in_state("sent by e-mail")
    check = checking(dam, wanted(place, Stage.EMAILED), 1)
    check = actions.pick(check=check, by=dam, seen=Seen.of(check), reference=letter.reference, reason="Beside it.")

    def refused(change: object) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()

    item = check.items.get(letter=letter)
    assert item.checklist == "paper"
    refused(lambda: Item.objects.filter(pk=item.pk).update(checklist="email"))
    refused(lambda: Item.objects.exclude(pk=item.pk).update(checklist="paper"))
    refused(lambda: Item.objects.exclude(pk=item.pk).update(checklist="none"))
    refused(lambda: SpotCheck.objects.filter(pk=check.pk).update(stage="faxed"))


@pytest.mark.soak
@pytest.mark.parametrize("many", [1, 4])
def test_a_page_of_it_costs_the_same_however_many_there_are(place, dam, many, django_assert_num_queries):
    for _ in range(many):
        came_back(place.in_state("sent by e-mail"))
    check = actions.fix_frame(by=dam, wanted=wanted(place, Stage.RETURNED), sample=1)
    with django_assert_num_queries(3):
        assert len(risky(check, dam)) == many
