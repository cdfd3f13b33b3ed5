"""A sign-in ends, and nothing that was typed is lost."""

import datetime as dt
import time
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from postroom.people.models import User
from postroom.people.sessions import KEPT, KEPT_AT_MOST_BYTES, KEPT_FIELD, LOCKED, SEEN_AT, SIGNED_IN_AT
from tests.look.conftest import PASSWORD

Clock = Any  # what time_machine.travel() gives: shift(), move_to()
START = dt.datetime(2026, 7, 20, 9, 0, tzinfo=dt.UTC)
IDLE = dt.timedelta(minutes=settings.SESSION_IDLE_MINUTES)
ABSOLUTE = dt.timedelta(hours=settings.SESSION_ABSOLUTE_HOURS)
TYPED = {"reference": "40217", "reason": "Dear Ms Invented\n\nIt is <b>late</b>."}


@pytest.fixture
def clock() -> Clock:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def signed_in(client: Client, jo: User, clock: Clock) -> Client:
    client.force_login(jo)
    return client


def again(client: Client, user: User) -> object:
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_signing_in_starts_both_clocks(signed_in: Client) -> None:
    assert signed_in.session[SIGNED_IN_AT] == signed_in.session[SEEN_AT] == START.timestamp()


def test_activity_keeps_it_and_idling_ends_it(signed_in: Client, clock: Clock) -> None:
    for _ in range(5):
        clock.shift(IDLE - dt.timedelta(seconds=1))
        assert is_in(signed_in)
    clock.shift(IDLE)
    response = signed_in.get("/account/")
    assert response["Location"] == "/accounts/login/?next=/account/"


def test_it_ends_for_good_however_busy(signed_in: Client, clock: Clock) -> None:
    end = START + ABSOLUTE
    while dt.datetime.fromtimestamp(time.time(), dt.UTC) + dt.timedelta(minutes=20) < end:
        clock.shift(dt.timedelta(minutes=20))
        assert is_in(signed_in)
    clock.move_to(end)
    assert not is_in(signed_in)


def test_polling_is_no_activity(signed_in: Client, clock: Clock) -> None:
    for _ in range(4):
        clock.shift(IDLE / 5)
        signed_in.get("/account/session/", headers={"X-Background": "1"})
    clock.shift(IDLE / 5)
    assert not is_in(signed_in)


def test_asking_to_stay_is_activity(signed_in: Client, clock: Clock) -> None:
    clock.shift(IDLE - dt.timedelta(seconds=10))
    assert signed_in.get("/account/session/", headers={"X-Background": "1"}).json()["idle_in"] == 10
    times = signed_in.post("/account/session/", headers={"X-Fetch": "1"}).json()
    assert times["idle_in"] == IDLE.total_seconds()
    assert times["absolute_in"] == (ABSOLUTE - IDLE).total_seconds() + 10


def test_a_session_without_clocks_is_over(client: Client, jo: User) -> None:
    client.force_login(jo)
    session = client.session
    del session[SEEN_AT]
    session.save()
    assert not is_in(client)


def test_the_locked_session_has_a_new_key_and_nobody_in_it(signed_in: Client, clock: Clock, jo: User) -> None:
    old = signed_in.session.session_key
    clock.shift(IDLE)
    signed_in.get("/account/")
    assert not Session.objects.filter(session_key=old).exists()
    assert "_auth_user_id" not in signed_in.session
    assert signed_in.session[LOCKED] == {"user": jo.pk, "why": "idle"}


def lock_with_work(client: Client, clock: Clock, **more: object) -> object:
    clock.shift(IDLE)
    return client.post("/style/?page=2", {**TYPED, **more})


def test_what_is_posted_too_late_is_kept_and_given_back(signed_in: Client, clock: Clock, jo: User) -> None:
    response = lock_with_work(signed_in, clock)
    assert response["Location"] == "/accounts/login/?next=%2Faccount%2Fkept-work%2F"
    page = signed_in.get(response["Location"])
    assert "What you typed is kept" in page.content.decode()
    assert "Ms Invented" not in page.content.decode()  # nobody has shown yet who they are

    assert again(signed_in, jo).status_code == 302
    banner = signed_in.get("/account/").content.decode()
    assert "You were signed out while working" in banner
    kept = signed_in.get("/account/kept-work/")
    html = kept.content.decode()
    assert "What you typed is still here" in html
    assert "It is &lt;b&gt;late&lt;/b&gt;." in html
    assert 'action="/style/?page=2"' in html
    assert kept.context["pages"][0]["fields"] == [["reference", "40217"], ["reason", TYPED["reason"]]]

    # Looking at it sends nothing; pressing the button does, and then it is gone.
    form = dict(kept.context["pages"][0]["fields"]) | {KEPT_FIELD: kept.context["pages"][0]["id"]}
    sent = signed_in.post("/style/?page=2", form)
    assert sent.context["form"]["reason"].value() == TYPED["reason"]
    assert KEPT not in signed_in.session


def test_another_person_finds_nothing(signed_in: Client, clock: Clock, pat: User) -> None:
    lock_with_work(signed_in, clock)
    assert KEPT in signed_in.session
    again(signed_in, pat)
    assert signed_in.session["_auth_user_id"] == str(pat.pk)
    assert KEPT not in signed_in.session
    assert signed_in.get("/account/kept-work/").status_code == 302
    assert not any("Invented" in str(row.get_decoded()) for row in Session.objects.all())


def test_the_demonstration_gives_back_and_wipes_alike(signed_in: Client, clock: Clock, jo: User, pat: User) -> None:
    lock_with_work(signed_in, clock)
    signed_in.post(f"/demo/{jo.pk}/")
    assert KEPT in signed_in.session
    signed_in.post(f"/demo/{pat.pk}/")
    assert KEPT not in signed_in.session


def test_signing_out_wipes_it(signed_in: Client, clock: Clock, jo: User) -> None:
    lock_with_work(signed_in, clock)
    signed_in.post("/accounts/logout/")
    again(signed_in, jo)
    assert KEPT not in signed_in.session


def test_it_can_be_thrown_away(signed_in: Client, clock: Clock, jo: User) -> None:
    lock_with_work(signed_in, clock)
    again(signed_in, jo)
    page_id = signed_in.session[KEPT][0]["id"]
    signed_in.post("/account/kept-work/", {"forget": page_id})
    assert KEPT not in signed_in.session


def test_passwords_tokens_and_files_are_never_kept(signed_in: Client, clock: Clock, jo: User) -> None:
    lock_with_work(
        signed_in,
        clock,
        oldpassword="secret one",
        Password1="secret two",
        csrfmiddlewaretoken="secret three",
        scan=SimpleUploadedFile("ivy-invented.pdf", b"secret four"),
    )
    kept = signed_in.session[KEPT]
    assert "secret" not in str(kept)
    assert "ivy" not in str(kept)
    assert kept[0]["files"] == 1
    again(signed_in, jo)
    assert "1 file can't be kept" in signed_in.get("/account/kept-work/").content.decode()


def test_too_much_is_said_to_be_lost(signed_in: Client, clock: Clock, jo: User) -> None:
    lock_with_work(signed_in, clock, more="x" * KEPT_AT_MOST_BYTES)
    assert signed_in.session[KEPT][0]["fields"] == []
    again(signed_in, jo)
    assert "more than can be kept" in signed_in.get("/account/kept-work/").content.decode()


def test_a_second_tab_is_kept_too_and_the_same_page_once(signed_in: Client, clock: Clock) -> None:
    lock_with_work(signed_in, clock)
    signed_in.post("/account/", {"other": "tab"})
    signed_in.post("/style/?page=2", {"reason": "newer"})
    assert [page["fields"] for page in signed_in.session[KEPT]] == [[["other", "tab"]], [["reason", "newer"]]]


def test_a_refused_send_keeps_it(signed_in: Client, clock: Clock, jo: User) -> None:
    lock_with_work(signed_in, clock)
    again(signed_in, jo)
    page_id = signed_in.session[KEPT][0]["id"]
    assert signed_in.post("/nowhere/", {KEPT_FIELD: page_id}).status_code == 404
    assert KEPT in signed_in.session


def test_what_fails_the_csrf_check_is_not_kept(jo: User, clock: Clock) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(jo)
    clock.shift(IDLE)
    assert client.post("/style/", TYPED).status_code == 403
    assert KEPT not in client.session


def test_a_script_gets_401_instead_of_a_page(signed_in: Client, clock: Clock) -> None:
    clock.shift(IDLE)
    response = signed_in.post("/style/", TYPED, headers={"X-Fetch": "1"})
    assert response.status_code == 401
    assert response.json() == {"sign_in": "/accounts/login/"}
    assert KEPT not in signed_in.session  # the page is still open and holds the text


def test_a_leading_double_slash_cannot_lead_elsewhere(signed_in: Client, clock: Clock, jo: User) -> None:
    clock.shift(IDLE)
    signed_in.get("/account/")
    signed_in.post("//elsewhere.example/style/", TYPED)
    assert all(not page["path"].startswith("//") for page in signed_in.session.get(KEPT, []))


def stale_tab(client: Client, **headers: str) -> object:
    client.cookies["csrftoken"] = "a" * 32
    return client.post("/style/", {**TYPED, "csrfmiddlewaretoken": "b" * 32}, headers=headers)


def test_a_tab_from_before_signing_in_again_keeps_its_text(jo: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(jo)
    response = stale_tab(client, origin="http://testserver")
    assert response.status_code == 403
    html = response.content.decode()
    assert "What you typed is still here" in html
    assert "Ms Invented" in html
    assert "b" * 32 not in html


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://testserver:81", "https://testserver"])
def test_a_form_from_elsewhere_is_shown_to_nobody(jo: User, origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(jo)
    html = stale_tab(client, origin=origin).content.decode()
    assert "That could not be sent" in html
    assert "Ms Invented" not in html
