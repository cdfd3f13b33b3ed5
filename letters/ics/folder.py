"""ICS by a folder: a folder of its own for each document, with its sidecar, there whole or not at all.

Written beside under a name that begins with a dot, flushed to disk, then renamed: whoever imports never sees half.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from letters.ics.package import GatewayError, Package

SIDECAR = "notes.json"
_CODES = {
    errno.ENOSPC: "folder_full",
    errno.EDQUOT: "folder_full",
    errno.EROFS: "folder_read_only",
    errno.EACCES: "folder_no_access",
    errno.EPERM: "folder_no_access",
    errno.ENOENT: "folder_missing",
    errno.ENOTDIR: "folder_missing",
}


def deliver(package: Package, folder: Path) -> str:
    """Put the package into `folder` and return its name there. Done already is done. Raises GatewayError."""
    final, part = folder / package.key, folder / f".part-{package.key}"
    try:
        if final.is_dir():
            return final.name
        if not folder.is_dir():
            raise GatewayError("folder_missing")
        shutil.rmtree(part, ignore_errors=True)  # what an attempt that was cut off left
        part.mkdir()
        _write(part / package.file_name, package.document)
        _write(part / SIDECAR, package.sidecar().encode())
        _flush(part)
        _rename(part, final)
        _flush(folder)
    except OSError as error:
        with suppress(OSError):
            shutil.rmtree(part, ignore_errors=True)
        raise GatewayError(_CODES.get(error.errno or 0, "folder_error")) from error
    return final.name


def _rename(part: Path, final: Path) -> None:
    try:
        part.rename(final)
    except OSError as error:
        # Another attempt was quicker: what it put there is the same.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        shutil.rmtree(part, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
