"""Links that floors above put on a letter's page, each only for those who may follow it. Registered in ready()."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from letters.models import Letter
from postroom.people.authority import Authority
from postroom.people.models import User


@dataclass(frozen=True)
class PageLink:
    """Words and where they lead."""

    text: str
    href: str


# Asked with somebody who may read the letter; takes no query of its own.
Offer = Callable[[User, Authority, Letter], PageLink | None]
offers: list[Offer] = []


def links_for(user: User, authority: Authority, letter: Letter) -> list[PageLink]:
    """What this reader of the letter is offered."""
    return [link for offer in offers if (link := offer(user, authority, letter)) is not None]
