"""Sending a password by text message: a gateway that an installation plugs in, or none.

`SMS_GATEWAY` names a class by its dotted path. It is made without arguments; `send(to, text, key)` returns when the
gateway has taken the message and raises `NotTexted` when it hasn't. Without a setting nobody is offered the way. Texts
go through the outbox, so a gateway may be slow or away without anybody waiting for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from postroom.web_post import PostFailed, post

SECONDS = 15


class NotTexted(Exception):
    """The gateway didn't take the message. `code`: a short word; `final`: another try would not help."""

    def __init__(self, code: str = "refused", *, final: bool = True) -> None:
        super().__init__(code)
        self.code, self.final = code, final


class Gateway(Protocol):
    """What a gateway does."""

    def send(self, to: str, text: str, key: str) -> None:
        """Take one message; `to` as +44 and digits. `key`: the same at every try of one message. Raises NotTexted."""
        ...


class FolderGateway:
    """For the demonstration and tests: writes each message to a file under DATA_DIR/texts, and sends nothing."""

    def send(self, to: str, text: str, key: str) -> None:
        """Write it down. The file's name tells nobody's number."""
        folder = Path(settings.DATA_DIR) / "texts"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / f"{key}.txt").write_text(f"{to}\n{text}\n")


# The name of the key, the service's id, the secret: both as they are printed, of 36 characters.
_KEY = re.compile(r".*-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class NotifyGateway:
    """GOV.UK Notify, which councils use: a template whose whole text is ((text)), and an API key of the service."""

    def send(self, to: str, text: str, key: str) -> None:
        """Hand it to Notify. 429 and 5xx are tried again, other refusals are for a person."""
        body = {
            "phone_number": to,
            "template_id": settings.NOTIFY_TEMPLATE,
            "personalisation": {"text": text},
            "reference": key,
        }
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {_token(settings.NOTIFY_API_KEY)}"}
        try:
            status, _ = post(f"{settings.NOTIFY_URL}/v2/notifications/sms", json.dumps(body).encode(), headers, SECONDS)
        except PostFailed as error:
            raise NotTexted(error.code, final=error.final) from error
        if status != 201:
            raise NotTexted(f"http_{status}", final=status < 500 and status not in (408, 429))


def _token(key: str) -> str:
    """What Notify takes as proof: a JSON Web Token that names the service, under the key's secret, of this second."""
    parts = _KEY.fullmatch(key)
    if parts is None:
        raise NotTexted("notify_key")
    head = {"typ": "JWT", "alg": "HS256"}
    signed = b".".join(_part(json.dumps(each).encode()) for each in (head, {"iss": parts[1], "iat": int(time.time())}))
    return b".".join((signed, _part(hmac.digest(parts[2].encode(), signed, hashlib.sha256)))).decode()


def _part(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def gateway() -> Gateway | None:
    """The gateway of this installation, or None."""
    if not settings.SMS_GATEWAY:
        return None
    made: Gateway = import_string(settings.SMS_GATEWAY)()
    return made


@register()
def gateway_stands(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Nothing starts with a gateway that can't be made, or that would send nothing to anybody in earnest."""
    name = settings.SMS_GATEWAY
    if not name:
        return []
    try:
        found = import_string(name)
    except ImportError:
        hint = "Name a class by its dotted path, or leave it empty: passwords are then read out by phone."
        return [Error(f"SMS_GATEWAY names no class: {name}.", hint=hint, id="distribution.E001")]
    if found is FolderGateway and settings.PRODUCTION:
        hint = "It writes passwords to a folder and sends nothing; it is for the demonstration."
        return [Error("SMS_GATEWAY is the folder.", hint=hint, id="distribution.E002")]
    if found is NotifyGateway and not (_KEY.fullmatch(settings.NOTIFY_API_KEY) and settings.NOTIFY_TEMPLATE):
        hint = "Set NOTIFY_API_KEY as Notify shows it once, and NOTIFY_TEMPLATE to the template's id."
        return [Error("GOV.UK Notify is not set up.", hint=hint, id="distribution.E003")]
    return []
