"""Each verb on people and offices: it works, the wrong person is refused, it is in the ledger, nothing half saved."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from postroom.ledger.models import Entry, Reason
from postroom.people import actions
from postroom.people.actions import OfficeDetails, PersonDetails
from postroom.people.authority import authority_of
from postroom.people.errors import NotPermitted, OutOfDate, Refused
from postroom.people.models import Deputy, DutySlot, HalfDay, Office, RoleGrant, Team, User
from postroom.people.roles import Role
from tests.support.council import Council, entries, give, person


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def details(**over: object) -> PersonDetails:
    return PersonDetails(**{"name": "Nia Newcomer", "email": "nia@example.test", "initials": "NN", **over})  # type: ignore[arg-type]


def last(subject: object) -> tuple[str, dict]:
    entry = entries(subject)[-1]
    return entry.action, json.loads(entry.payload)


# --- persons -------------------------------------------------------------------------------------


def test_a_new_person_can_sign_in_only_by_the_link_and_holds_nothing(council: Council) -> None:
    made = actions.add_person(details=details(office=council.near.office), by=council.system)
    assert not made.has_usable_password()
    assert authority_of(made).roles == frozenset()
    assert last(made)[0] == "add_person"
    assert made.history.count() == 1
    assert made.history.get().history_user_id == council.system.pk


def test_the_ledger_names_fields_not_what_stands_in_them(council: Council) -> None:
    made = actions.add_person(details=details(office=council.near.office), by=council.system)
    actions.change_person(person=made, details=details(name="Nia Other"), by=council.system, seen=made.ledger_seq)
    text = " ".join(Entry.objects.filter(subject=made.ledger_subject).values_list("payload", flat=True))
    assert "Nia" not in text
    assert "example.test" not in text
    assert last(made)[1]["changed"] == ["name"]


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"name": "  "}, "name"),
        ({"initials": ""}, "initials"),
        ({"initials": "42"}, "initials"),
        ({"email": "P1@EXAMPLE.test"}, "email"),
    ],
)
def test_details_that_cant_be_are_refused_and_nothing_is_saved(council: Council, over: dict, field: str) -> None:
    User.objects.filter(pk=council.near.worker.pk).update(email="p1@example.test")
    before = User.objects.count()
    with pytest.raises(Refused) as caught:
        actions.add_person(details=details(**over), by=council.system)
    assert caught.value.field == field
    assert User.objects.count() == before


@pytest.mark.policy("OGP-4b")
def test_initials_stand_for_one_person_of_an_office(council: Council) -> None:
    near, far = council.near.office, council.far.office
    first = actions.add_person(details=details(office=near), by=council.system)
    with pytest.raises(Refused) as caught:
        actions.add_person(details=details(office=near, email="b@example.test", initials="nn"), by=council.system)
    assert caught.value.field == "initials"
    actions.add_person(details=details(office=far, email="c@example.test"), by=council.system)
    actions.deactivate_person(person=first, by=council.system, seen=first.ledger_seq, reason="Left.")
    actions.add_person(details=details(office=near, email="d@example.test"), by=council.system)
    first.refresh_from_db()
    with pytest.raises(Refused):
        actions.reactivate_person(person=first, by=council.system, seen=first.ledger_seq, reason="Came back.")


def test_a_change_on_an_old_page_is_refused(council: Council) -> None:
    made = actions.add_person(details=details(), by=council.system)
    seen = made.ledger_seq
    actions.change_person(person=made, details=details(job_title="Admin"), by=council.system, seen=seen)
    with pytest.raises(OutOfDate):
        actions.change_person(person=made, details=details(job_title="Other"), by=council.system, seen=seen)
    made.refresh_from_db()
    assert made.job_title == "Admin"


def test_nobody_is_their_own_manager_over_any_number_of_steps(council: Council) -> None:
    a = actions.add_person(details=details(), by=council.system)
    b = actions.add_person(details=details(email="b@example.test", line_manager=a), by=council.system)
    c = actions.add_person(details=details(email="c@example.test", line_manager=b), by=council.system)
    for manager in (a, b, c):
        with pytest.raises(Refused):
            actions.change_person(person=a, details=details(line_manager=manager), by=council.system, seen=a.ledger_seq)


def test_a_team_belongs_to_the_persons_office(council: Council) -> None:
    team = Team.objects.create(office=council.far.office, name="North")
    with pytest.raises(Refused) as caught:
        actions.add_person(details=details(office=council.near.office, team=team), by=council.system)
    assert caught.value.field == "team"


@pytest.mark.policy("CLS-1")
def test_a_leaver_loses_everything_and_stays_on_record(council: Council) -> None:
    worker = council.near.worker
    give(worker, Role.SAFEGUARDING)
    RoleGrant.objects.create(user=worker, role=Role.ADMIN, office=council.far.office, starts=today(5))
    Deputy.objects.create(
        role=Role.CALDICOTT_GUARDIAN, user=worker, starts=today(-1), ends=today(9), named_by=council.system
    )
    actions.put_on_duty(
        person=worker, office=council.near.office, day=today(3), half=HalfDay.MORNING, by=council.near.manager
    )
    worker.refresh_from_db()
    left = actions.deactivate_person(person=worker, by=council.system, seen=worker.ledger_seq, reason="Left us.")
    assert authority_of(left).roles == frozenset()
    assert not RoleGrant.objects.filter(user=left).exclude(ends__lte=today()).exists()
    assert not DutySlot.objects.filter(user=left).exists()
    assert Deputy.objects.get(user=left).ends == today()
    action, payload = last(left)
    assert action == "deactivate_person"
    assert payload["duty_slots_removed"] == 1
    assert Reason.objects.get(subject=left.ledger_subject).text == "Left us."
    with pytest.raises(Refused):
        actions.deactivate_person(person=left, by=council.system, seen=left.ledger_seq, reason="Again.")
    back = actions.reactivate_person(person=left, by=council.system, seen=left.ledger_seq, reason="Came back.")
    back = User.objects.get(pk=back.pk)
    assert Role.ADMIN not in authority_of(back).roles


def test_the_last_system_administrator_stays(council: Council) -> None:
    second = person("Sys Second", None, Role.SYSTEM_ADMINISTRATOR)
    actions.deactivate_person(person=council.system, by=second, seen=council.system.ledger_seq, reason="Left.")
    third = person("Thea Third", None, Role.SYSTEM_ADMINISTRATOR)
    grant = RoleGrant.objects.get(user=third)
    actions.end_grant(grant=grant, by=second, seen=third.ledger_seq)
    third.refresh_from_db()
    with pytest.raises(NotPermitted):
        actions.end_grant(grant=RoleGrant.objects.get(user=second), by=third, seen=second.ledger_seq)
    with pytest.raises(NotPermitted):
        actions.deactivate_person(person=second, by=second, seen=second.ledger_seq, reason="Me.")


def test_the_first_administrator_comes_from_the_command_line_once(db) -> None:
    made = actions.add_first_administrator(details=details())
    assert authority_of(made).roles == {Role.SYSTEM_ADMINISTRATOR}
    assert [e.action for e in entries(made)] == ["add_person", "grant_role"]
    with pytest.raises(NotPermitted):
        actions.add_first_administrator(details=details(email="x@example.test"))


def test_a_failure_in_the_middle_leaves_nothing(council: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.people.actions import common

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(common, "record", fail)
    before = (User.objects.count(), Entry.objects.count(), RoleGrant.objects.count(), DutySlot.objects.count())
    for attempt in (
        lambda: actions.add_person(details=details(), by=council.system),
        lambda: actions.grant_role(
            person=council.near.nobody, role=Role.ADMIN, office=council.near.office, by=council.system, seen=0,
            starts=today(),
        ),
        lambda: actions.put_on_duty(
            person=council.near.worker, office=council.near.office, day=today(2), half=HalfDay.MORNING,
            by=council.near.manager,
        ),
        lambda: actions.deactivate_person(person=council.near.worker, by=council.system, seen=0, reason="Left."),
    ):  # fmt: skip
        with pytest.raises(RuntimeError):
            attempt()
    assert (User.objects.count(), Entry.objects.count(), RoleGrant.objects.count(), DutySlot.objects.count()) == before
    assert User.objects.get(pk=council.near.worker.pk).is_active


# --- roles ---------------------------------------------------------------------------------------


def grant(council: Council, who: User, role: Role, **over: object) -> RoleGrant:
    fresh = User.objects.get(pk=who.pk)
    return actions.grant_role(
        **{"person": who, "role": role, "by": council.system, "seen": fresh.ledger_seq, "starts": today(), **over}  # type: ignore[arg-type]
    )


@pytest.mark.policy("CLS-1")
def test_a_role_holds_from_its_first_day_to_its_last(council: Council) -> None:
    nobody, near = council.near.nobody, council.near.office
    made = grant(council, nobody, Role.ADMIN, office=near, starts=today(1), ends=today(2))
    held = [
        Role.ADMIN in authority_of(nobody, timezone.now() + dt.timedelta(days=days)).at_office(near.pk)
        for days in (0, 1, 2, 3)
    ]
    assert held == [False, True, True, False]
    assert made.granted_by == council.system
    assert last(nobody)[1] == {
        "grant": made.pk, "role": "admin", "office": near.pk, "starts": str(today(1)), "ends": str(today(2)),
    }  # fmt: skip


@pytest.mark.policy("CLS-1")
def test_nobody_gives_themselves_a_role(council: Council) -> None:
    with pytest.raises(NotPermitted):
        grant(council, council.system, Role.ADMIN, office=council.near.office)
    own = RoleGrant.objects.get(user=council.system)
    with pytest.raises(NotPermitted):
        actions.end_grant(grant=own, by=council.system, seen=council.system.ledger_seq)


@pytest.mark.parametrize(
    ("role", "over", "field"),
    [
        (Role.DUTY_WORKER, {}, "role"),
        (Role.ADMIN, {}, "office"),
        (Role.SAFEGUARDING, {"at": "near"}, "office"),
        (Role.SAFEGUARDING, {"starts": -1}, "starts"),
        (Role.SAFEGUARDING, {"ends": -1}, "ends"),
        (Role.CALDICOTT_GUARDIAN, {}, "role"),
    ],
)
def test_a_role_that_cant_be_given(council: Council, role: Role, over: dict, field: str) -> None:
    given: dict[str, object] = {}
    if "at" in over:
        given["office"] = council.near.office
    given |= {name: today(days) for name, days in over.items() if name != "at"}
    with pytest.raises(Refused) as caught:
        grant(council, council.near.nobody, role, **given)
    assert caught.value.field == field
    assert not RoleGrant.objects.filter(user=council.near.nobody).exists()


def test_the_same_role_twice_in_the_same_time_is_refused(council: Council) -> None:
    grant(council, council.near.nobody, Role.SAFEGUARDING, starts=today(1), ends=today(5))
    with pytest.raises(Refused):
        grant(council, council.near.nobody, Role.SAFEGUARDING, starts=today(5))
    grant(council, council.near.nobody, Role.SAFEGUARDING, starts=today(6))


def test_ending_a_role_at_once_ends_duty_too(council: Council) -> None:
    worker, near = council.near.worker, council.near.office
    actions.put_on_duty(person=worker, office=near, day=today(1), half=HalfDay.MORNING, by=council.near.manager)
    actions.put_on_duty(person=worker, office=near, day=today(), half=HalfDay.AFTERNOON, by=council.near.manager)
    worker.refresh_from_db()
    held = RoleGrant.objects.get(user=worker)
    actions.end_grant(grant=held, by=council.system, seen=worker.ledger_seq)
    assert authority_of(worker).roles == frozenset()
    assert not DutySlot.objects.filter(user=worker).exists()
    assert last(worker)[1]["duty_slots_removed"] == 2
    worker.refresh_from_db()
    with pytest.raises(Refused):
        actions.end_grant(grant=held, by=council.system, seen=worker.ledger_seq)


def test_ending_a_role_later_keeps_duty_until_then(council: Council) -> None:
    worker, near = council.near.worker, council.near.office
    for days in (1, 3):
        actions.put_on_duty(person=worker, office=near, day=today(days), half=HalfDay.MORNING, by=council.near.manager)
    worker.refresh_from_db()
    actions.end_grant(
        grant=RoleGrant.objects.get(user=worker), by=council.system, seen=worker.ledger_seq, last_day=today(2)
    )
    assert list(DutySlot.objects.filter(user=worker).values_list("day", flat=True)) == [today(1)]


def test_a_role_given_by_mistake_today_goes_at_once_and_stays_on_record(council: Council) -> None:
    made = grant(council, council.near.nobody, Role.SAFEGUARDING)
    nobody = User.objects.get(pk=council.near.nobody.pk)
    key = made.pk
    actions.end_grant(grant=made, by=council.system, seen=nobody.ledger_seq)
    assert authority_of(nobody).roles == frozenset()
    assert [row.history_type for row in RoleGrant.history.filter(id=key).order_by("history_id")] == ["+", "-"]
    assert [e.action for e in entries(nobody)] == ["grant_role", "end_grant"]


# --- deputies ------------------------------------------------------------------------------------


def test_a_deputy_acts_in_their_days(council: Council) -> None:
    who = council.near.manager
    actions.name_deputy(person=who, role=Role.CALDICOTT_GUARDIAN, starts=today(), ends=today(2), by=council.system)
    assert Role.CALDICOTT_GUARDIAN in authority_of(who).roles
    assert Role.CALDICOTT_GUARDIAN not in authority_of(who, timezone.now() + dt.timedelta(days=3)).roles
    assert last(who)[0] == "name_deputy"
    for other, over in ((council.near.deputy, {}), (council.wide[Role.CALDICOTT_GUARDIAN], {"starts": today(5)})):
        with pytest.raises(Refused):
            actions.name_deputy(
                **{"person": other, "role": Role.CALDICOTT_GUARDIAN, "starts": today(1), "by": council.system,
                   "ends": today(9), **over}
            )  # fmt: skip
    with pytest.raises(Refused):
        actions.name_deputy(person=who, role=Role.ADMIN, starts=today(), ends=today(), by=council.system)
    with pytest.raises(NotPermitted):
        actions.name_deputy(
            person=council.system, role=Role.ASSISTANT_DIRECTOR, starts=today(), ends=today(), by=council.system
        )
    actions.end_deputy(deputy=Deputy.objects.get(user=who), by=council.system)
    assert Role.CALDICOTT_GUARDIAN not in authority_of(who).roles


# --- rota ----------------------------------------------------------------------------------------


@pytest.mark.policy("OGP-3b")
def test_the_rota_makes_duty_workers(council: Council) -> None:
    near = council.near
    slot = actions.put_on_duty(
        person=near.colleague, office=near.office, day=today(1), half=HalfDay.MORNING, by=near.deputy
    )
    assert last(near.colleague) == (
        "put_on_duty",
        {"slot": slot.pk, "office": near.office.pk, "day": str(today(1)), "half": "am"},
    )
    with pytest.raises(Refused):
        actions.put_on_duty(
            person=near.colleague, office=near.office, day=today(1), half=HalfDay.MORNING, by=near.manager
        )
    actions.take_off_duty(slot=slot, by=near.manager)
    assert last(near.colleague)[0] == "take_off_duty"
    with pytest.raises(Refused):
        actions.take_off_duty(slot=slot, by=near.manager)


@pytest.mark.policy("OGP-3b")
def test_who_goes_on_the_rota_and_who_keeps_it(council: Council) -> None:
    near, far = council.near, council.far

    def put(who: User, by: User, office: Office = near.office, days: int = 1) -> None:
        actions.put_on_duty(person=who, office=office, day=today(days), half=HalfDay.MORNING, by=by)

    for by in (near.worker, near.admin, near.ap, far.manager, council.system, near.nobody):
        with pytest.raises(NotPermitted):
            put(near.colleague, by)
    with pytest.raises(NotPermitted):
        put(near.manager, near.manager)  # nobody puts themselves on
    for who in (near.admin, near.nobody, far.worker, council.system):
        with pytest.raises(Refused):
            put(who, near.manager)
    with pytest.raises(Refused):
        put(near.worker, near.manager, days=-1)
    with pytest.raises(Refused):
        put(near.worker, near.manager, days=400)
    with pytest.raises(NotPermitted):
        put(near.worker, near.manager, office=far.office)
    assert DutySlot.objects.filter(day=today(1)).count() == 0
    put(near.ap, near.manager)
    put(near.manager, near.deputy)


@pytest.mark.policy("OGP-3b")
def test_a_slot_without_a_social_work_role_gives_nothing(council: Council) -> None:
    duty = council.near.duty
    assert Role.DUTY_WORKER in authority_of(duty).roles
    RoleGrant.objects.filter(user=duty).delete()
    assert authority_of(duty).roles == frozenset()


# --- offices -------------------------------------------------------------------------------------


def office_details(**over: object) -> OfficeDetails:
    return OfficeDetails(**{"name": "Hilltop", "address": "Hill House\n2 Top Road\nnm9 9zz", **over})  # type: ignore[arg-type]


def test_an_office_is_added_and_changed(council: Council) -> None:
    made = actions.add_office(code="Hil", details=office_details(), by=council.system)
    assert made.address_lines == ["Hill House", "2 Top Road", "NM9 9ZZ"]
    assert made.ledger_subject == "office/hil"
    actions.change_office(office=made, details=office_details(phone="01632 960000"), by=council.system, seen=1)
    assert last(made) == ("change_office", {"changed": ["phone"]})
    with pytest.raises(OutOfDate):
        actions.change_office(office=made, details=office_details(), by=council.system, seen=1)
    with pytest.raises(Refused):
        actions.add_office(code="hil", details=office_details(name="Other"), by=council.system)
    with pytest.raises(NotPermitted):
        actions.add_office(code="two", details=office_details(name="Two"), by=council.near.manager)
    with pytest.raises(Refused):
        actions.change_office(
            office=council.near.office,
            details=office_details(name="Nearby", is_active=False),
            by=council.system,
            seen=0,
        )


@pytest.mark.policy("OGP-5")
@pytest.mark.parametrize(
    "address",
    ["NM1 1AA", "House\nStreet", "a\nb\nc\nd\ne\nf\ng\nNM1 1AA", "Children's Services\n1 Road\nNM1 1AA",
     "Social\nCare, 1 Road\nNM1 1AA", ""],
)  # fmt: skip
def test_a_return_address_that_cant_stand_on_an_envelope(council: Council, address: str) -> None:
    with pytest.raises(Refused) as caught:
        actions.add_office(code="bad", details=office_details(address=address), by=council.system)
    assert caught.value.field == "address"
    assert not Office.objects.filter(code="bad").exists()


def test_teams(council: Council) -> None:
    team = actions.add_team(office=council.near.office, name=" East  team ", by=council.system)
    assert team.name == "East team"
    with pytest.raises(Refused):
        actions.add_team(office=council.near.office, name="east TEAM", by=council.system)
    actions.rename_team(team=team, name="West team", by=council.system)
    assert [e.action for e in entries(council.near.office)] == ["change_office", "change_office"]
    with pytest.raises(NotPermitted):
        actions.rename_team(team=team, name="Mine", by=council.near.manager)
