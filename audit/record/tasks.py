"""The record's scheduled work. Each does no harm when run twice."""

from __future__ import annotations

import structlog
from celery import shared_task

from audit.record import checking, checkpoints

log = structlog.get_logger(__name__)


@shared_task(name="audit.record.send_checkpoints")
def send_checkpoints() -> int:
    """Owe the newest checkpoint to every place outside; returns how many jobs."""
    return checkpoints.send_checkpoints()


@shared_task(name="audit.record.verify_nightly")
def verify_nightly() -> bool:
    """Read the whole record, replay every subject's state, compare with what is kept outside; is it intact?"""
    report = checking.verify_and_note()
    if not report.intact:
        log.error("record_not_intact", found=report.found)
    return report.intact
