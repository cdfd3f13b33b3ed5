"""People on a case and their addresses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from postroom.cases import actions
from postroom.cases.forms import AddressForm, CasePersonForm, DoubtForm, NewAddressForm, VerifyForm
from postroom.cases.models import Address
from postroom.cases.states import CaseAction
from postroom.cases.views.common import address_on, case_page_of, person_on, seen_case, shown_lines, step_page
from postroom.people.forms import ConfirmForm
from postroom.people.selectors import in_words
from postroom.people.views.common import FormPage, me, posted
from postroom.steps.engine import Seen

Result = tuple[str, str]
_VOIDS = "Letters that were checked or signed for it go back, and those concerned are told."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_add(request: HttpRequest, reference: str) -> HttpResponse:
    """Put somebody on a case."""
    case = seen_case(request, reference)
    form = CasePersonForm(posted(request), case=case)
    page = FormPage(title="Add a person to the case", submit="Add this person", back=case_page_of(case))

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.add_person(case=case, details=form.details(), by=me(request), seen=seen)
        return f"{cleaned['name']} is on the case. Add an address to write to them.", case_page_of(case)

    return step_page(request, case, CaseAction.AMEND_CASE, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_change(request: HttpRequest, reference: str, person_id: int) -> HttpResponse:
    """Change somebody's details."""
    case = seen_case(request, reference)
    person = person_on(case, person_id)
    form = CasePersonForm(posted(request), case=case, person=person)
    page = FormPage(
        title=f"Change details of {person.name}",
        submit="Save",
        back=case_page_of(case),
        intro="Another name or organisation changes the envelope: letters checked or signed for them go back.",
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.change_person(case=case, person=person, details=form.details(), by=me(request), seen=seen)
        return "The details are saved.", case_page_of(case)

    return step_page(request, case, CaseAction.AMEND_CASE, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_off(request: HttpRequest, reference: str, person_id: int) -> HttpResponse:
    """Somebody is no longer on the case."""
    case = seen_case(request, reference)
    person = person_on(case, person_id)
    page = FormPage(
        title=f"Take {person.name} off the case",
        submit="Take off the case",
        back=case_page_of(case),
        intro="They get no new letters. Letters that were checked or signed for them go back. They can be put back on.",
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.take_off(case=case, person=person, by=me(request), seen=seen)
        return f"{person.name} is off the case.", case_page_of(case)

    form = ConfirmForm(posted(request), seen=case.version)
    return step_page(request, case, CaseAction.AMEND_CASE, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_back(request: HttpRequest, reference: str, person_id: int) -> HttpResponse:
    """Somebody is on the case again."""
    case = seen_case(request, reference)
    person = person_on(case, person_id)
    page = FormPage(title=f"Put {person.name} back on the case", submit="Put back", back=case_page_of(case))

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.put_back(case=case, person=person, by=me(request), seen=seen)
        return f"{person.name} is back on the case.", case_page_of(case)

    form = ConfirmForm(posted(request), seen=case.version)
    return step_page(request, case, CaseAction.AMEND_CASE, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_add(request: HttpRequest, reference: str, person_id: int) -> HttpResponse:
    """A new address of somebody on the case."""
    case = seen_case(request, reference)
    person = person_on(case, person_id)
    page = FormPage(
        title=f"Add an address for {person.name}",
        submit="Add this address",
        back=case_page_of(case),
        intro="Letters can go there once the worker has verified it.",
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.add_address(
            case=case,
            person=person,
            lines=cleaned["lines"],
            source=cleaned["source"],
            confidential_kind=cleaned["confidential_kind"],
            by=me(request),
            seen=seen,
        )
        return "The address is added. The worker verifies it before a letter goes there.", case_page_of(case)

    form = NewAddressForm(posted(request), seen=case.version)
    return step_page(request, case, CaseAction.AMEND_CASE, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_replace(request: HttpRequest, reference: str, address_id: int) -> HttpResponse:
    """They moved, or the address was wrong: a new one takes its place."""
    case = seen_case(request, reference)
    old = address_on(case, address_id)
    shown = shown_lines(request, case, old)
    page = FormPage(
        title=f"Replace an address of {old.person.name}",
        submit="Replace the address",
        back=case_page_of(case),
        intro=f"The address below is not used any more. {_VOIDS}",
        lines=tuple(shown),
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.add_address(
            case=case,
            person=old.person,
            lines=cleaned["lines"],
            source=cleaned["source"],
            by=me(request),
            seen=seen,
            replaces=old,
        )
        return "The address is replaced. The worker verifies the new one before a letter goes there.", case_page_of(
            case
        )

    form = AddressForm(posted(request), seen=case.version, initial={"lines": "" if old.is_confidential else old.lines})
    return step_page(request, case, CaseAction.AMEND_CASE, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_retire(request: HttpRequest, reference: str, address_id: int) -> HttpResponse:
    """Nothing is written there any more, and there is no other address."""
    case = seen_case(request, reference)
    old = address_on(case, address_id)
    page = FormPage(
        title=f"Take away an address of {old.person.name}",
        submit="Take this address away",
        back=case_page_of(case),
        intro=f"Nothing is sent there any more, for good. {_VOIDS}",
        lines=tuple(shown_lines(request, case, old)),
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.retire_address(case=case, address=old, by=me(request), seen=seen)
        return "The address is taken away.", case_page_of(case)

    form = ConfirmForm(posted(request), seen=case.version)
    return step_page(request, case, CaseAction.AMEND_CASE, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_verify(request: HttpRequest, reference: str, address_id: int) -> HttpResponse:
    """The worker knows today that the address is right."""
    case = seen_case(request, reference)
    where = address_on(case, address_id)
    page = FormPage(
        title=f"Is this the right address for {where.person.name}?",
        submit="Yes, it is right",
        back=case_page_of(case),
        intro=_last_verified(where),
        lines=tuple(shown_lines(request, case, where)),
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.verify_address(
            case=case,
            address=where,
            source=cleaned["source"],
            area=cleaned["area"],
            reason=cleaned["reason"],
            by=me(request),
            seen=seen,
        )
        return "The address is verified as of today.", case_page_of(case)

    form = VerifyForm(posted(request), case=case, address=where)
    return step_page(request, case, CaseAction.VERIFY_ADDRESS, page, form, do)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_doubt(request: HttpRequest, reference: str, address_id: int) -> HttpResponse:
    """The address may be wrong: no letter goes there until it is verified or replaced."""
    case = seen_case(request, reference)
    where = address_on(case, address_id)
    page = FormPage(
        title=f"Mark an address of {where.person.name} as in doubt",
        submit="Mark as in doubt",
        back=case_page_of(case),
        intro=f"No letter goes there until it is verified or replaced. {_VOIDS}",
        lines=tuple(shown_lines(request, case, where)),
        warning=True,
    )

    def do(cleaned: dict[str, Any], seen: Seen) -> Result:
        actions.doubt_address(case=case, address=where, reason=cleaned["reason"], by=me(request), seen=seen)
        return "The address is marked as in doubt.", case_page_of(case)

    form = DoubtForm(posted(request), seen=case.version)
    return step_page(request, case, CaseAction.VERIFY_ADDRESS, page, form, do)


def _last_verified(address: Address) -> str:
    if address.verified_on is None or address.verified_by is None:
        return "Nobody has verified it yet."
    return f"Last verified on {in_words(address.verified_on)} by {address.verified_by.name}."
