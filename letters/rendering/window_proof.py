"""The window proof: on the finished PDF, does the address, all of it and nothing else show through the window (OGP-4a)?

It judges the bytes of any PDF, whoever made it. The page is drawn as it prints (annotations and form fields that print
with it), once whole, once without its text, once without all but its text, and the ink of the three is compared with
the places of the characters. Codes of faults (stable):

================  ==========================================================================================
code              when
================  ==========================================================================================
unreadable        no PDF, or a damaged or cut-off one (exit 2)
locked            it opens only with a password (exit 2)
no_pages          there is no page
not_a4_upright    a page isn't A4 upright as it is viewed
no_address        no text to be read in the always-visible zone
address           what is read there isn't an address that can be posted (the message says why)
address_outside   ink of the address lies within 2 mm of the zone's edge, or beyond it
cut_off           a character isn't drawn whole
covered           something lies over the address
overlapping       characters are printed over each other
hidden_text       text in the may-show zone that can't be seen: white, transparent, covered, switched off
other_text        other text in the may-show zone
other_ink         lines, shapes, pictures, stamps, form fields or other ink in the may-show zone
columns           a wide blank in a line of the address: two texts side by side
too_small         type under 8 pt
not_upright       text in the zone that doesn't run upright from left to right on paper
unmapped          characters whose meaning the PDF doesn't say
================  ==========================================================================================

Limits: ink fainter than a 3/255 tint counts as none; that a PDF's text says what its glyphs look like is only checked
as far as each character must have its ink, and all ink in the zone its character.
"""

import ctypes
import unicodedata
from dataclasses import dataclass
from io import BytesIO

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops, ImageDraw

from letters.rendering.addresses import check_address
from letters.rendering.pdfium import PX_PER_MM, SheetView, page_objects, pdfium_lock, picture_of, view_of, without
from letters.rendering.stock import A4_H, A4_W, Rect, Stock
from letters.rendering.window_text import NEARLY_WHITE, Char, TextLine, in_syllables, lines_of, read_chars

A4_TOLERANCE = 1.0  # mm
SMALLEST_PT = 8.0
WIDEST_BLANK_EM = 2.0
# A glyph's box is known to a few hundredths of a millimetre, its drawn edge to a pixel.
BOX_SLACK = 0.15
UNREADABLE = frozenset({"unreadable", "locked"})


@dataclass(frozen=True, slots=True)
class ProofFault:
    """One thing wrong. `page`: 1-based, or None when it is about the file."""

    code: str
    page: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict. `address`: the visible text in the always-visible zone, line by line, top to bottom."""

    ok: bool
    stock: str
    address: tuple[str, ...]
    faults: tuple[ProofFault, ...]

    @property
    def unreadable(self) -> bool:
        """Whether the file couldn't be read at all, so that nothing is known about it."""
        return any(fault.code in UNREADABLE for fault in self.faults)

    def as_dict(self) -> dict[str, object]:
        """The shape that `manage.py prove_window` prints."""
        return {
            "ok": self.ok,
            "stock": self.stock,
            "address": list(self.address),
            "faults": [{"code": f.code, "page": f.page, "message": f.message} for f in self.faults],
        }


class _Unreadable(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.fault = ProofFault(code, None, message)


def prove_window(pdf: bytes, stock: Stock, *, allow_abroad: bool = False) -> Proof:
    """Prove page 1 of `pdf` against the window of `stock`; every page must be A4 upright. A bad file is a fault."""
    try:
        units = _user_units(pdf)
        with pdfium_lock:
            address, faults = _prove_document(pdf, units, stock, allow_abroad=allow_abroad)
    except _Unreadable as error:
        return Proof(False, stock.name, (), (error.fault,))
    return Proof(not faults, stock.name, address, tuple(faults))


def _user_units(pdf: bytes) -> list[float]:
    """The size of each page's unit, in points: PDFium doesn't look at it. Raises _Unreadable."""
    if b"%PDF-" not in pdf[:1024]:
        raise _Unreadable("unreadable", "This isn't a PDF. Choose the PDF file of the letter.")
    if b"%%EOF" not in pdf[-1100:]:
        raise _Unreadable("unreadable", "The PDF is cut off: its end is missing. Fetch or make it again.")
    try:
        with pikepdf.open(BytesIO(pdf), suppress_warnings=True) as opened:
            return [float(page.obj.get("/UserUnit", 1)) for page in opened.pages]
    except pikepdf.PasswordError as error:
        raise _Unreadable("locked", "The PDF is locked with a password. Save it without one and try again.") from error
    except Exception as error:  # qpdf raises many kinds for a damaged file; each means the same to the reader
        raise _Unreadable("unreadable", "The PDF is damaged and can't be read. Fetch or make it again.") from error


def _prove_document(
    pdf: bytes, units: list[float], stock: Stock, *, allow_abroad: bool
) -> tuple[tuple[str, ...], list[ProofFault]]:
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise _Unreadable("unreadable", "The PDF can't be opened. Fetch or make it again.") from error
    with document:
        if len(document) == 0 or len(document) != len(units):
            return (), [ProofFault("no_pages", None, "The PDF has no page that can be printed. Make it again.")]
        document.init_forms()
        faults: list[ProofFault] = []
        address: tuple[str, ...] = ()
        for index, unit in enumerate(units):
            try:
                page = document[index]
            except pdfium.PdfiumError as error:
                message = f"Page {index + 1} of the PDF can't be read. Make the PDF again."
                raise _Unreadable("unreadable", message) from error
            view = view_of(page, unit)
            wrong = _check_a4(view, index + 1)
            faults += wrong
            if index == 0 and not wrong:
                sheet = _Sheet(page, view, stock, allow_abroad=allow_abroad)
                address = sheet.address
                faults += [ProofFault(code, 1, message) for code, message in sheet.judge()]
            page.close()
    return address, faults


def _check_a4(view: SheetView, number: int) -> list[ProofFault]:
    width, height = view.size_mm
    if abs(width - A4_W) <= A4_TOLERANCE and abs(height - A4_H) <= A4_TOLERANCE:
        return []
    message = (
        f"Page {number} is {width:.0f} by {height:.0f} mm as it is viewed, not A4 upright (210 by 297 mm). "
        "Make the PDF again on A4, upright."
    )
    return [ProofFault("not_a4_upright", number, message)]


def _quoted(chars: list[Char]) -> str:
    lines = [line.text for line in lines_of(chars)]
    text = " / ".join(lines)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


def _ink(picture: Image.Image) -> Image.Image:
    """Where the picture has ink: 255, elsewhere 0."""
    red, green, blue = picture.split()[:3]
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return darkest.point([255] * NEARLY_WHITE + [0] * (256 - NEARLY_WHITE))


class _Sheet:
    """The sheet that faces the window, read and drawn, and the questions asked of it."""

    def __init__(self, page: pdfium.PdfPage, view: SheetView, stock: Stock, *, allow_abroad: bool) -> None:
        self.stock = stock
        self.allow_abroad = allow_abroad
        self.zone = stock.may_show
        self.page = page
        self.view = view
        zone = self.zone.inset(0.02)
        shown = [c for c in read_chars(page, view, self.zone) if c.ink.overlaps(zone) or c.blank]
        always = stock.always_visible
        inked = [char for char in shown if not char.blank]
        self._draw(inked)
        self.hidden = [c for c in inked if c.invisible or not self._has_ink(c)]
        visible = [c for c in shown if c not in self.hidden]
        self.lines: list[TextLine] = []
        self.others: list[Char] = []
        for line in lines_of(visible):
            within = [c for c in line.chars if c.ink.overlaps(always)]
            if any(not c.blank for c in within):
                self.lines.append(line)
            else:
                self.others += line.chars
        self.chars = [c for line in self.lines for c in line.chars if not c.blank]
        self.address = tuple(line.text for line in lines_of([c for line in self.lines for c in line.chars]))

    def _draw(self, inked: list[Char]) -> None:
        """The may-show zone drawn: whole, without text, and text alone."""
        # A character that begins in the zone may end beyond it: draw far enough to see all of it.
        edges = [c.ink for c in inked]
        left = min([self.zone.left, *(max(r.left, 0) for r in edges)])
        top = min([self.zone.top, *(max(r.top, 0) for r in edges)])
        right = max([self.zone.right, *(min(r.right, A4_W) for r in edges)])
        bottom = max([self.zone.bottom, *(min(r.bottom, A4_H) for r in edges)])
        self.drawn = Rect(*(round(edge * 2) / 2 for edge in (left - 0.5, top - 0.5, right + 0.5, bottom + 0.5)))
        texts: list[ctypes.c_void_p] = []
        others: list[ctypes.c_void_p] = []
        for kind, handle in page_objects(self.page):
            (texts if kind == pdfium_c.FPDF_PAGEOBJ_TEXT else others).append(handle)
        whole = picture_of(self.page, self.view, self.drawn)
        with without(texts):
            textless = picture_of(self.page, self.view, self.drawn)
        with without(others):
            bare = picture_of(self.page, self.view, self.drawn, everything=False)
        self.whole, self.textless, self.text_ink = _ink(whole), _ink(textless), _ink(bare)

    def _px(self, rect: Rect, grow: float = 0.0) -> tuple[int, int, int, int]:
        """The pixels of `rect` (mm on the sheet), `grow` mm wider at each edge, at least one, inside the picture."""
        box = (
            int((rect.left - grow - self.drawn.left) * PX_PER_MM),
            int((rect.top - grow - self.drawn.top) * PX_PER_MM),
            int(-(-(rect.right + grow - self.drawn.left) * PX_PER_MM // 1)),
            int(-(-(rect.bottom + grow - self.drawn.top) * PX_PER_MM // 1)),
        )
        left, top = max(box[0], 0), max(box[1], 0)
        return left, top, max(min(box[2], self.whole.width), left + 1), max(min(box[3], self.whole.height), top + 1)

    def _zone_px(self, rect: Rect) -> tuple[int, int, int, int]:
        """The pixels of a zone, whose edges are edges of pixels where the stock's figures are tenths."""
        edges = (rect.left - self.drawn.left, rect.top - self.drawn.top)
        ends = (rect.right - self.drawn.left, rect.bottom - self.drawn.top)
        left, top, right, bottom = (round(edge * PX_PER_MM) for edge in (*edges, *ends))
        return left, top, right, bottom

    def _has_ink(self, char: Char) -> bool:
        if char.ink.width <= 0 or char.ink.height <= 0:
            return False
        return self.whole.crop(self._px(char.ink, 0.03)).getbbox() is not None

    def judge(self) -> list[tuple[str, str]]:
        """Every fault, as code and message."""
        return [
            *self._judge_address(),
            *self._judge_type(),
            *self._judge_place(),
            *self._judge_whole(),
            *self._judge_rest(),
        ]

    def _judge_address(self) -> list[tuple[str, str]]:
        if not self.address:
            area = self.whole.crop(self._zone_px(self.stock.always_visible))
            why = (
                "there is only a picture or drawn shapes where it should be"
                if area.getbbox()
                else "nothing is printed where it should be"
            )
            message = (
                f"No address can be read behind the window: {why}. Print the address as text in the window's place."
            )
            return [("no_address", message)]
        verdict = check_address(self.address, allow_abroad=self.allow_abroad)
        return [("address", fault.message) for fault in verdict.faults]

    def _judge_type(self) -> list[tuple[str, str]]:
        faults = []
        if small := [c for c in self.chars if c.size_pt < SMALLEST_PT - 0.05 or self._looks_tiny(c)]:
            faults.append(("too_small", f"The type of {_quoted(small)} is under 8 pt. Print the address larger."))
        if turned := [c for c in self.chars if not c.upright]:
            faults.append(("not_upright", f"{_quoted(turned)} doesn't stand upright. Print the address upright."))
        if unmapped := [c for c in self.chars if c.unmapped]:
            message = f"{len(unmapped)} characters behind the window can't be read as text. Use another font."
            faults.append(("unmapped", message))
        for line in self.lines:
            if line.widest_gap_em > WIDEST_BLANK_EM:
                message = (
                    f"There is a wide blank in the line “{line.text}”: two texts stand side by side. "
                    "Leave the address alone behind the window."
                )
                faults.append(("columns", message))
        return faults

    @staticmethod
    def _looks_tiny(char: Char) -> bool:
        """Capitals and figures are at least six tenths as high as their type size, in any usual font."""
        return (
            char.text.isascii()
            and (char.text.isupper() or char.text.isdigit())
            and char.ink.height < 0.55 * 8 * 25.4 / 72
        )

    def _judge_place(self) -> list[tuple[str, str]]:
        """The address's ink, in the area two millimetres inside what always shows."""
        area = self.stock.address_area
        left, top, right, bottom = self._zone_px(area)
        ink = Image.new("L", self.text_ink.size, 0)
        for char in self.chars:
            box = self._px(char.ink, BOX_SLACK)
            ink.paste(self.text_ink.crop(box), box)
        found = ink.getbbox()
        if not found:
            return []
        over = {
            "left": left - found[0],
            "top": top - found[1],
            "right": found[2] - right,
            "bottom": found[3] - bottom,
        }
        sides = {side: by / PX_PER_MM for side, by in over.items() if by > 1}
        if not sides:
            return []
        where = ", ".join(f"{by:.1f} mm too far at the {side}" for side, by in sides.items())
        message = (
            f"The address doesn't lie where it always shows (x {area.left:g} to {area.right:g} mm, "
            f"y {area.top:g} to {area.bottom:g} mm): {where}. Move it, shorten it or use a carrier sheet."
        )
        return [("address_outside", message)]

    def _judge_whole(self) -> list[tuple[str, str]]:
        """Each character drawn whole, not covered, not over another."""
        faults = []
        cut = [c for c in self.chars if self._is_cut(c)]
        if cut:
            faults.append(("cut_off", f"{_quoted(cut)} isn't printed whole. Print the address where it isn't cut off."))
        covered = ImageChops.subtract(self.text_ink, self.whole)
        if over := [c for c in self.chars if c not in cut and self._covered(covered, c)]:
            faults.append(("covered", f"Something lies over {_quoted(over)}. Take it away."))
        if pairs := self._overlapping():
            faults.append(("overlapping", f"Text is printed over other text: {_quoted(pairs)}. Print each line free."))
        return faults

    def _is_cut(self, char: Char) -> bool:
        """Whether the ink ends before the glyph's box does: a clip path, or the page's edge."""
        box = self._px(char.ink, 0.05)
        found = self.text_ink.crop(box).getbbox()
        if found is None:
            return True
        missing = (
            found[0],
            found[1],
            box[2] - box[0] - found[2],
            box[3] - box[1] - found[3],
        )
        return max(missing) > max(0.3, 0.12 * max(char.ink.height, char.ink.width)) * PX_PER_MM

    def _covered(self, covered: Image.Image, char: Char) -> bool:
        box = self._px(char.ink)
        lost = covered.crop(box).histogram()[255]
        return lost > 2 and lost > 0.02 * self.text_ink.crop(box).histogram()[255]

    def _overlapping(self) -> list[Char]:
        found: list[Char] = []
        chars = [*self.chars, *(o for o in self.others if not o.blank)]
        row_of = {id(c): n for n, line in enumerate(self.lines) for c in line.chars}
        chars.sort(key=lambda c: c.ink.left)
        for place, one in enumerate(chars):
            for two in chars[place + 1 :]:
                if two.ink.left >= one.ink.right:
                    break
                same_row = row_of.get(id(one), -1) == row_of.get(id(two), -2)
                if _shared(one, two) > (0.6 if same_row else 0.15) and not _belong_together(one, two):
                    found += [c for c in (one, two) if c not in found]
        return found

    def _judge_rest(self) -> list[tuple[str, str]]:
        """Whatever else is in the may-show zone."""
        faults = []
        if self.hidden:
            message = f"There is hidden text behind the window: {_quoted(self.hidden)}. Take it out of the PDF."
            faults.append(("hidden_text", message))
        others = [c for c in self.others if not c.blank and self._ink_in_zone(c)]
        if others:
            message = f"Beside the address, {_quoted(others)} would show through the window. Move it out of the way."
            faults.append(("other_text", message))
        # A rule that ends at the zone's edge may reach a rounding error into its outermost pixels.
        zone = self._zone_px(self.zone.inset(1 / PX_PER_MM))
        if self.textless.crop(zone).getbbox():
            faults.append(("other_ink", self._where("Something that isn't text", self.textless)))
            return faults
        rest = self.whole.copy()
        draw = ImageDraw.Draw(rest)
        for char in [*self.chars, *self.others, *self.hidden]:
            left, top, right, bottom = self._px(char.ink, BOX_SLACK + 0.1)
            draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
        if rest.crop(zone).getbbox():
            faults.append(("other_ink", self._where("Ink that belongs to no character", rest)))
        return faults

    def _ink_in_zone(self, char: Char) -> bool:
        zone, box = self._zone_px(self.zone), self._px(char.ink)
        both = (max(zone[0], box[0]), max(zone[1], box[1]), min(zone[2], box[2]), min(zone[3], box[3]))
        return both[0] < both[2] and both[1] < both[3] and self.whole.crop(both).getbbox() is not None

    def _where(self, what: str, ink: Image.Image) -> str:
        found = ink.crop(self._zone_px(self.zone)).getbbox() or (0, 0, 0, 0)
        x, y = self.zone.left + found[0] / PX_PER_MM, self.zone.top + found[1] / PX_PER_MM
        x2, y2 = self.zone.left + found[2] / PX_PER_MM, self.zone.top + found[3] / PX_PER_MM
        return (
            f"{what} would show through the window (x {x:.1f} to {x2:.1f} mm, y {y:.1f} to {y2:.1f} mm). "
            "Nothing but the address may stand there: move or remove it."
        )


def _shared(one: Char, two: Char) -> float:
    """How much of the smaller glyph's box the two share."""
    width = min(one.ink.right, two.ink.right) - max(one.ink.left, two.ink.left)
    height = min(one.ink.bottom, two.ink.bottom) - max(one.ink.top, two.ink.top)
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min(one.ink.width * one.ink.height, two.ink.width * two.ink.height)
    return width * height / smaller if smaller else 0.0


def _belong_together(one: Char, two: Char) -> bool:
    """A ligature's characters have one box; a mark stands on its base."""
    if one.ink == two.ink and abs(one.index - two.index) <= 3:
        return True
    if in_syllables(one.text) and in_syllables(two.text) and abs(one.baseline - two.baseline) < 0.5:
        return True
    return any(unicodedata.category(c.text[0]) in {"Mn", "Me", "Mc", "Lm", "Sk"} for c in (one, two))
