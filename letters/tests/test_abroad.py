"""Letters to addresses abroad: refused unless the office allows them; then by what goes there (CLS-6)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from letters import actions
from letters.actions.posting import judge_number, notes_text
from letters.actions.tray import Chosen, post_several
from letters.content import pdf_of
from letters.models import Letter, OfficePost, Registered
from letters.protection_abroad import _ABROAD
from letters.rendering.addresses import is_abroad
from letters.rendering.finished import document_text
from letters.replay import check_letter
from letters.states import State
from letters.tests.desk_help import date_parts, desk, elsewhere, last_entry, seen, signed_in, url
from letters.tests.test_ways import forged, refused
from postroom.cases.models import Address, AddressSource
from postroom.ledger.models import Entry
from postroom.ledger.recording import SYSTEM, record
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-6")]
NANTES = "7 rue Lointaine\n44000 NANTES\nFRANCE"
SERVICE = "International Tracked & Signed"
NUMBER = "RB473124829GB"


def allow(desk: world.Desk, *, service: str = "", on: bool = True) -> None:
    today = timezone.localdate() if on else None
    OfficePost.objects.filter(office=desk.office).update(letters_abroad_from=today, abroad_service=service)


@pytest.fixture
def far(desk: world.Desk) -> world.Desk:
    """The parent lives in Nantes, and the office allows letters abroad."""
    desk.address = Address.objects.create(
        person=desk.parent,
        lines=NANTES,
        source=AddressSource.VISIT,
        verified_on=timezone.localdate(),
        verified_by=desk.worker,
    )
    allow(desk)
    return desk


def at_home(desk: world.Desk) -> world.Desk:
    """The parent at the address that they had at first, inland."""
    desk.address = desk.parent.addresses.order_by("pk")[0]
    return desk


def post(letter: Letter, desk: world.Desk, **over: Any) -> Letter:
    entries = {"posted_on": timezone.localdate(), "post_class": "intstd", **over}
    return actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), **entries)


@pytest.mark.policy("OGP-4a", "OGP-6")
def test_it_goes_by_an_international_class_and_says_so(far: world.Desk) -> None:
    """Typed, proved in the window with its country, posted on its own page, in the bag's list and in the notes."""
    letter = world.letter_in(far, State.ENVELOPED)
    assert "44000 NANTES FRANCE" in " ".join(document_text(pdf_of(letter.typed_version)).split())
    admin = signed_in(far.admin)
    tray = reverse("letters:tray", args=["riv"])
    assert "Post, in a window envelope, abroad" in admin.get(tray).content.decode()
    page = admin.get(url("post", letter)).content.decode()
    assert "This letter goes abroad" in page
    assert ("International Standard" in page, "First class" in page) == (True, False)
    day = date_parts("posted_on", timezone.localdate())
    assert "Choose the international class" in admin.post(url("post", letter), seen(letter) | day).content.decode()
    refused = admin.post(url("post", letter), seen(letter) | day | {"post_class": "first"})
    assert refused.status_code == 422
    # Ticked in the tray among the others, by a page made by hand.
    (result,) = post_several(
        chosen=[Chosen(letter, Seen.of(letter))], by=far.admin, posted_on=timezone.localdate(), post_class="second"
    )
    assert not result.done
    assert "choose an international class" in result.words
    assert admin.post(url("post", letter), seen(letter) | day | {"post_class": "inteco"}).status_code == 302
    letter = world.fresh(letter)
    assert ". International Economy. Postroom" in notes_text(letter)
    assert "International Economy" in admin.get(tray).content.decode()
    assert "International Economy" in admin.get(url("letter", letter)).content.decode()


@pytest.mark.policy("OGP-4a")
def test_before_economy_is_chosen_its_page_says_that_it_would_be_too_slow(far: world.Desk) -> None:
    letter = world.letter_in(far, State.ENVELOPED)
    admin, words = signed_in(far.admin), "By International Economy it may not arrive by"
    for days, said in ((30, True), (90, False), (2, False)):
        due = {"due_kind": "arrive_by", "due_on": timezone.localdate() + dt.timedelta(days=days), "due_why": "Court."}
        Letter.objects.filter(pk=letter.pk).update(**due)
        page = admin.get(url("post", letter)).content.decode()
        assert (words in page, "it may not arrive abroad by" in page) == (said, days == 2)


def test_nothing_inland_goes_by_an_international_class(desk: world.Desk) -> None:
    allow(desk, service=SERVICE)
    letter = world.letter_in(desk, State.ENVELOPED)
    for over in ({"post_class": "intstd"}, {"post_class": "named", "service": SERVICE}):
        with pytest.raises(InvalidStep, match="first or second") as error, transaction.atomic():
            post(letter, desk, **over)
        assert error.value.field == "post_class"


@pytest.mark.parametrize("way", ["post", "by_hand", "collected"])
def test_it_is_refused_at_each_outward_step_once_the_office_allows_it_no_more(far: world.Desk, way: str) -> None:
    letter = world.letter_in(far, State.ENVELOPED, way=way)
    signed = world.sheets_in_hand(far, world.letter_in(far, State.SIGNED, way=way))
    allow(far, on=False)
    verbs = {
        "post": lambda: post(letter, far),
        "by_hand": lambda: actions.take_out(letter=letter, by=far.worker, seen=Seen.of(letter)),
        "collected": lambda: actions.give_at_reception(
            letter=letter, by=far.admin, seen=Seen.of(letter), **world.in_person()
        ),
    }
    for verb in (verbs[way], lambda: world.put_in_envelope(far, signed)):
        with pytest.raises(GuardFailed) as error, transaction.atomic():
            verb()
        assert error.value.guard == "abroad_allowed"
    with pytest.raises(InvalidStep, match="United Kingdom only"), transaction.atomic():
        world.hand_over(far, way=way)
    drafted = actions.return_for_retyping(letter=signed, by=far.worker, seen=Seen.of(signed), reason="Another day.")
    with pytest.raises(InvalidStep, match="United Kingdom only"), transaction.atomic():
        actions.type_letter(letter=drafted, by=far.admin, seen=Seen.of(drafted), typed=world.typed())


@pytest.mark.policy("OGP-6")
def test_registered_post_abroad_is_the_service_that_the_manager_named(far: world.Desk) -> None:
    with pytest.raises(InvalidStep, match="names no service that goes abroad") as error, transaction.atomic():
        world.hand_over(far, way="registered_post", sensitive=True)
    assert error.value.field == "way"
    allow(far, service=SERVICE)
    letter = world.letter_in(far, State.ENVELOPED, way="registered_post")
    proof = {"tracking_number": NUMBER, "receipt_in_hand": "on"}
    for post_class, service in (("sd1pm", SERVICE), ("named", ""), ("named", "Signed For")):
        with pytest.raises(InvalidStep), transaction.atomic():
            post(letter, far, post_class=post_class, service=service, tracking_number=NUMBER, receipt_in_hand=True)
    admin = signed_in(far.admin)
    page = admin.get(url("post", letter)).content.decode()
    assert "and it says International Tracked &amp; Signed" in page
    assert "Special Delivery" not in page
    fields = seen(letter) | date_parts("posted_on", timezone.localdate()) | proof
    stale = admin.post(url("post", letter), fields | {"post_class": "named", "service": "Signed For"})
    assert (stale.status_code, "Look at the receipt again" in stale.content.decode()) == (422, True)
    # The page shows the service as it is named now and sends that one back; that the receipt says so is ticked anew.
    assert f'name="service" value="{escape(SERVICE)}"' in stale.content.decode()
    assert not stale.context["form"]["receipt_in_hand"].value()
    assert stale.context["form"]["tracking_number"].value() == NUMBER
    assert admin.post(url("post", letter), fields | {"post_class": "named", "service": SERVICE}).status_code == 302
    letter = world.fresh(letter)
    assert letter.service == SERVICE
    assert f". {SERVICE}, {NUMBER}. Postroom" in notes_text(letter)
    # What it went by is the ledger's, whatever the office names later.
    allow(far, service="Another courier")
    assert json.loads(last_entry(letter).payload)["service"] == SERVICE
    entries = [entry.values() for entry in Entry.objects.filter(subject=letter.ledger_subject).order_by("seq")]
    assert check_letter(letter, entries) == ""
    letter.service = "Another courier"
    assert "service abroad" in check_letter(letter, entries)


def test_another_way_is_closed_where_the_office_names_no_service(far: world.Desk) -> None:
    letter = world.letter_in(far, State.TYPED)
    entered = {"seen": Seen.of(letter), "way": "registered_post", "sensitive": True, "reason": "A passport."}
    with pytest.raises(InvalidStep, match="names no service that goes abroad"), transaction.atomic():
        actions.choose_way(letter=letter, by=far.worker, **entered)
    allow(far, service=SERVICE)
    assert actions.choose_way(letter=letter, by=far.worker, **entered).sensitive


def test_the_database_lets_no_letter_abroad(far: world.Desk) -> None:
    """The move's own ledger entry forged too, so that only the rule stands against it."""
    today = timezone.localdate().isoformat()
    posted = f"posted_on = '{today}', posted_by_id = {far.admin.pk}, post_class = "
    letter = world.letter_in(far, State.ENVELOPED)
    allow(far, service=SERVICE)
    registered = world.letter_in(far, State.ENVELOPED, way="registered_post")
    signed = world.sheets_in_hand(far, world.letter_in(far, State.SIGNED))
    judge_number(NUMBER, person_id=registered.addressee_id)
    inland = world.letter_in(at_home(far), State.ENVELOPED)
    Registered.objects.create(letter=registered, number=NUMBER, by=far.admin, at=timezone.now())
    initialled = f"initialled_by_id = {far.admin.pk}, initials = 'AA', enveloped_on = '{today}'"
    # The same forgeries get through where it is as it should be, so it is the rule that refuses the others.
    assert not forged(letter, "posted", f"{posted} 'intstd'")
    assert not forged(registered, "posted", f"{posted} 'named', tracking_number = '{NUMBER}', service = '{SERVICE}'")
    assert not forged_from_signed(signed, initialled)
    for one, sql in (
        (letter, "'first'"),
        (letter, f"'named', service = '{SERVICE}'"),
        (registered, f"'sd1pm', tracking_number = '{NUMBER}'"),
        (registered, f"'named', tracking_number = '{NUMBER}'"),
        (registered, f"'named', tracking_number = '{NUMBER}', service = 'Signed For'"),
        (inland, "'intstd'"),
    ):
        assert forged(one, "posted", f"{posted} {sql}"), sql
    gone = post(letter, far)
    with pytest.raises(Exception, match="stays as it was recorded"), transaction.atomic():
        Letter.objects.filter(pk=gone.pk).update(post_class="inteco")
    allow(far, on=False)
    assert not forged(inland, "posted", f"{posted} 'first'")
    assert forged_from_signed(signed, initialled)


def forged_from_signed(letter: Letter, sql: str) -> bool:
    """The same for a letter that isn't in its envelope yet."""
    point = transaction.savepoint()
    fresh = world.fresh(letter)
    record(fresh, action="envelope", actor=SYSTEM, from_state="signed", to_state="enveloped", version=fresh.version)
    chain = f"ledger_seq = {fresh.ledger_seq}, ledger_head = '{fresh.ledger_head}'"
    answer = refused(letter, f"state = 'enveloped', {chain}, {sql}")
    transaction.savepoint_rollback(point)
    return answer


@pytest.mark.parametrize(
    ("lines", "abroad"),
    [
        (NANTES, True),
        ("1 Road\nNORTHMERE\nNM2 3BB", False),
        ("1 Road\nNORTHMERE\nNM2 3BB \r\n", False),
        ("Unit 3\nBFPO 57", False),
        ("12 Calle 9\nTRINIDAD AND TOBAGO\n", True),
        ("FRANCE", True),
        ("NM2 3BB", False),
    ],
)
def test_the_database_reads_the_last_line_as_the_engine_does(desk: world.Desk, lines: str, abroad: bool) -> None:
    address = Address.objects.create(person=desk.parent, lines=lines, source=AddressSource.VISIT)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_ABROAD.replace('NEW.address_id', str(address.pk))}")
        assert bool(cursor.fetchone()[0]) is abroad
    assert is_abroad(address.line_list) is abroad


def test_the_office_s_managers_allow_it_from_a_day_and_until_one(desk: world.Desk, elsewhere: world.Desk) -> None:
    page, today = reverse("letters:office_post", args=["riv"]), timezone.localdate()
    post = OfficePost.objects.get(office=desk.office)
    assert not post.letters_abroad_on(today)  # off, unless somebody turns it on
    other = {"stock": post.stock_id, "signature_medium": "paper", "return_mark": "label", "abroad_service": SERVICE}
    entered = other | date_parts("letters_abroad_from", today) | date_parts("letters_abroad_until", today)
    for who in (desk.admin, desk.worker, elsewhere.manager):
        assert signed_in(who).post(page, entered).status_code == 403
    manager = signed_in(desk.deputy)
    wrong = other | date_parts("letters_abroad_from", today - dt.timedelta(days=1))
    assert "turned on for days gone by" in manager.post(page, wrong).content.decode()
    assert manager.post(page, entered).status_code == 302
    post.refresh_from_db()
    assert (post.letters_abroad_on(today), post.abroad_service) == (True, SERVICE)
    details = json.loads(last_entry(desk.office).payload)  # type: ignore[arg-type]
    assert (details["letters_abroad_from"], details["abroad_service"]) == (str(today), SERVICE)
    assert SERVICE.replace("&", "&amp;") in manager.get(reverse("letters:stocks")).content.decode()
