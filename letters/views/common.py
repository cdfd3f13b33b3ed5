"""What every page of a letter shares: finding it, what the person saw, and turning a refused step into a page.

letter = letter_or_404(request, reference)
refused = refused_here(request, letter, Action.POST)        # GET and POST: role, state, guards
if refused: return refused
form = PostForm(request.POST or None)
if request.method == "POST" and form.is_valid():
    outcome = run_step(request, letter, actions.post, form=form, **form.cleaned_data)
    if outcome.letter:  messages.success(…); return redirect("letters:letter", reference)
    if outcome.response: return outcome.response            # 403 or 409
return render(request, …)                                   # the form has the error, and what was typed
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from letters import presenters, selectors
from letters.confidential import Sight
from letters.models import Letter
from letters.policy import check_action
from letters.states import Action
from postroom.context import authority_for
from postroom.ledger.readings import record_read
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale, StepError
from postroom.steps.references import is_reference

NEVER_SEEN = Seen(-1, "")
CONFIDENTIAL = "This letter goes to a confidential address. Its pages are shown to those who make, check and sign it."


def person(request: HttpRequest) -> User:
    """The signed-in person (views are behind login_required)."""
    assert isinstance(request.user, User)  # noqa: S101 - login_required has looked
    return request.user


def letter_or_404(request: HttpRequest, reference: str, *, what: str = "page") -> Letter:
    """The letter, with all that its pages show, if this person may read it; else Http404. Three queries.

    A GET is logged as a reading (CLS-1); `what`: page, pdf or picture; "" logs nothing. A POST is a step, and the
    ledger has it. References are taken in any case and with blanks.
    """
    compact = "".join(reference.split()).upper()
    if not is_reference(compact):
        raise Http404
    visible = selectors.visible_to(person(request), authority=authority_for(request))
    # Asked alone first: a dozen tables are not joined, nor their statement built, for somebody who may not read it.
    found = visible.filter(reference=compact).values_list("pk", flat=True).first()
    if found is None:
        raise Http404
    letter = selectors.whole(found)
    if what and request.method == "GET":
        record_read(letter, by=person(request), what=what)
        sight_of(request, letter).look(letter.address)
    return letter


def sight_of(request: HttpRequest, letter: Letter) -> Sight:
    """What this person may see of the letter's addresses, if one is confidential."""
    return Sight(letter, person(request), authority_for(request))


def may_see_files(request: HttpRequest, letter: Letter) -> None:
    """Files that can bear the letter's address: what was handed over or added, receipts, paper forms.

    Raises PermissionDenied for one who isn't shown it (CLS-5, decision 0031).
    """
    if not sight_of(request, letter).sees(letter.address):
        raise PermissionDenied(CONFIDENTIAL)


def seen_from(data: Any) -> Seen:
    """What the person had on screen, from the hidden fields `seen_version` and `seen_hash` of what they posted.

    Missing or spoilt fields give a Seen that nothing matches: the step answers that the page is out of date.
    Put `{% include "letters/work/seen.html" with letter=letter %}` into each form.
    """
    version = str(data.get("seen_version", ""))
    if not (version.isascii() and version.isdecimal() and len(version) < 10):
        return NEVER_SEEN
    return Seen(int(version), str(data.get("seen_hash", "")))


@dataclass(frozen=True)
class Outcome:
    """What came of a step: the letter as it now is, or a page to answer with, or (neither) errors on the form."""

    letter: Letter | None = None
    response: HttpResponse | None = None


def run_step(
    request: HttpRequest,
    letter: Letter,
    verb: Callable[..., Letter],
    *,
    form: forms.Form | None = None,
    **arguments: Any,
) -> Outcome:
    """Take the step `verb(letter=, by=, seen=, **arguments)` with what the person saw.

    InvalidStep and ReasonNeeded become errors of `form` (its own field where it has it); without a form, and for
    everything else, the outcome's response is a page: 403 with the sentence, or 409 with what changed.
    """
    try:
        return Outcome(letter=verb(letter=letter, by=person(request), seen=seen_from(request.POST), **arguments))
    except (InvalidStep, ReasonNeeded) as error:
        if form is None:
            return Outcome(response=conflict(request, letter, error))
        field = "reason" if isinstance(error, ReasonNeeded) else getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, str(error))
        return Outcome()
    except StepError as error:
        return Outcome(response=refusal(request, letter, error, form=form))


def refused_here(
    request: HttpRequest, letter: Letter, *actions: Action, form: forms.Form | None = None
) -> HttpResponse | None:
    """None if this person may take one of `actions` on the letter now; else the page that says why not (403, 409).

    Ask before looking at the form, on GET and POST. What was posted from a page that is out of date is told so first:
    "check it first" would be no answer to somebody who had checked what they saw. `form`: what they typed is shown.
    """
    if request.method == "POST" and seen_from(request.POST) not in (NEVER_SEEN, Seen.of(letter)):
        stale = Stale("This has changed since you opened it. Nothing was done; look at it as it is now.", letter)
        return conflict(request, letter, stale, form=form)
    first: StepError | None = None
    for action in actions:
        try:
            check_action(letter, person(request), action, authority=authority_for(request))
        except StepError as error:
            # What stands in the way of somebody who may is more to the point than that another way is not theirs.
            if first is None or (isinstance(first, NotAllowed) and not isinstance(error, NotAllowed)):
                first = error
        else:
            return None
    assert first is not None  # noqa: S101 - called with at least one action
    return refusal(request, letter, first, form=form)


def refusal(request: HttpRequest, letter: Letter, error: StepError, *, form: forms.Form | None = None) -> HttpResponse:
    """The page for a step that was not taken: 403 for the wrong person, 409 for everything else."""
    if isinstance(error, NotAllowed):
        return render(request, "letters/work/not_allowed.html", {"letter": letter, "sentence": str(error)}, status=403)
    return conflict(request, letter, error, form=form)


def conflict(request: HttpRequest, letter: Letter, error: StepError, *, form: forms.Form | None = None) -> HttpResponse:
    """409: why, where the letter stands now, what changed since the person saw it, by whom and when, and the way on.

    What they had typed is shown again, so that nothing of it is lost.
    """
    now = Letter.objects.select_related("office").get(pk=letter.pk)
    seen = seen_from(request.POST) if request.method == "POST" else NEVER_SEEN
    since = seen.version if 0 <= seen.version <= now.version else None
    entries = selectors.entries_since(now, since)
    names = selectors.enterers(entries)
    mine = bool(entries) and entries[-1].actor_id == person(request).pk and isinstance(error, Stale | NotPossible)
    return render(
        request,
        "letters/work/conflict.html",
        {
            "letter": now,
            "sentence": str(error),
            "events": [presenters.event_of(entry, "", names) for entry in reversed(entries)],
            "since_seen": since is not None,
            "mine": mine and since is not None,
            "guard": error.guard if isinstance(error, GuardFailed) else "",
            "typed": typed_so_far(form),
        },
        status=409,
    )


def typed_so_far(form: forms.Form | None) -> list[dict[str, str]]:
    """What somebody had typed into a form, as label and value, without ticks and files."""
    if form is None:
        return []
    rows = []
    for bound in form:
        value = bound.value()
        if isinstance(bound.field, forms.CharField) and not bound.is_hidden and isinstance(value, str) and value:
            rows.append({"label": str(bound.label), "value": value})
    return rows
