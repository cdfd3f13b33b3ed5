"""Questions that wait for the worker's answer, as a list of My work. Two queries, however many wait."""

from __future__ import annotations

from django.urls import reverse

from letters.selectors_desk import open_questions
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES
from postroom.work import WorkList, WorkRow

SHOWN = 20


def questions_to_answer(user: User, authority: Authority) -> list[WorkList]:
    """The list of one social worker; nobody else has it."""
    if not authority.has(*SOCIAL_WORK_ROLES):
        return []
    rows = [
        WorkRow(
            title=f"Letter to {row.letter.addressee.name}, {row.letter.reference}",
            href=reverse("letters:answer", args=[row.letter.reference, row.pk]),
            do="Answer",
            detail=f"{row.asked_by.name} asks: {_short(row.text)}",
            since=row.asked_at,
        )
        for row in open_questions(user, authority, most=SHOWN)
    ]
    return [WorkList("questions", "Questions from admin", rows, len(rows))]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79].rstrip()}…"
