"""Papers' scheduled work. It may run twice at once, or again, and does no harm."""

from celery import shared_task

from papers.actions import chase_late


@shared_task(name="papers.chase")
def chase() -> int:
    """Send the reminders for late papers that are owed by now; returns how many stages."""
    return chase_late()
