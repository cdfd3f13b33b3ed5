"""The canonical bytes: the same always, different for different entries, nothing taken that can't be told apart."""

import datetime as dt
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.ledger.chain import (
    GENESIS,
    EntryValues,
    encode_entry,
    entry_hash,
    from_microseconds,
    salted_hash,
    to_microseconds,
)
from postroom.ledger.errors import Unencodable

pytestmark = pytest.mark.policy("OGP-0")

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
numbers = st.integers(-(2**63), 2**63 - 1)
values = st.builds(
    EntryValues,
    words,
    numbers,
    numbers,
    words,
    st.none() | numbers,
    *[words] * 5,
    numbers,
    *[words] * 4,
)
PLAIN = EntryValues(
    "letter/K7Q2", 1, 1_784_539_800_123_457, "sign", 7, "Anne", "Worker", "", "a", "b", 3, "", "", "{}", GENESIS
)


def decode(raw):
    """The fields of an entry's bytes, read by the description in chain.py and nothing else."""
    fields = []
    while raw:
        size = int.from_bytes(raw[:4], "big")
        fields.append(raw[4 : 4 + size])
        raw = raw[4 + size :]
    return fields


@given(values)
def test_every_field_can_be_read_back_so_no_two_entries_share_bytes(entry):
    tag, *fields = decode(encode_entry(entry))
    assert tag == b"postroom-entry-1"
    back = []
    for name, raw in zip(EntryValues._fields, fields, strict=True):
        if name in {"seq", "at", "actor_id", "version"}:
            back.append(int.from_bytes(raw, "big", signed=True) if raw else None)
        else:
            back.append(raw.decode())
    assert EntryValues(*back) == entry


@given(values, values)
def test_different_entries_have_different_hashes(one, two):
    assert (entry_hash(one) == entry_hash(two)) == (one == two)


@given(st.lists(words, min_size=15, max_size=15), st.integers(0, 14), st.integers(0, 14))
def test_text_cannot_move_between_fields(texts, source, target):
    """What ends one field can't begin the next: the length stands before each."""
    names = [n for n in EntryValues._fields if n not in {"seq", "at", "actor_id", "version"}]
    entry = PLAIN._replace(**dict(zip(names, texts, strict=False)))
    a, b = names[source % len(names)], names[target % len(names)]
    moved = entry._replace(**{a: "", b: getattr(entry, b) + getattr(entry, a)}) if a != b else entry
    assert (encode_entry(moved) == encode_entry(entry)) == (moved == entry)


def test_the_bytes_of_one_entry_written_out_by_hand():
    """Pinned: a ledger written today must verify in ten years."""

    def text(value):
        return len(value).to_bytes(4, "big") + value

    def number(value):
        return bytes([0, 0, 0, 8]) + value.to_bytes(8, "big")

    raw = (
        text(b"postroom-entry-1")
        + text(b"letter/K7Q2")
        + number(1)
        + number(1_784_539_800_123_457)
        + text(b"sign")
        + number(7)
        + text(b"Anne")
        + text(b"Worker")
        + text(b"")
        + text(b"a")
        + text(b"b")
        + number(3)
        + text(b"")
        + text(b"")
        + text(b"{}")
        + text(b"0" * 64)
    )
    assert encode_entry(PLAIN) == raw
    assert entry_hash(PLAIN) == hashlib.sha256(raw).hexdigest()


def test_nobody_and_number_nought_are_two_things():
    assert encode_entry(PLAIN._replace(actor_id=None)) != encode_entry(PLAIN._replace(actor_id=0))


@pytest.mark.parametrize("name", EntryValues._fields)
@pytest.mark.parametrize("bad", ["a\0", "\ud800", b"bytes", 1.0, True, None, 2**63])
def test_what_is_not_exactly_text_or_a_number_is_refused_by_its_field(name, bad):
    if bad is None and name == "actor_id":
        return
    with pytest.raises(Unencodable) as refused:
        encode_entry(PLAIN._replace(**{name: bad}))
    assert refused.value.field == name


@given(st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31), timezones=st.timezones()))  # noqa: DTZ001
def test_a_time_is_exact_to_the_microsecond(moment):
    # In UTC: Python calls an hour that the clocks repeat unequal to every other time.
    assert from_microseconds(to_microseconds(moment)) == moment.astimezone(dt.UTC)


def test_a_time_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        to_microseconds(dt.datetime(2026, 7, 20, 9, 30))  # noqa: DTZ001


@given(words, words, words, words)
def test_salt_and_text_do_not_run_into_each_other(salt, text, other_salt, other_text):
    same = (salt, text) == (other_salt, other_text)
    assert (salted_hash(salt, text) == salted_hash(other_salt, other_text)) == same
