"""The text of a page with its places, put back into lines by where it stands, not by when it was drawn."""

import ctypes
import math
import unicodedata
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from letters.rendering.pdfium import SheetView
from letters.rendering.stock import Rect

NEARLY_WHITE = 252  # a channel from here on up leaves no mark on paper


@dataclass(frozen=True, slots=True)
class Char:
    """One character of the page. Places in mm as viewed; `size_pt`: type size on paper."""

    index: int  # place in PDFium's reading order
    text: str
    ink: Rect  # the glyph's own box
    left: float  # from its origin to the next glyph's
    right: float
    baseline: float
    size_pt: float
    upright: bool
    invisible: bool  # drawn with no ink: render mode, colour, or full transparency
    unmapped: bool  # the PDF doesn't say which character it is

    @property
    def blank(self) -> bool:
        """Whether it is a space, or a character that has no shape of its own."""
        return self.text.isspace() or unicodedata.category(self.text[0]) in {"Cc", "Cf", "Zs"}


def read_chars(page: pdfium.PdfPage, view: SheetView, area: Rect) -> list[Char]:
    """Every character drawn in `area` (mm), hidden ones too; not the blanks and breaks that PDFium adds."""
    textpage = page.get_textpage()
    chars = []
    loose = pdfium_c.FS_RECTF()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    for index in range(pdfium_c.FPDFText_CountChars(textpage)):
        # Most of a letter lies elsewhere: look at the place first, and at all the rest only where it matters.
        pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        if not view.rect(left.value, bottom.value, right.value, top.value).overlaps(area):
            pdfium_c.FPDFText_GetLooseCharBox(textpage, index, loose)
            if not view.rect(loose.left, loose.bottom, loose.right, loose.top).overlaps(area):
                continue
        if pdfium_c.FPDFText_IsGenerated(textpage, index) != 1:
            chars.append(_read_char(textpage, index, view))
    textpage.close()
    return _join_syllables(_join_surrogates(chars))


def in_syllables(text: str) -> bool:
    """Whether the script builds one syllable of several glyphs (Indic scripts, Thai to Khmer, Tibetan, Burmese)."""
    return "\u0900" <= text <= "\u109f" or "\u1780" <= text <= "\u17ff"


def _join_syllables(chars: list[Char]) -> list[Char]:
    """In such scripts a PDF gives a syllable's text to its first glyph, the other glyphs have none: they join it."""
    joined: list[Char] = []
    for place, char in enumerate(chars):
        before = joined[-1] if joined else None
        after = chars[place + 1] if place + 1 < len(chars) else None
        if char.unmapped and before and in_syllables(before.text) and char.left < before.right + 1:
            joined[-1] = _united(before, char)
        elif char.unmapped and after and not after.unmapped and in_syllables(after.text):
            chars[place + 1] = _united(after, char)
        else:
            joined.append(char)
    return joined


def _united(char: Char, silent: Char) -> Char:
    one, two = char.ink, silent.ink
    ink = Rect(min(one.left, two.left), min(one.top, two.top), max(one.right, two.right), max(one.bottom, two.bottom))
    return replace(char, ink=ink, left=min(char.left, silent.left), right=max(char.right, silent.right))


def _read_char(textpage: pdfium.PdfTextPage, index: int, view: SheetView) -> Char:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
    loose = pdfium_c.FS_RECTF()
    pdfium_c.FPDFText_GetLooseCharBox(textpage, index, loose)
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDFText_GetCharOrigin(textpage, index, x, y)
    matrix = pdfium_c.FS_MATRIX(1, 0, 0, 1, 0, 0)
    pdfium_c.FPDFText_GetMatrix(textpage, index, matrix)
    across = view.direction(matrix.a, matrix.b)
    down = view.direction(matrix.c, matrix.d)
    size = pdfium_c.FPDFText_GetFontSize(textpage, index) * math.hypot(matrix.c, matrix.d) * view.mm * 72 / 25.4
    advance = view.rect(loose.left, loose.bottom, loose.right, loose.top)
    code = pdfium_c.FPDFText_GetUnicode(textpage, index)
    return Char(
        index=index,
        text=chr(code) if 0 < code <= 0x10FFFF else "\ufffd",
        ink=view.rect(left.value, bottom.value, right.value, top.value),
        left=advance.left,
        right=advance.right,
        baseline=view.point(x.value, y.value)[1],
        size_pt=abs(size),
        # Slanted type has a slanted `down`; what matters is that the line runs to the right and isn't mirrored.
        upright=across[0] > 0 and abs(across[1]) < 0.03 * across[0] and down[1] < 0,
        invisible=_is_invisible(textpage, index),
        unmapped=code in (0, 0xFFFD) or pdfium_c.FPDFText_HasUnicodeMapError(textpage, index) == 1,
    )


def _is_invisible(textpage: pdfium.PdfTextPage, index: int) -> bool:
    handle = pdfium_c.FPDFText_GetTextObject(textpage, index)
    mode = pdfium_c.FPDFTextObj_GetTextRenderMode(handle) if handle else pdfium_c.FPDF_TEXTRENDERMODE_FILL
    if mode in (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP):
        return True
    filled = mode not in (pdfium_c.FPDF_TEXTRENDERMODE_STROKE, pdfium_c.FPDF_TEXTRENDERMODE_STROKE_CLIP)
    stroked = mode not in (pdfium_c.FPDF_TEXTRENDERMODE_FILL, pdfium_c.FPDF_TEXTRENDERMODE_FILL_CLIP)
    colours = []
    for used, getter in ((filled, pdfium_c.FPDFText_GetFillColor), (stroked, pdfium_c.FPDFText_GetStrokeColor)):
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if used and getter(textpage, index, red, green, blue, alpha):
            colours.append((min(red.value, green.value, blue.value), alpha.value))
    return bool(colours) and all(darkest >= NEARLY_WHITE or alpha < 8 for darkest, alpha in colours)


def _join_surrogates(chars: list[Char]) -> list[Char]:
    """PDFium gives UTF-16 units on some platforms; a pair of them is one character."""
    joined: list[Char] = []
    for char in chars:
        if joined and "\udc00" <= char.text <= "\udfff" and "\ud800" <= joined[-1].text <= "\udbff":
            first = joined[-1]
            pair = (first.text + char.text).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            joined[-1] = replace(first, text=pair)
        else:
            joined.append(char)
    return joined


def _marks_on_lines(chars: list[Char]) -> list[Char]:
    """A mark that is raised or lowered (vowels in Arabic) belongs to the line of the letter it stands on."""
    letters = [c for c in chars if unicodedata.category(c.text[0]) not in {"Mn", "Me"} and not c.blank]
    placed = []
    for char in chars:
        if unicodedata.category(char.text[0]) in {"Mn", "Me"} and letters:
            near = [c for c in letters if c.left - 0.5 <= char.left <= c.right + 0.5] or letters
            base = min(near, key=lambda c: abs(c.baseline - char.baseline))
            char = replace(char, baseline=base.baseline) if abs(base.baseline - char.baseline) < 4 else char
        placed.append(char)
    return placed


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line as it stands on paper. `text`: in reading order; `widest_gap_em`: the widest blank in it."""

    chars: tuple[Char, ...]
    text: str
    widest_gap_em: float


def lines_of(chars: list[Char]) -> list[TextLine]:
    """The characters as lines, top to bottom. Characters belong to one line if their baselines nearly agree."""
    rows: list[list[Char]] = []
    for char in sorted(_marks_on_lines(chars), key=lambda c: (c.baseline, c.index)):
        near = 0.3 * max(char.size_pt, 1) * 25.4 / 72
        if rows and char.baseline - rows[-1][0].baseline <= near:
            rows[-1].append(char)
        else:
            rows.append([char])
    lines = [_line_of(row) for row in rows]
    return [line for line in lines if line.text]


def _clusters(row: list[Char]) -> list[list[Char]]:
    """What must stay together: a ligature's characters, a base and its marks. Left to right."""
    clusters: list[list[Char]] = []
    for char in sorted(row, key=lambda c: c.index):
        before = clusters[-1][-1] if clusters else None
        together = before is not None and (
            (char.left == before.left and char.right == before.right and char.index - before.index == 1)
            or (unicodedata.category(char.text[0]) in {"Mn", "Me"} and char.left <= before.right + 0.5)
        )
        if together:
            clusters[-1].append(char)
        else:
            clusters.append([char])
    return sorted(clusters, key=lambda cluster: (cluster[0].left, cluster[0].index))


def _line_of(row: list[Char]) -> TextLine:
    clusters = _clusters(row)
    size_mm = median(c.size_pt for c in row) * 25.4 / 72 or 1
    gaps = [after[0].left - max(c.right for c in before) for before, after in pairwise(clusters)]
    usual = median(gaps) if len(gaps) > 1 else 0.0  # letter-spacing
    usual = max(usual, 0.0)
    visual: list[str] = []
    widest = 0.0
    blank_from: float | None = None
    for place, cluster in enumerate(clusters):
        # PDFium has turned a right-to-left ligature's letters around together with the line.
        ligature = len(cluster) > 1 and all(unicodedata.bidirectional(c.text[0]) in {"R", "AL"} for c in cluster)
        text = "".join(c.text for c in (reversed(cluster) if ligature else cluster))
        if place and gaps[place - 1] - usual > 0.17 * size_mm and visual and not visual[-1].isspace():
            visual.append(" ")
        if not text.isspace():
            if blank_from is not None:
                widest = max(widest, cluster[0].left - blank_from - usual)
            blank_from = max(c.right for c in cluster)
        visual.append(text)
    text = _plain_forms(logical_order(visual))
    return TextLine(tuple(row), " ".join(text.split(" ")).strip(), widest / size_mm)


def _plain_forms(text: str) -> str:
    """Ligatures and Arabic presentation forms as the letters they stand for; accents composed."""
    text = "".join(
        unicodedata.normalize("NFKC", c) if "\ufb00" <= c <= "\ufdff" or "\ufe70" <= c <= "\ufefc" else c for c in text
    )
    while "  " in text:
        text = text.replace("  ", " ")
    return unicodedata.normalize("NFC", text)


def _direction(cluster: str) -> str:
    """`R` right to left, `L` left to right, `N` a number, `` for what takes the direction of its neighbours."""
    kinds = [unicodedata.bidirectional(c) for c in cluster]
    if any(kind in {"R", "AL"} for kind in kinds):
        return "R"
    if "L" in kinds:
        return "L"
    return "N" if any(kind in {"EN", "AN"} for kind in kinds) else ""


def logical_order(visual: list[str]) -> str:
    """Clusters as they stand from left to right, put in the order in which they are read.

    A line with more letters written from right to left than the other way is read from the right.
    """
    kinds = [_direction(cluster) for cluster in visual]
    if "R" not in kinds:
        return "".join(visual)
    leading_right = kinds.count("R") > kinds.count("L")
    if leading_right:
        return "".join(_turned(visual, kinds, "L"))
    out: list[str] = []
    start = 0
    while start < len(visual):
        if kinds[start] != "R":
            out.append(visual[start])
            start += 1
            continue
        end = last = start
        while end < len(visual) and kinds[end] != "L":
            if kinds[end] == "R":
                last = end
            end += 1
        out += _turned(visual[start : last + 1], kinds[start : last + 1], "L")
        start = last + 1
    return "".join(out)


def _turned(visual: list[str], kinds: list[str], inner: str) -> list[str]:
    """From the right, runs of numbers and of left-to-right letters kept as they stand."""
    out: list[str] = []
    end = len(visual)
    while end > 0:
        if kinds[end - 1] not in {inner, "N"}:
            out.append(visual[end - 1])
            end -= 1
            continue
        start = first = end - 1
        while start >= 0 and (
            kinds[start] in {inner, "N"} or (kinds[start] == "" and not _run_ends(kinds, start, inner))
        ):
            if kinds[start]:
                first = start
            start -= 1
        out += visual[first:end]
        end = first
    return out


def _run_ends(kinds: list[str], place: int, inner: str) -> bool:
    """Whether nothing but neutral clusters lies between `place` and the next right-to-left one on the left."""
    for kind in reversed(kinds[:place]):
        if kind:
            return kind not in {inner, "N"}
    return True
