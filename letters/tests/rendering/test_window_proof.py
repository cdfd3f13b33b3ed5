"""The window proof on PDFs that other programs made: each judged right, and for the right reason."""

import json
from io import BytesIO, StringIO

import pikepdf
import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader

from letters.rendering.stock import C5, DL, DL_20_UP, DL_105
from letters.rendering.window_proof import prove_window
from letters.tests.rendering.pdfs import ADDRESS, HEIGHT, MM, address_ops, changed, raw_page, sheet, text_at

pytestmark = pytest.mark.policy("OGP-4a")


def codes(pdf, stock=DL):
    return {fault.code for fault in prove_window(pdf, stock).faults}


@pytest.mark.parametrize(("stock", "y"), [(DL, 64), (DL_20_UP, 62), (DL_105, 64), (C5, 73)])
def test_a_good_one_in_each_stock(stock, y):
    proof = prove_window(sheet(y=y), stock)
    assert (proof.ok, proof.address, proof.faults) == (True, ADDRESS, ())


def rect(x, y, w, h, grey=0.0):
    def draw(canvas):
        canvas.setFillGray(grey)
        canvas.rect(x * MM, HEIGHT - (y + h) * MM, w * MM, h * MM, stroke=0, fill=1)

    return draw


def line(x1, y1, x2, y2, width=0.3):
    def draw(canvas):
        canvas.setLineWidth(width)
        canvas.line(x1 * MM, HEIGHT - y1 * MM, x2 * MM, HEIGHT - y2 * MM)

    return draw


def words(x, y, text, grey=0.0, size=10, alpha=1.0, mode=None):
    def draw(canvas):
        canvas.setFillGray(grey)
        canvas.setFillAlpha(alpha)
        canvas.setFont("Helvetica", size)
        canvas.drawString(x * MM, HEIGHT - y * MM, text, mode=mode)

    return draw


def picture(x, y, w, h, colour=(0, 0, 0)):
    def draw(canvas):
        canvas.drawImage(ImageReader(Image.new("RGB", (8, 8), colour)), x * MM, HEIGHT - (y + h) * MM, w * MM, h * MM)

    return draw


STRAY = {
    "a dot": (rect(105, 50, 0.15, 0.15), "other_ink"),
    "a hairline": (line(11, 90, 109, 90, 0), "other_ink"),
    "a rule just inside the edge": (rect(9, 60, 1.1, 3), "other_ink"),
    "a rule through the address": (line(25, 63, 50, 63), "other_ink"),
    "a light grey panel": (rect(80, 70, 9, 3, 0.96), "other_ink"),
    "a picture": (picture(60, 83, 10, 5), "other_ink"),
    "a reference line": (words(23, 50, "Re: child, 01/02/2015"), "other_text"),
    "tiny type": (words(23, 50, "child", size=1), "other_text"),
    "text half in the zone": (words(8, 60, "child"), "other_text"),
    "white text": (words(23, 50, "Re: child", grey=1), "hidden_text"),
    "white text in the address": (words(60, 64, "child", grey=1), "hidden_text"),
    "invisible text": (words(23, 50, "Re: child", mode=3), "hidden_text"),
    "transparent text": (words(23, 50, "Re: child", alpha=0), "hidden_text"),
    "a white box over the address": (rect(25, 66, 9, 4, 1), "covered"),
    "a thin white line over the address": (rect(24, 62.8, 9, 0.4, 1), "covered"),
    "a white picture over a line": (picture(22, 69, 40, 4, (255, 255, 255)), "hidden_text"),
    "two columns": (words(75, 64, "child"), "columns"),
    "a line over a line": (words(23, 65, "Other text here"), "overlapping"),
}


@pytest.mark.parametrize("case", STRAY)
def test_what_else_lies_in_the_window(case):
    extra, code = STRAY[case]
    assert code in codes(sheet(after=extra))


@pytest.mark.parametrize(
    "extra",
    [
        rect(8, 60, 2, 3),
        rect(110, 60, 2, 3),
        rect(20, 92, 60, 2),
        rect(20, 44, 60, 2),
        words(23, 98, "Dear Ms Example"),
        rect(70, 84, 20, 5, 1),
        picture(70, 84, 20, 5, (255, 255, 255)),
        line(3, 99, 8, 99),
    ],
)
def test_what_lies_beside_it_or_leaves_no_ink(extra):
    assert prove_window(sheet(after=extra), DL).ok
    assert prove_window(sheet(before=extra), DL).ok


@pytest.mark.parametrize(
    ("place", "ok"),
    [
        ({"x": 22.2}, True),
        ({"x": 21}, False),
        ({"y": 62}, True),
        ({"y": 61}, False),
        ({"y": 66}, True),
        ({"y": 67.5}, False),
    ],
)
def test_two_millimetres_from_the_edge(place, ok):
    proof = prove_window(sheet(**place), DL)
    assert proof.ok is ok
    assert ok or {f.code for f in proof.faults} == {"address_outside"}


def test_a_line_too_wide():
    assert "address_outside" in codes(
        sheet(("Ms Jane Example", "The Old Sample House, 112 Long Sample Street North", *ADDRESS[2:]))
    )


def test_fit_to_printable_area_moves_the_address_out():
    # An address low in the zone, on a page shrunk by 4 % about its middle, as browsers do.
    good = sheet(y=66)
    assert prove_window(good, DL).ok

    def shrink(pdf):
        page = pdf.pages[0]
        page.contents_coalesce()
        dx, dy = 595.276 * 0.02, 841.89 * 0.02
        page.obj.Contents = pdf.make_stream(f"0.96 0 0 0.96 {dx} {dy} cm ".encode() + page.obj.Contents.read_bytes())

    assert "address_outside" in codes(changed(good, shrink))


def test_drawn_out_of_order_letter_by_letter_and_letter_spaced():
    shuffled = "".join(text_at(23, 64 + 4 * n, ADDRESS[n]) for n in (2, 0, 3, 1))
    assert prove_window(raw_page(shuffled), DL).address == ADDRESS
    spaced = "".join(text_at(23, 64 + 4 * n, t).replace("Tf", "Tf 2.2 Tc") for n, t in enumerate(ADDRESS))
    assert prove_window(raw_page(spaced), DL).address == ADDRESS
    by_letter = (
        address_ops()
        .replace("(SAMPLETON) Tj", "(SA) Tj (M) Tj (PLETON) Tj")
        .replace("(SE1 2QH) Tj", "[(SE1) -278 (2QH)] TJ")
    )
    proof = prove_window(raw_page(by_letter), DL)
    assert (proof.ok, proof.address) == (True, ADDRESS)


def test_a_clip_path_cuts_half_a_line():
    y = 841.89 - 62.9 * MM
    clip = f"q 0 0 595 {y:.2f} re W n " + address_ops() + "Q"
    assert "cut_off" in codes(raw_page(clip))
    assert prove_window(raw_page("q 0 0 595 842 re W n " + address_ops() + "Q"), DL).ok


@pytest.mark.parametrize(
    ("rotate", "matrix", "size"),
    [
        (180, "-1 0 0 -1 595.276 841.89 cm ", (595.276, 841.89)),
        (90, "0 1 -1 0 841.89 0 cm ", (841.89, 595.276)),
        (270, "0 -1 1 0 0 595.276 cm ", (841.89, 595.276)),
    ],
)
def test_rotated_pages_as_they_are_viewed(rotate, matrix, size):
    boxes = {"MediaBox": [0, 0, *size]}
    right = raw_page(matrix + address_ops(), boxes=boxes, Rotate=rotate)
    assert prove_window(right, DL).ok, prove_window(right, DL)
    wrong = raw_page(address_ops(), Rotate=rotate)
    assert not prove_window(wrong, DL).ok


def test_boxes_with_another_origin_and_another_unit():
    moved = raw_page("1 0 0 1 100 -50 cm " + address_ops(), boxes={"MediaBox": [100, -50, 695.276, 791.89]})
    assert prove_window(moved, DL).ok
    cropped = raw_page("1 0 0 1 100 50 cm " + address_ops(), boxes={
        "MediaBox": [0, 0, 900, 1000], "CropBox": [100, 50, 695.276, 891.89]})  # fmt: skip
    assert prove_window(cropped, DL).ok
    half = raw_page("0.5 0 0 0.5 0 0 cm " + address_ops(), boxes={"MediaBox": [0, 0, 297.638, 420.945]}, UserUnit=2)
    assert prove_window(half, DL).ok
    assert codes(raw_page(address_ops(), UserUnit=2)) == {"not_a4_upright"}


@pytest.mark.parametrize("pagesize", [(612, 792), (841.89, 595.276), (595.276 * 0.96, 841.89 * 0.96), (419.5, 595.276)])
def test_other_sizes(pagesize):
    assert codes(sheet(pagesize=pagesize)) == {"not_a4_upright"}


def test_a_later_page_that_is_no_a4_upright():
    def turn(pdf):
        pdf.pages[1].rotate(90, relative=False)

    proof = prove_window(changed(sheet(pages=2), turn), DL)
    assert [(f.code, f.page) for f in proof.faults] == [("not_a4_upright", 2)]
    assert proof.address == ADDRESS


def test_nothing_to_read():
    assert codes(raw_page("")) == {"no_address"}
    scan = sheet((), after=picture(23, 60, 50, 15))
    assert {"no_address", "other_ink"} <= codes(scan)
    outlines = raw_page("".join(f"{70 + 8 * n} 650 5 8 re f " for n in range(12)))
    assert "no_address" in codes(outlines)


def test_what_is_read_must_be_an_address():
    assert codes(sheet(("Dear Ms Example", "12 Sample Street", "SE1 2QH"))) == {"address"}
    assert codes(sheet(("Ms Jane Example", "NFA", "SE1 2QH"))) == {"address"}


def test_small_slanted_and_turned_type():
    assert "too_small" in codes(sheet(size=7, leading=8))
    assert "too_small" in codes(raw_page("0.7 0 0 0.7 0 252.567 cm " + address_ops(33, 91)))
    turned = address_ops().replace(f"1 0 0 1 {23 * MM:.3f}", f"0.99 0.14 -0.14 0.99 {23 * MM:.3f}")
    assert "not_upright" in codes(raw_page(turned))


def test_annotations_and_form_fields_in_the_window():
    def stamp(flags, rect):
        def change(pdf):
            look = pdf.make_stream(
                b"0 0 60 20 re f", BBox=[0, 0, 60, 20], Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form
            )
            pdf.pages[0].obj.Annots = pdf.make_indirect(
                pikepdf.Array(
                    [
                        pikepdf.Dictionary(
                            Type=pikepdf.Name.Annot,
                            Subtype=pikepdf.Name.Stamp,
                            Rect=rect,
                            F=flags,
                            AP=pikepdf.Dictionary(N=look),
                        )
                    ]
                )
            )

        return change

    printed, inside, below = 4, [200, 620, 260, 640], [200, 300, 260, 320]
    assert "other_ink" in codes(changed(sheet(), stamp(printed, inside)))
    assert prove_window(changed(sheet(), stamp(printed, below)), DL).ok
    assert prove_window(changed(sheet(), stamp(printed | 2, inside)), DL).ok  # hidden: it never prints


def test_switched_off_layers_and_nested_forms():
    def layered(pdf):
        group = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("off")))
        pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[group], D=pikepdf.Dictionary(OFF=[group], Order=[group]))
        page = pdf.pages[0].obj
        page.Resources.Properties = pikepdf.Dictionary(Off=group)
        page.Contents = pdf.make_stream(
            page.Contents.read_bytes() + b" /OC /Off BDC " + text_at(23, 50, "Re child").encode() + b" EMC"
        )

    assert "hidden_text" in codes(changed(raw_page(address_ops()), layered))

    def nested(extra):
        def change(pdf):
            page = pdf.pages[0].obj
            box = {"BBox": [0, 0, 600, 850], "Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Form}
            inner = pdf.make_stream(page.Contents.read_bytes() + extra.encode(), Resources=page.Resources, **box)
            outer = pdf.make_stream(
                b"/In Do", Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(In=inner)), **box
            )
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Out=outer))
            page.Contents = pdf.make_stream(b"/Out Do")

        return changed(raw_page(address_ops()), change)

    proof = prove_window(nested(""), DL)
    assert (proof.ok, proof.address) == (True, ADDRESS)
    assert "other_ink" in codes(nested(f"100 {841.89 - 89 * MM:.1f} 20 3 re f"))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda pdf: b"", "unreadable"),
        (lambda pdf: b"hello", "unreadable"),
        (lambda pdf: pdf[: len(pdf) // 2], "unreadable"),
        (lambda pdf: pdf[:-8], "unreadable"),
        (lambda pdf: b"%PDF-1.7\n" + b"\x00\xff" * 500 + b"%%EOF", "unreadable"),
        (lambda pdf: changed(pdf, lambda p: None, encryption=pikepdf.Encryption(user="u", owner="o")), "locked"),
    ],
)
def test_what_cannot_be_read(spoil, code, tmp_path):
    spoilt = spoil(sheet())
    assert codes(spoilt) == {code}
    assert run(tmp_path, spoilt)[0] == 2


def test_locked_against_changes_only_can_be_read():
    assert prove_window(changed(sheet(), lambda p: None, encryption=pikepdf.Encryption(user="", owner="o")), DL).ok


def run(tmp_path, pdf, *options):
    path = tmp_path / "letter.pdf"
    if pdf is not None:
        path.write_bytes(pdf)
    out = StringIO()
    code = 0
    try:
        call_command("prove_window", str(path), *options, stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = end.code
    return code, json.loads(out.getvalue())


def test_the_command(tmp_path):
    code, answer = run(tmp_path, sheet())
    assert (code, answer) == (0, {"ok": True, "stock": "DL", "address": list(ADDRESS), "faults": []})
    code, answer = run(tmp_path, sheet(), "--stock", "c5")
    assert (code, answer["ok"], answer["stock"]) == (1, False, "C5")
    assert set(answer["faults"][0]) == {"code", "page", "message"}
    code, answer = run(tmp_path, sheet(), "--stock", "C4")
    assert (code, answer["faults"][0]["code"]) == (2, "unknown_stock")
    (tmp_path / "letter.pdf").unlink()
    assert run(tmp_path, None)[0] == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(15, 60), st.floats(55, 80))
def test_wherever_the_address_stands_the_verdict_is_that_of_its_geometry(x, y):
    """The lines' ink: from the H's stem to the block's right, from the capitals' top to the last baseline."""
    lines = ("HHHH HHHH", "1 HHHHHHH HHHHHHHH HH", "HH1 1HH")
    left, top = x + 0.077 * 10 / MM, y - 0.718 * 10 / MM
    width = 10 / MM * (0.556 + 0.278 * 3 + 0.722 * 17 - 0.077)
    right, bottom = left + width - 0.077 * 10 / MM + 0.03, y + 2 * 11.5 / MM
    area = DL.address_area
    edges = (left - area.left, top - area.top, area.right - right, area.bottom - bottom)
    assume(all(abs(edge) > 0.25 for edge in edges))
    fits = min(edges) > 0
    ink_in_zone = right > 20 and left < 100 and bottom > 57 and top < 81
    assume(ink_in_zone)
    proof = prove_window(sheet(lines, x=x, y=y), DL)
    assert proof.ok is fits, (edges, proof)


def test_a_picture_of_the_page_is_the_page():
    from letters.rendering.pdfium import page_pictures

    pictures = page_pictures(sheet(pages=2), 400)
    assert [Image.open(BytesIO(p)).size[0] for p in pictures] == [400, 400]
