"""The notice-board of what is out now, what has ended, an entry's page."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from distribution.selectors import items_visible_to
from letters.models import Letter
from letters.selectors import visible_to as letters_visible_to
from papers import presenters, selectors
from papers.models import PapersOut
from papers.policy import can, delivery_of
from papers.states import TAKERS, PapersAction, PapersState
from papers.views.common import papers_or_404
from postroom.context import authority_for
from postroom.people.views.common import me

# The steps an entry's page offers: action, address, words, and whether the button is red.
STEPS: tuple[tuple[PapersAction, str, str, bool], ...] = (
    (PapersAction.AGREE, "answer", "Answer", False),
    (PapersAction.LEAVE, "leave", "Take them now", False),
    (PapersAction.GIVE_BACK, "back", "They are back", False),
    (PapersAction.FIND, "found", "They are found and back", False),
    (PapersAction.DESTROY, "destroyed", "They are destroyed", False),
    (PapersAction.EXTEND, "another_day", "Another day", False),
    (PapersAction.NOT_TAKE, "not_taken", "Not taken after all", False),
    (PapersAction.LOSE, "lost", "Lost or stolen", True),
)


@login_required
@never_cache
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """What is out of the office now, the longest due first; pages by key."""
    viewer, authority = me(request), authority_for(request)
    page = selectors.out_now(selectors.visible_to(viewer, authority=authority), after=_key(request))
    following = page.following
    context = {
        "rows": presenters.board_rows(page.rows),
        "head": ["Entry", "Who has them", "What", "For", "Case", "Due"],
        "late": sum(papers.is_late for papers in page.rows),
        "older_href": f"?after={following[0].isoformat()}-{following[1]}" if following else "",
        "newer_href": reverse("papers:board") if request.GET.get("after") else "",
        "may_take": authority.has(*TAKERS),
    }
    return render(request, "papers/board.html", context)


def _key(request: HttpRequest) -> selectors.Key | None:
    day, _, pk = request.GET.get("after", "").rpartition("-")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    try:
        return dt.date.fromisoformat(day), int(pk)
    except ValueError:
        return None


@login_required
@never_cache
@require_safe
def ended(request: HttpRequest) -> HttpResponse:
    """What is not out now: waiting, refused, back, destroyed, lost; newest first, pages by key."""
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    visible = selectors.visible_to(me(request), authority=authority_for(request))
    rows, following = selectors.ended(visible, before=number)
    context = {
        "rows": presenters.ended_rows(rows),
        "head": ["Entry", "Who", "What", "Case", "State", "How it stands"],
        "older_href": f"?before={following}" if following else "",
        "newer_href": reverse("papers:ended") if number else "",
    }
    return render(request, "papers/ended.html", context)


@login_required
@never_cache
@require_safe
def entry(request: HttpRequest, reference: str) -> HttpResponse:
    """One entry: where it stands, what comes next, its text for the running record, its history."""
    papers = papers_or_404(request, reference)
    viewer, authority = me(request), authority_for(request)
    buttons = [
        {"href": reverse(f"papers:{name}", args=[papers.reference]), "label": label, "warning": warning}
        for action, name, label, warning in STEPS
        if can(papers, viewer, action, authority=authority)
    ]
    keeps = can(papers, viewer, PapersAction.KEEP_RECORD, authority=authority)
    context = {
        "papers": papers,
        "facts": presenters.facts_of(papers),
        "next_words": presenters.next_words(papers),
        "buttons": buttons,
        "needs_reference": keeps and not papers.record_reference and not papers.is_agreed_task,
        "record_href": reverse("papers:record", args=[papers.reference]) if keeps else "",
        "record_text": presenters.running_record(papers) if papers.state != PapersState.NOT_TAKEN else "",
        "record_name": presenters.record_name(),
        "events": presenters.events_of(papers),
        "breach_href": _breach(papers.breach_reference),
        "delivery_href": _delivery(papers, request),
    }
    return render(request, "papers/entry.html", context)


def _delivery(papers: PapersOut, request: HttpRequest) -> str:
    """The page of the hand delivery that entered these papers, while it is under way and may be read."""
    found, authority = delivery_of(papers), authority_for(request)
    if isinstance(found, Letter):
        readable = letters_visible_to(me(request), authority=authority).filter(pk=found.pk).exists()
        return reverse("letters:letter", args=[found.reference]) if readable else ""
    if found is not None and items_visible_to(me(request), authority=authority).filter(pk=found.pk).exists():
        return reverse("distribution:item", args=[found.reference])
    return ""


def _breach(reference: str) -> str:
    try:
        return reverse("breaches:breach", args=[reference]) if reference else ""
    except NoReverseMatch:
        return ""
