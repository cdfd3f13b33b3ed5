"""Sets of reports and minutes: the list, issuing, one set at a glance, one item, their PDFs; an office's mail rules."""

from __future__ import annotations

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from distribution import actions, selectors
from distribution.actions.mailing import may_set_mail, role_for_mail, set_mail
from distribution.actions.posting import make_sheets
from distribution.actions.preparing import RIGHTS
from distribution.documents import take_in
from distribution.facts import FactsOf
from distribution.forms.issuing import AddRecipientForm, FindCaseForm, IssueForm, OfficeMailForm
from distribution.models import Distribution, Handover, Item, OfficeMail, Receipt
from distribution.presenters import events_of, next_step, other_steps, way_words
from distribution.sight import may_see_addresses, may_see_receipts, opened_receipt, shown_lines, shown_place
from distribution.states import SETTLED, State
from distribution.views.common import distribution_or_404, item_or_404, person, refusal
from letters.models import EnvelopeStock, OfficePost
from letters.routes import DOCUMENT_NAMES, Document
from postroom.cases.selectors import find_exact
from postroom.context import authority_for
from postroom.files.errors import FileError
from postroom.files.serving import serve
from postroom.files.store import read
from postroom.forms import in_words
from postroom.ledger.readings import record_read
from postroom.people.models import Office
from postroom.people.once import new_key
from postroom.people.roles import Role
from postroom.steps.errors import InvalidStep, NotAllowed, StepError


@login_required
@require_safe
def sets(request: HttpRequest) -> HttpResponse:
    """The sets this person may read, newest first, each with how many have theirs."""
    authority = authority_for(request)
    before = request.GET.get("before", "")
    key = int(before) if before.isascii() and before.isdecimal() and len(before) < 12 else None
    found, older = selectors.page_of(selectors.visible_to(person(request), authority=authority), before=key)
    rows = [{"set": row, **_counts(row)} for row in found]
    context = {"rows": rows, "older": older, "may_issue": authority.has(Role.SAFEGUARDING)}
    return render(request, "distribution/sets.html", context)


def _counts(row: Distribution) -> dict[str, int | bool]:
    items = list(row.items.all())
    done = sum(item.state in SETTLED for item in items)
    stuck = sum(item.state in (State.HELD, State.UNCERTAIN) for item in items)
    return {"done": done, "of": len(items), "stuck": stuck, "complete": selectors.is_complete(items)}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find_case(request: HttpRequest) -> HttpResponse:
    """Safeguarding names the case. What is typed is posted: a child's number is personal."""
    cases = selectors.cases_to_issue_for(person(request), authority=authority_for(request))
    _issuers_only(request)
    form = FindCaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = find_exact(cases, form.cleaned_data["number"])
        if found is not None:
            return redirect("distribution:issue", found.reference)
        form.add_error("number", "No open case has this reference or number. Check it with the social worker")
    return render(request, "distribution/find_case.html", {"form": form}, status=422 if form.errors else 200)


def _issuers_only(request: HttpRequest) -> None:
    if not authority_for(request).has(Role.SAFEGUARDING):
        raise PermissionDenied("Reports and minutes are issued by safeguarding.")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, case_reference: str) -> HttpResponse:
    """The document, and who is to have it: everybody on the case is proposed."""
    _issuers_only(request)
    cases = selectors.cases_to_issue_for(person(request), authority=authority_for(request))
    case = get_object_or_404(cases.select_related("office", "allocated_worker"), reference=case_reference)
    people = list(case.people.filter(is_active=True).order_by("relationship", "name", "pk"))
    form = IssueForm(people, request.POST or None, request.FILES or None)
    key = new_key(request)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            title = f"{DOCUMENT_NAMES[Document(data['document'])]} of {in_words(data['meeting_on'])}"
            file = take_in(data.pop("file"), title=title)
            made = actions.issue(case=case, file=file, by=person(request), form_key=key, **data)
        except InvalidStep as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        else:
            messages.success(request, "Issued. The worker has been told, and makes each copy ready.")
            return redirect("distribution:set", made.reference)
    context = {"form": form, "case": case, "form_key": key}
    return render(request, "distribution/issue.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def show_set(request: HttpRequest, reference: str) -> HttpResponse:
    """One set at a glance: who has theirs, and what comes next for each."""
    found = distribution_or_404(request, reference)
    authority, user = authority_for(request), person(request)
    items = selectors.items_of(found)
    facts = FactsOf(items)
    why = selectors.why_they_stand(items)
    rows = [
        {"item": i, "way": way_words(i), "next": next_step(i, user, authority, facts), "why": why.get(i.pk, "")}
        for i in items
    ]
    context = {
        "set": found,
        "rows": rows,
        "complete": selectors.is_complete(items),
        "done": sum(item.state in SETTLED for item in items),
        "may_add": authority.has(Role.SAFEGUARDING),
    }
    return render(request, "distribution/set.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_recipient(request: HttpRequest, reference: str) -> HttpResponse:
    """Safeguarding: one more recipient from the case's people."""
    found = distribution_or_404(request, reference)
    _issuers_only(request)
    there = found.items.values("person_id")
    people = list(found.case.people.filter(is_active=True).exclude(pk__in=there).order_by("relationship", "name", "pk"))
    form = AddRecipientForm(people, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_recipient(distribution=found, person=form.cleaned_data["person"], by=person(request))
        except InvalidStep as error:
            form.add_error("person", str(error))
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        else:
            messages.success(request, "Added. The worker has been told.")
            return redirect("distribution:set", found.reference)
    context = {"form": form, "set": found, "people": people}
    return render(request, "distribution/add_recipient.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def show_item(request: HttpRequest, reference: str) -> HttpResponse:
    """One recipient's copy: where it stands, what comes next and who can do it, what happened."""
    item = item_or_404(request, reference)
    authority, user = authority_for(request), person(request)
    entries, reasons = selectors.entries_of(item)
    given = getattr(item, "handover", None)
    facts = FactsOf([item])
    context = {
        "item": item,
        "way": way_words(item),
        "right": RIGHTS.get(item.right_basis, ""),
        "address": shown_lines(item, user, authority),
        "next": next_step(item, user, authority, facts),
        "others": other_steps(item, user, authority, facts),
        "events": events_of(entries, reasons),
        "in_set": selectors.visible_to(user, authority=authority).filter(pk=item.distribution_id).exists(),
        "password": selectors.password_given(item),
        "place": shown_place(item, given.place if given else "", user, authority),
        "receipts": list(item.receipts.select_related("scan", "by")) if may_see_receipts(item, user, authority) else [],
        "cover": item.cover_id is not None and _may_see_cover(request, item),
    }
    return render(request, "distribution/item.html", context)


@login_required
@require_safe
def set_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The document as issued."""
    found = distribution_or_404(request, reference, what="pdf")
    return _file(request, found.pdf_id, found.reference)


@login_required
@require_safe
def item_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The version that this recipient gets."""
    item = item_or_404(request, reference, what="pdf")
    return _file(request, item.pdf_id, item.reference)


@login_required
@require_safe
def signature(request: HttpRequest, reference: str) -> HttpResponse:
    """What the recipient drew on the screen when it was put into their hands, if they did."""
    item = item_or_404(request, reference, what="signature")
    given = Handover.objects.filter(item=item).select_related("signature").first()
    if given is None or given.signature is None:
        raise Http404
    try:
        return serve(request, given.signature, f"{item.reference}-signature")
    except FileError:
        return render(request, "distribution/file_missing.html", status=503)


@login_required
@require_safe
def receipt(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The scan of one of its receipts, for those who may see where its recipient lives. 404 where there is none."""
    item = item_or_404(request, reference, what="")
    user = person(request)
    found = Receipt.objects.filter(item=item, pk=number).select_related("scan").first()
    if found is None or not may_see_receipts(item, user, authority_for(request)):
        raise Http404
    record_read(item, by=user, what="receipt")
    opened_receipt(item, user)
    try:
        return serve(request, found.scan, f"{item.reference}-receipt-{found.of}")
    except FileError:
        return render(request, "distribution/file_missing.html", status=503)


@login_required
@require_safe
def cover_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """What is printed for the envelope: cover sheet with the address, and the document, every sheet marked.

    For those who may see the address. `?stock=`: for another envelope.
    """
    item = item_or_404(request, reference, what="pdf")
    if item.address is None or not item.is_posted or not _may_see_cover(request, item):
        raise Http404
    stock = item.stock or _stock(request, item.case.office_id)
    if stock is None:
        raise Http404
    try:
        return _file(request, make_sheets(item, stock).pk, f"{item.reference}-sheets")
    except StepError as error:
        return refusal(request, item, error)
    except FileError:
        return render(request, "distribution/file_missing.html", status=503)


def _may_see_cover(request: HttpRequest, item: Item) -> bool:
    hidden = item.address is not None and item.address.is_confidential
    return not hidden or may_see_addresses(item, person(request), authority_for(request))


def _stock(request: HttpRequest, office_id: int) -> EnvelopeStock | None:
    asked = request.GET.get("stock", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 9:
        return EnvelopeStock.objects.filter(pk=int(asked), is_active=True).first()
    post = OfficePost.objects.select_related("stock", "next_stock").filter(office_id=office_id).first()
    return post.stock_on(timezone.localdate()) if post else None


def _file(request: HttpRequest, sha256: str, name: str) -> HttpResponse:
    """The bytes under a name without personal data; kept by nobody on the way."""
    try:
        data = read(sha256)
    except FileError:
        return render(request, "distribution/file_missing.html", status=503)
    shown = "attachment" if "download" in request.GET else "inline"
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'{shown}; filename="{name}.pdf"',
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def office_mail(request: HttpRequest, code: str) -> HttpResponse:
    """An office's rules for secure e-mail: its sender, and the domains that may be written to."""
    office = get_object_or_404(Office, code=code, is_active=True)
    if not may_set_mail(person(request), office):
        raise PermissionDenied("An office's team managers and the system administrator set up its secure e-mail.")
    mail = OfficeMail.objects.filter(office=office).first()
    names = ("sender", "allowed_domains", "secure_domains")
    initial = {name: getattr(mail, name) for name in names} if mail else {"sender": office.email}
    form: django_forms.Form = OfficeMailForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_mail(office=office, by=person(request), **form.cleaned_data)
        messages.success(request, f"Secure e-mail of {office.name} is set up.")
        return redirect("distribution:office_mail", office.code)
    return render(
        request, "distribution/office_mail.html", {"form": form, "office": office}, status=422 if form.errors else 200
    )


@login_required
@require_safe
def offices(request: HttpRequest) -> HttpResponse:
    """The offices whose secure e-mail this person sets up, and where each stands. Straight on where it is one alone."""
    authority = authority_for(request)
    active = Office.objects.filter(is_active=True).select_related("secure_mail").order_by("name", "pk")
    found = [office for office in active if role_for_mail(authority, office) is not None]
    if len(found) == 1:
        return redirect("distribution:office_mail", found[0].code)
    rows = [{"office": office, "mail": getattr(office, "secure_mail", None)} for office in found]
    if not rows:
        raise PermissionDenied("An office's team managers and the system administrator set up its secure e-mail.")
    return render(request, "distribution/offices.html", {"rows": rows})
