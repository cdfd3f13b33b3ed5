"""Since when something has waited too long, by working days. Pure but for the setting."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from postroom.working_days import ONE_DAY, working_days_waited


def late_before(today: dt.date) -> dt.date:
    """Whatever has waited since a day before this one has waited more than OVERDUE_AFTER_WORKING_DAYS by `today`."""
    day = today
    while working_days_waited(day, today) <= settings.OVERDUE_AFTER_WORKING_DAYS:
        day -= ONE_DAY
    return day + ONE_DAY


def late_moment() -> dt.datetime:
    """The beginning of that day, aware."""
    return timezone.make_aware(dt.datetime.combine(late_before(timezone.localdate()), dt.time.min))
