"""One entry at a time: what record() writes, refuses and leaves alone."""

import datetime as dt

import pytest
from django.db import transaction

from postroom.ledger.chain import GENESIS, entry_hash, salted_hash
from postroom.ledger.errors import ChainMoved, NotInTransaction, Unencodable
from postroom.ledger.models import Entry, Reason
from postroom.ledger.recording import SYSTEM, Actor, Step, build_entries, record, record_and_save
from postroom.ledger.tests.conftest import make_office

AT = dt.datetime(2026, 7, 20, 9, 30, 0, 123457, tzinfo=dt.UTC)
ANNE = Actor(id=7, name="Anne Example", role="Admin", authority="")
pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-0")]


@pytest.fixture
def office():
    return make_office("riv")


def test_an_entry_says_who_when_and_what(office):
    with transaction.atomic():
        record(
            office,
            action="rename",
            actor=ANNE,
            from_state="a",
            to_state="b",
            version=3,
            content_hash="cd" * 32,
            details={"field": "name", "é": [1, None, True]},
            at=AT,
        )
    entry = Entry.objects.get()
    assert (entry.subject, entry.seq, entry.at, entry.action) == ("office/riv", 1, AT, "rename")
    assert (entry.actor_id, entry.actor_name, entry.actor_role) == (7, "Anne Example", "Admin")
    assert (entry.from_state, entry.to_state, entry.version) == ("a", "b", 3)
    assert entry.payload == '{"field":"name","é":[1,null,true]}'
    assert entry.previous_hash == GENESIS
    assert entry.hash == entry_hash(entry.values())


def test_record_moves_the_subject_in_memory_only(office):
    with transaction.atomic():
        first = record(office, action="one", actor=SYSTEM)
        second = record(office, action="two", actor=SYSTEM)
    assert second.previous_hash == first.hash
    assert (office.ledger_seq, office.ledger_head) == (2, second.hash)
    stored = type(office).objects.get()
    assert (stored.ledger_seq, stored.ledger_head) == (0, GENESIS)


def test_record_and_save_leaves_other_fields_of_the_row_alone(office):
    office.name = "typed, not saved"
    entry = record_and_save(office, action="one", actor=SYSTEM, at=AT)
    stored = type(office).objects.get()
    assert (stored.ledger_seq, stored.ledger_head, stored.name) == (1, entry.hash, "Office riv")
    assert office.ledger_head == entry.hash


def test_a_reason_lies_beside_the_chain_under_its_salt(office):
    entry = record_and_save(office, action="one", actor=SYSTEM, reason="The child moved.")
    reason = Reason.objects.get()
    assert (reason.subject, reason.seq, reason.text) == ("office/riv", 1, "The child moved.")
    assert entry.reason_hash == salted_hash(reason.salt, reason.text)
    assert "moved" not in repr(entry.values())


def test_the_same_reason_twice_has_two_hashes(office):
    one = record_and_save(office, action="one", actor=SYSTEM, reason="Wrong address")
    two = record_and_save(office, action="one", actor=SYSTEM, reason="Wrong address")
    assert one.reason_hash != two.reason_hash


@pytest.mark.django_db(transaction=True)
def test_record_outside_a_transaction_is_refused(office):
    with pytest.raises(NotInTransaction):
        record(office, action="one", actor=SYSTEM)


def test_a_stale_subject_cannot_fork_its_chain(office):
    stale = type(office).objects.get()
    record_and_save(office, action="one", actor=SYSTEM)
    with pytest.raises(ChainMoved), transaction.atomic():
        record(stale, action="another", actor=SYSTEM)
    assert (stale.ledger_seq, stale.ledger_head) == (0, GENESIS)
    assert Entry.objects.get().action == "one"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "a\0b"}, "text"),
        ({"action": "a\ud800"}, "action"),
        ({"details": {"a": ["\0"]}}, "details"),
        ({"details": {"a": "\udc00"}}, "payload"),
        ({"details": {1: "a"}}, "details"),
        ({"details": {"a": float("nan")}}, "details"),
        ({"details": {"a": AT}}, "details"),
        ({"version": 2**63}, "version"),
        ({"version": True}, "version"),
        ({"actor": Actor(id=1, name="\0")}, "actor_name"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_moves(office, change, field):
    with pytest.raises(Unencodable) as refused:
        record_and_save(office, **{"action": "one", "actor": SYSTEM, **change})
    assert refused.value.field == field
    assert not Entry.objects.exists()
    assert office.ledger_seq == 0


@pytest.mark.parametrize("code", ["", "a b", "a\nb", "é"])
def test_a_subject_without_a_plain_reference_is_refused(office, code):
    office.code = code
    with pytest.raises(Unencodable), transaction.atomic():
        record(office, action="one", actor=SYSTEM)


def test_rows_made_in_bulk_are_those_that_record_writes(office):
    other = make_office("hil")
    steps = [
        Step(action="one", actor=SYSTEM, at=AT, to_state="a", details={"b": 1, "a": 2}),
        Step(action="two", actor=ANNE, at=AT, from_state="a", to_state="b", version=2),
    ]
    with transaction.atomic():
        for step in steps:
            fields = {name: getattr(step, name) for name in step.__dataclass_fields__}
            record(office, **fields)
    entries, reasons = build_entries((other, step) for step in steps)
    Entry.objects.bulk_create(entries)
    assert not reasons
    rows = [
        list(
            Entry.objects.filter(subject=s).order_by("seq").values_list("seq", "at", "action", "actor_name", "payload")
        )
        for s in ("office/riv", "office/hil")
    ]
    assert rows[0] == rows[1]
    assert [entry.hash for entry in entries] == [entry_hash(entry.values()) for entry in entries]
    assert other.ledger_seq == 2
    assert other.ledger_head == entries[-1].hash
