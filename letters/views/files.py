"""A letter's PDFs and page pictures, for those who may read the letter; printing (OGP-2, CLS-1)."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from letters import actions
from letters.content import make_files, pdf_of, sheets_of
from letters.forms.printers import ChoosePrinterForm
from letters.models import Letter, LetterVersion, Print, Registered
from letters.pictures import picture as picture_of
from letters.printers import measured_printers
from letters.selectors_desk import standing_signature, version_of
from letters.states import Action, State
from letters.views.common import (
    CONFIDENTIAL,
    letter_or_404,
    may_see_files,
    person,
    refusal,
    refused_here,
    run_step,
    sight_of,
)
from postroom.files.errors import FileError
from postroom.files.store import read
from postroom.steps.errors import StepError

PICTURE_SECONDS = 300
EXTENSIONS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tif"}


@login_required
@require_safe
def pdf(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The PDF of one version, drawn at the first look. `?download` saves it instead of showing it."""
    letter = letter_or_404(request, reference, what="pdf")
    version = _version_or_404(request, letter, number)
    try:
        data = pdf_of(version)
    except StepError as error:
        return refusal(request, letter, error)
    except FileError:
        return _missing(request, letter)
    return _file(request, data, "application/pdf", f"{letter.reference}-{number}")


@login_required
@require_safe
def signed_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter as signed: the PDF signed on screen, or the scan of the signed paper. 404 where there is neither."""
    letter = letter_or_404(request, reference, what="pdf")
    signature = standing_signature(letter)
    if signature is not None:
        _may_see_pages(request, letter, signature.version)
    try:
        make_files(letter)
        if signature is not None:
            signature.refresh_from_db(fields=["pdf"])
        kept = (signature.pdf or signature.scan) if signature else None
        if kept is None:
            raise Http404
        data = read(kept.pk)
    except StepError as error:
        return refusal(request, letter, error)
    except FileError:
        return _missing(request, letter)
    return _file(request, data, kept.media_type, f"{letter.reference}-signed")


@login_required
@require_safe
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """The scan of the posting receipt of a registered letter. 404 where there is none."""
    letter = letter_or_404(request, reference, what="pdf")
    may_see_files(request, letter)
    proof = Registered.objects.filter(letter=letter).select_related("receipt").first()
    if proof is None or proof.receipt is None:
        raise Http404
    try:
        data = read(proof.receipt.pk)
    except FileError:
        return _missing(request, letter)
    return _file(request, data, proof.receipt.media_type, f"{letter.reference}-receipt")


@login_required
@require_safe
def picture(request: HttpRequest, reference: str, number: int, page: int) -> HttpResponse:
    """One page of a version as a PNG. Logged as one reading a version, with its first page."""
    letter = letter_or_404(request, reference, what="picture" if page == 1 else "")
    version = _version_or_404(request, letter, number)
    try:
        data = picture_of(pdf_of(version), page)
    except StepError as error:
        return refusal(request, letter, error)
    except FileError:
        return _missing(request, letter)
    if data is None:
        raise Http404
    # A version never changes, so the browser may keep it for a moment; never a proxy, never for long.
    return HttpResponse(
        data, content_type="image/png", headers={"Cache-Control": f"private, max-age={PICTURE_SECONDS}"}
    )


@login_required
@require_safe
def print_sheets(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The sheets of one print as they go to the printer, each marked. 0: a print from before there were marks."""
    letter = letter_or_404(request, reference, what="pdf")
    printed = Print.objects.filter(letter=letter, number=number).select_related("version__address").first()
    if printed is None:
        raise Http404
    _may_see_pages(request, letter, printed.version)
    try:
        data = sheets_of(printed)
    except StepError as error:
        return refusal(request, letter, error)
    except FileError:
        return _missing(request, letter)
    return _file(request, data, "application/pdf", f"{letter.reference}-print-{number}")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def print_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Record the print, then show the PDF to print, how to print it, and to whom the sheets go."""
    letter = letter_or_404(request, reference)
    refused = refused_here(request, letter, Action.PRINT)
    if refused:
        return refused
    version = letter.current
    assert version is not None  # noqa: S101 - in these states something was typed
    try:
        pdf_of(version)
    except StepError as error:
        return refusal(request, letter, error)
    form = _printer_form(request, letter, version)
    if request.method == "POST" and form.is_valid():
        printer = form.cleaned_data.get("printer")
        outcome = run_step(request, letter, actions.print_letter, form=form, printer=printer)
        if outcome.response is not None:
            return outcome.response
        if outcome.letter is not None:
            messages.success(request, "The print is recorded. Now print it.")
            return redirect("letters:print", letter.reference)
    signed = letter.state == State.SIGNED and letter.signature_medium == "screen"
    prints = Print.objects.filter(letter=letter, version=version, signed=signed)
    latest = prints.select_related("by", "printer", "said_by").first()
    printed = latest if latest is not None and latest.came_out is not False else None
    context = {"letter": letter, "version": version, "printed": printed, "latest": latest, "signed": signed}
    context["form"] = form
    return render(request, "letters/desk/print.html", context, status=422 if form.errors else 200)


def _printer_form(request: HttpRequest, letter: Letter, version: LetterVersion) -> ChoosePrinterForm:
    """Which printer: the one that this person printed on last stands chosen."""
    usable = measured_printers(letter.office_id, version)
    last = Print.objects.filter(by=person(request), printer__in=usable).order_by("-pk").first()
    initial = {"printer": last.printer_id if last else usable[0].pk if len(usable) == 1 else None}
    return ChoosePrinterForm(usable, request.POST if request.method == "POST" else None, initial=initial)


@login_required
@require_http_methods(["POST"])
def say_came_out(request: HttpRequest, reference: str) -> HttpResponse:
    """Admin has looked at the sheets of the last print: it came out whole, or they are void."""
    letter = letter_or_404(request, reference)
    text = request.POST.get("print", "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0
    printed = Print.objects.filter(letter=letter, pk=number).first()
    came_out = request.POST.get("came_out") == "yes"
    refused = refused_here(request, letter, Action.CONFIRM_PRINT if came_out else Action.VOID_PRINT)
    if refused:
        return refused
    if printed is None:
        raise Http404
    if came_out:
        outcome = run_step(request, letter, actions.confirm_print, printed=printed)
        words = "Recorded: it came out whole."
    else:
        outcome = run_step(request, letter, actions.void_print, printed=printed)
        words = "Recorded: its sheets are void. Shred them, then print it again."
    if outcome.response is not None:
        return outcome.response
    messages.success(request, words)
    return redirect("letters:print", letter.reference)


@login_required
@require_http_methods(["POST"])
def return_to_worker(request: HttpRequest, reference: str) -> HttpResponse:
    """Record that the print was handed back to the worker."""
    letter = letter_or_404(request, reference)
    refused = refused_here(request, letter, Action.RETURN_TO_WORKER)
    if refused:
        return refused
    outcome = run_step(request, letter, actions.return_to_worker)
    if outcome.response is not None:
        return outcome.response
    worker = letter.case.allocated_worker
    messages.success(request, f"Recorded. {worker.name if worker else 'The worker'} has been told to check it.")
    return redirect("letters:letter", letter.reference)


def _version_or_404(request: HttpRequest, letter: Letter, number: int) -> LetterVersion:
    """Raises Http404 if there is none, PermissionDenied for one who isn't shown the address that its pages bear."""
    version = version_of(letter, number)
    if version is None:
        raise Http404
    _may_see_pages(request, letter, version)
    return version


def _may_see_pages(request: HttpRequest, letter: Letter, version: LetterVersion) -> None:
    if not sight_of(request, letter).sees(version.address):
        raise PermissionDenied(CONFIDENTIAL)


def _file(request: HttpRequest, data: bytes, media_type: str, name: str) -> HttpResponse:
    """The bytes under a name without personal data; kept by nobody on the way."""
    shown = "attachment" if "download" in request.GET else "inline"
    safe = re.sub(r"[^A-Za-z0-9-]", "", name)
    return HttpResponse(
        data,
        content_type=media_type,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'{shown}; filename="{safe}.{EXTENSIONS.get(media_type, "bin")}"',
        },
    )


def _missing(request: HttpRequest, letter: Letter) -> HttpResponse:
    """The bytes are not there, or not what they were: say so, never a 500."""
    return render(request, "letters/desk/file_missing.html", {"letter": letter}, status=503)
