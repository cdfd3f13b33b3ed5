"""What a letter says, as values that can be frozen: the same values always give the same JSON and the same PDF."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The top of the sheet: the office that writes. `colour`: `#rrggbb`, for the council's name and the rule."""

    council: str
    office: str
    address_lines: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    colour: str = "#1d4f5c"


@dataclass(frozen=True, slots=True)
class EnclosedItem:
    """One enclosure as the letter lists it.

    `kind`: `sheets` of paper that admin puts in; a `file` whose `pages` are printed behind the letter (`sha256`); or a
    `thing` that is no sheet (a cheque, photographs, a prepaid envelope), of which there are `count`. `original`: it
    can't be had again, so it may have to go by registered post.
    """

    title: str
    pages: int
    kind: Literal["sheets", "file", "thing"] = "sheets"
    sha256: str = ""
    media_type: str = ""
    count: int = 0
    original: bool = False


@dataclass(frozen=True, slots=True)
class LetterContent:
    """Everything that a worker checks, and so what check and signature are bound to.

    `body`: Markdown (paragraphs, ## and ### headings, bold, lists, tables).

    `address_lines`: as printed, that is, as `check_address` gave them back. `letter_date`: the day printed on it.
    """

    reference: str
    letterhead: Letterhead
    address_lines: tuple[str, ...]
    letter_date: date
    salutation: str
    body: str
    signatory_name: str
    signatory_role: str
    sign_off: str = "Yours sincerely"
    signatory_office: str = ""
    our_ref: str = ""
    your_ref: str = ""
    subject: str = ""
    enclosures: tuple[EnclosedItem, ...] = field(default=())
    copies_to: tuple[str, ...] = field(default=())
    # A finished document (PDF) that is itself the letter: its bytes' SHA-256 and its pages; `body` is then its words.
    document_sha256: str = ""
    document_pages: int = 0
    # In another language: which, and the text that was translated. Not printed; checked beside the translation.
    language: str = ""
    original_text: str = ""
    large_print: bool = False

    def to_json(self) -> str:
        """Canonical JSON: keys sorted, no blanks, so that equal contents have equal hashes."""
        values = asdict(self) | {"letter_date": self.letter_date.isoformat()}
        return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "LetterContent":
        """The counterpart of `to_json`. Raises ValueError, KeyError or TypeError if the text isn't such JSON."""
        values: dict[str, Any] = json.loads(text)
        head = values["letterhead"]
        return cls(
            **values
            | {
                "letterhead": Letterhead(**head | {"address_lines": tuple(head["address_lines"])}),
                "letter_date": date.fromisoformat(values["letter_date"]),
                "address_lines": tuple(values["address_lines"]),
                "enclosures": tuple(EnclosedItem(**item) for item in values["enclosures"]),
                "copies_to": tuple(values["copies_to"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature made on screen. It lies outside the content and its hash.

    `kind`: `worker`, or `pp` when somebody signs on the worker's behalf: then `signed_for` is the worker's name and
    `authority` says by what right (duty worker, advanced practitioner, deputy or team manager).
    """

    kind: Literal["worker", "pp"]
    signed_by: str
    role: str
    signed_on: date
    signed_for: str = ""
    authority: str = ""


def in_words(day: date) -> str:
    """A date as people write it: 20 July 2026."""
    return f"{day.day} {day:%B %Y}"
