"""Time stamps of RFC 3161: a service outside signs that a checkpoint's hash existed at a moment."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import urllib.request
from functools import lru_cache
from pathlib import Path
from urllib.error import URLError

from cryptography import x509
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

MOST = 64 * 1024
TIMEOUT = 20


class StampRefused(Exception):
    """The answer is no time stamp of a service that we trust over this hash. `str(error)` is a short code."""


def ask_for_stamp(url: str, digest: str) -> str:
    """A time stamp over the ASCII of `digest` from the service at `url`, checked, base64.

    Raises URLError (or another OSError) if the service can't be reached, StampRefused for an answer that won't do.
    """
    request = TimestampRequestBuilder().data(digest.encode("ascii")).hash_algorithm(HashAlgorithm.SHA256).build()
    if not url.startswith(("https://", "http://")):
        raise URLError("TSA_URL")
    asked = urllib.request.Request(  # noqa: S310 - http(s) alone, looked at above
        url, data=request.as_bytes(), headers={"Content-Type": "application/timestamp-query"}, method="POST"
    )
    with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:  # noqa: S310 # nosec B310 - http(s) alone
        raw = answer.read(MOST + 1)
    if len(raw) > MOST:
        raise StampRefused("too_long")
    _verify(raw, digest, nonce=request.nonce)
    return base64.b64encode(raw).decode("ascii")


def stamp_time(receipt: str, digest: str) -> dt.datetime:
    """When the service saw this hash (aware). Raises StampRefused if the stamp isn't over it, or not by a service of
    ours."""
    try:
        raw = base64.b64decode(receipt, validate=True)
    except (binascii.Error, ValueError):
        raise StampRefused("mangled") from None
    return _verify(raw, digest, nonce=None)


def _verify(raw: bytes, digest: str, *, nonce: int | None) -> dt.datetime:
    try:
        response = decode_timestamp_response(raw)
    except ValueError:
        raise StampRefused("not_a_stamp") from None
    builder = VerifierBuilder(roots=list(_roots(settings.TSA_ROOTS)), nonce=nonce)
    for certificate in response.signed_data.certificates:
        builder = builder.add_intermediate_certificate(x509.load_der_x509_certificate(certificate))
    try:
        builder.build().verify_message(response, digest.encode("ascii"))
    except (VerificationError, ValueError):
        raise StampRefused("not_verified") from None
    moment: dt.datetime = response.tst_info.gen_time
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


@lru_cache(maxsize=4)
def _roots(path: str) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(Path(path).read_bytes()))
