"""Our own sheets: each proves its window, is the same each time, and what can't fit is an error first."""

import dataclasses
import logging
from datetime import date
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from letters.rendering import letter_pdf
from letters.rendering.address_block import AddressDoesNotFit, fit_address
from letters.rendering.body import body_html
from letters.rendering.content import EnclosedItem, LetterContent, Letterhead, Signature
from letters.rendering.letter_pdf import proved_letter, render_calibration, render_carrier, render_letter
from letters.rendering.stock import C5, DL, STOCKS
from letters.rendering.typesetting import MissingGlyphs
from letters.rendering.window_proof import prove_window

HEAD = Letterhead(
    "Northmere County Council", "Westmere District Office", ("1 Mere Road", "NORTHMERE", "NM1 1AA"), "01632 960001"
)
LINES = (
    "Ms Jane Example",
    "12 Sample Street, Flat gy 4",
    "Little Sampling",
    "Upper Jug",
    "Lower jay",
    "SAMPLETON",
    "SE1 2QH",
)
LETTER = LetterContent(
    reference="NCC-2026-000123",
    letterhead=HEAD,
    address_lines=("Ms Jane Example", "12 Sample Street", "SAMPLETON", "SE1 2QH"),
    letter_date=date(2026, 7, 20),
    salutation="Dear Ms Example",
    body="I write about **our visit**.\n\n## What we agreed\n\n- one\n- two",
    signatory_name="Sam Worker",
    signatory_role="Social worker",
    our_ref="NCC-2026-000123",
    subject="Our visit",
    enclosures=(EnclosedItem("Plan", 3),),
    copies_to=("Dr A Sample",),
)


def text_of(pdf, page=0):
    with pypdfium2.PdfDocument(pdf) as document:
        return document[page].get_textpage().get_text_bounded()


def addressed(*lines):
    return dataclasses.replace(LETTER, address_lines=lines)


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize("stock", STOCKS, ids=lambda s: s.slug)
@pytest.mark.parametrize("count", [3, 4, 5, 6, 7])
def test_three_to_seven_lines_behind_every_window(stock, count):
    lines = (*LINES[: count - 1], LINES[-1])
    if stock is C5 and count == 7:
        with pytest.raises(AddressDoesNotFit, match="Shorten it to 6 lines"):
            render_letter(addressed(*lines), stock)
        return
    proof = prove_window(render_letter(addressed(*lines), stock), stock)
    assert (proof.ok, proof.address, proof.faults) == (True, lines, ())
    assert fit_address(lines, stock).size_pt >= 8


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize(
    "name",
    [
        "Zo\u00eb \u00c5ngstr\u00f6m-\u0141\u00f3d\u017a",
        "\u0623\u062d\u0645\u062f \u0645\u062d\u0645\u062f",
        "\u05d3\u05d5\u05d3 \u05db\u05d4\u05df",
        "\u042e\u043b\u0438\u044f \u041f\u0435\u0442\u0440\u043e\u0432\u0430",
        "Nguy\u1ec5n Th\u1ecb \u00c1nh",
        "\u0393\u03b9\u03ce\u03c1\u03b3\u03bf\u03c2",
        "\u053c\u0561\u0580\u0561",
        "O\u2019Neill & Sons <Ltd>",
        "\u015eeyma \u0130\u011fd\u0131r",
        "Fflur Officer",
        "AVATAR Toy, Wye",
    ],
)
def test_names_in_other_letters_are_read_back(name):
    for stock in (DL, C5):
        proved = proved_letter(addressed(name, "12 Sample Street", "SAMPLETON", "SE1 2QH"), stock)
        assert prove_window(proved, stock).address[0] == name


@pytest.mark.policy("OGP-4a")
def test_a_long_line_is_printed_smaller_and_one_too_long_is_an_error_before_printing():
    long = "Flat 12, The Old Sample House, Long Sample Str"
    block = fit_address((LINES[0], long, "SE1 2QH"), DL)
    assert 8 <= block.size_pt < 11
    assert prove_window(render_letter(addressed(LINES[0], long, "SE1 2QH"), DL), DL).ok
    with pytest.raises(AddressDoesNotFit) as caught:
        render_letter(addressed(LINES[0], long * 2, "SE1 2QH"), DL)
    assert "Line 2" in caught.value.faults[0]
    assert "characters" in caught.value.faults[0]


def test_a_character_that_no_font_has_is_an_error_and_is_not_logged(caplog):
    with caplog.at_level(logging.WARNING), pytest.raises(MissingGlyphs) as caught:
        render_letter(addressed("\ue000 Example", "1 Road", "SE1 2QH"), DL)
    assert caught.value.characters == ("\ue000",)
    assert "\ue000" not in caplog.text


def test_the_same_content_gives_the_same_bytes_and_survives_json():
    assert LetterContent.from_json(LETTER.to_json()) == LETTER
    assert LetterContent.from_json(LETTER.to_json()).to_json() == LETTER.to_json()
    assert render_letter(LETTER, DL) == render_letter(LetterContent.from_json(LETTER.to_json()), DL)
    assert render_letter(LETTER, DL) != render_letter(addressed("Ms J Example", *LETTER.address_lines[1:]), DL)


def test_what_the_pdf_says_of_itself():
    with pikepdf.open(BytesIO(render_letter(LETTER, DL))) as pdf:
        assert pdf.Root.ViewerPreferences.PrintScaling == "/None"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert pdf.Root.Lang == "en-GB"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.docinfo.Title == LETTER.reference
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
        fonts = [
            obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_every_sheet_is_marked_and_only_the_first_has_the_address():
    long = dataclasses.replace(LETTER, body="\n\n".join(f"Paragraph {n}. " + "Words go on. " * 30 for n in range(20)))
    pdf = render_letter(long, DL)
    with pypdfium2.PdfDocument(pdf) as document:
        pages = len(document)
    assert pages > 2
    for number in range(pages):
        assert f"NCC-2026-000123, page {number + 1} of {pages}" in text_of(pdf, number)
        assert ("12 Sample Street" in text_of(pdf, number)) is (number == 0)
    assert prove_window(pdf, DL).ok


def test_a_signature_fills_the_block_with_both_names_for_pp():
    worker = text_of(
        render_letter(LETTER, DL, signature=Signature("worker", "Sam Worker", "Social worker", date(2026, 7, 21)))
    )
    assert "Signed by Sam Worker, Social worker, on 21 July 2026" in " ".join(worker.split())
    pp = Signature("pp", "Dee Duty", "Social worker", date(2026, 7, 21), "Sam Worker", "duty worker")
    read = " ".join(text_of(proved_letter(LETTER, DL, signature=pp)).split())
    assert "pp Dee Duty, Social worker (duty worker)" in read
    assert "on behalf of Sam Worker" in read


def test_markdown_has_a_few_meanings_and_no_others():
    html = body_html(
        "# One\n\n**b** <script>x</script> [a](http://b) ![i](c) `d`\nnext\n\n1. x\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    assert "<h2>One</h2>" in html
    assert "<strong>b</strong>" in html
    assert "<br" in html
    assert "<ol>" in html
    assert "<table>" in html
    assert "<a" not in html
    assert "<img" not in html
    assert "<script" not in html


@pytest.mark.parametrize("stock", STOCKS, ids=lambda s: s.slug)
def test_carrier_and_calibration_sheets(stock):
    assert prove_window(render_carrier(LETTER.address_lines, stock), stock).address == LETTER.address_lines
    calibration = render_calibration(stock)
    with pypdfium2.PdfDocument(calibration) as document:
        assert len(document) == 1
    assert "Calibration sheet" in text_of(calibration)
    with pypdfium2.PdfDocument(render_calibration(stock, both_sides=True)) as document:
        assert len(document) == 2, "a sheet with one page would not be turned over"
    assert not prove_window(calibration, stock).ok


@pytest.mark.policy("OGP-4a")
def test_a_letter_that_would_show_something_else_is_not_let_out(monkeypatch):
    monkeypatch.setattr(letter_pdf, "_letterhead", lambda *a: '<p style="position:absolute;top:-40mm">Re: child</p>')
    with pytest.raises(letter_pdf.LetterNotProved):
        proved_letter(LETTER, DL)
