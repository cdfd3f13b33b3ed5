"""GOV.UK Notify as the tests need it: a service on loopback that checks the token and keeps what it was given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.utils import timezone

SERVICE, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"postroom-{SERVICE}-{SECRET}"
GATEWAY = "distribution.texting.NotifyGateway"


@dataclass
class Notify:
    """A service that answers as Notify does: checks the token, keeps what it was given."""

    mode: str = "up"
    url: str = ""
    kept: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, path: str, authorization: str, body: bytes) -> int:
        """The status; the message is kept at 201."""
        if self.mode.isdecimal():
            return int(self.mode)
        signed, _, mark = authorization.removeprefix("Bearer ").rpartition(".")
        right = base64.urlsafe_b64encode(hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha256)).rstrip(b"=")
        head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in signed.split("."))
        fresh_now = abs(claims["iat"] - timezone.now().timestamp()) < 30
        if mark.encode() != right or head["alg"] != "HS256" or claims["iss"] != SERVICE or not fresh_now:
            return 403
        if path != "/v2/notifications/sms":
            return 404
        self.kept.append(json.loads(body))
        return 201


@contextmanager
def notify_service() -> Iterator[Notify]:
    """One that runs while the block does."""
    service = Notify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = service.answer(self.path, self.headers["Authorization"], body)
            if service.mode == "answer lost":
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: Any) -> None:
            """Nothing on the screen."""

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Quiet(ThreadingHTTPServer):
    """Its clients may be killed in mid-sentence: that is what they are for."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing on the screen."""
