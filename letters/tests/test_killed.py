"""Letters by secure e-mail killed with -9 at every point there is, against a real mail server: nobody gets one twice,
and what nobody can know stands as uncertain on the worker's list (CLS-6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.databases import Database, one_make
from tests.support.mail_kills import Kind, never_twice
from tests.support.smtp import Mailroom

LETTER = Kind(
    targets="letters.tests.mail_targets:",
    job="letter_email",
    table="letters_letter",
    passwords="letters_letterpassword",
    owner="letter_id",
    subject="letter",
    ask="send_email",
    sent="emailed",
    to_do="Uncertain whether the e-mail left",
)


@pytest.mark.policy("CLS-6")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database", one_make(1), indirect=True)
def test_a_worker_killed_anywhere_never_sends_a_letter_twice(database: Database, room: Mailroom, certificate: Path):
    never_twice(LETTER, database, room, certificate)
