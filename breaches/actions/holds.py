"""The hold on the letter to the service user: a row of letters' own, so that letters never ask breaches (CLS-14)."""

from __future__ import annotations

from django.utils import timezone

from breaches.duties import Duty
from breaches.models import Breach, ServiceUser
from breaches.states import TOLD
from letters.models import Hold, Letter
from letters.states import State

WORDS = (
    "This letter waits until the service user has been told face to face, or a manager has agreed that no meeting is "
    "possible. Information governance records that on the breach."
)


def hold(breach: Breach, letter: Letter, person: ServiceUser | None = None) -> None:
    """Hold the letter unless the meeting is settled already: with `person`, where it tells one of those named.

    A hold that was released for all together stands again where the letter turns out to tell somebody who waits; a
    letter that has gone, or never will, is past holding.
    """
    if letter.state in (*TOLD, State.RETURNED, State.WITHDRAWN):
        return
    if person is not None:
        if person.settled:
            return
    elif breach.duties.filter(duty=Duty.SERVICE_USER_MEETING).exclude(status="open").exists():
        return
    Hold.objects.update_or_create(
        letter=letter,
        set_by=breach.ledger_subject,
        defaults={"released_at": None},
        create_defaults={"words": WORDS},
    )


def release_holds(breach: Breach) -> None:
    """The meeting is on record, or set aside: the letter may be signed."""
    Hold.objects.filter(set_by=breach.ledger_subject, released_at__isnull=True).update(released_at=timezone.now())


def release_holds_of(person: ServiceUser) -> None:
    """This person has been told, or can't be: their letters may be signed."""
    theirs = Hold.objects.filter(set_by=person.breach.ledger_subject, letter__tells_of__person=person)
    theirs.filter(released_at__isnull=True).update(released_at=timezone.now())
