"""When a letter must go, and what the post can still do about it. Arithmetic on local days; no models.

Royal Mail aims at the next working day for first class and at two to three for second; a council may count more. The
day of posting counts if the letter makes the day's collection. Days of delivery are counted as working days, which is
on the careful side: Saturdays are delivered too.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from postroom.working_days import ONE_DAY, is_working_day, overdue_from

ARRIVE_BY = "arrive_by"
# "" and ordinary post: first class is the fastest there. Anything else is Special Delivery, or goes abroad.
COUNTED = ("", "first", "second")
# To an address abroad: the classes of ordinary post, and the service in place of registered post.
ABROAD = ("intstd", "inteco", "named")


def days_on_the_way(post_class: str) -> int:
    """Working days that a class takes; 0 for one that isn't counted here."""
    days = {"first": settings.FIRST_CLASS_DAYS, "second": settings.SECOND_CLASS_DAYS}
    days |= {"intstd": settings.ABROAD_DAYS, "named": settings.ABROAD_DAYS, "inteco": settings.ABROAD_ECONOMY_DAYS}
    return days.get(post_class, 1)


def last_posting_day(due_kind: str, due_on: dt.date, post_class: str = "first") -> dt.date:
    """The last working day on which a letter of that class may go to the post and still be in time."""
    day = due_on
    if due_kind == ARRIVE_BY:
        for _ in range(days_on_the_way(post_class)):
            day = _working_day_before(day)
    while not is_working_day(day):
        day -= ONE_DAY
    return day


def _working_day_before(day: dt.date) -> dt.date:
    day -= ONE_DAY
    while not is_working_day(day):
        day -= ONE_DAY
    return day


BAG_HAS_GONE = (
    "Today's collection has gone. Tick this if it was in the bag; else lock it in, and post it on the next working day"
)


def missed_collection(collection: dt.time | None, now: dt.datetime | None = None) -> bool:
    """Has the office's collection of today gone? Without a time on record: no. `collection` is local."""
    return collection is not None and timezone.localtime(now).time() >= collection


def first_posting_day(now: dt.datetime, collection: dt.time | None = None) -> dt.date:
    """The next day whose collection can still be made: today until `collection` (local; None: the day's end)."""
    local = timezone.localtime(now)
    day = local.date()
    if not is_working_day(day) or (collection is not None and local.time() >= collection):
        day += ONE_DAY
        while not is_working_day(day):
            day += ONE_DAY
    return day


def warning(
    due_kind: str, due_on: dt.date | None, now: dt.datetime, collection: dt.time | None = None, post_class: str = ""
) -> str:
    """Why the date can't be met, or only by first class; "" while all is well.

    `collection`: the office's own (local). `post_class`: the one chosen, or that the office usually uses; "": open.
    """
    if not due_kind or due_on is None:
        return ""
    today = first_posting_day(now, collection)
    gone = today > timezone.localdate(now)
    why = " Today's collection has gone." if gone and is_working_day(timezone.localdate(now)) else ""
    by = f"{due_on.day} {due_on:%B %Y}"
    if due_kind != ARRIVE_BY:
        if today > due_on:
            return f"It can't be posted by {by} any more.{why} Tell the worker, who decides what to do."
        return ""
    if post_class in ABROAD:
        if today > last_posting_day(due_kind, due_on, "intstd"):
            return f"Posted now it may not arrive abroad by {by}.{why} Ask the worker: another way, or another day."
        if post_class == "inteco" and today > last_posting_day(due_kind, due_on, "inteco"):
            return f"By International Economy it may not arrive by {by}: choose International Standard.{why}"
        return ""
    fastest, instead = ("first class", ", by Special Delivery") if post_class in COUNTED else ("Special Delivery", "")
    if today > last_posting_day(due_kind, due_on, post_class if post_class not in COUNTED else "first"):
        return (
            f"Posted now it can't arrive by {by}, not even by {fastest}.{why} Ask the worker: by hand{instead}, "
            "or another day."
        )
    if post_class in ("", "second") and today > last_posting_day(due_kind, due_on, "second"):
        return f"Only first class can arrive by {by}.{why}"
    return ""


def too_slow(due_kind: str, due_on: dt.date | None, posted_on: dt.date, post_class: str) -> str:
    """What to say of a letter that went on `posted_on` and can't be in time by that class; "" if it can."""
    if due_kind != ARRIVE_BY or due_on is None or posted_on <= last_posting_day(due_kind, due_on, post_class):
        return ""
    return f"It had to arrive by {due_on.day} {due_on:%B %Y} and may come later: tell the worker."


def warning_in_person(due_on: dt.date | None, now: dt.datetime) -> str:
    """The same for what is carried or collected: no post is waited for, so the day itself will still do."""
    if due_on is None or timezone.localdate(now) <= due_on:
        return ""
    return f"The day it was for has gone: {due_on.day} {due_on:%B %Y}. Tell the worker, who decides what to do."


def late_at(state_since: dt.datetime, due_kind: str, due_on: dt.date | None) -> dt.datetime:
    """The moment from which a letter is late where it stands: its state has taken too long, or its last day begins.

    For a date, the beginning of the last day on which second class would still do. Aware.
    """
    since = timezone.localtime(state_since)
    day = overdue_from(since.date(), settings.OVERDUE_AFTER_WORKING_DAYS)
    # With its time of day: of two letters of one day the one that has waited longer stands first.
    late = timezone.make_aware(dt.datetime.combine(day, since.time()))
    if due_kind and due_on is not None:
        late = min(late, _midnight(last_posting_day(due_kind, due_on, "second")))
    return late


def late_today(now: dt.datetime) -> dt.datetime:
    """What has `late_at` before this moment is late today, whatever the hour."""
    return _midnight(timezone.localdate(now) + ONE_DAY)


@lru_cache(maxsize=1024)
def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
