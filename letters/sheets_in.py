"""All of a letter's printed sheets, and only they: what a hand scanner read at the envelope is compared (OGP-4b)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from letters.models import Letter, OfficePost, Print, SheetScan, SignatureMedium
from letters.rendering.sheet_marks import SheetMark, read_mark

MOST_LINES = 300
_SAID = 3  # sentences at most: more help nobody
_AGAIN = "Then clear the field and scan all sheets of this envelope again."


@dataclass(frozen=True)
class ScannedIn:
    """What was scanned in: the print whose sheets they are (None: counted by eye), how many, and what is wrong."""

    printed: Print | None = None
    count: int = 0
    faults: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The faults as one text for the form; "" where there is none."""
        return " ".join([*self.faults[:_SAID], _AGAIN]) if self.faults else ""


def scan_of(office_id: int) -> SheetScan:
    """What the office has said of scanning. One query."""
    said = OfficePost.objects.filter(office_id=office_id).values_list("sheet_scan", flat=True).first()
    return SheetScan(said or SheetScan.OFFERED)


def prints_that_count(letter: Letter) -> list[Print]:
    """The prints whose sheets may go in: of the version that was signed, with its signature where that is on screen,
    not void, with marks. Newest first; one query."""
    signed = letter.signature_medium == SignatureMedium.SCREEN
    rows = Print.objects.filter(letter=letter, version_id=letter.current_id, signed=signed, number__gt=0)
    return list(rows.exclude(came_out=False))


def marked_sheets(printed: Print, sheets: int) -> list[int]:
    """The pages of a print that bear a mark, of `sheets` in all."""
    return [page for page in range(1, sheets + 1) if page not in printed.bare]


@dataclass(frozen=True)
class ToScan:
    """What is awaited: the letter's reference, the numbers of its prints that count, its sheets, those without mark."""

    reference: str
    numbers: tuple[int, ...]
    sheets: int
    bare: tuple[int, ...]
    both_sides: bool = False


def to_scan(letter: Letter) -> ToScan | None:
    """What can be scanned in; None for letters printed before sheets bore marks, or all of whose margins are full:
    those are counted by eye. One query."""
    sheets = letter.typed_version.sheets
    rows = [row for row in prints_that_count(letter) if marked_sheets(row, sheets)]
    if not rows:
        return None
    return ToScan(letter.reference, tuple(row.number for row in rows), sheets, tuple(rows[0].bare), rows[0].both_sides)


def scanned_in(letter: Letter, lines: Sequence[str]) -> ScannedIn:
    """Judge the lines that the scanner typed, one a sheet; blank ones don't count. A fixed number of queries."""
    lines = [line.strip() for line in lines if line.strip()]
    if not lines:
        return ScannedIn()
    if len(lines) > MOST_LINES:
        return ScannedIn(faults=(f"{len(lines)} lines were scanned, and at most {MOST_LINES} are read.",))
    marks = [read_mark(line) for line in lines]
    faults = [
        f"Line {place}, “{line[:30]}”, is not the mark of a sheet: scan that sheet again, or type what stands under it."
        for place, (line, mark) in enumerate(zip(lines, marks, strict=True), start=1)
        if mark is None
    ]
    ours = []
    for mark in marks:
        if mark is not None and mark.reference != letter.reference:
            faults.append(
                f"A sheet of letter {mark.reference} is among them: take it out, it belongs in another envelope or to "
                "somebody else."
            )
        elif mark is not None:
            ours.append(mark)
    printed, wrong = _one_print(letter, ours)
    faults += wrong
    if printed is not None:
        faults += _pages(printed, [mark for mark in ours if mark.number == printed.number], letter.typed_version.sheets)
    once = tuple(dict.fromkeys(faults))
    return ScannedIn(None if once else printed, len(ours), once)


def _one_print(letter: Letter, marks: Sequence[SheetMark]) -> tuple[Print | None, list[str]]:
    """The one print that counts, and what is wrong with sheets of others."""
    good = {row.number: row for row in prints_that_count(letter)}
    used = sorted({mark.number for mark in marks})
    known = {row.number: row for row in Print.objects.filter(letter=letter, number__in=used)}
    faults = [_why_not(letter, known.get(number), number) for number in used if number not in good]
    fit = [good[number] for number in used if number in good]
    if len(fit) > 1:
        numbers = " and ".join(str(row.number) for row in fit)
        faults.append(f"Sheets of prints {numbers} are mixed: put in all sheets of one print, and shred the others.")
    return (fit[0] if len(fit) == 1 else None), faults


def _why_not(letter: Letter, printed: Print | None, number: int) -> str:
    if printed is None:
        return f"There is no print {number} of this letter on record: take out its sheets and print the letter again."
    if printed.version_id != letter.current_id:
        return f"Print {number} is of an earlier version of this letter: take out its sheets and shred them."
    if printed.came_out is False:
        return f"Print {number} is void: take out its sheets and shred them."
    return f"Print {number} was made without its signature: put in the print that bears it, and shred the other."


def _pages(printed: Print, marks: Sequence[SheetMark], sheets: int) -> list[str]:
    """Pages that are missing, twice there, or of a print with another number of sheets."""
    bear = marked_sheets(printed, sheets)
    strange = sorted({mark.page for mark in marks if mark.pages != sheets or mark.page not in bear})
    # One scan a sheet: of its front or of its back, each named by the first of its pages that bears a mark.
    front = {page: page for page in bear}
    if printed.both_sides:
        front = {page: page - 1 if page % 2 == 0 and page - 1 in front else page for page in bear}
    wanted = list(dict.fromkeys(front.values()))
    found = Counter(front.get(mark.page, mark.page) for mark in marks)
    faults = []
    if strange:
        what = "pages" if printed.both_sides else "sheets"
        faults.append(f"{_named(strange)} can't be of this letter, which has {sheets} {what}: scan again.")
    if double := sorted(page for page, times in found.items() if times > 1):
        many = "was" if len(double) == 1 else "were"
        back = ", back or front" if printed.both_sides else ""
        faults.append(
            f"{_named(double)} {many} scanned twice{back}: look whether a sheet is there double, and shred it."
        )
    if missing := [page for page in wanted if page not in found]:
        faults.append(f"{_named(missing)} {'is' if len(missing) == 1 else 'are'} missing: find the sheet and scan it.")
    return faults


def _named(pages: Sequence[int]) -> str:
    names = [str(page) for page in pages]
    return f"Page {names[0]}" if len(names) == 1 else f"Pages {', '.join(names[:-1])} and {names[-1]}"
