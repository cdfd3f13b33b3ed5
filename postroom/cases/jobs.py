"""What cases owe the worker: files from ICS read and taken over, a batch a job."""

from __future__ import annotations

from postroom.cases.ics import taking
from postroom.cases.models import IcsImport
from postroom.outbox.errors import Drop
from postroom.outbox.models import Job
from postroom.outbox.registry import handler


@handler(taking.READ, repeatable=True)
def read_batch(job: Job) -> None:
    """Compare one batch of a file's cases."""
    taking.read_batch(_import_of(job), int(job.payload["place"]))


@handler(taking.TAKE, repeatable=True)
def take_batch(job: Job) -> None:
    """Take one batch of a file's cases over."""
    taking.take_batch(_import_of(job), int(job.payload["place"]))


def _import_of(job: Job) -> IcsImport:
    found = IcsImport.objects.select_related("by").filter(reference=job.payload["import"]).first()
    if found is None:
        raise Drop("no_such_import")
    return found
