"""One POST to a service outside, and its answer: for gateways that an installation plugs in. Redirects aren't followed.

What goes out goes to the address that was set, or nowhere.
"""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import urlsplit

MOST_ANSWER = 65_536


class PostFailed(Exception):
    """No answer came. `code`: a short word; `final`: another try can't mend it."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code, self.final = code, final


def post(url: str, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, bytes]:
    """The status and the answer, of which no more than one byte beyond `MOST_ANSWER` is read. Raises PostFailed.

    `seconds`: how long each wait on the network may take.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PostFailed("http_no_address", final=True)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=seconds, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
    try:
        connection.request("POST", parts.path or "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read(MOST_ANSWER + 1)
    except TimeoutError as error:
        raise PostFailed("http_timeout") from error
    except ssl.SSLError as error:
        raise PostFailed("http_tls") from error
    except (OSError, http.client.HTTPException) as error:
        raise PostFailed(f"http_{type(error).__name__}") from error
    finally:
        connection.close()
