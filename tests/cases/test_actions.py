"""Each verb on cases: it works, the wrong person, state or version is refused, it is recorded, all or nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from postroom.cases import actions, hooks
from postroom.cases.actions import ChildDetails, PersonDetails
from postroom.cases.models import Address, Case, CasePerson
from postroom.ledger.models import Entry
from postroom.people.models import RoleGrant
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale, StepError
from tests.support.council import Council, case_of, entries, give, on_duty, person


@pytest.fixture
def case(council: Council) -> Case:
    return case_of(council.near)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def parent(case: Case) -> CasePerson:
    return case.people.get(relationship="parent")


def address(case: Case) -> Address:
    return Address.objects.get(person=parent(case), retired_at__isnull=True)


def last(case: Case) -> tuple[str, dict]:
    entry = entries(case)[-1]
    return entry.action, json.loads(entry.payload)


def details(**over: object) -> PersonDetails:
    return PersonDetails(**{"relationship": "carer", "name": "Mr Kit Keeper", **over})  # type: ignore[arg-type]


CHILD = ChildDetails(name="Robin Fresh", ics_number="12 34")


# --- opening -------------------------------------------------------------------------------------


@pytest.mark.policy("CLS-1")
def test_a_worker_opens_a_case_of_their_own(council: Council) -> None:
    made = actions.open_case(office=council.near.office, children=[CHILD], by=council.near.worker)
    assert made.allocated_worker == council.near.worker
    assert made.people.get().ics_number == "1234"
    assert made.version == 1
    assert last(made) == (
        "open_case",
        {"office": council.near.office.pk, "worker": council.near.worker.pk, "children": 1},
    )
    assert made.people.get().history.get().history_user_id == council.near.worker.pk


@pytest.mark.policy("CLS-1")
def test_admin_opens_a_case_that_waits_for_a_worker(council: Council) -> None:
    two = [CHILD, ChildDetails(name="Kim Fresh", ics_number="1235")]
    made = actions.open_case(office=council.near.office, children=two, by=council.near.admin)
    assert made.allocated_worker is None
    assert made.people.count() == 2


@pytest.mark.policy("CLS-1")
def test_nobody_else_opens_a_case(council: Council) -> None:
    near, far = council.near, council.far
    for by in (near.manager, near.deputy, near.ap, near.nobody, far.worker, far.admin, *council.wide.values()):
        with pytest.raises(NotAllowed):
            actions.open_case(office=near.office, children=[CHILD], by=by)
    assert not Case.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("children", "field"),
    [
        ([], "name"),
        ([ChildDetails(name=" ", ics_number="1")], "name"),
        ([ChildDetails(name="A", ics_number=" ")], "ics_number"),
        ([ChildDetails(name="A", ics_number="1"), ChildDetails(name="B", ics_number="1")], "ics_number"),
    ],
)
def test_a_case_needs_children_with_numbers(council: Council, children: list[ChildDetails], field: str) -> None:
    with pytest.raises(InvalidStep) as caught:
        actions.open_case(office=council.near.office, children=children, by=council.near.worker)
    assert caught.value.field == field
    assert not Case.objects.exists()


def test_an_ics_number_is_on_one_case(council: Council, case: Case) -> None:
    number = case.people.get(relationship="child").ics_number
    with pytest.raises(InvalidStep):
        actions.open_case(
            office=council.near.office,
            children=[ChildDetails(name="A", ics_number=number)],
            by=council.near.worker,
        )
    with pytest.raises(InvalidStep) as caught:
        actions.add_person(
            case=case,
            details=details(relationship="child", ics_number=number),
            by=council.near.worker,
            seen=Seen.of(case),
        )
    assert caught.value.field == "ics_number"
    assert Case.objects.count() == 1


# --- every other verb: who, state, version, twice ------------------------------------------------

Verb = Callable[[Case, Council, object, Seen], Case]
VERBS: dict[str, Verb] = {
    "add_person": lambda case, c, by, seen: actions.add_person(case=case, details=details(), by=by, seen=seen),
    "change_person": lambda case, c, by, seen: actions.change_person(
        case=case, person=parent(case), details=details(relationship="parent"), by=by, seen=seen
    ),
    "take_off": lambda case, c, by, seen: actions.take_off(case=case, person=parent(case), by=by, seen=seen),
    "add_address": lambda case, c, by, seen: actions.add_address(
        case=case, person=parent(case), lines="9 New Street\nNORTHMERE\nNM2 4BB", source="visit", by=by, seen=seen
    ),
    "replace_address": lambda case, c, by, seen: actions.add_address(
        case=case, person=parent(case), lines="9 New Street\nNORTHMERE\nNM2 4BB", source="visit", by=by, seen=seen,
        replaces=address(case),
    ),
    "retire_address": lambda case, c, by, seen: actions.retire_address(
        case=case, address=Address.objects.get(person=parent(case)), by=by, seen=seen
    ),
    "verify_address": lambda case, c, by, seen: actions.verify_address(
        case=case, address=address(case), source="visit", by=by, seen=seen
    ),
    "doubt_address": lambda case, c, by, seen: actions.doubt_address(
        case=case, address=address(case), reason="Moved, a neighbour said.", by=by, seen=seen
    ),
    "allocate": lambda case, c, by, seen: actions.allocate(case=case, worker=c.near.colleague, by=by, seen=seen),
    "move": lambda case, c, by, seen: actions.move(
        case=case, office=c.far.office, by=by, seen=seen, reason="They moved."
    ),
    "close_case": lambda case, c, by, seen: actions.close_case(case=case, by=by, seen=seen, reason="Done."),
}  # fmt: skip
AMENDERS = {"near.worker", "near.admin"}
MANAGERS = {"near.manager", "near.deputy"}
# Written by hand from clauses.md, "Who may do what": open …, mark or verify an address, allocate or move a case.
WHO = {
    "add_person": AMENDERS,
    "change_person": AMENDERS,
    "take_off": AMENDERS,
    "add_address": AMENDERS,
    "replace_address": AMENDERS,
    "retire_address": AMENDERS,
    "verify_address": {"near.worker"},
    "doubt_address": {"near.worker"},
    "allocate": MANAGERS,
    "move": MANAGERS,
    "close_case": MANAGERS,
}


@pytest.mark.policy("CLS-1", "CLS-6")
@pytest.mark.parametrize("name", VERBS)
def test_who_may(council: Council, case: Case, name: str) -> None:
    for who, user in council.everyone().items():
        before = fresh(case)
        sid = transaction.savepoint()
        try:
            VERBS[name](before, council, user, Seen.of(before))
            allowed = True
        except NotAllowed:
            allowed = False
            assert fresh(case).version == before.version
        transaction.savepoint_rollback(sid)
        assert allowed == (who in WHO[name]), f"{who} {name}"


def doer(council: Council, name: str) -> object:
    return council.near.manager if "near.manager" in WHO[name] else council.near.worker


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_is_recorded_and_moves_the_version(council: Council, case: Case, name: str) -> None:
    by = doer(council, name)
    done = VERBS[name](case, council, by, Seen.of(case))
    assert done.version == case.version + 1
    entry = entries(case)[-1]
    assert entry.actor_id == by.pk  # type: ignore[attr-defined]
    assert entry.version == done.version
    assert not {"Sample", "Keeper", "New Street", "NM2"} & set(entry.payload.replace('"', " ").split())


@pytest.mark.parametrize("name", VERBS)
def test_an_old_page_is_refused(council: Council, case: Case, name: str) -> None:
    seen = Seen.of(case)
    actions.add_person(case=case, details=details(name="Dr Ann Other"), by=council.near.worker, seen=seen)
    before = (Entry.objects.count(), Address.objects.count(), CasePerson.objects.count())
    with pytest.raises(Stale):
        VERBS[name](case, council, doer(council, name), seen)
    assert (Entry.objects.count(), Address.objects.count(), CasePerson.objects.count()) == before


@pytest.mark.parametrize("name", VERBS)
def test_a_closed_case_is_left_alone(council: Council, case: Case, name: str) -> None:
    closed = actions.close_case(case=case, by=council.near.manager, seen=Seen.of(case), reason="Done.")
    with pytest.raises(NotPossible):
        VERBS[name](closed, council, doer(council, name), Seen.of(closed))
    again = actions.reopen_case(case=closed, by=council.near.manager, seen=Seen.of(closed), reason="More.")
    assert again.state == "open"
    with pytest.raises(NotPossible):
        actions.reopen_case(case=again, by=council.near.manager, seen=Seen.of(again), reason="More.")


@pytest.mark.parametrize("name", sorted(set(VERBS) - {"verify_address", "doubt_address", "add_person", "add_address"}))
def test_twice_in_a_row_the_second_finds_nothing_to_do(council: Council, case: Case, name: str) -> None:
    by = doer(council, name)
    give(council.near.manager, Role.TEAM_MANAGER, council.far.office)  # sees the case after the move as well
    old = Address.objects.get(person=parent(case))
    done = VERBS[name](case, council, by, Seen.of(case))

    def again() -> Case:
        if name != "replace_address":
            return VERBS[name](done, council, by, Seen.of(done))
        lines = "8 New Street\nNORTHMERE\nNM2 4BB"
        return actions.add_address(
            case=done, person=parent(case), lines=lines, source="visit", by=by, seen=Seen.of(done), replaces=old
        )

    with pytest.raises(StepError):
        again()
    assert len(entries(case)) == 1


@pytest.mark.parametrize("name", VERBS)
def test_all_or_nothing(council: Council, case: Case, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.steps import engine

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(engine, "_save", fail)

    def rows() -> list[object]:
        return [
            list(Case.objects.values()),
            list(CasePerson.objects.values()),
            list(Address.objects.values()),
            Entry.objects.count(),
        ]

    before = rows()
    with pytest.raises(RuntimeError):
        VERBS[name](case, council, doer(council, name), Seen.of(case))
    assert rows() == before


def test_a_correction_says_why(council: Council, case: Case) -> None:
    by, seen = council.near.manager, Seen.of(case)
    with pytest.raises(ReasonNeeded):
        actions.move(case=case, office=council.far.office, by=by, seen=seen, reason=" ")
    with pytest.raises(ReasonNeeded):
        actions.close_case(case=case, by=by, seen=seen, reason=" ")
    with pytest.raises(ReasonNeeded):
        actions.doubt_address(case=case, address=address(case), reason=" ", by=council.near.worker, seen=Seen.of(case))


# --- people and addresses ------------------------------------------------------------------------


def test_a_case_keeps_a_child(council: Council, case: Case) -> None:
    child = case.people.get(relationship="child")
    with pytest.raises(InvalidStep):
        actions.take_off(case=case, person=child, by=council.near.worker, seen=Seen.of(case))
    with pytest.raises(InvalidStep):
        actions.change_person(case=case, person=child, details=details(), by=council.near.worker, seen=Seen.of(case))
    more = actions.add_person(
        case=case,
        details=details(relationship="child", ics_number="55", name="Second"),
        by=council.near.worker,
        seen=Seen.of(case),
    )
    off = actions.take_off(case=more, person=child, by=council.near.worker, seen=Seen.of(more))
    child.refresh_from_db()
    assert not child.is_active
    actions.put_back(case=off, person=child, by=council.near.worker, seen=Seen.of(off))
    child.refresh_from_db()
    assert child.is_active


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"name": ""}, "name"),
        ({"relationship": "stranger"}, "relationship"),
        ({"relationship": "child"}, "ics_number"),
        ({"ics_number": "77"}, "ics_number"),
    ],
)
def test_people_that_cant_be(council: Council, case: Case, over: dict, field: str) -> None:
    with pytest.raises(InvalidStep) as caught:
        actions.add_person(case=case, details=details(**over), by=council.near.worker, seen=Seen.of(case))
    assert caught.value.field == field
    assert fresh(case).version == case.version


@pytest.mark.parametrize(
    "lines",
    ["NM2 4BB", "1 Road", "1 Road\nTown", "", "Ms Pat Sample\n1 Road\nNM2"],
)
def test_lines_that_cant_be_an_address(council: Council, case: Case, lines: str) -> None:
    with pytest.raises(InvalidStep) as caught:
        actions.add_address(
            case=case, person=parent(case), lines=lines, source="visit", by=council.near.worker, seen=Seen.of(case)
        )
    assert caught.value.field == "lines"


def test_stricter_judges_are_heard(council: Council, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[list[str]] = []

    def judge(lines: object) -> list[str]:
        heard.append(list(lines))  # type: ignore[call-overload]
        return ["There is no such street."]

    monkeypatch.setattr(hooks, "check_lines", [judge])
    with pytest.raises(InvalidStep, match="no such street"):
        VERBS["add_address"](case, council, council.near.worker, Seen.of(case))
    with pytest.raises(InvalidStep, match="no such street"):
        VERBS["verify_address"](case, council, council.near.worker, Seen.of(case))
    assert heard[0] == [parent(case).name, "9 New Street", "NORTHMERE", "NM2 4BB"]


@pytest.mark.policy("CLS-6")
def test_a_verified_address_says_when_and_by_whom(council: Council, case: Case) -> None:
    where = address(case)
    Address.objects.filter(pk=where.pk).update(verified_on=None, verified_by=None)
    assert not address(case).is_usable
    VERBS["verify_address"](case, council, council.near.worker, Seen.of(case))
    now = address(case)
    assert (now.verified_on, now.verified_by, now.source) == (timezone.localdate(), council.near.worker, "visit")
    assert now.is_usable
    assert not now.is_stale


@pytest.mark.policy("CLS-6")
def test_an_old_verification_is_a_question(case: Case, settings: object) -> None:
    where = address(case)
    days = settings.ADDRESS_STALE_AFTER_DAYS  # type: ignore[attr-defined]
    where.verified_on = timezone.localdate() - dt.timedelta(days=days)
    assert not where.is_stale
    where.verified_on -= dt.timedelta(days=1)
    assert where.is_stale


@pytest.mark.policy("OGP-3a", "CLS-6")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("replace_address", ["address"]),
        ("retire_address", ["address"]),
        ("doubt_address", ["address"]),
        ("change_person", ["address"]),
        ("take_off", ["address"]),
        ("verify_address", []),
        ("add_address", []),
        ("add_person", []),
        ("allocate", ["worker"]),
        ("move", ["office", "worker"]),
        ("close_case", []),
    ],
)
def test_whoever_is_above_is_told(
    council: Council, case: Case, name: str, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(hooks, "on_address_changed", [lambda a: heard.append(("address", a.pk))])
    monkeypatch.setattr(hooks, "on_worker_changed", [lambda c: heard.append(("worker", c.pk))])
    monkeypatch.setattr(hooks, "on_office_changed", [lambda c: heard.append(("office", c.pk))])
    where = address(case).pk
    VERBS[name](case, council, doer(council, name), Seen.of(case))
    assert heard == [(kind, where if kind == "address" else case.pk) for kind in told]


@pytest.mark.policy("CLS-6")
def test_verifying_lifts_a_doubt(council: Council, case: Case) -> None:
    doubted = VERBS["doubt_address"](case, council, council.near.worker, Seen.of(case))
    assert not address(case).is_usable
    VERBS["verify_address"](doubted, council, council.near.worker, Seen.of(doubted))
    assert address(case).is_usable
    assert address(case).doubt_reason == ""


def test_postroom_itself_can_doubt_an_address(council: Council, case: Case) -> None:
    actions.doubt_address(case=case, address=address(case), reason="A letter came back.", by=None, seen=None)
    assert address(case).in_doubt
    assert entries(case)[-1].actor_name == "Postroom"


def test_rows_of_another_case_are_refused(council: Council, case: Case) -> None:
    other = case_of(council.near)
    by, seen = council.near.worker, Seen.of(case)
    for attempt in (
        lambda: actions.take_off(case=case, person=parent(other), by=by, seen=seen),
        lambda: actions.verify_address(case=case, address=address(other), source="ics", by=by, seen=seen),
        lambda: actions.retire_address(case=case, address=address(other), by=by, seen=seen),
        lambda: actions.add_address(
            case=case, person=parent(case), lines="1 A Street\nNM1 1AA", source="ics", by=by, seen=seen,
            replaces=address(other),
        ),
    ):  # fmt: skip
        with pytest.raises(InvalidStep):
            attempt()
    assert fresh(case).version == case.version


# --- allocation ----------------------------------------------------------------------------------


@pytest.mark.policy("CLS-1")
def test_a_case_goes_to_a_social_worker_of_its_office(council: Council, case: Case) -> None:
    near, far = council.near, council.far
    leaver = person("Lee Leaver", near.office, Role.WORKER, is_active=False)
    for worker in (near.admin, near.nobody, far.worker, council.system, leaver):
        with pytest.raises(InvalidStep):
            actions.allocate(case=case, worker=worker, by=near.manager, seen=Seen.of(case))
    for worker in (near.ap, near.deputy, near.manager):
        case = actions.allocate(case=case, worker=worker, by=near.manager, seen=Seen.of(case))
        assert case.allocated_worker == worker
    with pytest.raises(InvalidStep):
        actions.move(
            case=case, office=far.office, worker=near.worker, by=near.manager, seen=Seen.of(case), reason="Moved."
        )
    moved = actions.move(
        case=case, office=far.office, worker=far.worker, by=near.manager, seen=Seen.of(case), reason="Moved."
    )
    assert (moved.office, moved.allocated_worker) == (far.office, far.worker)


@pytest.mark.policy("CLS-1")
def test_the_allocated_worker_needs_to_be_a_social_worker_still(council: Council, case: Case) -> None:
    RoleGrant.objects.filter(user=council.near.worker).delete()
    with pytest.raises(NotAllowed):
        VERBS["verify_address"](case, council, council.near.worker, Seen.of(case))


def test_duty_alone_changes_no_case(council: Council, case: Case) -> None:
    on_duty(council.far.worker, council.near.office, council.near.manager)
    for name in VERBS:
        with pytest.raises(NotAllowed):
            VERBS[name](case, council, council.far.worker, Seen.of(case))


# --- the database itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM cases_case",
        "UPDATE cases_address SET lines = 'elsewhere'",
        "DELETE FROM cases_address",
        "DELETE FROM people_user",
        "DELETE FROM people_office",
        "UPDATE people_office SET code = code || 'x'",
    ],
)
def test_the_database_refuses(case: Case, sql: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
