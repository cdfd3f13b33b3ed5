"""Enclosures behind the letter and finished documents as the letter: pages unchanged, marked, proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from letters.rendering.behind import Part, marked, put_behind
from letters.rendering.content import EnclosedItem, LetterContent, Letterhead, Signature
from letters.rendering.finished import document_text, proved_document
from letters.rendering.letter_pdf import proved_letter
from letters.rendering.stock import DL
from letters.rendering.window_proof import prove_window
from postroom.uploads.tests import samples

CONTENT = LetterContent(
    reference="K7Q2M4XD9",
    letterhead=Letterhead("Northmere County Council", "Riverside"),
    address_lines=("Ms Pat Example", "14 Sample Road", "NORTHMERE", "NM2 3BB"),
    letter_date=date(2026, 7, 20),
    salutation="Dear Ms Example",
    body="We met on Monday.",
    signatory_name="Wren Worker",
    signatory_role="Social worker",
)


def words(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    found = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return found


def part(data: bytes, media_type: str = "application/pdf", called: str = "enclosure 1") -> Part:
    return Part(data, media_type, called)


@pytest.mark.policy("OGP-4b")
def test_every_sheet_says_where_it_belongs():
    pdf = proved_letter(
        CONTENT, DL, behind=[part(samples.pdf(2)), part(samples.picture(), "image/jpeg", "enclosure 2")]
    )
    pages = words(pdf)
    assert len(pages) == 4
    assert "K7Q2M4XD9, page 1 of 1" in pages[0]
    assert "K7Q2M4XD9, enclosure 1, page 1 of 2" in pages[1]
    assert "K7Q2M4XD9, enclosure 1, page 2 of 2" in pages[2]
    assert "Sample text 2" in pages[2]
    assert "K7Q2M4XD9, enclosure 2, page 1 of 1" in pages[3]
    assert prove_window(pdf, DL).ok
    with pikepdf.open(BytesIO(pdf)) as document:
        assert str(document.Root.ViewerPreferences.PrintScaling) == "/None"
        assert "/Metadata" not in document.Root, "with other people's pages it is no PDF/UA"


def test_the_same_sheets_give_the_same_bytes():
    once, again = (proved_letter(CONTENT, DL, behind=[part(samples.pdf())]) for _ in range(2))
    assert once == again


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_mark_stands_upright_at_the_foot_of_a_turned_page(turned):
    source = pikepdf.open(BytesIO(samples.pdf()))
    source.pages[0].rotate(turned, relative=False)
    page = pypdfium2.PdfDocument(marked(samples.saved(source), "K7Q2M4XD9"))[0]
    picture = page.render(scale=2, grayscale=True).to_pil()
    foot = picture.crop((0, int(picture.height - 50 * 2), 150 * 2, picture.height))
    assert foot.getextrema()[0] < 128, "ink at the foot, at the left"
    text = page.get_textpage()
    assert "K7Q2M4XD9, page 1 of 1" in text.get_text_range()


def test_a_page_that_leaves_its_units_changed_is_marked_in_its_place():
    source = pikepdf.open(BytesIO(samples.pdf()))
    source.pages[0].contents_add(b"0.1 0 0 0.1 300 300 cm")
    page = pypdfium2.PdfDocument(marked(samples.saved(source), "K7Q2M4XD9"))[0]
    text = page.get_textpage()
    place = text.get_text_range().index("K7Q2M4XD9")
    left, bottom, _, top = text.get_charbox(place)
    assert 15 < left < 40
    assert 10 < bottom < top < 40


@pytest.mark.policy("OGP-4a")
def test_a_document_whose_own_address_is_right_needs_no_carrier():
    """A letter made elsewhere, with the very address where this stock shows it."""
    document = proved_letter(replace(CONTENT, reference="ELSEWHERE"), DL)
    content = replace(CONTENT, document_sha256="x", document_pages=1)
    pdf = proved_document(content, document, DL)
    assert len(words(pdf)) == 1
    assert "K7Q2M4XD9, page 1 of 1" in words(pdf)[0]
    assert "We met on Monday." in words(pdf)[0]
    assert list(prove_window(pdf, DL).address) == list(CONTENT.address_lines)


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize(
    "document",
    [
        samples.pdf(2),
        samples.pdf(2, size=(841.89, 595.28)),
        proved_letter(replace(CONTENT, address_lines=("Mr Other Person", "1 Far Road", "NORTHMERE", "NM9 9ZZ")), DL),
    ],
    ids=["no address", "landscape", "somebody else's address"],
)
def test_any_other_document_goes_behind_a_carrier_that_bears_the_address_alone(document):
    content = replace(CONTENT, document_sha256="x", document_pages=2)
    pdf = proved_document(content, document, DL)
    pages = words(pdf)
    assert "carrier sheet" in pages[0]
    assert "We met" not in pages[0]
    assert list(prove_window(pdf, DL).address) == list(CONTENT.address_lines)
    assert "K7Q2M4XD9, page 1 of" in pages[1]


def test_a_documents_own_marks_of_its_maker_are_gone():
    source = pikepdf.open(BytesIO(samples.pdf()))
    source.docinfo["/Author"] = "Somebody Secret"
    with source.open_metadata() as metadata:
        metadata["dc:title"] = "About the Secret family"
    data = samples.saved(source)
    assert b"Secret" in data
    out = marked(data, "K7Q2M4XD9")
    with pikepdf.open(BytesIO(out)) as document:
        assert "/Info" not in document.trailer or "/Author" not in document.docinfo
        assert "/Metadata" not in document.Root


def test_a_signature_on_screen_stands_in_the_margin_of_the_last_page():
    signature = Signature("pp", "Dina Duty", "Social worker", date(2026, 7, 20), "Wren Worker")
    content = replace(CONTENT, document_sha256="x", document_pages=2)
    pages = words(proved_document(content, samples.pdf(2), DL, signature=signature))
    assert "pp Wren Worker, Dina Duty, Social worker, 20 July 2026" in pages[-1]
    assert "Signed on screen" not in pages[1]


def test_the_pages_of_a_document_stay_as_they_were():
    """The picture of a page differs from the original's nowhere but in the margin at its foot."""
    data = samples.pdf()
    before = pypdfium2.PdfDocument(data)[0].render(scale=2).to_pil()
    after = pypdfium2.PdfDocument(marked(data, "K7Q2M4XD9"))[0].render(scale=2).to_pil()
    height = before.height - 2 * 45
    area = (0, 0, before.width, height)
    assert before.crop(area).tobytes() == after.crop(area).tobytes()


def test_the_words_of_a_document_are_read():
    assert document_text(samples.pdf(2)) == "Sample text 1\n\nSample text 2"
    assert document_text(put_behind(samples.pdf(), [], "R")).startswith("Sample text 1")


def test_a_frozen_content_of_before_is_still_read():
    old = CONTENT.to_json()
    import json

    values = json.loads(old)
    for name in ("document_sha256", "document_pages", "language", "original_text", "large_print"):
        del values[name]
    values["enclosures"] = [{"title": "Map", "pages": 2}]
    content = LetterContent.from_json(json.dumps(values))
    assert content.enclosures == (EnclosedItem("Map", 2),)
    assert not content.large_print


def test_large_print_is_large_and_the_address_still_fits():
    pdf = proved_letter(replace(CONTENT, large_print=True), DL)
    page = pypdfium2.PdfDocument(pdf)[0]
    text = page.get_textpage()
    place = text.get_text_range().index("We met")
    _, bottom, _, top = text.get_charbox(place, loose=True)
    assert top - bottom > 15
