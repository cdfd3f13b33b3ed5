"""What the tests of My work, letter pages, checking and signing share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the clocks of a session
from letters.models import Letter
from postroom.ledger.models import Entry
from postroom.people.models import User
from tests.support import world

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(user: User) -> Client:
    """A browser with this person signed in."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def seen(letter: Letter) -> dict[str, Any]:
    """The hidden fields of a page opened now."""
    letter = world.fresh(letter)
    return {"seen_version": letter.version, "seen_hash": letter.content_hash}


def url(name: str, letter: Letter) -> str:
    """The address of a letter's page."""
    return reverse(f"letters:{name}", args=[letter.reference])


def last_entry(letter: Letter) -> Entry:
    """The newest ledger entry of a letter."""
    return Entry.objects.filter(subject=letter.ledger_subject).order_by("-seq")[0]


def words_of(response: Any) -> str:
    """A page's text, with entities as characters."""
    import html

    return html.unescape(response.content.decode())


@pytest.fixture
def desk(db: None) -> world.Desk:
    """Riverside, signing on paper."""
    return world.Desk(world.make_office("riv", "Riverside"))


@pytest.fixture
def screen_desk(db: None) -> world.Desk:
    """Fenland, signing on screen."""
    return world.Desk(world.make_office("fen", "Fenland", "screen"))


@pytest.fixture
def elsewhere(db: None) -> world.Desk:
    """Another office."""
    return world.Desk(world.make_office("hil", "Hillview"))
