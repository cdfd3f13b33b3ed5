"""The file store's scheduled work."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from postroom.files.store import sweep_orphans


@shared_task(name="postroom.files.sweep_orphans")
def sweep() -> int:
    """Remove files that a refused step left behind, a day later; returns how many."""
    return sweep_orphans(timezone.now() - dt.timedelta(days=1))
