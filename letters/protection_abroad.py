"""What the database itself refuses of letters abroad (decision 0188): where no office allows it, by inland post, or by
a service that nobody named; and inland by what goes abroad.
"""

from __future__ import annotations

from letters.states import State
from letters.ways import Way
from postroom.ledger.triggers import Trigger

# The last line, without what may stand behind it: cut off before it all that ends with a line break. No digit in it, as
# every postcode and BFPO number has one: a country (letters.rendering.addresses.is_abroad).
_BLANKS = "' \t\r\n'"
_LINES = f"rtrim(a.lines, {_BLANKS})"
_BEFORE = f"rtrim({_LINES}, replace({_LINES}, '\n', ''))"
_LAST = f"substr({_LINES}, length({_BEFORE}) + 1)"
_DIGIT = " OR ".join(f"{_LAST} LIKE '%{digit}%'" for digit in range(10))
_ABROAD = f"EXISTS (SELECT 1 FROM cases_address a WHERE a.id = NEW.address_id AND NOT ({_DIGIT}))"  # noqa: S608
_DAYS = {
    State.ENVELOPED: "enveloped_on",
    State.POSTED: "posted_on",
    State.HANDED_OVER: "handed_on",
    State.UNCERTAIN: "emailed_on",
}


def _allowed(day: str, *, begun: bool) -> str:
    """Its office allows letters abroad on the row's own `day`. `begun`: it did so by then; else it was asked of the day
    of the envelope, and a manager who allows it again may have it recorded that it was posted before."""
    since = f"p.letters_abroad_from <= NEW.{day}" if begun else "p.letters_abroad_from IS NOT NULL"
    return (
        "EXISTS (SELECT 1 FROM letters_officepost p WHERE p.office_id = NEW.office_id "  # noqa: S608 - our own words
        f"AND {since} AND (p.letters_abroad_until IS NULL OR p.letters_abroad_until >= NEW.{day}))"
    )


_NOT_ALLOWED = " OR ".join(
    f"(NEW.state = '{state}' AND NOT {_allowed(day, begun=state in (State.ENVELOPED, State.UNCERTAIN))})"
    for state, day in _DAYS.items()
)
_NAMED = (
    "EXISTS (SELECT 1 FROM letters_officepost p WHERE p.office_id = NEW.office_id AND p.abroad_service = NEW.service)"
)
_BY_WHAT_GOES_THERE = (
    f"(NEW.way = '{Way.POST}' AND NEW.post_class IN ('intstd', 'inteco')) "
    f"OR (NEW.way = '{Way.REGISTERED_POST}' AND NEW.post_class = 'named' AND NEW.service <> '' AND {_NAMED})"
)

ABROAD: tuple[Trigger, ...] = (
    Trigger(
        name="letters_letter_abroad_allowed",
        table="letters_letter",
        event="UPDATE OF state",
        message="A letter goes abroad only from an office that allows it",
        when=f"OLD.state <> NEW.state AND ({_NOT_ALLOWED}) AND {_ABROAD}",
    ),
    Trigger(
        name="letters_letter_class_goes_there",
        table="letters_letter",
        event="UPDATE OF state",
        message="Abroad a letter goes by an international class or the service its office named, inland by neither",
        when=(
            f"OLD.state <> NEW.state AND NEW.state = '{State.POSTED}' AND (({_ABROAD} AND NOT ({_BY_WHAT_GOES_THERE})) "
            f"OR (NOT {_ABROAD} AND NEW.post_class IN ('intstd', 'inteco', 'named')))"
        ),
    ),
    Trigger(
        name="letters_letter_service_as_posted",
        table="letters_letter",
        event="UPDATE OF service, post_class",
        message="What a letter was posted by stays as it was recorded",
        when=(
            f"OLD.state IN ('{State.POSTED}', '{State.UPLOADED}', '{State.RETURNED}') AND OLD.posted_on IS NOT NULL "
            "AND (OLD.service <> NEW.service OR OLD.post_class <> NEW.post_class)"
        ),
    ),
)
