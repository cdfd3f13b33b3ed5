"""A confidential address that minutes go to is looked for at every address of the site, by GET and by POST, in pages,
PDFs with their metadata, error pages, e-mails and jobs: only those who must use it ever see it (CLS-5)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution.models import Item
from distribution.tests.world import Conference, out_of_area
from postroom.cases.models import Address
from postroom.ledger.models import Entry, Reading, Reason
from postroom.outbox.models import Job
from postroom.people.models import User
from postroom.people.roles import Role
from tests.access.hunting import every_path, tells, words_on
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-5")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SECRETS = ["77 Hidden Lane", "Secretwick", "NM9 7HH"]
# Where an item stands → is it with admin now, who then must use the address?
PLACES = {"prepared, approval asked": False, "released by post, in envelope": True, "delivered by post": False}
WIDE = (
    Role.DISTRICT_ADMIN_MANAGER,
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.SYSTEM_ADMINISTRATOR,
)
# What makes most forms speak: half filled in, or of a page that is old.
JUNK = {"words": "hidden", "number": "hidden", "reference": "hidden", "seen_version": 1, "seen_hash": "x", "lines": "x"}


@pytest.fixture
def conference() -> Conference:
    """The father lives out of area, at an address that nobody is to know."""
    made = Conference(world.Desk(world.make_office("riv", "Riverside")))
    Address.objects.filter(person=made.away).update(retired_at=timezone.now())
    hidden = out_of_area(made.away, made.desk.worker, lines="\n".join(["77 Hidden Lane", "SECRETWICK", "NM9 7HH"]))
    hidden.is_confidential, hidden.confidential_kind, hidden.confidential_why = True, "refuge", "Threats."
    hidden.save()
    made.away_address = hidden
    return made


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    return client


def may_not_see(conference: Conference, at: str) -> dict[str, User]:
    """Everybody but the worker, the office's managers and, while it is with them, its admin: distribution.sight."""
    desk, far = conference.desk, world.Desk(world.make_office("far", "Off"))
    people = {"colleague": desk.other_worker, "duty": desk.duty, "ap": desk.ap, "safeguarding": conference.safeguarding}
    people |= {"far.worker": far.worker, "far.admin": far.admin, "far.tm": far.manager}
    people |= {str(role): world.make_user(f"Whole {role}", None, role) for role in WIDE}
    return people if PLACES[at] else people | {"admin": desk.admin, "other_admin": desk.other_admin}


def given_of(conference: Conference, item: Item) -> dict[str, list[Any]]:
    """What addresses take, as it is in this world."""
    case = conference.desk.case.reference
    return {
        "reference": [item.reference, item.distribution.reference, case],
        "case_reference": [case],
        "address_id": [conference.away_address.pk],
        "person_id": [conference.away.pk],
        "code": [conference.desk.office.code],
    }


def told_to(user: User, given: dict[str, list[Any]], near: tuple[str, ...]) -> list[str]:
    """Each address that told a secret, or failed, for this person; `near`: how the names of those tried begin."""
    client, wrong = signed_in(user), []
    for name, path in every_path(given):
        if not name.startswith(near):
            continue
        for response in (client.get(path), client.post(path, JUNK)):
            if response.status_code >= 500 and response.status_code != 503:
                wrong.append(f"{name}: {response.status_code}")
            if found := tells(words_on(response), SECRETS):
                wrong.append(f"{name} ({path}) tells {found}")
    return wrong


LONG = [pytest.mark.soak, pytest.mark.timeout(7200)]
ITEMS, AROUND, EVERYWHERE = ("distribution:",), ("distribution:", "case"), ("",)


@pytest.mark.parametrize(
    ("at", "near", "whom"),
    [
        # Admin had it in hand, and may not see it any more.
        ("delivered by post", ITEMS, {"admin"}),
        pytest.param("delivered by post", EVERYWHERE, None, marks=LONG),
        pytest.param("prepared, approval asked", AROUND, None, marks=LONG),
        pytest.param("released by post, in envelope", AROUND, None, marks=LONG),
    ],
)
def test_nobody_who_may_not_see_it_is_told(
    conference: Conference, at: str, near: tuple[str, ...], whom: set[str] | None
) -> None:
    """`make test` takes one person and the pages of items; a soak everybody, and once every address of the site."""
    item = conference.in_state(at)
    given = given_of(conference, item)
    if near == ITEMS:
        given["reference"] = given["reference"][:2]
    people = {who: user for who, user in may_not_see(conference, at).items() if whom is None or who in whom}
    wrong = {who: told_to(user, given, near) for who, user in people.items()}
    assert people
    assert {who: told for who, told in wrong.items() if told} == {}


@pytest.mark.parametrize("at", PLACES)
def test_those_who_must_use_it_see_it_and_each_look_is_on_record(conference: Conference, at: str) -> None:
    """So that the hunt above can fail."""
    item, desk = conference.in_state(at), conference.desk
    page = reverse("distribution:item", args=[item.reference])
    for user in (desk.worker, desk.manager, desk.deputy, *([desk.admin] if PLACES[at] else [])):
        looks = Reading.objects.filter(subject=f"address/{conference.away_address.pk}", reader_id=user.pk)
        before = looks.count()
        assert tells(words_on(signed_in(user).get(page)), SECRETS) == SECRETS
        assert looks.count() == before + 1
    cover = reverse("distribution:cover_pdf", args=[item.reference])
    assert tells(words_on(signed_in(desk.manager).get(cover)), SECRETS) == SECRETS
    hidden_from = signed_in(conference.safeguarding)
    assert "Confidential address (refuge)" in words_on(hidden_from.get(page))
    assert hidden_from.get(cover).status_code == 404


def test_it_is_in_no_ledger_job_reason_or_e_mail(conference: Conference) -> None:
    item = conference.in_state("delivered by post")
    kept = [json.dumps([row.payload, row.actor_name, row.subject]) for row in Entry.objects.all()]
    kept += [row.text for row in Reason.objects.all()]
    kept += [json.dumps([job.kind, job.key, job.subject, job.payload]) for job in Job.objects.all()]
    kept += [f"{message.subject} {message.body}" for message in mail.outbox]
    assert item.reference in "".join(kept)
    assert tells("\n".join(kept), SECRETS) == []
