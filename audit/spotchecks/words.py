"""What the record says to one question, in words; shared by letters and copies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from letters.actions.posting import long_date
from letters.tracking import TrackingNumberError, check_tracking_number


@dataclass(frozen=True)
class Fact:
    """In words, and whether the record itself holds (None: it can't say)."""

    words: str
    holds: bool | None = None


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
