"""The one way in for a file: size, content in a process of its own, virus scanner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from postroom.uploads.clamd import Infected, ScannerDown, scan
from postroom.uploads.examine import too_large
from postroom.uploads.kinds import LARGEST, MAX_BYTES, Checked, Kind, Refused

SECONDS = 60.0  # by the clock; the child's own limit is of processor time
_TOO_MUCH = "This file takes too long or too much room to open. Print it to PDF anew, or split it up."
# The package `postroom` itself would start Celery: only the folder is named, so that the child is there in 0.2 seconds.
_BOOT = (
    "import sys, types; p = types.ModuleType('postroom'); p.__path__ = [sys.argv[1]]; sys.modules['postroom'] = p; "
    "u = types.ModuleType('postroom.uploads'); u.__path__ = [sys.argv[1] + '/uploads']; "
    "sys.modules['postroom.uploads'] = u; del sys.argv[1]; from postroom.uploads.child import main; main()"
)


def check_upload(file: Any, *, allow: tuple[Kind, ...], max_bytes: int | None = None) -> Checked:
    """A file from outside, checked. `file`: bytes, or anything with `read()` and, where known, `size` (bytes).

    `allow`: the kinds taken here; `max_bytes`: less than the kind's own limit. Raises Refused with a sentence that says
    what is wrong and what to do next; a scanner that is set up and doesn't answer refuses too.
    """
    most = min(max_bytes or LARGEST, max(MAX_BYTES[kind] for kind in allow))
    size = len(file) if isinstance(file, bytes) else getattr(file, "size", None)
    if size is not None and size > most:
        raise too_large(size, most)
    data = file if isinstance(file, bytes) else _read(file, most)
    if len(data) > most:
        raise too_large(len(data), most)
    checked = _in_child(data, allow)
    return checked.after_scan(_scan(data))


def _read(file: Any, most: int) -> bytes:
    if hasattr(file, "seek"):
        file.seek(0)
    data: bytes = file.read(most + 1)
    return data


def _in_child(data: bytes, allow: tuple[Kind, ...]) -> Checked:
    """What the child says; if it is killed or overruns, the file is refused."""
    folder = str(Path(__file__).resolve().parent.parent)
    command = [sys.executable, "-c", _BOOT, folder, *allow]
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            command, input=data, capture_output=True, timeout=SECONDS, check=False, env=_environment(), cwd="/"
        )
        line, _, kept = done.stdout.partition(b"\n")
        answer = json.loads(line)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise Refused("swollen", _TOO_MUCH) from error
    if "refused" in answer:
        raise Refused(answer["refused"], answer["sentence"] or _TOO_MUCH)
    return Checked(
        Kind(answer["kind"]),
        answer["media_type"],
        data if answer["same"] else kept,
        pages=answer["pages"],
        seconds=answer["seconds"],
        text=answer["text"],
    )


def _environment() -> dict[str, str]:
    """Nothing of the web server's own: no passwords, no keys."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONDONTWRITEBYTECODE": "1"}


def _scan(data: bytes) -> bool:
    """Has the virus scanner looked at it? False: none is set up. Raises Refused."""
    if not settings.CLAMD_URL:
        return False
    try:
        scan(data, settings.CLAMD_URL, seconds=settings.CLAMD_SECONDS)
    except Infected as error:
        raise Refused(
            "infected", "The virus scanner found something harmful in this file. Don't open it, and tell IT support."
        ) from error
    except ScannerDown as error:
        raise Refused(
            "scanner", "The virus scanner doesn't answer, so no file can be taken now. Try again in some minutes."
        ) from error
    return True
