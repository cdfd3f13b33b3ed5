"""What is worth picking beside a draw: letters and copies of the frame with something unusual about their way.

A suggestion, by reference and reason alone: no name, no content. What is picked never counts in the estimate.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from audit.models import SpotCheck
from audit.spotchecks.frames import copies_of, letters_of, wanted_of
from distribution.models import Item as Copy
from distribution.states import Action
from letters.models import Letter, SignatureKind
from letters.ways import Way
from postroom.cases.access import not_hidden
from postroom.ledger.models import Entry
from postroom.people.models import User

# Steps of a copy that are not on its plain way, in the words of the suggestion.
UNUSUAL: dict[str, str] = {
    Action.RETURN_UNDELIVERED.value: "came back undelivered",
    Action.BOUNCE.value: "its e-mail came back",
    Action.FAIL.value: "its e-mail was refused",
    Action.DECIDE_SENT.value: "a person decided that its e-mail was sent",
    Action.DECIDE_NOT_SENT.value: "a person decided that its e-mail was not sent",
    Action.NOT_POSSIBLE.value: "could not be handed over",
    Action.HOLD.value: "was put on hold",
    Action.REPLACE_VERSION.value: "has a version of its own",
}
# Those of them that letters take too, by the same names (letters.states).
_OF_MAIL = [str(action) for action in (Action.BOUNCE, Action.FAIL, Action.DECIDE_SENT, Action.DECIDE_NOT_SENT)]


@dataclass(frozen=True)
class Risk:
    """One worth picking, and why."""

    reference: str
    why: str


def risky(check: SpotCheck, user: User, *, most: int = 10) -> list[Risk]:
    """At most `most` letters and as many copies of the frame that are not in the check yet, newest first; none of a
    case that is kept from this person. Four queries at most.
    """
    return _letters(check, user, most) + _copies(check, user, most)


def _letters(check: SpotCheck, user: User, most: int) -> list[Risk]:
    """Signed pp, sent back, opened again after enveloping, returned, or with a doubt about its e-mail."""
    of_mail = Entry.objects.filter(action__in=_OF_MAIL)
    counted = (
        letters_of(wanted_of(check))
        .filter(not_hidden(user, "case_id"))
        .exclude(spot_check_items__check_of=check)
        .annotate(
            sent_back=Count("proposals", distinct=True),
            reopened=Count("envelopes", filter=Q(envelopes__reopened_at__isnull=False), distinct=True),
            came_back=Count("returns", distinct=True),
        )
        .filter(
            Q(sent_back__gt=1)
            | Q(reopened__gt=0)
            | Q(came_back__gt=0)
            | Q(signature_kind=SignatureKind.PP)
            | Q(way=Way.SECURE_EMAIL) & Q(Exists(of_mail.filter(subject=_subject(Letter.ledger_kind))))
        )
    )
    columns = ("reference", "signature_kind", "way", "sent_back", "reopened", "came_back")
    rows = list(counted.order_by("-pk").values_list(*columns)[:most])
    mailed = [reference for reference, _, way, *_ in rows if way == Way.SECURE_EMAIL]
    doubts = _reasons(of_mail, Letter.ledger_kind, mailed) if mailed else {}
    found = []
    for reference, kind, _, sent_back, reopened, came_back in rows:
        why = {
            "came back": came_back,
            "its envelope was opened again": reopened,
            f"sent back {sent_back} times": sent_back > 1,
            "signed pp": kind == SignatureKind.PP,
            **dict.fromkeys(doubts.get(reference, ()), True),
        }
        found.append(Risk(reference, ", ".join(words for words, holds in why.items() if holds)))
    return found


def _copies(check: SpotCheck, user: User, most: int) -> list[Risk]:
    """Came back, refused, decided by a person, not handed over, held, with a version of its own, an odd number."""
    steps = Entry.objects.filter(_unusual())
    copies = copies_of(wanted_of(check)).filter(not_hidden(user, "case_id")).exclude(spot_check_items__check_of=check)
    references = list(
        copies.filter(Exists(steps.filter(subject=_subject(Copy.ledger_kind))))
        .order_by("-pk")
        .values_list("reference", flat=True)[:most]
    )
    why = _reasons(steps, Copy.ledger_kind, references)
    return [Risk(reference, ", ".join(why[reference])) for reference in references]


def _subject(kind: str) -> Concat:
    """The subject in the ledger of the row that a query is about."""
    return Concat(Value(f"{kind}/"), OuterRef("reference"))


def _reasons(steps: QuerySet[Entry], kind: str, references: list[str]) -> dict[str, list[str]]:
    """Reference → what these steps were, in words, each once in their order. One query."""
    why: dict[str, list[str]] = defaultdict(list)
    subjects = [f"{kind}/{reference}" for reference in references]
    for subject, action in steps.filter(subject__in=subjects).order_by("seq").values_list("subject", "action"):
        words = UNUSUAL.get(action, "the tracking number is odd")
        if words not in (reasons := why[subject.partition("/")[2]]):
            reasons.append(words)
    return why


def _unusual() -> Q:
    odd = Q(action=Action.POST.value, payload__contains='"odd_number":true')
    return Q(action__in=list(UNUSUAL)) | odd
