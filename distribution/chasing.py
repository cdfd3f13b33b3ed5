"""Copies that have gone and still owe something are chased by e-mail until they don't (OGP-6, OGP-8, CLS-6).

Beside My work, which has the same: registered post without its proof of delivery, what is not on the case record, and
a document that its recipient can't open yet.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from distribution.models import Item
from distribution.states import State
from distribution.work import PROOF_LATE_AFTER
from letters.routes import Channel
from postroom.cases.access import those_who_may_know
from postroom.outbox.mail import notify
from postroom.people.models import Office, RoleGrant
from postroom.people.roles import Role
from postroom.working_days import ONE_DAY, overdue_from

NOT_PROVED = Q(state=State.SENT, channel=Channel.REGISTERED_POST)
NOT_UPLOADED = Q(state__in=[State.HANDED_OVER, State.DELIVERED], uploaded_at__isnull=True)
NOT_OPENED = Q(state=State.SENT, channel=Channel.SECURE_EMAIL)


def chase(now: dt.datetime | None = None) -> int:
    """One e-mail a day to each admin for what is overdue at their office, one to a worker for each unopened document.

    None says about whom. Returns how many there are for this day; asked again on the same day, they are the same.
    """
    now = now or timezone.now()
    day = timezone.localdate(now)
    proof = NOT_PROVED & Q(posted_on__lte=_overdue_since(day, PROOF_LATE_AFTER))
    waited = Q(state_since__lt=_end_of(_overdue_since(day, settings.OVERDUE_AFTER_WORKING_DAYS)))
    with transaction.atomic():
        owed = _tell_admin("items_not_proved", _late(proof), day)
        owed += _tell_admin("items_not_uploaded", _late(NOT_UPLOADED & waited), day)
        return owed + _tell_workers(_late(NOT_OPENED & waited), day)


def _late(which: Q) -> list[Item]:
    return list(Item.objects.filter(which).select_related("case").order_by("pk"))


def _overdue_since(day: dt.date, allowed: int) -> dt.date:
    """The last day on which something must have begun to be overdue today."""
    began = day
    while overdue_from(began, allowed) > day:
        began -= ONE_DAY
    return began


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day + ONE_DAY, dt.time()))


def _tell_admin(notice: str, items: Iterable[Item], day: dt.date) -> int:
    """The admin of each item's office, but for those from whom its case is kept."""
    told: dict[int, set[int]] = defaultdict(set)
    grants = RoleGrant.objects.on(day).filter(role=Role.ADMIN, user__is_active=True)
    admins: dict[int, set[int]] = defaultdict(set)
    for office_id, user_id in grants.values_list("office_id", "user_id"):
        admins[office_id].add(user_id)
    for item in items:
        office_id = item.case.office_id
        told[office_id] |= those_who_may_know(item.case, admins[office_id] - told[office_id])
    owed = 0
    for office in Office.objects.filter(pk__in=told, is_active=True).order_by("pk"):
        owed += len(notify(told[office.pk], notice, office.ledger_subject, "/", occasion=day.isoformat()))
    return owed


def _tell_workers(items: Iterable[Item], day: dt.date) -> int:
    owed = 0
    for item in items:
        worker = item.case.allocated_worker_id
        told = those_who_may_know(item.case, {worker}) if worker else set()
        page = f"/distribution/items/{item.reference}/password/"
        owed += len(notify(told, "item_not_opened", item.ledger_subject, page, occasion=day.isoformat()))
    return owed
