"""Frozen content to finished PDF: the letter, the carrier sheet, the calibration sheet. A4, PDF/UA-1."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from html import escape

from letters.rendering.address_block import PT_PER_MM, AddressDoesNotFit, fit_address
from letters.rendering.addresses import is_abroad
from letters.rendering.behind import Part, put_behind
from letters.rendering.body import body_html
from letters.rendering.content import EnclosedItem, LetterContent, Letterhead, Signature, in_words
from letters.rendering.stock import A4_H, A4_W, Rect, Stock
from letters.rendering.typesetting import FONT_FAMILY, typeset
from letters.rendering.window_proof import prove_window
from letters.rendering.window_text import in_syllables

SIDE_MM = 22.0
TOP_MM = 12.0
GAP_MM = 4.0  # between the may-show zone and what stands next to it

_COMMON_CSS = f"""
html {{ font-family: {FONT_FAMILY}; font-size: 11pt; line-height: 1.4; color: #000 }}
body {{ margin: 0 }}
h1 {{ font-size: 12pt; margin: 0 0 3mm }} h2 {{ font-size: 12pt; margin: 5mm 0 2mm }}
h3 {{ font-size: 11pt; margin: 4mm 0 2mm }} h1, h2, h3 {{ break-after: avoid }}
p {{ margin: 0 0 3mm; orphans: 2; widows: 2; overflow-wrap: break-word }}
ul, ol {{ margin: 0 0 3mm; padding-left: 7mm }} li p {{ margin: 0 0 1mm }}
table {{ border-collapse: collapse; width: 100%; margin: 0 0 3mm }}
th, td {{ border: 0.2mm solid #555; padding: 1mm 2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere }}
tr {{ break-inside: avoid }}
.window {{ position: absolute; white-space: pre; text-align: left }}
.head {{ position: absolute; left: 0; right: 0; border-bottom: 0.4mm solid; overflow: hidden }}
.head .council {{ font-size: 15pt; font-weight: bold; line-height: 1.2 }}
.head .office {{ font-size: 10pt; color: #000 }}
.head .from {{ position: absolute; right: 0; top: 0; width: 75mm; text-align: right; font-size: 8.5pt;
  line-height: 1.25; color: #000 }}
.refs {{ position: absolute; font-size: 10pt; overflow-wrap: anywhere }}
.signing {{ break-inside: avoid }} .room {{ height: 16mm }} .after {{ font-size: 9.5pt }}
"""


# Large print is 16 pt or more; the address behind the window stays as large as the window lets it be.
_LARGE_CSS = """
html { font-size: 16pt } h1, h2, h3 { font-size: 18pt } .after { font-size: 16pt } .refs { font-size: 12pt }
.head .from { font-size: 8.5pt }
"""


class LetterNotProved(ValueError):
    """The finished PDF failed its window proof. `proof`: the proof, with its faults."""

    def __init__(self, proof: object, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.proof = proof
        self.faults = tuple(faults)


def render_letter(content: LetterContent, stock: Stock, *, signature: Signature | None = None) -> bytes:
    """The letter as PDF bytes, the same for the same values. The caller proves the window on what comes out.

    Raises AddressDoesNotFit before anything is drawn, and MissingGlyphs for characters that no font here has.
    """
    block = fit_address(content.address_lines, stock)
    margin = stock.may_show.bottom + GAP_MM
    inside = block.html(margin).replace("left:", f"margin-left:-{SIDE_MM}mm;left:", 1)
    body = "".join(
        [
            _letterhead(content.letterhead, stock, margin),
            inside,
            _references(content, stock, margin),
            f"<p>{escape(content.salutation)}</p>",
            f"<h1>{escape(content.subject)}</h1>" if content.subject else "",
            body_html(content.body),
            _signing(content, signature),
            _after(content.enclosures, content.copies_to),
        ]
    )
    css = _letter_css(content.reference, margin) + (_LARGE_CSS if content.large_print else "")
    return typeset(_document(content.reference, body), css, marks=fold_marks(stock))


def render_carrier(address_lines: Sequence[str], stock: Stock, *, reference: str = "Carrier sheet") -> bytes:
    """A sheet that bears the address alone, for what has no room for it. Raises as `render_letter` does."""
    block = fit_address(address_lines, stock)
    css = _COMMON_CSS + f"@page {{ size: A4; margin: 0; {_page_mark(reference, SIDE_MM)} }}"
    return typeset(_document(reference, block.html()), css, marks=fold_marks(stock))


def proved_letter(
    content: LetterContent, stock: Stock, *, signature: Signature | None = None, behind: Sequence[Part] = ()
) -> bytes:
    """`render_letter` with its enclosures' sheets behind it, and the window proof on the finished bytes.

    Raises AddressDoesNotFit, MissingGlyphs, or LetterNotProved when the proof fails or reads another address.
    """
    pdf = render_letter(content, stock, signature=signature)
    if behind:
        pdf = put_behind(pdf, behind, content.reference)
    # Whether its office posts abroad is asked before anything is typed, and at each outward step.
    proof = prove_window(pdf, stock, allow_abroad=is_abroad(content.address_lines))
    if not proof.ok:
        raise LetterNotProved(proof, [fault.message for fault in proof.faults])
    if not same_text(proof.address, content.address_lines):
        raise LetterNotProved(proof, ["What shows through the window isn't the letter's address. Tell the developers."])
    return pdf


def same_text(read: Sequence[str], meant: Sequence[str]) -> bool:
    """Equal line by line, the order of characters aside: a line in two directions may be read from either side.

    Where a script builds one syllable of several glyphs, a PDF can't tell how often a sign occurs, only which do.
    """

    def letters(line: str) -> list[str]:
        plain = unicodedata.normalize("NFC", line).replace(" ", "")
        return sorted(set(plain)) if any(in_syllables(c) for c in plain) else sorted(plain)

    return [letters(line) for line in read] == [letters(line) for line in meant]


def line_mm(x1: float, y1: float, x2: float, y2: float) -> str:
    """PDF operators that draw a line; mm from the top left of an A4 sheet."""
    start, end = ((x * PT_PER_MM, (A4_H - y) * PT_PER_MM) for x, y in ((x1, y1), (x2, y2)))
    return f"{start[0]:.3f} {start[1]:.3f} m {end[0]:.3f} {end[1]:.3f} l S"


def fold_marks(stock: Stock) -> Callable[[int], str]:
    """For `typeset`: short marks at the left edge of the first page where the stock is folded."""

    def marks(number: int) -> str:
        strokes = [
            line_mm(3, fold, 8, fold)
            for fold in stock.folds_mm
            if not stock.may_show.overlaps(Rect(2, fold - 1, 9, fold + 1))
        ]
        return "0.5 w 0.4 G " + " ".join(strokes) if number == 0 and strokes else ""

    return marks


def render_calibration(stock: Stock, *, printer: str = "", both_sides: bool = False) -> bytes:
    """A sheet to print on the office's own printer and measure: rulers, crosshairs, and the stock's two zones.

    `printer`: the name of the printer it is for, which then stands on it. `both_sides`: it has a back, so that the
    paper takes the way through the printer that it takes with letters; one page alone may be printed on one side.
    """
    always, may = stock.always_visible, stock.may_show
    folds = " and ".join(f"{fold:g} mm" for fold in stock.folds_mm)
    steps = [
        "Print this sheet on the office's own printer, at actual size: not “fit to page”"
        + (", and on both sides." if both_sides else "."),
        "Lay a ruler on the lines at the bottom and on the right. Each must be exactly 150 mm long.",
        "Measure the centre of each cross from the left and the top edge of the paper. It must be where it says.",
        f"Fold the sheet at {folds} (the marks on the left edge) and put it in the envelope: {stock.name}.",
        "Push the sheet as far as it goes to each side, up and down. All of the solid frame must always show, and "
        "nothing outside the dashed frame may ever show.",
        "Enter in Postroom what you measured of the upper left, upper right and lower left cross, under the printer's "
        "name. It says whether letters may be printed there.",
    ]
    facts = (
        f"{stock.name}: envelope {stock.envelope_w:g} by {stock.envelope_h:g} mm, window {stock.window_w:g} by "
        f"{stock.window_h:g} mm, {stock.window_left:g} mm from the left, {stock.window_up:g} mm up. Always visible: x "
        f"{always.left:g} to {always.right:g}, y {always.top:g} to {always.bottom:g}. May show: x {may.left:g} to "
        f"{may.right:g}, y {may.top:g} to {may.bottom:g}."
    )
    items = "".join(f"<li>{escape(step)}</li>" for step in steps)
    of = f" of {printer}" if printer else ""
    body = (
        f"<h1>Calibration sheet{escape(of)}</h1><p>{escape(facts)}</p><ol>{items}</ol>"
        "<p>Crosses: 20 and 20 mm, 190 and 20 mm, 20 and 277 mm, 190 and 277 mm from the left and the top.</p>"
    )
    if both_sides:
        body += (
            '<h1 class="back">The back of the calibration sheet</h1><p>This must stand on the back of the sheet that '
            "has the crosses. On a sheet of its own? Set the printer to print both sides, and print it again.</p>"
        )
    css = (
        _COMMON_CSS
        + f"@page {{ size: A4; margin: {may.bottom + 8}mm 30mm 35mm {SIDE_MM}mm }}"
        + (" html { font-size: 10pt } .back { break-before: page } ")
    )
    return typeset(_document(f"Calibration sheet {stock.name}", body), css, marks=_calibration_marks(stock))


def _calibration_marks(stock: Stock) -> Callable[[int], str]:
    def frame(zone: Rect) -> str:
        return " ".join(
            [
                line_mm(zone.left, zone.top, zone.right, zone.top),
                line_mm(zone.right, zone.top, zone.right, zone.bottom),
                line_mm(zone.right, zone.bottom, zone.left, zone.bottom),
                line_mm(zone.left, zone.bottom, zone.left, zone.top),
            ]
        )

    def marks(number: int) -> str:
        if number:
            return ""
        parts = [
            fold_marks(stock)(0),
            "0 G 0.5 w",
            frame(stock.always_visible),
            "[4 3] 0 d",
            frame(stock.may_show),
            "[] 0 d",
        ]
        for x in (20, 190):
            for y in (20, 277):
                parts += [line_mm(x - 5, y, x + 5, y), line_mm(x, y - 5, x, y + 5)]
        parts += [line_mm(30, 270, 180, 270), line_mm(185, 110, 185, 260)]
        for mm in range(151):
            tick = 5 if mm % 10 == 0 else 3 if mm % 5 == 0 else 1.5
            parts += [line_mm(30 + mm, 270, 30 + mm, 270 - tick), line_mm(185, 110 + mm, 185 + tick, 110 + mm)]
        return " ".join(part for part in parts if part)

    return marks


def _document(title: str, body: str) -> str:
    return f'<!doctype html><html lang="en-GB"><head><title>{escape(title)}</title></head><body>{body}</body></html>'


def _css_text(text: str) -> str:
    """`text` as a CSS string in which nothing can end it."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):06x}" for c in text) + '"'


def _page_mark(reference: str, side: float) -> str:
    return (
        f"@bottom-left {{ content: {_css_text(reference)} ', page ' counter(page) ' of ' counter(pages); "
        f"font-size: 8.5pt; white-space: nowrap; margin-left: {0 if side < SIDE_MM else side}mm; padding-bottom: 6mm; "
        "vertical-align: bottom }"
    )


def _letter_css(reference: str, first_margin: float) -> str:
    mark = _page_mark(reference, 0)
    return (
        _COMMON_CSS
        + f"@page {{ size: A4; margin: 20mm {SIDE_MM}mm 22mm; {mark} }} "
        + f"@page :first {{ margin-top: {first_margin}mm }}"
    )


def _colour(colour: str) -> str:
    return colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else "#000000"


def _letterhead(head: Letterhead, stock: Stock, margin: float) -> str:
    """Above the may-show zone, all of it; what has no room there is left out by `overflow` rather than shown behind."""
    height = stock.may_show.top - TOP_MM - 3
    contact = [*head.address_lines, head.phone, head.email]
    lines = "<br>".join(escape(line) for line in contact if line)
    colour = _colour(head.colour)
    return (
        f'<div class="head" style="top:{TOP_MM - margin}mm;height:{height}mm;color:{colour};border-color:{colour}">'
        f'<div style="width:88mm"><div class="council">{escape(head.council)}</div>'
        f'<div class="office">{escape(head.office)}</div></div>'
        f'<div class="from">{lines}</div></div>'
    )


def _references(content: LetterContent, stock: Stock, margin: float) -> str:
    """Date and references, to the right of the may-show zone."""
    left = stock.may_show.right + GAP_MM
    items = [
        f"Date: {in_words(content.letter_date)}",
        f"Our reference: {content.our_ref}" if content.our_ref else "",
        f"Your reference: {content.your_ref}" if content.your_ref else "",
    ]
    style = f"top:{stock.may_show.top + 2 - margin}mm;left:{left - SIDE_MM}mm;width:{A4_W - SIDE_MM - left}mm"
    return f'<div class="refs" style="{style}">' + "".join(f"<div>{escape(i)}</div>" for i in items if i) + "</div>"


def _signing(content: LetterContent, signature: Signature | None) -> str:
    name = escape(content.signatory_name)
    under = "<br>".join(escape(t) for t in (content.signatory_role, content.signatory_office) if t)
    if signature is None:
        made = '<div class="room"></div>'
    elif signature.kind == "pp":
        right = f" ({escape(signature.authority)})" if signature.authority else ""
        made = (
            f"<p><strong>pp {escape(signature.signed_by)}</strong>, {escape(signature.role)}{right}<br>"
            f"Signed on {in_words(signature.signed_on)} on behalf of {escape(signature.signed_for)}</p>"
        )
    else:
        made = (
            f"<p>Signed by <strong>{escape(signature.signed_by)}</strong>, {escape(signature.role)}, "
            f"on {in_words(signature.signed_on)}</p>"
        )
    return (
        f'<div class="signing"><p>{escape(content.sign_off)}</p>{made}<p><strong>{name}</strong><br>{under}</p></div>'
    )


def _how_much(item: EnclosedItem) -> str:
    if item.kind == "thing":
        return "original" if item.original and item.count == 1 else f"{item.count}{', original' * item.original}"
    original = ", original" if item.original else ""
    return f"{item.pages} page{'' if item.pages == 1 else 's'}{original}"


def _after(enclosures: Sequence[EnclosedItem], copies: Sequence[str]) -> str:
    parts = []
    if enclosures:
        items = "".join(f"<li>{escape(e.title)} ({_how_much(e)})</li>" for e in enclosures)
        parts.append(f"<p>Enclosed:</p><ul>{items}</ul>")
    if copies:
        parts.append("<p>Copy to:</p><ul>" + "".join(f"<li>{escape(name)}</li>" for name in copies) + "</ul>")
    return f'<div class="after">{"".join(parts)}</div>' if parts else ""


__all__ = [
    "AddressDoesNotFit",
    "LetterNotProved",
    "fold_marks",
    "proved_letter",
    "render_calibration",
    "render_carrier",
    "render_letter",
]
