"""Everyone's first page: what waits for me, how long, what is overdue. And one list of it whole; find by reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from letters import work_lists
from letters.forms.finding import FindForm
from letters.presenters import FIRST_PAGES, FirstPage
from letters.queues import BY_SLUG, Queue, Viewer
from letters.views.common import person
from letters.work_lists import COUNT_UP_TO, Key, Row
from postroom import work
from postroom.context import authority_for
from postroom.forms import row_numbers
from postroom.people.models import Office
from postroom.people.roles import SOCIAL_WORK_ROLES, Role

# Lists that a desk takes by the pile: the page for it, which is one office's, and the words of the link there.
SEVERAL = {
    "print": ("letters:print_several", "Print several"),
    "envelope": ("letters:enveloping", "Put several in their envelopes"),
    "post": ("letters:tray", "Record several as posted"),
}


@dataclass(frozen=True)
class Line:
    """One row of a list with its two links: the next step, and the letter."""

    row: Row
    href: str
    letter_href: str


@dataclass(frozen=True)
class Listed:
    """A list as the page shows it."""

    queue: Queue
    lines: list[Line]
    count: int = 0
    more_href: str = ""
    walk_href: str = field(default="")
    # All of them at once, for those who do this for a pile: where, and what the link says.
    several_href: str = ""

    @property
    def several_words(self) -> str:
        """ "Print several", where there is such a page."""
        return SEVERAL[self.queue.slug][1] if self.several_href else ""

    @property
    def count_words(self) -> str:
        """ "7", or "99+" where counting stopped."""
        return str(self.count) if self.count < COUNT_UP_TO else f"{COUNT_UP_TO - 1}+"


def viewer_of(request: HttpRequest) -> Viewer:
    """The signed-in person and their authority, read once a request."""
    return Viewer(person(request), authority_for(request))


@login_required
@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What waits for this person.

    The number of queries depends on their roles and on which lists hold anything, not on how much waits.
    """
    viewer = viewer_of(request)
    queues = work_lists.queues_of(viewer)
    counts = work_lists.counts_of(viewer, queues)
    office = _one_office(viewer, counts)
    lists = [_first_lines(viewer, queue, counts[queue.slug], office) for queue in queues]
    filled = [listed for listed in lists if listed.lines]
    elsewhere = work.lists_for(viewer.user, viewer.authority)
    return render(
        request,
        "letters/work/my_work.html",
        {
            "lists": filled,
            "waiting": sum(listed.count for listed in filled if listed.queue.is_work)
            + sum(listed.count for listed in elsewhere if listed.is_work),
            "to_do": [listed for listed in filled if listed.queue.is_work],
            "elsewhere": elsewhere,
            "elsewhere_to_do": [listed for listed in elsewhere if listed.is_work],
            "has_lists": bool(queues or elsewhere),
            "has_role": bool(viewer.authority.held),
            "has_queues": bool(queues),
            "nothing_in": [listed.queue.title for listed in lists if not listed.lines and listed.queue.is_work],
            "notices": work_lists.unseen_notices(viewer),
            "can_hand_over": viewer.authority.has(*SOCIAL_WORK_ROLES),
            "is_admin": viewer.authority.has(Role.ADMIN),
            "first_pages": _first_pages(viewer),
            "find": FindForm(),
        },
    )


def _one_office(viewer: Viewer, counts: dict[str, int]) -> str:
    """The code of the one office whose pile this is; "" where there is no pile, or admin of several offices asks."""
    ids = viewer.authority.offices(Role.ADMIN)
    if len(ids) != 1 or not any(counts.get(slug, 0) > 1 for slug in SEVERAL):
        return ""
    return Office.objects.filter(pk=ids[0], is_active=True).values_list("code", flat=True).first() or ""


def _first_lines(viewer: Viewer, queue: Queue, count: int, office: str) -> Listed:
    # An empty list costs nothing but its part in the count.
    rows, following = work_lists.page_of(viewer, queue, size=work_lists.ON_FIRST_PAGE) if count else ([], None)
    return Listed(
        queue,
        [_line(queue, row) for row in rows],
        count,
        more_href=reverse("letters:queue", args=[queue.slug]) if following else "",
        walk_href=reverse("letters:next_check") if queue.slug == "check" and len(rows) > 1 else "",
        several_href=reverse(SEVERAL[queue.slug][0], args=[office])
        if office and queue.slug in SEVERAL and len(rows) > 1
        else "",
    )


def _line(queue: Queue, row: Row) -> Line:
    letter_href = reverse("letters:letter", args=[row.reference])
    return Line(row, reverse(queue.page, args=[row.reference]), letter_href)


def _first_pages(viewer: Viewer) -> list[FirstPage]:
    """What Postroom is to people whose roles have no part in letters, in the order of the roles list."""
    return [FIRST_PAGES[role] for role in Role if role in viewer.authority.roles and role in FIRST_PAGES]


@login_required
@require_safe
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """One list whole, a page at a time by key, longest waiting first. 404 if this person has no such list."""
    viewer = viewer_of(request)
    chosen = BY_SLUG.get(slug)
    if chosen is None or chosen.parts(viewer) is None:
        raise Http404
    after = work_lists.key_from(request.GET.get("after", ""))
    rows, following = work_lists.page_of(viewer, chosen, size=work_lists.ON_A_PAGE, after=after)
    here = reverse("letters:queue", args=[slug])
    context: dict[str, Any] = {
        "listed": Listed(chosen, [_line(chosen, row) for row in rows]),
        "first_href": here if after else "",
        "next_href": _behind(here, following),
    }
    return render(request, "letters/work/queue.html", context)


def _behind(here: str, key: Key | None) -> str:
    return f"{here}?after={work_lists.key_text(key)}" if key else ""


@login_required
@require_POST
def notices_seen(request: HttpRequest) -> HttpResponse:
    """The notices that were on the page are read; those that came since stay."""
    work_lists.mark_seen(viewer_of(request), row_numbers(request.POST.getlist("notice"))[:100])
    return redirect("letters:my_work")


__all__ = ["my_work", "notices_seen", "queue", "viewer_of"]
