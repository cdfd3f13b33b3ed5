"""A committed database of each make, for tests that use other processes."""

import pytest

from tests.support.databases import MAKES, committed_database, drop_templates


@pytest.fixture(scope="session")
def _templates():
    yield
    drop_templates()


@pytest.fixture(params=MAKES)
def database(request, tmp_path, _templates):
    with committed_database(request.param, tmp_path / "data") as database:
        yield database
