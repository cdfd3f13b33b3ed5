"""What every test stands on: a data folder of its own, no network but loopback, the run's databases.

Plain `.venv/bin/pytest` runs on SQLite and skips what needs PostgreSQL or Redis, with the reason. `make test` sets
POSTROOM_TEST_FULL, and there a missing server ends the run: nothing is skipped for want of one.
"""

import gc
import os
import shutil
import socket
import tempfile
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

pytest_plugins = ["tests.support.browser", "tests.support.secure_mail"]

FULL = os.environ.get("POSTROOM_TEST_FULL") == "1"
SOAK = os.environ.get("POSTROOM_SOAK") == "1"
_names_run = False
_folder = Path(tempfile.mkdtemp(prefix="postroom-test-"))
_files, _numbers = Path(tempfile.mkdtemp(prefix="postroom-files-")), count(1)

# Derandomised: the same run twice gives the same examples. Deadlines are off, since no test asserts on time.
_common: dict[str, Any] = {"derandomize": True, "deadline": None, "print_blob": True, "database": None}
hypothesis_settings.register_profile("sample", **_common)
hypothesis_settings.register_profile(
    "soak", max_examples=5000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], **_common
)
hypothesis_settings.load_profile("soak" if SOAK else "sample")


def _on_postgres() -> bool:
    return "postgresql" in settings.DATABASES["default"]["ENGINE"]


def pytest_configure(config: pytest.Config) -> None:
    """Before a database is set up: engines that can empty the ledger between tests that commit; no queue left over."""
    if FULL and not (_on_postgres() and settings.REDIS_URL):
        pytest.exit("POSTROOM_TEST_FULL is set, but DATABASE_URL or REDIS_URL names no server. Run `make test`.", 3)
    from postroom.ledger.testing import use_test_engines
    from tests.support.databases import name_run

    global _names_run
    _names_run = name_run()
    for options in settings.DATABASES.values():
        if options["ENGINE"].endswith("sqlite3"):
            # A file: threads can't share SQLite's database in memory without table locks.
            options.setdefault("TEST", {})["NAME"] = str(_folder / "test_postroom.sqlite3")
    use_test_engines()
    settings.DATA_DIR = _folder
    # What a test sends stays in this process, out of the developer's own queue. A test of real workers starts its own.
    settings.CELERY_BROKER_URL = "memory://"
    settings.CELERY_BROKER_TRANSPORT = "memory"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    if settings.REDIS_URL:
        # Tests side by side each have their own numbered database of Redis.
        number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        settings.REDIS_URL = f"{settings.REDIS_URL.rpartition('/')[0]}/{number}"
        settings.CACHES["default"]["LOCATION"] = settings.REDIS_URL


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the folder away again."""
    shutil.rmtree(_folder, ignore_errors=True)
    shutil.rmtree(_files, ignore_errors=True)
    if _names_run:
        from tests.support.databases import drop_templates

        drop_templates()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long sweeps unless asked for, and without servers what needs them."""
    if not SOAK:
        long = [item for item in items if item.get_closest_marker("soak")]
        if long:
            config.hook.pytest_deselected(items=long)
            items[:] = [item for item in items if not item.get_closest_marker("soak")]
    for item in items:
        if item.get_closest_marker("postgres") and not _on_postgres():
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: `make test`, or tools/services"))
        if item.get_closest_marker("redis") and not settings.REDIS_URL:
            item.add_marker(pytest.mark.skip(reason="needs Redis: `make test`, or tools/services"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """The eight thousand tests themselves are never rubbish: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly which browser tests were not run; a skip among hundreds of dots is not read."""
    missed = [one for one in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(one.longrepr)]
    if missed:
        terminalreporter.write_sep("!", f"NOT RUN: {len(missed)} browser tests, no Chromium here", red=True, bold=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Any:
    """What migrations put in is put in again after a test that ends by emptying all tables: a worker that has none of
    its own tests left takes some of another's, which expect it."""
    done = yield
    marker = item.get_closest_marker("django_db")
    names = set(getattr(item, "fixturenames", ()))
    emptied = names & {"transactional_db", "live_server"} or (marker and marker.kwargs.get("transaction"))
    if emptied and nextitem is not None:  # after the last test there is no database any more
        from pytest_django.plugin import blocking_manager_key

        from tests.support.databases import put_rows_of_migrations

        with item.config.stash[blocking_manager_key].unblock():
            put_rows_of_migrations()
    return done


@pytest.fixture(autouse=True)
def _own_folder(settings: Any) -> None:
    """Each test keeps its files in a folder of its own. Numbered here: pytest's `mktemp` reads all earlier names."""
    settings.FILES_DIR = _files / str(next(_numbers))
    settings.FILES_DIR.mkdir()


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Each test starts with an empty cache: sign-in attempts are counted there."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _same_names_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """People are numbered from 1 and references drawn by one seed in each test, so that two tests that make the same
    letter make it in the same words: it is set in type once (`_typeset_once`)."""
    from random import Random
    from types import SimpleNamespace

    from postroom.steps import references
    from tests.support import world

    monkeypatch.setattr(world, "_number", count(1))
    monkeypatch.setattr(references, "secrets", SimpleNamespace(choice=Random(1).choice))


@pytest.fixture(autouse=True, scope="session")
def _typeset_once() -> Any:
    """A letter that was set in type in this run is not set again, half the work of making one, nor are its sheets
    marked again. The same bytes are proved for the same envelope once.

    Whoever tests the typesetting or the proof itself calls `letters.rendering` by its own name: the real thing.
    """
    from letters import content as letters_content
    from letters.rendering import finished, letter_pdf, window_proof

    mark = letters_content.with_marks
    sheets: dict[tuple[bytes, str, int, str], tuple[bytes, tuple[int, ...]]] = {}

    def with_marks(pdf: bytes, reference: str, number: int, stock: Any) -> tuple[bytes, tuple[int, ...]]:
        key = (sha256(pdf).digest(), reference, number, repr(stock))
        if key not in sheets:
            if len(sheets) >= 1000:
                sheets.clear()
            sheets[key] = mark(pdf, reference, number, stock)
        return sheets[key]

    real = letter_pdf.render_letter
    kept: dict[tuple[str, str, str], bytes] = {}

    def render_letter(content: Any, stock: Any, *, signature: Any = None) -> bytes:
        key = (repr(content), repr(stock), repr(signature))
        if key not in kept:
            if len(kept) >= 1000:
                kept.clear()  # some 40 kB each
            kept[key] = real(content, stock, signature=signature)
        return kept[key]

    proofs: dict[tuple[bytes, Any, bool], Any] = {}

    def prove_window(pdf: bytes, stock: Any, *, allow_abroad: bool = False) -> Any:
        key = (sha256(pdf).digest(), stock, allow_abroad)
        if key not in proofs:
            proofs[key] = window_proof.prove_window(pdf, stock, allow_abroad=allow_abroad)
        return proofs[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(letter_pdf, "render_letter", render_letter)
        patch.setattr(letters_content, "with_marks", with_marks)
        for caller in (letter_pdf, letters_content, finished):
            patch.setattr(caller, "prove_window", prove_window)
        yield


@pytest.fixture(autouse=True, scope="session")
def _middleware_loaded_once() -> Any:
    """The layers about a request are made once, not for each of the many browsers that a test signs people in with.

    Made anew after a setting has changed, which a layer may have read; not for the folder that each test has.
    """
    from django.core.signals import setting_changed
    from django.test.client import ClientHandler

    load = ClientHandler.load_middleware
    loaded: dict[str, Any] = {}
    layers = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")

    def forget(*, setting: str, **kwargs: Any) -> None:
        if setting != "FILES_DIR":
            loaded.clear()

    def load_middleware(self: ClientHandler, is_async: bool = False) -> None:
        if not loaded:
            load(self, is_async)
            loaded.update({name: getattr(self, name) for name in layers})
        for name, value in loaded.items():
            setattr(self, name, value)

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load_middleware)
        yield
    setting_changed.disconnect(forget)


@pytest.fixture(autouse=True)
def _long_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number at the head stays remembered however slow the machine is: queries are counted with it known."""
    from postroom import waiting

    monkeypatch.setattr(waiting, "SECONDS", 3600)


LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Any:
    """Refuse every connection that leaves this machine, with the address in the error."""
    connect = socket.socket.connect
    look_up = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            raise PermissionError(f"a test tried to reach {address!r}; tests go to loopback only")
        return connect(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not name.startswith(LOOPBACK) and name != socket.gethostname():
            raise PermissionError(f"a test tried to look up {name!r}; tests go to loopback only")
        return look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The test database, made from the models as they are (pytest.ini: --no-migrations), in a tenth of the time.

    What migrations put in is put in here by the same functions. That migrations and models agree is
    `tests/setup/test_migrations.py`; of the databases of other processes (tests/support/databases.py) PostgreSQL's are
    migrated.
    """
    from tests.support.databases import fill_as_migrations_do

    with django_db_blocker.unblock():
        fill_as_migrations_do()
    yield
    with django_db_blocker.unblock():
        _end_other_sessions()


def _end_other_sessions() -> None:
    """A browser's server or a test's thread may still hold a connection; PostgreSQL drops no database in use."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
