"""Enclosures, finished documents, translations, large print: part of what is checked, signed and counted in."""

from __future__ import annotations

import datetime as dt

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.content import pdf_of
from letters.models import Check, EnvelopeStock, Letter, LetterFile, OfficePost
from letters.rendering.content import EnclosedItem
from letters.states import State
from letters.tests.desk_help import date_parts, desk, elsewhere, last_entry, seen, signed_in, url
from postroom.files.models import StoredFile
from postroom.files.store import store
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep
from postroom.uploads import Checked, Kind
from postroom.uploads.tests import samples
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db
PDF = Checked(Kind.PDF, "application/pdf", samples.pdf(2), pages=2)


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def with_file(desk, letter, title="Map", checked=PDF) -> EnclosedItem:
    row = actions.add_file(letter=letter, by=desk.admin, purpose="enclosure", checked=checked)
    return EnclosedItem(title, row.pages, "file", row.file_id, row.media_type)


def typed_with(desk, *items, letter=None, **over) -> Letter:
    letter = letter or world.hand_over(desk)
    made = world.typed(enclosures=tuple(items), **over)
    return actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(world.fresh(letter)), typed=made)


def through_to_sheets(desk, letter) -> Letter:
    letter = actions.check(
        letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True
    )
    letter = actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    letter = actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter))
    return actions.confirm_signature(letter=letter, by=desk.admin, seen=Seen.of(letter), bears_signature=True)


def into_envelope(desk, letter, **over) -> Letter:
    ticks = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), True)
    entry = {"sheets": sheets_to_count(letter), **ticks, **over}
    return actions.envelope(letter=letter, by=desk.admin, seen=Seen.of(letter), **entry)


@pytest.mark.policy("OGP-3a", "OGP-4b")
def test_a_file_is_printed_behind_the_letter_and_counted(desk):
    letter = world.hand_over(desk)
    letter = typed_with(desk, with_file(desk, letter), EnclosedItem("Form", 1), letter=letter)
    text = words(pdf_of(letter.current))
    assert f"{letter.reference}, enclosure 1, page 2 of 2" in text
    assert "Map (2 pages)" in text
    assert letter.current.sheets == 3
    assert sheets_to_count(letter) == 4
    letter = through_to_sheets(desk, letter)
    with pytest.raises(InvalidStep, match="has 4 sheets, and you counted 3"):
        into_envelope(desk, letter, sheets=3)
    assert into_envelope(desk, letter).state == State.ENVELOPED


@pytest.mark.policy("OGP-3a")
def test_another_enclosure_or_another_order_voids_check_and_signature(desk):
    letter = world.hand_over(desk)
    one, two = with_file(desk, letter), EnclosedItem("Form", 1)
    letter = through_to_sheets(desk, typed_with(desk, one, two, letter=letter))
    before = letter.content_hash
    for number, items in enumerate(((two, one), (one,)), start=1):
        changed = actions.type_letter(
            letter=world.fresh(letter), by=desk.admin, seen=Seen.of(world.fresh(letter)), reason="Another enclosure.",
            typed=world.typed(enclosures=items),
        ) if number == 1 else typed_with(desk, *items, letter=letter)  # fmt: skip
        assert changed.content_hash != before
        before = changed.content_hash
        assert changed.state == State.TYPED
        assert not changed.checked_by_id
        assert not changed.signed_by_id
    assert not Check.objects.filter(letter=letter, voided_at__isnull=True).exists()


def test_a_file_of_many_letters_is_kept_once(desk):
    for _ in range(3):
        with_file(desk, world.hand_over(desk))
    assert LetterFile.objects.count() == 3
    assert StoredFile.objects.filter(pk=LetterFile.objects.all()[0].file_id).count() == 1


@pytest.mark.policy("OGP-4b")
def test_what_is_no_sheet_is_counted_in(desk):
    letter = typed_with(
        desk, EnclosedItem("Photographs", 0, "thing", count=5), EnclosedItem("Cheque", 0, "thing", count=1)
    )
    assert "Photographs (5)" in words(pdf_of(letter.current))
    assert sheets_to_count(letter) == 1
    letter = through_to_sheets(desk, letter)
    for things, field in (((5,), "thing_2"), ((4, 1), "thing_1"), ((), "thing_1")):
        with pytest.raises(InvalidStep) as refused:
            into_envelope(desk, letter, things=things)
        assert refused.value.field == field
    client = signed_in(desk.admin)
    page = client.get(url("envelope", letter)).content.decode()
    assert "How many of “Photographs” did you count in?" in page
    ticks = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), "on")
    sent = {**seen(letter), "sheets": 1, "thing_1": 4, "thing_2": 1, **ticks}
    answer = client.post(url("envelope", letter), sent)
    assert answer.status_code == 422
    assert "5 of “Photographs” go in, and you counted 4" in answer.content.decode()
    assert client.post(url("envelope", letter), {**sent, "thing_1": 5}).status_code == 302


@pytest.mark.policy("OGP-4b")
def test_an_original_goes_by_registered_post_where_the_office_says_so(desk):
    letter = through_to_sheets(desk, typed_with(desk, EnclosedItem("Birth certificate", 1, original=True)))
    OfficePost.objects.filter(office=desk.office).update(originals_kept=True)
    with pytest.raises(InvalidStep, match="registered post or by hand"):
        into_envelope(desk, letter)
    OfficePost.objects.filter(office=desk.office).update(originals_kept=False)
    assert into_envelope(desk, letter).state == State.ENVELOPED


@pytest.mark.policy("OGP-4a")
def test_more_sheets_than_the_stock_takes_ask_for_another(desk):
    letter = world.hand_over(desk)
    item = with_file(desk, letter, checked=Checked(Kind.PDF, "application/pdf", samples.pdf(7), pages=7))
    with pytest.raises(InvalidStep, match=r"8 sheets go into this envelope.*takes 5") as refused:
        typed_with(desk, item, letter=letter)
    assert refused.value.field == "stock"
    c5 = EnvelopeStock.objects.get(slug="c5")
    c5.max_sheets = 20
    c5.save()
    letter = typed_with(desk, item, letter=letter, stock=c5)
    assert letter.current.stock == c5


def test_added_on_the_screen_put_in_order_taken_out(desk):
    letter = world.hand_over(desk)
    client = signed_in(desk.admin)
    page = {"version": 0, "body": "Hello.", "enclosure-1-title": "Form", "enclosure-1-sheets": "1"}
    answer = client.post(url("type", letter), {**seen(letter), **page, "add_enclosure": "1"})
    assert answer.url == url("add_file", letter, "enclosure")
    key = client.get(answer.url).context["form_key"]
    for _ in range(2):  # the second time because no answer came back
        sent = {"title": "Map", "file": SimpleUploadedFile("map.exe", samples.picture()), "form_key": key}
        assert client.post(answer.url, sent).url == url("type", letter)
    letter.refresh_from_db()
    rows = letter.working.fields["enclosures"]
    assert [row[0] for row in rows] == ["Form", "Map"]
    assert letter.working.fields["body"] == "Hello.", "what was typed before is still there"
    html = client.get(url("type", letter)).content.decode()
    assert "1 page, printed behind the letter" in html
    assert "(not scanned for viruses)" in html
    both = {"enclosure-2-title": "Map", "enclosure-2-file": rows[1][3]}
    client.post(url("type", letter), {**seen(letter), **page, **both, "version": 2, "enclosure_up": "2"})
    letter.working.refresh_from_db()
    assert [row[0] for row in letter.working.fields["enclosures"]] == ["Map", "Form"]
    client.post(url("type", letter), {**seen(letter), **page, **both, "version": 3, "enclosure_off": "1"})
    letter.working.refresh_from_db()
    assert [row[0] for row in letter.working.fields["enclosures"]] == ["Map"]


@pytest.mark.parametrize("data", [b"", b"MZ" * 50, samples.word(), b"<svg/>", samples.pdf()[:300]])
@pytest.mark.parametrize("purpose", ["enclosure", "document"])
def test_a_bad_file_says_why_and_nothing_is_kept(desk, data, purpose):
    letter = world.hand_over(desk)
    files = StoredFile.objects.count()
    answer = signed_in(desk.admin).post(
        url("add_file", letter, purpose), {"title": "Map", "file": SimpleUploadedFile("x.pdf", data)}
    )
    assert answer.status_code == 422
    assert "Map" in answer.content.decode() or purpose == "document"
    assert not LetterFile.objects.exists()
    assert StoredFile.objects.count() == files


def test_a_file_of_another_letter_is_refused(desk):
    other = world.hand_over(desk)
    with_file(desk, other)
    letter = world.hand_over(desk)
    entry = {
        **seen(letter), "version": 0, "address": desk.address.pk, **date_parts("letter_date", timezone.localdate()),
        "salutation": "Dear X", "body": "Hello.", "sign_off": "Yours", "enclosure-1-title": "Map",
        "enclosure-1-file": LetterFile.objects.get().pk, "finish": "1",
    }  # fmt: skip
    answer = signed_in(desk.admin).post(url("type", letter), entry)
    assert answer.status_code == 422
    assert world.fresh(letter).state == State.DRAFTED


def test_what_was_added_can_be_neither_changed_nor_deleted(desk):
    with_file(desk, world.hand_over(desk))
    for attempt in (lambda: LetterFile.objects.update(pages=1), lambda: LetterFile.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


@pytest.mark.policy("OGP-3a", "OGP-4a")
def test_a_finished_document_goes_the_whole_way_on_paper(desk):
    letter = world.hand_over(desk)
    client = signed_in(desk.admin)
    client.post(url("add_file", letter, "document"), {"file": SimpleUploadedFile("x", samples.pdf(2))})
    html = client.get(url("type", letter)).content.decode()
    assert "A finished document is the letter" in html
    document = LetterFile.objects.get()
    entry = {
        **seen(letter), "version": 1, "address": desk.address.pk, **date_parts("letter_date", timezone.localdate()),
        "document": document.pk, "finish": "1", "subject": "Court papers",
    }  # fmt: skip
    answer = client.post(url("type", letter), entry)
    assert answer.status_code == 302, answer.content.decode()
    letter = world.fresh(letter)
    content = letter.current.as_content
    assert content["document_sha256"] == document.file_id
    assert content["body"] == "Sample text 1\n\nSample text 2"
    assert letter.current.sheets == 3, "a carrier in front: the document has no address of its own"
    check = signed_in(desk.worker).get(url("check", letter)).content.decode()
    assert "A finished document of 2 pages" in check
    letter = through_to_sheets(desk, letter)
    assert into_envelope(desk, letter).state == State.ENVELOPED


@pytest.mark.policy("OGP-3a")
def test_a_finished_document_is_signed_on_screen_in_its_margin(db):
    desk = world.Desk(world.make_office("scr", "Screenside", "screen"))
    letter = world.hand_over(desk)
    row = actions.add_file(letter=letter, by=desk.admin, purpose="document", checked=PDF)
    letter = typed_with(desk, letter=letter, document=row)
    letter = actions.check(
        letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True
    )
    letter = actions.sign(letter=letter, by=desk.worker, seen=Seen.of(letter))
    from postroom.files.store import read

    assert f"Signed on screen: {desk.worker.name}" in words(read(letter.signatures.get().pdf_id))


def test_only_a_pdf_is_a_finished_document(desk):
    picture = Checked(Kind.PICTURE, "image/png", samples.picture("PNG"), pages=1)
    with pytest.raises(InvalidStep, match="must be a PDF"):
        actions.add_file(letter=world.hand_over(desk), by=desk.admin, purpose="document", checked=picture)


def translation(desk) -> Letter:
    letter = actions.hand_over(
        case=desk.case, addressee=desk.parent, address=desk.address, by=desk.worker, draft_text="Come on Monday.",
        letter_format="language", language="Polish",
    )  # fmt: skip
    return actions.type_letter(
        letter=letter, by=desk.admin, seen=Seen.of(letter),
        typed=world.typed("Prosze przyjsc w poniedzialek.", original_text="Come on Monday."),
    )  # fmt: skip


@pytest.mark.policy("OGP-3a")
def test_the_translators_confirmation_stands_for_the_body(desk):
    letter = translation(desk)
    content = letter.current.as_content
    assert (content["language"], content["original_text"]) == ("Polish", "Come on Monday.")
    assert "Come on Monday." not in words(pdf_of(letter.current)), "both are kept, one is printed"
    today = timezone.localdate()
    with pytest.raises(InvalidStep, match="is a translation"):
        actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True)
    for entry in (
        {"translator": "Ms Lingua"},
        {"translator": "Ms Lingua", "translated_on": today + dt.timedelta(days=1)},
    ):
        with pytest.raises(InvalidStep):
            actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, **entry)
    client = signed_in(desk.worker)
    html = client.get(url("check", letter)).content.decode()
    assert "Come on Monday." in html
    assert "Who translated it?" in html
    sent = {**seen(letter), "address_confirmed": "on", "translator": "Ms Lingua", **date_parts("translated_on", today)}
    assert client.post(url("check", letter), sent).status_code == 302
    row = Check.objects.get(letter=letter)
    assert (row.translator, row.translated_on) == ("Ms Lingua", today)
    assert world.fresh(letter).state == State.WORKER_CHECKED
    assert "Lingua" not in last_entry(letter).payload


@pytest.mark.policy("OGP-3a")
def test_a_translator_is_no_way_around_the_body_of_an_ordinary_letter(desk):
    letter = world.letter_in(desk, State.TYPED)
    with pytest.raises(InvalidStep, match="no translation"):
        actions.check(
            letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, translator="Ms Lingua",
            translated_on=timezone.localdate(),
        )  # fmt: skip


def test_a_translation_without_its_original_is_not_typed(desk):
    letter = actions.hand_over(
        case=desk.case, addressee=desk.parent, address=desk.address, by=desk.worker, draft_text="Come.",
        letter_format="language", language="Polish",
    )  # fmt: skip
    with pytest.raises(InvalidStep) as refused:
        actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed("Prosze."))
    assert refused.value.field == "original_text"


def test_stored_once_and_never_swept_while_used(desk):
    from letters.stored import files_in_use

    item = with_file(desk, world.hand_over(desk))
    assert files_in_use([item.sha256, "0" * 64]) == {item.sha256}
    assert store(PDF.data, PDF.media_type).pk == item.sha256
