"""Scheduled work of reports and minutes. It may run twice at once, or again, and does no harm."""

from celery import shared_task

from distribution import chasing


@shared_task(name="distribution.chase")
def chase() -> int:
    """Tell admin and workers, by e-mail, of copies that have gone and still owe something; returns how many."""
    return chasing.chase()
