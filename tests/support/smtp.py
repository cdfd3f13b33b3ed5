"""A real SMTP server on loopback that behaves well, badly, or dies, as a test wants it to."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

MODES = (
    "up",
    "slow",  # answers the whole message only after `delay` seconds
    "refusing_mail",  # 451 (or `reply`) to MAIL FROM
    "refusing_rcpt",  # 550 to RCPT TO
    "refusing_data",  # 554 to the whole message: nothing is kept
    "busy",  # 451 to the whole message: nothing is kept, come again
    "dropped_at_rcpt",  # hangs up before DATA
    "dropped_after_data",  # keeps the message, hangs up instead of answering
    "bouncing",  # accepts, and afterwards a delivery report to the sender lies in `bounces`
)


@dataclass
class Mailroom:
    """What the server was given, in order. `mode` may be changed at any time; `reply` replaces a refusal's line."""

    mode: str = "up"
    reply: str = ""
    delay: float = 1.0
    kept: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    bounces: list[tuple[str, EmailMessage]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def ids(self) -> list[str]:
        """The Message-IDs of all messages kept."""
        return [str(message["Message-ID"]) for message in self.kept]

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.seen.append("MAIL")
        if self.mode == "refusing_mail":
            return self.reply or "451 4.3.0 try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender ok"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.seen.append("RCPT")
        if self.mode == "refusing_rcpt":
            return self.reply or "550 5.1.1 no such mailbox"
        if self.mode == "dropped_at_rcpt":
            _hang_up(server)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.seen.append("DATA")
        if self.mode == "refusing_data":
            return self.reply or "554 5.6.0 message refused"
        if self.mode == "busy":
            return self.reply or "451 4.3.2 too busy"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.kept.append(message)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        if self.mode == "bouncing":
            self.bounces.append((envelope.mail_from, _delivery_report(message, envelope.rcpt_tos[0])))
        if self.mode == "slow":
            await asyncio.sleep(self.delay)
        if self.mode == "dropped_after_data":
            _hang_up(server)
        return "250 2.0.0 kept"


@contextmanager
def mail_server(
    mode: str = "up", *, port: int = 0, delay: float = 1.0, tls: ssl.SSLContext | None = None
) -> Iterator[Mailroom]:
    """Run the server on a free port of 127.0.0.1 (or `port`) while the block runs; yields what it keeps.

    `tls`: nothing is taken before STARTTLS with this context.

    Point Django at it with `EMAIL_BACKEND` smtp, `EMAIL_HOST = room.host`, `EMAIL_PORT = room.port`.
    """
    if mode not in MODES:
        raise ValueError(mode)
    room = Mailroom(mode=mode, delay=delay, port=port or free_port())
    secure = {"tls_context": tls, "require_starttls": True} if tls else {}
    controller = Controller(room, hostname=room.host, port=room.port, ready_timeout=10, **secure)
    controller.start()
    try:
        yield room
    finally:
        controller.stop()


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _hang_up(server: SMTP) -> None:
    """Cut the connection as a crash does: without a reply."""
    transport = server.transport
    assert isinstance(transport, asyncio.WriteTransport)
    transport.abort()


def _delivery_report(message: EmailMessage, recipient: str) -> EmailMessage:
    """What a mail system sends back when it accepted a message and then couldn't deliver it (RFC 3464)."""
    report = (
        "From: MAILER-DAEMON@localhost\n"
        "Subject: Delivery Status Notification (Failure)\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"\n\n'
        "--=_report\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n"
        "--=_report\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; localhost\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--=_report\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message['Message-ID']}\n\n--=_report--\n"
    )
    return email.message_from_string(report, policy=email.policy.default)
