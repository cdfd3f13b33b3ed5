"""What has gone and still owes something is chased: not on the case record, no proof of delivery (OGP-6, OGP-8)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from letters.models import Letter
from letters.queues import overdue_moment
from letters.states import State
from letters.ways import Way
from postroom.outbox.mail import notify
from postroom.people.models import Office, RoleGrant
from postroom.people.roles import Role

GONE_NOT_UPLOADED = Q(state__in=[State.POSTED, State.HANDED_OVER]) | Q(state=State.RETURNED, uploaded_at__isnull=True)
NOT_PROVED = Q(state__in=[State.POSTED, State.UPLOADED], way=Way.REGISTERED_POST, delivered_at__isnull=True)
# notice, the list of My work it leads to, which letters, the field that says since when
_CHASED = (
    ("letters_not_uploaded", "upload", GONE_NOT_UPLOADED, "state_since"),
    ("letters_not_proved", "proof", NOT_PROVED, "posted_on"),
)


def chase(now: dt.datetime | None = None) -> int:
    """One e-mail a day to each admin of an office with something overdue, with no word about which letters.

    Returns how many there are for this day; asked again on the same day, they are the same e-mails.
    """
    now = now or timezone.now()
    day = timezone.localdate(now)
    owed = 0
    for notice, slug, overdue, since in _CHASED:
        moment = overdue_moment(now)
        before = moment if since == "state_since" else timezone.localdate(moment)
        late = Letter.objects.filter(overdue, **{f"{since}__lt": before})
        for office in Office.objects.filter(pk__in=late.values("office"), is_active=True).order_by("pk"):
            grants = RoleGrant.objects.on(day).filter(office=office, role=Role.ADMIN, user__is_active=True)
            people = list(grants.values_list("user_id", flat=True))
            with transaction.atomic():
                owed += len(
                    notify(people, notice, office.ledger_subject, f"/waiting/{slug}/", occasion=day.isoformat())
                )
    return owed
