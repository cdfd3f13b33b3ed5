"""A copy of a report or minutes that a breach is about: who may name it, who reads it then, who had a hand in it."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from breaches.kept_out import kept_out
from breaches.models import Breach
from breaches.policy import DECIDERS
from distribution.models import Item as Copy
from distribution.selectors import items_visible_to
from distribution.states import Action
from postroom.cases.access import not_hidden
from postroom.ledger.kept import not_let_go
from postroom.ledger.models import Entry
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import Role

# Upper floors show copies to people who don't read them otherwise (a spot check to who checks it); given who and their
# authority, the copies that they have before them. None: no such copies.
shown_above: list[Callable[[User, Authority], Q | None]] = []

# What people did to a copy that makes them part of what happened to it.
HANDS: dict[str, str] = {
    Action.ISSUE: "issued it for this recipient",
    Action.REPLACE_VERSION: "gave a version of their own",
    Action.CONFIRM_RIGHT: "confirmed the right to it",
    Action.APPROVE: "approved the way it goes",
    Action.RELEASE: "released it",
    Action.TAKE_OUT: "carried it",
    Action.HAND_OVER: "handed it over",
    Action.ENVELOPE: "checked the contents and initialled the envelope",
    Action.POST: "posted it",
    Action.SEND: "sent it",
    Action.DECIDE_SENT: "decided that it was sent",
    Action.DECIDE_NOT_SENT: "decided that it was not sent",
    Action.GIVE_PASSWORD: "gave the password",
    Action.TEXT_PASSWORD: "had the password sent by text",
    Action.UPLOAD: "put it on the case record",
}


def that_may_be_named(user: User, authority: Authority) -> QuerySet[Copy]:
    """The copies that this person can report a breach with: those they read, and those an upper floor shows them."""
    may_name = Q(pk__in=items_visible_to(user, authority=authority).order_by().values("pk"))
    for shown in shown_above:
        more = shown(user, authority)
        if more is not None:
            may_name |= more
    return Copy.objects.filter(may_name).filter(not_hidden(user, "case_id"))


def read_in_cases(user: User, authority: Authority) -> Q | None:
    """The copies that a breach case links, for whoever runs it or decides on it and is not involved (clauses.md).

    As with letters: governance in every case, the deciders where it is more than a near miss; until the case's own
    words have gone.
    """
    cases = Breach.objects.filter(not_let_go(Breach), copy__isnull=False).filter(~kept_out(user.pk)).order_by()
    if not authority.has(Role.INFORMATION_GOVERNANCE):
        if not authority.has(*DECIDERS):
            return None
        cases = cases.filter(Q(is_disclosure=True) | Q(is_loss=True) | Q(is_theft=True))
    return Q(pk__in=cases.values("copy"))


def still_needed() -> QuerySet[Copy]:
    """The copies that a breach case is about, as long as the case is kept: their content waits for it."""
    return Copy.objects.filter(pk__in=Breach.objects.filter(not_let_go(Breach), copy__isnull=False).values("copy"))


def hands_on_copy(copy: Copy) -> dict[int, str]:
    """Who held a step of this copy or issued its set, and which: they are involved until governance takes that back.

    From the ledger: a copy that came back has lost from its row who had sent it.
    """
    found: dict[int, list[str]] = {}
    steps = Entry.objects.filter(subject=copy.ledger_subject, action__in=HANDS, actor_id__isnull=False)
    for actor, action in steps.order_by("seq").values_list("actor_id", "action"):
        words = found.setdefault(actor or 0, [])
        if HANDS[action] not in words:
            words.append(HANDS[action])
    found.setdefault(copy.distribution.issued_by_id, []).insert(0, "issued the document")
    known = set(User.objects.filter(pk__in=found).values_list("pk", flat=True))
    # As long as the column takes it; the ledger has each step.
    return {pk: ", ".join(words)[:200] for pk, words in found.items() if pk in known}
