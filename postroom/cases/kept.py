"""What files from ICS keep for a time (CLS-1): the file, and what each of its rows said. ICS has it; this is a copy."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from postroom.cases.models import IcsImport, IcsLine
from postroom.files.store import store
from postroom.ledger.kept import GONE, Destroyed, Kept, let_go, not_let_go
from postroom.ledger.recording import Actor

State = IcsImport.State


def _ended(before: dt.datetime) -> QuerySet[IcsImport]:
    """Uploaded before that moment, and nobody works through it: taken over, refused, or left after its preview."""
    return IcsImport.objects.filter(at__lt=before).exclude(_under_way()).filter(not_let_go(IcsImport))


def _under_way() -> Q:
    return Q(state__in=[State.READING, State.TAKING])


def _destroy(found: IcsImport, under: str, by: Actor) -> Destroyed:
    gone = Destroyed()
    reasons = let_go(found, under=under, by=by)
    blank = str(store(f"{GONE}\n".encode(), "text/csv").pk)
    gone.files.update({str(found.file_id)} - {blank})
    # One left after its preview can't be taken over any more: `start` says so.
    IcsImport.objects.filter(pk=found.pk).update(file=blank)
    gone.add("rows of files from ICS", IcsLine.objects.filter(of=found).update(words=GONE))
    gone.add("reasons", reasons)
    return gone


KINDS = (
    Kept(
        key="ics_files",
        words="Files taken over from ICS, and what their rows said",
        one="file from ICS",
        many="files from ICS",
        after="after it was uploaded",
        setting="RETENTION_ICS_FILE_DAYS",
        model=IcsImport,
        ended=_ended,
        destroy=_destroy,
        busy=_under_way,
    ),
)
