"""Does a greeting fit whom the letter goes to? "Dear Mr Brown" in a letter to Mrs Green is an old letter used again
(facts.md, "an old case's letter used as the template"). Pure; no models.

Said of the words alone: what is no name in any letter (parents, Sir or Madam, Headteacher) fits everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from postroom.cases.names import TITLES, words_of

_OPENINGS = frozenset({"dear", "hello", "hi", "hiya", "to", "good", "morning", "afternoon", "evening", "greetings"})
_NOBODY = frozenset(
    {"a", "all", "an", "and", "both", "each", "everybody", "everyone", "for", "in", "my", "of", "or", "our", "the"}
    | {"there", "whom", "who", "it", "may", "concern", "your", "you", "very", "dearest", "also", "with", "families"}
    | {"sir", "sirs", "madam", "madams", "mesdames", "ladies", "lady", "gentleman", "gentlemen", "esq", "messrs"}
    | {"parent", "parents", "carer", "carers", "foster", "adoptive", "adopters", "adopter", "guardian", "guardians"}
    | {"family", "mum", "mother", "mummy", "mam", "dad", "father", "daddy", "grandparent", "grandparents", "grandma"}
    | {"grandmother", "grandad", "granddad", "grandfather", "gran", "granny", "nan", "nana", "aunt", "auntie", "uncle"}
    | {"brother", "sister", "young", "person", "people", "child", "children", "householder", "occupier", "resident"}
    | {"customer", "neighbour", "friend", "friends", "colleague", "colleagues", "team", "member", "members", "partner"}
    | {"doctor", "gp", "nurse", "midwife", "health", "visitor", "consultant", "surgeon", "therapist", "dentist"}
    | {"practice", "surgery", "hospital", "clinic", "teacher", "head", "headteacher", "headmaster", "headmistress"}
    | {"principal", "school", "college", "nursery", "senco", "tutor", "designated", "safeguarding", "lead", "chair"}
    | {"chairman", "chairwoman", "chairperson", "officer", "manager", "director", "secretary", "clerk", "court"}
    | {"judge", "magistrate", "solicitor", "solicitors", "barrister", "advocate", "counsel", "police", "constable"}
    | {"sergeant", "inspector", "social", "worker", "support", "key", "housing", "landlord", "council", "councillor"}
    | {"professional", "professionals", "panel", "independent", "reviewing", "review", "service", "services"}
)
_MEN, _WOMEN = frozenset({"mr", "master"}), frozenset({"mrs", "ms", "miss"})
_TITLED = re.compile(r"^(?:mr|mrs|ms|miss|mx|dr)$")


def _plain(words: Iterable[str]) -> list[str]:
    """Without figures, which no name has."""
    return [plain for word in words if (plain := re.sub(r"[0-9]+", "", word))]


def fits(greeting: str, known_as: Iterable[str], *, others: Iterable[str] = (), foreign: bool = False) -> bool:
    """Could this be a greeting of somebody who is known by these names (name, salutation, organisation)?

    Every name in it must be one of theirs; a man's title doesn't fit somebody who is known by a woman's alone, nor the
    other way. A greeting in another language (`foreign`, or one that opens otherwise than English ones do) has words
    that nobody can tell from names: of it only those behind an English title count, and names of `others`.
    """
    words = _plain(words_of(greeting))
    own = _plain(word for name in known_as for word in words_of(name))
    if not words or not own:
        return True
    if not _titles_fit(words, own):
        return False
    if foreign or words[0] not in _OPENINGS:
        strange = [after for title, after in pairwise(words) if _TITLED.match(title)]
        known = {word for name in others for word in _plain(words_of(name))} - TITLES - _NOBODY
        strange += [word for word in words if word in known]
    else:
        strange = words[1:]
    ordinary = TITLES | _NOBODY | _OPENINGS
    return all(word in own or word in ordinary or len(word) == 1 for word in strange)


def _titles_fit(words: list[str], own: list[str]) -> bool:
    """A title of the greeting is of the kind that they are known by, where they are known by one kind alone."""
    greeted = (bool(_MEN & {*words}), bool(_WOMEN & {*words}))
    known = (bool(_MEN & {*own}), bool(_WOMEN & {*own}))
    return greeted in ((False, False), (True, True)) or known in ((False, False), (True, True)) or greeted == known
