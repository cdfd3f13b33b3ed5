"""Becoming demo people: in a demonstration, and nowhere else."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from postroom.people.models import User


def test_the_list_names_everyone_by_office_and_role(client: Client, jo: User, pat: User) -> None:
    html = client.get("/demo/").content.decode()
    assert html.index("Riverside") < html.index("Jo Sample") < html.index("Pat Example")
    assert "Social worker" in html


def test_the_list_costs_the_same_however_many(client: Client, jo: User, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(3):
        client.get("/demo/")
    for number in range(20):
        User.objects.create_user(f"p{number}@example.test", name=f"Person {number}", initials="P", office=jo.office)
    with django_assert_num_queries(3):
        client.get("/demo/")


def test_becoming_takes_a_post_and_no_password(client: Client, jo: User) -> None:
    assert client.get(f"/demo/{jo.pk}/").status_code == 405
    assert client.post(f"/demo/{jo.pk}/").status_code == 302
    assert client.session["_auth_user_id"] == str(jo.pk)
    assert client.get("/account/").status_code == 200


def test_nobody_inactive_or_unknown(client: Client, jo: User) -> None:
    User.objects.filter(pk=jo.pk).update(is_active=False)
    assert client.post(f"/demo/{jo.pk}/").status_code == 404
    assert client.post("/demo/999999/").status_code == 404


@pytest.mark.parametrize(("demo", "production"), [(False, False), (True, True), (False, True)])
def test_it_is_not_there_outside_a_demonstration(
    client: Client, jo: User, settings: object, demo: bool, production: bool
) -> None:
    settings.DEMO, settings.PRODUCTION = demo, production
    assert client.get("/demo/").status_code == 404
    assert client.post(f"/demo/{jo.pk}/").status_code == 404
    assert "_auth_user_id" not in client.session


def test_no_page_offers_it_outside_a_demonstration(client: Client, db: None, settings: object) -> None:
    assert "/demo/" in client.get("/accounts/login/").content.decode()
    settings.DEMO = False
    assert "/demo/" not in client.get("/accounts/login/").content.decode()


def test_the_command_prints_whom_to_become(jo: User, pat: User) -> None:
    out = StringIO()
    call_command("demo_people", stdout=out)
    assert out.getvalue().splitlines()[0].split("  ")[0] == "jo.sample@example.test"
    assert "/demo/" in out.getvalue()


def test_the_command_refuses_outside_a_demonstration(db: None, settings: object) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo_people")
