"""Fixtures that several apps' tests share; a conftest imports them by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import MAKES, Database, committed_database


@pytest.fixture(params=MAKES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A committed database of each make, for tests that use other processes."""
    with committed_database(request.param, tmp_path / "data") as database:
        yield database
