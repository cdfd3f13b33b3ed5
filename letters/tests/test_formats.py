"""A letter in a format that its addressee can read leaves only when that format is on record (decision 0167)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from letters import actions, policy
from letters.actions.disposing import destroy_content
from letters.actions.enveloping import sheets_to_count, things_to_count
from letters.content import pdf_of
from letters.formats import PROOF, Proof
from letters.models import Letter, LetterFile, LetterFormat, MadeInFormat
from letters.rendering.type_size import is_large, too_small
from letters.replay import check_made_in_format
from letters.states import Action, Guard, State
from letters.tests.work_help import desk, last_entry, seen, signed_in, url, words_of
from postroom.ledger.recording import SYSTEM
from postroom.steps.engine import Seen, remark
from postroom.steps.errors import GuardFailed, InvalidStep, Stale
from postroom.uploads import Checked, Kind
from postroom.uploads.tests.samples import pdf
from tests.support import world

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-1", "OGP-4b")]


def made(**over: Any) -> dict[str, Any]:
    """Entries that are right."""
    return {"what": "Braille, two volumes", "count": 2, "made_by": "RNIB", "made_on": timezone.localdate(), **over}


def record(letter: Letter, by: Any, **over: Any) -> Letter:
    return actions.record_format(letter=letter, by=by, seen=Seen.of(letter), **made(**over))


def in_hand(desk: world.Desk, letter_format: str, way: str = "post") -> Letter:
    """Signed, the signed sheets in admin's hands."""
    return world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED, way=way, letter_format=letter_format))


def enveloped(desk: world.Desk, letter: Letter, things: tuple[int, ...]) -> Letter:
    ticks = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), True)
    sheets = sheets_to_count(letter)
    return actions.envelope(letter=letter, by=desk.admin, seen=Seen.of(letter), sheets=sheets, things=things, **ticks)


def test_every_format_has_its_rule() -> None:
    assert set(PROOF) == set(LetterFormat.values)
    assert {name for name, proof in PROOF.items() if proof is Proof.MADE} == {"easy_read", "braille", "audio"}


@pytest.mark.parametrize("letter_format", ["easy_read", "braille", "audio"])
def test_not_into_its_envelope_before_it_is_made_and_then_counted_in(desk, letter_format: str) -> None:
    letter = in_hand(desk, letter_format)
    with pytest.raises(GuardFailed, match="made in their format"):
        enveloped(desk, letter, ())
    letter = record(letter, desk.worker)
    entry = last_entry(letter)
    assert (entry.action, entry.actor_id) == (Action.RECORD_FORMAT, desk.worker.pk)
    told = json.loads(entry.payload)
    assert (told["format"], told["count"], told["version"]) == (letter_format, 2, 1)
    assert "RNIB" not in entry.payload
    assert [(item["title"], item["count"]) for item in things_to_count(letter)] == [("Braille, two volumes", 2)]
    with pytest.raises(InvalidStep, match="you counted 1"):
        enveloped(desk, letter, (1,))
    assert enveloped(desk, letter, (2,)).state == State.ENVELOPED
    assert not list(check_made_in_format("default"))


def test_easy_read_can_be_the_letter_itself_and_braille_can_not(desk) -> None:
    letter = in_hand(desk, "easy_read")
    letter = record(letter, desk.admin, is_letter=True, what="", count=0)
    assert things_to_count(letter) == []
    assert enveloped(desk, letter, ()).state == State.ENVELOPED
    with pytest.raises(InvalidStep, match="can't be in this format"):
        record(world.letter_in(desk, State.TYPED, letter_format="braille"), desk.admin, is_letter=True)


def test_typed_again_it_is_made_again(desk) -> None:
    letter = record(world.letter_in(desk, State.TYPED, letter_format="audio"), desk.admin)
    assert not policy.format_owed(letter)
    letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed("Otherwise."))
    assert policy.format_owed(letter)
    with pytest.raises(Stale):
        actions.record_format(letter=letter, by=desk.admin, seen=Seen(letter.version - 1, "x"), **made())


WRONG: tuple[tuple[str, Any], ...] = (
    ("what", " "),
    ("what", "x" * 81),
    ("what", "A USB stick"),
    ("what", "Memory-stick"),
    ("count", 0),
    ("count", 100),
    ("made_by", " "),
    ("made_on", dt.date(2999, 1, 1)),
    ("made_on", dt.date(2020, 1, 1)),
)


def test_what_cannot_be_is_named(desk) -> None:
    letter = world.letter_in(desk, State.TYPED, letter_format="braille")
    for field, value in WRONG:
        with pytest.raises(InvalidStep) as refused:
            record(letter, desk.admin, **{field: value})
        assert refused.value.field == field, value


@pytest.mark.parametrize("way", ["post", "by_hand", "collected"])
def test_the_database_lets_none_go_without_it(desk, way: str, monkeypatch) -> None:
    letter = in_hand(desk, "braille", way)
    with monkeypatch.context() as patched:
        patched.setitem(policy._GUARDS, Guard.FORMAT_MADE, lambda letter: True)
        with pytest.raises(IntegrityError, match="still to be made"), transaction.atomic():
            enveloped(desk, letter, ())
    with pytest.raises(IntegrityError, match="by its step"), transaction.atomic():
        MadeInFormat.objects.create(version=letter.typed_version, letter_format="braille", by=desk.admin, **made())
    letter = record(letter, desk.admin)
    row = MadeInFormat.objects.filter(version=letter.typed_version)
    for change in (lambda: row.update(made_by="Another"), lambda: row.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    letter = enveloped(desk, letter, (2,))
    monkeypatch.setattr(policy, "format_owed", lambda letter: True)
    outward = {"post": world._post, "by_hand": world._give, "collected": world._give}[way]
    with pytest.raises(GuardFailed, match="made in their format"):
        outward(desk, letter)


def test_the_pages_say_what_comes_next_and_take_it(desk) -> None:
    letter = in_hand(desk, "braille")
    browser = signed_in(desk.admin)
    page = words_of(browser.get(url("letter", letter)))
    assert "have it made in the format that its addressee can read" in page
    form = url("record_format", letter)
    today = timezone.localdate()
    given = {"what": "Braille, one volume", "count": "", "made_by": "RNIB", "made_on_day": today.day}
    given |= {"made_on_month": today.month, "made_on_year": today.year, **seen(letter)}
    refused = browser.post(form, {**given, "file": SimpleUploadedFile("x.pdf", b"MZ not a PDF")})
    assert refused.status_code == 422
    assert "Count what was made" in words_of(refused)
    assert "a program" in words_of(refused)
    assert "Braille, one volume" in refused.content.decode()
    done = browser.post(form, {**given, "count": "1", "file": SimpleUploadedFile("x.pdf", world.A_PDF)})
    assert done.status_code == 302
    page = words_of(browser.get(url("letter", letter)))
    assert "Braille, one volume, 1 of it: made by RNIB" in page
    assert "with its file" in page
    envelope = words_of(browser.get(url("envelope", letter)))
    assert "How many of “Braille, one volume” did you count in?" in envelope
    easy = world.letter_in(desk, State.TYPED, letter_format="easy_read")
    given |= {"what": "", **seen(easy)}
    for choice, status in (("", 422), ("apart", 422), ("letter", 302)):
        assert browser.post(url("record_format", easy), {**given, "is_letter": choice}).status_code == status
    several = browser.get(reverse("letters:enveloping", args=[desk.office.code])).content.decode()
    assert "count it by itself" in several
    assert f"tick-{letter.reference}" not in several
    assert signed_in(desk.worker).get(url("record_format", world.letter_in(desk, State.TYPED))).status_code == 409
    assert browser.get(url("letter", letter) + "type/add-format/").status_code == 404


def test_the_same_said_twice_is_one_record_and_other_words_are_another(desk) -> None:
    letter = world.letter_in(desk, State.TYPED, letter_format="braille")
    record(letter, desk.admin)
    with pytest.raises(InvalidStep, match="already"), transaction.atomic():
        record(letter, desk.other_admin)
    record(letter, desk.admin, count=3)
    assert [row.count for row in MadeInFormat.objects.filter(version__letter=letter)] == [3, 2]


def test_typed_anew_while_it_is_put_on_record_it_was_made_of_another_version(desk, monkeypatch) -> None:
    """Between the look at the page and the lock of the row somebody types it again."""
    letter = world.letter_in(desk, State.TYPED, letter_format="braille")

    def typed_anew(*args: Any, **kwargs: Any) -> Letter:
        now = world.fresh(letter)
        actions.type_letter(letter=now, by=desk.admin, seen=Seen.of(now), typed=world.typed("Something else."))
        return remark(*args, **kwargs)

    monkeypatch.setattr("letters.actions.formats.remark", typed_anew)
    with pytest.raises(Stale):
        record(letter, desk.admin)
    assert not MadeInFormat.objects.exists()


def test_its_words_and_file_go_with_the_content(desk) -> None:
    letter = record(
        world.letter_in(desk, State.TYPED, letter_format="audio"),
        desk.admin,
        file=Checked(Kind.PDF, "application/pdf", world.A_PDF, pages=1),
    )
    letter = actions.withdraw(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="No.")
    assert LetterFile.objects.filter(letter=letter, purpose="format").count() == 1
    destroy_content(letter, under="case/x", by=SYSTEM)
    row = MadeInFormat.objects.get(version__letter=letter)
    assert (row.file, "RNIB" in row.made_by, "Braille" in row.what) == (None, False, False)


def test_large_print_is_measured(desk) -> None:
    letter = world.hand_over(desk, letter_format="large_print")
    body = "# A heading\n\nThank you for coming.\n\n- one\n- two\n\n| Day | Time |\n|---|---|\n| Monday | ten |"
    letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed(body))
    data = pdf_of(letter.typed_version)
    assert too_small(data, [body], 16, pages=9) == ""
    assert too_small(data, [body], 30, pages=9) == "a"
    for points, is_enough in ((10, False), (18, True)):
        checked = Checked(Kind.PDF, "application/pdf", pdf(1, "Large words", points=points), pages=1)
        assert is_large(checked.data, 16, pages=1) is is_enough
        row = actions.add_file(letter=letter, by=desk.admin, purpose="document", checked=checked)
        entry = {"letter": letter, "by": desk.admin, "seen": Seen.of(world.fresh(letter))}
        if is_enough:
            letter = actions.type_letter(**entry, typed=world.typed(document=row))
        else:
            with pytest.raises(InvalidStep, match="large print") as refused:
                actions.type_letter(**entry, typed=world.typed(document=row))
            assert refused.value.field == "document"
