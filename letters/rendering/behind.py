"""Sheets that were not typed here: enclosures behind the letter, a finished document as the letter. PDFs in and out.

Their pages stay as they are; only a small line in the margin is laid over each, so that every sheet says where it
belongs. What isn't A4 upright (a picture, a landscape page) is laid, whole, on a sheet that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO

import pikepdf
from PIL import Image

from letters.rendering.stock import A4_H, A4_W
from letters.rendering.typesetting import FONT_FAMILY, typeset

PT_PER_MM = 72 / 25.4
_EDGE_MM = 12.0  # around a picture
_CSS = f"""
@page {{ size: {A4_W}mm {A4_H}mm; margin: 0 }}
html {{ font-family: {FONT_FAMILY}; font-size: 7.5pt; line-height: 1.2 }} body {{ margin: 0 }}
.p {{ position: relative; height: {A4_H - 0.5}mm; break-after: page }} .p:last-child {{ break-after: auto }}
.m {{ position: absolute; left: 8mm; bottom: 5.5mm; white-space: nowrap }}
.s {{ position: absolute; left: 8mm; bottom: 9.5mm; white-space: nowrap }}
"""


@dataclass(frozen=True, slots=True)
class Part:
    """An enclosure's bytes, of `media_type` (PDF, JPEG, PNG), and how its sheets are called: "enclosure 1"."""

    data: bytes
    media_type: str
    called: str


def put_behind(letter: bytes, parts: Sequence[Part], reference: str) -> bytes:
    """The letter's PDF with the parts' pages behind it, each marked "REF, enclosure 1, page 1 of 3"."""
    with pikepdf.open(BytesIO(letter)) as document:
        for part in parts:
            pages = _as_pdf(part)
            with pikepdf.open(BytesIO(pages)) as behind:
                _all_on_a4(behind)
                count = len(behind.pages)
                first = len(document.pages)
                document.pages.extend(behind.pages)
            marks = [f"{reference}, {part.called}, page {n} of {count}" for n in range(1, count + 1)]
            _lay_over(document, first, marks)
        no_longer_tagged(document)
        return saved(document)


def marked(data: bytes, reference: str, signed: str = "") -> bytes:
    """A finished document with "REF, page n of m" in the margin of each page; `signed`: a line above the last one."""
    with pikepdf.open(BytesIO(data)) as document:
        _all_on_a4(document)
        count = len(document.pages)
        marks = [f"{reference}, page {n} of {count}" for n in range(1, count + 1)]
        _lay_over(document, 0, marks, signed)
        document.Root.ViewerPreferences = _unscaled()
        for key in ("/OpenAction", "/AA", "/Outlines", "/Names"):
            if key in document.Root:
                del document.Root[key]
        # What the program that made it wrote about its author and title says nothing to the addressee.
        if "/Info" in document.trailer:
            del document.trailer["/Info"]
        if "/Metadata" in document.Root:
            del document.Root["/Metadata"]
        return saved(document)


def joined(front: bytes, rest: bytes) -> bytes:
    """One PDF of two, for instance a carrier sheet and what it carries."""
    with pikepdf.open(BytesIO(front)) as document, pikepdf.open(BytesIO(rest)) as behind:
        document.pages.extend(behind.pages)
        no_longer_tagged(document)
        return saved(document)


def _unscaled() -> pikepdf.Dictionary:
    return pikepdf.Dictionary({"/PrintScaling": pikepdf.Name("/None")})


def _as_pdf(part: Part) -> bytes:
    if part.media_type == "application/pdf":
        return part.data
    with Image.open(BytesIO(part.data)) as image:
        if image.mode in ("RGBA", "LA", "P"):
            plain = Image.new("RGB", image.size, "white")
            plain.paste(image.convert("RGBA"), mask=image.convert("RGBA").getchannel("A"))
        else:
            plain = image if image.mode in ("1", "L", "RGB") else image.convert("RGB")
        short, long = sorted(plain.size)
        scale = min((A4_W - 2 * _EDGE_MM) / short, (A4_H - 2 * _EDGE_MM) / long)
        out = BytesIO()
        plain.save(out, "PDF", resolution=25.4 / scale)
    return out.getvalue()


def _all_on_a4(document: pikepdf.Pdf) -> None:
    """Every page that isn't A4 upright as it is viewed is laid, whole, on one that is; the others stay untouched."""
    for number, page in enumerate(document.pages):
        left, bottom, right, top = _viewed_box(page.as_form_xobject())
        width, height = (right - left) / PT_PER_MM, (top - bottom) / PT_PER_MM
        if abs(width - A4_W) <= 1 and abs(height - A4_H) <= 1:
            continue
        sheet = _sheet_with(document, page.as_form_xobject())
        document.pages[number] = sheet


def _sheet_with(document: pikepdf.Pdf, form: pikepdf.Object) -> pikepdf.Page:
    """An A4 page with this form on it, as large as it goes inside the edge, never enlarged; turned if it is wide."""
    left, bottom, right, top = _viewed_box(form)
    width, height = right - left, top - bottom
    wide = width > height
    room_w, room_h = (A4_W - 2 * _EDGE_MM) * PT_PER_MM, (A4_H - 2 * _EDGE_MM) * PT_PER_MM
    scale = min(room_w / (height if wide else width), room_h / (width if wide else height), 1.0)
    middle_x, middle_y = A4_W * PT_PER_MM / 2, A4_H * PT_PER_MM / 2
    if wide:  # a quarter turn to the left
        e, f = middle_x + scale * (bottom + height / 2), middle_y - scale * (left + width / 2)
        matrix = f"0 {scale:.6f} {-scale:.6f} 0 {e:.3f} {f:.3f}"
    else:
        e, f = middle_x - scale * (left + width / 2), middle_y - scale * (bottom + height / 2)
        matrix = f"{scale:.6f} 0 0 {scale:.6f} {e:.3f} {f:.3f}"
    return pikepdf.Page(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, A4_W * PT_PER_MM, A4_H * PT_PER_MM],
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary({"/Sheet": form})),
            Contents=document.make_stream(f"q {matrix} cm /Sheet Do Q".encode()),
        )
    )


def _viewed_box(form: pikepdf.Object) -> tuple[float, float, float, float]:
    """Where the form's contents lie once its own matrix (a page's rotation) is applied: left, bottom, right, top."""
    a, b, c, d, e, f = (float(n) for n in form.get("/Matrix", [1, 0, 0, 1, 0, 0]))
    x1, y1, x2, y2 = (float(n) for n in form["/BBox"])
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x1, x2) for y in (y1, y2)]
    return (
        min(x for x, _ in corners),
        min(y for _, y in corners),
        max(x for x, _ in corners),
        max(y for _, y in corners),
    )


def _lay_over(document: pikepdf.Pdf, first: int, marks: Sequence[str], signed: str = "") -> None:
    """Draw one line of small type at the foot of each page from `first` on, upright as the page is viewed."""
    pieces = [f'<div class="p"><div class="m">{escape(mark)}</div></div>' for mark in marks]
    if signed:
        pieces[-1] = pieces[-1].replace('<div class="m">', f'<div class="s">{escape(signed)}</div><div class="m">', 1)
    html = f'<!doctype html><html lang="en-GB"><head><title>Marks</title></head><body>{"".join(pieces)}</body></html>'
    with pikepdf.open(BytesIO(typeset(html, _CSS))) as lines:
        for number, line in enumerate(lines.pages):
            page = document.pages[first + number]
            form = document.copy_foreign(line.as_form_xobject())
            # A name of its own, the same each time: the same sheets give the same bytes.
            name = page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name("/PostroomMark"))
            # Whatever the page's own operators leave behind ends with them.
            page.contents_add(b"q", prepend=True)
            page.contents_add(f"Q q {upright(page)} cm {name} Do Q".encode())


def upright(page: pikepdf.Page) -> str:
    """The matrix that takes the page as viewed, from its bottom left, to the page's own units."""
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    width, height = right - left, top - bottom
    turned = int(page.obj.get("/Rotate", 0)) % 360
    a, b, c, d, e, f = {
        0: (1, 0, 0, 1, 0.0, 0.0),
        90: (0, 1, -1, 0, width, 0.0),
        180: (-1, 0, 0, -1, width, height),
        270: (0, -1, 1, 0, 0.0, height),
    }.get(turned, (1, 0, 0, 1, 0.0, 0.0))
    return f"{a} {b} {c} {d} {e + left:.3f} {f + bottom:.3f}"


def no_longer_tagged(document: pikepdf.Pdf) -> None:
    """With other people's pages in it the whole is no PDF/UA any more, and must not say so."""
    if "/Metadata" in document.Root:
        del document.Root["/Metadata"]


def saved(document: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()
