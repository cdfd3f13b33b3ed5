"""Breaches' scheduled work. It may run twice at once, or again, and does no harm."""

from celery import shared_task

from breaches import alerts, reminders
from breaches.actions.reporting import forget_drafts


@shared_task(name="breaches.remind")
def remind() -> int:
    """Tell people of the time that runs out, and where breaches rise; returns how much was owed.

    What was begun on the form and never sent goes too, last: reminders wait for nothing. Where a breach could not be
    looked at, that is raised when all is done.
    """
    try:
        owed = reminders.remind_all()
    finally:
        risen = alerts.raise_all()
        forget_drafts()
    return owed + risen
