"""Letters' scheduled work. Each may run twice at once, or again, and does no harm."""

from celery import shared_task

from letters import pictures


@shared_task(name="letters.sweep_pictures")
def sweep_pictures() -> int:
    """Remove page pictures that nobody has looked at for long; returns how many folders went."""
    return pictures.sweep()
