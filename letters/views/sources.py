"""What the worker handed over, seen or played beside the editor; questions about it; when it must go (OGP-1, CLS-1)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from letters import actions
from letters.forms.asking import AnswerForm, AskForm
from letters.forms.handing_over import ChangeBriefForm
from letters.models import Letter, Question, Source
from letters.pictures import picture as picture_of
from letters.selectors_desk import others_on_case, questions_of, sources_of
from letters.states import Action
from letters.views.common import Outcome, letter_or_404, may_see_files, run_step
from letters.views.desk import StepPage
from postroom.files.errors import FileError
from postroom.files.serving import serve
from postroom.files.store import read
from postroom.uploads import Kind

PICTURE_SECONDS = 300


@login_required
@require_safe
def source(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One file as it was handed over, for those who may read the letter; a player may ask for a piece of it.

    Logged as a reading: once a playing, not once a piece.
    """
    asked = request.headers.get("Range", "")
    what = "" if asked and not asked.startswith("bytes=0-") else "file"
    letter = letter_or_404(request, reference, what=what)
    may_see_files(request, letter)
    row = _source_or_404(letter, number)
    try:
        return serve(request, row.file, f"{letter.reference}-draft-{number}", download="download" in request.GET)
    except FileError:
        return render(request, "letters/desk/file_missing.html", {"letter": letter}, status=503)


@login_required
@require_safe
def source_picture(request: HttpRequest, reference: str, number: int, page: int) -> HttpResponse:
    """One page of a PDF that was handed over, as a PNG."""
    letter = letter_or_404(request, reference, what="file" if page == 1 else "")
    may_see_files(request, letter)
    row = _source_or_404(letter, number)
    if row.kind != Kind.PDF:
        raise Http404
    try:
        data = picture_of(read(row.file_id), page)
    except FileError:
        return render(request, "letters/desk/file_missing.html", {"letter": letter}, status=503)
    if data is None:
        raise Http404
    headers = {"Cache-Control": f"private, max-age={PICTURE_SECONDS}"}
    return HttpResponse(data, content_type="image/png", headers=headers)


def _source_or_404(letter: Letter, number: int) -> Source:
    """The letter's own file with this place (from 1)."""
    rows = sources_of(letter)
    if not 1 <= number <= len(rows):
        raise Http404
    return rows[number - 1]


class AskPage(StepPage):
    """Admin asks the worker."""

    action = Action.ASK
    template = "letters/desk/ask.html"

    def form(self, data: Any = None) -> AskForm:
        return AskForm(data)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.ask, form=form, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return {"questions": questions_of(self.letter), "worker": self.letter.case.allocated_worker}

    def words(self, letter: Letter) -> str:
        worker = self.letter.case.allocated_worker
        return f"Asked. {worker.name if worker else 'The worker'} has been told."


class AnswerPage(StepPage):
    """The worker answers the oldest open question, or the one named."""

    action = Action.ANSWER
    template = "letters/desk/answer.html"
    question: Question

    def prepare(self) -> None:
        found = self.letter.questions.filter(pk=self.kwargs["number"]).select_related("asked_by").first()
        if found is None:
            raise Http404
        self.question = found

    def form(self, data: Any = None) -> AnswerForm:
        return AnswerForm(data)

    def take(self, form: Any) -> Outcome:
        return run_step(
            self.request, self.letter, actions.answer, form=form, question=self.question, **form.cleaned_data
        )

    def context(self) -> dict[str, Any]:
        others = [row for row in questions_of(self.letter) if row.pk != self.question.pk]
        return {"question": self.question, "others": others, "sources": sources_of(self.letter)}

    def words(self, letter: Letter) -> str:
        return "Answered. Whoever asked has been told."


class BriefPage(StepPage):
    """The worker says by when it must go, and in which format."""

    action = Action.CHANGE_BRIEF
    template = "letters/desk/brief.html"

    def form(self, data: Any = None) -> ChangeBriefForm:
        names = ("due_kind", "due_on", "due_why", "letter_format", "language")
        initial: dict[str, Any] = {name: getattr(self.letter, name) for name in names}
        initial["copies_to"] = [str(pk) for pk in self.letter.copies_to.values_list("pk", flat=True)]
        return ChangeBriefForm(others_on_case(self.letter), data, initial=initial)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.change_brief, form=form, **form.brief())

    def words(self, letter: Letter) -> str:
        return "Changed. My work of everybody concerned sorts by it."
