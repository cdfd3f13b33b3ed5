"""The colour stylesheet, and the page that shows every part of the design language."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from postroom.style import examples
from postroom.style.colour import theme_css, theme_version


@require_safe
def theme(request: HttpRequest) -> HttpResponse:
    """The council's colour as custom properties. Kept for a year when asked for by its version, else not at all."""
    response = HttpResponse(theme_css(settings.COUNCIL_COLOUR), content_type="text/css; charset=utf-8")
    current = request.GET.get("v") == theme_version()
    response["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
    return response


@login_required
def style_page(request: HttpRequest) -> HttpResponse:
    """Every part, as pages use them. A POST shows the form's errors; nothing is kept."""
    sent = request.method == "POST"
    form = examples.ExampleForm(request.POST if sent else None, request.FILES if sent else None)
    return render(request, "style/page.html", {"form": form, **examples.context()})
