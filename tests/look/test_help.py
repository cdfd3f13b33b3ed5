"""Help: a guide for every role, each menu item explained to those who see it, no dead link, no lost picture."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from postroom import nav
from postroom.help.guides import BY_SLUG, FOLDER, GUIDES, PICTURES, guides_for, html_of, source
from postroom.people.roles import Role
from tests.support import world


def test_every_role_has_a_guide_and_every_file_is_one():
    assert {role for guide in GUIDES for role in guide.roles} == set(Role) - {Role.SIGNED_IN}
    assert {path.stem for path in FOLDER.glob("*.md")} == set(BY_SLUG)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SIGNED_IN])
def test_the_menu_is_explained_to_those_who_see_it(role: Role):
    own, _ = guides_for(frozenset({role}))
    text = " ".join(source(guide) for guide in own)
    unexplained = [item.label for item in nav.items_for({role}) if f"**{item.label}**" not in text]
    assert unexplained == [], f"say what these are for in docs/guides/{own[-1].slug}.md"


def test_links_and_pictures_are_there():
    used = set()
    for guide in GUIDES:
        for alt, target in re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", source(guide)):
            assert (FOLDER / target).is_file(), f"{guide.slug}: {target}"
            used |= {target.removeprefix("pictures/")} if alt else set()
    assert {path.name for path in PICTURES.glob("*.png")} == used


@pytest.mark.django_db
def test_pages_for_anyone_signed_in():
    user, client = world.make_user("Nora Nobody"), Client()
    index = reverse("help:index")
    assert client.get(index).status_code == 302
    client.force_login(user)
    page = client.get(index).content.decode()
    for guide in GUIDES:
        address = reverse("help:guide", args=[guide.slug])
        assert address in page
        shown = client.get(address)
        assert html_of(guide.slug) in shown.content.decode()
    assert client.get(reverse("help:guide", args=["none-such"])).status_code == 404
    assert client.get(reverse("help:picture", args=["none-such.png"])).status_code == 404
    assert client.get("/help/pictures/..%2f..%2fREADME.md").status_code == 404
    for path in PICTURES.glob("*.png"):
        assert client.get(reverse("help:picture", args=[path.name]))["Content-Type"] == "image/png"
