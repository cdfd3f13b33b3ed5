"""Every address of the whole site is on a list that says by hand who may use it."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from tests.access.expected_letters import PAGES
from tests.access.expected_open import OPEN, OWN_ACCOUNT
from tests.access.expected_people_cases import EXPECTED

ARGUMENTS = {"account_reset_password_from_key": ["1", "none-such"], "demo_become": [1]}


def addresses(resolver: URLResolver, inside: str = "") -> Iterator[str]:
    """The name of every address, with its namespace; its pattern in brackets where it has no name."""
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from addresses(part, f"{inside}{part.namespace}:" if part.namespace else inside)
        else:
            assert isinstance(part, URLPattern)
            yield f"{inside}{part.name}" if part.name else f"[{part.pattern}]"


def of_other_floors() -> list[str]:
    """The `NAMES` ("app:name") of every other expected_*.py in this folder: a floor brings its own file."""
    modules = [
        name for _, name, _ in pkgutil.iter_modules([str(Path(__file__).parent)]) if name.startswith("expected_")
    ]
    return [name for module in modules for name in getattr(import_module(f"tests.access.{module}"), "NAMES", ())]


def test_every_address_of_the_site_is_on_a_list() -> None:
    listed = [*EXPECTED, *{f"letters:{page.name}" for page in PAGES}, *OPEN, *OWN_ACCOUNT, *of_other_floors()]
    assert len(listed) == len(set(listed)), "an address is on two lists"
    there = list(addresses(get_resolver()))
    assert len(there) == len(set(there)), "two addresses have one name"
    assert sorted(set(there) - set(listed)) == [], "say who may use these: tests/access/expected_*.py"
    assert sorted(set(listed) - set(there)) == [], "these are no more"


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
def test_an_account_asks_to_sign_in(name: str) -> None:
    for method in ("get", "post"):
        response = getattr(Client(), method)(reverse(name))
        assert response.status_code == 302, method
        if name == "account_logout":  # there is nobody to sign out
            assert response["Location"] in ("/", reverse("account_login"))
        elif name == "mfa_index":  # an old address of the account page, which asks
            assert response["Location"] == reverse("your_account")
        else:
            assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(OPEN))
def test_an_open_page_opens_or_leads_to_one(name: str) -> None:
    response = Client().get(reverse(name, args=ARGUMENTS.get(name, [])))
    if name == "demo_become":
        assert response.status_code == 405  # a POST, by the button on the demonstration's page
    elif name == "mfa_authenticate":  # in the midst of signing in only
        assert response["Location"] == reverse("account_login")
    else:
        assert response.status_code == 200
