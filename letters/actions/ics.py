"""What is owed to the case record where the office doesn't upload by hand: one job for each child (OGP-6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from letters.actions.common import step
from letters.completed import children_of, document_for_ics, reference_shown
from letters.content import make_files
from letters.ics import folder, http
from letters.ics.package import GatewayError, Package
from letters.models import IcsUpload, IcsWay, Letter, OfficePost
from letters.states import Action
from postroom.cases.models import CasePerson
from postroom.files.errors import FileError
from postroom.files.store import read
from postroom.outbox.errors import Drop, Fail, Retry
from postroom.outbox.models import Job, JobState
from postroom.outbox.queue import enqueue
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import StepError

KIND = "ics_upload"


def owe_upload(letter: Letter, taken: Taken) -> None:
    """Inside the step in which the letter went: a row for each child, and a job unless the office uploads by hand."""
    way = OfficePost.objects.filter(office_id=letter.office_id).values_list("ics_way", flat=True).first()
    way = way or IcsWay.MANUAL.value
    for child in children_of(letter):
        defaults = {"way": way, "created_at": taken.at}
        row, _ = IcsUpload.objects.get_or_create(letter=letter, child=child, defaults=defaults)
        if way == IcsWay.MANUAL:
            continue
        enqueue(KIND, key=key_of(row), subject=letter.ledger_subject, payload={"upload": row.pk})


def key_of(row: IcsUpload) -> str:
    """The same for every attempt at this child's upload: reference and row, nothing about anybody."""
    return f"{row.letter.reference}-{row.pk}"


def still_tried(rows: list[IcsUpload]) -> set[int]:
    """Ids of those that Postroom will try again; the others it has given up. One query."""
    by_key = {key_of(row): row.pk for row in rows}
    open_jobs = Job.objects.filter(kind=KIND, key__in=by_key, state__in=(JobState.OWED, JobState.LEASED))
    return {by_key[key] for key in open_jobs.values_list("key", flat=True)}


def deliver(job: Job) -> Callable[[], object]:
    """The outbox's handler: hand one child's document to ICS. Any number of times is once: the key says which it is.

    Raises Drop (uploaded by hand meanwhile), Retry, Fail. What it returns runs with "done", in one transaction.
    """
    row = IcsUpload.objects.select_related("letter__office", "letter__case", "child").get(pk=job.payload["upload"])
    if row.done_at is not None or not row.letter.upload_owed:
        raise Drop("uploaded_already")
    try:
        reference, answer = _hand_over(row)
    except GatewayError as error:
        IcsUpload.objects.filter(pk=row.pk).update(error=error.code)
        if error.final:
            raise Fail(error.code) from error
        raise Retry(error.code) from error
    return lambda: _done(row, reference, answer)


def _hand_over(row: IcsUpload) -> tuple[str, str]:
    """ICS's reference and answer. Raises GatewayError."""
    package = package_of(row.letter, row.child, key_of(row))
    if row.way == IcsWay.FOLDER:
        if not settings.ICS_FOLDER:
            raise GatewayError("folder_not_set", final=True)
        name = folder.deliver(package, Path(settings.ICS_FOLDER) / row.letter.office.code)
        return name, ""
    if not settings.ICS_URL:
        raise GatewayError("http_no_address", final=True)
    answer = http.deliver(package, settings.ICS_URL, settings.ICS_TOKEN)
    return answer.reference, answer.text


def package_of(letter: Letter, child: CasePerson, key: str) -> Package:
    """The completed document and its notes for one child. Raises GatewayError if the document can't be had."""
    from letters.actions.posting import notes_text

    try:
        make_files(letter)
        document = document_for_ics(letter)
        if document is None:
            raise GatewayError("document_missing")
        data = read(document.file.pk)
    except (FileError, StepError) as error:
        raise GatewayError("document_missing") from error
    return Package(key, letter.reference, child.ics_number, notes_text(letter), document.file.media_type, data)


def _done(row: IcsUpload, reference: str, answer: str) -> None:
    """Keep the answer; when every child has theirs, the letter is on the case record. In the job's transaction."""
    # The letter's row first: of two children's jobs that end at once, the second sees what the first did.
    letter = Letter.objects.select_for_update(of=("self",)).get(pk=row.letter_id)
    now = timezone.now()
    open_row = IcsUpload.objects.filter(pk=row.pk, done_at__isnull=True)  # by hand meanwhile: that stays
    open_row.update(reference=reference, answer=answer, done_at=now, error="")
    rows = list(IcsUpload.objects.filter(letter=letter).order_by("pk"))
    if not letter.upload_owed or any(one.done_at is None for one in rows):
        return
    shown = reference_shown(rows)

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        from letters.actions.posting import notes_text

        locked.uploaded_at, locked.ics_reference = taken.at, shown
        return {"notes": notes_text(locked), "way": str(row.way), "children": len(rows), "ics_reference": shown}

    step(letter, Action.UPLOAD, by=None, seen=Seen.of(letter), change=change)
