"""Whom a letter names as having a copy ("Copy to"): nobody unless its worker says so, and never two who must not know
of each other (OGP-4b, CLS-5)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from letters.models import Letter
from postroom.cases.models import CasePerson, MustNotKnow
from postroom.steps.errors import InvalidStep

FIELD = "copies_to"


def judge_copies(addressee: CasePerson, named: Sequence[CasePerson]) -> None:
    """Raises InvalidStep: somebody of another case, the addressee themselves, or two who must not know of each other.

    At most one query.
    """
    for person in named:
        if person.case_id != addressee.case_id:
            raise InvalidStep("Choose people who are on this case.", FIELD)
        if not person.is_active:
            raise InvalidStep(
                f"{person.name} isn't on this case any more, and the letter names them as having a copy. Its worker "
                "takes the name out first.",
                FIELD,
            )
        if person.pk == addressee.pk:
            raise InvalidStep(f"{person.name} gets the letter itself, so it doesn't name them as having a copy.", FIELD)
    pair = _apart_among([addressee, *named]) if named else None
    if pair is not None:
        raise InvalidStep(
            f"{pair.a.name} and {pair.b.name} must not know of each other, so no letter names both. Take one out.",
            FIELD,
        )


def _apart_among(people: Sequence[CasePerson]) -> MustNotKnow | None:
    ids = [person.pk for person in people]
    pairs = MustNotKnow.objects.filter(a_id__in=ids, b_id__in=ids, lifted_at__isnull=True)
    return pairs.select_related("a", "b").first()


def copies_may_know(letter: Letter) -> bool:
    """May everybody whom the letter names as having a copy, and its addressee, know of each other? One query."""
    named = Letter.copies_to.through.objects.filter(letter_id=letter.pk).values("caseperson_id")
    a = Q(a_id=letter.addressee_id) | Q(a_id__in=named)
    b = Q(b_id=letter.addressee_id) | Q(b_id__in=named)
    # The addressee alone is no pair: a row is of two people.
    return not MustNotKnow.objects.filter(a, b, lifted_at__isnull=True).exists()


def named_on(letter: Letter) -> tuple[str, ...]:
    """The names as they are printed after the signature, in one order. Raises InvalidStep as `judge_copies` does."""
    named = list(letter.copies_to.order_by("name", "pk")) if letter.pk else []
    judge_copies(letter.addressee, named)
    return tuple(printed_as(one) for one in named)


def printed_as(person: CasePerson) -> str:
    """How somebody stands under "Copy to:": the name, and the organisation if there is one."""
    return f"{person.name}, {person.organisation}" if person.organisation else person.name
