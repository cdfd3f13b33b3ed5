"""Names and addresses as a search sees them. Pure: no models.

A name's key is the name without title, case, accents and marks: "Ms Zoë O'Neill-Hart" gives "zoe oneill hart".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lady", "lord", "rev", "revd"}
    | {"reverend", "master", "fr", "sr"}
)
# A name is looked for by its words in a row; fewer than two would find every Robin in the county.
SHORTEST, LONGEST = 2, 5
# First names that are everyday words too.
EVERYDAY = frozenset(
    {
        "abby",
        "angel",
        "april",
        "art",
        "august",
        "autumn",
        "bill",
        "bob",
        "carol",
        "chance",
        "christian",
        "daisy",
        "dale",
    }
    | {"dawn", "dean", "dee", "drew", "earnest", "eve", "faith", "flora", "frank", "gene", "glen", "grace", "grant"}
    | {
        "guy",
        "harmony",
        "harry",
        "hazel",
        "heath",
        "heather",
        "holly",
        "honor",
        "hope",
        "iris",
        "ivy",
        "jack",
        "jasmine",
    }
    | {"jay", "joy", "june", "lance", "lily", "mark", "mason", "max", "may", "melody", "mercy", "miles", "nick", "norm"}
    | {
        "pat",
        "patience",
        "penny",
        "peg",
        "pip",
        "poppy",
        "ray",
        "red",
        "rich",
        "rob",
        "robin",
        "rocky",
        "rose",
        "rowan",
    }
    | {"ruby", "sandy", "sky", "star", "sue", "summer", "terry", "victor", "violet", "wade", "ward", "will", "willow"}
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_OWNED = re.compile(r"['\u2018\u2019\u02bc`][sS]\b")
_JOINED = re.compile(r"['\u2018\u2019\u02bc`.]")


def plain_words(text: str) -> list[str]:
    """The words of a text as written, without accents; O'Neill is one word, Hart-Lane two, Robin's is Robin."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(_JOINED.sub("", _OWNED.sub("", plain)))


def words_of(text: str) -> list[str]:
    """The same in lower case."""
    return [word.casefold() for word in plain_words(text)]


def name_key(name: str) -> str:
    """The name as it is looked for; empty for a name of nothing but titles."""
    words = words_of(name)
    while words and words[0] in TITLES:
        words = words[1:]
    return " ".join(words)[:120]


def runs(text: str, *, shortest: int = SHORTEST, longest: int = LONGEST) -> set[str]:
    """Every run of `shortest` to `longest` words in the text, joined by blanks: what is asked of the index."""
    words = words_of(text)
    return {
        " ".join(words[start : start + length])
        for length in range(shortest, longest + 1)
        for start in range(len(words) - length + 1)
    }


def first_name(key: str) -> str:
    """The first word of a name's key (its only one: "Mr Brown"); empty where that is no more than an initial."""
    first = key.split(" ", 1)[0]
    return first if len(first) > 1 else ""


def names_alone(text: str) -> set[str]:
    """Every word that could be a first name standing alone, in the form of `first_name`; everyday words ("will", "may",
    "mark") only where they are written with a capital."""
    written = plain_words(text)
    capital = {word.casefold() for word in written if word[0].isupper()}
    return {word.casefold() for word in written} - (EVERYDAY - capital)


def compact(text: str) -> str:
    """Letters and digits alone, lower case: so that no blank, comma or line break hides an address."""
    return "".join(words_of(text))


def address_traces(lines: Iterable[str]) -> list[str]:
    """What gives an address away when it stands in a text: its postcode, and its first line with a number in it.

    In the form of `compact`. A street without its number is not a trace: every letter of that town would have it.
    """
    kept = [line for line in lines if line.strip()]
    if not kept:
        return []
    traces = [compact(kept[-1])] if any(c.isdigit() for c in kept[-1]) else []
    traces += [compact(line) for line in kept[:-1] if any(c.isdigit() for c in line)]
    return [trace for trace in dict.fromkeys(traces) if len(trace) >= 5]
