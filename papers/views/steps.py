"""Each step of an entry, on a page of its own: answered, taken, back, destroyed, lost, found, another day, recorded."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from papers import actions, presenters
from papers.forms import (
    AnotherDayForm,
    AnswerForm,
    BackForm,
    DestroyedForm,
    FoundForm,
    LeaveForm,
    LostForm,
    RecordForm,
)
from papers.states import PapersAction
from papers.views.common import page_of, papers_or_404, step_page
from postroom.people.forms import ConfirmForm
from postroom.people.views.common import FormPage, me, posted
from postroom.steps.engine import Seen

methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@never_cache
@methods
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """The line manager agrees by one button, or refuses with a reason (CLS-3). Made for a phone."""
    papers = papers_or_404(request, reference)
    form = AnswerForm(posted(request), seen=papers.version)
    action = PapersAction.REFUSE if form.is_bound and form.refuses else PapersAction.AGREE

    def do(data: dict[str, Any], seen: Seen) -> str:
        if form.refuses:
            actions.refuse(papers=papers, by=me(request), seen=seen, reason=data["reason"])
            return f"Refused. {papers.holder.name} is told."
        actions.agree(papers=papers, by=me(request), seen=seen)
        return f"Agreed. {papers.holder.name} is told, and may take them."

    page = FormPage("May these papers leave the office?", "Agree", page_of(papers))
    more = {"facts": presenters.facts_of(papers)}
    return step_page(request, papers, action, page, form, do, template="papers/answer.html", more=more)


@login_required
@never_cache
@methods
def leave(request: HttpRequest, reference: str) -> HttpResponse:
    """What was agreed leaves now; how it travels is asked (CLS-4)."""
    papers = papers_or_404(request, reference)
    form = LeaveForm(posted(request), seen=papers.version)

    def do(data: dict[str, Any], seen: Seen) -> str:
        actions.leave(papers=papers, by=me(request), seen=seen, security=form.security)
        return "Entered. They are out of the office in your hands now."

    page = FormPage(
        "Take the papers now",
        "They leave with me now",
        page_of(papers),
        intro=f"{papers.title}, due {papers.due_on.day} {papers.due_on:%B %Y}.",
    )
    return step_page(request, papers, PapersAction.LEAVE, page, form, do)


@login_required
@never_cache
@methods
def not_taken(request: HttpRequest, reference: str) -> HttpResponse:
    """They stay in the office after all."""
    papers = papers_or_404(request, reference)
    form = ConfirmForm(posted(request), seen=papers.version)

    def do(data: dict[str, Any], seen: Seen) -> str:
        actions.not_take(papers=papers, by=me(request), seen=seen)
        return "Entered. The papers stay in the office."

    page = FormPage("The papers are not taken after all", "They stay in the office", page_of(papers))
    return step_page(request, papers, PapersAction.NOT_TAKE, page, form, do)


@login_required
@never_cache
@methods
def back(request: HttpRequest, reference: str) -> HttpResponse:
    """Back in the office, before a witness (CLS-3)."""
    papers = papers_or_404(request, reference)
    form = BackForm(posted(request), papers=papers, by=me(request))

    def do(data: dict[str, Any], seen: Seen) -> str:
        witness = data.get("witness")
        actions.give_back(papers=papers, by=me(request), seen=seen, ended_on=data["ended_on"], witness=witness)
        return "Entered. They are back in the office."

    page = FormPage("The papers are back", "They are back", page_of(papers), intro=_what(papers))
    return step_page(request, papers, PapersAction.GIVE_BACK, page, form, do)


@login_required
@never_cache
@methods
def destroyed(request: HttpRequest, reference: str) -> HttpResponse:
    """Destroyed: how, and who saw it (CLS-3)."""
    papers = papers_or_404(request, reference)
    form = DestroyedForm(posted(request), papers=papers, by=me(request))

    def do(data: dict[str, Any], seen: Seen) -> str:
        actions.destroy(
            papers=papers,
            by=me(request),
            seen=seen,
            ended_on=data["ended_on"],
            destroyed_by=data["destroyed_by"],
            witness=data.get("witness"),
        )
        return "Entered. They are destroyed."

    page = FormPage("The papers are destroyed", "They are destroyed", page_of(papers), intro=_what(papers))
    return step_page(request, papers, PapersAction.DESTROY, page, form, do)


@login_required
@never_cache
@methods
def lost(request: HttpRequest, reference: str) -> HttpResponse:
    """Lost or stolen: one page, and the breach report is open (CLS-7)."""
    papers = papers_or_404(request, reference)
    form = LostForm(posted(request), papers=papers)

    def do(data: dict[str, Any], seen: Seen) -> str:
        lost_now = actions.lose(
            papers=papers,
            by=me(request),
            seen=seen,
            gone=data["gone"],
            gone_since=form.gone_since,
            reason=data["reason"],
        )
        if lost_now.breach_reference:
            return f"Breach report {lost_now.breach_reference} is open. It says what to do now: the police come first."
        return "Entered. Tell the police and your line manager now."

    page = FormPage(
        "The papers are lost or stolen",
        "Report it now",
        page_of(papers),
        intro=f"{_what(papers)} This opens a breach report, filled in with what is known here.",
        warning=True,
    )
    return step_page(request, papers, PapersAction.LOSE, page, form, do)


@login_required
@never_cache
@methods
def found(request: HttpRequest, reference: str) -> HttpResponse:
    """Lost papers are found and back. The breach report goes on."""
    papers = papers_or_404(request, reference)
    form = FoundForm(posted(request), papers=papers, by=me(request))

    def do(data: dict[str, Any], seen: Seen) -> str:
        actions.find(
            papers=papers,
            by=me(request),
            seen=seen,
            ended_on=data["ended_on"],
            reason=data["reason"],
            witness=data.get("witness"),
        )
        return "Entered. They are back; say so on the breach report too."

    page = FormPage("The papers are found and back", "They are back", page_of(papers), intro=_what(papers))
    return step_page(request, papers, PapersAction.FIND, page, form, do)


@login_required
@never_cache
@methods
def another_day(request: HttpRequest, reference: str) -> HttpResponse:
    """They are due on another day."""
    papers = papers_or_404(request, reference)
    form = AnotherDayForm(posted(request), seen=papers.version, initial={"due_on": papers.due_on})

    def do(data: dict[str, Any], seen: Seen) -> str:
        changed = actions.extend(papers=papers, by=me(request), seen=seen, due_on=data["due_on"], reason=data["reason"])
        return f"Entered. They are due on {changed.due_on.day} {changed.due_on:%B %Y}."

    page = FormPage("Another day for the papers", "Change the day", page_of(papers), intro=_what(papers))
    return step_page(request, papers, PapersAction.EXTEND, page, form, do)


@login_required
@never_cache
@methods
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """The reference that the case record gave the running record (CLS-3)."""
    papers = papers_or_404(request, reference)
    form = RecordForm(posted(request), seen=papers.version, initial={"record_reference": papers.record_reference})

    def do(data: dict[str, Any], seen: Seen) -> str:
        actions.keep_record(papers=papers, by=me(request), seen=seen, record_reference=data["record_reference"])
        return "Kept. The entry points to its running record."

    name = presenters.record_name()
    page = FormPage(f"It is on {name} running records", "Keep the reference", page_of(papers))
    return step_page(request, papers, PapersAction.KEEP_RECORD, page, form, do)


def _what(papers: Any) -> str:
    return f"{papers.title}, taken by {papers.holder.name}."
