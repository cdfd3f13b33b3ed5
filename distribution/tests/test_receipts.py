"""The scan of a receipt on paper, added by the step that it belongs to: counter, door, delivery (OGP-7, OGP-8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution.models import Item, Receipt
from distribution.stored import files_in_use
from distribution.tests.world import TRACKING, Conference, drawn, fresh, pdf
from postroom.cases.models import Address
from postroom.ledger.models import Entry, Reading
from postroom.people.models import User
from tests.support import world

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def page(item: Item) -> str:
    return reverse("distribution:item", args=[item.reference])


def sent(item: Item, name: str, user: User, file: bytes, of: str = "image/png") -> Any:
    """The step's page, whole, with this file."""
    now = timezone.localtime()
    day = {"day": now.day, "month": now.month, "year": now.year}
    entries: dict[str, Any] = {"known_by": "personally", "where": "home", "own_hands": "on", "clock": f"{now:%H:%M}"}
    entries |= {
        "tracking_number": TRACKING,
        "special_delivery": "on",
        "printed_name": "F WAY",
        "delivered_time": "00:00",
    }
    for field in ("on", "posted_on", "delivered_on"):
        entries |= {f"{field}_{part}": value for part, value in day.items()}
    entries |= {"seen_version": item.version, "seen_hash": item.content_hash}
    entries["receipt"] = SimpleUploadedFile("a name of somebody.png", file, of)
    return signed_in(user).post(reverse(f"distribution:{name}", args=[item.reference]), entries)


STEPS = [
    pytest.param(
        "released by hand, out", "hand_over", "worker", "handover", marks=pytest.mark.policy("OGP-7", "OGP-9")
    ),
    pytest.param("released by post, in envelope", "post", "admin", "posting", marks=pytest.mark.policy("OGP-8")),
    pytest.param("sent by post", "delivery", "admin", "delivery", marks=pytest.mark.policy("OGP-8")),
]


@pytest.mark.parametrize(("at", "name", "who", "of"), STEPS)
def test_a_scan_is_kept_with_its_step_and_read_by_those_who_read_the_copy(
    conference: Conference, at: str, name: str, who: str, of: str
) -> None:
    item, user = fresh(conference.in_state(at)), getattr(conference.desk, who)
    refused = sent(item, name, user, b"MZ no picture at all")
    assert refused.status_code == 422
    assert fresh(item).state == item.state
    scan, kind = (pdf("Receipt."), "application/pdf") if of == "delivery" else (drawn(), "image/png")
    assert sent(item, name, user, scan, kind).status_code == 302
    kept = Receipt.objects.get(item=item)
    assert (kept.of, kept.by, kept.scan.media_type, kept.scan.from_outside) == (of, user, kind, True)
    entry = Entry.objects.filter(subject=item.ledger_subject).latest("pk")
    assert (json.loads(entry.payload)["receipt"], entry.at) == (kept.scan_id, kept.at)
    assert files_in_use([kept.scan_id]) == {kept.scan_id}
    address = reverse("distribution:receipt", args=[item.reference, kept.pk])
    assert address in signed_in(conference.desk.manager).get(page(item)).content.decode()
    answer = signed_in(conference.desk.manager).get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert "somebody" not in answer["Content-Disposition"]
    assert Reading.objects.filter(subject=item.ledger_subject, what="receipt").count() == 1
    for change in (lambda: Receipt.objects.update(by=conference.desk.duty), lambda: Receipt.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.policy("CLS-5")
def test_where_the_address_is_confidential_the_scan_is_too(conference: Conference) -> None:
    """A posting receipt says where it went, and who signs at the door may write it down."""
    item, desk = fresh(conference.in_state("released by post, in envelope")), conference.desk
    hidden = conference.away_address
    Address.objects.filter(pk=hidden.pk).update(is_confidential=True, confidential_kind="refuge")
    assert sent(item, "post", desk.admin, drawn()).status_code == 302
    address = reverse("distribution:receipt", args=[item.reference, Receipt.objects.get().pk])
    looks = Reading.objects.filter(subject=f"address/{hidden.pk}", what="receipt")
    for user, may in ((desk.manager, True), (desk.worker, True), (desk.ap, False), (conference.safeguarding, False)):
        before = looks.count()
        assert (address in signed_in(user).get(page(item)).content.decode()) is may, user.name
        assert signed_in(user).get(address).status_code == (200 if may else 404), user.name
        assert looks.count() == before + may
    other = conference.item("minutes", conference.parent)
    assert signed_in(desk.manager).get(address.replace(item.reference, other.reference)).status_code == 404
