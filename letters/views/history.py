"""A letter's whole history in one timeline, with filters, for the screen, for the printer and as a PDF (OGP-0)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from letters import field_history, selectors
from letters.models import Letter
from letters.rendering.typesetting import FONT_FAMILY, MissingGlyphs, typeset
from letters.timeline import KINDS, Moment, timeline_of
from letters.views.common import letter_or_404, person, sight_of

ON_A_PAGE = 50
IN_A_PDF = 1_000
CSS = f"""
@page {{ size: A4; margin: 18mm 16mm 20mm; @bottom-right {{ content: "page " counter(page) " of " counter(pages); font: 8pt {FONT_FAMILY} }} }}
body {{ font: 9.5pt/1.4 {FONT_FAMILY}; }}
h1 {{ font-size: 16pt; margin: 0 0 2mm }} h2 {{ font-size: 10.5pt; margin: 4mm 0 0.5mm; break-after: avoid }}
p {{ margin: 0 0 1mm }} .quiet {{ color: #444 }} .text {{ white-space: pre-line }}
table {{ width: 100%; border-collapse: collapse; margin: 1mm 0 2mm }}
th, td {{ text-align: left; vertical-align: top; padding: 0.6mm 2mm 0.6mm 0; border-bottom: 0.2mm solid #999; width: 39% }}
th:first-child {{ width: 22% }} ins {{ text-decoration: underline }} h3 {{ font-size: 9.5pt; margin: 1.5mm 0 0 }}
.differences {{ white-space: pre-wrap }} .govuk-visually-hidden {{ display: none }}
"""  # noqa: E501 - one rule a line


@dataclass(frozen=True)
class Filters:
    """What is to be shown: kinds, one person's doings (their id), entries before a place."""

    kinds: tuple[str, ...]
    by: int | None
    before: int | None

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        """From the address; what makes no sense there is left out."""
        shown = tuple(kind for kind in request.GET.getlist("show") if kind in KINDS)
        return cls(shown or tuple(KINDS), _number(request.GET.get("by")), _number(request.GET.get("before")))

    def query(self, before: int | None = None) -> str:
        """The address's query of the same filters, from another place on."""
        parts = [f"show={kind}" for kind in self.kinds] if self.kinds != tuple(KINDS) else []
        parts += [f"by={self.by}"] if self.by is not None else []
        parts += [f"before={before}"] if before else []
        return "?" + "&".join(parts) if parts else ""


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


@login_required
@require_safe
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything that happened to the letter, newest first: who, in which role, what changed, who read it."""
    found = letter_or_404(request, reference)
    filters = Filters.of(request)
    moments, older = _moments(request, found, filters, ON_A_PAGE)
    return render(
        request,
        "letters/work/history.html",
        {
            "letter": found,
            "moments": moments,
            "kinds": [(kind, words, kind in filters.kinds) for kind, words in KINDS.items()],
            "people": selectors.actors_of(found),
            "by": filters.by,
            "older_href": f"{request.path}{filters.query(older)}" if older else "",
            "newer_href": f"{request.path}{filters.query()}" if filters.before else "",
            "filtered": filters.query(),
        },
    )


@login_required
@require_safe
def history_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The same as a PDF, all of it; with the same filters."""
    found = letter_or_404(request, reference, what="export")
    filters = Filters.of(request)
    moments, older = _moments(request, found, Filters(filters.kinds, filters.by, None), IN_A_PDF)
    html = render_to_string(
        "letters/work/history_pdf.html",
        {"letter": found, "moments": moments, "older": older, "now": timezone.now(), "reader": person(request).name},
    )
    response = HttpResponse(_typeset(html), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="history-{found.reference}.pdf"'
    return response


def _typeset(html: str) -> bytes:
    try:
        return typeset(html, CSS)
    except MissingGlyphs as error:
        # A history is not a letter: a character that no font here has is shown as a question mark.
        for character in error.characters:
            html = html.replace(character, "?")
        return typeset(html, CSS)


def _moments(request: HttpRequest, letter: Letter, filters: Filters, most: int) -> tuple[list[Moment], int | None]:
    """The moments of a page, and the place from which the next one goes on. A fixed number of queries."""
    entries, reasons = selectors.entries_of(letter, before=filters.before, by=filters.by, most=most + 1)
    older = entries[most - 1].seq if len(entries) > most else None
    entries = entries[:most]
    # What has no place in the chain stands on the page whose steps it happened between.
    since = entries[-1].at if older and entries else None
    until = selectors.time_of(letter, filters.before) if filters.before else None
    sight = sight_of(request, letter)
    until_saved = until + dt.timedelta(seconds=1) if until else None
    changes = field_history.changes_of(letter, lines=sight.lines, before=until_saved, since=since, most=most)
    readings = selectors.readings_of(letter, before=until, since=since, by=filters.by, most=4 * most)
    if filters.by is not None:
        name = dict(selectors.actors_of(letter)).get(filters.by)
        changes = [change for change in changes if change.by == name]
    versions = selectors.versions_of(letter, most=most)
    names = selectors.enterers(entries)
    moments = timeline_of(entries, reasons, changes, versions, readings, sight.content, filters.kinds, names=names)
    return moments, older
