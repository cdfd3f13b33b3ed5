"""Posting, the case record, and what comes back (OGP-4b, OGP-6)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from letters import actions
from letters.abroad import class_choices, goes_abroad
from letters.actions.ics import still_tried
from letters.actions.posting import notes_text
from letters.completed import children_owed, uploads_of
from letters.content import make_files
from letters.deadlines import missed_collection, too_slow
from letters.forms.posting import PostForm, RegisteredPostForm, ReturnedForm, UploadForm
from letters.ics.words import trouble_words
from letters.models import IcsUpload, IcsWay, Letter, PostClass
from letters.policy import can
from letters.selectors_desk import document_for_ics
from letters.states import Action, State
from letters.views.common import Outcome, letter_or_404, person, run_step
from letters.views.desk import StepPage
from letters.views.letter import due_warning
from letters.ways import Way
from postroom.cases.models import CasePerson
from postroom.files.keeping import keep
from postroom.forms import in_words
from postroom.steps.errors import StepError
from postroom.steps.table import join_words


class PostPage(StepPage):
    """Record the day it went to the post, and by which class."""

    action = Action.POST
    template = "letters/desk/post.html"

    def form(self, data: Any = None) -> PostForm:
        files = self.request.FILES if data is not None else None
        kind = RegisteredPostForm if self.letter.way == Way.REGISTERED_POST else PostForm
        today = timezone.localdate()
        initial: dict[str, Any] = {"posted_on": today}
        classes, abroad = class_choices(self.letter), goes_abroad(self.letter)
        if self.letter.way == Way.POST and not abroad and (usual := self.letter.office.post.usual_class):
            initial["post_class"] = usual
        missed = self.letter.way == Way.POST and missed_collection(self.letter.office.post.collection)
        if len(classes) == 1:
            initial["post_class"] = classes[0][0]
        more: dict[str, Any] = {"classes": classes, "abroad": abroad, "initial": initial, "missed": missed}
        if abroad and kind is RegisteredPostForm:
            more["service"] = self.letter.office.post.abroad_service
        return kind(data, files, enveloped_on=self.letter.enveloped_on, **more)

    def take(self, form: Any) -> Outcome:
        data = dict(form.cleaned_data)
        if scan := data.get("receipt"):
            # Kept under its hash before the step; if the step is refused, the sweep of unused files removes it.
            data["receipt"] = keep(scan)
        return run_step(self.request, self.letter, actions.post, form=form, **data)

    def context(self) -> dict[str, Any]:
        version = self.letter.current
        assert version is not None  # noqa: S101 - in its envelope, so typed
        return {
            "address": version.as_content["address_lines"],
            "registered": self.letter.way == Way.REGISTERED_POST,
            "abroad": goes_abroad(self.letter),
            # The class isn't chosen yet: whoever posts is told when second would be too slow.
            "due_warning": due_warning(self.letter, self.slowest()),
        }

    def slowest(self) -> str:
        """The class that its warning reckons with while none is chosen."""
        if self.letter.way != Way.POST:
            return ""
        return (PostClass.ABROAD_ECONOMY if goes_abroad(self.letter) else PostClass.SECOND).value

    def words(self, letter: Letter) -> str:
        assert letter.posted_on is not None  # noqa: S101
        then = "Postroom brings it to ICS itself." if self.by_itself(letter) else "Next: upload it to ICS."
        said = f"Posted {in_words(letter.posted_on)}. {then}"
        late = too_slow(letter.due_kind, letter.due_on, letter.posted_on, letter.post_class)
        return f"{said} {late}".strip()

    def next(self, letter: Letter) -> tuple[str, ...]:
        return ("letters:letter" if self.by_itself(letter) else "letters:upload", letter.reference)

    def by_itself(self, letter: Letter) -> bool:
        """Does the office leave it to Postroom to bring the letter to ICS?"""
        rows = uploads_of(letter)
        return bool(rows) and all(row.way != IcsWay.MANUAL for row in rows)


class UploadPage(StepPage):
    """The document to download, the notes to copy, and the reference that ICS gave (OGP-6)."""

    action = Action.UPLOAD
    template = "letters/desk/upload.html"

    def wanted(self) -> Action:
        return Action.UPLOAD_CHILD if len(self.owed) > 1 else Action.UPLOAD

    @cached_property
    def rows(self) -> list[IcsUpload]:
        """What is owed to each child's record, done or not."""
        return uploads_of(self.letter)

    @property
    def owed(self) -> list[CasePerson]:
        """The children whose records still lack it."""
        return [row.child for row in self.rows if row.done_at is None]

    def form(self, data: Any = None) -> UploadForm:
        return UploadForm(self.owed, data)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.upload, form=form, **form.entries)

    def context(self) -> dict[str, Any]:
        with suppress(StepError):  # what can't be drawn is not there to download; the page says so
            make_files(self.letter)
        document = document_for_ics(self.letter)
        version = self.letter.current
        assert version is not None  # noqa: S101 - posted, so typed
        href = reverse("letters:pdf", args=[self.letter.reference, version.number])
        if document is not None and document.signed:
            href = reverse("letters:signed_pdf", args=[self.letter.reference])
        return {
            "notes": notes_text(self.letter),
            "document": document,
            "document_href": f"{href}?download",
            "rows": self.rows,
            "uploads": self.uploads(),
        }

    def uploads(self) -> list[dict[str, Any]]:
        """What Postroom brings to ICS itself: what stood against it, and whether it goes on trying."""
        rows = [row for row in self.rows if row.way != IcsWay.MANUAL]
        tried = still_tried(rows) if any(row.error for row in rows) else set()
        return [{"row": row, "trouble": trouble_words(row.error), "again": row.pk in tried} for row in rows]

    def words(self, letter: Letter) -> str:
        if letter.upload_owed:
            still = join_words([child.name for child in children_owed(letter)])
            return f"Recorded. Next: upload it to the record of {still}."
        return f"On the case record as {letter.ics_reference}."

    def next(self, letter: Letter) -> tuple[str, ...]:
        return ("letters:upload" if letter.upload_owed else "letters:letter", letter.reference)


class ReturnedPage(StepPage):
    """Royal Mail brought it back."""

    action = Action.RETURN_UNDELIVERED
    template = "letters/desk/returned.html"

    def form(self, data: Any = None) -> ReturnedForm:
        return ReturnedForm(data, posted_on=self.letter.posted_on, initial={"came_back_on": timezone.localdate()})

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.return_undelivered, form=form, **form.cleaned_data)

    def words(self, letter: Letter) -> str:
        return "Recorded. The address is in doubt from now on, and the worker has been told."

    def next(self, letter: Letter) -> tuple[str, ...]:
        return ("letters:returned_next", letter.reference)


@login_required
@require_safe
def returned_next(request: HttpRequest, reference: str) -> HttpResponse:
    """What comes after a return: the address, the upload that is still due, a breach if it had been opened."""
    letter = letter_or_404(request, reference)
    came_back = letter.returns.first() if letter.state == State.RETURNED else None
    if came_back is None:
        raise Http404
    context = {"letter": letter, "came_back": came_back, "may_upload": can(letter, person(request), Action.UPLOAD)}
    return render(request, "letters/desk/returned_next.html", context)
