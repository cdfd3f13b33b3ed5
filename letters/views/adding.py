"""While typing: add an enclosure or a finished document, see what was added, take the worker's draft over as it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from letters import actions
from letters.forms.adding import AddFileForm
from letters.forms.typing import MAX_ENCLOSURES, first_fields
from letters.models import LetterFile, WorkingText
from letters.selectors_desk import files_of
from letters.states import Action
from letters.views.common import letter_or_404, may_see_files, person, refused_here, run_step
from letters.views.giving import where_next
from letters.views.typing import TypingView
from postroom.files.errors import FileError
from postroom.files.serving import serve
from postroom.people.once import new_key, once
from postroom.steps.errors import InvalidStep, Stale

ADDED = "files_added"  # in the session: form key -> file, so that a form sent twice adds one


class AddFilePage(TypingView):
    """Choose a PDF or picture; back on the typing screen it stands among the enclosures, or is the letter itself."""

    http_method_names = ["get", "head", "post"]
    reading = "page"

    def get(self, request: HttpRequest, reference: str, purpose: str) -> HttpResponse:
        """The page."""
        return self.show(self.file_form(purpose), purpose)

    def post(self, request: HttpRequest, reference: str, purpose: str) -> HttpResponse:
        """Keep the file and put it into what is being typed; nothing is handed to anybody yet."""
        form = self.file_form(purpose, request.POST, request.FILES)
        if form.is_valid():

            def add() -> str:
                added = actions.add_file(
                    letter=self.letter, by=person(request), purpose=purpose, checked=form.cleaned_data["file"]
                )
                self.put_in(added, form.cleaned_data)
                return str(added.pk)

            try:
                once(request, ADDED, new_key(request), add)
            except InvalidStep as error:
                form.add_error("file", str(error))
            except Stale:
                form.add_error(None, "Somebody else saved this letter at the same moment. Add the file once more.")
            else:
                messages.success(request, "Added. It goes with the letter once you hand it to the worker.")
                return redirect("letters:type", self.letter.reference)
        return self.show(form, purpose, status=422)

    def file_form(self, purpose: str, *data: Any) -> AddFileForm:
        """404 for a purpose that there isn't."""
        if purpose not in (LetterFile.Purpose.ENCLOSURE, LetterFile.Purpose.DOCUMENT):
            raise Http404
        return AddFileForm(*data, document=purpose == LetterFile.Purpose.DOCUMENT)

    def put_in(self, added: LetterFile, data: dict[str, Any]) -> None:
        """Into the working text as it stands now. Raises Stale, or InvalidStep where there is no room."""
        kept = WorkingText.objects.filter(letter=self.letter).first()
        fields = {**first_fields(self.letter), **(kept.fields if kept else {})}
        if added.purpose == LetterFile.Purpose.DOCUMENT:
            fields["document"] = str(added.pk)
        else:
            rows = list(fields.get("enclosures", []))
            if len(rows) >= MAX_ENCLOSURES:
                raise InvalidStep(f"A letter lists at most {MAX_ENCLOSURES} enclosures. Put some into one PDF.", "file")
            rows.append([data["title"], str(added.pages), "", str(added.pk), "on" if data["original"] else ""])
            fields["enclosures"] = rows
        actions.save_working_text(letter=self.letter, by=self.user, fields=fields, edition=kept.edition if kept else 0)

    def refused(self, error: Any) -> HttpResponse:
        """As the typing screen says it."""
        return super().refused(error)

    def show(self, form: AddFileForm, purpose: str, status: int = 200) -> HttpResponse:
        """The page."""
        context = {"letter": self.letter, "form": form, "purpose": purpose, "form_key": new_key(self.request)}
        return render(self.request, "letters/desk/add_file.html", context, status=status)


@login_required
@require_POST
def take_over(request: HttpRequest, reference: str) -> HttpResponse:
    """The worker's typed draft becomes the letter, word for word, in one step."""
    letter = letter_or_404(request, reference)
    refused = refused_here(request, letter, Action.TYPE)
    if refused:
        return refused
    outcome = run_step(request, letter, actions.take_over)
    if outcome.letter is None:
        assert outcome.response is not None  # noqa: S101 - without a form it is one or the other
        return outcome.response
    worker = letter.case.allocated_worker
    messages.success(
        request, f"Taken over as it was. {worker.name if worker else 'The worker'} has been told to check."
    )
    return redirect(where_next(request, outcome.letter), letter.reference)


@login_required
@require_safe
def letter_file(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """A file that was added to the letter, as it was added, for those who may read the letter."""
    letter = letter_or_404(request, reference, what="file")
    may_see_files(request, letter)
    rows = files_of(letter)
    if not 1 <= number <= len(rows):
        raise Http404
    try:
        return serve(request, rows[number - 1].file, f"{letter.reference}-file-{number}")
    except FileError:
        return render(request, "letters/desk/file_missing.html", {"letter": letter}, status=503)
