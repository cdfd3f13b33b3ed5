"""Sign-in's scheduled work."""

from importlib import import_module

from celery import shared_task
from django.conf import settings

from postroom.people.actions.office_changes import begin_due


@shared_task(name="postroom.people.clear_sessions")
def clear_sessions() -> None:
    """Remove sessions that have run out, and what was typed in them."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@shared_task(name="postroom.people.begin_office_changes")
def begin_office_changes() -> int:
    """Put the details of offices that take effect today, or did, on their rows; returns how many began."""
    return begin_due()
