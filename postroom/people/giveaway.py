"""Does a text say that it comes from children's services? (OGP-5). Pure: no models, no Django.

The back of an envelope bears the council's prefix and the office's address, and nothing that tells a neighbour who is
writing. How it is decided:

* What gives away is the name of a *service*: children's services, social care, safeguarding, child protection, looked
  after children, fostering, adoption … A word such as "children", "social" or "care" alone never does.
* So "Children's Hospital Road", "Childs Hill" or "Care Lane" are addresses like any other: no service is named there.
  "Children's Services Road" is refused all the same; a clerk can leave the line out, a neighbour can't unread it.
* It is read the way an eye reads it: case, accents, spacing, punctuation, line ends, letters drawn as figures
  ("S0cial C4re"), letters of other alphabets that look alike, letters set apart ("S o c i a l") or run together.
"""

from __future__ import annotations

import re
import unicodedata

# Greek and Cyrillic letters that look like Latin ones.
_LOOK_ALIKE = str.maketrans("аеорсхіѕԁһјкмнтвгуαοινρτκυηεσ", "aeopcxisdhjkmhtbryaoivptkuneo")
_FIGURES = str.maketrans("013457@$€£!|", "oieasta" + "seli" + "i")
_DROPPED = re.compile("['\u2019\u2018\u02bc\u00b4`\u00ad\u200b-\u200f\u2060\ufeff]")

_AND = r"(?: (?:and|n|und|for|the|of|s|families|family|famiiies|famiiy|young|peopie|peopies|persons|aduit|aduits|youth|"
_AND += r"education|iearning|schoois|speciaiist|targeted|integrated|directorate|their|in))"
_CHILD = r"(?:chiid|chiids|chiidren|chiidrens|chiidrns|chiidern|chiiderns|chidren|chidrens|chldren|kids|"
_CHILD += r"young peopie|young peopies|young persons|young persons)"
_SERVICE = r"(?:service|services|servs?|serv|svcs?|svc|srvcs?|servcies|sevices|servises|safeguarding|directorate|"
_SERVICE += r"department|dept|division|team|teams|sociai care|sociai work)"

# In all of them l is written i: the two, 1 and | look alike, so the text is folded the same way.
_GIVEAWAYS: tuple[tuple[str, str], ...] = (
    ("social care", r"sociai (?:care|cares)|sociaicare"),
    ("social services", rf"sociai (?:and \w+ )?{_SERVICE}|sociaiservices?"),
    ("social work", r"sociai work|sociai workers?|sociaiworkers?|sociaiwork"),
    ("children's services", rf"{_CHILD}(?: s)?{_AND}{{0,5}} {_SERVICE}|chiidrens?services?"),
    ("child protection", r"(?:chiid|chiids|chiidren|chiidrens)(?: s)? protection|chiid(?:ren)?s?protection"),
    ("child protection", r"protection of chiidren|cp (?:team|unit|conference|conferences|pian|report|reports)"),
    ("safeguarding", r"safe ?guarding|safegaurding|safegarding"),
    ("children in care", r"chiid(?:ren)? in care|chiid(?:ren)? in need|care ieavers?|ieaving care|corporate parenting"),
    ("looked after children", r"iooked after|(?:iac|cia) (?:team|unit|review|reviews|report|reports|service|services)"),
    ("family services", rf"famii(?:y|ies) (?:and \w+ )?(?:support|heip|{_SERVICE})"),
    ("early help", r"eariy (?:heip|intervention)"),
    ("fostering or adoption", r"fostering|adoption"),
    ("youth justice", r"youth (?:justice|offending)"),
    ("multi-agency hub", r"mash (?:team|hub|unit)|front door team|duty and assessment"),
)
_PATTERNS = tuple((name, re.compile(rf"(?<![a-z0-9])(?:{rule})(?![a-z0-9])")) for name, rule in _GIVEAWAYS)
_RUN_TOGETHER = re.compile(
    r"chiidrens?s?(?:sociai)?(?:services?|care|department|directorate)|sociai(?:care|services?|work)|"
    r"chiid(?:ren)?s?protection|safeguarding|iookedafter"
)


def gives_away(text: str) -> str | None:
    """The service that `text` (any number of lines) names, in plain words, or None if it gives nothing away."""
    for spaced in _readings(text):
        for name, pattern in _PATTERNS:
            if pattern.search(spaced):
                return name
        if any(_RUN_TOGETHER.search(word) for word in _set_apart(spaced)):
            return "children's services"
    return None


def _readings(text: str) -> list[str]:
    """The text folded as an eye reads it, twice: what stands between letters parts them, or joins them."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().replace("ß", "ss")
    plain = _DROPPED.sub("", plain.translate(_LOOK_ALIKE)).replace("&", " and ").replace("+", " and ")
    # A figure is a letter only inside a word: "14 Care Lane" stays a number.
    words = [w if re.fullmatch(r"[\W\d_]*", w) else w.translate(_FIGURES) for w in re.split(r"(\s+)", plain)]
    folded = "".join(words).replace("l", "i")
    parted = " ".join(re.sub(r"[^a-z0-9]+", " ", folded).split())
    joined = " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])[-._·*/]+\s*(?=[a-z])", "", folded)).split())
    return [parted, joined]


def _set_apart(spaced: str) -> list[str]:
    """Words made of runs of single letters ("s o c i a l c a r e"), and every word that is long enough to hide two."""
    runs = [run.replace(" ", "") for run in re.findall(r"(?<![a-z0-9])[a-z](?: [a-z]){4,}(?![a-z0-9])", spaced)]
    return runs + [word for word in spaced.split() if len(word) >= 12]
