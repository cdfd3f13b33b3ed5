"""Delivery reports as mail systems send them: what one says, and of which e-mail. Pure: bytes in, a `Report` out.

Understood: RFC 3464 with any of its actions, its internationalised form (RFC 6533), Exim's and qmail's older notes. Not
a report: an answer, an out-of-office reply, a receipt for reading. A report speaks of the message that it brings back,
never of one that this message answered: a failed reply to our e-mail says nothing of our e-mail.
"""

from __future__ import annotations

import base64
import binascii
import email
import re
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message

# What a report says stands at its beginning; the returned document behind it may be large and isn't wanted.
KEPT_BYTES = 1024 * 1024
FAILED = "failed"
_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_HEADER_PARTS = ("text/rfc822-headers", "message/global-headers")
_RETURNED_PARTS = ("message/rfc822", "message/global", "message/partial")
_ACTION = re.compile(r"(?im)^Action:[ \t]*([a-z]+)")
_STATUS = re.compile(r"(?im)^Status:[ \t]*([245]\.\d{1,3}\.\d{1,3})")
_STATUS_IN_WORDS = re.compile(r"#([45]\.\d{1,3}\.\d{1,3})")
_MESSAGE_ID = re.compile(r"(?im)^(?:X-)?(?:Original-)?Message-ID:\s*(\S{1,300})")
_QMAIL = re.compile(r"\s*Hi\. This is the ")
_KNOWN = frozenset({FAILED, "delayed", "delivered", "relayed", "expanded"})


class NotAReport(ValueError):
    """These bytes are no delivery report; the words say what they are instead."""


@dataclass(frozen=True)
class Report:
    """`action`: failed, or what else became of the e-mail. `status`: like 5.1.1, or "". `message_ids`: of which one."""

    action: str
    status: str
    message_ids: tuple[str, ...]


def read_report(data: bytes) -> Report:
    """What a delivery report says. Only its first `KEPT_BYTES` are looked at. Raises NotAReport."""
    data = data[:KEPT_BYTES]
    if not data.strip():
        raise NotAReport("There is no report on the input.")
    try:
        return _read(email.message_from_bytes(data))
    except RecursionError:
        raise NotAReport("This message is nested too deeply to be a delivery report.") from None


def _read(message: Message) -> Report:
    parts = list(message.walk())
    kinds = {part.get_content_type() for part in parts}
    ids = _ids(message, parts)
    fields = "\n".join(_status_of(part) for part in parts if part.get_content_type() in _STATUS_PARTS)
    if fields:
        return Report(_worst(_ACTION.findall(fields)), _first(_STATUS, fields), ids)
    if "message/disposition-notification" in kinds:
        raise NotAReport("This is a receipt that says what became of an e-mail after it arrived.")
    words = _text_of(next((part for part in parts if part.get_content_type() == "text/plain"), message))
    if message.get("X-Failed-Recipients") or _QMAIL.match(words):
        return Report(FAILED, _first(_STATUS_IN_WORDS, words), ids)
    raise NotAReport("This is no delivery report: an answer, perhaps, or an out-of-office reply.")


def _worst(actions: list[str]) -> str:
    """Ours go to one recipient each: if any block says failed, it failed."""
    found = [action.lower() for action in actions]
    if FAILED in found:
        return FAILED
    if not found or found[0] not in _KNOWN:
        raise NotAReport("This delivery report doesn't say what became of the e-mail.")
    return found[0]


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _ids(message: Message, parts: list[Message]) -> tuple[str, ...]:
    """The Message-ID of the message that came back; without one, what the report itself says that it answers."""
    found: list[str] = []
    for number, part in enumerate(parts):
        if number and part.get("Message-ID") and _is_returned(part, parts[:number]):
            found.append(str(part["Message-ID"]))
        if part.get_content_type() in (*_HEADER_PARTS, *_STATUS_PARTS):
            found += _MESSAGE_ID.findall(_status_of(part))
    if not found and not message.is_multipart():
        found = _MESSAGE_ID.findall(_text_of(message))
    if not found:
        found = [str(message.get(name, "")) for name in ("X-Failed-Message-ID", "In-Reply-To", "References")]
    return tuple(dict.fromkeys(one.strip() for one in found if one.strip()))


def _is_returned(part: Message, before: list[Message]) -> bool:
    """Is this the head of a message that was put into the report whole?"""
    return any(
        each.get_content_type() in _RETURNED_PARTS and each.is_multipart() and part in each.get_payload()
        for each in before
    )


def _status_of(part: Message) -> str:
    """The lines of a part that holds fields, however the mail system wrapped them."""
    payload = part.get_payload()
    inner = payload if isinstance(payload, list) else []
    text = "\n".join(one.as_string() for one in inner if isinstance(one, Message)) if inner else _text_of(part)
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        with suppress(binascii.Error, ValueError):
            text += "\n" + base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    return text


def _text_of(part: Message) -> str:
    """The text of one part, in whatever charset: every field looked for is ASCII."""
    data = part.get_payload(decode=True)
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
