"""A worker hands over a draft (OGP-1)."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from letters import actions
from letters.forms.handing_over import HandOverForm, person_words, verified_words
from letters.forms.handing_over_files import MOST, KeptFile, keep, kept_file
from letters.models import Letter
from letters.permissions import RULES
from letters.policy import open_to_by_email, standing_of
from letters.selectors_desk import CASES_SHOWN, case_visible_to, cases_to_write_for, people_to_write_to
from letters.states import Action
from letters.views.common import person
from postroom.cases.models import Case
from postroom.cases.states import CaseState
from postroom.context import authority_for
from postroom.people.once import made_before, new_key, once
from postroom.steps.errors import InvalidStep, NotAllowed
from postroom.steps.table import Grant

HANDED_OVER = "handed_over"  # in the session: form key -> reference, so that a form sent twice makes one letter


@login_required
@never_cache
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Which case is it about? Somebody with one case isn't asked."""
    cases = list(cases_to_write_for(person(request), authority_for(request)))
    if len(cases) == 1:
        return redirect("letters:new_for_case", cases[0].reference)
    return render(request, "letters/desk/choose_case.html", {"cases": cases, "most": CASES_SHOWN})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_for_case(request: HttpRequest, case_reference: str) -> HttpResponse:
    """To whom, at which address, what it should say: one page, one button."""
    case = case_visible_to(person(request), authority_for(request), case_reference)
    if case is None:
        raise Http404
    why_not = _why_not(request, case)
    if why_not:
        return render(request, "letters/work/not_allowed.html", {"sentence": why_not}, status=403)
    if case.state != CaseState.OPEN:
        return render(request, "letters/desk/case_closed.html", {"case": case}, status=409)
    people = people_to_write_to(case)
    key = new_key(request)
    before = made_before(request, HANDED_OVER, key)
    if before:
        return redirect("letters:letter", before)
    kept = _kept(request)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = HandOverForm(people, *posted, kept=kept, by_email=open_to_by_email(case.office_id, people))
    if request.method == "POST" and form.is_valid():
        made: list[Letter] = []

        def make() -> str:
            made.extend(_hand_over(request, case, form))
            return made[0].reference if made else ""

        reference, now = once(request, HANDED_OVER, key, make)
        if now:
            messages.success(request, _done_words(made, case))
        if reference:
            return redirect("letters:letter", reference)
    if request.method == "POST":
        # A browser forgets the files it sent: those that passed are kept, and not asked for again.
        kept += [keep(checked) for checked in form.passed]
    unusable = [
        {"person": person_words(one), "lines": address.line_list, "why": verified_words(address)}
        for one in people
        for address in one.addresses.all()
        if not address.is_usable
    ]
    without = [person_words(one) for one in people if not one.addresses.all()]
    context = {"case": case, "form": form, "unusable": unusable, "without": without, "form_key": key, "kept": kept}
    context["children"] = [one for one in people if one.relationship == "child"]
    return render(request, "letters/desk/hand_over.html", context, status=422 if form.errors else 200)


def _why_not(request: HttpRequest, case: Case) -> str:
    """Why this person may not hand over a letter for this case; "" if they may. The step asks again."""
    letter = Letter(case=case, office_id=case.office_id)
    standing = standing_of(letter, person(request), authority_for(request))
    decision = RULES.decide(Action.HAND_OVER, standing.roles, standing.holding)
    return "" if isinstance(decision, Grant) else RULES.explain(decision)


def _kept(request: HttpRequest) -> list[KeptFile]:
    """The files of earlier tries that are to stay; each can be taken off by its tick."""
    off = set(request.POST.getlist("kept_off"))
    found = [kept_file(ticket) for ticket in request.POST.getlist("kept")[:MOST] if ticket not in off]
    return [one for one in found if one is not None]


def _hand_over(request: HttpRequest, case: Case, form: HandOverForm) -> list[Letter]:
    """The letters, one for each addressee, all or none; empty when the form now says what stands against it."""
    data = form.cleaned_data
    alone = len(data["address"]) == 1
    together = "" if alone else secrets.token_hex(8)
    made: list[Letter] = []
    try:
        with transaction.atomic():
            for address in data["address"]:
                to = address.person
                made.append(
                    actions.hand_over(
                        case=case,
                        addressee=to,
                        address=address,
                        by=person(request),
                        draft_text=data["draft_text"],
                        subject=data["subject"],
                        instructions=data["instructions"],
                        still_right=data["still_right"],
                        way=data["way"],
                        sensitive=data["sensitive"],
                        sources=form.sources,
                        about=data.get("about", ()),
                        # Chosen for several letters at once: each names the others, not its own addressee.
                        copies_to=[one for one in data.get("copies_to", ()) if one.pk != address.person_id or alone],
                        together=together,
                        **form.brief(),
                    )
                )
            return made
    except InvalidStep as error:
        # One way for all of them: whom it is closed to is said.
        whose = f"{to.name}: " if error.field == "way" and not alone else ""
        form.add_error(error.field if error.field in form.fields else None, f"{whose}{error}")
    except NotAllowed as error:
        form.add_error(None, str(error))
    return []


def _done_words(made: list[Letter], case: Case) -> str:
    if len(made) == 1:
        return f"Handed over to admin at {case.office.name}."
    references = ", ".join(letter.reference for letter in made)
    return f"Handed over to admin at {case.office.name}: {len(made)} letters, each to one person alone ({references})."
