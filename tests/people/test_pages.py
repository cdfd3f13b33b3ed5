"""The pages on people, offices and the rota, as somebody uses them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from postroom.people.authority import authority_of
from postroom.people.models import DutySlot, Office, RoleGrant, User
from postroom.people.roles import Role
from tests.support.council import Council, entries, person


@pytest.fixture
def system(council: Council) -> Client:
    return signed_in(council.system)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def parts(name: str, day: dt.date) -> dict[str, int]:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


NEW = {"name": "Nia Newcomer", "email": "nia@example.test", "initials": "NN", "job_title": "Admin"}


def test_a_person_is_added_and_sets_their_own_password(council: Council, system: Client) -> None:
    data = {**NEW, "office": council.near.office.pk, "seen": 0}
    response = system.post(reverse("person_add"), data, follow=True)
    made = User.objects.get(email="nia@example.test")
    assert response.redirect_chain[-1][0] == reverse("person", args=[made.pk])
    assert "A link to set a password was sent" in response.content.decode()
    assert [e.action for e in entries(made)] == ["add_person", "send_password_link"]
    [message] = mail.outbox
    assert message.to == ["nia@example.test"]
    link = re.search(r"/accounts/password/reset/key/\S+/", message.body)
    assert link
    newcomer = Client()
    page = newcomer.get(link.group(), follow=True)
    newcomer.post(
        page.redirect_chain[-1][0],
        {"password1": "a-long-enough-phrase-42", "password2": "a-long-enough-phrase-42"},
    )
    made.refresh_from_db()
    assert made.check_password("a-long-enough-phrase-42")
    assert Client().get(link.group(), follow=True).status_code == 200
    made.refresh_from_db()
    assert made.check_password("a-long-enough-phrase-42")


def test_a_mail_server_that_is_down_loses_no_account(
    council: Council, system: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allauth.account.forms import ResetPasswordForm

    def down(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(ResetPasswordForm, "save", down)
    response = system.post(reverse("person_add"), {**NEW, "seen": 0}, follow=True)
    assert "could not be sent" in response.content.decode()
    assert User.objects.filter(email="nia@example.test").exists()


def test_what_was_typed_stays_when_it_is_refused(council: Council, system: Client) -> None:
    taken = council.near.worker
    data = {**NEW, "initials": taken.initials, "office": council.near.office.pk, "seen": 0}
    response = system.post(reverse("person_add"), data)
    text = response.content.decode()
    assert response.status_code == 200
    assert "Somebody at this office has these initials already" in text
    assert 'value="Nia Newcomer"' in text
    assert not User.objects.filter(email="nia@example.test").exists()


def test_a_change_on_an_old_page_shows_what_others_did(council: Council, system: Client) -> None:
    who = council.near.nobody
    form = {"name": who.name, "email": who.email, "initials": who.initials, "seen": who.ledger_seq}
    path = reverse("person_change", args=[who.pk])
    assert system.post(path, {**form, "job_title": "First"}).status_code == 302
    response = system.post(path, {**form, "job_title": "Second"})
    text = response.content.decode()
    assert response.status_code == 409
    assert "What changed since you opened this page" in text
    assert council.system.name in text
    assert 'value="Second"' in text
    who.refresh_from_db()
    assert who.job_title == "First"
    seen = re.search(r'name="seen" value="(\d+)"', text)
    assert seen
    assert system.post(path, {**form, "job_title": "Second", "seen": seen.group(1)}).status_code == 302
    who.refresh_from_db()
    assert who.job_title == "Second"


@pytest.mark.parametrize("seen", ["", "x", "-5", "9" * 30])
def test_a_page_that_does_not_say_what_was_seen_changes_nothing(council: Council, system: Client, seen: str) -> None:
    who = council.near.nobody
    path = reverse("person_close", args=[who.pk])
    response = system.post(path, {"reason": "Left.", "seen": seen})
    assert response.status_code in (200, 409)
    who.refresh_from_db()
    assert who.is_active


def test_a_role_is_given_and_ended_on_screen(council: Council, system: Client) -> None:
    who, today = council.near.nobody, timezone.localdate()
    give = {"role": "admin", "office": council.near.office.pk, **parts("starts", today), "seen": 0}
    response = system.post(reverse("role_give", args=[who.pk]), give, follow=True)
    assert "Role given: Admin at Nearby" in response.content.decode()
    grant = RoleGrant.objects.get(user=who)
    assert Role.ADMIN in authority_of(who).roles
    wrong = system.post(reverse("role_end", args=[who.pk, grant.pk]), {"when": "day", "seen": 1})
    assert "Enter the last day" in wrong.content.decode()
    system.post(reverse("role_end", args=[who.pk, grant.pk]), {"when": "now", "seen": 1})
    assert authority_of(who).roles == frozenset()


def test_people_are_searched_without_a_name_in_the_address(council: Council, system: Client) -> None:
    path = reverse("people")
    response = system.post(path, {"words": "wren near"}, follow=True)
    assert response.redirect_chain[-1][0] == path
    text = response.content.decode()
    assert "Wren Worker near" in text
    assert "Wren Worker far" not in text
    again = system.post(path, {"words": ""}, follow=True)
    assert "Wren Worker far" in again.content.decode()


@pytest.mark.policy("CLS-1")
def test_a_manager_sees_their_office_alone(council: Council) -> None:
    text = signed_in(council.near.manager).get(reverse("people")).content.decode()
    assert "Wren Worker near" in text
    assert "Wren Worker far" not in text


def test_the_list_pages_by_key_both_ways(council: Council, system: Client) -> None:
    for n in range(65):
        person(f"Zed {n:03}")
    seen, href, hops = [], "", []
    while True:
        response = system.get(reverse("people") + href)
        hops.append(href)
        seen += re.findall(r"Zed \d{3}", response.content.decode())
        href = response.context["older_href"]
        if not href:
            break
    assert sorted(set(seen)) == [f"Zed {n:03}" for n in range(65)]
    back = system.get(reverse("people") + hops[-1])
    for _ in hops[1:]:
        back = system.get(reverse("people") + back.context["newer_href"])
    assert back.context["newer_href"] == ""
    assert back.context["rows"][0] == system.get(reverse("people")).context["rows"][0]


@pytest.mark.parametrize("query", ["after=x", "after=99999999999999999999", "before=0", "office=none", "after=-1"])
def test_addresses_made_up_by_hand_are_no_error(council: Council, system: Client, query: str) -> None:
    assert system.get(f"{reverse('people')}?{query}").status_code == 200


def test_the_list_takes_the_same_queries_for_3_and_30(council: Council, django_assert_num_queries: object) -> None:
    manager = council.near.manager
    client = signed_in(manager)

    def count() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("people"))
        return len(caught)

    count()  # the number at the head is remembered, the session's own row written
    few = count()
    for n in range(20):
        person(f"More {n}", council.near.office, Role.WORKER, Role.ADMIN)
    assert count() == few


def test_your_own_details_say_whom_to_ask(council: Council) -> None:
    text = signed_in(council.near.worker).get(reverse("my_details"), follow=True).content.decode()
    assert "Social worker at Nearby" in text
    assert council.system.name in text
    assert reverse("your_account") in text
    assert "Give a role" not in text


@pytest.mark.policy("OGP-3b")
def test_a_week_of_duty_is_set_at_once_or_not_at_all(council: Council) -> None:
    near, today = council.near, timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(days=7)
    year, week, _ = monday.isocalendar()
    path = f"{reverse('rota_add', args=['near'])}?week={year}-W{week:02}"
    client = signed_in(near.manager)
    slots = [f"{monday}-am", f"{monday}-pm"]
    response = client.post(path, {"person": near.colleague.pk, "slots": slots}, follow=True)
    assert near.colleague.name in response.content.decode()
    assert DutySlot.objects.filter(user=near.colleague).count() == 2
    more = [f"{monday + dt.timedelta(days=1)}-am", f"{monday}-am"]
    response = client.post(path, {"person": near.colleague.pk, "slots": more})
    assert "Nothing was saved" in response.content.decode()
    assert DutySlot.objects.filter(user=near.colleague).count() == 2
    assert client.post(path, {"person": near.manager.pk, "slots": slots}).status_code == 200
    assert not DutySlot.objects.filter(user=near.manager).exists()
    slot = DutySlot.objects.filter(user=near.colleague).first()
    client.post(reverse("rota_remove", args=["near", slot.pk]), follow=True)
    assert DutySlot.objects.filter(user=near.colleague).count() == 1


@pytest.mark.parametrize("week", ["", "2026-W99", "2026-W30", "1999-W01", "x", "2026-W3٣"])
def test_any_week_can_be_asked_for(council: Council, week: str) -> None:
    response = signed_in(council.near.worker).get(reverse("rota_week", args=["near"]), {"week": week})
    assert response.status_code == 200


@pytest.mark.policy("OGP-5")
def test_a_return_address_that_gives_away_is_refused_in_words(council: Council, system: Client) -> None:
    path = reverse("office_change", args=["near"])
    data = {"name": "Nearby", "address": "Ch1ldren's  Serv\u00edces\n1 Road\nNM1 1AA", "is_active": "on", "seen": 0}
    response = system.post(path, data)
    text = response.content.decode()
    assert "mentions" in text
    assert "Ch1ldren" in text
    assert "Serv" not in Office.objects.get(code="near").address
    system.post(path, {**data, "address": "Children's Hospital Road\nNM1 1AA"})
    assert "Hospital" in Office.objects.get(code="near").address


def test_an_office_and_a_team_are_added(council: Council, system: Client) -> None:
    data = {"code": "hil", "name": "Hilltop", "address": "Hill House\nNM9 9ZZ", "seen": 0}
    assert system.post(reverse("office_add"), data).status_code == 302
    assert system.post(reverse("team_add", args=["hil"]), {"name": "East"}).status_code == 302
    text = system.get(reverse("office", args=["hil"])).content.decode()
    assert "East" in text
    assert "Hilltop" in system.get(reverse("offices")).content.decode()


def test_a_deputy_is_named_and_ended(council: Council, system: Client) -> None:
    today = timezone.localdate()
    data = {
        "role": "caldicott_guardian",
        "person": council.near.manager.pk,
        **parts("starts", today),
        **parts("ends", today + dt.timedelta(days=2)),
    }
    assert system.post(reverse("deputy_add"), data).status_code == 302
    assert council.near.manager.name in system.get(reverse("deputies")).content.decode()
    deputy = council.near.manager.deputy_for.get()
    assert system.post(reverse("deputy_end", args=[deputy.pk])).status_code == 302
    assert Role.CALDICOTT_GUARDIAN not in authority_of(council.near.manager).roles


def test_the_first_administrator_by_command(db, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("first_administrator", "no-address", "Sy Stem", "SY")
    call_command("first_administrator", "sy@example.test", "Sy Stem", "SY")
    assert authority_of(User.objects.get(email="sy@example.test")).roles == {Role.SYSTEM_ADMINISTRATOR}
    with pytest.raises(CommandError):
        call_command("first_administrator", "b@example.test", "Bo Two", "BT")
