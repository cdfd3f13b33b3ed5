"""The address of a letter, as Royal Mail can deliver it and the window can show it (OGP-3a, OGP-4a).

Pure text in, a verdict out. Nothing is repaired in silence: blanks are collapsed and the postcode is put in capitals
with one blank, all else is printed as it was typed, and what is doubtful goes back to the typist as a fault.

Codes of faults (stable; screens and tests may depend on them):

====================  =============================================================================================
code                  when
====================  =============================================================================================
not_text              a member of the list isn't text
too_few_lines         fewer than 3 lines once blank ones are dropped
too_many_lines        more than 7 of them
no_letter_or_digit    a line has neither
control_character     a control, zero-width or direction character, or one that no printer can show, is in the text
no_fixed_address      NFA, no fixed abode, no fixed address, in any spelling
reference             a reference or subject line stands where the addressee belongs
greeting              a greeting stands there
postcode_missing      the last line isn't a postcode, and there is none elsewhere
postcode_shape        the last line looks like a postcode but can't be one
postcode_space        the blank in the postcode is in the wrong place: it may be another district
postcode_not_alone    the last line holds more than the postcode
postcode_not_last     the postcode isn't on the last line
two_postcodes         two different postcodes
bfpo                  `BFPO n` isn't alone on the last line, or on the one before its BF1 postcode
bfpo_country          a BFPO address names a country
abroad                the address is abroad, and this office doesn't post abroad
country_capitals      abroad is allowed, but the country isn't in capitals
====================  =============================================================================================
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from letters.rendering.countries import ABROAD, HOME

MIN_LINES = 3
MAX_LINES = 7

_OUTWARD = (
    r"(?:[A-PR-UWYZ]\d{1,2}|[A-PR-UWYZ][A-HK-Y]\d{1,2}|[A-PR-UWYZ]\d[A-HJKPSTUW]|[A-PR-UWYZ][A-HK-Y]\d[ABEHMNPRV-Y])"
)
_INWARD = r"\d[ABD-HJLNP-UW-Z]{2}"
POSTCODE = re.compile(rf"(?:GIR ?0AA|{_OUTWARD} ?{_INWARD})", re.ASCII)
# The same inside other text. A run of letters or digits on either side would make it part of another word.
_POSTCODE_INSIDE = re.compile(rf"(?<![A-Z0-9])(?:GIR ?0AA|{_OUTWARD} ?{_INWARD})(?![A-Z0-9])", re.ASCII)
# "Flat B2 1st Floor" is no second postcode.
_ORDINAL = re.compile(r"[0-9](?:ST|ND|RD|TH)$")
_FLOOR = re.compile(r"[\s,]*(?:FLOOR|FLR|FL|STOREY|LEVEL|LANDING)\b")
_LIKE_POSTCODE = re.compile(r"[A-Z]{1,2}[A-Z0-9]{1,3}[ .-]?[A-Z0-9]{2,3}[.,]?", re.ASCII)

_BFPO = re.compile(r"BFPO ?([0-9]{1,4})", re.ASCII)
_BFPO_BEGINS = re.compile(r"B\.?F\.?P\.?O\.?(?: ?[0-9]|$)", re.ASCII)

# Blanks that are collapsed: tab, and every space separator of Unicode. A line break inside a line is not one.
_BLANKS = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_EDGE_BREAKS = "\r\n"
# Characters of no width, or that print nothing, beyond the categories Cc, Cf, Cs, Co and Cn.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028\u2029\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc\ufffd"
    "\U000e0100-\U000e01ef]"
)

# Letters of other scripts that look like the Latin ones in "NFA" and "no fixed abode / address".
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0456\u0455\u0501\u03b1\u03bf\u03bd\u03b9", "aeopcxisdaoni"
)
_FIGURES_AS_LETTERS = str.maketrans("0135@$", "oiesas")
_W = r"[^a-z0-9]*"  # anything between letters
_NFA_WORD = re.compile(r"(?<![a-z0-9])nfa(?![a-z0-9])")
_NFA_SPACED = re.compile(rf"(?<![a-z0-9])n{_W}f{_W}a(?![a-z0-9])(?P<after>.*)", re.DOTALL)
_NO_FIXED = re.compile(
    rf"(?<![a-z0-9])(?:no|non|not|without|w/o){_W}(?:an?{_W})?(?:fix(?:e?d|t)?|permanent|perm|settled|known){_W}"
    r"(?:abode?|adobe|aboad|abord|add?res+e?|adr|addr|residen|acc?om|home(?![a-z])|place|lodging|dwelling)"
)
_NO_FIXED_SPELT_OUT = re.compile(r"nofixed(?:abode|address|adress|residence|accommodation)")

_DATE_OF_BIRTH = r"(?:dob|d\.\s?o\.\s?b\.?|date of birth)\s*[:.\-]?\s*(?:[0-9]|$)"
_REFERENCE_FIRST = re.compile(
    r"(?:re(?:\s*[:;,.\u2013\u2014]|\s|$)"
    r"|(?:our|your|my|case|file|client|customer|account|letter|doc(?:ument)?)\s*(?:ref|reference|no|number|id)\b"
    r"|refs?\b|reference\b|subject\s*:|concerning\b|regarding\b|case\s*[:#0-9]|child\s*:"
    r"|(?:ics|lcs|nhs|mosaic)\s*(?:no|number|ref|id)?\W*[0-9]|#\s*[0-9])"
)
_REFERENCE_ANYWHERE = re.compile(
    rf"(?:r\.?\s*e\.?\s*:|(?:our|your)\s*ref(?:erence)?\b|ref(?:erence)?\s*[:.]|{_DATE_OF_BIRTH})"
)
# A first "word" such as POST-000123 or CS/2026/88 is a number from a register, not a name.
_REGISTER_NUMBER = re.compile(r"(?=(?:\D*\d){3})[^\s]+")
_GREETING = re.compile(
    r"(?:dear|hello|hi|hey|hiya|greetings|good\s+(?:morning|afternoon|evening|day))(?![-'\w])"
    r"|to whom\b|sirs?\s*[,/]|sirs?$"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. `line`: 1-based place in the lines given, or None when it is about the address as a whole."""

    code: str
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What came of it. `lines`: as they would be printed; `postcode`: normalised, or None (also for `BFPO n` alone)."""

    ok: bool
    lines: tuple[str, ...]
    postcode: str | None
    faults: tuple[Fault, ...]

    def as_dict(self) -> dict[str, object]:
        """The shape that `manage.py check_address --jsonl` prints."""
        return {
            "ok": self.ok,
            "lines": list(self.lines),
            "postcode": self.postcode,
            "faults": [{"code": f.code, "line": f.line, "message": f.message} for f in self.faults],
        }


@dataclass(frozen=True, slots=True)
class _Line:
    number: int  # 1-based, among the lines given
    text: str  # blanks collapsed

    @property
    def upper(self) -> str:
        """In capitals, ASCII letters only: a dotless i or a long s must not turn into the I or S of a postcode."""
        return "".join(c.upper() if c.isascii() else c for c in self.text)


def normal_postcode(text: str) -> str | None:
    """`text` as a postcode in capitals with one blank before the last three characters; None if it isn't one.

    No blank, or one (or several side by side) in the right place, is accepted; a blank elsewhere is not.
    """
    shaped = _Line(0, _collapse(text)).upper
    if not POSTCODE.fullmatch(shaped):
        return None
    compact = shaped.replace(" ", "")
    return f"{compact[:-3]} {compact[-3:]}"


def check_address(lines: Sequence[object], *, allow_abroad: bool = False) -> AddressCheck:
    """Judge the lines of an address: name, street, locality, POST TOWN, POSTCODE.

    In: the lines as typed (blank ones are dropped); `allow_abroad`: the office may post abroad, with the country in
    capitals as the last line. Out: `AddressCheck`, never an exception for bad text.
    """
    faults: list[Fault] = []
    kept: list[_Line] = []
    for number, raw in enumerate(lines, start=1):
        if not isinstance(raw, str):
            message = f"Line {number} isn't text. Write each line of the address as text."
            faults.append(Fault("not_text", number, message))
            continue
        text = _collapse(raw)
        if text:
            kept.append(_Line(number, text))
    faults += _check_count(kept)
    for position, line in enumerate(kept):
        faults += _check_line(line, first=position == 0)
    faults += _check_no_fixed(kept)
    postcode, ending_faults = _check_ending(kept, allow_abroad=allow_abroad)
    faults += ending_faults
    faults.sort(key=lambda f: f.line if f.line is not None else 0)
    return AddressCheck(not faults, _as_printed(kept), postcode, tuple(faults))


def _collapse(text: str) -> str:
    """Each run of blanks as one, none at the ends. Control and zero-width characters stay, to be found."""
    return _BLANKS.sub(" ", text.strip(_EDGE_BREAKS + "\t ")).strip(" " + _EDGE_BREAKS)


def _fold(text: str) -> str:
    """For comparing words: no accents, no full-width or styled forms, no zero-width characters, small letters."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in plain if unicodedata.category(c) not in {"Mn", "Me", "Cf", "Cc"})
    return kept.casefold().translate(_LOOK_ALIKE)


def _as_printed(kept: list[_Line]) -> tuple[str, ...]:
    printed = [line.text for line in kept]
    for place in range(max(0, len(kept) - 2), len(kept)):
        if bfpo := _BFPO.fullmatch(kept[place].upper):
            printed[place] = f"BFPO {bfpo.group(1)}"
    if kept and (postcode := normal_postcode(kept[-1].text)):
        printed[-1] = postcode
    return tuple(printed)


def _check_count(kept: list[_Line]) -> list[Fault]:
    if len(kept) < MIN_LINES:
        message = (
            f"The address has {len(kept)} line{'' if len(kept) == 1 else 's'}. Write at least {MIN_LINES}: "
            "the name, the street and town, and the postcode alone on the last line."
        )
        return [Fault("too_few_lines", None, message)]
    if len(kept) > MAX_LINES:
        message = f"The address has {len(kept)} lines. Shorten it to {MAX_LINES} or fewer; the county can be left out."
        return [Fault("too_many_lines", None, message)]
    return []


def _unprintable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} or bool(_INVISIBLE.match(character))


def _check_line(line: _Line, *, first: bool) -> list[Fault]:
    faults = []
    hidden = sorted({f"U+{ord(c):04X}" for c in line.text if _unprintable(c)})
    if hidden:
        message = (
            f"Line {line.number} has a character that can't be seen ({', '.join(hidden)}). "
            "Delete the line and type it again by hand."
        )
        faults.append(Fault("control_character", line.number, message))
    if not any(c.isalnum() for c in line.text):
        message = f"Line {line.number} has no letter or digit. Write what belongs there, or leave it out."
        faults.append(Fault("no_letter_or_digit", line.number, message))
    faults += _check_opening(line, first=first)
    return faults


def _check_opening(line: _Line, *, first: bool) -> list[Fault]:
    folded = _fold(line.text).lstrip("\"'([*-_.,:;>\u2018\u201c\u2013\u2014 ")
    is_reference = _REFERENCE_ANYWHERE.match(folded) or (
        first and (_REFERENCE_FIRST.match(folded) or _REGISTER_NUMBER.fullmatch(folded))
    )
    if is_reference and not normal_postcode(line.text):
        message = (
            f"Line {line.number} is a reference, which would show through the window. "
            "Start with the name of the person the letter goes to, and put references in the letter."
        )
        return [Fault("reference", line.number, message)]
    if first and _GREETING.match(folded):
        message = (
            f"Line {line.number} is a greeting. Start the address with the person's name; "
            "the greeting goes in the letter."
        )
        return [Fault("greeting", line.number, message)]
    return []


def _check_no_fixed(kept: list[_Line]) -> list[Fault]:
    """NFA and its like, on one line or broken over two."""
    found: list[int] = []
    for position, line in enumerate(kept):
        if _is_no_fixed(line.text, name_line=position == 0):
            found.append(line.number)
    for line, following in pairwise(kept):
        joined = f"{line.text} {following.text}"
        if not {line.number, following.number} & set(found) and _NO_FIXED.search(_fold(joined)):
            found.append(line.number)
    return [
        Fault(
            "no_fixed_address",
            number,
            f"Line {number} says that there is no fixed address, so the letter can't be posted. "
            "Ask the worker for an address where the person gets post, or have the letter handed over.",
        )
        for number in found
    ]


def _is_no_fixed(text: str, *, name_line: bool) -> bool:
    folded = _fold(text)
    if _NFA_WORD.search(folded):
        return True
    spaced = _NFA_SPACED.search(folded)
    # "N. F. A. Smith" on the first line are a person's initials; "N.F.A." by itself, or on a later line, are not.
    if spaced and not (name_line and re.match(r"[^a-z0-9,(]*[a-z]{2}", spaced["after"])):
        return True
    lettered = folded.translate(_FIGURES_AS_LETTERS)
    compact = re.sub(r"[^a-z]", "", lettered)
    return bool(_NO_FIXED.search(folded) or _NO_FIXED.search(lettered) or _NO_FIXED_SPELT_OUT.search(compact))


def _postcodes_in(line: _Line) -> list[str]:
    """Every postcode that stands in the line, normalised, those of "M4 2nd floor" left out."""
    found = []
    for match in _POSTCODE_INSIDE.finditer(line.upper):
        as_typed = line.text[match.start() : match.end()]
        if _ORDINAL.search(match.group()) and (
            _FLOOR.match(line.upper, match.end()) or (as_typed[-2:].islower() and not as_typed[0].islower())
        ):
            continue
        compact = match.group().replace(" ", "")
        found.append(f"{compact[:-3]} {compact[-3:]}")
    return found


def _check_ending(kept: list[_Line], *, allow_abroad: bool) -> tuple[str | None, list[Fault]]:
    """The last line, and what the other lines must then not say. Gives the postcode, if the last line is one."""
    if not kept:
        return None, []
    last = kept[-1]
    postcode = normal_postcode(last.text)
    bfpo_last = bool(_BFPO.fullmatch(last.upper))
    faults: list[Fault] = []
    if postcode is None and not bfpo_last:
        faults += _check_last_without_postcode(kept, allow_abroad=allow_abroad)
    faults += _check_bfpo(kept, postcode)
    if postcode is not None or bfpo_last:
        faults += _check_other_postcodes(kept[:-1], postcode)
    return postcode, faults


def _check_other_postcodes(others: list[_Line], postcode: str | None) -> list[Fault]:
    faults = []
    for line in others:
        different = [found for found in _postcodes_in(line) if found != postcode]
        if different and postcode is None:
            message = (
                f"Line {line.number} has the postcode {different[0]} before the last line. "
                "Write the postcode alone on the last line."
            )
            faults.append(Fault("postcode_not_last", line.number, message))
        elif different:
            message = (
                f"The address has two postcodes, {different[0]} on line {line.number} and {postcode} at the end. "
                "Find out which is right and delete the other."
            )
            faults.append(Fault("two_postcodes", line.number, message))
        elif _blank_misplaced(line):
            faults.append(_space_fault(line))
    return faults


def _blank_misplaced(line: _Line) -> bool:
    """Whether the whole line would be a postcode if its blanks were elsewhere."""
    return normal_postcode(line.text) is None and bool(POSTCODE.fullmatch(line.upper.replace(" ", "")))


def _space_fault(line: _Line) -> Fault:
    compact = line.upper.replace(" ", "")
    message = (
        f"The blank in the postcode “{line.text}” is in the wrong place. It may be {compact[:-3]} {compact[-3:]} or "
        "another district: look it up and type it again."
    )
    return Fault("postcode_space", line.number, message)


def _check_last_without_postcode(kept: list[_Line], *, allow_abroad: bool) -> list[Fault]:
    last = kept[-1]
    country = _country(last.text)
    if _blank_misplaced(last):
        return [_space_fault(last)]
    if country in ABROAD:
        return _check_abroad(kept, country, allow_abroad=allow_abroad)
    inside = _postcodes_in(last)
    if inside:
        message = f"Line {last.number} holds more than the postcode. Write {inside[0]} alone on the last line."
        return [Fault("postcode_not_alone", last.number, message)]
    for line in reversed(kept[:-1]):
        if earlier := _postcodes_in(line):
            message = f"The postcode is on line {line.number}. Write {earlier[-1]} alone on the last line" + (
                ", with no country after it." if country in HOME else "."
            )
            return [Fault("postcode_not_last", line.number, message)]
    if _LIKE_POSTCODE.fullmatch(last.upper) and any(c.isdigit() for c in last.text):
        message = (
            f"“{last.text}” isn't the shape of a postcode. Look for O in place of 0, I in place of 1, "
            "a missing character or a full stop, and type it again."
        )
        return [Fault("postcode_shape", last.number, message)]
    message = "The last line isn't a postcode. Write the postcode alone on the last line, for example SE1 2QH."
    return [Fault("postcode_missing", last.number, message)]


def _country(text: str) -> str:
    """The line as the lists of countries write it: capitals without accents."""
    return _fold(text).upper().replace("\u2019", "'").strip(" .,").replace("U.S.A", "USA").replace("U.K", "UK")


def is_abroad(lines: Sequence[str]) -> bool:
    """Does the address end with a country: a last line without a digit, as every postcode and BFPO number has one?

    Of lines that `check_address` accepts. The database reads the last line in the same way.
    """
    return bool(lines) and not any(character in "0123456789" for character in lines[-1])


def _check_abroad(kept: list[_Line], country: str, *, allow_abroad: bool) -> list[Fault]:
    last = kept[-1]
    if not allow_abroad:
        message = (
            f"The address is abroad ({last.text}), and this office's letters go to addresses in the United Kingdom "
            "only: use one there. Its team manager can allow letters abroad, under Envelopes."
        )
        return [Fault("abroad", last.number, message)]
    if last.text != last.text.upper():
        message = f"Write the country in capitals: {last.text.upper()}."
        return [Fault("country_capitals", last.number, message)]
    if country != "GIBRALTAR":  # its postcode has the British shape
        for line in kept[:-1]:
            if found := _postcodes_in(line):
                message = (
                    f"Line {line.number} has the British postcode {found[0]}, but the last line says {last.text}. "
                    "Find out which is right."
                )
                return [Fault("postcode_not_last", line.number, message)]
    return []


def _check_bfpo(kept: list[_Line], postcode: str | None) -> list[Fault]:
    """`BFPO n` is the last line, or the one before its BF1 postcode, and there is no country."""
    marked = [(place, line) for place, line in enumerate(kept) if _BFPO_BEGINS.match(line.upper)]
    forces_postcode = bool(postcode and postcode.startswith("BF1 "))
    if not marked and not forces_postcode:
        return []
    faults = []
    right_place = len(kept) - 2 if postcode else len(kept) - 1
    for place, line in marked:
        if not _BFPO.fullmatch(line.upper):
            message = f"Write line {line.number} as BFPO and its number alone, for example BFPO 57."
            faults.append(Fault("bfpo", line.number, message))
        elif place != right_place:
            message = (
                f"Put {line.text} on the last line, or on the one before its postcode (BF1 …), with nothing after it."
            )
            faults.append(Fault("bfpo", line.number, message))
        elif postcode and not forces_postcode:
            message = f"The postcode of a BFPO address begins BF1, but this one is {postcode}. Find out which is right."
            faults.append(Fault("bfpo", kept[-1].number, message))
    for line in kept:
        if _country(line.text) in ABROAD | HOME:
            message = f"A BFPO address names no country. Leave out “{line.text}”."
            faults.append(Fault("bfpo_country", line.number, message))
    return faults
