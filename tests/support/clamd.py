"""A virus scanner for tests: a real server on loopback that speaks clamd's INSTREAM, and answers as it is told to."""

from __future__ import annotations

import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

EICAR = b"EICAR-STANDARD"
MANNERS = ("found", "down", "silent", "trickling", "unclear")


class _Clamd(socketserver.BaseRequestHandler):
    """What it answers stands on the server: `answer`, else by what it was sent; `manner`: when."""

    def handle(self) -> None:
        with suppress(ConnectionError, EOFError):
            self._answer()

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.request.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def _answer(self) -> None:
        server: Any = self.server
        assert self._exactly(10) == b"zINSTREAM\0"
        while size := struct.unpack(">I", self._exactly(4))[0]:
            server.got += self._exactly(size)
        found = server.manner == "found" or EICAR in server.got
        answer = server.answer or (b"stream: Eicar FOUND\0" if found else b"stream: OK\0")
        if server.manner == "silent":
            self.request.recv(1)  # until the other side has had enough
            return
        if server.manner == "unclear":
            answer = b"INSTREAM size limit exceeded. ERROR\0"
        for place in range(len(answer)) if server.manner == "trickling" else ():
            self.request.sendall(answer[place : place + 1])
            time.sleep(0.1)
        if server.manner != "trickling":
            self.request.sendall(answer)


@contextmanager
def scanner(settings: Any, seconds: float = 5.0) -> Iterator[Any]:
    """The server, set up as the project's scanner; `got`: the bytes it was sent."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        server.daemon_threads, server.block_on_close = True, False
        served: Any = server
        served.got, served.answer, served.manner = b"", b"", "clean"
        settings.CLAMD_URL, settings.CLAMD_SECONDS = f"tcp://127.0.0.1:{server.server_address[1]}", seconds
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield served
        server.shutdown()
        thread.join()
