"""What the pages share: who asks, a form page that says what went wrong and keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from postroom.ledger.subjects import LedgerSubject
from postroom.people.errors import NotPermitted, OutOfDate, Refused
from postroom.people.forms import SeenForm
from postroom.people.models import User
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, check
from postroom.people.selectors import changes_since


def me(request: HttpRequest) -> User:
    """The signed-in person."""
    assert isinstance(request.user, User)  # noqa: S101 - every view asks for sign-in first
    return request.user


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the POST's data, however empty, or nothing on a GET."""
    return request.POST if request.method == "POST" else None


def may(request: HttpRequest, action: PeopleAction, about: About | None = None) -> None:
    """Raises PermissionDenied with the reason in words unless the signed-in person may do this."""
    from postroom.context import authority_for

    try:
        check(action, by=me(request), about=about, authority=authority_for(request))
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error


@dataclass(frozen=True)
class FormPage:
    """The words of a page that asks for one thing."""

    title: str
    submit: str
    back: str
    intro: str = ""
    warning: bool = False
    lines: tuple[str, ...] = ()
    more: str = ""  # the words of a second button, posted as `more`


def form_response(
    request: HttpRequest, page: FormPage, form: BaseForm, *, status: int = 200, changes: list[str] | None = None
) -> HttpResponse:
    """The page with its form; `changes`: what others did meanwhile."""
    context = {"page": page, "form": form, "changes": changes or []}
    return render(request, "people/form_page.html", context, status=status)


def answer(
    request: HttpRequest,
    page: FormPage,
    form: Any,
    do: Callable[[dict[str, Any]], tuple[str, str]],
    *,
    subject: LedgerSubject | None = None,
) -> HttpResponse:
    """GET: the empty form. POST: `do(cleaned)` acts and gives (what to say, where to go).

    A refusal comes back as the same page with a sentence and all that was typed: 403 without a right, 409 when
    somebody changed `subject` meanwhile (then the form is about it as it is now).
    """
    if request.method != "POST" or not form.is_valid():
        return form_response(request, page, form)
    try:
        said, where = do(form.cleaned_data)
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return form_response(request, page, form)
    except OutOfDate as error:
        seen = form.cleaned_data.get("seen", 0)
        changes: list[str] = []
        if subject is not None and isinstance(form, SeenForm):
            subject.refresh_from_db()
            changes = changes_since(subject, max(seen, 0))
            form.look_again(subject.ledger_seq)
        form.add_error(None, str(error))
        return form_response(request, page, form, status=409, changes=changes)
    messages.success(request, said)
    return redirect(where)
