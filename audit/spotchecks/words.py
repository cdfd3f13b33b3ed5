"""What the record says to one question, in words; shared by letters and copies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils import timezone

from letters.actions.posting import long_date
from letters.tracking import TrackingNumberError, check_tracking_number
from postroom.cases.confidential import masked
from postroom.cases.models import Address


@dataclass(frozen=True)
class Fact:
    """In words, whether the record itself holds (None: it can't say), and whether by it the question applies.

    Where it applies, "can't apply" is no answer, whatever the stage (`checklist.must_answer`).
    """

    words: str
    holds: bool | None = None
    applies: bool = False


def marked(facts: Mapping[str, Fact], applying: Mapping[str, bool]) -> dict[str, Fact]:
    """The facts, with those questions marked that apply by the record."""
    return {code: replace(fact, applies=applying.get(code, False)) for code, fact in facts.items()}


def applying(facts: Mapping[str, Fact]) -> frozenset[str]:
    """The codes of the questions that apply by the record."""
    return frozenset(code for code, fact in facts.items() if fact.applies)


def shown(address: Address) -> str:
    """The lines of an address; of a confidential one what stands in its place, and who compares it (decision 0031)."""
    if not address.is_confidential:
        return ", ".join(address.line_list)
    return f"{masked(address)}; the case's worker or a manager of the office compares it with you"


def at_moment(moment: dt.datetime) -> str:
    """ "20 July 2026, 14:05", local time."""
    local = timezone.localtime(moment)
    return f"{long_date(local.date())}, {local:%H:%M}"


def tracking_fault(number: str) -> str:
    """What is wrong with a tracking number, in words; "" if its check digit is right."""
    try:
        check_tracking_number(number)
    except TrackingNumberError as error:
        return str(error)
    return ""
