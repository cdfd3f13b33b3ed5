"""A step or page whose file is missing or damaged says so, wherever that is found out; it is no server error."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from postroom.files.errors import FileError

log = logging.getLogger(__name__)


class FileNotThere:
    """Middleware: a FileError that no view has answered becomes a page with what to do (503). The step's transaction
    is rolled back by then: nothing was done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page; None leaves whatever else it is to others."""
        if not isinstance(error, FileError):
            return None
        log.error("file_not_there", extra={"error": type(error).__name__})
        return render(request, "file_not_there.html", {"was_step": request.method == "POST"}, status=503)
