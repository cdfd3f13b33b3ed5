"""What Postroom itself does when the ground moves under a letter: its check and signature no longer stand."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from letters.actions.common import step, tell, unsend, void
from letters.anew import BEFORE_IT_GOES, needed
from letters.models import Letter, TextCheck
from letters.states import Action, State
from postroom.cases.models import Address, Case, CasePerson
from postroom.steps.engine import Taken


def void_check(*, letter: Letter, reason: str) -> Letter:
    """Void the check, and the signature if any; the letter is typed again, and those concerned are told."""
    told: list[tuple[int, str]] = []

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        told.extend(void(locked, taken))
        return {}

    return step(
        letter,
        Action.VOID_CHECK,
        by=None,
        seen=None,
        reason=reason,
        change=change,
        after=lambda locked, taken: tell(locked, told),
    )


def address_changed(*, address: Address) -> None:
    """An address was retired or came into doubt: what was checked or signed for it is void (called by `cases`).

    A letter in its envelope is not opened by itself: posting refuses it, and its page says to reopen it.
    """
    prepared = Letter.objects.filter(address=address, state__in=[State.WORKER_CHECKED, State.SIGNED])
    for letter in prepared.order_by("pk"):
        void_check(letter=letter, reason="The address on the case changed, or is in doubt.")
    _look_again(Q(address=address))


def recipient_changed(*, person: CasePerson) -> None:
    """Somebody's name, organisation or standing on the case changed (called by `cases`): what was checked or signed and
    can't go so any more is void, whoever of a letter they are, its addressee or one it names as having a copy."""
    _look_again(Q(addressee=person))
    _look_again(Q(copies_to=person))


def _look_again(whose: Q) -> None:
    """Ask of each of these letters that hasn't gone what it needs now, void what no longer stands, and note it for My
    work. The case is locked, so no step of theirs comes between."""
    beside = ("case", "addressee", "address__person", "current")
    open_letters = Letter.objects.filter(whose, state__in=BEFORE_IT_GOES).select_related(*beside)
    for letter in open_letters.order_by("pk"):
        anew = needed(letter)
        if anew and letter.state in (State.WORKER_CHECKED, State.SIGNED):
            void_check(letter=letter, reason="A name, organisation or address on it changed on the case.")
        if letter.anew != anew:
            Letter.objects.filter(pk=letter.pk).update(anew=anew)


def worker_changed(*, case: Case) -> None:
    """The case went to another worker: a check that isn't signed yet is void, and what addresses could rest on."""
    TextCheck.objects.filter(shared__case=case, voided_at__isnull=True).update(voided_at=timezone.now())
    for letter in Letter.objects.filter(case=case, state=State.WORKER_CHECKED).order_by("pk"):
        void_check(letter=letter, reason="The case was allocated to another worker.")


def office_changed(*, case: Case) -> None:
    """The case went to another office: its letters that aren't posted yet go with it."""
    open_states = [State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED]

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        before, locked.office_id = locked.office_id, case.office_id
        unsend(locked)
        return {"from_office": before, "to_office": case.office_id}

    for letter in Letter.objects.filter(case=case, state__in=open_states).exclude(office_id=case.office_id):
        step(
            letter,
            Action.MOVE_OFFICE,
            by=None,
            seen=None,
            reason="The case moved to another office.",
            change=change,
        )
