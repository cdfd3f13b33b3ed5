"""The morning's summary: one e-mail a working day, with counts and references, never a name or a subject.

Planning only owes a job whose key is person and day: however many schedulers plan, and however often, it is one. What
it says is read when it is sent; what was held is marked as told in the transaction that commits the attempt. So a
scheduler that was down loses nothing (what waits is in the next one) and doubles nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from postroom import work
from postroom.outbox.choices import choice_of
from postroom.outbox.errors import Drop
from postroom.outbox.mail import message_id, send_message
from postroom.outbox.models import HeldNotice, Job, NoticeChoice, When
from postroom.outbox.notices import UnknownNotice, notice_of
from postroom.outbox.queue import enqueue
from postroom.outbox.registry import Effect
from postroom.people.authority import authority_of
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role
from postroom.working_days import is_working_day

KIND = "summary"
MOST_LINES = 40
SUBJECT = "What waits for you in Postroom this morning"

# (user, notice's code, subjects) -> those of the subjects that the notice still holds for, for this person.
Standing = Callable[[User, str, Collection[str]], set[str]]
_standing: dict[str, Standing] = {}


def register_standing(prefix: str, standing: Standing) -> None:
    """Say which held notices about subjects of a kind (`letter/`) still hold: what was done since is not told."""
    _standing[prefix] = standing


def plan(now: dt.datetime | None = None) -> int:
    """Owe today's summary to each who is to have one, from the set local hour of a working day on; gives how many are
    new. Asked again, or by another scheduler at the same time, there is nothing left to owe."""
    now = now or timezone.now()
    local = timezone.localtime(now)
    if local.hour < settings.SUMMARY_HOUR or not is_working_day(local.date()):
        return 0
    day = local.date().isoformat()
    planned = 0
    owed = set(Job.objects.filter(kind=KIND, key__endswith=f":{day}").values_list("key", flat=True))
    for user_id in _people(local.date()):
        key = f"{user_id}:{day}"
        if key in owed:
            continue
        with transaction.atomic():
            enqueue(KIND, key=key, payload={"user": user_id, "day": day})
        planned += 1
    return planned


def _people(day: dt.date) -> list[int]:
    """Who chose the morning, and admin who chose nothing: their desk is shared."""
    chose = NoticeChoice.objects.filter(when=When.MORNING).values("user_id")
    any_choice = NoticeChoice.objects.values("user_id")
    admin = RoleGrant.objects.on(day).filter(role=Role.ADMIN).exclude(user_id__in=any_choice).values("user_id")
    # Held in the very moment in which its person chose otherwise: told in the morning rather than never.
    held = HeldNotice.objects.filter(settled_at__isnull=True).values("user_id")
    people = User.objects.filter(is_active=True).filter(Q(pk__in=chose) | Q(pk__in=admin) | Q(pk__in=held))
    return list(people.order_by("pk").values_list("pk", flat=True))


def send_summary(job: Job) -> Effect | None:
    """The handler: put today's together and send it, at most once. Nothing waits: nothing is sent."""
    person = User.objects.filter(pk=job.payload["user"]).first()
    if person is None or not person.is_active:
        raise Drop("person_inactive")
    chosen = choice_of(person)
    held = list(HeldNotice.objects.filter(Q(settled_at__isnull=True) | Q(told_in=job), user=person))
    told = [row.pk for row in held]
    text = "" if chosen == When.NONE else text_of(person, held, counts=chosen != When.AT_ONCE)

    def mark() -> None:
        HeldNotice.objects.filter(pk__in=told).update(settled_at=timezone.now(), told_in=job)

    if not text:
        return mark
    message = EmailMessage(
        subject=SUBJECT,
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[person.email],
        headers={"Message-ID": message_id(job), "Auto-Submitted": "auto-generated"},
    )
    send_message(job, message, beginning=mark)
    return None


def text_of(person: User, held: Collection[HeldNotice], *, counts: bool = True) -> str:
    """The summary's text; "" if nothing waits and nothing held still holds. Counts, fixed words and links alone."""
    waiting = work.lines_waiting(person, authority_of(person)) if counts else []
    news = _lines(person, held)
    if not waiting and not news:
        return ""
    parts = []
    if waiting:
        lines = "\n".join(f"{title}: {_number(count)}" for title, count in waiting)
        parts.append(f"What waits for you now:\n\n{lines}")
    if news:
        more = [f"and {len(news) - MOST_LINES} more"] if len(news) > MOST_LINES else []
        parts.append("Since your last summary:\n\n" + "\n".join([*news[:MOST_LINES], *more]))
    parts.append(f"All of it: {settings.SITE_URL}/")
    parts.append(f"To have these e-mails at another time: {settings.SITE_URL}/account/notices/")
    return "\n\n".join(parts) + "\n"


def _number(count: int) -> str:
    return str(count) if count < work.COUNT_UP_TO else f"{work.COUNT_UP_TO - 1}+"


def _lines(person: User, held: Collection[HeldNotice]) -> list[str]:
    by_notice: dict[str, list[HeldNotice]] = {}
    for row in held:
        by_notice.setdefault(row.notice, []).append(row)
    lines = []
    for code, rows in by_notice.items():
        try:
            words = notice_of(code).subject
        except UnknownNotice:  # of a version of Postroom that had it; the page still says what waits
            continue
        still = _still(person, code, {row.subject for row in rows})
        lines += [f"{words}: {settings.SITE_URL}{row.link}" for row in rows if row.subject in still]
    return list(dict.fromkeys(lines))


def _still(person: User, code: str, subjects: set[str]) -> set[str]:
    found: set[str] = set()
    for prefix in {subject.partition("/")[0] + "/" for subject in subjects}:
        of_kind = {subject for subject in subjects if subject.startswith(prefix)}
        judge = _standing.get(prefix)
        found |= of_kind if judge is None else judge(person, code, of_kind) & of_kind
    return found
