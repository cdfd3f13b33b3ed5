"""Breaches' scheduled work. It may run twice at once, or again, and does no harm."""

from celery import shared_task

from breaches import alerts, reminders
from breaches.actions.reporting import forget_drafts


@shared_task(name="breaches.remind")
def remind() -> int:
    """Tell people of the time that runs out, and where breaches rise; returns how much was owed.

    What was begun on the form and never sent goes too.
    """
    forget_drafts()
    return reminders.remind_all() + alerts.raise_all()
