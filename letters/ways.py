"""The ways a letter can go, and the one question asked of the routes for it. Pure: no models, no Django.

A letter goes by post or registered post, is carried by hand by the worker, or is collected at reception; by secure
e-mail where its office has turned that on (docs/decisions/0174). Reports and minutes have ways of their own (the floor
above).
"""

from __future__ import annotations

from enum import StrEnum

from letters.routes import Channel, Document, Recipient, Route, route


class Way(StrEnum):
    """How a letter is to go."""

    POST = "post"
    REGISTERED_POST = "registered_post"
    BY_HAND = "by_hand"
    COLLECTED = "collected"
    SECURE_EMAIL = "secure_email"


class Keeping(StrEnum):
    """Which of its letters an office holds to registered post or by hand, beside those that a worker marks."""

    MARKED = "marked"
    FAMILY = "family"
    ALL = "all"


WAY_NAMES: dict[Way, str] = {
    Way.POST: "Post, in a window envelope",
    Way.REGISTERED_POST: "Registered post",
    Way.BY_HAND: "By hand, by the worker",
    Way.COLLECTED: "Collected at reception",
    Way.SECURE_EMAIL: "Secure e-mail",
}
WAY_HINTS: dict[Way, str] = {
    Way.REGISTERED_POST: "Royal Mail Special Delivery Guaranteed, with a tracking number. Signed For does not count.",
    Way.BY_HAND: "A social worker puts it into the person's own hands and records it.",
    Way.COLLECTED: "The person fetches it; reception checks who they are.",
    Way.SECURE_EMAIL: "Signed on screen, then sent as an encrypted file. You read the password out by phone.",
}
KEEPING_NAMES: dict[Keeping, str] = {
    Keeping.MARKED: "Only letters that the worker marks as sensitive",
    Keeping.FAMILY: "Every letter to family, and those marked",
    Keeping.ALL: "Every letter",
}
BY_ROYAL_MAIL = (Way.POST, Way.REGISTERED_POST)
IN_PERSON = (Way.BY_HAND, Way.COLLECTED)
# What CLS-6 leaves to a sensitive letter: special delivery, or the worker's own hand.
SAFE = (Way.REGISTERED_POST, Way.BY_HAND)

_CHANNEL: dict[Way, Channel] = {
    Way.POST: Channel.POST,
    Way.REGISTERED_POST: Channel.REGISTERED_POST,
    Way.BY_HAND: Channel.BY_HAND,
    Way.COLLECTED: Channel.BY_HAND,
    Way.SECURE_EMAIL: Channel.SECURE_EMAIL,
}


def route_of_letter(way: Way, recipient: Recipient, *, sensitive: bool, by_email: bool = False) -> Route:
    """May a letter go this way to this recipient? `sensitive`: marked by its worker, or held so by its office's rule;
    `by_email`: its office has turned secure e-mail of letters on.

    A sensitive letter is not left at reception: CLS-6 was read as "by the worker's own hand".
    """
    if way is Way.COLLECTED and sensitive:
        return route(Document.LETTER, recipient, Channel.POST, sensitive=True)
    return route(Document.LETTER, recipient, _CHANNEL[way], sensitive=sensitive, letters_by_email=by_email)


def is_kept(keeping: str, *, family: bool, marked: bool) -> bool:
    """Is a letter held to the safe ways: marked, or by the office's rule?"""
    return marked or keeping == Keeping.ALL or (keeping == Keeping.FAMILY and family)
