"""Breaches' scheduled work. It may run twice at once, or again, and does no harm."""

from celery import shared_task

from breaches import reminders


@shared_task(name="breaches.remind")
def remind() -> int:
    """Tell people of the time that runs out; returns how many reminders were owed."""
    return reminders.remind_all()
