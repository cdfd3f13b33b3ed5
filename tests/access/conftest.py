import pytest

from tests.support.council import Council


@pytest.fixture
def council(db) -> Council:
    return Council()
