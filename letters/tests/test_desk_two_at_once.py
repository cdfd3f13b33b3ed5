"""The desk's acts beside the way at the same moment, and the same button twice: on both databases, committed."""

from __future__ import annotations

import json
import os

import pytest

from letters.tests.test_two_at_once import run
from tests.support.databases import Database, one_make

PILE = 40 if os.environ.get("POSTROOM_SOAK") else 2
MAKES = one_make(1)


@pytest.mark.parametrize("database", MAKES, indirect=True)
@pytest.mark.policy("OGP-0", "OGP-2", "OGP-4a", "OGP-6")
@pytest.mark.timeout(300)
def test_of_four_at_once_one_is_done_and_nothing_doubled(database: Database) -> None:
    result = json.loads(run(database, "-m", "letters.tests.desk_race").splitlines()[-1])
    # Done for one of the four, leaving one row; a run of two letters leaves two.
    assert result == {
        "came out": [1, 1],
        "measure": [1, 1],
        "answer": [1, 1],
        "brief": [1, 1],
        "made in Braille": [1, 1],
        "whom it names, with a check": [1, 1],
        "given its words, or checked": [1, 1],
        "one child's upload": [1, 1],
        "what came out of a run": [1, 2],
        # From one page: one of eight is saved. The same from all: saved once, and nobody is told no, then or later.
        "an office's post": [1, 1],
        "an office's post, the same": [108, 1],
        "a new office's post": [108, 1],
        # Turned off, and again later; and of the letter abroad whatever the row says.
        "allowed no more, but for what was posted": [101],
    }
    assert "intact" in run(database, "manage.py", "verify_ledger")


@pytest.mark.parametrize("database", MAKES, indirect=True)
@pytest.mark.policy("OGP-0", "OGP-4b", "CLS-1", "CLS-6")
@pytest.mark.timeout(600)
def test_two_who_share_a_pile_take_each_letter_once(database: Database) -> None:
    """Envelopes, the night's lock and the post for several at once; ways that exclude each other, and their rivals."""
    letters = PILE
    result = json.loads(run(database, "-m", "letters.tests.tray_race", str(letters)).splitlines()[-1])
    each_once_and_not_again = [1] * letters + [0]
    # Of the rivals one is taken, none from the same page later, and the letter's version is one on.
    one = [1, 0, 1]
    assert result == {
        "envelopes": each_once_and_not_again,
        "locked in": each_once_and_not_again,
        "posted": each_once_and_not_again,
        "ways": one,
        "a way and the envelope": one,
        "the post and the envelope opened": one,
        "two take it out": one,
        "given and not given": one,
    }
    assert "intact" in run(database, "manage.py", "verify_ledger")
    posted = "SELECT id FROM letters_letter WHERE state = 'posted'"
    ((went,),) = database.rows(f"SELECT count(*) FROM ({posted}) AS went")
    assert went in (letters, letters + 1)  # the rival of the opened envelope, if it was the quicker
    of_pile = f"WHERE letter_id IN ({posted}) AND reopened_at IS NULL"
    assert database.rows(f"SELECT count(*) FROM letters_envelope {of_pile}") == [(went,)]
    owed = "SELECT count(*) FROM letters_icsupload WHERE letter_id IN"
    assert database.rows(f"{owed} ({posted})") == [(went,)]
