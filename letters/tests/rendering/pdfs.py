"""PDFs that other programs made, for the window proof: each a good one with one thing changed."""

from collections.abc import Callable, Sequence
from io import BytesIO

import pikepdf
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

MM = 72 / 25.4
HEIGHT = A4[1]
ADDRESS = ("Ms Jane Example", "12 Sample Street, Flat 4", "SAMPLETON", "SE1 2QH")
Extra = Callable[[Canvas], object]


def sheet(
    lines: Sequence[str] = ADDRESS,
    *,
    x: float = 23,
    y: float = 64,
    size: float = 10,
    leading: float = 11.5,
    font: str = "Helvetica",
    before: Extra | None = None,
    after: Extra | None = None,
    pagesize: tuple[float, float] = A4,
    pages: int = 1,
) -> bytes:
    """A page with the address at `x`, `y` mm (first baseline) from the top left, by ReportLab."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=pagesize)
    if before:
        canvas.saveState()
        before(canvas)
        canvas.restoreState()
    canvas.setFont(font, size)
    for number, line in enumerate(lines):
        canvas.drawString(x * MM, pagesize[1] - y * MM - number * leading, line)
    if after:
        after(canvas)
    for _ in range(pages):
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], object], **options) -> bytes:
    """`pdf` after `change`, saved anew."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        change(opened)
        opened.save(out, **options)
    return out.getvalue()


def raw_page(operators: str, *, boxes: dict[str, list[float]] | None = None, **page) -> bytes:
    """One A4 page with these PDF operators, Helvetica as /F1."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )  # fmt: skip
    pdf.add_blank_page(page_size=(595.276, 841.89))
    first = pdf.pages[0].obj
    first.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    first.Contents = pdf.make_stream(operators.encode("latin-1"))
    for name, value in (boxes or {}).items():
        first[f"/{name}"] = pikepdf.Array(value)
    for name, value in page.items():
        first[f"/{name}"] = value
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def text_at(x: float, y: float, text: str, size: float = 10) -> str:
    """Operators for `text` at mm from the top left of A4."""
    return f"BT /F1 {size} Tf 1 0 0 1 {x * MM:.3f} {841.89 - y * MM:.3f} Tm ({text}) Tj ET "


def address_ops(x: float = 23, y: float = 64, leading: float = 4.0) -> str:
    """Operators for the address."""
    return "".join(text_at(x, y + n * leading, line) for n, line in enumerate(ADDRESS))
