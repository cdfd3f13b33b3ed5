"""Copies by secure e-mail killed with -9 at every point there is, against a real mail server: no recipient gets it
twice, and what nobody can know stands as uncertain on the worker's list (OGP-9, CLS-6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.databases import Database, one_make
from tests.support.mail_kills import Kind, asked_whole_or_nothing, never_twice
from tests.support.smtp import Mailroom

COPY = Kind(
    targets="distribution.tests.kill_targets:",
    job="item_email",
    table="distribution_item",
    passwords="distribution_emailpassword",
    owner="item_id",
    subject="item",
    ask="send",
    sent="sent",
    to_do="Say whether it arrived",
)
pytestmark = [pytest.mark.policy("OGP-9", "CLS-6"), pytest.mark.timeout(3600)]


@pytest.mark.parametrize("database", one_make(0), indirect=True)
def test_a_worker_killed_anywhere_never_sends_it_twice(database: Database, room: Mailroom, certificate: Path):
    never_twice(COPY, database, room, certificate)


@pytest.mark.soak
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_asking_for_it_killed_anywhere_is_whole_or_nothing(database: Database, room: Mailroom, certificate: Path):
    """The step, the password and the job stand together or not at all."""
    asked_whole_or_nothing(COPY, database, room, certificate)
