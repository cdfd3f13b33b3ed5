"""The process in which a file from outside is opened: little memory, little time, nothing of Postroom in it.

Reads the file from stdin; its arguments are the kinds allowed. Writes one line of JSON, then the bytes to keep, if they
are others than were given. A picture, PDF or Word file that is built to do harm can hurt this process and no other.
"""

from __future__ import annotations

import json
import resource
import sys

from postroom.uploads.examine import examine
from postroom.uploads.kinds import Kind, Refused

MEMORY = 2 * 1024**3  # bytes of addresses, libraries included
SECONDS = 30  # of processor time


def main() -> None:
    """Examine what stands on stdin."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it can write to its pipe, to no file
    data = sys.stdin.buffer.read()
    answer: dict[str, object]
    kept = b""
    try:
        checked = examine(data, tuple(Kind(name) for name in sys.argv[1:]))
    except Refused as error:
        answer = {"refused": error.code, "sentence": str(error)}
    except MemoryError:
        answer = {"refused": "swollen", "sentence": ""}
    else:
        kept = b"" if checked.data == data else checked.data
        answer = {
            "kind": checked.kind,
            "media_type": checked.media_type,
            "pages": checked.pages,
            "seconds": checked.seconds,
            "text": checked.text,
            "same": not kept,
        }
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + kept)
