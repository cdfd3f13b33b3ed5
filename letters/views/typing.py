"""Admin types a letter beside the worker's draft, sees the true pages, hands it to the worker (OGP-2).

What is typed is kept as it goes (WorkingText), with scripts by itself, without them by each button. Nothing is lost:
if somebody else saved meanwhile, or finished the letter, both texts are shown and one is chosen.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views import View
from django.views.decorators.cache import never_cache

from letters import actions
from letters.actions.typing import is_begun
from letters.anew import names_changed
from letters.differences import words
from letters.forms.typing import (
    EnclosureForm,
    TypingForm,
    enclosure_forms,
    first_fields,
    typed_from,
    valid_rows,
    working_fields,
)
from letters.leaks import Found, look_for
from letters.models import Letter, LetterFile, LetterFormat, LetterVersion, WorkingText
from letters.pictures import Preview, forget_previews, preview, preview_picture
from letters.placeholders import filled
from letters.policy import check_action
from letters.selectors_desk import (
    addresses_of,
    files_of,
    open_proposals,
    placeholder_values,
    questions_of,
    sources_of,
    stocks_to_choose,
    text_version,
    texts_of,
)
from letters.selectors_together import how_many_together, typed_for_others
from letters.states import Action, State
from letters.views.common import letter_or_404, person, refusal, run_step, seen_from, sight_of
from letters.views.giving import put_in_words, where_next
from letters.views.letter import due_warning
from postroom.cases.models import Address
from postroom.context import authority_for
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, Stale, StepError

AFTER_CHECK = (State.WORKER_CHECKED, State.SIGNED)
REARRANGED = {"enclosure_off", "enclosure_up", "drop_document"}
PREVIEW_KEY = re.compile(r"[0-9a-f]{64}")


class TypingView(LoginRequiredMixin, View):
    """What the typing screen, its autosave and its preview share: the letter, and whether this person may type it."""

    letter: Letter
    reading = ""
    _addresses: list[Address] | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the letter; refuse who may not type it (403) and where it can't be typed any more (409)."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.user = person(request)
        self.letter = letter_or_404(request, kwargs["reference"], what=self.reading)
        try:
            _may_type(request, self.letter)
        except StepError as error:
            return self.refused(error)
        return super().dispatch(request, *args, **kwargs)

    def refused(self, error: StepError) -> HttpResponse:
        """The page that says why not, with what was typed."""
        form = self.form(self.request.POST) if self.request.method == "POST" else None
        return refusal(self.request, self.letter, error, form=form)

    def form(self, data: Any = None, initial: dict[str, Any] | None = None) -> TypingForm:
        """The form for this letter."""
        return TypingForm(
            self.addresses(),
            data,
            initial=initial,
            after_check=self.letter.state in AFTER_CHECK,
            stocks=stocks_to_choose(),
            files=self.files,
            translation=self.letter.letter_format == LetterFormat.LANGUAGE,
        )

    def addresses(self) -> list[Address]:
        """The addressee's addresses that this person is shown; read once a page."""
        if self._addresses is None:
            sight = sight_of(self.request, self.letter)
            self._addresses = [row for row in addresses_of(self.letter.addressee) if sight.may_choose(row)]
        return self._addresses

    def found(self, fields: dict[str, Any]) -> list[Found]:
        """What the words give away, as far as they are typed."""
        texts = [str(fields.get(name, "")) for name in ("subject", "salutation", "body")]
        titles = [str(row[0]) for row in fields.get("enclosures", []) if row]
        greeting = "" if fields.get("document") else str(fields.get("salutation", ""))
        return look_for(self.letter, [*texts, *titles], user=self.user, greeting=greeting)

    @cached_property
    def files(self) -> dict[str, LetterFile]:
        """What was added to this letter, by id."""
        return {str(row.pk): row for row in files_of(self.letter)}

    def ready(self, form: TypingForm) -> bool:
        """Has the office chosen its envelopes? If not, the form says who can."""
        if getattr(self.letter.office, "post", None) is not None:
            return True
        form.add_error(
            None,
            "This office has not chosen its envelopes yet. Its team manager does that under Envelopes, in the menu.",
        )
        return False

    def draw(self, form: TypingForm, rows: list[EnclosureForm]) -> Preview | None:
        """The pages as they would be; None when the form now says what has to be put right."""
        valid = self.ready(form) and form.is_valid()
        # A reason is asked at the end, not for a look.
        faults = [name for name in form.errors if name != "reason"]
        if (not valid and faults) or not valid_rows(rows):
            return None
        self.letter.address = form.chosen_address
        try:
            return preview(self.letter, typed_from(form, rows, self.letter.office_id))
        except InvalidStep as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return None


@method_decorator(never_cache, name="dispatch")
class TypingPage(TypingView):
    """The typing screen."""

    http_method_names = ["get", "head", "post"]
    reading = "page"

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """What was kept, or else what the letter says, or else what is known of the addressee."""
        kept = WorkingText.objects.filter(letter=self.letter).select_related("saved_by").first()
        fields = {**first_fields(self.letter), **(kept.fields if kept else {})}
        form = self.form(initial=fields)
        rows = enclosure_forms(rows=fields["enclosures"], files=self.files)
        return self.page(form, rows, kept.edition if kept else 0, kept=kept)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Each button keeps what was typed first; then it does what it says."""
        fields = working_fields(request.POST)
        self._take_in(fields)
        try:
            kept = save(request, self.letter, fields, overwrite="overwrite" in request.POST)
        except Stale as error:
            return self.conflict(fields, error)
        if "show" in request.POST or "more_enclosures" in request.POST:
            return self.look_again(fields, kept)
        for button, purpose in (("add_enclosure", "enclosure"), ("add_document", "document")):
            if button in request.POST:
                return redirect("letters:add_file", self.letter.reference, purpose)
        if REARRANGED & set(request.POST):
            return redirect(reverse("letters:type", args=[self.letter.reference]) + "#enclosures")
        if "finish" in request.POST:
            return self.finish(kept)
        messages.success(request, "Saved. Nobody has been told yet.")
        return redirect("letters:type", self.letter.reference)

    def _take_in(self, fields: dict[str, Any]) -> None:
        """Put the proposed wording, or the worker's draft, into what was typed."""
        proposed = self.request.POST.get("take_in", "")
        if proposed.isdecimal():
            proposal = open_proposals(self.letter).filter(pk=int(proposed[:15])).exclude(body="").first()
            if proposal is not None:
                fields["body"] = proposal.body.replace("\r\n", "\n")
        if "drop_document" in self.request.POST:
            fields["document"] = ""
        self._put_in_text(fields)
        if "use_words" in self.request.POST and (version := self.words_of_others()) is not None:
            put_in_words(fields, self.letter, version)
        taken = ""
        if "use_draft" in self.request.POST:
            taken = self.letter.draft_text.replace("\r\n", "\n")
        chosen = self.request.POST.get("use_source", "")
        if chosen.isascii() and chosen.isdecimal() and len(chosen) < 4:
            rows = sources_of(self.letter)
            taken = rows[int(chosen) - 1].text if 1 <= int(chosen) <= len(rows) else ""
        if taken:
            fields["body"] = "\n\n".join(part for part in (fields.get("body", "").rstrip(), taken) if part)

    def _put_in_text(self, fields: dict[str, Any]) -> None:
        """A template or a paragraph, its placeholders filled, and which version of it went in."""
        row = text_version(self.letter.office_id, self.request.POST.get("put_in", ""))
        if row is None:
            return
        values = placeholder_values(self.letter)
        body = filled(row.body, values)
        fields["body"] = "\n\n".join(part for part in (fields.get("body", "").rstrip(), body) if part)
        if row.subject and not fields.get("subject", "").strip():
            fields["subject"] = filled(row.subject, values)[:120]
        fields["texts"] = ",".join([*filter(None, str(fields.get("texts", "")).split(",")), str(row.pk)])[:200]

    def words_of_others(self) -> LetterVersion | None:
        """The words typed for others of its set."""
        return typed_for_others(self.letter, self.user, authority_for(self.request))

    def look_again(self, fields: dict[str, Any], kept: WorkingText) -> HttpResponse:
        """The page with the letter's pictures beside it, or with more rows for enclosures."""
        if "more_enclosures" in self.request.POST:
            rows = enclosure_forms(rows=fields["enclosures"], blank=3, files=self.files)
            form = self.form(initial=fields)
            rows[min(len(fields["enclosures"]), len(rows) - 1)].fields["title"].widget.attrs["autofocus"] = True
            return self.page(form, rows, kept.edition)
        form, rows = self.form(self.request.POST), enclosure_forms(data=self.request.POST, files=self.files)
        shown = self.draw(form, rows)
        if shown is not None:
            # Only a look: what is missing for the end (a reason) isn't held against it yet.
            form = self.form(initial=fields)
            rows = enclosure_forms(rows=fields["enclosures"], files=self.files)
            return self.page(form, rows, kept.edition, shown=shown)
        return self.page(form, rows, kept.edition, status=422)

    def finish(self, kept: WorkingText) -> HttpResponse:
        """Freeze, render, prove, and hand it to the worker to check."""
        form, rows = self.form(self.request.POST), enclosure_forms(data=self.request.POST, files=self.files)
        if self.ready(form) and form.is_valid() and valid_rows(rows):
            outcome = run_step(
                self.request,
                self.letter,
                actions.type_letter,
                form=form,
                typed=typed_from(form, rows, self.letter.office_id),
                address=form.chosen_address,
                reason=form.cleaned_data.get("reason", ""),
            )
            if outcome.response is not None:
                return outcome.response
            if outcome.letter is not None:
                forget_previews(self.letter)
                worker = self.letter.case.allocated_worker
                messages.success(
                    self.request, f"Typed. {worker.name if worker else 'The worker'} has been told to check it."
                )
                return redirect(where_next(self.request, outcome.letter), self.letter.reference)
        return self.page(form, rows, kept.edition, status=422)

    def conflict(self, mine: dict[str, Any], error: Stale) -> HttpResponse:
        """Both texts side by side: what this person has on screen, and what was saved or typed since (409)."""
        fresh = letter_or_404(self.request, self.letter.reference, what="")
        kept = WorkingText.objects.filter(letter=fresh).select_related("saved_by").first()
        theirs = kept.fields if kept else first_fields(fresh)
        context = {
            "letter": fresh,
            "sentence": str(error),
            "mine": mine,
            "theirs": theirs,
            "kept": kept,
            "edition": kept.edition if kept else 0,
            "pieces": words(str(theirs.get("body", "")), str(mine.get("body", ""))),
            "hidden": _hidden(self.request),
        }
        return render(self.request, "letters/desk/typing_conflict.html", context, status=409)

    def page(
        self,
        form: TypingForm,
        rows: list[EnclosureForm],
        edition: int,
        *,
        kept: WorkingText | None = None,
        shown: Preview | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The typing screen."""
        letter = self.letter
        fields = working_fields(self.request.POST) if self.request.method == "POST" else dict(form.initial)
        proposals = list(open_proposals(letter))
        addresses = self.addresses()
        context = {
            "letter": letter,
            "form": form,
            "rows": rows,
            "row_errors": [error for row in rows for error in row.errors.values()],
            "edition": edition,
            "kept": kept,
            "preview": shown,
            "found": self.found(fields),
            "after_check": letter.state in AFTER_CHECK,
            "worker": letter.case.allocated_worker,
            "sources": sources_of(letter),
            "document": form.chosen_document,
            "texts": texts_of(letter.office_id),
            "can_take_over": letter.state == State.DRAFTED
            and letter.current_id is None
            and bool(letter.draft_text)
            and letter.letter_format != LetterFormat.LANGUAGE
            and not is_begun(fields, letter.draft_text),
            "words_of_others": self.words_of_others(),
            "together": how_many_together(letter),
            "questions": questions_of(letter),
            "due_warning": due_warning(letter),
            "names_changed": names_changed(letter) if letter.anew else [],
            "not_usable": [address for address in addresses if not address.is_usable],
            "proposals": [
                {"row": row, "pieces": words(row.version.body, row.body) if row.body else []} for row in proposals
            ],
        }
        return render(self.request, "letters/desk/typing.html", context, status=status)


class AutosaveView(TypingView):
    """Keeps what is typed, called by a script. JSON: {"version": n}, or {"error": "…"} with 409 or 403."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Save; the number given back is the one that the next save starts from."""
        try:
            kept = save(request, self.letter, working_fields(request.POST))
        except StepError as error:
            return self.refused(error)
        return JsonResponse({"version": kept.edition})

    def refused(self, error: StepError) -> HttpResponse:
        """As JSON: a script reads it out."""
        if isinstance(error, Stale):
            return JsonResponse({"error": f'{error} Press "Save for later" to see both texts and choose.'}, status=409)
        return JsonResponse({"error": str(error)}, status=403 if isinstance(error, NotAllowed) else 409)


class PreviewView(TypingView):
    """The pages of what is typed, as a piece of HTML beside the form; 422 with what has to be put right."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Rendered outside any transaction, kept for an hour."""
        form, rows = self.form(request.POST), enclosure_forms(data=request.POST, files=self.files)
        shown = self.draw(form, rows)
        faults = [] if shown else [text for name, texts in form.errors.items() if name != "reason" for text in texts]
        faults += [] if shown else [text for row in rows for texts in row.errors.values() for text in texts]
        found = self.found(working_fields(request.POST))
        context = {"letter": self.letter, "preview": shown, "faults": faults, "found": found}
        return render(request, "letters/desk/preview.html", context, status=200 if shown else 422)


class PreviewPicture(TypingView):
    """One page of a preview, for whoever may type this letter."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, reference: str, key: str, page: int) -> HttpResponse:
        """The PNG; 404 when it is older than an hour."""
        data = preview_picture(self.letter, key, page) if PREVIEW_KEY.fullmatch(key) else None
        if data is None:
            raise Http404
        return HttpResponse(data, content_type="image/png", headers={"Cache-Control": "private, max-age=300"})


def save(request: HttpRequest, letter: Letter, fields: dict[str, Any], *, overwrite: bool = False) -> WorkingText:
    """Keep what was typed. Raises Stale if the letter took a step, or somebody saved, since this page was opened."""
    edition = request.POST.get("version", "")
    try:
        return actions.save_working_text(
            letter=letter,
            by=person(request),
            fields=fields,
            edition=int(edition) if edition.isdecimal() and len(edition) < 10 else -1,
            overwrite=overwrite,
            seen=seen_from(request.POST),
        )
    except Stale as error:
        # The script's own save may overtake the button: the same text by the same person is no second text.
        kept = error.subject
        same = isinstance(kept, WorkingText) and kept.saved_by_id == person(request).pk
        if not same or kept.fields != working_fields(request.POST):
            raise
        return actions.save_working_text(letter=letter, by=person(request), fields=fields, edition=kept.edition)


def _may_type(request: HttpRequest, letter: Letter) -> None:
    """Raises NotAllowed or NotPossible. An address in doubt is no bar: the screen asks for another one."""
    action = Action.EDIT_AFTER_CHECK if letter.state in AFTER_CHECK else Action.TYPE
    try:
        check_action(letter, person(request), action, authority=authority_for(request))
    except GuardFailed:
        return


def _hidden(request: HttpRequest) -> list[tuple[str, str]]:
    """What was posted, to be posted once more, without the buttons and what this page saw."""
    left_out = {"csrfmiddlewaretoken", "version", "seen_version", "seen_hash", "overwrite", "finish", "show", "save"}
    left_out |= {
        "take_in",
        "use_draft",
        "use_source",
        "use_words",
        "more_enclosures",
        "put_in",
        "add_enclosure",
        "add_document",
    }
    left_out |= REARRANGED
    return [(name, str(value)) for name, value in request.POST.items() if name not in left_out]
