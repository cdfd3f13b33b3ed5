"""Policy in force: the header, the whole text, acknowledging it, who hasn't, a new version (OGP-0)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from audit.actions import policies as actions
from audit.floor_policy import check_floor, offices_for
from audit.floor_rules import FloorAction
from audit.forms.policies import AcknowledgeForm, VersionForm
from audit.models import Acknowledgement, PolicyVersion
from audit.policies.reading import people_of, versions_in_force, who_has_not
from audit.views.common import not_allowed, person, run
from postroom.context import authority_for
from postroom.people.authority import Authority
from postroom.steps.errors import NotAllowed


def _may(authority: Authority, action: FloorAction) -> bool:
    try:
        check_floor(authority, action)
    except NotAllowed:
        return False
    return True


@login_required
@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """Both policies: in force since when, past review or not, acknowledged by you or not."""
    mine = dict(Acknowledgement.objects.filter(user=person(request)).values_list("version_id", "at"))
    versions = list(versions_in_force())
    context = {
        "rows": [{"version": version, "mine": mine.get(version.pk)} for version in versions],
        "may_see": bool(offices_for(authority_for(request), FloorAction.SEE_ACKNOWLEDGED)),
    }
    return render(request, "audit/policies.html", context)


def _version_or_404(slug: str, number: int) -> PolicyVersion:
    found = PolicyVersion.objects.select_related("added_by").filter(slug=slug, number=number).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The header and the whole text; opened here, it can be acknowledged at its end."""
    version = _version_or_404(slug, number)
    me = person(request)
    form = AcknowledgeForm(request.POST if request.method == "POST" else None)
    here = reverse("audit:policy", args=[slug, number])
    if request.method == "POST" and form.is_valid():
        done, response = run(request, actions.acknowledge, form=form, back=here, version=version, **form.cleaned_data)
        if response is not None:
            return response
        if done is not None:
            messages.success(request, "Thank you. It is recorded that you have read this version.")
            return redirect(here)
    if request.method == "GET":
        actions.open_text(version=version, by=me)
    context = {
        "version": version,
        "form": form,
        "mine": Acknowledgement.objects.filter(version=version, user=me).first(),
        "in_force": actions.in_force(version),
        "older": PolicyVersion.objects.filter(slug=slug).exclude(pk=version.pk).defer("text"),
        "may_add": _may(authority_for(request), FloorAction.ADD_VERSION),
    }
    return render(request, "audit/policy.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def policy_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A new version, which is in force from then on."""
    current = versions_in_force().filter(slug=slug).first()
    if current is None:
        raise Http404
    try:
        check_floor(authority_for(request), FloorAction.ADD_VERSION)
    except NotAllowed as error:
        return not_allowed(request, str(error))
    names = ("title", "author", "audience", "rationale")
    initial = {name: getattr(current, name) for name in names}
    form = VersionForm(request.POST if request.method == "POST" else None, initial=initial)
    back = reverse("audit:policy", args=[slug, current.number])
    if request.method == "POST" and form.is_valid():
        made, response = run(request, actions.add_version, form=form, back=back, slug=slug, **form.cleaned_data)
        if response is not None:
            return response
        if made is not None:
            messages.success(request, "In force from now on. Everybody is asked to acknowledge it.")
            return redirect("audit:policy", slug, made.number)
    context = {"form": form, "current": current}
    return render(request, "audit/policy_new.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def policy_missing(request: HttpRequest) -> HttpResponse:
    """Who has not acknowledged: of a manager's own office, or of everybody."""
    authority = authority_for(request)
    offices = offices_for(authority, FloorAction.SEE_ACKNOWLEDGED)
    everybody = _may(authority, FloorAction.SEE_ACKNOWLEDGED)
    if not offices and not everybody:
        return not_allowed(request, "Who has acknowledged is for managers, each for their own office.")
    people = people_of(offices, everybody=everybody)
    context = {"missing": who_has_not(list(versions_in_force()), people), "offices": offices, "everybody": everybody}
    return render(request, "audit/policy_missing.html", context)
