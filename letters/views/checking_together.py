"""Checking letters that say the same to several: the text once, each address singly; sending the text back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from letters import actions
from letters.actions.together import MAY_GO_BACK, Addressed
from letters.actions.tray import Result
from letters.forms.checking import SendBackForm
from letters.forms.together import TextForm
from letters.models import Letter
from letters.named import NOT_YOURS, found_in, may_say, waits_for_worker
from letters.selectors_together import Together, together_with
from letters.shared import same_words, text_check_of
from letters.states import Action
from letters.views.common import conflict, letter_or_404, person, refusal, refused_here, sight_of
from letters.views.letter import shown
from letters.views.tray import seen_of_key
from postroom.context import authority_for
from postroom.ledger.readings import record_read
from postroom.steps.errors import InvalidStep, NotPossible, ReasonNeeded, StepError

ALONE = (
    "No letter with these words waits for you to check it. A letter whose words are its own is checked on its own page."
)
TICK = "Tick each letter whose address is right"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_together(request: HttpRequest, reference: str) -> HttpResponse:
    """The text once, then each letter's address with its own tick; what isn't ticked stays unchecked.

    Each letter ticked is a step of its own with its own result. The confirmed text stands for those left for later.
    """
    letter = letter_or_404(request, reference)
    who, authority = person(request), authority_for(request)
    group = together_with(letter, who, authority)
    if not group.ready:
        return refused_here(request, letter, Action.CHECK) or conflict(request, letter, NotPossible(ALONE))
    model = group.ready[0]
    form = TextForm(request.POST or None, confirmed=text_check_of(model, who) is not None)
    results: list[Result] = []
    if request.method == "POST":
        chosen = _chosen(request, group)
        if not chosen:
            form.add_error(None, TICK)
        elif form.is_valid():
            try:
                text = request.POST.get("seen_text", "")
                actions.check_text(letter=model, by=who, seen_text=text, body_confirmed=True)
            except StepError as error:
                return refusal(request, model, error)
            results = actions.check_addresses(chosen=chosen, by=who)
            group = together_with(letter, who, authority)
            if not group.ready and all(result.done for result in results):
                many = len(results)
                messages.success(request, f"{many} letter{'' if many == 1 else 's'} checked, each at its own address.")
                return redirect("letters:next_check" if _walking(request) else "letters:my_work")
            if group.ready:
                form = TextForm(confirmed=True)
    return _page(request, letter, group, form, results)


def _walking(request: HttpRequest) -> bool:
    return "1" in (request.GET.get("walk"), request.POST.get("walk"))


def _chosen(request: HttpRequest, group: Together) -> list[Addressed]:
    """The ticked letters of this page, as the person saw them, in the order shown."""
    by_reference = {row.letter.reference: row.letter for row in group.rows}
    chosen = []
    for key in request.POST.getlist("letter")[: len(group.rows)]:
        reference, seen = seen_of_key(key)
        if seen is not None and reference in by_reference:
            belongs = f"found-{reference}" in request.POST
            chosen.append(Addressed(by_reference[reference], seen, belongs))
    return chosen


def _page(request: HttpRequest, letter: Letter, group: Together, form: TextForm, results: list[Result]) -> HttpResponse:
    ticked = {seen_of_key(key)[0] for key in request.POST.getlist("letter")}
    rows = [_row(request, one, ticked, logged=one.pk == letter.pk) for one in group.ready]
    # After the last of them there is nothing left to tick; what came of each is still said.
    model = group.ready[0] if group.ready else letter
    text = shown(request, model)
    content = {**text.content, "address_lines": [], "salutation": "", "copies_to": []} if text else {}
    standing = text_check_of(model, person(request)) if group.ready else None
    context = {
        "letter": letter,
        "model": model,
        "form": form,
        "rows": rows,
        "others": [row for row in group.rows if not row.ready],
        "apart": group.apart,
        "shown": text,
        "content": content,
        "standing": standing,
        "results": results,
        "done": "Its address is checked",
        "not_done": sum(not result.done for result in results),
        "walking": _walking(request),
        "can_send_back": bool(group.ready),
    }
    failed = request.method == "POST" and bool(form.errors)
    return render(request, "letters/work/check_together.html", context, status=422 if failed else 200)


def _row(request: HttpRequest, letter: Letter, ticked: set[str], *, logged: bool) -> dict[str, Any]:
    sight = sight_of(request, letter)
    if request.method != "GET" or not logged:
        # Each letter shown here is read here (CLS-1), by the answer to a POST too: it may be ready since the page came.
        record_read(letter, by=person(request), what="page")
        sight.look(letter.address)
    found = found_in(letter, person(request))
    theirs = waits_for_worker(letter, found) and not may_say(letter, person(request))
    return {
        "letter": letter,
        "content": sight.content(letter.typed_version),
        "key": f"{letter.reference}:{letter.version}:{letter.content_hash}",
        "found": found,
        "not_yours": NOT_YOURS if theirs else "",
        "ticked": letter.reference in ticked,
        "belongs": f"found-{letter.reference}" in request.POST,
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send_text_back(request: HttpRequest, reference: str) -> HttpResponse:
    """The text is wrong: every letter that says it goes back to admin, with the reason and the wording proposed."""
    letter = letter_or_404(request, reference)
    body = letter.current.body if letter.current else ""
    form = SendBackForm(request.POST or None, initial={"proposed_body": body})
    refused = refused_here(request, letter, Action.RETURN_FOR_RETYPING, form=form)
    if refused:
        return refused
    going = list(same_words(letter).filter(state__in=MAY_GO_BACK).select_related("addressee").order_by("pk"))
    if not going:
        return conflict(request, letter, NotPossible(ALONE), form=form)
    if request.method == "POST" and form.is_valid():
        text = request.POST.get("seen_text", "")
        try:
            results = actions.send_text_back(letter=letter, by=person(request), seen_text=text, **form.cleaned_data)
        except (InvalidStep, ReasonNeeded) as error:
            form.add_error("reason", str(error))
        except StepError as error:
            return refusal(request, letter, error, form=form)
        else:
            return _sent_back(request, results)
    context = {"letter": letter, "form": form, "going": len(going), "walking": _walking(request)}
    return render(request, "letters/work/send_text_back.html", context)


def _sent_back(request: HttpRequest, results: list[Result]) -> HttpResponse:
    if back := sum(result.done for result in results):
        words = "1 letter is" if back == 1 else f"{back} letters are"
        messages.success(request, f"{words} back with admin, who are told why.")
    for result in results:
        if not result.done:
            messages.error(request, f"Letter {result.letter.reference} is not back with admin. {result.words}")
    return redirect("letters:next_check" if _walking(request) else "letters:my_work")
