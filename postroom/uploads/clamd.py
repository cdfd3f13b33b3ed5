"""ClamAV's daemon over its INSTREAM command: the bytes go to it in pieces, it answers with one line."""

from __future__ import annotations

import socket
import struct
from time import monotonic
from urllib.parse import urlsplit

_PIECE = 64 * 1024


class Infected(Exception):
    """The scanner knows something harmful in the file."""


class ScannerDown(Exception):
    """The scanner can't be reached, or didn't give an answer that says yes or no."""


def scan(data: bytes, url: str, *, seconds: float = 30.0) -> None:
    """Returns if the scanner found nothing. `url`: tcp://host:3310 or unix:///path/of/clamd.ctl.

    Raises Infected or ScannerDown; whatever isn't a plain OK is one of the two. `seconds` is for all of it: a scanner
    that answers a byte now and then holds nobody for longer.
    """
    until = monotonic() + seconds
    try:
        with _connect(url, seconds) as link:
            link.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), _PIECE):
                piece = data[start : start + _PIECE]
                link.settimeout(_left(until))
                link.sendall(struct.pack(">I", len(piece)) + piece)
            link.sendall(struct.pack(">I", 0))
            answer = _answer(link, until)
    except (OSError, ValueError) as error:
        raise ScannerDown(type(error).__name__) from error
    if answer == b"stream: OK":
        return
    if answer.endswith(b" FOUND"):
        raise Infected
    raise ScannerDown("no clear answer")


def _connect(url: str, seconds: float) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(seconds)
        try:
            link.connect(parts.path)
        except OSError:
            link.close()
            raise
        return link
    return socket.create_connection((parts.hostname or "localhost", parts.port or 3310), timeout=seconds)


def _left(until: float) -> float:
    """Seconds left. Raises TimeoutError (an OSError) when there are none."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _answer(link: socket.socket, until: float) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 4096:
        link.settimeout(_left(until))
        piece = link.recv(1024)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n ")
