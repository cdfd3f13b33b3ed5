from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from postroom import error_pages, waiting
from tests.support.council import Council


@pytest.fixture
def council(db) -> Council:
    return Council()


@pytest.fixture(autouse=True)
def _number_at_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests ask for some thirty thousand pages as people in turn; what is counted at the head of each took half
    their time. It is a number and no more, and letters/tests/test_turns.py counts it for each person."""
    monkeypatch.setattr(waiting.work, "count_waiting", lambda user, authority: 7)


@pytest.fixture
def plain_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals as a line with their reason, all that such a page says of its own (tests/look/test_pages.py looks at the
    pages). Most of what these tests ask is refused, and putting menus around it took a quarter of their time."""

    def plain(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
        return HttpResponse(context.get("reason", ""), status=status)

    monkeypatch.setattr(error_pages, "render", plain)
