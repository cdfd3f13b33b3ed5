"""What My work shows of papers out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from papers import selectors
from papers.models import PapersOut
from papers.states import TAKERS, PapersState
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.work import WorkList, WorkRow

ON_FIRST_PAGE = 8


def lists(user: User, authority: Authority) -> list[WorkList]:
    """Requests to answer, one's own papers out, late papers of the people one manages. A few queries, however many."""
    asked = selectors.waiting_for(user, authority)
    found = [
        WorkList(
            "papers-asked",
            "Papers that somebody asks to take out",
            [_asked(papers) for papers in asked[:ON_FIRST_PAGE]],
            len(asked),
        )
    ]
    if authority.has(*TAKERS):
        held = list(selectors.held_by(user)[:50])
        rows = [_held(papers) for papers in held[:ON_FIRST_PAGE]]
        found.append(WorkList("papers-held", "Papers you have out", rows, len(held), more_href=_more(held)))
    late = list(selectors.late_of_reports(user)[:50])
    rows = [_late(papers) for papers in late[:ON_FIRST_PAGE]]
    found.append(WorkList("papers-late", "Late papers of people you manage", rows, len(late), more_href=_more(late)))
    return found


def waiting(user: User, authority: Authority) -> list[QuerySet[Any]]:
    """The same, for the head of every page. A request is counted for its office's managers too, who answer it while
    the line manager is away."""
    held = [selectors.held_by(user)] if authority.has(*TAKERS) else []
    return [selectors.asked_of(user, authority), *held, selectors.late_of_reports(user)]


def _more(rows: list[PapersOut]) -> str:
    return reverse("papers:board") if len(rows) > ON_FIRST_PAGE else ""


def _page(papers: PapersOut, name: str = "entry") -> str:
    return reverse(f"papers:{name}", args=[papers.reference])


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59)))


def _asked(papers: PapersOut) -> WorkRow:
    detail = f"{papers.title}: {papers.purpose_words}"
    return WorkRow(papers.holder.name, _page(papers, "answer"), "Answer", detail, since=papers.created_at)


def _held(papers: PapersOut) -> WorkRow:
    case = f", case {papers.case.reference}" if papers.case else ""
    if papers.state == PapersState.AGREED:
        return WorkRow(papers.title, _page(papers, "leave"), "Take", f"Agreed{case}", due=_end_of(papers.due_on))
    return WorkRow(
        papers.title,
        _page(papers),
        "Back or destroyed",
        f"{papers.get_purpose_display()}{case}",
        due=_end_of(papers.due_on),
        overdue=papers.is_late,
    )


def _late(papers: PapersOut) -> WorkRow:
    detail = f"{papers.title}, taken by {papers.holder.name}"
    return WorkRow(papers.holder.name, _page(papers), "See", detail, due=_end_of(papers.due_on), overdue=True)
