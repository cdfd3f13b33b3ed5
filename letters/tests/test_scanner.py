"""Every upload of a letter's pages and the virus scanner: clean, found, down, slow, unclear. A sentence each, nothing
kept, what was typed still there."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from letters.models import LetterFile, Registered, Signature, Source
from letters.states import State
from letters.tests.desk_help import date_parts, desk, seen, signed_in, url
from postroom.files.models import StoredFile
from postroom.ledger.models import Entry
from postroom.uploads.tests import samples
from tests.support import world
from tests.support.clamd import MANNERS, scanner

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-1")]

HARMFUL = "The virus scanner found something harmful in this file."
NO_ANSWER = "The virus scanner doesn&#x27;t answer, so no file can be taken now."


def _hand_over(desk: world.Desk) -> tuple[Any, str, str, dict[str, Any], str]:
    page = reverse("letters:new_for_case", args=[desk.case.reference])
    return desk.worker, page, "drafts", {"address": desk.address.pk, "draft_text": "Typed already."}, "Typed already."


def _added(desk: world.Desk, purpose: str) -> tuple[Any, str, str, dict[str, Any], str]:
    letter = world.hand_over(desk)
    fields = {"title": "A map of the way"} if purpose == "enclosure" else {}
    return desk.admin, url("add_file", letter, purpose), "file", fields, fields.get("title", "")


def _signed(desk: world.Desk) -> tuple[Any, str, str, dict[str, Any], str]:
    letter = world.letter_in(desk, State.SIGNED)
    return desk.admin, url("confirm_signature", letter), "scan", {**seen(letter), "bears_signature": "on"}, ""


def _receipt(desk: world.Desk) -> tuple[Any, str, str, dict[str, Any], str]:
    letter = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    day = date_parts("posted_on", timezone.localdate())
    fields = {**seen(letter), **day, "post_class": "sd1pm", "receipt_in_hand": "on", "tracking_number": "RB473124829GB"}
    return desk.admin, url("post", letter), "receipt", fields, "RB473124829GB"


UPLOADS = {
    "hand over": (_hand_over, lambda: Source.objects.filter(text="", scanned=True)),
    "enclosure": (lambda desk: _added(desk, "enclosure"), lambda: LetterFile.objects.filter(scanned=True)),
    "document": (lambda desk: _added(desk, "document"), lambda: LetterFile.objects.filter(scanned=True)),
    "signature": (_signed, lambda: Signature.objects.filter(scan__scanned_at__isnull=False)),
    "receipt": (_receipt, lambda: Registered.objects.filter(receipt__scanned_at__isnull=False)),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_each_upload_and_each_way_of_the_scanner(desk: world.Desk, settings: Any, name: str) -> None:
    prepare, kept = UPLOADS[name]
    who, page, field, fields, was_typed = prepare(desk)
    client = signed_in(who)
    before = (StoredFile.objects.count(), Entry.objects.count())

    def sent() -> Any:
        # Another file than any that is kept already.
        return client.post(page, {**fields, field: SimpleUploadedFile("x.pdf", samples.pdf(3, "Seen by the scanner"))})

    with scanner(settings, seconds=0.4) as server:
        address = settings.CLAMD_URL
        for manner in MANNERS:
            server.manner = manner
            settings.CLAMD_URL = "tcp://127.0.0.1:1" if manner == "down" else address
            answer = sent()
            body = answer.content.decode()
            assert answer.status_code in (200, 422), (manner, answer.status_code)
            assert (HARMFUL if manner == "found" else NO_ANSWER) in body, manner
            assert was_typed in body, manner
            assert (StoredFile.objects.count(), Entry.objects.count()) == before, manner
            assert not kept().exists()
        settings.CLAMD_SECONDS, settings.CLAMD_URL, server.manner, server.got = 5.0, address, "clean", b""
        assert sent().status_code == 302
        assert server.got == samples.pdf(3, "Seen by the scanner")
    assert kept().count() == 1
