"""Postroom: the outgoing post of a council's children's services, as its policies say."""

from postroom.celery import app as celery_app

__all__ = ["celery_app"]
