"""What this floor does on schedule."""

from __future__ import annotations

from celery import shared_task

from audit.dashboards.keeping import keep_up

# So that one run never blocks the worker for long; the next goes on.
MOST_A_RUN = 200_000


@shared_task(name="audit.keep_figures")
def keep_figures() -> None:
    """Bring the figures up to what is sealed."""
    keep_up(most=MOST_A_RUN)
