"""Keeping bytes under their SHA-256: written once, flushed to disk before anybody is told, checked when read."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from postroom.files.errors import FileDamaged, FileError, FileMissing, FileTooLarge, FileTypeRefused
from postroom.files.models import StoredFile

MAX_SIZE = 50 * 1024 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,15}/[a-z0-9][a-z0-9.+-]{0,75}")

TEMPORARY = ".part-"
BATCH = 500

Users = Callable[[list[str]], Iterable[str]]
_users: list[Users] = []


def path_of(sha256: str) -> Path:
    """Where the bytes of this hash lie: `ab/cdef…` under FILES_DIR. Raises FileMissing if it isn't a hash."""
    if not SHA256.fullmatch(sha256):
        raise FileMissing("not a SHA-256")
    return Path(settings.FILES_DIR) / sha256[:2] / sha256[2:]


def store(
    data: bytes, media_type: str, *, max_size: int = MAX_SIZE, from_outside: bool = False, scanned: bool = False
) -> StoredFile:
    """Keep `data` and return its row; the same bytes again are the same file, with the media type last given.

    On return the bytes are on disk, whatever happens to the machine. May be called before a step's transaction: if
    that is rolled back, `sweep_orphans` removes the file later. `max_size` in bytes. `from_outside`: it was
    uploaded; `scanned`: a virus scanner looked at it (`postroom.files.keeping` says both). Raises FileTooLarge,
    FileTypeRefused.
    """
    if len(data) > max_size:
        raise FileTooLarge(f"{len(data)} bytes; at most {max_size}")
    if not MEDIA_TYPE.fullmatch(media_type):
        raise FileTypeRefused("not a media type")
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(sha256)
    _keep_on_disk(path, data, sha256)
    row = StoredFile(sha256=sha256, size=len(data), media_type=media_type, from_outside=from_outside)
    fields = ["media_type", "last_stored_at"]
    if from_outside:
        fields.append("from_outside")
    if scanned:  # once looked at, it stays so: they are the same bytes
        row.scanned_at = row.last_stored_at
        fields.append("scanned_at")
    StoredFile.objects.bulk_create([row], update_conflicts=True, unique_fields=["sha256"], update_fields=fields)
    # From here on the sweeper leaves it alone; it may have taken the bytes just before.
    if not path.exists():
        _keep_on_disk(path, data, sha256)
    return StoredFile.objects.get(pk=sha256)


def read(sha256: str) -> bytes:
    """The bytes kept under this hash. Raises FileMissing, or FileDamaged if they don't have that hash."""
    try:
        data = path_of(sha256).read_bytes()
    except FileNotFoundError:
        raise FileMissing(sha256) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileDamaged(sha256)
    return data


def register_users(users: Users) -> Users:
    """Register a function that tells which of the given hashes are still used. `sweep_orphans` asks all of them."""
    if users not in _users:
        _users.append(users)
    return users


def sweep_orphans(older_than: dt.datetime) -> int:
    """Remove files nobody uses and nobody has stored since `older_than` (aware). Returns how many.

    Removes nothing at all while nobody has registered with `register_users`: better a full disk than a lost letter.
    """
    if not _users:
        return 0
    _adopt_rowless(older_than)
    removed, last = 0, ""
    while True:
        with transaction.atomic(durable=True):
            # The lock holds off a use that is just beginning: it waits, and then finds the row, or finds it gone.
            rows = StoredFile.objects.select_for_update().filter(last_stored_at__lt=older_than, pk__gt=last)
            batch = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
            free = _unused(batch)
            StoredFile.objects.filter(pk__in=free).delete()
            for sha256 in free:  # before the commit: whoever stores it again waits for the row, then looks at the disk
                path_of(sha256).unlink(missing_ok=True)
        removed += len(free)
        if len(batch) < BATCH:
            return removed
        last = batch[-1]


def destroy(hashes: Iterable[str]) -> int:
    """Remove those of these files that nobody uses (any more), now; for retention. Returns how many.

    Call it after the commit that let go of them; cut off before, the sweep of orphans does the same a day later.
    """
    wanted, removed = sorted(set(hashes)), 0
    for start in range(0, len(wanted), BATCH):
        with transaction.atomic():
            rows = StoredFile.objects.select_for_update().filter(pk__in=wanted[start : start + BATCH])
            free = _unused(list(rows.order_by("pk").values_list("pk", flat=True)))
            StoredFile.objects.filter(pk__in=free).delete()
            for sha256 in free:
                path_of(sha256).unlink(missing_ok=True)
        removed += len(free)
    return removed


def _unused(batch: list[str]) -> list[str]:
    """Those that no registered user of files still uses."""
    used = {sha256 for users in _users for sha256 in users(batch)} if batch else set()
    return [sha256 for sha256 in batch if sha256 not in used]


def _adopt_rowless(older_than: dt.datetime) -> None:
    """Give files without a row (their transaction was rolled back) one, and remove what a crash left half written."""
    limit = older_than.timestamp()
    for folder in Path(settings.FILES_DIR).glob("[0-9a-f][0-9a-f]"):
        found: dict[str, Path] = {}
        for path in folder.iterdir():
            if path.stat().st_mtime >= limit:
                continue
            if path.name.startswith(TEMPORARY):
                path.unlink(missing_ok=True)
            elif SHA256.fullmatch(folder.name + path.name):
                found[folder.name + path.name] = path
        known = set(StoredFile.objects.filter(pk__startswith=folder.name).values_list("pk", flat=True))
        StoredFile.objects.bulk_create(
            [
                StoredFile(
                    sha256=sha256,
                    size=path.stat().st_size,
                    media_type="application/octet-stream",
                    last_stored_at=dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC),
                )
                for sha256, path in found.items()
                if sha256 not in known
            ],
            ignore_conflicts=True,
        )


def _keep_on_disk(path: Path, data: bytes, sha256: str) -> None:
    """Have the bytes on disk under their name: whole or not at all, after a power cut too. A damaged one is healed."""
    with contextlib.suppress(FileError):
        read(sha256)
        return
    made = not path.parent.exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if made:
        _flush_folder(path.parent.parent)
    # mkstemp: mode 600, a name of its own, in the folder where it will stay, so that the rename is one step.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """A rename is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
