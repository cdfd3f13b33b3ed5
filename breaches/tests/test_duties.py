"""Every kind of event × duty against an expectation written by hand from the clauses. Pure: no database.

`tools/flip_rules` flips each row of the table and looks for a failure here, under its clause.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import chain, combinations
from zoneinfo import ZoneInfo

import pytest

from breaches import duties
from breaches.duties import (
    DEFAULT_ESCALATIONS,
    DEFAULT_TIMES,
    Duty,
    DutyError,
    Evidence,
    Kind,
    Party,
    check_times,
    due_at,
    duties_for,
    duties_missing,
    may_be_done,
)

# duty, clause, near miss / disclosure / loss / theft, whom, evidence, and when it is overdue if somebody became aware
# on Friday 18 December 2026 at 15:00 (winter: local time is UTC). "*": two working days after the meeting.
EXPECTED = """
form                         OGP-11 x x x x information_governance       reference 2026-12-18T15:00
police                       CLS-7  - - x x police                       reference 2026-12-18T15:00
line_manager                 CLS-7  - - x x line_manager                 note      2026-12-18T15:00
governance                   CLS-10 x x x x governance_team              note      2026-12-19T15:00
director_report              CLS-8  - x x x director                     file      2026-12-19T15:00
caldicott_guardian           CLS-9  - x x x caldicott_guardian           note      2026-12-19T15:00
business_improvement_manager CLS-9  - x x x business_improvement_manager note      2026-12-19T15:00
records_manager              CLS-9  - x x x records_manager              note      2026-12-19T15:00
commissioner                 CLS-15 - x x x commissioner                 reference 2026-12-21T15:00
service_user_meeting         CLS-14 - x x x service_user                 meeting   2026-12-21T15:00
service_user_letter          CLS-14 - x x x service_user                 letter    *
insurers                     CLS-12 - x x x insurance_section            reference 2026-12-23T00:00
media                        CLS-13 - x x x media_office                 decision  2026-12-19T15:00
records_manager_report       CLS-11 - x x x records_manager              file      2027-01-07T00:00
"""
LINES = [line.split() for line in EXPECTED.strip().splitlines()]
KINDS = ("near_miss", "disclosure", "loss", "theft")
EVENTS = list(chain.from_iterable(combinations(KINDS, n) for n in range(1, len(KINDS) + 1)))
LONDON = ZoneInfo("Europe/London")
AWARE = datetime(2026, 12, 18, 15, tzinfo=UTC)
each_duty = pytest.mark.parametrize("line", [pytest.param(line, marks=pytest.mark.policy(line[1])) for line in LINES])


def the_row(duty: str) -> duties.Row:
    """As the table stands now: flip_rules changes it under us."""
    (row,) = [row for row in duties.DUTIES if row.duty == duty]
    return row


def test_the_expectation_speaks_of_every_duty_and_kind_once():
    assert [line[0] for line in LINES] == list(Duty) == [row.duty for row in duties.DUTIES]
    assert list(Kind) == list(KINDS)
    assert {row.whom for row in duties.DUTIES} == set(Party)
    assert {row.evidence for row in duties.DUTIES} == set(Evidence)


@each_duty
@pytest.mark.parametrize("event", EVENTS)
def test_an_event_brings_the_duty_exactly_if_the_policy_says_so(line, event):
    demanded = any(line[2 + KINDS.index(kind)] == "x" for kind in event)
    found = [row for row in duties_for(event) if row.duty == line[0]]
    assert len(found) == demanded


@each_duty
def test_whom_by_when_and_what_proves_it(line):
    row = the_row(line[0])
    assert (row.clauses, row.whom, row.evidence) == ((line[1],), line[6], line[7])
    due = due_at(row, aware=AWARE, zone=LONDON)
    if line[8] == "*":
        assert due is None
        assert not may_be_done(row, set(Duty) - {Duty.SERVICE_USER_MEETING})
        assert may_be_done(row, {Duty.SERVICE_USER_MEETING})
        met = {Duty.SERVICE_USER_MEETING: datetime(2026, 12, 24, 11, tzinfo=UTC)}
        assert due_at(row, aware=AWARE, zone=LONDON, settled=met) == datetime(2026, 12, 31, tzinfo=UTC)
    else:
        assert due == datetime.fromisoformat(line[8]).replace(tzinfo=UTC)
        assert may_be_done(row, ())


@each_duty
def test_a_council_can_set_each_time(line):
    """Its own figure and no other moves it."""
    row = the_row(line[0])
    settled = {Duty.SERVICE_USER_MEETING: AWARE}
    standard = due_at(row, aware=AWARE, zone=LONDON, settled=settled)
    for name, figure in DEFAULT_TIMES.items():
        moved = due_at(row, aware=AWARE, zone=LONDON, settled=settled, times={**DEFAULT_TIMES, name: figure + 3})
        own = line[0].replace("director_report", "director").upper()
        assert (moved != standard) is (name in (f"BREACH_{own}_HOURS", f"BREACH_{own}_WORKING_DAYS"))


@pytest.mark.policy("CLS-11", "CLS-12")
def test_the_councils_own_closing_days_count_as_no_working_days():
    row = the_row(Duty.INSURERS)
    assert due_at(row, aware=AWARE, zone=LONDON, closed={date(2026, 12, 22)}) == datetime(2026, 12, 24, tzinfo=UTC)


@pytest.mark.policy("CLS-7")
def test_more_found_later_adds_what_is_missing_and_touches_nothing_else():
    standing = [row.duty for row in duties_for([Kind.DISCLOSURE])]
    assert [row.duty for row in duties_missing([Kind.DISCLOSURE, Kind.THEFT], standing)] == ["police", "line_manager"]
    assert duties_missing([Kind.DISCLOSURE, Kind.THEFT], list(Duty)) == ()


@pytest.mark.policy("CLS-10")
def test_a_near_miss_that_turns_out_a_breach_keeps_its_duties():
    before = {row.duty for row in duties_for([Kind.NEAR_MISS])}
    for kind in Kind:
        assert before <= {row.duty for row in duties_for([kind])}
        assert before <= {row.duty for row in duties_for([Kind.NEAR_MISS, kind])}


def test_every_duty_is_worded_as_a_sentence_and_every_party_named():
    assert set(duties.PARTY_NAMES) == set(Party)
    assert all(row.words.endswith(".") for row in duties.DUTIES)


def test_no_kind_and_an_unknown_kind_are_errors():
    with pytest.raises(DutyError, match="Say what happened"):
        duties_for([])
    with pytest.raises(ValueError, match="is not a valid Kind"):
        duties_for(["mishap"])


@pytest.mark.policy("CLS-15")
@pytest.mark.parametrize(
    ("change", "marks", "why"),
    [
        ({"BREACH_COMMISSIONER_HOURS": 73}, (24,), "at most 72"),
        ({"BREACH_DIRECTOR_HOURS": -1}, (24,), "BREACH_DIRECTOR_HOURS must be 0 or more"),
        ({"BREACH_INSURERS_WORKING_DAYS": 0}, (24,), "BREACH_INSURERS_WORKING_DAYS must be 1 or more"),
        ({"BREACH_TYPO_HOURS": 1}, (24,), "BREACH_TYPO_HOURS is missing, or is no setting"),
        ({}, (24, 72), "BREACH_ESCALATIONS"),
        ({}, (48, 24), "BREACH_ESCALATIONS"),
        ({}, (0, 24), "BREACH_ESCALATIONS"),
        ({"BREACH_COMMISSIONER_HOURS": 48}, (24, 48), "BREACH_ESCALATIONS"),
    ],
)
def test_figures_that_no_council_may_set_are_refused(change, marks, why):
    with pytest.raises(DutyError, match=why):
        check_times({**DEFAULT_TIMES, **change}, marks)


def test_the_defaults_may_stand():
    check_times(DEFAULT_TIMES, DEFAULT_ESCALATIONS)
    assert DEFAULT_ESCALATIONS == (24, 48, 66)
