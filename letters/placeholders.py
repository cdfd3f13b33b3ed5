"""The closed list of placeholders that a template may hold. Pure: names are looked up, nothing is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping

# name -> what stands in its place, for those who write templates.
PLACEHOLDERS: dict[str, str] = {
    "addressee": "the addressee's name",
    "greeting": "how the addressee is greeted, without Dear",
    "children": "the names of the children the letter is about",
    "worker": "the worker's name",
    "role": "the worker's job title",
    "office": "the office's name",
    "phone": "the office's telephone number",
    "date": "today's date",
    "reference": "the letter's reference",
}
_FOUND = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def unknown_in(text: str) -> list[str]:
    """What stands in double braces and is no placeholder, in order, each once."""
    return list(dict.fromkeys(name for name in _FOUND.findall(text) if name not in PLACEHOLDERS))


def placeholders_left(text: str) -> list[str]:
    """What still stands in double braces, as it stands there."""
    return list(dict.fromkeys(match[0] for match in _FOUND.finditer(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with each known placeholder's value in its place; one without a value stays, to be filled by hand.

    A value is put in once and not looked at again: braces in a name are only braces.
    """

    def value(match: re.Match[str]) -> str:
        return values.get(match[1], "") or match[0]

    return _FOUND.sub(value, text)
