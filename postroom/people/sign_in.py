"""Sign-in by django-allauth, narrowed to what a council needs."""

import base64
import hashlib
from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import force_bytes


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: a system administrator adds people. Errors say what to do next."""

    # The same sentence whether or not somebody has that address: nobody learns here who works for the council.
    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right. Check both and try again.",
        "enter_current_password": "That is not your present password. Try again.",
        "incorrect_password": "That is not your password. Try again.",
        "incorrect_code": "That code is not right. Wait for the next one in the app and type it in.",
        "too_many_login_attempts": (
            "There were too many tries, so signing in is locked for now. "
            f"Wait {settings.SIGN_IN_LOCKED_MINUTES} minutes and try again, or set a new password."
        ),
        "rate_limited": "There were too many tries. Wait a few minutes and try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always no."""
        return False


def _box() -> MultiFernet:
    """Encryption under keys of this installation's own; an older SECRET_KEY still opens what it closed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"postroom.mfa:" + force_bytes(key)).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class MfaAdapter(DefaultMFAAdapter):
    """Codes from a phone. The shared secrets are encrypted in the database: a copy of it opens no account."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right. Wait for the next one in the app and type it in.",
    }

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """As it was. Raises InvalidToken if SECRET_KEY was changed without SECRET_KEY_FALLBACKS."""
        return _box().decrypt(encrypted_text.encode()).decode()
