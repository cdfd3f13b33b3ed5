"""Which way a letter goes, and the steps of those that aren't posted: into the person's own hands (CLS-6)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from letters import hooks
from letters.abroad import why_no_service
from letters.actions.common import step, tell, unsend
from letters.actions.ics import owe_upload
from letters.anew import needed
from letters.formats import MADE
from letters.models import Envelope, Handing, Hold, Letter, Notice, OfficePost, SignatureMedium
from letters.policy import NOT_DELIVERED, email_refused, route_now
from letters.states import Action
from letters.ways import BY_ROYAL_MAIL, IN_PERSON, WAY_NAMES, Keeping, Way
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def choose_way(*, letter: Letter, by: User, seen: Seen, way: str, sensitive: bool, reason: str) -> Letter:
    """Another way for the letter, or its mark "sensitive" put on or taken off. Not once it is in its envelope.

    Raises InvalidStep (field "way") for a way that the policy closes, with what it says and which is open.
    """

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        if (locked.way, locked.sensitive) == (way, sensitive):
            raise InvalidStep("That is the way it goes already.", "way")
        locked.sensitive = sensitive
        locked.way = checked_way(locked, way)
        unsend(locked)
        locked.anew = needed(locked)
        return {"way": way, "sensitive": sensitive}

    return step(letter, Action.CHOOSE_WAY, by=by, seen=seen, reason=reason, change=change)


def checked_way(letter: Letter, way: str) -> str:
    """`way`, if this letter may go it. Raises InvalidStep (field "way") with the policy's sentence."""
    if way not in list(Way):
        raise InvalidStep("Choose how the letter is to go.", "way")
    route = route_now(letter, Way(way))
    if not route.is_open():
        raise InvalidStep(route.sentence, "way")
    if way == Way.SECURE_EMAIL:
        _judge_email(letter)
    if way in BY_ROYAL_MAIL and (why_not := letter.address.why_not_by_post):
        raise InvalidStep(f"This can't go by post. {why_not}", "way")
    if why_not := why_no_service(letter.office_id, letter.address, way):
        raise InvalidStep(why_not, "way")
    if way not in IN_PERSON and letter.pk and Handing.objects.filter(letter=letter, delivered=False).exists():
        raise InvalidStep(
            "A delivery by hand of this letter could not be made. It may be carried again or collected, but it is "
            "never posted instead: withdraw it if a new letter should go by post.",
            "way",
        )
    return way


def _judge_email(letter: Letter) -> None:
    """By e-mail goes what is whole on the screen, to an address that the office may write to. Raises InvalidStep."""
    if why_not := email_refused(letter, letter.addressee.email):
        raise InvalidStep(why_not, "way")
    if letter.letter_format in MADE:
        raise InvalidStep(
            "This letter is made in another format, which no e-mail can carry. Choose another way.", "way"
        )
    if letter.signature_medium == SignatureMedium.PAPER:
        raise InvalidStep(
            "This letter is signed on paper, and by e-mail goes only what was signed on screen. Return it for retyping "
            "first; then choose the way.",
            "way",
        )


def way_words(letter: Letter) -> str:
    """How the letter goes, in words."""
    words = WAY_NAMES[Way(letter.way)]
    return f"{words} (sensitive)" if letter.sensitive else words


def take_out(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """A social worker takes it with them, in a lockable bag, to deliver it: it is among the papers out from now on.

    The page's words say that the bag is lockable (CLS-4); meeting the family is an agreed task (CLS-2).
    """

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        locked.carried_by, locked.taken_out_at = by, taken.at
        return {"lockable_bag": True}

    return step(letter, Action.TAKE_OUT, by=by, seen=seen, change=change, after=hooks.left)


def bring_back(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """It is back in the office, in its envelope."""

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        carrier, locked.carried_by, locked.taken_out_at = locked.carried_by_id, None, None
        return {"carrier": carrier}

    def after(locked: Letter, taken: Taken) -> None:
        hooks.back(locked, taken, hooks.Ended.BROUGHT_BACK)

    return step(letter, Action.BRING_BACK, by=by, seen=seen, change=change, after=after)


def hand_deliver(
    *,
    letter: Letter,
    by: User,
    seen: Seen,
    at: dt.datetime,
    place: str,
    identity: str,
    own_hands: bool,
) -> Letter:
    """Who had it with them put it into the addressee's own hands. `at`: aware, when that was; not a letterbox.

    Raises InvalidStep naming the entry that stands against it.
    """
    return _into_hands(letter, by, seen, Action.HAND_DELIVER, at, place, identity, own_hands)


def give_at_reception(
    *,
    letter: Letter,
    by: User,
    seen: Seen,
    at: dt.datetime,
    place: str,
    identity: str,
    own_hands: bool,
) -> Letter:
    """The person fetched it at reception, and admin checked who they are. As `hand_deliver`."""
    return _into_hands(letter, by, seen, Action.GIVE_AT_RECEPTION, at, place, identity, own_hands)


def _into_hands(
    letter: Letter,
    by: User,
    seen: Seen,
    action: Action,
    at: dt.datetime,
    place: str,
    identity: str,
    own_hands: bool,
) -> Letter:
    place = " ".join(place.split())
    if not place:
        raise InvalidStep("Enter where it was handed over.", "place")
    if identity not in Handing.Identity.values:
        raise InvalidStep("Say how you know that it is this person.", "identity")
    if not own_hands:
        raise InvalidStep(
            "It has to go into the person's own hands, not through a letterbox or to somebody else. "
            "If that isn't possible, record that it could not be delivered.",
            "own_hands",
        )

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        _between_envelope_and_now(locked, at, taken)
        locked.handed_on, locked.handed_by = timezone.localdate(at), by
        locked.carried_by = locked.taken_out_at = None
        # To its addressee and to nobody else: there is no name to enter. Before the letter's own row: the database asks
        # for it when the state moves.
        to_name = locked.addressee.name
        _handing(locked, at, taken, delivered=True, to_name=to_name, place=place, identity=identity)
        return {"handed_on": timezone.localdate(at).isoformat(), "identity": identity}

    def after(locked: Letter, taken: Taken) -> None:
        owe_upload(locked, taken)
        if action == Action.HAND_DELIVER:
            hooks.back(locked, taken, hooks.Ended.HANDED_OVER)

    return step(letter, action, by=by, seen=seen, change=change, after=after)


def not_delivered(*, letter: Letter, by: User, seen: Seen, at: dt.datetime, reason: str) -> Letter:
    """It could not be put into the person's own hands: the letter is on hold, and is never posted instead.

    `at`: aware, when it was tried. It is still out until it is brought back (`bring_back`), or a manager lets it be
    carried again (`carry_again`), perhaps on the same trip.
    """

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        _between_envelope_and_now(locked, at, taken)
        return {"tried_on": timezone.localdate(at).isoformat()}

    def after(locked: Letter, taken: Taken) -> None:
        _handing(locked, at, taken, delivered=False)
        Hold.objects.create(
            letter=locked,
            set_by=f"{NOT_DELIVERED}{locked.version}",
            words="It could not be delivered by hand. A team manager or deputy decides whether it is carried again.",
            at=taken.at,
        )
        tell(locked, [(locked.case.allocated_worker_id, Notice.Code.NOT_DELIVERED)], but=by)

    return step(letter, Action.NOT_DELIVERED, by=by, seen=seen, reason=reason, change=change, after=after)


def carry_again(*, letter: Letter, by: User, seen: Seen, reason: str) -> Letter:
    """A manager lets it be carried again; the reason says what is different this time."""

    def after(locked: Letter, taken: Taken) -> None:
        held = Hold.objects.filter(letter=locked, set_by__startswith=NOT_DELIVERED, released_at__isnull=True)
        held.update(released_at=taken.at)

    return step(letter, Action.CARRY_AGAIN, by=by, seen=seen, reason=reason, after=after)


def _handing(letter: Letter, at: dt.datetime, taken: Taken, *, delivered: bool, **how: str) -> None:
    envelope = Envelope.objects.filter(letter=letter, reopened_at__isnull=True).latest("pk")
    assert taken.by is not None  # noqa: S101 - a person's step
    Handing.objects.create(
        letter=letter, envelope=envelope, delivered=delivered, at=at, by=taken.by, entered_at=taken.at, **how
    )


def _between_envelope_and_now(letter: Letter, at: dt.datetime, taken: Taken) -> None:
    if at > taken.at:
        raise InvalidStep("That can't be in the future.", "on")
    if letter.enveloped_on and timezone.localdate(at) < letter.enveloped_on:
        raise InvalidStep("It can't have been before the letter was put in its envelope.", "on")


def is_kept_by_office(letter: Letter) -> bool:
    """Does the office's own rule hold this letter to registered post or by hand?"""
    keeping = OfficePost.objects.filter(office_id=letter.office_id).values_list("keeping", flat=True).first()
    return keeping == Keeping.ALL or (keeping == Keeping.FAMILY and letter.addressee.is_family)
