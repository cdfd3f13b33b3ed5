"""Telling those who run breaches that they rise: one e-mail for each alert, until it is over and rises anew.

A row says that it was told; it is written in the transaction that owes the e-mails, and only one can stand. So a
scheduler that was down loses no alert that still stands, and one that beats twice doubles none.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from breaches.actions.common import holders
from breaches.models import Breach, TrendAlert
from breaches.reports.figures import Alert, alerts
from postroom.outbox.mail import notify
from postroom.people.roles import Role


def raise_all(now: dt.datetime | None = None) -> int:
    """Look where breaches rise, over all that are on record; returns how many alerts were told."""
    now = now or timezone.now()
    found = {(alert.office, alert.control): alert for alert in alerts(Breach.objects.all(), timezone.localdate(now))}
    standing = {(row.office_id, row.control): row.pk for row in TrendAlert.objects.filter(over_at__isnull=True)}
    over = [pk for key, pk in standing.items() if key not in found]
    TrendAlert.objects.filter(pk__in=over, over_at__isnull=True).update(over_at=now)
    return sum(_told(alert, now) for key, alert in found.items() if key not in standing)


def _told(alert: Alert, now: dt.datetime) -> bool:
    """Tell of this alert; False if somebody else did at the same moment."""
    try:
        with transaction.atomic():
            row = TrendAlert.objects.create(office_id=alert.office, control=alert.control, number=alert.number, at=now)
            who = holders([Role.INFORMATION_GOVERNANCE], now)
            notify(who, "breach_trend", f"breach_alert/{row.pk}", reverse("breach_reports:overview"), occasion="rose")
    except IntegrityError:
        return False
    return True
