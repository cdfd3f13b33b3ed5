"""What the database itself refuses of a letter that names somebody as having a copy by other words than the case has
for them now (decisions 0160, 0185).

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
# How each database gives the names that a version's content bears, as rows of `value`.
_BORNE = {
    "postgresql": "json_array_elements_text(v.content::json -> 'copies_to') AS borne(value)",
    "sqlite": "json_each(v.content -> 'copies_to') AS borne",
}
# As letters.copies.printed_as has it.
_PRINTED = "CASE WHEN p.organisation = '' THEN p.name ELSE p.name || ', ' || p.organisation END"


def _single_blanks(names: str) -> str:
    """SQL for the rows of `names` (SQL, one column `name`) with each run of blanks as one space and none around it, as
    `" ".join(name.split())` gives it."""
    for start in range(0, len(_BLANKS), 7):
        name = "name"
        for blank in _BLANKS[start : start + 7]:
            name = f"replace({name}, '{blank}', ' ')"
        # A query around a query: as deep as all of them need, SQLite parses no single expression.
        names = f"SELECT {name} AS name FROM ({names}) AS few"  # noqa: S608 - from this code alone
    one = "replace(replace(replace(name, ' ', ' \x01'), '\x01 ', ''), ' \x01', ' ')"
    return f"SELECT trim({one}) AS name FROM ({names}) AS blanks"  # noqa: S608 - from this code alone


def _counted(names: str) -> str:
    return f"SELECT name, count(*) AS times FROM ({_single_blanks(names)}) AS each_one GROUP BY name"  # noqa: S608


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


COPIES: tuple[Trigger, ...] = tuple(
    Trigger(
        name=f"letters_letter_copies_by_their_names_{vendor}",
        table="letters_letter",
        event="UPDATE OF state",
        message="No letter goes on that names as having a copy somebody by other words than its case has now",
        when=(
            f"OLD.state <> NEW.state AND (OLD.state, NEW.state) IN (VALUES {_ONWARD}) AND ({_named_otherwise(vendor)})"
        ),
        vendors=(vendor,),
    )
    for vendor in ("postgresql", "sqlite")
)
