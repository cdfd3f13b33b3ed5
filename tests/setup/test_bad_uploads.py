"""Files that aren't what they say, posted to every address that takes a file: a sentence, what was typed, nothing kept.

The addresses are found in the URL conf (`tests.support.uploading`), so that a new one is missed here until it is named.
`make test` posts a file to each, by a fixed seed; a soak all three hundred.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from breaches.tests.scene import Scene
from distribution.tests.world import TRACKING, Conference
from downtime import actions as downtime_actions
from letters.models import Letter
from letters.states import State
from postroom.files.models import StoredFile
from postroom.ledger.models import Entry
from postroom.people.models import User
from postroom.uploads import gate
from postroom.uploads.examine import examine
from postroom.uploads.tests.bad_files import cases, light_cases
from tests.access.expected_distribution import PAGES as COPY_PAGES
from tests.access.test_audit import Scene as SpotCheck
from tests.access.test_distribution import address_of as copy_address
from tests.access.test_distribution import entries as copy_entries
from tests.setup.test_every_upload import every_form
from tests.support import world
from tests.support.uploading import file_fields, takes_several, taking_files

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-1")]
SOAK = bool(os.environ.get("POSTROOM_SOAK"))
SEED = 36
# What takes a file and is not asked here.
LEFT_OUT = {"style": "the page that shows what forms look like: it keeps and opens nothing"}


# Written by hand; `taking_files` finds them.
ADDRESSES = {
    "letters:new_for_case", "letters:add_file", "letters:record_format", "letters:confirm_signature", "letters:post",
    "distribution:issue", "distribution:version", "distribution:post", "distribution:delivery",
    "distribution:hand_over", "downtime:enter", "breaches:duty", "audit:item", "audit:item_photo", "case_ics_imports",
}  # fmt: skip
# Those that take several files at once.
TAKES_SEVERAL = {"letters:new_for_case"}


@dataclass(frozen=True)
class Upload:
    """A whole and valid POST, but for its file; `kept`: words that were typed, and must stand there again."""

    by: User
    path: str
    name: str
    typed: dict[str, Any] = field(default_factory=dict)
    kept: str = ""


def date_parts(name: str, day: dt.date | None = None) -> dict[str, int]:
    day = day or timezone.localdate()
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def of(letter: Any, **more: Any) -> dict[str, Any]:
    return {"seen_version": letter.version, "seen_hash": letter.content_hash, **more}


def of_letters(desk: world.Desk) -> dict[str, Upload]:
    """Hand-over, typing, the record of a format, signature, posting, a step entered later, the file from ICS."""
    hour, now = dt.timedelta(hours=1), timezone.now()
    draft = world.hand_over(desk)
    braille = world.letter_in(desk, State.TYPED, letter_format="braille")
    signed = world.letter_in(desk, State.SIGNED)
    enveloped = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    downtime_actions.open_downtime(
        office=desk.office, began_at=now - 3 * hour, ended_at=now - hour, reason="x", by=desk.manager
    )
    a_while_ago = timezone.localtime(now - 2 * hour)
    late = {"action": "check", "by": desk.worker.pk, **date_parts("day", a_while_ago.date()), "complete": "on"}
    posting = {**date_parts("posted_on"), "post_class": "sd1pm", "tracking_number": "RB473124829GB"}
    made = {"what": "Braille, kept words", "count": "1", "made_by": "RNIB", **date_parts("made_on")}

    def at(name: str, letter: Letter, *more: str) -> str:
        return reverse(name, args=[letter.reference, *more])

    return {
        "letters:new_for_case": Upload(
            desk.worker,
            reverse("letters:new_for_case", args=[desk.case.reference]),
            "drafts",
            {"address": desk.address.pk, "draft_text": "These are kept words.", "form_key": "once"},
            "These are kept words.",
        ),
        "letters:add_file": Upload(
            desk.admin, at("letters:add_file", draft, "enclosure"), "file", {"title": "Kept words"}, "Kept words"
        ),
        "letters:record_format": Upload(
            desk.admin, at("letters:record_format", braille), "file", of(braille, **made), "Braille, kept words"
        ),
        "letters:confirm_signature": Upload(
            desk.admin, at("letters:confirm_signature", signed), "scan", of(signed, bears_signature="on")
        ),
        "letters:post": Upload(
            desk.admin,
            at("letters:post", enveloped),
            "receipt",
            of(enveloped, **posting, receipt_in_hand="on"),
            "RB473124829GB",
        ),
        "downtime:enter": Upload(
            desk.admin,
            at("downtime:enter", braille),
            "scan",
            of(braille, **late, time=f"{a_while_ago:%H:%M}"),
            f"{a_while_ago:%H:%M}",
        ),
        "case_ics_imports": Upload(desk.admin, reverse("case_ics_imports"), "file", date_parts("as_of")),
    }


def of_copies(desk: world.Desk) -> dict[str, Upload]:
    """Reports and minutes, each page in its state, as the test of who may use it posts it."""
    conference = Conference(desk)
    found = {}
    for name, (field_name, kept) in COPIES.items():
        state, _, who = COPY_PAGES[name]
        item = conference.in_state(state) if state else None
        by = conference.safeguarding if "safeguarding" in who else getattr(desk, min(who))
        made = item.distribution if item else conference.issue("minutes", conference.child)
        typed = {key: value for key, value in copy_entries(name, conference, item).items() if key != field_name}
        path = copy_address(name, conference, made, item)
        found[f"distribution:{name}"] = Upload(by, path, field_name, typed, kept)
    return found


# The field of the file, and what was typed that has to stand there again.
COPIES = {
    "issue": ("file", "checked"),
    "version": ("file", "checked"),
    "post": ("receipt", TRACKING),
    "delivery": ("receipt", "F WAY"),
    "hand_over": ("receipt", "checked"),
}


def of_breaches(scene: Scene) -> dict[str, Upload]:
    """A duty that is done with a file."""
    breach = scene.reported()
    path = reverse("breaches:duty", args=[breach.reference, "director_report"])
    words = "These are kept words."
    return {"breaches:duty": Upload(scene.ig, path, "file", of(breach, note=words), words)}


def of_spot_checks() -> dict[str, Upload]:
    """The photo of an item: kept by its own button, or chosen and given in with the answers."""
    check = SpotCheck("looking")
    return {f"audit:{name}": Upload(check.dam, check.address(name), "photo") for name in ("item", "item_photo")}


def on_disk() -> set[str]:
    return {str(path) for path in Path(settings.FILES_DIR).rglob("*") if path.is_file()}


def fault_of(upload: Upload, name: str, data: bytes) -> str:
    """What is wrong with the answer to this file; "" if nothing is."""
    client = Client(raise_request_exception=False)
    client.force_login(upload.by, backend="allauth.account.auth_backends.AuthenticationBackend")
    before = (on_disk(), StoredFile.objects.count(), Entry.objects.count())
    sent = SimpleUploadedFile(name, data, "application/pdf")
    response = client.post(upload.path, {**upload.typed, upload.name: sent})
    page = response.content.decode()
    if response.status_code not in (200, 422):
        return f"answered {response.status_code}"
    if "There is a problem" not in page:
        return "says nothing of it"
    summary = re.findall(r"govuk-error-summary.*?</ul>", page, re.S)
    if not summary or len(re.sub(r"<[^>]+>|\s+", " ", summary[0]).split()) < 8:
        return "has no sentence about it"
    if upload.kept not in page:
        return "lost what was typed"
    if (on_disk(), StoredFile.objects.count(), Entry.objects.count()) != before:
        return "left something behind"
    return ""


def fault_among_good_ones(upload: Upload, name: str, data: bytes) -> str:
    """The same of a page that takes several: a bad file between two good ones is named, and the good ones stay."""
    client = Client(raise_request_exception=False)
    client.force_login(upload.by, backend="allauth.account.auth_backends.AuthenticationBackend")
    entries, good = Entry.objects.count(), (b"The words of one.", b"The words of another.")
    sent = [SimpleUploadedFile("a.txt", good[0]), SimpleUploadedFile(name, data), SimpleUploadedFile("b.txt", good[1])]
    response = client.post(upload.path, {**upload.typed, upload.name: sent})
    page = response.content.decode()
    if response.status_code != 422 or upload.kept not in page:
        return f"answered {response.status_code}, or lost what was typed"
    if "File 2: " not in page or "File 1: " in page or "File 3: " in page:
        return "doesn't say which of the files it is"
    if len(re.findall(r'name="kept"', page)) != len(good):
        return "doesn't keep the good ones"
    kept = set(StoredFile.objects.values_list("pk", flat=True))
    if not kept >= {hashlib.sha256(one).hexdigest() for one in good} or hashlib.sha256(data).hexdigest() in kept:
        return "kept another file than the good ones"
    return "" if Entry.objects.count() == entries else "took a step"


def test_every_address_that_takes_a_file_is_asked() -> None:
    """Those of the URL conf and no other; and each of our forms with a field for a file is at one of them."""
    found = taking_files()
    assert set(found) == set(ADDRESSES) | set(LEFT_OUT)
    several = {name for name, forms in found.items() if any(takes_several(form) for form in forms)}
    assert several - set(LEFT_OUT) == TAKES_SEVERAL
    used = {form for forms in found.values() for form in forms}
    missed = [form for form in every_form() if file_fields(form) and form not in used]
    assert [form for form in missed if not any(issubclass(one, form) for one in used)] == []


@pytest.fixture
def uploads() -> dict[str, Upload]:
    scene = Scene()
    found = of_letters(scene.desk) | of_copies(scene.desk) | of_breaches(scene) | of_spot_checks()
    assert set(found) == set(ADDRESSES)
    return found


def test_a_bad_file_to_each(uploads, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(gate, "_in_child", examine)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = list(light_cases())
    picked = random.Random(SEED)
    look_at({upload: picked.sample(files, 1) for upload in uploads}, uploads)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_every_bad_file_to_each(uploads, monkeypatch, tmp_path) -> None:
    look_at(dict.fromkeys(uploads, list(light_cases())[:1]), uploads)  # by a process of its own, as it is
    monkeypatch.setattr(gate, "_in_child", examine)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = list(cases())
    look_at(dict.fromkeys(uploads, files), uploads)
    assert list(tmp_path.iterdir()) == []


def look_at(given: dict[str, list[tuple[str, bytes, str]]], uploads: dict[str, Upload]) -> None:
    wrong = [
        f"{address}, {name}: {fault}"
        for address, files in given.items()
        for name, data, _ in files
        if (fault := fault_of(uploads[address], name, data))
    ]
    wrong += [
        f"{address}, {name} among good ones: {fault}"
        for address in sorted(TAKES_SEVERAL)
        for name, data, _ in given[address]
        if (fault := fault_among_good_ones(uploads[address], name, data))
    ]
    assert wrong == []
