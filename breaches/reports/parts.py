"""A report before it is typeset: a title and sections of key and value, so that a page and a PDF say the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from postroom.forms import in_words

NONE = "Not entered yet"


@dataclass(frozen=True)
class Section:
    """A heading with its rows; `note` stands under the heading."""

    title: str
    rows: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Report:
    """One document. `about` names the case it is about."""

    title: str
    about: str
    sections: list[Section]


def moment(at: dt.datetime | None, without: str = NONE) -> str:
    """ "20 July 2026, 14:05" in local time; None: `without`."""
    if at is None:
        return without
    local = timezone.localtime(at)
    return f"{in_words(local.date())}, {local:%H:%M}"


def about(number: int | None) -> str:
    """An approximate number in words: "About 3", or that it isn't known."""
    return "Not known yet" if number is None else f"About {number}"


def yes(answer: bool) -> str:
    """Yes or No."""
    return "Yes" if answer else "No"
