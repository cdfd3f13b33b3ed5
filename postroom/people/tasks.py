"""Sign-in's scheduled work."""

from importlib import import_module

from celery import shared_task
from django.conf import settings


@shared_task(name="postroom.people.clear_sessions")
def clear_sessions() -> None:
    """Remove sessions that have run out, and what was typed in them."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
