"""The main journey by its pages alone, without a browser, on both databases: from the draft to the case record."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from letters.models import Letter
from letters.states import State
from postroom.ledger.models import Entry
from postroom.people.models import User
from tests.journeys.way import today_in_words
from tests.support import world
from tests.support.world import Desk

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Person:
    """Somebody signed in, who opens a page and sends its form."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user, backend=BACKEND)

    def waits(self, words: str, letter: Letter) -> None:
        """My work has this list, with the letter in it."""
        body = self.client.get("/").content.decode()
        assert words in body
        assert letter.reference in body

    def sends(self, name: str, letter: Letter, **form: Any) -> Letter:
        """Open the page, then send its form as it stood there. It leads on; returns the letter as it now is."""
        path = reverse(f"letters:{name}", args=[letter.reference])
        # Handing the sheets back is a button on the page of the print.
        page = self.client.get(
            reverse("letters:print", args=[letter.reference]) if name == "return_to_worker" else path
        )
        assert page.status_code == 200
        shown = page.context["letter"]
        answer = self.client.post(path, {"seen_version": shown.version, "seen_hash": shown.content_hash, **form})
        assert answer.status_code == 302, answer.content.decode()
        return world.fresh(letter)


def date_parts(name: str) -> dict[str, Any]:
    today = timezone.localdate()
    return {f"{name}_day": today.day, f"{name}_month": today.month, f"{name}_year": today.year}


@pytest.mark.both_databases
@pytest.mark.policy("OGP-2", "OGP-3a", "OGP-4b", "OGP-6")
def test_from_the_draft_to_the_case_record() -> None:
    desk = Desk(world.make_office("riv", "Riverside"))
    worker, admin = Person(desk.worker), Person(desk.admin)
    new = reverse("letters:new_for_case", args=[desk.case.reference])
    page = worker.client.get(new)
    sent = {"form_key": page.context["form_key"], "address": desk.address.pk, "draft_text": "Please write."}
    assert worker.client.post(new, sent).status_code == 302
    letter = Letter.objects.get()

    admin.waits("To type", letter)
    text = {"address": desk.address.pk, "salutation": "Dear Ms Example", "sign_off": "Yours sincerely", "version": 0}
    text |= date_parts("letter_date") | {"body": "I will visit on 3 August."}
    letter = admin.sends("type", letter, **text, finish="1")
    letter = admin.sends("print", letter)
    letter = admin.sends("return_to_worker", letter)
    worker.waits("To check", letter)
    letter = worker.sends("send_back", letter, reason="The day.", proposed_body="I will visit on 5 August.")

    admin.waits("Sent back", letter)
    proposal = letter.proposals.get()
    letter = admin.sends("type", letter, **text, take_in=proposal.pk)
    body, edition = letter.working.fields["body"], letter.working.edition
    assert body == "I will visit on 5 August."
    letter = admin.sends("type", letter, **{**text, "body": body, "version": edition, "finish": "1"})
    letter = admin.sends("print", letter)
    letter = worker.sends("check", letter, address_confirmed="on", body_confirmed="on")
    letter = worker.sends("sign", letter)
    admin.waits("Signed on paper, to confirm", letter)
    letter = admin.sends("confirm_signature", letter, bears_signature="on")
    ticks = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), "on")
    letter = admin.sends("envelope", letter, sheets=1, **ticks)
    letter = admin.sends("post", letter, **date_parts("posted_on"), post_class="second")
    upload = admin.client.get(reverse("letters:upload", args=[letter.reference]))
    assert upload.context["notes"].startswith(f"Posted {today_in_words()}.")
    letter = admin.sends("upload", letter, ics_reference="ICS-40217")

    assert letter.state == State.UPLOADED
    assert letter.ics_reference == "ICS-40217"
    assert (letter.checked_by, letter.signed_by, letter.initialled_by) == (desk.worker, desk.worker, desk.admin)
    steps = Entry.objects.filter(subject=letter.ledger_subject).order_by("seq").values_list("action", flat=True)
    assert list(steps) == [
        "hand_over", "type", "print", "return_to_worker", "return_for_retyping", "type", "print", "check", "sign",
        "confirm_signature", "envelope", "post", "upload",
    ]  # fmt: skip
    call_command("verify_ledger")
