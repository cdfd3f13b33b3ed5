"""What a virus scanner said stays with the bytes, and every page that offers an upload says it (one component)."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from postroom.files.keeping import keep
from postroom.files.models import StoredFile
from postroom.files.store import store
from postroom.uploads import Checked, Kind

pytestmark = pytest.mark.django_db


def words(file: Any, **more: Any) -> str:
    return " ".join(render_to_string("components/virus_scan.html", {"file": file, **more}).split())


def checked(data: bytes, scanned: bool) -> Checked:
    return Checked(Kind.PDF, "application/pdf", data, pages=1, scanned=scanned)


def test_an_upload_says_whether_it_was_scanned() -> None:
    plain = keep(checked(b"%PDF one", False))
    assert (plain.from_outside, plain.scanned_at) == (True, None)
    assert "(not scanned for viruses)" in words(plain)
    seen = keep(checked(b"%PDF two", True))
    assert seen.scanned_at is not None
    assert "(scanned for viruses)" in words(seen)


def test_the_same_bytes_scanned_once_stay_so_and_never_become_postrooms_own() -> None:
    keep(checked(b"%PDF one", True))
    again = keep(checked(b"%PDF one", False))
    assert again.scanned_at is not None
    store(b"%PDF one", "application/pdf")
    assert StoredFile.objects.get().from_outside


def test_what_postroom_made_itself_says_nothing() -> None:
    assert words(store(b"%PDF own", "application/pdf")) == ""
    assert words(None) == ""
    assert "It holds 2 uploaded files, not scanned" in words(None, unscanned=2)
