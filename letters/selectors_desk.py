"""Reads of the admin's and hand-over pages."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from letters.completed import Document, children_of, document_for_ics, standing_signature
from letters.models import Letter, LetterVersion, Proposal, Question, Source
from letters.permissions import RULES
from letters.selectors import visible_to as visible_letters
from letters.states import Action
from postroom.cases.models import Address, Case, CasePerson, Relationship
from postroom.cases.selectors import visible_to as visible_cases
from postroom.cases.states import CaseState
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES

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


def questions_of(letter: Letter) -> list[Question]:
    """Questions about the letter and their answers, oldest first."""
    return list(letter.questions.select_related("asked_by", "answered_by"))


def open_questions(user: User, authority: Authority, *, most: int) -> list[Question]:
    """What waits for this person's answer, oldest first: about letters of their own cases that they may read."""
    letters = visible_letters(user, authority=authority).filter(
        case__allocated_worker=user, state__in=RULES.sources(Action.ANSWER)
    )
    rows = Question.objects.filter(answered_at__isnull=True, letter__in=letters.values("pk"))
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
