"""A letter's whole history in one timeline, with filters, for the screen, for the printer and as a PDF (OGP-0)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from letters import field_history, selectors
from letters.models import Letter
from letters.rendering.typesetting import FONT_FAMILY, typeset_anyway
from letters.timeline import KINDS, READS, Moment, timeline_of
from letters.views.common import letter_or_404, person, sight_of

ON_A_PAGE = 50
IN_A_PDF = 1_000
# Of each step there are several readings and saves.
BESIDE = 4
# A row is saved just after the moment of its step.
SAVED = dt.timedelta(seconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
CSS = f"""
@page {{ size: A4; margin: 18mm 16mm 20mm; @bottom-right {{ content: "page " counter(page) " of " counter(pages); font: 8pt {FONT_FAMILY} }} }}
body {{ font: 9.5pt/1.4 {FONT_FAMILY}; }}
h1 {{ font-size: 16pt; margin: 0 0 2mm }} h2 {{ font-size: 10.5pt; margin: 4mm 0 0.5mm; break-after: avoid }}
p {{ margin: 0 0 1mm }} .quiet {{ color: #444 }} .text {{ white-space: pre-line }}
table {{ width: 100%; border-collapse: collapse; margin: 1mm 0 2mm }}
th, td {{ text-align: left; vertical-align: top; padding: 0.6mm 2mm 0.6mm 0; border-bottom: 0.2mm solid #999; width: 39% }}
th:first-child {{ width: 22% }} ins {{ text-decoration: underline }} h3 {{ font-size: 9.5pt; margin: 1.5mm 0 0 }}
.differences {{ white-space: pre-wrap }}
"""  # noqa: E501 - one rule a line


@dataclass(frozen=True)
class Filters:
    """What is to be shown: kinds, one person's doings (their id), what happened up to a moment."""

    kinds: tuple[str, ...]
    by: int | None
    until: dt.datetime | None

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        """From the address; what makes no sense there is left out."""
        shown = tuple(kind for kind in KINDS if kind in request.GET.getlist("show"))
        until = _number(request.GET.get("until"), 16)
        moment = EPOCH + dt.timedelta(microseconds=until) if until else None
        return cls(shown or tuple(KINDS), _number(request.GET.get("by"), 9), moment)

    def query(self, until: dt.datetime | None = None) -> str:
        """The address's query of the same filters, from another moment back."""
        parts = [f"show={kind}" for kind in self.kinds] if self.kinds != tuple(KINDS) else []
        parts += [f"by={self.by}"] if self.by is not None else []
        parts += [f"until={(until - EPOCH) // dt.timedelta(microseconds=1)}"] if until else []
        return "?" + "&".join(parts) if parts else ""

    def words(self, people: Mapping[int, str]) -> str:
        """What is left out, for whoever has only the paper; "" when nothing is."""
        parts = []
        if self.kinds != tuple(KINDS):
            parts.append(", ".join(f"“{KINDS[kind]}”" for kind in self.kinds))
        if self.by is not None:
            parts.append(f"what {people.get(self.by, 'somebody who had nothing to do with it')} did")
        return f"Not the whole history: only {', and of that only '.join(parts)}." if parts else ""


def _number(text: str | None, digits: int) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= digits else None


@login_required
@require_safe
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything that happened to the letter, newest first: who, in which role, what changed, who read it."""
    found = letter_or_404(request, reference)
    filters = Filters.of(request)
    moments, older = _moments(request, found, filters, ON_A_PAGE)
    people = selectors.actors_of(found)
    return render(
        request,
        "letters/work/history.html",
        {
            "letter": found,
            "moments": moments,
            "kinds": [(kind, words, kind in filters.kinds) for kind, words in KINDS.items()],
            "people": people,
            "by": filters.by,
            "left_out": filters.words(dict(people)),
            "older_href": f"{request.path}{filters.query(older)}" if older else "",
            "newer_href": f"{request.path}{filters.query()}" if filters.until else "",
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
    context = {
        "letter": found,
        "moments": moments,
        "older": older,
        "now": timezone.now(),
        "reader": person(request).name,
        "left_out": filters.words(dict(selectors.actors_of(found))),
    }

    def with_note(note: str) -> str:
        return render_to_string("letters/work/history_pdf.html", {**context, "note": note})

    response = HttpResponse(typeset_anyway(with_note, CSS), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="history-{found.reference}.pdf"'
    return response


def _moments(
    request: HttpRequest, letter: Letter, filters: Filters, most: int
) -> tuple[list[Moment], dt.datetime | None]:
    """The moments of a page, and that from which the next one goes on. A fixed number of queries.

    Of steps and of readings so many are shown as fit; the page ends where the first of them ends, so that none of the
    others is skipped: with a few steps and a thousand readings it is the readings that make pages.
    """
    until, beside = filters.until, BESIDE * most
    entries, reasons = selectors.entries_of(letter, until=until, by=filters.by, most=most + 1)
    readings = selectors.readings_of(letter, until=until, by=filters.by, most=beside + 1)
    ends = [entries[most].at] if len(entries) > most else []
    ends += [readings[beside].at] if len(readings) > beside and READS in filters.kinds else []
    since = max(ends, default=None)
    if since is not None:
        entries = [entry for entry in entries if entry.at > since]
        readings = [reading for reading in readings if reading.at > since]
    sight = sight_of(request, letter)
    changes = field_history.changes_of(
        letter,
        lines=sight.lines,
        words=sight.words,
        before=until + SAVED if until else None,
        since=since + SAVED if since else None,
        most=max(beside, IN_A_PDF),
    )
    if filters.by is not None:
        changes = [change for change in changes if change.by_id == filters.by]
    versions = selectors.versions_of(letter, most=IN_A_PDF)
    reasons = {seq: sight.words(reason) for seq, reason in reasons.items()}
    names = selectors.enterers(entries)
    moments = timeline_of(entries, reasons, changes, versions, readings, sight.content, filters.kinds, names=names)
    return moments, since
