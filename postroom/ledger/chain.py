"""The chain itself: which bytes an entry is, and its hash. Pure: nothing but the standard library.

An entry's bytes are a version tag and then its fields in the order of `EntryValues`, each as a length (unsigned,
32 bits, big-endian) and that many bytes. Text is UTF-8. A whole number is 8 bytes, signed, big-endian; a missing
number is no bytes. The time is whole microseconds since 1970 UTC. The payload is the very JSON text that is stored:
verifying hashes what is stored and never writes JSON anew. The hash is SHA-256, in lower-case hexadecimal.

Because every field carries its length and stands in its place, two different entries never give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from typing import NamedTuple

from postroom.ledger.errors import Unencodable

GENESIS = "0" * 64
ENTRY_TAG = "postroom-entry-1"
SALTED_TAG = "postroom-salted-1"
CHECKPOINT_TAG = "postroom-checkpoint-1"
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_INT64 = range(-(2**63), 2**63)


class EntryValues(NamedTuple):
    """What of an entry is hashed: all its columns but `id` and `hash`, in this order."""

    subject: str
    seq: int
    at: int
    action: str
    actor_id: int | None
    actor_name: str
    actor_role: str
    actor_authority: str
    from_state: str
    to_state: str
    version: int
    content_hash: str
    reason_hash: str
    payload: str
    previous_hash: str


_NUMBERS = frozenset({"seq", "at", "actor_id", "version"})
_MAY_BE_MISSING = frozenset({"actor_id"})
_PLAN = tuple((name, name in _NUMBERS, name in _MAY_BE_MISSING) for name in EntryValues._fields)


def text_field(name: str, value: object) -> bytes:
    """Length and UTF-8 bytes of a text. Raises Unencodable for NUL, lone surrogates and what isn't text."""
    if type(value) is not str:
        raise Unencodable(name, f"it should be text, but is {type(value).__name__}")
    try:
        raw = value.encode("utf-8")
    except UnicodeEncodeError:
        raise Unencodable(name, "it holds half a character (a lone surrogate)") from None
    if b"\0" in raw:
        raise Unencodable(name, "it holds the character NUL")
    return len(raw).to_bytes(4, "big") + raw


def number_field(name: str, value: object) -> bytes:
    """Length and 8 bytes of a whole number. Raises Unencodable for anything else and beyond 64 bits."""
    if type(value) is not int:
        raise Unencodable(name, f"it should be a whole number, but is {type(value).__name__}")
    if value not in _INT64:
        raise Unencodable(name, "the number is too large")
    return b"\0\0\0\x08" + value.to_bytes(8, "big", signed=True)


def encode_fields(tag: str, fields: Iterable[tuple[str, object]]) -> bytes:
    """A tag and named fields as bytes; the type of each value (str or int) decides how. Names are not part of them."""
    parts = [text_field("tag", tag)]
    for name, value in fields:
        parts.append(number_field(name, value) if type(value) is int else text_field(name, value))
    return b"".join(parts)


def encode_entry(values: EntryValues) -> bytes:
    """The canonical bytes of an entry. Raises Unencodable, naming the field."""
    parts = [_TAG_BYTES]
    for (name, is_number, may_be_missing), value in zip(_PLAN, values, strict=True):
        if is_number:
            parts.append(b"\0\0\0\0" if value is None and may_be_missing else number_field(name, value))
        else:
            parts.append(text_field(name, value))
    return b"".join(parts)


_TAG_BYTES = text_field("tag", ENTRY_TAG)


def entry_hash(values: EntryValues) -> str:
    """SHA-256 of the canonical bytes, 64 lower-case hexadecimal digits. Raises Unencodable."""
    return hashlib.sha256(encode_entry(values)).hexdigest()


def new_salt() -> str:
    """32 random bytes in hexadecimal, so that a short text can't be guessed from its hash."""
    return secrets.token_hex(32)


def salted_hash(salt: str, text: str) -> str:
    """The hash that stays in the chain when text and salt are destroyed. Raises Unencodable."""
    return hashlib.sha256(encode_fields(SALTED_TAG, (("salt", salt), ("text", text)))).hexdigest()


def to_microseconds(moment: dt.datetime) -> int:
    """Whole microseconds since 1970 UTC of an aware datetime; exact. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("A time in the ledger needs its time zone.")
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def from_microseconds(value: int) -> dt.datetime:
    """The aware UTC datetime of whole microseconds since 1970; exact."""
    return EPOCH + dt.timedelta(microseconds=value)


class CheckpointValues(NamedTuple):
    """What of a checkpoint is hashed, in this order; times as in entries, hashes as hexadecimal text."""

    number: int
    first_position: int
    last_position: int
    root: str
    at: int
    installation: str
    previous_hash: str


def checkpoint_hash(values: CheckpointValues) -> str:
    """SHA-256 of the checkpoint's bytes, in hexadecimal. Raises Unencodable."""
    return hashlib.sha256(encode_fields(CHECKPOINT_TAG, zip(values._fields, values, strict=True))).hexdigest()
