"""Finding letters: one box, filters in the address, lists by key, CSV without formulae; scoped, few queries (CLS-1)."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import actions, finding_words
from letters.finding import Filters, filtered, page_of, searched
from letters.models import Letter, SavedFilter
from letters.selectors import within_reach
from letters.tests.work_help import desk, elsewhere, signed_in, words_of
from postroom.cases import actions as case_actions
from postroom.cases.models import Case, CasePerson
from postroom.ledger.models import Reading
from postroom.people.authority import authority_of
from postroom.spreadsheets import plain
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.policy("CLS-1")
FIND = reverse("letters:find")


def letter(desk: world.Desk, subject: str = "Our meeting on Monday") -> Letter:
    return actions.hand_over(
        case=desk.case,
        addressee=desk.parent,
        address=desk.address,
        by=desk.worker,
        draft_text="Please type.",
        subject=subject,
    )


def reach(user: object) -> list[object]:
    return within_reach(user, authority=authority_of(user))  # type: ignore[arg-type,return-value]


def found(user: object, typed: str) -> list[str]:
    rows, _ = searched(reach(user), typed)  # type: ignore[arg-type]
    return [row.reference for row in rows]


def test_each_way_of_finding_finds_it(desk: world.Desk) -> None:
    one = letter(desk)
    Case.objects.filter(pk=desk.case.pk).update(ics_reference="F100")
    child = desk.case.people.get(relationship="child")
    surname = desk.parent.name.split()[-1]
    for typed in (
        one.reference,
        one.reference.lower(),
        desk.case.reference,
        child.ics_number,
        "f100",
        desk.parent.name,
        f"{surname} Pat",
        surname[:5].upper(),
        "meeting",
        "Monday our",
        "MEET",
    ):
        assert found(desk.admin, typed) == [one.reference], typed
    for typed in ("nothing like it", "eeting", "%", "_", "' OR 1=1 --", "&|!():*", "meeting elsewhere"):
        assert found(desk.admin, typed) == [], typed


@pytest.mark.parametrize("most", [0, 1, 100])
def test_words_in_few_and_in_many_letters_are_found_alike(
    desk: world.Desk, elsewhere: world.Desk, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Whether the index is asked first or the letters are gone through, newest first, the answer is the same."""
    for name in ("MOST_ABOUT", "MOST_TO", "MOST_PEOPLE"):
        monkeypatch.setattr(finding_words, name, most)
    made = [letter(desk).reference for _ in range(3)]
    letter(elsewhere)
    for user in (desk.admin, desk.worker, desk.manager):
        for typed in ("meeting monday", desk.parent.name):
            assert found(user, typed) == made[::-1], (user, typed)
    assert found(desk.other_worker, "meeting") == []


def test_nobody_finds_what_they_may_not_read(desk: world.Desk, elsewhere: world.Desk) -> None:
    one = letter(desk)
    for typed in (one.reference, desk.parent.name, "meeting"):
        assert found(elsewhere.admin, typed) == []
    case = Case.objects.get(pk=desk.case.pk)
    case_actions.restrict(case=case, named=[desk.manager], by=desk.manager, seen=Seen.of(case), reason="Family.")
    assert found(desk.admin, "meeting") == []
    assert found(desk.manager, "meeting") == [one.reference]


def test_pages_go_on_by_key_until_all_were_shown(desk: world.Desk) -> None:
    made = [letter(desk).reference for _ in range(7)]
    for list_of in (
        lambda before: searched(
            within_reach(desk.admin, authority=authority_of(desk.admin)), "meeting", before=before, size=3
        ),
        lambda before: page_of(
            filtered(desk.admin, authority_of(desk.admin), Filters(state="drafted")), before=before, size=3
        ),
    ):
        shown: list[str] = []
        key = None
        while True:
            rows, key = list_of(key)
            shown += [row.reference for row in rows]
            if key is None:
                break
        assert shown == made[::-1]


def test_the_same_number_of_queries_for_few_and_many(desk: world.Desk) -> None:
    client = signed_in(desk.admin)
    counts = []
    for count in (2, 12):
        for _ in range(count):
            letter(desk)
        with CaptureQueriesContext(connection) as listed:
            client.get(FIND)
        with CaptureQueriesContext(connection) as looked:
            client.post(FIND, {"reference": "meeting"})
        counts.append((len(listed), len(looked)))
    assert counts[0] == counts[1]


def test_filters_stand_in_the_address_and_what_is_typed_never_does(desk: world.Desk) -> None:
    one, client = letter(desk), signed_in(desk.admin)
    to = client.get(
        FIND, {"filter": "1", "state": "drafted", "since_day": "1", "since_month": "2", "since_year": "2026"}
    )
    assert to["Location"] == f"{FIND}?state=drafted&since=2026-02-01"
    assert one.reference in words_of(client.get(to["Location"]))
    assert one.reference not in words_of(client.get(f"{FIND}?state=posted"))
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert one.reference not in words_of(client.get(f"{FIND}?since={tomorrow}"))
    page = client.post(FIND, {"reference": desk.parent.name})
    assert one.reference in words_of(page)
    assert "?reference" not in words_of(page)
    # What is spoilt in an address is left out, not an error.
    assert client.get(f"{FIND}?state=%00&since=x&before=99999999999999999999&office=%27").status_code == 200
    bad = client.get(FIND, {"filter": "1", "since_day": "31", "since_month": "2", "since_year": "2026"})
    assert "not a day in the calendar" in words_of(bad)


def test_a_list_is_kept_by_name_for_oneself_alone(desk: world.Desk) -> None:
    client = signed_in(desk.admin)
    for _ in range(2):  # kept again under its name
        assert client.post(FIND, {"save_as": "My drafts", "state": "drafted", "reference": "x"}).status_code == 302
    (kept,) = SavedFilter.objects.all()
    assert kept.query == "state=drafted"
    assert "My drafts" in words_of(client.get(FIND))
    other = signed_in(desk.other_admin)
    assert "My drafts" not in words_of(other.get(FIND))
    other.post(FIND, {"forget": kept.pk})
    assert SavedFilter.objects.exists()
    assert "Enter a name" in words_of(client.post(FIND, {"save_as": " "}))
    client.post(FIND, {"forget": kept.pk})
    assert not SavedFilter.objects.exists()


def test_the_csv_is_what_is_shown_without_formulae_or_addresses(desk: world.Desk) -> None:
    CasePerson.objects.filter(pk=desk.parent.pk).update(name="=HYPERLINK(1)")
    desk.parent.refresh_from_db()
    one = letter(desk, "@SUM(A1)")
    answer = signed_in(desk.admin).get(f"{FIND}?state=drafted&csv=1")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][:4] == [one.reference, "Drafted", "'=HYPERLINK(1)", "'@SUM(A1)"]
    assert desk.address.line_list[0] not in answer.content.decode()
    assert Reading.objects.filter(subject="list/letters", what="export", reader_id=desk.admin.pk).count() == 1
    empty = signed_in(desk.admin).get(f"{FIND}?state=posted&csv=1").content.decode()
    assert len(empty.strip().splitlines()) == 1


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "\nx", "  =1", "\xa0=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert plain(text).startswith("'")
    assert plain("Ms Sample") == "Ms Sample"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the index is PostgreSQL's")
def test_words_are_looked_up_in_an_index(desk: world.Desk) -> None:
    """The plan can use both indexes: without sequential scans, it does."""
    letter(desk)
    from letters.finding_words import all_words

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    subject = Letter.objects.filter(all_words("subject", ["meeting"])).order_by().explain()
    names = CasePerson.objects.filter(all_words("name_key", ["pat"])).order_by().explain()
    assert "letters_subject_words" in subject
    assert "cases_name_words" in names
