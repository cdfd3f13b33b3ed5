"""What a letter needs before it can go on, because something that it bears changed on the case after it was typed:
to be typed anew, or first that its worker takes a name out of "Copy to" or sees to an address (OGP-3a, OGP-4b, CLS-6).

The guards of each step say whether it may go; this says what to do, and what is kept on the row for My work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q

from letters.content import lines_are_current
from letters.copies import copies_may_know, printed_as
from letters.models import Anew, Letter
from letters.policy import address_is_current, may_go_to
from letters.states import Action, State

BEFORE_IT_GOES = (State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED)

WHY: dict[str, str] = {
    Anew.TYPE: (
        "Since it was typed, its address, or a name or organisation on it, has changed on the case. So it can't be "
        "printed, checked, signed or sent. Typed again, it takes what the case has now; then it is checked and signed."
    ),
    Anew.TAKE_OUT: (
        "It names under Copy to somebody who isn't on the case any more, or who must not know of another person on it. "
        "Its worker takes the name out, under Change day, format or copies; then it is typed, and checked again."
    ),
    Anew.ADDRESS: (
        "Its addressee isn't on the case any more, or has no address there that it may go to: verified, not in doubt, "
        "and safe for post if it is posted. So it can't be printed, checked, signed or sent. Its worker verifies an "
        "address on the case, chooses another way, or withdraws it."
    ),
}


@dataclass(frozen=True)
class Changed:
    """Names as the letter has them, and as the case has them now."""

    was: str
    now: str


def needed(letter: Letter) -> str:
    """What the letter needs (`Anew`), asked of the case as it is now; "" for nothing, or where it has gone.

    Three queries where it may name copies, otherwise one for the address at most; none for a letter that has gone. One
    more where it can't go as it is: whether its addressee has an address for which it could be typed.
    """
    if letter.state not in BEFORE_IT_GOES:
        return ""
    # Whom it names changes in a draft alone, so what was typed knows whether there is anybody.
    names = letter.state == State.DRAFTED or letter.current is None or bool(letter.current.as_content.get("copies_to"))
    if names and (_names_the_gone(letter) or not copies_may_know(letter)):
        return Anew.TAKE_OUT
    if letter.state == State.DRAFTED or (address_is_current(letter) and lines_are_current(letter)):
        return ""
    return Anew.TYPE if any(may_go_to(letter, one) for one in letter.addressee.addresses.all()) else Anew.ADDRESS


def note_what_was_stale(using: str, plan: Iterable[tuple[Migration, bool]] = (), **kwargs: Any) -> None:
    """After the migration that brought `anew`: note it of the letters that haven't gone, as the case's steps do later.

    A signal of migrate; does nothing at any other, nor where newer migrations are still to come, for whose columns the
    models ask. As many queries as `needed` makes for each open letter.
    """
    came = any((one.app_label, one.name, back) == ("letters", "0026_anew", False) for one, back in plan)
    if not came or using != DEFAULT_DB_ALIAS or _more_to_come():
        return
    stale: dict[str, list[int]] = defaultdict(list)
    beside = ("case", "addressee", "address__person", "current")
    for letter in Letter.objects.filter(state__in=BEFORE_IT_GOES).select_related(*beside).iterator(500):
        stale[needed(letter)].append(letter.pk)
    for anew in filter(None, stale):
        for start in range(0, len(stale[anew]), 500):
            Letter.objects.filter(pk__in=stale[anew][start : start + 500]).update(anew=anew)


def _more_to_come() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _names_the_gone(letter: Letter) -> bool:
    return letter.copies_to.filter(~Q(is_active=True) | ~Q(case_id=letter.case_id)).exists()


def mends(letter: Letter, anew: str) -> tuple[Action, ...]:
    """The steps that put it right, the first to be taken now; none where nothing is needed."""
    if not anew:
        return ()
    match letter.state:
        case State.ENVELOPED:
            return (Action.BRING_BACK,) if letter.carried_by_id else (Action.REOPEN,)
        case State.DRAFTED:
            return (Action.CHANGE_BRIEF,)
        case _ if anew == Anew.TAKE_OUT:
            return (Action.RETURN_FOR_RETYPING,)
        case _ if anew == Anew.ADDRESS:
            return (Action.CHOOSE_WAY,)
        case State.TYPED:
            return (Action.TYPE,)
    return (Action.EDIT_AFTER_CHECK,)


def names_changed(letter: Letter, *, address_shown: bool = True) -> list[Changed]:
    """Which names the letter bears otherwise than the case has them now; of addresses nothing is told. One query,
    two where the address of its version wasn't read with it.

    `address_shown`: else an organisation isn't told either, for it can say where somebody lives (CLS-5).
    """
    if letter.current is None:
        return []
    content, person = letter.current.as_content, letter.addressee
    now = [line for line in (person.name, person.organisation) if line]
    # What stands above the address that it was made for, whose lines never change.
    borne = content["address_lines"][: -len(letter.current.address.line_list)]
    if not address_shown:
        now, borne = now[:1], borne[:1]
    found = [] if _plain(borne) == _plain(now) else [Changed(", ".join(borne), ", ".join(now))]
    copies = list(content.get("copies_to", ()))
    of_case = [printed_as(one) for one in letter.copies_to.order_by("name", "pk")] if copies else []
    was = [name for name in copies if " ".join(name.split()) not in _plain(of_case)]
    instead = [name for name in of_case if " ".join(name.split()) not in _plain(copies)]
    if was or instead:
        found.append(Changed(f"Copy to {'; '.join(was) or 'nobody'}", f"Copy to {'; '.join(instead) or 'nobody'}"))
    return found


def _plain(names: list[str]) -> list[str]:
    return [" ".join(name.split()) for name in names]
