"""Safeguarding issues a report or minutes; one recipient gets a version of their own (OGP-7, OGP-9, CLS-6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from distribution.actions.common import proposed_channel, step, tell
from distribution.documents import Document
from distribution.models import ISSUED, Distribution, Item, ItemVersion
from distribution.policy import POLICY
from distribution.selectors import cases_to_issue_for
from distribution.states import Action
from postroom.cases.models import Case, CasePerson
from postroom.ledger.recording import Actor, record
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.engine import Seen, Taken, create
from postroom.steps.errors import InvalidStep, NotAllowed


def issue(
    *,
    case: Case,
    document: str,
    meeting_on: dt.date,
    recipients: Collection[CasePerson],
    file: Document,
    by: User,
    form_key: str = "",
) -> Distribution:
    """One set, with an item for each recipient; the worker is told. Raises InvalidStep naming the field, NotAllowed.

    `file` was taken in before (documents.take_in): what is slow comes outside the transaction. `form_key`: of the page;
    the same person's same page sent again gives the set that it made the first time.
    """
    if document not in ISSUED:
        raise InvalidStep("Choose what it is: a CP report, a LAC report, or minutes.", "document")
    if meeting_on > timezone.localdate():
        raise InvalidStep("The day of the meeting can't be in the future.", "meeting_on")
    with transaction.atomic():
        locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        authority = authority_of(User.objects.get(pk=by.pk))
        if not cases_to_issue_for(by, authority=authority).filter(pk=locked.pk).exists():
            raise NotAllowed("Reports and minutes are issued by safeguarding, for a case that is open.")
        before = Distribution.objects.filter(case=locked, form_key=form_key, issued_by=by).first() if form_key else None
        if before is not None:
            return before
        people = _people_of(locked, recipients)
        made = Distribution(
            case=locked,
            document=document,
            meeting_on=meeting_on,
            issued_by=by,
            original=file.original,
            pdf=file.pdf,
            pages=file.pages,
            form_key=form_key,
        )
        made.save(force_insert=True)
        record(
            made,
            action="issue_set",
            actor=Actor(
                id=by.pk,
                name=by.name,
                role=ROLE_NAMES[Role.SAFEGUARDING],
                authority=authority.how(Role.SAFEGUARDING, None),
            ),
            to_state="issued",
            content_hash=file.pdf.pk,
            details={"document": document, "recipients": len(people)},
        )
        made.save(update_fields=["ledger_seq", "ledger_head"])
        for person in people:
            _item(made, person, by)
        first = made.items.order_by("pk").first()
        assert first is not None  # noqa: S101 - there is at least one recipient
        tell(first, "issued", [locked.allocated_worker_id], but=by)
    return made


def add_recipient(*, distribution: Distribution, person: CasePerson, by: User) -> Item:
    """One more recipient of a set that was issued. Raises InvalidStep, NotAllowed."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=distribution.case_id)
        if not cases_to_issue_for(by).filter(pk=case.pk).exists():
            raise NotAllowed("Recipients are added by safeguarding, for a case that is open.")
        people = _people_of(case, [person])
        if distribution.items.filter(person=person).exists():
            raise InvalidStep("This person is on the list already.", "person")
        made = _item(distribution, people[0], by)
        tell(made, "issued", [case.allocated_worker_id], but=by)
    return made


def _people_of(case: Case, recipients: Collection[CasePerson]) -> list[CasePerson]:
    found = list(CasePerson.objects.filter(case=case, is_active=True, pk__in=[p.pk for p in recipients]).order_by("pk"))
    if not found:
        raise InvalidStep("Choose at least one person who is to have it.", "recipients")
    if len(found) != len({p.pk for p in recipients}):
        raise InvalidStep("Somebody on the list isn't on this case any more. Look at the list again.", "recipients")
    return found


def _item(distribution: Distribution, person: CasePerson, by: User) -> Item:
    item = Item(
        distribution=distribution,
        case=distribution.case,
        document=distribution.document,
        person=person,
        family=person.is_family,
        pdf=distribution.pdf,
        pages=distribution.pages,
        content_hash=distribution.pdf_id,
        channel=proposed_channel(person.is_family),
    )
    return create(item, action=Action.ISSUE, by=by, policy=POLICY, details={"person": person.pk})


def replace_version(*, item: Item, by: User, seen: Seen, file: Document, redaction_confirmed: bool) -> Item:
    """This recipient gets a version of their own, redacted; what was confirmed of the former is void (CLS-6)."""
    if not redaction_confirmed:
        raise InvalidStep(
            "Look through the version for what this recipient may not see, and confirm it.", "redaction_confirmed"
        )

    def change(locked: Item, taken: Taken) -> dict[str, object]:
        if locked.content_hash == file.pdf.pk:
            raise InvalidStep("This is the version they have already. Choose the redacted one.", "file")
        locked.pdf, locked.pages, locked.content_hash = file.pdf, file.pages, file.pdf.pk
        locked.redacted_by, locked.version_hash = by, ""
        return {"pdf": file.pdf.pk, "original": file.original.pk}

    def after(locked: Item, taken: Taken) -> None:
        ItemVersion.objects.create(
            item=locked, original=file.original, pdf=file.pdf, redaction_confirmed_by=by, at=taken.at
        )
        tell(locked, "new_version", [locked.case.allocated_worker_id], but=by)

    return step(item, Action.REPLACE_VERSION, by=by, seen=seen, change=change, after=after)
