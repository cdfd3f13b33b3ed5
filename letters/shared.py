"""What letters handed over together have in common: the same words, whoever each of them goes to (decision 0165)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from letters.models import Letter, LetterVersion, SharedText, TextCheck
from postroom.people.models import User

TEXT_TAG = b"postroom-text-1\0"
# What each letter of a set has of its own; its check confirms these for it singly.
OWN = ("reference", "address_lines", "salutation", "copies_to")


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
