"""An address with a NUL in it is one that isn't there: PostgreSQL takes none in a text, and would fail the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


class NoNul:
    """Middleware: 404 before the view is asked. What a form is given its fields refuse by themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """Raises Http404."""
        if any("\0" in str(value) for value in (*args, *kwargs.values())):
            raise Http404
