"""Sending a password by text message: a gateway that an installation plugs in, or none.

`SMS_GATEWAY` names a class by its dotted path. It is made without arguments; `send(to, text)` returns when the gateway
has taken the message and raises `NotTexted` when it certainly hasn't. Without a setting nobody is offered the way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class NotTexted(Exception):
    """The message was certainly not taken; another way can be used."""


class Gateway(Protocol):
    """What a gateway does."""

    def send(self, to: str, text: str) -> None:
        """Take one message; `to` as +44 and digits."""
        ...


class FolderGateway:
    """For the demonstration and tests: writes each message to a file under DATA_DIR/texts, and sends nothing."""

    def send(self, to: str, text: str) -> None:
        """Write it down. The file's name tells nobody's number."""
        folder = Path(settings.DATA_DIR) / "texts"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = len(list(folder.iterdir())) + 1
        (folder / f"{number:06d}.txt").write_text(f"{to}\n{text}\n")


def gateway() -> Gateway | None:
    """The gateway of this installation, or None."""
    if not settings.SMS_GATEWAY:
        return None
    made: Gateway = import_string(settings.SMS_GATEWAY)()
    return made
