"""Checkpoints are signed (Ed25519, RFC 8032) with a key that isn't in the database.

The key comes from LEDGER_SIGNING_KEY, 64 hexadecimal digits; without it one is made and kept in DATA_DIR, readable by
the application's account only. Whoever owns the database but not this key can't write checkpoints of their own.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def sign(digest: str) -> tuple[str, str]:
    """The public key and the signature over the ASCII of `digest`, both in hexadecimal."""
    key = _private_key(make=True)
    assert key is not None  # noqa: S101 - it was made
    return _public(key), key.sign(digest.encode("ascii")).hex()


def signature_holds(digest: str, public_key: str, signature: str) -> bool:
    """Whether the signature over `digest` was made with this key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), digest.encode("utf-8"))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def trusted_keys() -> frozenset[str]:
    """The public keys that this installation signs or has signed with; empty where no key has been made yet.

    LEDGER_OLD_KEYS lists the public ones of keys that were replaced.
    """
    key = _private_key(make=False)
    return frozenset([*settings.LEDGER_OLD_KEYS, *([_public(key)] if key else [])])


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def _private_key(*, make: bool) -> Ed25519PrivateKey | None:
    text = settings.LEDGER_SIGNING_KEY
    if not text:
        path = Path(settings.DATA_DIR) / "ledger_signing_key"
        if not path.exists():
            if not make:
                return None
            _write_once(path, os.urandom(32).hex())
        text = path.read_text()
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))
    except ValueError as error:
        raise ImproperlyConfigured("LEDGER_SIGNING_KEY must be 64 hexadecimal digits.") from error


def _write_once(path: Path, text: str) -> None:
    # Two threads or processes may start together: the file appears whole, and the later one keeps the first one's.
    handle, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # readable by this account only
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
