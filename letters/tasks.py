"""Letters' scheduled work. Each may run twice at once, or again, and does no harm."""

from celery import shared_task

from letters import pictures
from letters.actions import chasing, danger


@shared_task(name="letters.sweep_pictures")
def sweep_pictures() -> int:
    """Remove page pictures that nobody has looked at for long; returns how many folders went."""
    return pictures.sweep()


@shared_task(name="letters.warn_of_dates")
def warn_of_dates() -> int:
    """Tell duty of letters whose day is in danger and whose worker hasn't acted; returns how many e-mails are owed."""
    return danger.warn()


@shared_task(name="letters.chase")
def chase() -> int:
    """Tell the admin of each office, by e-mail, of what has gone and is not on the case record; returns how many."""
    return chasing.chase()
