"""Reads of the admin's and hand-over pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from letters.completed import Document, children_of, document_for_ics, standing_signature
from letters.models import (
    EnvelopeStock,
    Letter,
    LetterFile,
    LetterVersion,
    OfficeTextVersion,
    Proposal,
    Question,
    Source,
)
from letters.permissions import RULES
from letters.selectors import visible_to as visible_letters
from letters.states import Action
from postroom.cases.models import Address, Case, CasePerson, Relationship
from postroom.cases.selectors import visible_to as visible_cases
from postroom.cases.states import CaseState
from postroom.files.models import StoredFile
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES
from postroom.steps.table import join_words

CASES_SHOWN = 200


def cases_to_write_for(user: User, authority: Authority) -> QuerySet[Case]:
    """Open cases allocated to this person, the newest first, with the children's rows; at most CASES_SHOWN."""
    if not authority.has(*SOCIAL_WORK_ROLES):
        return Case.objects.none()
    children = CasePerson.objects.filter(relationship=Relationship.CHILD, is_active=True)
    return (
        visible_cases(user, authority=authority)
        .filter(allocated_worker=user, state=CaseState.OPEN)
        .prefetch_related(Prefetch("people", children, to_attr="children"))
        .order_by("-pk")[:CASES_SHOWN]
    )


def case_visible_to(user: User, authority: Authority, reference: str) -> Case | None:
    """The case, if this person may read it; else None (404)."""
    cases = visible_cases(user, authority=authority).select_related("office", "allocated_worker")
    return cases.filter(reference=reference).first()


def others_on_case(letter: Letter) -> list[CasePerson]:
    """Everybody whom the letter could name as having a copy: on its case still, or named already. One query."""
    people = CasePerson.objects.filter(Q(is_active=True) | Q(named_on_letters=letter), case_id=letter.case_id)
    return list(people.exclude(pk=letter.addressee_id).distinct().order_by("name", "pk"))


def people_to_write_to(case: Case) -> list[CasePerson]:
    """Everybody still on the case, each with the addresses not retired (three queries)."""
    addresses = Address.objects.filter(retired_at__isnull=True).select_related("verified_by", "person")
    return list(case.people.filter(is_active=True).prefetch_related(Prefetch("addresses", addresses)))


def addresses_of(person: CasePerson) -> list[Address]:
    """The addressee's addresses that are not retired, the newest first."""
    found = Address.objects.filter(person=person, retired_at__isnull=True).select_related("verified_by", "person")
    return list(found.order_by("-pk"))


def open_proposals(letter: Letter) -> QuerySet[Proposal]:
    """What was sent back and isn't taken in yet, the newest first."""
    return Proposal.objects.filter(letter=letter, taken_in_at__isnull=True).select_related("by", "version")


def sources_of(letter: Letter) -> list[Source]:
    """The files that were handed over, in their order."""
    return list(letter.sources.select_related("file"))


def files_of(letter: Letter) -> list[LetterFile]:
    """What admin added to the letter while typing, in the order it was added."""
    return list(letter.files.select_related("file"))


def unscanned_in(content: Mapping[str, Any]) -> int:
    """How many of the uploaded files that a version's pages hold no virus scanner has looked at. One query, or none."""
    named = [content.get("document_sha256", ""), *(item.get("sha256", "") for item in content.get("enclosures", []))]
    wanted = {sha for sha in named if sha}
    if not wanted:
        return 0
    return StoredFile.objects.filter(pk__in=wanted, from_outside=True, scanned_at__isnull=True).count()


def stocks_to_choose() -> list[EnvelopeStock]:
    """The envelopes in use, the smaller first."""
    return list(EnvelopeStock.objects.filter(is_active=True).order_by("max_sheets", "name"))


def texts_of(office_id: int) -> list[OfficeTextVersion]:
    """The newest version of each template and paragraph that an office uses; templates first."""
    newest = OfficeTextVersion.objects.filter(text=OuterRef("text")).order_by("-number").values("pk")[:1]
    rows = OfficeTextVersion.objects.filter(text__office_id=office_id, text__is_active=True, pk=Subquery(newest))
    return list(rows.select_related("text").order_by("-text__kind", "text__name"))


def text_version(office_id: int, key: str) -> OfficeTextVersion | None:
    """One of those, by its id as posted; None if it isn't one of this office's."""
    if not (key.isascii() and key.isdecimal() and len(key) < 15):
        return None
    return next((row for row in texts_of(office_id) if row.pk == int(key)), None)


def placeholder_values(letter: Letter) -> dict[str, str]:
    """What stands in each placeholder's place in this letter; "" where it isn't known."""
    worker = letter.case.allocated_worker
    day = timezone.localdate()
    return {
        "addressee": letter.addressee.name,
        "greeting": letter.addressee.salutation or letter.addressee.name,
        "children": join_words([child.name for child in children_of(letter)]),
        "worker": worker.name if worker else "",
        "role": worker.job_title if worker else "",
        "office": letter.office.name,
        "phone": letter.office.phone,
        "date": f"{day.day} {day:%B %Y}",
        "reference": letter.reference,
    }


def questions_of(letter: Letter) -> list[Question]:
    """Questions about the letter and their answers, oldest first."""
    return list(letter.questions.select_related("asked_by", "answered_by"))


def questions_to(user: User, authority: Authority) -> QuerySet[Question]:
    """What waits for this person's answer: about letters of their own cases that they may read."""
    letters = visible_letters(user, authority=authority).filter(
        case__allocated_worker=user, state__in=RULES.sources(Action.ANSWER)
    )
    return Question.objects.filter(answered_at__isnull=True, letter__in=letters.values("pk"))


def open_questions(user: User, authority: Authority, *, most: int) -> list[Question]:
    """The same, oldest first."""
    rows = questions_to(user, authority)
    return list(rows.select_related("letter__addressee", "asked_by").order_by("pk")[:most])


def version_of(letter: Letter, number: int) -> LetterVersion | None:
    """One version of a letter."""
    return LetterVersion.objects.filter(letter=letter, number=number).select_related("address").first()


__all__ = [
    "CASES_SHOWN",
    "Document",
    "addresses_of",
    "case_visible_to",
    "cases_to_write_for",
    "children_of",
    "document_for_ics",
    "open_proposals",
    "open_questions",
    "people_to_write_to",
    "questions_of",
    "sources_of",
    "standing_signature",
    "version_of",
]
