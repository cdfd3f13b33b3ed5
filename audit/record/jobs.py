"""What the worker does for checkpoints that leave. Each writes its Departure in the transaction that marks it done."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from audit.record.access import find, write_answer
from audit.record.actions.access import ANSWER
from audit.record.actions.bundles import BUNDLE, wanted_by
from audit.record.bundle import write_bundle
from audit.record.checkpoints import KINDS, Place, line_of, places
from audit.record.models import AccessRequest, Bundle, Departure, Way
from audit.record.stamping import StampRefused, ask_for_stamp
from postroom.files.store import store
from postroom.ledger.models import Checkpoint
from postroom.ledger.readings import record_read, seal_readings
from postroom.ledger.sealing import seal
from postroom.outbox.errors import Drop, Fail, Retry
from postroom.outbox.mail import message_id, send_message
from postroom.outbox.models import Job
from postroom.outbox.registry import Effect, handler

# A bundle of everything is the largest: a million entries are about 200 MB.
MOST = 1024 * 1024 * 1024
MAIL_TEXT = """Keep this message. It shows later whether Postroom's record was changed after it was sent.

{line}

To compare: open "The record" in Postroom and paste this message, or run
manage.py verify_ledger --checkpoint {number}:{hash}

With an audit bundle: python verify_bundle.py BUNDLE --mail THIS_MESSAGE
"""


def _asked(job: Job, way: Way) -> tuple[Checkpoint, Place]:
    checkpoint = Checkpoint.objects.filter(pk=job.payload["checkpoint"]).first()
    place = next((p for p in places() if p.way == way and p.name == job.payload["place"]), None)
    if checkpoint is None:
        raise Fail("checkpoint_gone")
    if place is None:
        raise Drop("place_not_wanted")
    return checkpoint, place


def _left(checkpoint: Checkpoint, place: Place, receipt: str = "") -> Effect:
    return partial(
        Departure.objects.create,
        number=checkpoint.number,
        hash=checkpoint.hash,
        way=place.way,
        place=place.name,
        at=timezone.now(),
        receipt=receipt,
    )


@handler(KINDS[Way.MAIL], repeatable=False, lease=dt.timedelta(minutes=3))
def mail_checkpoint(job: Job) -> Effect:
    """Send the line to one of the named people."""
    checkpoint, place = _asked(job, Way.MAIL)
    message = EmailMessage(
        subject=f"Postroom checkpoint {checkpoint.number}",
        body=MAIL_TEXT.format(line=line_of(checkpoint), number=checkpoint.number, hash=checkpoint.hash),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[place.target],
        headers={"Message-ID": message_id(job), "Auto-Submitted": "auto-generated"},
    )
    send_message(job, message)
    return _left(checkpoint, place)


@handler(KINDS[Way.FOLDER], repeatable=True)
def keep_checkpoint(job: Job) -> Effect:
    """Write the checkpoint to the folder, as a file that is never opened for writing again."""
    checkpoint, place = _asked(job, Way.FOLDER)
    try:
        write_once(Path(place.target), checkpoint)
    except OSError as error:
        raise Retry(f"folder:{type(error).__name__}") from None
    return _left(checkpoint, place)


def write_once(folder: Path, checkpoint: Checkpoint) -> Path:
    """The file of this checkpoint, on disk. One that is there already with other words is left: the check names it."""
    path = folder / f"checkpoint-{checkpoint.number:012d}.json"
    text = json.dumps({"number": checkpoint.number, "hash": checkpoint.hash, "line": line_of(checkpoint)}) + "\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except FileExistsError:
        if path.read_text() != text:
            # Cut off while writing: completed, never changed. Anything else stays for the check to name.
            if not text.startswith(path.read_text()):
                raise Fail("folder:other_words") from None
            path.unlink()
            return write_once(folder, checkpoint)
        return path
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path


@handler(KINDS[Way.STAMP], repeatable=True)
def stamp_checkpoint(job: Job) -> Effect:
    """Have the checkpoint's hash stamped. Asked twice, there is one stamp more in the world and no harm."""
    checkpoint, place = _asked(job, Way.STAMP)
    try:
        receipt = ask_for_stamp(place.target, checkpoint.hash)
    except StampRefused as error:
        raise Fail(f"stamp:{error}") from None
    except OSError as error:
        raise Retry(f"stamp:{type(error).__name__}") from None
    return _left(checkpoint, place, receipt)


@handler(ANSWER, repeatable=True, lease=dt.timedelta(minutes=30))
def gather_answer(job: Job) -> Effect:
    """Gather all that is held on the person of an access request."""
    asked = AccessRequest.objects.select_related("person__case", "answered_by").get(pk=job.payload["request"])
    held = find(asked.people, by=asked.answered_by)
    with tempfile.TemporaryFile() as file:
        write_answer(file, held, asked.reference)
        file.seek(0)
        kept = store(file.read(), "application/zip", max_size=MOST)
    return partial(
        AccessRequest.objects.filter(pk=asked.pk).update, file=kept, made_at=timezone.now(), found=held.counts()
    )


@handler(BUNDLE, repeatable=True, lease=dt.timedelta(minutes=30))
def make_bundle(job: Job) -> Effect:
    """Write the bundle that was asked for; whoever asked finds it on its page."""
    bundle = Bundle.objects.select_related("letter", "office", "asked_by").get(pk=job.payload["bundle"])
    seal_readings()
    seal(everything=True)
    with tempfile.TemporaryFile() as file:
        written = write_bundle(file, wanted_by(bundle))
        file.seek(0)
        kept = store(file.read(), "application/zip", max_size=MOST)

    def note() -> None:
        for reference in written.letters:
            record_read(f"letter/{reference}", by=bundle.asked_by, what="export")
        Bundle.objects.filter(pk=bundle.pk).update(file=kept, entries=written.entries, made_at=timezone.now())

    return note
