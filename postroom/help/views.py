"""The pages of help: for everyone signed in; they tell nothing of anybody."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from postroom.context import authority_for
from postroom.help.guides import BY_SLUG, PICTURES, guides_for, html_of


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The guides, this person's own first."""
    own, others = guides_for(authority_for(request).roles)
    return render(request, "help/index.html", {"own": own, "others": others})


@login_required
@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """One guide."""
    chosen = BY_SLUG.get(slug)
    if chosen is None:
        raise Http404
    return render(request, "help/guide.html", {"guide": chosen, "html": html_of(slug)})


@login_required
@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture of a guide: a page of the demonstration."""
    path = PICTURES / name
    if not re.fullmatch(r"[a-z0-9-]+\.png", name) or not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/png")
