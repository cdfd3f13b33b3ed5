"""What is swept, and what never is."""

import datetime as dt

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from letters.models import LetterVersion, Print, Signature, Source
from letters.states import State
from letters.stored import files_in_use
from postroom.files.models import StoredFile
from postroom.files.store import read, store, sweep_orphans
from tests.support import world


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("medium", ["paper", "screen"])
def test_the_sweep_takes_what_no_letter_needs(medium: str):
    desk = world.Desk(world.make_office("riv", "Riverside", medium))
    letter = world.letter_in(desk, State.ENVELOPED)
    needed = set(LetterVersion.objects.values_list("pdf_id", flat=True)) | set(
        Signature.objects.exclude(pdf=None).values_list("pdf_id", flat=True)
    )
    needed |= set(Print.objects.values_list("pdf_id", flat=True))  # as it went to the printer, with its marks
    needed |= set(Source.objects.values_list("file_id", flat=True))  # the draft as it was handed over
    left_behind = store(b"%PDF-1.7 of a step that was refused", "application/pdf")
    assert files_in_use([*needed, left_behind.pk]) == needed
    sweep_orphans(timezone.now() + dt.timedelta(days=2))
    assert set(StoredFile.objects.values_list("pk", flat=True)) == needed
    assert read(str(letter.typed_version.pdf_id)).startswith(b"%PDF")


def test_every_scheduled_task_exists():
    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in current_app.tasks
