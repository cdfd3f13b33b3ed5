"""ICS by HTTP: one POST, JSON in and out, with an idempotency key (docs/ics.md, for whoever builds the other end).

A request that got no answer is sent again with the same key, and the other end files it once. Redirects aren't
followed: the document goes to the address that was set, or nowhere.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from letters.ics.package import GatewayError, Package
from postroom.web_post import MOST_ANSWER, PostFailed, post

SECONDS = 20
LONGEST_REFERENCE = 60
# Of the 4xx these may pass: too early, too many, took too long.
_PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Answer:
    """What ICS said: its reference for the document, and the answer as it came (at most 2,000 characters)."""

    reference: str
    text: str


def deliver(package: Package, url: str, token: str, *, seconds: float = SECONDS) -> Answer:
    """Send the package and return the answer. Raises GatewayError: `final` for what another try can't mend."""
    words = {**json.loads(package.sidecar()), "document_base64": base64.b64encode(package.document).decode()}
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Idempotency-Key": package.key,
        "User-Agent": "Postroom",
        **({"Authorization": f"Bearer {token}"} if token else {}),
    }
    try:
        status, body = post(url, json.dumps(words).encode(), headers, seconds)
    except PostFailed as error:
        raise GatewayError(error.code, final=error.final) from error
    if status not in (200, 201):
        final = 300 <= status < 500 and status not in _PASSING
        raise GatewayError(f"http_{status}", final=final)
    return _answer(body)


def _answer(body: bytes) -> Answer:
    """The answer, if it is one. Anything else is tried again: the document may be filed, and the key keeps it once."""
    if len(body) > MOST_ANSWER:
        raise GatewayError("http_answer_too_long")
    try:
        text = body.decode()
        data = json.loads(text)
    except ValueError as error:
        raise GatewayError("http_answer_not_json") from error
    reference = data.get("reference") if isinstance(data, dict) else None
    if not isinstance(reference, str) or not reference.strip() or not reference.isprintable():
        raise GatewayError("http_answer_without_reference")
    if len(reference.strip()) > LONGEST_REFERENCE:
        raise GatewayError("http_answer_without_reference")
    return Answer(reference.strip(), text[:2000])
