"""The tray: several in one go, each with its own result; the bag's list; what missed the collection."""

from __future__ import annotations

import datetime as dt
from copy import copy
from typing import Any
from unittest import mock

import pypdfium2
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import actions
from letters.models import Envelope, Letter, LetterVersion, OfficePost
from letters.selectors_tray import MOST
from letters.states import State
from letters.tests.desk_help import date_parts, desk, last_entry, signed_in
from letters.weights import estimated_grams, post_format
from postroom.ledger.models import Entry
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep
from postroom.steps.references import new_reference
from tests.support import world

__all__ = ["desk"]
pytestmark = pytest.mark.django_db


def key(letter: Letter) -> str:
    return f"{letter.reference}:{letter.version}:{letter.content_hash}"


def page(name: str, *more: str) -> str:
    return reverse(f"letters:{name}", args=["riv", *more])


def posting(*letters: Letter, **over: Any) -> dict[str, Any]:
    return {"letter": [key(one) for one in letters], "post_class": "second",
            **date_parts("posted_on", timezone.localdate()), **over}  # fmt: skip


def test_weights_and_formats() -> None:
    assert estimated_grams(1, 220, 110) == 10
    assert estimated_grams(5, 229, 162) == 33
    assert post_format(10, 220, 110) == post_format(100, 229, 162) == "Letter"
    assert post_format(101, 220, 110) == post_format(20, 324, 229) == "Large letter"


@pytest.mark.policy("OGP-4b", "OGP-6")
def test_several_are_posted_each_with_its_own_result(desk: world.Desk) -> None:
    good, stale, sensitive = (world.letter_in(desk, State.ENVELOPED) for _ in range(3))
    elsewhere = world.letter_in(world.Desk(world.make_office("hil", "Hillview")), State.ENVELOPED)
    old = key(stale)
    reopened = actions.reopen(letter=stale, by=desk.admin, seen=Seen.of(stale), reason="A page was missing.")
    stale = world.put_in_envelope(desk, reopened)
    OfficePost.objects.filter(office=desk.office).update(keeping="marked")
    registered = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    admin = signed_in(desk.admin)
    sent = posting(good, sensitive, registered, elsewhere)
    sent["letter"].append(old)
    answer = admin.post(page("tray"), sent)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "2 of 4 could not be done" in body
    assert "changed since you opened it" in body
    assert elsewhere.reference not in body
    assert {one.reference: world.fresh(one).state for one in (good, stale, sensitive, registered, elsewhere)} == {
        good.reference: "posted", sensitive.reference: "posted", stale.reference: "enveloped",
        registered.reference: "enveloped", elsewhere.reference: "enveloped",
    }  # fmt: skip
    # Sent again, as by a second click: nothing is done twice.
    before = last_entry(good).seq
    assert "could not be done" in admin.post(page("tray"), sent).content.decode()
    assert last_entry(good).seq == before


@pytest.mark.policy("OGP-4b")
def test_several_into_their_envelopes_each_counted_by_itself(desk: world.Desk) -> None:
    right, wrong = (world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED)) for _ in range(2))
    admin = signed_in(desk.admin)
    assert desk.address.line_list[0] in admin.get(page("enveloping")).content.decode()
    counted = {f"sheets-{right.reference}": "1", f"sheets-{wrong.reference}": "2"}
    body = admin.post(page("enveloping"), {"letter": [key(right), key(wrong)], **counted}).content.decode()
    assert "1 of 2 could not be done" in body
    assert "you counted 2" in body
    assert (world.fresh(right).state, world.fresh(right).initials) == ("enveloped", desk.admin.initials)
    assert world.fresh(wrong).state == "signed"
    assert admin.post(page("enveloping"), {}).status_code == 422


def test_nothing_ticked_and_nothing_chosen_are_said(desk: world.Desk) -> None:
    letter = world.letter_in(desk, State.ENVELOPED)
    admin = signed_in(desk.admin)
    for sent, words in (({}, "Tick the letters first"), ({"letter": key(letter)}, "Choose first or second class"),
                        ({"letter": "rubbish:x:y"}, "Tick the letters first")):  # fmt: skip
        answer = admin.post(page("tray"), sent)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert world.fresh(letter).state == "enveloped"


@pytest.mark.policy("CLS-1")
def test_what_missed_the_collection_is_locked_in(desk: world.Desk) -> None:
    """The collection was a minute after midnight: it has gone, whenever this runs but for that one minute."""
    OfficePost.objects.filter(office=desk.office).update(collection=dt.time(0, 1))
    letter = world.letter_in(desk, State.ENVELOPED)
    by_hand = world.letter_in(desk, State.ENVELOPED, way="by_hand")
    admin = signed_in(desk.admin)
    with mock.patch("letters.views.tray.missed_collection", return_value=True):
        assert "collection has gone" in admin.get(page("tray")).content.decode()
        answer = admin.post(page("tray"), posting(letter))
        assert answer.status_code == 422
        assert "lock it in" in answer.content.decode()
        body = admin.post(
            page("tray"), {"letter": [key(letter), key(by_hand)], "lock_in": "1"}
        ).content.decode()  # fmt: skip
        assert "All 2 done" in body
        letter = world.fresh(letter)
        assert (letter.state, letter.locked_in_on) == ("enveloped", timezone.localdate())
        assert last_entry(letter).action == "lock_in"
        again = admin.post(page("tray"), {"letter": key(letter), "lock_in": "1"}).content.decode()
        assert "on record as locked in tonight already" in again
        assert "Done</h2>" in admin.post(page("tray"), posting(letter, in_bag="on")).content.decode()


@pytest.mark.policy("CLS-1")
def test_posted_today_after_the_collection_is_only_what_was_in_the_bag(desk: world.Desk) -> None:
    """The step asks, so a letter's own page does; of an earlier day there is nothing to ask."""
    letter = world.letter_in(desk, State.ENVELOPED)
    OfficePost.objects.filter(office=desk.office).update(collection=timezone.localtime().time())
    today = timezone.localdate()
    with pytest.raises(InvalidStep, match="collection has gone"):
        actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), posted_on=today, post_class="second")
    admin, path = signed_in(desk.admin), reverse("letters:post", args=[letter.reference])
    sent = {
        **date_parts("posted_on", today),
        "post_class": "second",
        "seen_version": letter.version,
        "seen_hash": letter.content_hash,
    }
    assert "It was in the bag" in admin.get(path).content.decode()
    refused = admin.post(path, sent)
    assert refused.status_code == 422
    assert "collection has gone" in refused.content.decode()
    assert world.fresh(letter).state == State.ENVELOPED
    assert admin.post(path, {**sent, "in_bag": "on"}).status_code == 302
    assert world.fresh(letter).posted_on == today


@pytest.mark.policy("CLS-6")
def test_registered_post_has_its_receipt_and_is_not_asked_about_the_bag(desk: world.Desk) -> None:
    """It is handed in at a counter, also after the office's collection; the receipt is the proof (decision 0171)."""
    letter = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    OfficePost.objects.filter(office=desk.office).update(collection=timezone.localtime().time())
    page = signed_in(desk.admin).get(reverse("letters:post", args=[letter.reference])).content.decode()
    assert "I have the posting receipt" in page
    assert "It was in the bag" not in page
    entries = world.posting(letter)
    with pytest.raises(InvalidStep, match="Get the posting receipt"):
        actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), **{**entries, "receipt_in_hand": False})
    posted = actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), **entries)
    assert posted.posted_on == timezone.localdate()


@pytest.mark.policy("CLS-5")
def test_the_bag_s_list_has_references_and_no_names(desk: world.Desk) -> None:
    first = world.letter_in(desk, State.POSTED)
    registered = world.letter_in(desk, State.POSTED, way="registered_post")
    answer = signed_in(desk.admin).get(page("bag_list", timezone.localdate().isoformat()))
    document = pypdfium2.PdfDocument(answer.content)
    text = "".join(one.get_textpage().get_text_range() for one in document) + str(document.get_metadata_dict())
    for there in (first.reference, registered.reference, "RB473124829GB", "2 letters, about 20 g"):
        assert there in text.replace("\r\n", " ")
    for not_there in (desk.parent.name, *desk.address.line_list):
        assert not_there not in text
    assert signed_in(desk.admin).get(page("bag_list", "2026-13-45")).status_code == 404


def many(letter: Letter, more: int) -> None:
    """So many letters like this one besides, as rows: each with its last step, its version and its envelope.

    Their numbers are chosen here, for a letter and its version name each other; so nothing is written after them.
    """
    last, typed, envelope = last_entry(letter), letter.current, letter.envelopes.first()
    letters: list[Letter] = []
    entries: list[Entry] = []
    versions: list[LetterVersion] = []
    envelopes: list[Envelope] = []
    free = 1 + max(Letter.objects.latest("pk").pk, LetterVersion.objects.latest("pk").pk)
    for number in range(free, free + more):
        one, entry, version, again = copy(letter), copy(last), copy(typed), copy(envelope)
        one.pk, one.current_id, one.reference = number, number, new_reference()
        entry.pk, entry.subject = None, one.ledger_subject
        version.pk, version.letter_id = number, number
        letters.append(one)
        entries.append(entry)
        versions.append(version)
        if again:
            again.pk, again.letter_id, again.version_id = None, number, number
            envelopes.append(again)
    with transaction.atomic():
        Entry.objects.bulk_create(entries)
        Letter.objects.bulk_create(letters)
        LetterVersion.objects.bulk_create(versions)
        Envelope.objects.bulk_create(envelopes)


@pytest.mark.policy("OGP-6")
def test_the_bag_s_list_holds_all_of_the_bag(desk: world.Desk) -> None:
    many(world.letter_in(desk, State.POSTED), MOST)
    admin = signed_in(desk.admin)
    answer = admin.get(page("bag_list", timezone.localdate().isoformat()))
    text = "".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(answer.content))
    assert "101 letters, about 1010 g" in text.replace("\r\n", " ")
    assert all(reference in text for reference in Letter.objects.values_list("reference", flat=True))
    assert '<td class="govuk-table__cell govuk-table__cell--numeric" data-label="Letters">101</td>' in (
        admin.get(page("tray")).content.decode()
    )


def test_a_list_that_is_cut_says_so(desk: world.Desk) -> None:
    def some() -> list[Letter]:
        return [
            world.letter_in(desk, State.ENVELOPED),
            world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED)),
        ]

    first, last, names, admin = some(), some(), ("tray", "enveloping"), signed_in(desk.admin)
    for letter in first:
        many(world.fresh(letter), MOST - 2)
    for name in names:
        assert "the first" not in admin.get(page(name)).content.decode(), name
    for letter in first:
        many(world.fresh(letter), 1)
    for name, missing in zip(names, last, strict=True):
        body = admin.get(page(name)).content.decode()
        assert "the first 100 of 101" in body, name
        assert missing.reference not in body


def test_the_same_number_of_queries_with_1_and_12_letters(desk: world.Desk) -> None:
    admin = signed_in(desk.admin)

    def queries() -> int:
        admin.get(page("tray"))
        with CaptureQueriesContext(connection) as captured:
            admin.get(page("tray"))
        return len(captured)

    world.letter_in(desk, State.ENVELOPED)
    world.letter_in(desk, State.POSTED)
    few = queries()
    for _ in range(5):
        world.letter_in(desk, State.ENVELOPED)
        world.letter_in(desk, State.POSTED)
    assert queries() == few


@pytest.mark.policy("OGP-6")
def test_all_are_ticked_where_that_is_asked_for(desk: world.Desk) -> None:
    """A link, so that it does without scripts; nothing is posted by it. What is missing leads to the first box."""
    letters, admin = [world.letter_in(desk, State.ENVELOPED) for _ in range(2)], signed_in(desk.admin)
    shown = admin.get(page("tray")).content.decode()
    assert "Tick all 2" in shown
    assert "checked" not in shown
    assert admin.get(page("tray") + "?all=1").content.decode().count(" checked") == 2
    assert {world.fresh(one).state for one in letters} == {State.ENVELOPED}
    missing = admin.post(page("tray") + "?all=1", posting())
    assert f'<a href="#tick-{letters[0].reference}">Tick the letters first</a>' in missing.content.decode()
    assert " checked" not in missing.content.decode().split("post_class")[0]


@pytest.mark.policy("OGP-4b")
def test_a_count_that_is_missing_is_asked_for(desk: world.Desk) -> None:
    letter = world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED))
    admin = signed_in(desk.admin)
    answer = admin.post(page("enveloping"), {"letter": [key(letter)], f"sheets-{letter.reference}": ""})
    assert "Enter how many sheets you counted into the envelope" in answer.content.decode()
    answer = admin.post(page("enveloping"), {"letter": [key(letter)], f"sheets-{letter.reference}": "2"})
    assert "This letter has 1 sheet, and you counted 2" in answer.content.decode()
    assert world.fresh(letter).state == State.SIGNED
