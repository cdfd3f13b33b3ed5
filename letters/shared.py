"""What letters handed over together have in common: the same words, whoever each of them goes to (decision 0165)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from letters.models import Letter, LetterFormat, LetterVersion, SharedText, TextCheck
from letters.states import State
from postroom.people.models import User

TEXT_TAG = b"postroom-text-1\0"
# What each letter of a set has of its own; its check confirms these for it singly.
OWN = ("reference", "address_lines", "salutation", "copies_to")
# What is typed once and given to the others (decision 0163); enclosures stay each letter's own.
WORDS = ("subject", "body", "sign_off", "letter_date")


def text_hash_of(content: str, salt: str) -> str:
    """The salted SHA-256 of a version's content (canonical JSON) without what is the letter's own; "" without a salt,
    and for a translation, whose words its translator answers for."""
    values: dict[str, Any] = json.loads(content)
    if not salt or values["language"]:
        return ""
    for name in OWN:
        del values[name]
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(TEXT_TAG + salt.encode() + b"\0" + text.encode()).hexdigest()


def text_hash_for(letter: Letter, content: str) -> str:
    """That hash for a version of this letter; "" for a letter that was handed over alone. At most one query."""
    if not letter.together:
        return ""
    salt = SharedText.objects.filter(word=letter.together).values_list("salt", flat=True).first()
    return text_hash_of(content, salt or "")


def words_in(content: Mapping[str, Any]) -> dict[str, str]:
    """The words of a frozen content, as they can be given to another letter."""
    return {name: str(content[name]) for name in WORDS}


def why_not_given(letter: Letter) -> str:
    """Why this letter's words can't be given to the others of its set; "" if they can. No query."""
    if not letter.together:
        return "This letter was handed over by itself: there are no others to give its words to."
    if letter.state == State.WITHDRAWN:
        return "This letter was withdrawn. Give the words of one that goes on."
    if letter.state == State.DRAFTED or letter.current is None:
        return "This letter has to be typed first. Then its words can be given to the others."
    if letter.current.as_content.get("document_sha256"):
        return "A finished document is this letter. It has no words that could be given to others."
    if not letter.current.body:
        return "What this letter said was destroyed, as the retention rules say."
    if letter.letter_format == LetterFormat.LANGUAGE:
        return "This letter is a translation: its translator answers for it, and for no other."
    return ""


def why_not_taken(letter: Letter) -> str:
    """Why this letter can't be given the words of another of its set; "" if it can. No query."""
    if letter.state in (State.WORKER_CHECKED, State.SIGNED):
        return "It has been checked as it is. To change it too, open it: a reason is asked, and its check is void."
    if letter.state not in (State.DRAFTED, State.TYPED):
        return "It can no longer be changed."
    if letter.letter_format == LetterFormat.LANGUAGE:
        return "It is in another language. Type its translation on its own page."
    if letter.current is not None and letter.current.as_content.get("document_sha256"):
        return "A finished document is this letter. Change it on its own page."
    return ""


def same_words(letter: Letter) -> QuerySet[Letter]:
    """The letters of its set, itself among them, that say now what it says; none for a letter that stands alone."""
    if not letter.together or letter.current is None or not letter.current.text_hash:
        return Letter.objects.none()
    return Letter.objects.filter(
        case_id=letter.case_id, together=letter.together, current__text_hash=letter.current.text_hash
    )


def text_check_of(letter: Letter, user: User) -> TextCheck | None:
    """What this person's check of the letter's address can rest on: they confirmed these very words, and typed them on
    none of the letters. At most one query."""
    if not letter.together or letter.current is None or not letter.current.text_hash:
        return None
    typed = LetterVersion.objects.filter(
        letter__case_id=letter.case_id,
        letter__together=letter.together,
        text_hash=OuterRef("text_hash"),
        typed_by=OuterRef("by"),
    )
    standing = TextCheck.objects.filter(
        ~Exists(typed),
        shared__word=letter.together,
        text_hash=letter.current.text_hash,
        by=user,
        voided_at__isnull=True,
    )
    return standing.first()
