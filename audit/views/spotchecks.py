"""Spot checks: what is due, a new one, one with its frame, seed, draw, letters and result (OGP-10)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import selectors
from audit.actions import spotchecks as actions
from audit.forms.spotchecks import NewCheckForm, PickForm, ReasonForm, SeedForm
from audit.models import SeedFrom, SpotCheck
from audit.policy import can
from audit.selectors import MANAGERS
from audit.spotchecks.checklist import STAGE_NAMES, Kind, Stage
from audit.spotchecks.draw import SHELL_LINE
from audit.spotchecks.frames import Wanted, how_many, last_month, parts_of
from audit.spotchecks.outside import left_house
from audit.spotchecks.people import possible_witnesses
from audit.spotchecks.plan import Promise, allot, promise, size_for
from audit.spotchecks.risks import risky
from audit.spotchecks.rules import CheckAction, CheckState
from audit.views.common import check_or_404, is_dam, not_allowed, person, run, seen_from
from postroom.context import authority_for
from postroom.people.models import Office
from postroom.steps.engine import Seen

ONLY_DAM = "Spot checks are drawn by the District Admin Manager."
ON_A_PAGE = 30


@login_required
@require_safe
def spot_checks(request: HttpRequest) -> HttpResponse:
    """When each office's next check is due, what is being checked, and the results so far."""
    authority = authority_for(request)
    if not (is_dam(request) or authority.offices(*MANAGERS)):
        return not_allowed(request, "Spot checks are for the District Admin Manager and for managers of an office.")
    offices = selectors.active_offices()
    if not is_dam(request):
        offices = [office for office in offices if office.pk in authority.offices(*MANAGERS)]
    visible = selectors.visible_checks(person(request), authority).select_related("office")
    before = request.GET.get("before", "")
    done = visible.filter(state__in=selectors.OVER).order_by("-pk")
    if before.isdecimal() and len(before) < 18:
        done = done.filter(pk__lt=int(before))
    rows = list(done[: ON_A_PAGE + 1])
    findings = selectors.visible_findings(person(request), authority)
    context = {
        "next_checks": selectors.next_checks(offices),
        "running": list(visible.exclude(state__in=selectors.OVER)),
        "done": rows[:ON_A_PAGE],
        "older": f"?before={rows[ON_A_PAGE - 1].pk}" if len(rows) > ON_A_PAGE else "",
        "findings": list(selectors.open_findings(findings)[:50]),
        "is_dam": is_dam(request),
    }
    return render(request, "audit/spot_checks.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def spot_check_new(request: HttpRequest) -> HttpResponse:
    """ "Draw 10 from last month at Riverside", what that proves, and one click below everything that can be chosen."""
    if not is_dam(request):
        return not_allowed(request, ONLY_DAM)
    offices = selectors.active_offices()
    initial = _start_values(request, offices)
    form = NewCheckForm(request.POST if request.method == "POST" else initial, offices=offices)
    plan: dict[str, Any] = {}
    if form.is_valid():
        wanted = _wanted(form)
        plan = _plan(form, wanted)
        if not form.errors and request.method == "POST" and "look" not in request.POST:
            check, response = run(
                request,
                actions.fix_frame,
                form=form,
                back=reverse("audit:spot_checks"),
                wanted=wanted,
                sample=plan["sample"],
                strata_by=form.cleaned_data["strata_by"],
                seed_from=form.cleaned_data["seed_from"],
                seed_words=form.cleaned_data["seed_words"],
                seed_known_at=form.known_at,
            )
            if response is not None:
                return response
            if check is not None:
                messages.success(request, f"The list is fixed: {check.count} items.")
                return redirect("audit:spot_check", check.reference)
    context = {"form": form, "open": request.method == "POST", **plan}
    return render(request, "audit/spot_check_new.html", context, status=422 if form.errors else 200)


def _start_values(request: HttpRequest, offices: list[Office]) -> dict[str, Any]:
    """10 from last month at the office asked for (by its code), or from what lies in its tray now."""
    first, last = last_month(_today())
    codes = [office.code for office in offices]
    office = request.GET.get("office", "")
    start = {
        "office": office if office in [*codes, "all"] else codes[0] if codes else "all",
        "stage": Stage.TRAY if request.GET.get("from") == "tray" else Stage.POSTED,
        "how": "number",
        "sample": "10",
        "wish": "0.05",
        "kinds": [str(kind) for kind in Kind],
        "strata_by": "",
        "seed_from": "announced" if request.GET.get("seed") == "announced" else "dice",
        "seed_words": "",
    }
    for name, day in (("first_day", first), ("last_day", last)):
        start |= {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}
    return start


def _today() -> Any:
    from django.utils import timezone

    return timezone.localdate()


def _wanted(form: NewCheckForm) -> Wanted:
    code = form.cleaned_data["office"]
    office = None if code == "all" else Office.objects.get(code=code)
    first, last = form.days
    return Wanted(office, Stage(form.cleaned_data["stage"]), first, last, form.chosen_kinds)


def _plan(form: NewCheckForm, wanted: Wanted) -> dict[str, Any]:
    """What would be drawn, in words: how many of how many, and what a clean result will and won't prove."""
    divided = form.cleaned_data["strata_by"]
    counts = [len(references) for _, references in parts_of(wanted, divided)] if divided else [how_many(wanted)]
    count = sum(counts)
    share = form.wish_share
    sample = size_for(share, counts) if share and count else form.cleaned_data.get("sample") or 1
    made: Promise | None = None
    if count:
        try:
            made = promise(list(zip(allot(sample, counts), counts, strict=True)))
        except ValueError as error:
            form.add_error("sample", f"{error} Draw more, or don\u2019t divide.")
    where = wanted.office.name if wanted.office else "all offices"
    today = _today()
    if wanted.stage == Stage.TRAY:
        when = "the tray now"
    elif (wanted.first_day, wanted.last_day) == last_month(today):
        when = "last month"
    elif wanted.first_day == wanted.last_day:
        when = f"{wanted.first_day.day} {wanted.first_day:%B %Y}"
    else:
        when = f"{wanted.first_day.day} {wanted.first_day:%B %Y} to {wanted.last_day.day} {wanted.last_day:%B %Y}"
    drawn = made.sample if made else sample
    return {
        "sample": sample,
        "headline": f"Draw {drawn} from {when} at {where}",
        "promise": made,
        "count": count,
        "stage_words": STAGE_NAMES[wanted.stage],
        "office_code": wanted.office.code if wanted.office else "all",
    }


@login_required
@require_safe
def spot_check(request: HttpRequest, reference: str) -> HttpResponse:
    """One spot check, as it stands; what was drawn shows to others only when it is over."""
    check = check_or_404(request, reference)
    return _page(request, check, _seed_form(request, check) if check.state == CheckState.FIXED else None)


def _seed_form(request: HttpRequest, check: SpotCheck, data: Any = None) -> SeedForm:
    witnesses = possible_witnesses(check, person(request).pk)
    return SeedForm(data, witnesses=witnesses, announced=check.seed_from == SeedFrom.ANNOUNCED)


def _page(request: HttpRequest, check: SpotCheck, form: SeedForm | None, status: int = 200) -> HttpResponse:
    shown = is_dam(request) or actions.is_over(check)
    items = selectors.items_of(check) if shown else []
    waiting = sum(item.state == "waiting" for item in items)
    strata = list(check.strata.defer("frame"))
    context = {
        "check": check,
        "form": form,
        "shown": shown,
        "is_dam": is_dam(request),
        "strata": strata,
        "drawn": [item for item in items if item.is_drawn],
        "picked": [item for item in items if not item.is_drawn],
        "copies": any(item.copy_id for item in items),
        "to_check": waiting,
        "next_item": next((item for item in items if item.state == "waiting"), None),
        "findings": selectors.findings_of(check, person(request)) if shown else [],
        "kept": selectors.kept_items(check, person(request)) if items else set(),
        "shell_line": SHELL_LINE,
        "left": left_house(check),
        "refused": selectors.refused_seeds(check),
        "promise": promise([(part.sample, part.count) for part in strata]),
        "result": check.result,
        "over": actions.is_over(check),
        "stage_words": STAGE_NAMES[check.stage],
        "may": {str(action): can(check, person(request), action) for action in CheckAction},
    }
    return render(request, "audit/spot_check.html", context, status=status)


@login_required
@require_safe
def spot_check_frame(request: HttpRequest, reference: str, place: int) -> HttpResponse:
    """A frame as the file that anybody can draw from; for others than the drawer only when the check is over."""
    check = check_or_404(request, reference)
    stratum = check.strata.filter(place=place).first()
    if stratum is None or not (is_dam(request) or actions.is_over(check)):
        raise Http404
    return HttpResponse(
        stratum.frame.encode(),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="frame.txt"', "Cache-Control": "private, no-store"},
    )


@login_required
@require_POST
def spot_check_seed(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the seed. An announced one is drawn from at once; dice wait for whoever saw them."""
    check = check_or_404(request, reference)
    if not is_dam(request):
        return not_allowed(request, ONLY_DAM)
    here = reverse("audit:spot_check", args=[check.reference])
    form = _seed_form(request, check, request.POST)
    if form.is_valid():
        seeded, response = run(
            request, actions.take_seed, form=form, back=here, check=check, seen=seen_from(request.POST),
            **form.cleaned_data,
        )  # fmt: skip
        if response is not None:
            return response
        if seeded is not None and seeded.waits_for_witness:
            messages.success(
                request, f"Recorded. {seeded.witness} has been told, and confirms before anything is drawn."
            )
            return redirect(here)
        if seeded is not None:
            _, response = run(request, actions.draw, back=here, check=seeded, seen=Seen.of(seeded))
            if response is not None:
                return response
            messages.success(request, f"{seeded.sample} items are drawn. Anybody can repeat it: the page says how.")
            return redirect(here)
    return _page(request, check, form, status=422)


def _simple(request: HttpRequest, reference: str, verb: Any, words: str) -> HttpResponse:
    check = check_or_404(request, reference)
    if not is_dam(request):
        return not_allowed(request, ONLY_DAM)
    here = reverse("audit:spot_check", args=[check.reference])
    _, response = run(request, verb, back=here, check=check, seen=seen_from(request.POST))
    if response is not None:
        return response
    messages.success(request, words)
    return redirect(here)


@login_required
@require_POST
def spot_check_draw(request: HttpRequest, reference: str) -> HttpResponse:
    """Draw, where the seed was taken and something came between."""
    return _simple(request, reference, actions.draw, "Drawn.")


@login_required
@require_POST
def spot_check_begin(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin checking."""
    return _simple(request, reference, actions.begin, "Begun. Take the first item.")


@login_required
@require_POST
def spot_check_finish(request: HttpRequest, reference: str) -> HttpResponse:
    """Finish, with the result."""
    return _simple(request, reference, actions.finish, "Finished. The result stands with its bound.")


def _with_reason(request: HttpRequest, reference: str, form_class: Any, verb: Any, template: str) -> HttpResponse:
    check = check_or_404(request, reference)
    if not is_dam(request):
        return not_allowed(request, ONLY_DAM)
    here = reverse("audit:spot_check", args=[check.reference])
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, response = run(
            request, verb, form=form, back=here, check=check, seen=seen_from(request.POST), **form.cleaned_data
        )
        if response is not None:
            return response
        if done is not None:
            return redirect(here)
    context: dict[str, Any] = {"form": form, "check": check, "most": actions.MOST_PICKED}
    if form_class is PickForm:
        context["risks"] = risky(check, person(request))
    return render(request, template, context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def spot_check_pick(request: HttpRequest, reference: str) -> HttpResponse:
    """Pick a letter beside the draw."""
    return _with_reason(request, reference, PickForm, actions.pick, "audit/pick.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def spot_check_abandon(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the check up."""
    return _with_reason(request, reference, ReasonForm, actions.abandon, "audit/abandon.html")
