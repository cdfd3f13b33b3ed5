"""Pages for what went wrong, in plain words: a reason, what to do next, and a number that finds the log line."""

import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token


def request_id() -> str:
    """The number under which this request stands in the log; empty outside a request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return render(request, "400.html", {"request_id": request_id()}, status=400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason that PermissionDenied was raised with."""
    reason = str(exception) if isinstance(exception, PermissionDenied) else ""
    return render(request, "403.html", {"reason": reason, "request_id": request_id()}, status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. Says nothing of what was looked for."""
    return render(request, "404.html", {"request_id": request_id()}, status=404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500. Uses neither the database nor the session: they may be what is broken."""
    page = loader.get_template("500.html").render({"request_id": request_id()})
    return HttpResponse(page, status=500)
