"""What the ledger says of a letter beyond its state: who checked, signed, initialled and posted it, and what it says.

Asked by every verification (`verify_ledger`, and nightly): a row that was put right by hand past its steps is named.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connections

from letters.content import hash_of
from letters.models import Letter
from letters.shared import text_hash_of, words_in
from letters.states import Action, State
from letters.ways import Way
from postroom.ledger.chain import EntryValues, to_microseconds
from postroom.ledger.reading import rows
from postroom.ledger.replaying import Told, details_in, details_of, first_that_differs
from postroom.ledger.verify import Finding

# What puts a letter into somebody's hand, or out of it.
_IN_HAND = (Action.TAKE_OUT, Action.BRING_BACK, Action.HAND_DELIVER, Action.WITHDRAW)


def check_letter(letter: Letter, entries: Sequence[EntryValues]) -> str:
    """What is wrong with the letter's row, given its entries in order; "" if they lead to it."""
    checked = _last(entries, lambda e: e.action in (Action.CHECK, Action.CHECK_ADDRESS))
    signed = _last(entries, lambda e: e.action in (Action.SIGN, Action.PP))
    initialled = _last(entries, lambda e: _arrives(e, State.ENVELOPED))
    posted = _last(entries, lambda e: _arrives(e, State.POSTED))
    for words, person, entry in (
        ("checked", letter.checked_by_id, checked),
        ("signed", letter.signed_by_id, signed),
        ("initialled", letter.initialled_by_id, initialled),
        ("posted", letter.posted_by_id, posted),
    ):
        if person is not None and (entry is None or entry.actor_id != person):
            return f"its row says that somebody else {words} it than its entries"
    carried = _last(entries, lambda e: e.action in _IN_HAND)
    has_it = carried.actor_id if carried is not None and carried.action == Action.TAKE_OUT else None
    if letter.carried_by_id != has_it:
        return "its row says that somebody else has it with them than its entries"
    if letter.signed_by_id is not None and signed is not None and letter.authority != signed.actor_authority:
        return "its row has another authority for the signature than its entries"
    if posted is not None and letter.posted_on is not None:
        day = details_of(posted).get("posted_on")
        if day is not None and day != letter.posted_on.isoformat():
            return f"its row says that it was posted on {letter.posted_on}, its entries on {day}"
    return first_that_differs(_way_and_record(letter, Told(entries), posted))


def _way_and_record(letter: Letter, told: Told, posted: EntryValues | None) -> Iterator[tuple[str, Any, Any]]:
    """Its way and mark, its tracking number, and when and as what it went onto the case record."""
    way = told.details(Action.CHOOSE_WAY, Action.HAND_OVER)
    yield "way", str(letter.way), way.get("way", Way.POST.value)
    yield "mark", letter.sensitive, way.get("sensitive", False)
    if letter.right_by_id is not None:
        sent = told.last(Action.SEND_EMAIL)
        yield "right to it", (letter.right_by_id, letter.right_basis), (told.actor(Action.SEND_EMAIL), *_basis(sent))
        yield "sender", letter.emailed_by_id, told.actor(Action.SEND_EMAIL)
        yield "number of e-mails", letter.sends, details_of(sent).get("send")
    if letter.emailed_on is not None:
        day = told.details(Action.ATTEMPT).get("emailed_on")
        yield "day of sending", letter.emailed_on.isoformat(), day
    if letter.posted_on is not None:
        yield "service abroad", letter.service, details_of(posted).get("service", "")
        yield "tracking number", letter.tracking_number, details_of(posted).get("tracking_number", "")
    uploaded = told.last(Action.UPLOAD)
    at = uploaded.at if uploaded is not None else None
    details = details_of(uploaded)
    if "happened_at" not in details:
        here = to_microseconds(letter.uploaded_at) if letter.uploaded_at is not None else None
        yield "time on the case record", here, at
    if "ics_reference" in details:
        yield "reference in ICS", letter.ics_reference, details["ics_reference"]
    elif uploaded is None:
        yield "reference in ICS", letter.ics_reference, ""


def _basis(sent: EntryValues | None) -> tuple[Any]:
    return (details_of(sent).get("basis"),)


def check_versions(using: str) -> Iterator[Finding]:
    """Every version says what its hash was made of, and its hash stands in the letter's entries.

    What a disposal destroyed says nothing any more; that it was approved stands in the disposal's own entries.
    """
    found = rows(
        connections[using],
        "SELECT l.reference, v.number, v.content, v.salt, v.content_hash, EXISTS (SELECT 1 FROM ledger_entry e "
        "WHERE e.subject = 'letter/' || l.reference AND e.content_hash = v.content_hash), EXISTS ("
        "SELECT 1 FROM letters_disposed d WHERE d.letter_id = l.id AND d.what = 'content' AND EXISTS ("
        "SELECT 1 FROM ledger_entry e WHERE e.subject = d.under AND e.action = 'approve_disposal')) "
        ", v.text_hash, s.salt FROM letters_letterversion v JOIN letters_letter l ON l.id = v.letter_id "
        "LEFT JOIN letters_sharedtext s ON l.together <> '' AND s.word = l.together ORDER BY v.id",
    )
    for reference, number, content, salt, digest, known, disposed, text_hash, text_salt in found:
        subject = f"letter/{reference}"
        if hash_of(content, salt) != digest and not disposed:
            yield Finding(f"version {number} does not say what it said (its hash does not match)", subject)
        elif not known:
            yield Finding(f"version {number} has a hash that no entry knows", subject)
        elif text_hash and not disposed and text_hash_of(content, text_salt or "") != text_hash:
            yield Finding(f"version {number} does not have the words in common that its row says", subject)


def check_shared_texts(using: str) -> Iterator[Finding]:
    """Every check that rests on one text for several letters: its row, the text's and its entry say the same of it."""
    told: Counter[tuple[Any, ...]] = Counter()
    for subject, actor, content_hash, payload in rows(
        connections[using],
        "SELECT subject, actor_id, content_hash, payload FROM ledger_entry WHERE action = %s ORDER BY id",
        [str(Action.CHECK_ADDRESS)],
    ):
        details = details_in(payload)
        told[(subject, actor, content_hash, details.get("text_check"), details.get("text"))] += 1
    kept = Counter(
        tuple(row)
        for row in rows(
            connections[using],
            "SELECT 'letter/' || l.reference, c.by_id, v.content_hash, t.id, t.text_hash FROM letters_check c "
            "JOIN letters_letter l ON l.id = c.letter_id JOIN letters_letterversion v ON v.id = c.version_id "
            "JOIN letters_textcheck t ON t.id = c.text_check_id AND t.by_id = c.by_id AND t.text_hash = v.text_hash "
            "JOIN letters_sharedtext s ON s.id = t.shared_id AND s.word = l.together ORDER BY c.id",
        )
    )
    for subject, *_ in sorted({*(told - kept), *(kept - told)}, key=str):
        yield Finding("a check of its address rests on another text than its entries say", subject)


def check_words_given(using: str) -> Iterator[Finding]:
    """Every letter that was given the words typed for another of its set says them, as its entry names the version.

    Of what a disposal destroyed there is nothing left to compare.
    """
    connection = connections[using]
    entries = rows(
        connection,
        "SELECT subject, payload FROM ledger_entry WHERE action = %s AND payload LIKE %s ORDER BY id",
        [str(Action.TYPE), '%"same_as"%'],
    )
    told = [(subject, details_in(payload)) for subject, payload in entries]
    if not told:
        return
    versions = {
        pk: (subject, number, of_set, content)
        for pk, subject, number, case_id, word, content, gone in rows(
            connection,
            "SELECT v.id, 'letter/' || l.reference, v.number, l.case_id, l.together, v.content, EXISTS (SELECT 1 FROM "
            "letters_disposed d WHERE d.letter_id = l.id AND d.what = 'content') FROM letters_letterversion v "
            "JOIN letters_letter l ON l.id = v.letter_id WHERE l.together <> '' ORDER BY v.id",
        )
        for of_set, content in [((case_id, word), None if gone else words_in(json.loads(content)))]
    }
    by_number = {(subject, number): (of_set, words) for subject, number, of_set, words in versions.values()}
    for subject, details in told:
        of_set, words = by_number.get((subject, details.get("version")), (None, None))
        _, _, source_set, source = versions.get(details.get("same_as"), ("", 0, None, None))
        if of_set is None or of_set != source_set or (words and source and words != source):
            yield Finding("a version says other words than those that its entry says it was given", subject)


def check_names_said(using: str) -> Iterator[Finding]:
    """Of whom a letter may name somebody said so: the rows and the entries tell the same people, by the same person."""
    told: Counter[tuple[Any, ...]] = Counter()
    for subject, actor, payload in rows(
        connections[using],
        "SELECT subject, actor_id, payload FROM ledger_entry WHERE action = %s ORDER BY id",
        [str(Action.NAME_OTHERS)],
    ):
        details = details_in(payload)
        told.update((subject, actor, details.get("version"), person) for person in details.get("people", ()))
    kept = Counter(
        tuple(row)
        for row in rows(
            connections[using],
            "SELECT 'letter/' || l.reference, n.said_by_id, v.number, n.person_id FROM letters_namedother n "
            "JOIN letters_letterversion v ON v.id = n.version_id JOIN letters_letter l ON l.id = v.letter_id "
            "WHERE n.said_at IS NOT NULL ORDER BY n.id",
        )
    )
    for subject, *_ in sorted({*(told - kept), *(kept - told)}, key=str):
        yield Finding("whom it may name was said otherwise than its entries say", subject)


def check_made_in_format(using: str) -> Iterator[Finding]:
    """What was made in an addressee's format: the rows and the entries tell the same, by the same person."""
    told: Counter[tuple[Any, ...]] = Counter()
    for subject, actor, payload in rows(
        connections[using],
        "SELECT subject, actor_id, payload FROM ledger_entry WHERE action = %s ORDER BY id",
        [str(Action.RECORD_FORMAT)],
    ):
        details = details_in(payload)
        told[(subject, actor, details.get("version"), details.get("format"), details.get("count"))] += 1
    kept = Counter(
        tuple(row)
        for row in rows(
            connections[using],
            "SELECT 'letter/' || l.reference, m.by_id, v.number, m.letter_format, m.count FROM letters_madeinformat m "
            "JOIN letters_letterversion v ON v.id = m.version_id JOIN letters_letter l ON l.id = v.letter_id "
            "ORDER BY m.id",
        )
    )
    for subject, *_ in sorted({*(told - kept), *(kept - told)}, key=str):
        yield Finding("what was made in its addressee's format is otherwise than its entries say", subject)


def _last(entries: Sequence[EntryValues], is_it: Any) -> EntryValues | None:
    return next((entry for entry in reversed(entries) if is_it(entry)), None)


def _arrives(entry: EntryValues, state: State) -> bool:
    return entry.to_state == state and entry.from_state != state
