import pytest

from postroom import waiting
from tests.support.council import Council


@pytest.fixture
def council(db) -> Council:
    return Council()


@pytest.fixture(autouse=True)
def _number_at_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests ask for some thirty thousand pages as people in turn; what is counted at the head of each took half
    their time. It is a number and no more, and letters/tests/test_turns.py counts it for each person."""
    monkeypatch.setattr(waiting.work, "count_waiting", lambda user, authority: 7)
