"""Whose turn it is when a letter comes to a state, and the e-mail that says so (none with a word about the letter).

A typed letter is told to its worker by the step that types it (letters.actions.typing). What waits at an office's desk
is for whoever of its admin asked for each at once; for the others the morning's summary counts it (postroom.outbox).
"""

from __future__ import annotations

from django.utils import timezone

from letters.models import Letter, SignatureMedium
from letters.states import State
from letters.ways import Way
from postroom.cases.access import those_who_may_know
from postroom.outbox.mail import notify
from postroom.outbox.models import NoticeChoice, When
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role

# A notice that was held for the morning is told only while the letter is still there; others while it may be read.
HOLDS_IN: dict[str, frozenset[State]] = {
    "letter_typed": frozenset({State.TYPED}),
    "letter_to_carry": frozenset({State.ENVELOPED}),
    "letter_to_email": frozenset({State.SIGNED}),
    "letter_sent_back": frozenset({State.DRAFTED}),
}


def turn_of(letter: Letter) -> tuple[str, Role] | None:
    """The notice for a letter as it stands, and whose turn it is: its worker's or admin's. None: told elsewhere, or
    nobody's."""
    if letter.state == State.DRAFTED:
        return "letter_to_type", Role.ADMIN
    if letter.state == State.WORKER_CHECKED:
        post = getattr(letter.office, "post", None)
        on_screen = post is not None and post.signature_medium == SignatureMedium.SCREEN
        on_screen |= letter.way == Way.SECURE_EMAIL
        return None if on_screen else ("letter_to_print", Role.ADMIN)
    if letter.state == State.SIGNED:
        by_email = letter.way == Way.SECURE_EMAIL
        return ("letter_to_email", Role.WORKER) if by_email else ("letter_to_envelope", Role.ADMIN)
    if letter.state == State.ENVELOPED and letter.way == Way.BY_HAND:
        return "letter_to_carry", Role.WORKER
    return None


def tell_whose_turn(letter: Letter, by: User | None) -> None:
    """Owe the e-mails of a letter that has just come to its state, in the step's transaction; never to who did it."""
    turn = turn_of(letter)
    if turn is None:
        return
    notice, role = turn
    if role == Role.WORKER:
        worker = letter.case.allocated_worker_id
        wanted = {worker} if worker else set()
    else:
        at_desk = RoleGrant.objects.on(timezone.localdate()).filter(
            office_id=letter.office_id, role=Role.ADMIN, user__is_active=True
        )
        at_once = NoticeChoice.objects.filter(when=When.AT_ONCE, user_id__in=at_desk.values("user_id"))
        wanted = {pk for pk in at_once.values_list("user_id", flat=True) if pk != letter.signed_by_id}
    people = wanted - ({by.pk} if by else set())
    if people:
        told = those_who_may_know(letter.case, people)
        link = f"/letters/{letter.reference}/"
        notify(told, notice, letter.ledger_subject, link, occasion=letter.version)
