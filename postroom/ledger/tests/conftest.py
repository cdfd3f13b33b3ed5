"""A small ledger: two offices and two cases with states, a reason, some of it sealed."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import connection

from postroom.ledger.recording import SYSTEM, Actor, record_and_save
from postroom.ledger.sealing import seal
from postroom.ledger.triggers import drop_sql, expected
from postroom.ledger.verify import verify

AT = dt.datetime(2026, 7, 20, 9, 30, 0, 123457, tzinfo=dt.UTC)
ANNE = Actor(id=7, name="Anne Example", role="Admin", authority="Riverside")


def make_office(code):
    """An office; the ledger's tests know upper floors by name only."""
    model = apps.get_model("people", "Office")
    return model.objects.create(code=code, name=f"Office {code}", address="1 Test Street\nTESTHAM\nTE1 1ST")


def make_case(office, reference):
    return apps.get_model("cases", "Case").objects.create(office=office, reference=reference)


@dataclass
class Small:
    """The subjects of the small ledger, and how to break it."""

    riv: object
    hil: object
    case: object
    other: object

    def tamper(self, sql, params=()):
        """As somebody with the database's password would: the triggers go first. Rolled back with the test."""
        self.disarm()
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.rowcount

    @staticmethod
    def disarm():
        # PostgreSQL alters no table while a deferred key of it still waits to be looked at.
        connection.check_constraints()
        with connection.cursor() as cursor:
            for trigger in expected(connection):
                cursor.execute(drop_sql(connection, trigger))

    @staticmethod
    def found():
        return [str(finding) for finding in verify().findings]


@pytest.fixture
def small(db):
    riv, hil = make_office("riv"), make_office("hil")
    case, other = make_case(riv, "CASE00001"), make_case(hil, "CASE00002")
    for place, subject in enumerate((riv, hil)):
        for action in ("rename", "move", "paint"):
            record_and_save(subject, action=action, actor=ANNE, at=AT + dt.timedelta(hours=place), details={"n": place})
    record_and_save(case, action="open", actor=ANNE, to_state="open", version=1, at=AT)
    record_and_save(case, action="close", actor=ANNE, from_state="open", to_state="closed", version=2, reason="Over.")
    record_and_save(case, action="reopen", actor=ANNE, from_state="closed", to_state="open", version=3, reason="Not.")
    record_and_save(other, action="open", actor=SYSTEM, to_state="open", version=1, content_hash="ab" * 32)
    seal(AT + dt.timedelta(hours=3))
    # As the engine would have left the rows.
    type(case)._base_manager.filter(pk=case.pk).update(version=3)
    type(case)._base_manager.filter(pk=other.pk).update(version=1, content_hash="ab" * 32)
    record_and_save(case, action="look", actor=ANNE)
    seal(AT + dt.timedelta(hours=4))
    record_and_save(riv, action="late", actor=ANNE)
    return Small(riv, hil, case, other)
