"""The list, a breach's page, the report with its drafts, an action's own page, the file of a duty."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breaches import actions, copies, forms, naming, presenters, selectors
from breaches.chasing import unheld
from breaches.duties import Kind
from breaches.models import Breach, BreachDuty, Decision, FollowUp, ReportDraft
from breaches.permissions import BREACH_RULES
from breaches.policy import BreachPolicy, can, duties_open_to, facts_of, still_to_do
from breaches.reports.views import kept_report
from breaches.selectors import PAGE
from breaches.sight import Part, Sight, sees
from breaches.states import BreachAction, BreachState
from breaches.views.common import breach_or_404, refusal
from distribution.models import Item as Copy
from distribution.selectors import items_visible_to
from letters import selectors as letter_selectors
from letters.models import Letter
from letters.views.common import person, seen_from
from postroom.cases import selectors as case_selectors
from postroom.context import authority_for
from postroom.ledger.readings import record_read
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES
from postroom.searching import SearchField, Typed
from postroom.steps.engine import Standing
from postroom.steps.errors import InvalidStep, ReasonNeeded, StepError
from postroom.steps.references import is_reference
from postroom.steps.table import Grant

# What a field of several boxes posts behind its name.
_END = re.compile(r"_(day|month|year|chosen)$")
DRAFTS = 20  # a person's half finished reports; the oldest give way


@login_required
@require_safe
def breaches(request: HttpRequest) -> HttpResponse:
    """The breaches that this person may see, newest first, a page at a time by key; their half finished reports."""
    user, authority = person(request), authority_for(request)
    rows = selectors.visible_to(user, authority=authority).select_related("office").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    here = reverse("breaches:breaches")
    return render(
        request,
        "breaches/breaches.html",
        {
            "head": ["Reference", "State", "What happened", "Office", "Reported"],
            "rows": [
                [
                    {"text": one.reference, "href": presenters.href("breach", one)},
                    {"state": one.state},
                    presenters.kinds_in_words(one).capitalize(),
                    one.office.name,
                    f"{timezone.localtime(one.reported_at):%-d %B %Y, %H:%M}",
                ]
                for one in shown
            ],
            "newer_href": here if before else "",
            "older_href": f"{here}?before={shown[-1].pk}" if len(found) > PAGE else "",
            "drafts": ReportDraft.objects.filter(by=user)[:DRAFTS],
        },
    )


@login_required
@require_safe
def breach(request: HttpRequest, reference: str) -> HttpResponse:
    """One breach, as far as this person sees it."""
    found, sight = breach_or_404(request, reference, what="page")
    user, authority = person(request), authority_for(request)
    duties = selectors.duties_of(found)
    full = sight in (Sight.FULL, Sight.DECIDER)
    now = timezone.now()
    facts = facts_of(found, user, authority)
    may = duties_open_to(found, user, facts, [row.row.duty for row in duties if not row.settled])
    buttons = presenters.buttons(found, user, authority) if sight != Sight.REPORTER else []
    notify_href = presenters.href("notify", found)
    context: dict[str, Any] = {
        "breach": found,
        "full": full,
        "facts_shown": sight != Sight.REPORTER or user.pk in (found.reported_by_id, found.reported_for_id),
        "is_decider": sees(Part.ANSWERS, sight),
        "is_owner": sight == Sight.OWNER,
        "kinds": presenters.kinds_in_words(found),
        "categories": presenters.categories_in_words(found),
        "buttons": buttons,
        # What is overdue first, then what is to do, then what is done; within each as the policy has them.
        "duties": sorted(
            (_duty_line(found, row, row.row.duty in may, full=full, now=now) for row in duties),
            key=lambda line: (line["settled"], not line["overdue"], not line["for_now"]),
        ),
        "promise": (promise := presenters.promise_of(found)),
        "promise_href": notify_href if any(one.href == notify_href for one in buttons) else "",
        "duties_left": sum(still_to_do(found, row) for row in duties) + (promise is not None),
        "clock": presenters.clock_of(found, duties) if full else None,
        "form_href": settings.BREACH_FORM_URL,
        "policy_href": settings.SECURITY_POLICY_URL,
    }
    if full:
        letter_ids = letter_selectors.visible_to(user, authority=authority).filter(breaches=found).values("pk")
        context |= {
            "cases": list(found.cases.values_list("reference", flat=True)),
            "may_read_letter": found.letter_id is not None and letter_ids.exists(),
            "may_read_copy": found.copy_id is not None
            and items_visible_to(user, authority=authority).filter(pk=found.copy_id).exists(),
            "held": presenters.controls_held(found),
            "involved": presenters.involved_of(found),
            "reports_href": reverse("breach_reports:reports", args=[found.reference]),
            "may_clear": can(found, user, BreachAction.CLEAR_INVOLVED, authority=authority),
            "advice": list(found.advice.select_related("given_by", "asked_by")),
            "decision": _decision(found) if sees(Part.COMMISSIONER, sight) else None,
            "people": naming.people_of(
                found, user, may=any(one.href == presenters.href("name_people", found) for one in buttons)
            ),
            "phases": presenters.phases_of(found),
            "to_send": presenters.to_send_of(found),
            "exceptions": naming.exceptions_of(found, user),
            "letters": list(found.service_user_letters.select_related("letter")),
            "follow_ups": _actions(found, sight, user, facts),
            "events": presenters.timeline(found, sight),
            "unheld": [ROLE_NAMES[role] for role in unheld(found)] if found.state != BreachState.CLOSED else [],
            "body_name": settings.PROFESSIONAL_BODY_NAME,
        }
    return render(request, "breaches/breach.html", context)


def _decision(found: Breach) -> Decision | None:
    stands = Decision.objects.filter(breach=found, superseded_at__isnull=True)
    return stands.select_related("proposed_by", "agreed_by").first()


def _actions(found: Breach, sight: Sight, user: User, facts: Standing) -> list[dict[str, Any]]:
    """The actions that this person knows of, each with where to finish it if it is theirs to finish."""
    lines = []
    for one in selectors.actions_seen(found, sight):
        standing = BreachPolicy(follow_up=one).about(facts, found, user)
        may = isinstance(BREACH_RULES.decide(BreachAction.FINISH_FOLLOW_UP, standing.roles, standing.holding), Grant)
        href = reverse("breaches:follow_up", args=[one.pk]) if may and one.finished_at is None else ""
        lines.append({"row": one, "href": href})
    return lines


def _duty_line(found: Breach, row: BreachDuty, may: bool, *, full: bool, now: Any) -> dict[str, Any]:
    again = row.settled and still_to_do(found, row)  # the report to the Commissioner, owed again
    return {
        "row": row,
        "words": row.row.words,
        "again": again,
        "settled": row.settled and not again,
        "for_now": (for_now := row.is_for_now(now)),
        "overdue": (row.is_overdue(now) and not for_now) or (again and row.due_at is not None and row.due_at <= now),
        "evidence": presenters.evidence_words(row) if full and not again else "",
        "href": presenters.href("duty", found, row.duty) if may else "",
        "file_href": presenters.href("duty_file", found, row.duty) if full and row.file_id else "",
    }


@login_required
@require_safe
def duty_file(request: HttpRequest, reference: str, duty: str) -> HttpResponse:
    """The report that proves a duty done, to those who see the whole case."""
    found, sight = breach_or_404(request, reference)
    row = (
        BreachDuty.objects.filter(breach=found, duty=duty, file__isnull=False)
        .select_related("file", "settled_by")
        .first()
    )
    if row is None or row.file is None or sight not in (Sight.FULL, Sight.DECIDER):
        raise Http404
    record_read(found, by=person(request), what="file")
    content, media = kept_report(found, row, sight, person(request))
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="{found.reference}-{row.place}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, key: str = "") -> HttpResponse:
    """Report a breach or near miss; from a letter or a copy it is filled in; half finished it waits for its writer."""
    user = person(request)
    draft = ReportDraft.objects.filter(by=user, key=key).first() if key else None
    if key and draft is None:
        raise Http404
    letter = _letter(request, draft)
    copy = _copy(request, draft) if letter is None else None
    if request.method == "POST" and "later" in request.POST:
        kept = {name: values for name, values in request.POST.lists() if name not in ("csrfmiddlewaretoken", "later")}
        _keep(user, draft, kept)
        messages.success(request, "Kept. You find it under Breaches, and finish it when you can.")
        return redirect("breaches:breaches")
    cases = case_selectors.visible_to(user, authority=authority_for(request))
    begins = {} if request.method == "POST" else _fresh(request, draft, letter or copy)
    form = forms.ReportForm(request.POST if request.method == "POST" else None, initial=begins, cases=cases)
    if request.method == "POST" and form.is_valid():
        made = _send(request, form, draft, letter, copy)
        if made is not None:
            messages.success(request, f"Reported as {made.reference}. Governance has been told.")
            return redirect("breaches:breach", made.reference)
    context = {
        "form": form,
        "draft": draft,
        "letter": letter,
        "copy": copy,
        "form_href": settings.BREACH_FORM_URL,
        "policy_href": settings.SECURITY_POLICY_URL,
    }
    return render(request, "breaches/report.html", context)


def _letter(request: HttpRequest, draft: ReportDraft | None) -> Letter | None:
    """The letter that it is about, if this person may read it: from the address, the form or the draft."""
    named = _named(request, draft, "letter")
    if not named:
        return None
    visible = letter_selectors.visible_to(person(request), authority=authority_for(request))
    return visible.filter(reference=named).select_related("case", "office").first()


def _copy(request: HttpRequest, draft: ReportDraft | None) -> Copy | None:
    """The copy of a report or minutes that it is about, if this person may name it: from where a letter would be."""
    named = _named(request, draft, "copy")
    if not named:
        return None
    visible = copies.that_may_be_named(person(request), authority_for(request))
    return visible.filter(reference=named).select_related("case__office", "distribution").first()


def _named(request: HttpRequest, draft: ReportDraft | None, what: str) -> str:
    """The reference that the form, the address or the draft names; "" without one."""
    kept = (draft.fields.get(what) or [""])[0] if draft else ""
    named = request.POST.get(what) or request.GET.get(what) or kept
    return named if is_reference(named) else ""


def _keep(user: Any, draft: ReportDraft | None, kept: dict[str, Any]) -> None:
    known = set(forms.ReportForm.base_fields) | {"letter", "copy"}
    small = {
        name: [str(value).replace("\0", "")[: forms.LONG] for value in values[:20]]
        for name, values in kept.items()
        if _END.sub("", name) in known
    }
    draft = draft or ReportDraft(by=user)
    draft.fields, draft.saved_at = small, timezone.now()
    draft.save()
    old = ReportDraft.objects.filter(by=user).values_list("pk", flat=True)[DRAFTS:]
    ReportDraft.objects.filter(pk__in=list(old)).delete()


def _fresh(request: HttpRequest, draft: ReportDraft | None, about: Letter | Copy | None) -> dict[str, Any]:
    """What the form begins with: the draft as it was typed, or the moment, the person, the letter or copy."""
    user = person(request)
    if draft is not None:
        return _as_typed(draft.fields)
    now = timezone.now()
    office = user.office_id
    if about is not None:
        office = about.office_id if isinstance(about, Letter) else about.case.office_id
    initial = {"discovered_by": user.name, "office": office, "case_references": about.case.reference if about else ""}
    return initial | forms.moment_initial("discovered", now) | forms.moment_initial("aware", now)


def _as_typed(fields: dict[str, list[str]]) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for name, field in forms.ReportForm.base_fields.items():
        if f"{name}_day" in fields:
            initial[name] = [(fields.get(f"{name}_{part}") or [""])[0] for part in ("day", "month", "year")]
        elif isinstance(field, SearchField):
            initial[name] = Typed((fields.get(name) or [""])[0], tuple(fields.get(f"{name}_chosen") or ()))
        elif fields.get(name):
            several = name in ("kinds", "categories")
            initial[name] = fields[name] if several else fields[name][0]
        else:
            initial[name] = False if name == "i_was_involved" else field.initial
    return initial


def _send(
    request: HttpRequest, form: forms.ReportForm, draft: ReportDraft | None, letter: Letter | None, copy: Copy | None
) -> Breach | None:
    """Report it; None, with the errors on the form, if something in it can't be."""
    user, entered = person(request), dict(form.cleaned_data)
    references = entered.pop("case_references")
    visible = case_selectors.visible_to(user, authority=authority_for(request))
    cases = list(visible.filter(reference__in=references))
    about = letter or copy
    if about is not None and about.case.reference in references and about.case not in cases:
        cases.append(about.case)
    if len(cases) != len(references):
        form.add_error(
            "case_references",
            "One of these is no case that you may read. Leave it out, and name it under “What happened?”.",
        )
        return None
    mine = entered.pop("i_was_involved")
    told = actions.Report(
        kinds=tuple(Kind(kind) for kind in entered.pop("kinds")),
        occurred_at=entered.pop("occurred"),
        discovered_at=entered.pop("discovered"),
        aware_at=entered.pop("aware"),
        cases=tuple(cases),
        categories=tuple(entered.pop("categories")),
        letter=letter,
        copy=copy,
        involved=(user,) if mine else (),
        **entered,
    )
    try:
        return actions.report_once(by=user, told=told, draft=draft)
    except InvalidStep as error:
        field = error.field.removesuffix("_at")
        name = f"{field}_on" if field in form.moments else field
        form.add_error(name if name in form.fields else None, str(error))
    return None


@login_required
@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Throw a half finished report away."""
    if not ReportDraft.objects.filter(by=person(request), key=key).delete()[0]:
        raise Http404
    messages.success(request, "The half finished report is gone.")
    return redirect("breaches:breaches")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """One action, for its owner and whoever runs the case: what to do, and what came of it."""
    user, authority = person(request), authority_for(request)
    found = FollowUp.objects.filter(pk=pk).select_related("breach", "owner").first()
    if found is None:
        raise Http404
    policy = BreachPolicy(follow_up=found)
    standing = policy.standing_with(found.breach, user, authority)
    decision = BREACH_RULES.decide(BreachAction.FINISH_FOLLOW_UP, standing.roles, standing.holding)
    if not hasattr(decision, "role"):
        raise Http404  # an action of somebody else's doesn't exist for others
    form = forms.ResultForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.finish_follow_up(
                breach=found.breach, by=user, seen=seen_from(request.POST), follow_up=found, **form.cleaned_data
            )
        except (InvalidStep, ReasonNeeded) as error:
            form.add_error(None, str(error))
        except StepError as error:
            if selectors.visible_to(user, authority=authority).filter(pk=found.breach_id).exists():
                return refusal(request, found.breach, error, form)
            form.add_error(None, str(error))
        else:
            messages.success(request, "Recorded. Thank you.")
            return redirect("breaches:follow_up", pk)
    return render(request, "breaches/follow_up.html", {"action": found, "form": form, "breach": found.breach})
