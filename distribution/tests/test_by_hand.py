"""By hand: what the record of a hand-over says, what isn't one, and never posted instead (OGP-7, OGP-9, CLS-6).

What the notes for the case record begin with (OGP-6); when a set is complete."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import actions
from distribution.actions.posting import notes_text, number_of_another
from distribution.models import NEVER_POSTED_INSTEAD, Handover, Item
from distribution.replay import check_item
from distribution.selectors import is_complete, items_of
from distribution.states import State
from distribution.tests.test_database import forged
from distribution.tests.world import TRACKING, Conference, fresh, tracking_of
from letters.actions import post as post_letter
from letters.routes import Channel
from letters.states import State as LetterState
from postroom.cases.models import Address
from postroom.ledger.models import Entry
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-7", "OGP-9")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def given(**over: Any) -> dict[str, Any]:
    return {"at": timezone.now(), "where": "home", "known_by": "document", "own_hands": True} | over


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"where": "letterbox"}, "where"),
        ({"known_by": "neighbour"}, "known_by"),
        ({"own_hands": False}, "own_hands"),
        ({"at": timezone.now() + dt.timedelta(hours=3)}, "at"),
        ({"at": timezone.now() - dt.timedelta(days=2)}, "at"),
    ],
    ids=["nowhere", "unknown", "letterbox", "to come", "before it was taken out"],
)
def test_a_hand_over_says_when_where_and_how_they_were_known(
    conference: Conference, over: dict[str, Any], field: str
) -> None:
    item = conference.in_state("released by hand, out")
    with pytest.raises(InvalidStep) as error:
        actions.hand_over(item=item, by=conference.desk.worker, seen=Seen.of(item), **given(**over))
    assert error.value.field == field
    assert (fresh(item).state, Handover.objects.count()) == (State.RELEASED, 0)


def test_by_whom_when_where_and_how_known_stand_on_record(conference: Conference) -> None:
    item, worker, at = conference.in_state("released by hand, out"), conference.desk.worker, timezone.now()
    handed = actions.hand_over(item=item, by=worker, seen=Seen.of(item), **given(at=at, place="At the back door"))
    row = Handover.objects.get(item=item)
    assert (row.by, row.at, row.where, row.known_by, row.place) == (worker, at, "home", "document", "At the back door")
    assert (handed.handed_by, handed.handed_on, handed.carried_by) == (worker, timezone.localdate(at), None)


def brought_back(conference: Conference, document: str, whose: str) -> Item:
    """Tried in vain, back in the office, to be made ready again."""
    item = conference.item(document, getattr(conference, whose))
    item = conference.taken_out(conference.ready(item, Channel.BY_HAND))
    how = {"by": conference.desk.worker, "reason": "Nobody was in."}
    item = actions.not_possible(item=item, seen=Seen.of(item), **how)
    with pytest.raises(GuardFailed, match="out of the office"):
        actions.prepare_again(item=item, seen=Seen.of(item), **how)
    item = actions.bring_back(item=item, by=conference.desk.worker, seen=Seen.of(item))
    return actions.prepare_again(item=item, seen=Seen.of(item), **how)


# Both could go by registered post, had nobody tried to hand it over: OGP-8, and the one H of the table.
POSTABLE = [("minutes", "away"), ("cp_report", "teacher")]


@pytest.mark.policy("OGP-8")
@pytest.mark.parametrize(("document", "whose"), POSTABLE)
def test_what_could_not_be_handed_over_is_never_posted_instead(
    conference: Conference, document: str, whose: str
) -> None:
    worker, away = conference.desk.worker, conference.away_address
    address = away if whose == "away" else world.make_address(conference.teacher, worker)
    before = conference.item(document, getattr(conference, whose))
    page, browser = reverse("distribution:ready", args=[before.reference]), signed_in(worker)
    assert 'value="registered_post"' in browser.get(page).content.decode()
    item = brought_back(conference, document, whose)
    way = {"channel": Channel.REGISTERED_POST, "address": address}
    with pytest.raises(InvalidStep, match="never posted instead") as error:
        actions.choose_route(item=item, by=conference.desk.worker, seen=Seen.of(item), **way)
    assert error.value.field == "channel"
    body = browser.get(reverse("distribution:ready", args=[item.reference])).content.decode()
    assert 'value="registered_post"' not in body
    assert NEVER_POSTED_INSTEAD in body
    again = conference.taken_out(conference.ready(item, Channel.BY_HAND))  # but carried again
    again = actions.hand_over(item=again, by=conference.desk.worker, seen=Seen.of(again), **given())
    assert again.state == State.HANDED_OVER
    entries = [entry.values() for entry in Entry.objects.filter(subject=item.ledger_subject).order_by("seq")]
    assert check_item(again, entries) == ""
    again.not_handed_at = timezone.now()
    assert "delivery in vain" in check_item(again, entries)


@pytest.mark.policy("OGP-8")
def test_nor_does_the_database_let_it(conference: Conference) -> None:
    item = brought_back(conference, "minutes", "away")
    for change in (
        "channel = 'registered_post'",
        f"channel = 'registered_post', address_id = {conference.away_address.pk}, area = 'out'",
        "not_handed_at = NULL",
        f"not_handed_at = NULL, channel = 'registered_post', address_id = {conference.away_address.pk}, area = 'out'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE distribution_item SET {change} WHERE id = %s", [item.pk])
    made = conference.issue("minutes", conference.child)
    lie = forged(conference, made, conference.away, "sent", "registered_post", not_handed_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.bulk_create([lie])


@pytest.mark.policy("OGP-7")
def test_no_report_is_given_out_by_admin_nor_at_reception(conference: Conference) -> None:
    """Collected at reception is for letters: of a copy only a social worker says that it was handed over."""
    item = conference.in_state("released by hand")
    for step, more in ((actions.take_out, {"lockable_bag": True}), (actions.hand_over, given(where="office"))):
        with pytest.raises(NotAllowed):
            step(item=item, by=conference.desk.admin, seen=Seen.of(item), **more)
    assert "collected" not in {str(channel) for channel in Channel}


@pytest.mark.policy("OGP-6")
def test_the_notes_begin_with_what_happened_and_the_day_it_did(conference: Conference) -> None:
    worker = conference.desk.worker.name
    begin = {
        "handed over": f"Handed over 20 July 2026 by {worker}, identity confirmed.",
        "sent by post": f"Posted 20 July 2026. Registered post {TRACKING}.",
        "delivered by e-mail": "E-mailed 20 July 2026, encrypted.",
    }
    day, noon = dt.date(2026, 7, 20), dt.datetime(2026, 7, 20, 11, 5, tzinfo=dt.UTC)
    for state, words in begin.items():
        item = conference.in_state(state)
        item.handed_on, item.posted_on, item.sent_at = day, day, noon
        assert notes_text(item) == f"{words} Postroom {item.reference}."
    with pytest.raises(InvalidStep, match="not gone out"):
        notes_text(conference.in_state("released by e-mail"))


@pytest.mark.policy("OGP-8")
def test_another_form_of_number_needs_its_reason_on_record(conference: Conference) -> None:
    item, admin = conference.in_state("released by post, in envelope"), conference.desk.admin
    entry = {"item": item, "by": admin, "seen": Seen.of(item), "posted_on": timezone.localdate()}
    entry |= {"special_delivery": True}
    for number, why in (("SF876543217GB", ""), ("SF876543217GB", "  "), ("ab", "It is right."), ("no way!", "It is.")):
        with pytest.raises(InvalidStep) as error:
            actions.post(**entry, tracking_number=number, odd_number=why)
        assert error.value.field == "tracking_number"
    posted = actions.post(**entry, tracking_number="sd 1234 567", odd_number="The courier's own form.")
    assert posted.tracking_number == "SD1234567"
    newest = Entry.objects.filter(subject=item.ledger_subject).order_by("-seq")[0]
    assert '"odd_number":true' in newest.payload.replace(" ", "")


@pytest.mark.policy("OGP-8")
def test_signed_for_is_refused_by_the_verb_too(conference: Conference) -> None:
    item = conference.in_state("released by post, in envelope")
    entry = {"posted_on": timezone.localdate(), "tracking_number": TRACKING, "special_delivery": False}
    with pytest.raises(InvalidStep, match="Signed For") as error:
        actions.post(item=item, by=conference.desk.admin, seen=Seen.of(item), **entry)
    assert error.value.field == "special_delivery"


@pytest.mark.policy("OGP-8", "CLS-6")
def test_the_proof_of_one_delivery_never_passes_for_two(conference: Conference) -> None:
    """A number that is on record for somebody else, on a copy or on a letter, is refused; by the page in a sentence."""
    desk, away = conference.desk, conference.posted(conference.in_state("released by post, in envelope"))
    assert away.tracking_number == TRACKING
    report = conference.item("cp_report", conference.teacher)
    report = conference.in_envelope(conference.ready(report, Channel.REGISTERED_POST))
    copy = {"item": report, "by": desk.admin, "seen": Seen.of(report), "posted_on": timezone.localdate()}
    copy["special_delivery"] = True
    with pytest.raises(InvalidStep, match="on record already") as error:
        actions.post(**copy, tracking_number=TRACKING)
    assert error.value.field == "tracking_number"
    letter = world.letter_in(desk, LetterState.ENVELOPED, way="registered_post")
    entry = world.posting(letter) | {"tracking_number": TRACKING}
    with pytest.raises(InvalidStep, match="on record already"):
        post_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), **entry)
    other = tracking_of(99)
    post_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), **entry | {"tracking_number": other})
    with pytest.raises(InvalidStep, match="on record already"):
        actions.post(**copy, tracking_number=other)
    # The same person's, in the same envelope perhaps, is their own.
    assert not number_of_another(TRACKING, away.person_id)


@pytest.mark.policy("OGP-9")
def test_a_set_is_complete_when_everybody_has_theirs_or_was_set_aside(conference: Conference) -> None:
    made = conference.issue("minutes", conference.parent, conference.child)
    first, second = items_of(made)
    conference.handed_over(conference.taken_out(conference.ready(first)))
    assert not is_complete(items_of(made))
    second = fresh(second)
    with pytest.raises(NotAllowed):
        actions.set_aside(item=second, by=conference.desk.worker, seen=Seen.of(second), reason="Left.")
    actions.set_aside(item=second, by=conference.desk.manager, seen=Seen.of(second), reason="Died in May.")
    assert is_complete(items_of(made))
    page = signed_in(conference.desk.worker).get(reverse("distribution:set", args=[made.reference])).content.decode()
    assert "Every recipient has theirs, or was set aside with a reason." in page
    assert "Died in May." in page
    with pytest.raises(NotPossible):
        actions.prepare_again(item=fresh(second), by=conference.desk.worker, seen=Seen.of(fresh(second)), reason="x")
    actions.add_recipient(distribution=made, person=conference.teacher, by=conference.safeguarding)
    assert not is_complete(items_of(made))


@pytest.mark.policy("CLS-5")
def test_where_it_was_handed_over_is_hidden_with_a_confidential_address(conference: Conference) -> None:
    item, desk = conference.in_state("released by hand, out"), conference.desk
    actions.hand_over(
        item=item, by=desk.worker, seen=Seen.of(item), at=timezone.now(), where="home", known_by="personally",
        own_hands=True, place="77 Hidden Lane",
    )  # fmt: skip
    page = reverse("distribution:item", args=[item.reference])
    for confidential, user, may in ((False, desk.ap, True), (True, desk.ap, False), (True, desk.worker, True)):
        Address.objects.filter(person=item.person).update(
            is_confidential=confidential, confidential_kind="refuge" if confidential else ""
        )
        assert ("77 Hidden Lane" in signed_in(user).get(page).content.decode()) is may
