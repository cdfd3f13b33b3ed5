"""Cases' scheduled work. It may run twice at once, or again, and does no harm."""

from celery import shared_task

from postroom.cases.actions import handing_on


@shared_task(name="postroom.cases.hand_on")
def hand_on() -> int:
    """Hand on the cases of workers whose role at the case's office has ended; returns how many lists were made."""
    return handing_on.hand_on_stale()
