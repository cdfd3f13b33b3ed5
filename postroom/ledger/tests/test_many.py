"""A large clean ledger is found clean; one change in the midst of it is found and named. 100,000 entries in a soak."""

import datetime as dt
import os

import pytest
from django.apps import apps
from django.db import connection

from postroom.ledger.models import Checkpoint, Entry, Reason, Seal
from postroom.ledger.recording import Step, build_entries
from postroom.ledger.sealing import seal
from postroom.ledger.tests.conftest import ANNE, AT
from postroom.ledger.triggers import drop_sql, expected
from postroom.ledger.verify import verify

MANY = 100_000 if os.environ.get("POSTROOM_SOAK") == "1" else 5_000


def fill(count):
    """So many entries, 20 to a subject, written in bulk through the ledger's own encoder, and sealed."""
    model = apps.get_model("people", "Office")
    offices = [model(code=f"m{n}", name=f"Office {n}", address="x") for n in range(count // 20)]
    steps = []
    for place in range(20):
        for office in offices:
            at = AT + dt.timedelta(minutes=place)
            reason = "Because." if place == 7 else ""
            steps.append((office, Step(action="rename", actor=ANNE, at=at, reason=reason, details={"n": place})))
    entries, reasons = build_entries(steps)
    Entry.objects.bulk_create(entries, batch_size=2_000)
    Reason.objects.bulk_create(reasons, batch_size=2_000)
    model.objects.bulk_create(offices, batch_size=2_000)
    seal(AT + dt.timedelta(days=1))


@pytest.mark.django_db
@pytest.mark.policy("OGP-0")
def test_many_entries_are_clean_and_one_change_among_them_is_named():
    fill(MANY)
    report = verify()
    assert report.findings == []
    assert (report.entries, report.sealed) == (MANY, MANY)
    assert Checkpoint.objects.count() == -(-MANY // 10_000)
    bad = Seal.objects.get(position=MANY // 2 + 3).entry_id
    with connection.cursor() as cursor:
        connection.check_constraints()
        for trigger in expected(connection):
            cursor.execute(drop_sql(connection, trigger))
        cursor.execute("UPDATE ledger_entry SET actor_id = 8 WHERE id = %s", [bad])
    found = verify().findings
    assert [(finding.entry_id, finding.seq) for finding in found] == [(bad, Entry.objects.get(pk=bad).seq)]
    assert "what it says is not what was written" in str(found[0])
