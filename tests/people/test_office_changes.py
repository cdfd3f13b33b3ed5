"""An office's details from a date: in force from midnight on, seen ahead, withdrawn before they begin, never lost."""

from __future__ import annotations

import datetime as dt
import json
from unittest import mock

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from postroom.people import actions
from postroom.people.actions import OfficeDetails
from postroom.people.actions.office_changes import begin_due, in_force
from postroom.people.errors import NotPermitted, OutOfDate, Refused
from postroom.people.models import Office, OfficeChange
from tests.support.council import Council, entries

NEW = "New House\n2 Invented Way\nNM1 2BB"


def day(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def fresh(council: Council) -> Office:
    return Office.objects.get(pk=council.near.office.pk)


def plan(council: Council, days: int = 3, **over: object) -> OfficeChange:
    office = fresh(council)
    asked = {
        "office": office, "starts": day(days), "address": NEW, "phone": "01632 960999", "by": council.system,
        "seen": office.ledger_seq, **over,
    }  # fmt: skip
    return actions.plan_office_change(**asked)  # type: ignore[arg-type]


@pytest.mark.policy("OGP-5")
def test_it_holds_from_its_day_on_whether_or_not_the_scheduler_ran(council: Council) -> None:
    old = fresh(council).address
    plan(council)
    assert in_force(fresh(council)).address == in_force(fresh(council), day(2)).address == old
    assert in_force(fresh(council), day(3)).address == NEW
    assert fresh(council).address == old
    assert begin_due(day(2)) == 0
    assert begin_due(day(5)) == 1
    assert begin_due(day(5)) == 0
    assert fresh(council).address == NEW
    assert fresh(council).phone == "01632 960999"
    entry = entries(council.near.office)[-1]
    assert (entry.actor_name, json.loads(entry.payload)["changed"]) == ("Postroom", ["address", "phone"])
    assert "New House" not in entry.payload


@pytest.mark.policy("OGP-5")
def test_its_name_and_what_stands_before_the_address_have_a_day_too(council: Council) -> None:
    old = fresh(council).name
    plan(council, name="  New   Riverside ", label_prefix="NCC East")
    assert (in_force(fresh(council), day(2)).name, in_force(fresh(council), day(2)).label_prefix) == (old, "")
    now = in_force(fresh(council), day(3))
    assert (now.name, now.label_prefix) == ("New Riverside", "NCC East")
    assert begin_due(day(3)) == 1
    assert (fresh(council).name, fresh(council).label_prefix) == ("New Riverside", "NCC East")
    # What was entered before names had a day leaves the name as it is.
    change = plan(council, 5, phone="01632 960777")
    assert change.name == "New Riverside"
    blank = OfficeChange(name="", address=NEW, label_prefix="", phone="", email="", letterhead="")
    assert "name" not in blank.details()


def test_no_two_offices_will_have_one_name(council: Council) -> None:
    plan(council, name="The New House")
    for office, name in ((council.far.office, "The new house"), (fresh(council), council.far.office.name)):
        seen = Office.objects.get(pk=office.pk).ledger_seq
        what = {"office": office, "starts": day(4), "address": NEW, "by": council.system, "seen": seen}
        with pytest.raises(Refused, match="Another office has this name"):
            actions.plan_office_change(name=name, **what)
    details = OfficeDetails(name="The New House", address=NEW)
    with pytest.raises(Refused, match="Another office has this name"):
        actions.add_office(code="third", details=details, by=council.system)


@pytest.mark.policy("OGP-5")
@pytest.mark.parametrize("words", ["Children's Services", "Sócial  Care", "N.C.C. safeguarding"])
def test_what_stands_before_the_address_gives_nothing_away(council: Council, words: str) -> None:
    with pytest.raises(Refused, match="mentions") as caught:
        plan(council, label_prefix=words)
    assert caught.value.field == "label_prefix"
    office = fresh(council)
    # Together with the first line of the address, too.
    details = OfficeDetails(name=office.name, address=f"Services\n{NEW}", label_prefix="Children's")
    with pytest.raises(Refused, match="mentions"):
        actions.change_office(office=office, details=details, by=council.system, seen=office.ledger_seq)


def test_two_changes_begin_in_their_order(council: Council) -> None:
    plan(council, 5, phone="01632 960555")
    plan(council, 3)
    assert in_force(fresh(council), day(9)).phone == "01632 960555"
    assert in_force(fresh(council), day(4)).phone == "01632 960999"
    assert begin_due(day(9)) == 2
    assert fresh(council).phone == "01632 960555"


def test_what_cant_be_planned(council: Council) -> None:
    plan(council)
    office = fresh(council)
    for over, field in (
        ({"starts": day(0)}, "starts"),
        ({"starts": day(-1)}, "starts"),
        ({"starts": day(3)}, "starts"),
        ({"starts": day(4), "address": "Children's Services\nNM1 1AA"}, "address"),
        ({"starts": day(4), "address": "One line"}, "address"),
        ({"starts": day(4)}, ""),
        ({"starts": day(2), "address": office.address, "phone": office.phone}, ""),
    ):
        with pytest.raises(Refused) as caught:
            plan(council, **over)  # type: ignore[arg-type]
        assert caught.value.field == field, over
    with pytest.raises(OutOfDate):
        plan(council, 8, seen=0)
    for by in (council.near.manager, council.near.admin, council.far.manager):
        with pytest.raises(NotPermitted):
            plan(council, 8, by=by)
    assert OfficeChange.objects.count() == 1


def test_withdrawn_before_it_begins_and_not_after(council: Council) -> None:
    change = plan(council)
    old = fresh(council).address
    actions.withdraw_office_change(change=change, by=council.system, seen=fresh(council).ledger_seq)
    assert in_force(fresh(council), day(9)).address == old
    assert begin_due(day(9)) == 0
    with pytest.raises(Refused, match="withdrawn already"):
        actions.withdraw_office_change(change=change, by=council.system, seen=fresh(council).ledger_seq)
    again = plan(council)
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + dt.timedelta(days=3)):
        with pytest.raises(Refused, match="has begun"):
            actions.withdraw_office_change(change=again, by=council.system, seen=fresh(council).ledger_seq)
        begin_due()
    with pytest.raises(Refused, match="has begun"):
        actions.withdraw_office_change(change=again, by=council.system, seen=fresh(council).ledger_seq)


def test_a_change_made_at_once_sees_what_began_today(council: Council) -> None:
    """The scheduler is down: whoever edits on the day is told that the planned details came first."""
    plan(council)
    office = fresh(council)
    details = OfficeDetails(name=office.name, address=office.address, phone="01632 960111")
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + dt.timedelta(days=3)):
        with pytest.raises(OutOfDate):
            actions.change_office(office=office, details=details, by=council.system, seen=office.ledger_seq)
        begin_due()
        assert fresh(council).address == NEW


@pytest.mark.parametrize(
    "change", [{"name": "x"}, {"label_prefix": "x"}, {"address": "x"}, {"starts": dt.date(2020, 1, 1)}, {"phone": "1"}]
)
def test_the_database_keeps_it_as_entered(council: Council, change: dict) -> None:
    row = plan(council)
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficeChange.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficeChange.objects.filter(pk=row.pk)._raw_delete("default")
    begin_due(day(4))
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficeChange.objects.filter(pk=row.pk).update(applied_at=None)


def test_on_the_offices_page(council: Council) -> None:
    client = Client()
    client.force_login(council.system)
    page, form = reverse("office", args=["near"]), reverse("office_plan", args=["near"])
    seen = fresh(council).ledger_seq
    when = {f"starts_{part}": getattr(day(3), part) for part in ("day", "month", "year")}
    wrong = client.post(
        form, {"seen": seen, "name": "Near", "address": "Children's Services\nNM1 1AA", **when}
    ).content.decode()
    assert "must not say that" in wrong
    assert (
        client.post(form, {"seen": seen, "name": "Near", "address": NEW, "phone": "01632 960999", **when}).status_code
        == 302
    )
    shown = client.get(page).content.decode()
    assert f"From {day(3).day} {day(3):%B %Y}" in shown
    assert "New House" in shown
    change = OfficeChange.objects.get()
    withdraw = reverse("office_withdraw", args=["near", change.pk])
    assert withdraw in shown
    assert client.post(withdraw, {"seen": 0}).status_code == 409
    assert client.post(withdraw, {"seen": fresh(council).ledger_seq}).status_code == 302
    assert "New House" not in client.get(page).content.decode()
    assert client.get(withdraw).status_code == 404
