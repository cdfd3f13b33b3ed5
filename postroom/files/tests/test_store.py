"""What was stored under a hash is what comes back, or an error; and only what nobody uses is ever removed."""

import datetime as dt
import hashlib
import os
import stat
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from postroom.files import store as store_module
from postroom.files.errors import FileDamaged, FileMissing, FileTooLarge, FileTypeRefused
from postroom.files.models import StoredFile
from postroom.files.store import path_of, read, register_users, store, sweep_orphans

pytestmark = pytest.mark.django_db
PDF = "application/pdf"
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


@pytest.fixture
def used(monkeypatch):
    """The hashes that are in use, as a registered user of files tells them."""
    used: set[str] = set()
    monkeypatch.setattr(store_module, "_users", [])
    register_users(lambda hashes: used.intersection(hashes))
    return used


def on_disk(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(data=st.binary(max_size=2000))
def test_bytes_come_back_as_they_were(data):
    kept = store(data, PDF)
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    assert (kept.size, kept.media_type) == (len(data), PDF)
    assert read(kept.sha256) == data


def test_the_same_bytes_are_one_file_that_only_its_owner_reads(folder):
    first, again = store(b"one", PDF), store(b"one", PDF)
    assert first == again
    (path,) = on_disk(folder)
    assert path == folder / first.sha256[:2] / first.sha256[2:]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("change", [b"", b"on", b"onE", b"one "])
def test_a_damaged_file_is_an_error_and_storing_it_again_heals_it(change):
    kept = store(b"one", PDF)
    path_of(kept.sha256).write_bytes(change)
    with pytest.raises(FileDamaged):
        read(kept.sha256)
    store(b"one", PDF)
    assert read(kept.sha256) == b"one"


@pytest.mark.parametrize("name", ["", "abc", "A" * 64, "../" * 20 + "etc/passwd", "0" * 63 + "/", "0" * 64 + "\n"])
def test_a_name_that_is_no_hash_reaches_no_file(name):
    with pytest.raises(FileMissing):
        read(name)


def test_a_missing_file_is_an_error():
    with pytest.raises(FileMissing):
        read("0" * 64)


def test_limits(folder):
    store(b"12345", PDF, max_size=5)
    with pytest.raises(FileTooLarge):
        store(b"123456", PDF, max_size=5)
    for bad in ("pdf", "text/html; charset=x", "a/b\nSet-Cookie: x", "../x", ""):
        with pytest.raises(FileTypeRefused):
            store(b"other", bad)
    assert len(on_disk(folder)) == 1


def test_the_database_refuses_what_is_no_hash():
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.create(sha256="x" * 64, size=1, media_type=PDF)


def test_a_write_that_fails_leaves_nothing(folder, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store(b"one", PDF)
    assert on_disk(folder) == []
    assert not StoredFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_only_old_files_nobody_uses_are_swept(folder, used):
    needed, unused = store(b"needed", PDF), store(b"unused", PDF)
    used.add(needed.sha256)
    with transaction.atomic():
        store(b"rolled back", PDF)
        transaction.set_rollback(True)
    left = folder / unused.sha256[:2] / ".part-left-by-a-crash"
    left.write_bytes(b"half")
    stranger = folder / "README"
    stranger.write_bytes(b"not ours")
    assert sweep_orphans(timezone.now() - dt.timedelta(hours=1)) == 0
    assert len(on_disk(folder)) == 5
    assert sweep_orphans(timezone.now() + SECOND) == 2
    assert {path.name for path in on_disk(folder)} == {needed.sha256[2:], "README"}
    assert list(StoredFile.objects.all()) == [needed]
    assert read(needed.sha256) == b"needed"


@pytest.mark.django_db(transaction=True)
def test_with_nobody_registered_nothing_is_removed(folder, monkeypatch):
    monkeypatch.setattr(store_module, "_users", [])
    store(b"one", PDF)
    assert sweep_orphans(timezone.now() + SECOND) == 0
    assert len(on_disk(folder)) == 1


@pytest.mark.django_db(transaction=True)
def test_batches_end(folder, used, monkeypatch):
    monkeypatch.setattr(store_module, "BATCH", 2)
    kept = [store(bytes([n]), PDF).sha256 for n in range(7)]
    used.update(kept[::3])
    assert sweep_orphans(timezone.now() + SECOND) == 4
    assert {read(sha256) for sha256 in used} == {b"\0", b"\3", b"\6"}


@pytest.mark.django_db(transaction=True)
def test_stored_again_while_being_swept_it_is_there_afterwards(used, monkeypatch):
    """The storer finds the bytes on disk; the sweeper takes them; the storer looks again before it says done."""
    old = store(b"one", PDF).sha256
    StoredFile.objects.update(last_stored_at=timezone.now() - dt.timedelta(days=9))
    seen, swept = threading.Event(), threading.Event()
    real = store_module._keep_on_disk

    def keep_then_wait(path, data, sha256):
        real(path, data, sha256)
        if not seen.is_set():
            seen.set()
            assert swept.wait(10)

    monkeypatch.setattr(store_module, "_keep_on_disk", keep_then_wait)
    wrong = []

    def again():
        try:
            store(b"one", PDF)
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=again)
    thread.start()
    assert seen.wait(10)
    assert sweep_orphans(timezone.now() - dt.timedelta(days=1)) == 1
    swept.set()
    thread.join(10)
    assert not wrong
    assert read(old) == b"one"
    assert sweep_orphans(timezone.now() - dt.timedelta(days=1)) == 0
