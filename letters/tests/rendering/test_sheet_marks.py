"""The mark on every sheet: read back from the finished PDF's pixels; window clear, nothing covered (OGP-4b)."""

import dataclasses
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageDraw

from letters.rendering.behind import Part
from letters.rendering.finished import proved_document
from letters.rendering.letter_pdf import proved_letter
from letters.rendering.sheet_marks import MOST, SheetMark, TooMany, read_mark, with_marks
from letters.rendering.stock import C5, DL, DL_20_UP, DL_105
from letters.rendering.window_proof import prove_window
from letters.tests.rendering.test_behind import CONTENT

REF = "K7Q2M4XD8"
LONG = dataclasses.replace(CONTENT, body="We met on Monday, and spoke of what comes next.\n\n" * 60)


def pictures(pdf, dpi=200):
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]


def read_back(pdf, dpi=200):
    """What a scanner reads on each page, at the density of a poor one."""
    return [[code.text for code in zxingcpp.read_barcodes(picture)] for picture in pictures(pdf, dpi)]


def picture_pdf(draw=None, size=(2100, 2970), ground="white"):
    """A scan of one page: a picture as a PDF, A4."""
    image = Image.new("RGB", size, ground)
    if draw:
        draw(ImageDraw.Draw(image))
    out = BytesIO()
    image.save(out, "PDF", resolution=size[0] / 210 * 25.4)
    return out.getvalue()


@pytest.mark.policy("OGP-4b")
def test_every_sheet_bears_its_letter_its_print_and_its_page_and_nothing_else():
    behind = (Part(picture_pdf(), "application/pdf", "enclosure 1"),)
    pdf = proved_letter(LONG, DL, behind=behind)
    marked, bare = with_marks(pdf, REF, 2, DL)
    sheets = len(pictures(pdf, 20))
    assert sheets >= 4
    assert bare == ()
    assert read_back(marked) == [[f"{REF}-2-{page}-{sheets}"] for page in range(1, sheets + 1)]
    assert read_back(marked, 150) == read_back(marked)
    assert with_marks(pdf, REF, 2, DL)[0] == marked
    # For a hand that types what no scanner reads.
    with pypdfium2.PdfDocument(marked) as document:
        assert all(f"{REF}-2-" in page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize("stock", [DL, DL_20_UP, DL_105, C5], ids=lambda stock: stock.slug)
def test_the_window_still_shows_the_address_alone_and_the_rest_of_the_sheet_is_as_it_was(stock):
    pdf = proved_letter(CONTENT, stock)
    marked, _ = with_marks(pdf, REF, 1, stock)
    proof = prove_window(marked, stock)
    assert proof.ok
    assert proof.address == CONTENT.address_lines
    before, after = pictures(pdf)[0], pictures(marked)[0]
    left, top, right, bottom = (edge * 25.4 / 200 for edge in ImageChops.difference(before, after).getbbox())
    # All of it within the corner at the lower right: fold marks, window and text are untouched.
    assert left > 185 and top > 280  # noqa: PT018 - one place
    assert right < 206 and bottom < 293  # noqa: PT018
    with pikepdf.open(BytesIO(marked)) as document:
        assert document.Root.ViewerPreferences.PrintScaling == "/None"


def test_a_mark_goes_where_the_sheet_is_blank_and_covers_nothing():
    def foot(pen):
        pen.rectangle((0, 2780, 2100, 2970), fill="black")

    def frame(pen):
        pen.rectangle((40, 40, 2060, 2930), outline="black", width=300)

    pdf = proved_letter(
        CONTENT,
        DL,
        behind=(
            Part(picture_pdf(foot), "application/pdf", "enclosure 1"),
            Part(picture_pdf(frame), "application/pdf", "enclosure 2"),
            Part(picture_pdf(ground=(236, 236, 232)), "application/pdf", "enclosure 3"),
        ),
    )
    marked, bare = with_marks(pdf, REF, 1, DL)
    assert bare == (3,)
    assert read_back(marked) == [[f"{REF}-1-1-4"], [f"{REF}-1-2-4"], [], [f"{REF}-1-4-4"]]
    for before, after in zip(pictures(pdf), pictures(marked), strict=True):
        changed = ImageChops.difference(before, after).point(lambda tone: 255 if tone else 0)
        # What was dark is as dark as before.
        dark = before.point(lambda tone: 255 if tone < 200 else 0)
        assert ImageChops.multiply(changed, dark).getbbox() is None


def test_turned_pages_and_a_finished_document_bear_it_upright():
    with pikepdf.open(BytesIO(picture_pdf(size=(2970, 2100)))) as turned:
        turned.pages[0].MediaBox = [0, 0, 841.89, 595.276]
        turned.pages[0].rotate(90, relative=False)
        out = BytesIO()
        turned.save(out)
    document = proved_document(CONTENT, picture_pdf(), DL, behind=(Part(out.getvalue(), "application/pdf", "plan"),))
    marked, bare = with_marks(document, REF, 12, DL)
    assert bare == ()
    # Its own pages have no address, so a carrier sheet goes in front: it is a sheet like the others.
    assert read_back(marked) == [[f"{REF}-12-{page}-3"] for page in (1, 2, 3)]
    assert prove_window(marked, DL).ok


def test_the_largest_mark_can_be_read_and_a_larger_one_is_refused():
    pdf = proved_letter(CONTENT, DL)
    assert read_back(with_marks(pdf, REF, MOST, DL)[0]) == [[f"{REF}-{MOST}-1-1"]]
    with pytest.raises(TooMany):
        with_marks(pdf, REF, MOST + 1, DL)


@pytest.mark.parametrize(
    "line", [f"{REF}-2-1-3", f"  {REF.lower()}-2-1-3\t", f"{REF}/2/1/3", f"{REF} 2 1 3", f"{REF}.2.1.3"]
)
def test_a_line_of_a_scanner_or_of_a_hand(line):
    assert read_mark(line) == SheetMark(REF, 2, 1, 3)


@pytest.mark.parametrize(
    "line",
    ["", REF, f"{REF}-2-1", f"{REF}-2-4-3", f"{REF}-0-1-3", f"{REF}-2-1-3-1", f"{REF}-100-1-3", "K7Q2M4XD9-2-1-3",
     f"{REF}-\uff12-1-3", f"{REF}-2-1-3\n{REF}-2-2-3", "http://example.org", "5000112637922"],
)  # fmt: skip
def test_anything_else_is_no_mark(line):
    assert read_mark(line) is None
