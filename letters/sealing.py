"""The encrypted PDF and its password (CLS-6: items password protected, the password never in the same message).

The PDF is AES-256 (revision 6), metadata too. The password is drawn at random and kept encrypted under a key of this
installation until it has been given; afterwards nothing of it is kept.
"""

from __future__ import annotations

import base64
import secrets
from io import BytesIO

import pikepdf
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from postroom.steps.references import ALPHABET

GROUPS, LETTERS = 4, 4  # 30 letters to the power of 16: 78 bits


def new_password() -> str:
    """Four groups of four letters and digits without look-alikes: to be read out over the phone."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))


def encrypt_pdf(pdf: bytes, password: str) -> bytes:
    """The PDF under AES-256. It opens only with the password; the owner's is another that nobody has."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        out = BytesIO()
        opened.save(
            out,
            encryption=pikepdf.Encryption(user=password, owner=secrets.token_urlsafe(32), R=6, aes=True, metadata=True),
        )
    return out.getvalue()


def seal(password: str) -> str:
    """The password as it is kept in the database."""
    return _box().encrypt(password.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The password again; None where it is gone, or the installation's secret key was changed since."""
    try:
        return _box().decrypt(sealed.encode()).decode() if sealed else None
    except InvalidToken:
        return None


def _box() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"postroom e-mailed documents")
    return Fernet(base64.urlsafe_b64encode(key.derive(settings.SECRET_KEY.encode())))
