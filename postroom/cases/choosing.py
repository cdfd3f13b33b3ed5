"""Saying which cases, by their references or by the name of somebody on them."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet

from postroom.cases.models import Case, CasePerson, Relationship
from postroom.searching import MOST, Found, SearchBox, SearchField, Typed
from postroom.steps.references import is_reference


class CasesField(SearchField):
    """References, by blanks or commas; between commas also names of people on the cases given to `among`.

    Gives a list of references, each once. Only the cases that the form sets `among` to, those that the person may
    read, are ever searched by name; until then names find nothing.
    """

    widget = SearchBox(several=True, legend="Which of these cases?")
    among: QuerySet[Case] = Case.objects.none()

    def find(self, words: str) -> list[Found]:
        """Cases with somebody called so on them, with the children's names."""
        rows: list[Case] = []
        for name in _split(words)[1]:
            rows += [case for case in self._called(name)[: MOST + 1] if case not in rows]
        return [_found(case) for case in rows[: MOST + 1]]

    def meant(self, typed: Typed) -> list[str]:
        """The references that were typed, and those of the cases chosen of what the names found."""
        references, names = _split(typed.words)
        for name in names:
            if self.among.query.is_empty():
                raise ValidationError(f"{name[:20]} is not a reference. Check it on the case or the sheet.")
            called = self._called(name)
            chosen = [case.reference for case in called.filter(reference__in=typed.chosen)]
            if not chosen and not called.exists():
                raise ValidationError(
                    "You read no case with that name or reference. Leave it out, and name it under “What happened?”."
                )
            if not chosen:
                raise ValidationError("Choose which case you mean, below the box.")
            references += chosen
        return list(dict.fromkeys(references))

    def _called(self, name: str) -> QuerySet[Case]:
        people = CasePerson.objects.filter(is_active=True)
        for word in name.split()[:6]:
            people = people.filter(name__icontains=word)
        children = CasePerson.objects.filter(relationship=Relationship.CHILD, is_active=True).order_by("pk")
        rows = self.among.filter(pk__in=people.values("case_id")).select_related("office", "allocated_worker")
        return rows.prefetch_related(Prefetch("people", children, to_attr="children")).order_by("-pk")


def _split(words: str) -> tuple[list[str], list[str]]:
    """The references, and the names between the commas."""
    references: list[str] = []
    names: list[str] = []
    for part in re.split(r"[,;]+", words):
        pieces = ["".join(part.split()).upper()] if is_reference(part) else part.upper().split()
        if all(is_reference(piece) for piece in pieces):
            references += pieces
        else:
            names.append(" ".join(part.split()))
    return references, names


def _found(case: Any) -> Found:
    children = ", ".join(child.name for child in case.children) or "No child entered"
    worker = case.allocated_worker.name if case.allocated_worker else "not allocated"
    return Found(case.reference, children, f"Case {case.reference}, {case.office.name}, {worker}")
