"""Several letters to the printer in one PDF: each its own step, made by the worker (OGP-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from django.db import transaction
from django.utils import timezone

from letters.actions.printing import confirm_print, print_letter, void_print
from letters.actions.tray import Chosen
from letters.models import Letter, Print, Printer, PrintRun, PrintRunLetter
from letters.rendering.print_run import one_to_print
from postroom.files.errors import FileError
from postroom.files.store import read, store
from postroom.outbox.models import Job
from postroom.outbox.queue import enqueue
from postroom.people.models import Office, User
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotPossible, Stale, StepError

KIND = "print_run"
MOST = 200
ATTEMPTS = 5
NOT_THERE = "Its PDF could not be read. Open the letter and print it by itself."


def start_run(*, office: Office, by: User, chosen: Iterable[Chosen], printer: Printer | None = None) -> PrintRun:
    """Note which letters to print, as they were seen, and owe the PDF. Whether each may be printed its step decides.

    `printer`: where all of them go; None lets each step take the only one that is measured for its envelope.
    """
    rows = list(chosen)
    if not 1 <= len(rows) <= MOST:
        raise InvalidStep(f"Tick 1 to {MOST} letters.", "letter")
    with transaction.atomic():
        run = PrintRun.objects.create(office=office, by=by, total=len(rows), printer=printer)
        PrintRunLetter.objects.bulk_create(
            PrintRunLetter(
                run=run,
                letter=one.letter,
                place=place,
                seen_version=one.seen.version,
                seen_hash=one.seen.content_hash[:64],
            )
            for place, one in enumerate(rows, 1)
        )
        enqueue(KIND, key=str(run.pk), payload={"run": run.pk})
    return run


def make_run(job: Job) -> Callable[[], object] | None:
    """The outbox's handler: print each letter as a step of whoever asked, then one PDF of those that could be.

    Any number of times is once: a letter whose print stands in this run is not printed again.
    """
    run = PrintRun.objects.select_related("by", "printer").get(pk=job.payload["run"])
    if run.made_at is not None:
        return None
    for done, row in enumerate(run.letters.select_related("letter"), 1):
        if row.printed_id is None and not row.words:
            _print_one(run, row)
        PrintRun.objects.filter(pk=run.pk).update(done=done)  # the progress bar
    documents = list(_documents(run))
    digest = store(one_to_print(documents), "application/pdf").pk if documents else ""
    return lambda: PrintRun.objects.filter(pk=run.pk).update(pdf=digest, made_at=timezone.now())


def _print_one(run: PrintRun, row: PrintRunLetter) -> None:
    """The step of one letter; why not, if it can't be."""
    before = Print.objects.filter(letter=row.letter).values_list("pk", flat=True).order_by("-pk").first() or 0
    try:
        print_letter(letter=row.letter, by=run.by, seen=Seen(row.seen_version, row.seen_hash), printer=run.printer)
    except StepError as error:
        ours = _ours(run, row) if isinstance(error, Stale | NotPossible) else None
        if ours is None:
            PrintRunLetter.objects.filter(pk=row.pk).update(words=str(error)[:300])
            return
    else:
        ours = Print.objects.filter(letter=row.letter, by=run.by, pk__gt=before).order_by("pk").first()
    PrintRunLetter.objects.filter(pk=row.pk).update(printed=ours)


def _ours(run: PrintRun, row: PrintRunLetter) -> Print | None:
    """The print that this run made before it was cut off: by the same person since it began, the very next step."""
    letter = Letter.objects.get(pk=row.letter_id)
    if letter.version != row.seen_version + 1 or letter.content_hash != row.seen_hash:
        return None
    made = Print.objects.filter(letter=letter, by=run.by, at__gte=run.at, run_letter__isnull=True)
    return made.order_by("pk").first()


def _documents(run: PrintRun) -> Iterator[bytes]:
    """The bytes of each letter that was printed, in order."""
    for row in run.letters.filter(printed__isnull=False).select_related("printed"):
        assert row.printed is not None  # noqa: S101 - asked for above
        with suppress(FileError):
            yield read(str(row.printed.pdf_id))
            continue
        PrintRunLetter.objects.filter(pk=row.pk).update(words=NOT_THERE)


def say_what_came_out(*, run: PrintRun, by: User, came_out: set[int]) -> PrintRun:
    """Admin has looked at the paper: these (ids of the run's letters) came out; the sheets of the others are void.

    Each letter is its own step, as for one that was printed by itself; one that has gone on meanwhile, or of which it
    was said before, stays as it is. Said once for the run: raises NotPossible before the PDF is made, and when it was
    said already; NotAllowed where `by` may not say it of any.
    """
    now = PrintRun.objects.get(pk=run.pk)
    if now.made_at is None:
        raise NotPossible("The PDF isn't made yet.")
    if now.looked_at is not None:
        raise NotPossible("Somebody has said already what came out.")
    for row in now.letters.filter(printed__isnull=False).select_related("letter", "printed"):
        with suppress(NotPossible, GuardFailed):
            _say_of(row, by, row.pk in came_out)
    if not PrintRun.objects.filter(pk=run.pk, looked_at__isnull=True).update(looked_at=timezone.now()):
        raise NotPossible("Somebody has said already what came out.")
    now.refresh_from_db()
    return now


def _say_of(row: PrintRunLetter, by: User, came_out: bool) -> None:
    assert row.printed is not None  # noqa: S101 - asked for above
    for attempt in range(ATTEMPTS):
        # It is said of the paper, not of where the letter stands: so somebody's step at the same moment does no harm.
        letter = Letter.objects.get(pk=row.letter_id)
        try:
            if came_out:
                confirm_print(letter=letter, by=by, printed=row.printed)
            else:
                void_print(letter=letter, by=by, seen=Seen.of(letter), printed=row.printed)
        except Stale:
            if attempt + 1 == ATTEMPTS:
                raise
        else:
            return
