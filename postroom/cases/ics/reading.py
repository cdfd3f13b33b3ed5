"""A file from ICS, read: rows of text, grouped by case. Pure: no models. Raises Unreadable with a sentence."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

COLUMNS = (
    "case", "office", "worker", "person", "relationship", "name", "salutation", "ics_number", "date_of_birth",
    "organisation", "email", "mobile", "address_1", "address_2", "address_3", "address_4", "address_5", "postcode",
    "confidential",
)  # fmt: skip
NEEDED = ("case", "office", "person", "relationship", "name")
MOST_BYTES = 40 * 1024 * 1024
MOST_ROWS = 200_000
LONGEST_CELL = 400
YES = frozenset({"yes", "y", "true", "1"})


class Unreadable(ValueError):
    """The file as a whole can't be taken; the sentence says what to do."""


@dataclass(frozen=True)
class Row:
    """One row: its number in the file (the head is 1) and its cells, blanks collapsed."""

    number: int
    cells: dict[str, str]
    fault: str = ""

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def address(self) -> list[str]:
        """The lines of the address with the postcode last; empty if there is none."""
        lines = [self[f"address_{n}"] for n in range(1, 6)] + [self["postcode"]]
        return [line for line in lines if line]

    @property
    def is_confidential(self) -> bool:
        """Does ICS mark the address as confidential?"""
        return self["confidential"].casefold() in YES


@dataclass
class CaseRows:
    """The rows of one case, in the order of the file."""

    case: str
    rows: list[Row] = field(default_factory=list)


def read_cases(data: bytes) -> list[CaseRows]:
    """The file's cases in the order of their first row. Raises Unreadable."""
    found: dict[str, CaseRows] = {}
    for row in _rows(data):
        found.setdefault(row["case"], CaseRows(row["case"])).rows.append(row)
    if not found:
        raise Unreadable("The file has a head but no rows. Export it from ICS again.")
    return list(found.values())


def day_of(text: str) -> dt.date | None:
    """A date as ICS writes it, 2016-07-20 or 20/07/2016; None for nothing. Raises ValueError."""
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date alone
        except ValueError:
            continue
    raise ValueError(text)


def _rows(data: bytes) -> Iterator[Row]:
    text = _text(data)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        head = [name.strip().casefold().replace(" ", "_") for name in next(reader, [])]
        if missing := [name for name in NEEDED if name not in head]:
            raise Unreadable(f"The file has no column {', '.join(missing)}. Its first row must name the columns.")
        if len(set(head)) < len([name for name in head if name]):
            raise Unreadable("Two columns of the file have one name. Export it from ICS again.")
        for count, cells in enumerate(reader, 1):
            if count > MOST_ROWS:
                raise Unreadable(f"The file has more than {MOST_ROWS:,} rows. Split it.")
            if any(cell.strip() for cell in cells):
                yield _row(count + 1, head, cells)
    except csv.Error as error:
        raise Unreadable("The file isn't a CSV file that can be read. Export it from ICS again.") from error


def _row(number: int, head: list[str], cells: list[str]) -> Row:
    tidy = [" ".join(cell.split()) for cell in cells]
    known = {name: cell for name, cell in zip(head, tidy, strict=False) if name in COLUMNS}
    fault = ""
    if len(cells) != len(head):
        fault = f"It has {len(cells)} cells where the head has {len(head)}."
    elif any(len(cell) > LONGEST_CELL for cell in tidy):
        fault = f"A cell is longer than {LONGEST_CELL} characters."
    elif missing := [name for name in NEEDED if not known.get(name)]:
        fault = f"Nothing stands under {', '.join(missing)}."
    return Row(number, {name: cell[:LONGEST_CELL] for name, cell in known.items()}, fault)


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it.")
    if not data.strip():
        raise Unreadable("The file is empty. Export it from ICS again.")
    if b"\0" in data:
        raise Unreadable("This isn't a CSV file. In Excel, save it as “CSV UTF-8 (comma delimited)”.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
