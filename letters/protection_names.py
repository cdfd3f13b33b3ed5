"""What the database itself refuses of a letter that bears its addressee's name or organisation, or those of somebody it
names as having a copy, by other words than the case has for them now (decisions 0160, 0185, 0197).

The names stand in a version's content, which is JSON, and each database reads JSON with functions of its own: hence two
triggers, of which each stands on its own database.
"""

from __future__ import annotations

import sys

from letters.states import TRANSITIONS, Guard
from postroom.ledger.triggers import Trigger

_ONWARD = ", ".join(
    sorted(
        {
            f"('{t.source}', '{t.target}')"
            for t in TRANSITIONS
            if t.source != t.target and Guard.LINES_CURRENT in t.guards
        }
    )
)
# What Python's str.split() takes for blank, by which the engine compares; the space itself is what they become.
_BLANKS = [one for one in map(chr, range(sys.maxunicode + 1)) if one.isspace() and one != " "]
# What str.splitlines() breaks a line at; one character that stands in no text stands for them.
_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_BREAK = "\x02"
# How each database gives the names that a version's content bears, as rows of `value`.
_BORNE = {
    "postgresql": "json_array_elements_text(v.content::json -> 'copies_to') AS borne(value)",
    "sqlite": "json_each(v.content -> 'copies_to') AS borne",
}
# As letters.copies.printed_as has it.
_PRINTED = "CASE WHEN p.organisation = '' THEN p.name ELSE p.name || ', ' || p.organisation END"


def _single_blanks(rows: str, *columns: str, lines: str = "") -> str:
    """SQL for `rows` (SQL) with each run of blanks in these columns as one space and none around it, as
    `" ".join(name.split())` gives it. `lines`: a column that keeps its line breaks, each as `_BREAK`."""
    for start in range(0, len(_BLANKS), 7):
        blanks = _BLANKS[start : start + 7]
        few = [_replaced(name, blanks) for name in columns]
        few += [_replaced(lines, blanks, keep=_BREAKS)] if lines else []
        # A query around a query: as deep as all of them need, SQLite parses no single expression.
        rows = f"SELECT {', '.join(few)} FROM ({rows}) AS few"  # noqa: S608 - from this code alone
    names = [*columns, lines] if lines else columns
    ones = ", ".join(f"trim({_one_of_a_run(name, ' ')}) AS {name}" for name in names)
    return f"SELECT {ones} FROM ({rows}) AS blanks"  # noqa: S608 - from this code alone


def _replaced(name: str, blanks: list[str], *, keep: str = "") -> str:
    """SQL: this column with each of these as a space, but each of `keep` as a break."""
    text = name
    for blank in blanks:
        text = f"replace({text}, '{blank}', '{f' {_BREAK} ' if blank in keep else ' '}')"
    return f"{text} AS {name}"


def _one_of_a_run(text: str, one: str) -> str:
    """SQL: `text` (SQL) with each run of this character as one of them."""
    return f"replace(replace(replace({text}, '{one}', '{one}\x01'), '\x01{one}', ''), '{one}\x01', '{one}')"


def _counted(names: str) -> str:
    return f"SELECT name, count(*) AS times FROM ({_single_blanks(names, 'name')}) AS each_one GROUP BY name"  # noqa: S608


def _named_otherwise(vendor: str) -> str:
    """SQL: the version of the letter's row names a copy, and not each of those of its rows as often, as printed now.

    Whoever is off the case is another trigger's matter. CASE keeps what isn't there from being read as JSON.
    """
    borne = _counted(
        f"SELECT borne.value AS name FROM letters_letterversion v, {_BORNE[vendor]} "  # noqa: S608 - from this code alone
        "WHERE v.id = NEW.current_id"
    )
    now = _counted(
        f"SELECT {_PRINTED} AS name FROM letters_letter_copies_to c "  # noqa: S608 - from this code alone
        "JOIN cases_caseperson p ON p.id = c.caseperson_id WHERE c.letter_id = NEW.id"
    )
    names_copies = (
        "EXISTS (SELECT 1 FROM letters_letterversion n "
        'WHERE n.id = NEW.current_id AND n.content LIKE \'%"copies_to":["%\')'
    )
    differs = " OR ".join(
        f"EXISTS (SELECT 1 FROM ({one} EXCEPT {other}) AS odd)"  # noqa: S608 - from this code alone
        for one, other in ((borne, now), (now, borne))
    )
    return f"CASE WHEN {names_copies} THEN {differs} ELSE FALSE END"


def _addressed_otherwise(vendor: str) -> str:
    """SQL: the version's address doesn't begin with its addressee's name and organisation as the case has them now, or
    has another number of lines than these and the address (an organisation taken away). Case counts, blanks don't."""
    content = "v.content::json" if vendor == "postgresql" else "v.content"
    as_is = (
        f"SELECT {content} -> 'address_lines' ->> 0 AS one, "  # noqa: S608 - from this code alone
        f"coalesce({content} -> 'address_lines' ->> 1, '') AS two, "
        f"CAST(json_array_length({content} -> 'address_lines') AS text) AS borne, "
        f"p.name AS name, p.organisation AS organisation, a.lines AS lines "
        "FROM letters_letterversion v, cases_caseperson p, cases_address a "
        "WHERE v.id = NEW.current_id AND p.id = NEW.addressee_id AND a.id = NEW.address_id"
    )
    plain = _single_blanks(as_is, "one", "two", "borne", "name", "organisation", lines="lines")
    tight = f"replace(replace(lines, '{_BREAK} ', '{_BREAK}'), ' {_BREAK}', '{_BREAK}')"
    close = _one_of_a_run(tight, _BREAK)
    counted = (
        f"SELECT one, two, name, organisation, CAST(borne AS integer) AS borne, trim({close}, '{_BREAK}') AS lines "  # noqa: S608
        f"FROM ({plain}) AS plain"
    )
    of_address = f"length(lines) - length(replace(lines, '{_BREAK}', '')) + 1"
    number = f"1 + CASE WHEN organisation = '' THEN 0 ELSE 1 END + {of_address}"
    bears = (
        "EXISTS (SELECT 1 FROM letters_letterversion n "
        'WHERE n.id = NEW.current_id AND n.content LIKE \'%"address_lines":["%\')'
    )
    differs = f"one <> name OR (organisation <> '' AND two <> organisation) OR borne <> {number}"
    return f"CASE WHEN {bears} THEN EXISTS (SELECT 1 FROM ({counted}) AS counted WHERE {differs}) ELSE FALSE END"  # noqa: S608


_RULES = (
    (
        "letters_letter_copies_by_their_names",
        "No letter goes on that names as having a copy somebody by other words than its case has now",
        _named_otherwise,
    ),
    (
        "letters_letter_addressed_by_their_name",
        "No letter goes on to somebody by another name or organisation than its case has now",
        _addressed_otherwise,
    ),
)
BY_THEIR_NAMES: tuple[Trigger, ...] = tuple(
    Trigger(
        name=f"{name}_{vendor}",
        table="letters_letter",
        event="UPDATE OF state",
        message=message,
        when=f"OLD.state <> NEW.state AND (OLD.state, NEW.state) IN (VALUES {_ONWARD}) AND ({rule(vendor)})",
        vendors=(vendor,),
    )
    for name, message, rule in _RULES
    for vendor in ("postgresql", "sqlite")
)
