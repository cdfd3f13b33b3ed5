"""What a worker hands over as a file, seen and played beside the editor; many addressees; children (OGP-1, CLS-1)."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from letters import actions
from letters.models import Letter, Source
from letters.selectors_desk import children_of
from letters.stored import files_in_use
from letters.tests.desk_help import desk, elsewhere, last_entry, seen, signed_in, url
from postroom.cases.models import CasePerson, Relationship
from postroom.files.models import StoredFile
from postroom.files.store import read
from postroom.ledger.models import Reading
from postroom.steps.errors import InvalidStep
from postroom.uploads import Checked, Kind, word
from postroom.uploads.tests import samples
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db


def page(desk):
    return reverse("letters:new_for_case", args=[desk.case.reference])


def upload(data: bytes, name: str = "x.bin") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def handed(desk, *sources: Checked, **over) -> Letter:
    entry = {"case": desk.case, "addressee": desk.parent, "address": desk.address, "by": desk.worker}
    return actions.hand_over(**entry | {"sources": sources} | over)


@pytest.mark.policy("OGP-1")
def test_files_of_each_kind_are_handed_over_together(desk):
    files = [samples.word("Dear **Sam**"), samples.pdf(2), samples.picture(), samples.wav(2.0), b"Plain words."]
    answer = signed_in(desk.worker).post(page(desk), {"address": desk.address.pk, "drafts": [upload(f) for f in files]})
    letter = Letter.objects.get()
    assert answer.url == reverse("letters:letter", args=[letter.reference])
    rows = list(letter.sources.all())
    assert [row.kind for row in rows] == ["word", "pdf", "picture", "audio", "text"]
    assert [row.length_words for row in rows] == ["", "2 pages", "", "2 seconds", ""]
    assert rows[0].text == r"Dear \*\*Sam\*\*"
    assert rows[4].text == "Plain words."
    assert read(rows[1].file_id) == files[1]
    assert rows[1].file_id in last_entry(letter).payload
    assert files_in_use([row.file_id for row in rows]) == {row.file_id for row in rows}


def test_the_same_file_for_many_letters_is_kept_once(desk):
    source = Checked(Kind.PDF, "application/pdf", samples.pdf(7), pages=7)
    for _ in range(5):
        handed(desk, source)
    assert Source.objects.filter(pages=7).count() == 5
    assert StoredFile.objects.filter(pk=Source.objects.filter(pages=7)[0].file_id).count() == 1


def test_neither_words_nor_file_is_nothing_to_type(desk):
    with pytest.raises(InvalidStep, match="hand over a file"):
        handed(desk)
    answer = signed_in(desk.worker).post(page(desk), {"address": desk.address.pk})
    assert answer.status_code == 422
    assert "or hand over a file" in answer.content.decode()


def test_a_bad_file_keeps_what_was_typed_and_the_good_ones(desk):
    client = signed_in(desk.worker)
    sent = {
        "address": desk.address.pk,
        "draft_text": "Thank her.",
        "drafts": [upload(samples.pdf(2)), upload(b"MZ" * 99)],
    }
    answer = client.post(page(desk), sent)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "File 2: This is a program." in body
    assert "Thank her." in body
    assert "Leave out: PDF, 2 pages" in body
    ticket = re.search(r'name="kept" value="([^"]+)"', body)[1]
    # Sent again without choosing the file again.
    answer = client.post(page(desk), {"address": desk.address.pk, "draft_text": "Thank her.", "kept": [ticket]})
    assert answer.status_code == 302
    assert [row.pages for row in Letter.objects.get().sources.all()] == [2]


@pytest.mark.parametrize("ticket", ["", "x", "W10:1abc:def", "a" * 9000])
def test_a_spoilt_ticket_is_no_file(desk, ticket):
    answer = signed_in(desk.worker).post(page(desk), {"address": desk.address.pk, "kept": [ticket]})
    assert answer.status_code == 422
    assert not Letter.objects.exists()


@pytest.mark.policy("OGP-1")
def test_each_of_several_addressees_gets_a_letter_that_names_nobody_else(desk):
    teacher = desk.case.people.get(relationship=Relationship.PROFESSIONAL)
    sent = {"address": [desk.address.pk, teacher.addresses.get().pk], "draft_text": "Come on Monday."}
    signed_in(desk.worker).post(page(desk), sent)
    letters = list(Letter.objects.order_by("pk"))
    assert {letter.addressee_id for letter in letters} == {desk.parent.pk, teacher.pk}
    body = signed_in(desk.admin).get(url("letter", letters[0])).content.decode()
    other = teacher if letters[0].addressee_id == desk.parent.pk else desk.parent
    assert other.name not in body


def test_all_letters_of_one_hand_over_or_none(desk, monkeypatch):
    teacher = desk.case.people.get(relationship=Relationship.PROFESSIONAL)
    real, calls = actions.hand_over, []

    def second_fails(**entry):
        calls.append(entry)
        if len(calls) == 2:
            raise InvalidStep("No.", "draft_text")
        return real(**entry)

    monkeypatch.setattr(actions, "hand_over", second_fails)
    sent = {"address": [desk.address.pk, teacher.addresses.get().pk], "draft_text": "Come on Monday."}
    assert signed_in(desk.worker).post(page(desk), sent).status_code == 422
    assert not Letter.objects.exists()


def test_two_addresses_of_one_person_are_refused(desk):
    second = world.make_address(desk.parent, desk.worker)
    answer = signed_in(desk.worker).post(page(desk), {"address": [desk.address.pk, second.pk], "draft_text": "x"})
    assert answer.status_code == 422
    assert "Choose one address for each person" in answer.content.decode()


def test_a_letter_is_about_the_children_named_or_all_of_them(desk):
    twin = CasePerson.objects.create(
        case=desk.case, relationship=Relationship.CHILD, name="Kit Example", ics_number="909090"
    )
    assert len(children_of(handed(desk, draft_text="x"))) == 2
    assert children_of(handed(desk, draft_text="x", about=[twin])) == [twin]
    with pytest.raises(InvalidStep, match="children of this case"):
        handed(desk, draft_text="x", about=[desk.parent])
    assert "Which child is it about?" in signed_in(desk.worker).get(page(desk)).content.decode()


@pytest.mark.policy("OGP-1", "CLS-1")
def test_admin_plays_the_dictation_in_pieces_and_it_is_logged_once(desk):
    data = samples.wav(3.0)
    letter = handed(desk, Checked(Kind.AUDIO, "audio/wav", data, seconds=3))
    client = signed_in(desk.admin)
    assert "<audio" in client.get(url("type", letter)).content.decode()
    before = Reading.objects.filter(what="file").count()
    whole = client.get(url("source", letter, 1))
    assert (whole.status_code, whole["Content-Type"], whole.content) == (200, "audio/wav", data)
    assert whole["X-Content-Type-Options"] == "nosniff"
    assert "private" in whole["Cache-Control"]
    for header, start, end in (("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-50", -50, None)):
        piece = client.get(url("source", letter, 1), headers={"range": header})
        assert (piece.status_code, piece.content) == (206, data[start:end])
        assert piece["Content-Range"].endswith(f"/{len(data)}")
    assert client.get(url("source", letter, 1), headers={"range": "bytes=999999999-"}).status_code == 416
    for header in ("bytes=5-2", "bytes=a-b", "pages=1-2", "bytes=0-1,5-6"):
        assert client.get(url("source", letter, 1), headers={"range": header}).status_code == 200
    # The whole, and the four answers that begin at its beginning or are whole; not each piece.
    assert Reading.objects.filter(what="file").count() - before <= 7


def test_a_page_of_the_pdf_is_a_picture_and_another_number_is_nothing(desk):
    letter = handed(desk, Checked(Kind.PDF, "application/pdf", samples.pdf(2), pages=2))
    client = signed_in(desk.admin)
    assert client.get(url("source_picture", letter, 1, 2)).content.startswith(b"\x89PNG")
    for number, wanted in ((1, 3), (2, 1), (0, 1)):
        assert client.get(url("source_picture", letter, number, wanted)).status_code == 404
    assert client.get(url("source", letter, 2)).status_code == 404
    assert client.get(url("source", letter, 1) + "?download")["Content-Disposition"].startswith("attachment")


def test_a_file_that_is_gone_or_damaged_says_so(desk):
    from postroom.files.store import path_of

    letter = handed(desk, Checked(Kind.PDF, "application/pdf", samples.pdf(2), pages=2))
    path_of(letter.sources.get().file_id).unlink()
    for name, more in (("source", (1,)), ("source_picture", (1, 1))):
        assert signed_in(desk.admin).get(url(name, letter, *more)).status_code == 503


@pytest.mark.policy("OGP-1")
def test_what_was_handed_over_can_be_neither_changed_nor_deleted(desk):
    handed(desk, Checked(Kind.PDF, "application/pdf", samples.pdf(), pages=1), draft_text="x")
    for attempt in (lambda: Source.objects.update(pages=9), lambda: Source.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_the_text_of_a_word_file_goes_into_the_letter_at_one_press(desk):
    source = Checked(Kind.WORD, word.MEDIA_TYPE, samples.word("Come on Monday."))
    letter = handed(desk, source)
    answer = signed_in(desk.admin).post(
        url("type", letter), {**seen(letter), "version": 0, "body": "Hello.", "use_source": "1"}
    )
    assert answer.status_code in (200, 302)
    letter.refresh_from_db()
    assert letter.working.fields["body"] == "Hello.\n\nCome on Monday."


@pytest.mark.parametrize("size", [1, 5])
def test_the_pages_take_the_same_queries_whatever_was_handed_over(desk, size, django_assert_max_num_queries):
    letter = handed(desk, *[Checked(Kind.PDF, "application/pdf", samples.pdf(), pages=1)] * size)
    for n in range(size):
        actions.ask(letter=letter, by=desk.admin, text=f"And this, {n}?")
    client = signed_in(desk.admin)
    client.get(url("letter", letter))
    with django_assert_max_num_queries(40) as few:
        client.get(url("letter", letter))
    counts = test_the_pages_take_the_same_queries_whatever_was_handed_over.__dict__.setdefault("counts", set())
    counts.add(len(few))
    assert len(counts) == 1
