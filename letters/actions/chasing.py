"""What has gone and still owes something is chased: not on the case record, no proof of delivery (OGP-6, OGP-8)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from letters.deadlines import late_today
from letters.models import Letter
from letters.states import State
from letters.ways import Way
from postroom.outbox.mail import notify
from postroom.people.models import Office, RoleGrant
from postroom.people.roles import Role
from postroom.working_days import ONE_DAY, overdue_from

GONE_NOT_UPLOADED = Q(state__in=[State.POSTED, State.HANDED_OVER, State.EMAILED]) | Q(
    state=State.RETURNED, uploaded_at__isnull=True
)
NOT_PROVED = Q(state__in=[State.POSTED, State.UPLOADED], way=Way.REGISTERED_POST, delivered_at__isnull=True)


def chase(now: dt.datetime | None = None) -> int:
    """One e-mail a day to each admin of an office with something overdue, with no word about which letters.

    Returns how many there are for this day; asked again on the same day, they are the same e-mails.
    """
    now = now or timezone.now()
    day = timezone.localdate(now)
    owed = 0
    long_ago = day
    while overdue_from(long_ago, settings.OVERDUE_AFTER_WORKING_DAYS) > day:
        long_ago -= ONE_DAY
    for notice, slug, overdue in (
        ("letters_not_uploaded", "upload", GONE_NOT_UPLOADED & Q(late_at__lt=late_today(now))),
        ("letters_not_proved", "proof", NOT_PROVED & Q(posted_on__lte=long_ago)),
    ):
        late = Letter.objects.filter(overdue)
        for office in Office.objects.filter(pk__in=late.values("office"), is_active=True).order_by("pk"):
            grants = RoleGrant.objects.on(day).filter(office=office, role=Role.ADMIN, user__is_active=True)
            people = list(grants.values_list("user_id", flat=True))
            with transaction.atomic():
                owed += len(
                    notify(people, notice, office.ledger_subject, f"/waiting/{slug}/", occasion=day.isoformat())
                )
    return owed
