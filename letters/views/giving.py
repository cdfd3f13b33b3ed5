"""One text to many is typed once: the words of a typed letter given to the others of its set (OGP-2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from letters import actions
from letters.actions.giving import Given, enclosed_by
from letters.actions.tray import Result
from letters.forms.typing import TypingForm, data_of, enclosure_forms, first_fields, typed_from, valid_rows
from letters.models import Letter, LetterVersion
from letters.permissions import RULES
from letters.policy import standing_of
from letters.selectors_desk import addresses_of, files_of, stocks_to_choose
from letters.selectors_together import Giving, ToGive, others_to_give
from letters.shared import why_not_given, words_in
from letters.states import Action
from letters.views.common import conflict, letter_or_404, person, refusal, seen_from, sight_of
from letters.views.tray import seen_of_key
from postroom.context import authority_for
from postroom.ledger.readings import record_reads
from postroom.steps.engine import Seen
from postroom.steps.errors import NotAllowed, NotPossible, StepError
from postroom.steps.table import Grant

ALONE = "There is no other letter here that could say the same."
TICK = "Tick each letter that is to say the same"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give_words(request: HttpRequest, reference: str) -> HttpResponse:
    """The words, and each other letter of the set with its own tick. Each ticked is typed by a step of its own."""
    letter = letter_or_404(request, reference)
    who, authority = person(request), authority_for(request)
    standing = standing_of(letter, who, authority)
    decision = RULES.decide(Action.TYPE, standing.roles, standing.holding)
    if not isinstance(decision, Grant):
        return refusal(request, letter, NotAllowed(RULES.explain(decision)))
    group = others_to_give(letter, who, authority)
    if not group.rows and not group.apart:
        return conflict(request, letter, NotPossible(why_not_given(letter) or ALONE))
    results: list[Result] = []
    error = ""
    if request.method == "POST":
        chosen = _chosen(request, group)
        if not chosen:
            error = TICK
        else:
            try:
                results = _give(request, letter, chosen)
            except StepError as refused:
                return refusal(request, letter, refused)
            group = others_to_give(letter, who, authority)
            if all(result.done for result in results) and not group.offered:
                messages.success(request, _done_words(letter, len(results)))
                return redirect("letters:my_work")
    return _page(request, letter, group, results, error)


def where_next(request: HttpRequest, typed: Letter) -> str:
    """The page after a letter was typed: where its words go to the others of its set, if any can have them."""
    if not typed.together:
        return "letters:letter"
    offered = others_to_give(typed, person(request), authority_for(request)).offered
    return "letters:give_words" if offered else "letters:letter"


def put_in_words(fields: dict[str, Any], letter: Letter, version: LetterVersion) -> None:
    """Into what is being typed, the words typed for others who were handed the same text: in place of those that the
    letter says so far; what somebody has begun to type here stays, above them."""
    given = words_in(version.as_content)
    begun = fields.get("body", "").rstrip()
    if letter.current is not None and begun == letter.current.body.rstrip():
        begun = ""
    fields["body"] = "\n\n".join(part for part in (begun, given["body"]) if part)
    if not begun:
        year, month, day = given["letter_date"].split("-")
        fields |= {"subject": given["subject"], "sign_off": given["sign_off"], "letter_date": [day, month, year]}
        fields["texts"] = ",".join(str(row.pk) for row in version.texts.all())


def _chosen(request: HttpRequest, group: Giving) -> list[tuple[ToGive, Seen, int]]:
    """The ticked letters of this page, each as the person saw it: what it was, and what was begun of it."""
    by_reference = {row.letter.reference: row for row in group.rows}
    chosen = {}
    for text in request.POST.getlist("letter")[: len(group.rows)]:
        key, _, edition = text.rpartition(":")
        reference, seen = seen_of_key(key)
        if seen is not None and reference in by_reference and edition.isascii() and edition.isdecimal():
            chosen[reference] = (by_reference[reference], seen, int(edition[:9]))
    return list(chosen.values())


def _give(request: HttpRequest, letter: Letter, chosen: list[tuple[ToGive, Seen, int]]) -> list[Result]:
    """What came of each, in the order of the page. Raises StepError where the words can't be given at all."""
    words, faults, given = words_in(letter.typed_version.as_content), {}, []
    for row, seen, edition in chosen:
        one = _as_its_own_page_would(request, row, words, seen, edition)
        if isinstance(one, Given):
            given.append(one)
        else:
            faults[row.letter.pk] = Result(row.letter, False, one)
    results = actions.give_words(letter=letter, by=person(request), seen=seen_from(request.POST), chosen=given)
    found = {result.letter.pk: result for result in results} | faults
    return [found[row.letter.pk] for row, _, _ in chosen]


def _as_its_own_page_would(
    request: HttpRequest, row: ToGive, words: dict[str, str], seen: Seen, edition: int
) -> Given | str:
    """The letter with these words and all that is its own, judged as on its typing page; or what stands against it."""
    letter, sight = row.letter, sight_of(request, row.letter)
    year, month, day = words["letter_date"].split("-")
    fields = {**first_fields(letter), **(row.kept.fields if row.kept else {})}
    fields |= {name: words[name] for name in ("subject", "body", "sign_off")} | {"letter_date": [day, month, year]}
    data, files = data_of(fields), {str(file.pk): file for file in files_of(letter)}
    addresses = [one for one in addresses_of(letter.addressee) if sight.may_choose(one)]
    form = TypingForm(addresses, data, stocks=stocks_to_choose(), files=files)
    rows = enclosure_forms(data=data, files=files)
    if getattr(letter.office, "post", None) is None:
        return "This office has not chosen its envelopes yet. Its team manager does that under Envelopes, in the menu."
    if not form.is_valid() or not valid_rows(rows):
        said = [text for one in (form, *rows) for texts in one.errors.values() for text in texts]
        return f"{str(said[0]).rstrip('.')}. Type it on its own page."
    typed = typed_from(form, rows, letter.office_id)
    return Given(letter, seen, edition, typed, form.chosen_address, enclose="enclose" in request.POST)


def _done_words(letter: Letter, many: int) -> str:
    worker = letter.case.allocated_worker
    letters = "1 letter says" if many == 1 else f"{many} letters say"
    return f"{letters} the same now. {worker.name if worker else 'The worker'} has been told to check."


def _page(request: HttpRequest, letter: Letter, group: Giving, results: list[Result], error: str) -> HttpResponse:
    record_reads([row.letter for row in group.rows], by=person(request), what="page")
    rows = [_row(request, row) for row in group.offered]
    ticked = set(request.POST.getlist("letter"))
    for row in rows:
        row["ticked"] = row["given"].key in ticked if error else row["given"].ticked and not results
    content = letter.typed_version.as_content
    own: dict[str, Any] = {"address_lines": [], "salutation": "", "enclosures": [], "copies_to": []}
    context = {
        "letter": letter,
        "content": {**content, **own},
        "enclosed": enclosed_by(content) if not all(row["enclosures"] for row in rows) else (),
        "enclose": "enclose" in request.POST,
        "worker": letter.case.allocated_worker,
        "rows": rows,
        "left": group.left,
        "apart": group.apart,
        "results": results,
        "done": "Says the same now, and waits to be checked",
        "not_done": sum(not result.done for result in results),
        "error": error,
    }
    return render(request, "letters/desk/give_words.html", context, status=422 if error else 200)


def _row(request: HttpRequest, given: ToGive) -> dict[str, Any]:
    letter, sight = given.letter, sight_of(request, given.letter)
    sight.look(letter.address)
    fields = given.kept.fields if given.kept else {}
    known_as = letter.addressee.salutation or letter.addressee.name
    content: dict[str, Any] = {"salutation": f"Dear {known_as}", "enclosures": []}
    content |= letter.current.as_content if letter.current else {}
    return {
        "given": given,
        "letter": letter,
        "lines": sight.lines(letter.address),
        "greeting": fields.get("salutation") or content["salutation"],
        "enclosures": [row[0] for row in fields["enclosures"]]
        if "enclosures" in fields
        else [item["title"] for item in content["enclosures"]],
    }
