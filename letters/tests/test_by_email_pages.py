"""Where pages offer secure e-mail for a letter, and what they say where it is closed (CLS-6)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from letters.models import Letter, OfficePost
from letters.states import State
from letters.tests.desk_help import date_parts, desk, last_entry, seen, signed_in, url
from postroom.cases.models import CasePerson
from postroom.forms import in_words
from tests.support import world

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-6")]
OFFERED = 'value="secure_email"'
DAY = dt.timedelta(days=1)


@pytest.fixture
def teacher(desk: world.Desk) -> CasePerson:
    """The professional of the case, in an office that has it on."""
    return world.writes_by_email(desk)


@pytest.fixture
def client(desk: world.Desk) -> Client:
    return signed_in(desk.worker)


def days(first: dt.date | None, last: dt.date | None = None) -> None:
    OfficePost.objects.update(letters_by_email_from=first, letters_by_email_until=last)


def hand_over(client: Client, desk: world.Desk, *people: CasePerson, way: str = "secure_email") -> Any:
    chosen = [person.addresses.get().pk for person in people]
    entered = {"address": chosen, "draft_text": "Thank you.", "way": way, "form_key": "k"}
    return client.post(reverse("letters:new_for_case", args=[desk.case.reference]), entered)


def test_the_hand_over_offers_it_where_the_office_has_it_on_and_says_to_whom(
    desk: world.Desk, teacher: CasePerson, client: Client
) -> None:
    page = reverse("letters:new_for_case", args=[desk.case.reference])
    today = timezone.localdate()

    def shown() -> str:
        return client.get(page).content.decode()

    assert OFFERED in shown()
    assert f"Open to: {teacher.name}." in shown()
    for first, last in ((None, None), (today + DAY, None), (today - DAY, today - DAY)):
        days(first, last)
        assert OFFERED not in shown(), (first, last)
    days(today, today)
    assert OFFERED in shown()
    OfficePost.objects.update(keeping="all")
    assert OFFERED not in shown()
    OfficePost.objects.update(keeping="family")
    assert OFFERED in shown()
    desk.office.secure_mail.__class__.objects.update(allowed_domains="elsewhere.example")
    assert OFFERED not in shown()


def test_it_is_handed_over_to_whom_it_is_open_and_to_nobody_else(
    desk: world.Desk, teacher: CasePerson, client: Client
) -> None:
    refused = hand_over(client, desk, desk.parent)
    assert refused.status_code == 422
    assert "to professionals alone" in refused.content.decode()
    both = hand_over(client, desk, teacher, desk.parent)
    assert both.status_code == 422
    assert f"{desk.parent.name}: Letters go by secure e-mail to professionals alone." in both.content.decode()
    assert not Letter.objects.exists()
    days(None)
    off = hand_over(client, desk, teacher)
    assert "only from an office that has turned this on" in off.content.decode()
    assert "Thank you." in off.content.decode()
    days(timezone.localdate())
    assert hand_over(client, desk, teacher, way="pigeon").status_code == 422
    assert hand_over(client, desk, teacher).status_code == 302
    assert Letter.objects.get().way == "secure_email"


def test_another_way_offers_it_for_this_addressee_alone(desk: world.Desk, teacher: CasePerson, client: Client) -> None:
    to_parent = world.letter_in(desk, State.TYPED)
    assert OFFERED not in client.get(url("choose_way", to_parent)).content.decode()
    letter = world.letter_in(desk, State.SIGNED, way="secure_email")
    page = url("choose_way", letter)
    assert OFFERED in client.get(page).content.decode()
    days(None)
    assert OFFERED not in client.get(page).content.decode()
    entered = {**seen(to_parent), "way": "secure_email", "reason": "They asked."}
    refused = client.post(url("choose_way", to_parent), entered)
    assert refused.status_code == 422
    assert "only from an office that has turned this on" in refused.content.decode()
    days(timezone.localdate())
    assert "to professionals alone" in client.post(url("choose_way", to_parent), entered).content.decode()
    assert client.post(page, {**entered, **seen(letter), "way": "post"}).status_code == 302
    assert client.post(page, {**entered, **seen(letter)}).status_code == 302
    assert world.fresh(letter).way == "secure_email"


def test_an_office_turns_it_on_from_a_day_and_until_one(desk: world.Desk) -> None:
    """By its team manager, on the office's page; shown, in the ledger, and kept when something else is saved."""
    page, manager = reverse("letters:office_post", args=["riv"]), signed_in(desk.manager)
    today = timezone.localdate()
    post = OfficePost.objects.get()
    other = {"stock": post.stock_id, "signature_medium": "paper", "return_mark": "label"}

    def save(first: dt.date | None, last: dt.date | None = None) -> str:
        both = {"letters_by_email_from": first, "letters_by_email_until": last}
        dates = {k: v for name, day in both.items() if day for k, v in date_parts(name, day).items()}
        answer = manager.post(page, other | dates)
        assert answer.status_code in (302, 422)
        post.refresh_from_db()
        return str(answer.content.decode()) if answer.status_code == 422 else ""

    assert "no secure e-mail set up yet" in save(today)
    world.writes_by_email(desk)
    days(None)
    assert "turned on for days gone by" in save(today - DAY)
    assert "The last day is before the first" in save(today + DAY, today)
    assert "Say from which day letters may go" in save(None, today)
    assert not post.letters_by_email_on(today)
    assert save(today, today + DAY) == ""
    assert [post.letters_by_email_on(today + n * DAY) for n in (-1, 0, 1, 2)] == [False, True, True, False]
    details = json.loads(last_entry(desk.office).payload)
    assert (details["letters_by_email_from"], details["letters_by_email_until"]) == (str(today), str(today + DAY))
    assert f"Yes, until {in_words(today + DAY)}" in manager.get(reverse("letters:stocks")).content.decode()
    # What stands already may be saved again, however old; nothing ends in the past.
    days(today - 5 * DAY)
    assert manager.get(page).context["form"].initial["letters_by_email_from"] == today - 5 * DAY
    assert save(today - 5 * DAY) == ""
    assert "as the last. To turn it off at once" in save(today - 5 * DAY, today - DAY)
    assert save(None) == ""
    assert not post.letters_by_email_on(today)
    days(today - 5 * DAY, today - DAY)
    assert "letters_by_email_from" not in manager.get(page).context["form"].initial
    assert signed_in(desk.admin).post(page, other | date_parts("letters_by_email_from", today)).status_code == 403
