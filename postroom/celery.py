"""The worker's and the scheduler's way in: celery -A postroom.celery worker."""

import os

from celery import Celery
from celery.signals import worker_init
from django.conf import settings

from postroom.starting import or_a_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
with or_a_sentence():
    _ = settings.SECRET_KEY  # any will do: the first one read loads them all
app = Celery("postroom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_an_unguarded_ledger(**kwargs: object) -> None:
    """Stop the worker's start where the ledger's triggers are missing.

    By leaving the process: Celery only logs what a signal's receiver raises, and starts all the same.
    """
    from postroom.ledger.checks import refuse_without_triggers

    with or_a_sentence():
        refuse_without_triggers()
