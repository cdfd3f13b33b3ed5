"""What every test stands on."""

import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

# A busy machine is no fault of the code: no test fails for the time it took.
hypothesis.settings.register_profile("postroom", deadline=None)
hypothesis.settings.load_profile("postroom")

_folder = Path(tempfile.mkdtemp(prefix="postroom-test-"))


def pytest_configure(config: pytest.Config) -> None:
    """Before a database is set up: engines that can empty the ledger between tests that commit."""
    from postroom.ledger.testing import use_test_engines

    for options in settings.DATABASES.values():
        if options["ENGINE"].endswith("sqlite3"):
            # A file: threads can't share SQLite's database in memory without table locks.
            options.setdefault("TEST", {})["NAME"] = str(_folder / "test_postroom.sqlite3")
    use_test_engines()
    settings.DATA_DIR = _folder


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the folder away again."""
    shutil.rmtree(_folder, ignore_errors=True)
