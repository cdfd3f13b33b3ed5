"""Killed with -9: dice are confirmed, or refused, once or not at all; sums and their parts are kept together."""

from __future__ import annotations

import pytest

from tests.support.databases import Database, one_make
from tests.support.fixtures import database
from tests.support.kill import Killer

__all__ = ["database"]
HERE = "audit.tests.kill_targets:"
pytestmark = [pytest.mark.policy("OGP-10", "OGP-0"), pytest.mark.timeout(3600)]


def number(database: Database, sql: str) -> int:
    """The one number that this asks for."""
    ((found,),) = database.rows(sql)
    return int(found)


def words_of(database: Database) -> tuple[int, int, int]:
    """Dice confirmed by the row; entries of it; e-mails owed to whoever threw."""
    return (
        number(database, "SELECT count(*) FROM audit_spotcheck WHERE confirmed_at IS NOT NULL OR seed = ''"),
        number(database, "SELECT count(*) FROM ledger_entry WHERE action IN ('confirm_dice', 'refuse_dice')"),
        number(database, "SELECT count(*) FROM outbox_job WHERE key LIKE 'spotcheck_dice%'"),
    )


@pytest.mark.soak
@pytest.mark.parametrize("verb", ["confirm", "refuse"])
@pytest.mark.parametrize("database", one_make(0), indirect=True)
def test_the_word_of_a_witness_stands_once_or_not_at_all(database: Database, verb: str):
    with Killer(database.env) as killer:
        killer.run(HERE + "thrown")
        for run in killer.every_point(HERE + verb):
            assert words_of(database) in ((0, 0, 0), (1, 1, 1)), run
        assert words_of(database) == (1, 1, 1)


@pytest.mark.soak
@pytest.mark.parametrize("database", one_make(0), indirect=True)
def test_sums_and_their_parts_are_kept_together(database: Database):
    posted = "SELECT coalesce(sum(count), 0) FROM audit_figurerow WHERE measure IN ('group', 'posted')"
    parts = "SELECT count(*) FROM audit_figurepart WHERE measure IN ('group', 'posted')"
    with Killer(database.env) as killer:
        killer.run(HERE + "thrown")
        for run in killer.every_point(HERE + "keep_up"):
            assert number(database, posted) == number(database, parts), run
            counted = number(database, "SELECT coalesce(max(position), 0) FROM audit_figuresupto")
            assert (counted > 0) == (number(database, parts) > 0), run
        assert number(database, parts) > 1
