"""Finding letters: one box, filters in the address, lists by key, CSV without formulae; scoped, few queries (CLS-1)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import actions, finding_words
from letters.finding import Filters, filtered, page_of, searched
from letters.models import Letter, LetterWords, Opening, SavedFilter
from letters.selectors import visible_to
from letters.tests.work_help import desk, elsewhere, signed_in, words_of
from letters.views import finding
from postroom.cases import actions as case_actions
from postroom.cases.models import Case, CasePerson
from postroom.cases.names import name_key
from postroom.cases.names import words_of as plain_words
from postroom.ledger.models import Reading
from postroom.people.authority import authority_of
from postroom.people.models import User
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


def found(user: User, typed: str) -> list[str]:
    rows, _ = searched(user, authority_of(user), typed)
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


@pytest.mark.parametrize("window", [1, 2, 100])
def test_words_in_few_and_in_many_letters_are_found_alike(
    desk: world.Desk, elsewhere: world.Desk, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    """Whether the walk through the newest letters fills the page or the index is asked, the answer is the same."""
    monkeypatch.setattr(finding_words, "WINDOW", window)
    made = [letter(desk).reference for _ in range(3)]
    letter(elsewhere)
    for user in (desk.admin, desk.worker, desk.manager):
        for typed in ("meeting monday", desk.parent.name):
            assert found(user, typed) == made[::-1], (user, typed)
    assert found(desk.other_worker, "meeting") == []


VOCABULARY = (
    "visit",
    "visitor",
    "vis-à-vis",
    "Vesna",
    "O'Neill",
    "ÉCOLE",
    "record",
    "records",
    "Straße",
    "12",
    "n",
    "s1",
)
TYPED = (
    "v",
    "vis",
    "visit",
    "VISITOR",
    "vesna record",
    "oneill",
    "ecole",
    "strasse",
    "record records",
    "1",
    "s",
    "zzz",
)


def naive(rows: list[Letter], typed: str) -> list[str]:
    """Those of all the letters that somebody may read, looked at one by one in Python."""

    def has(key: str, words: list[str]) -> bool:
        return bool(words) and all(any(w.startswith(word) for w in key.split()) for word in words)

    return [
        row.reference
        for row in rows
        if has(" ".join(plain_words(row.subject)), plain_words(typed))
        or has(name_key(row.addressee.name), name_key(typed).split())
    ]


def test_random_words_are_found_as_by_looking_at_every_letter(
    desk: world.Desk, elsewhere: world.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two offices' letters of random words, then one case restricted to its manager; a letter opened to a third."""
    rng = Random("words")
    made = [
        letter(rng.choice([desk, elsewhere]), " ".join(rng.choices(VOCABULARY, k=rng.randint(0, 4)))) for _ in range(24)
    ]
    # Rows written in bulk, a name and an office that change afterwards: the database itself keeps the words in step.
    Letter.objects.filter(pk=made[0].pk).update(subject="", subject_key="")
    person = elsewhere.parent
    person.name = "Mx Zoë Vesna-Record"
    person.save()
    Letter.objects.filter(pk__in=[row.pk for row in made[-6:]]).update(office=desk.office)
    Opening.objects.create(letter=made[1], user=desk.other_worker, opened_by="test/1")
    users = (desk.admin, desk.worker, desk.manager, desk.other_worker, elsewhere.admin, elsewhere.worker)
    for restricted in (False, True):
        if restricted:
            case = Case.objects.get(pk=desk.case.pk)
            case_actions.restrict(
                case=case, named=[desk.manager], by=desk.manager, seen=Seen.of(case), reason="Family."
            )
        for user in users:
            rows = list(visible_to(user).select_related("addressee").order_by("-pk"))
            for typed in TYPED:
                wanted = naive(rows, typed)
                monkeypatch.setattr(finding_words, "WINDOW", rng.choice([1, 3, 2_000]))
                assert found(user, typed) == wanted[:25], (user, typed, restricted)
                if len(wanted) > 2:
                    page, key = searched(user, authority_of(user), typed, size=2)
                    rest, _ = searched(user, authority_of(user), typed, before=key, size=2)
                    assert [row.reference for row in (*page, *rest)] == wanted[:4], (user, typed)
    assert {row.pk for row in made} == set(LetterWords.objects.values_list("pk", flat=True))


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
        lambda before: searched(desk.admin, authority_of(desk.admin), "meeting", before=before, size=3),
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
    for spoilt in ("state=%00&since=x&before=99999999999999999999&office=%27", "until=9999-12-31", "since=0001-01-01"):
        assert client.get(f"{FIND}?{spoilt}").status_code == 200
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


def test_a_search_is_had_as_csv_and_a_cut_is_said(desk: world.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three letters found by a word, posted and never in an address, two fit: the file says that there are more."""
    subjects = [letter(desk, f"Appointment {n}").subject for n in range(3)]

    def rows(answer: Any) -> list[list[str]]:
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]

    client = signed_in(desk.admin)
    whole = rows(client.post(FIND, {"reference": "appointment", "csv": "1"}))
    assert sorted(row[3] for row in whole) == subjects
    assert Reading.objects.filter(subject="list/letters", what="export", reader_id=desk.admin.pk).count() == 1
    monkeypatch.setattr(finding, "CSV_ROWS", 2)
    for answer in (client.post(FIND, {"reference": "appointment", "csv": "1"}), client.get(f"{FIND}?csv=1")):
        *found, said = rows(answer)
        assert found == whole[:2]
        assert said == ["Only the newest 2 are here. Narrow the list, by dates say, to have the others."]
    none = client.post(FIND, {"reference": "dentist", "csv": "1"})
    assert rows(none) == []


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "\nx", "  =1", "\xa0=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert plain(text).startswith("'")
    assert plain("Ms Sample") == "Ms Sample"


MANY_WORDS = """
INSERT INTO letters_letterwords (letter_id, office_id, case_id, subject_words, name_words)
SELECT 1000000000 + n, %s + n %% 40, 1, 'appointment ' || n, 'sample ' || n FROM generate_series(1, 20000) n
"""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the index is PostgreSQL's")
def test_words_are_looked_up_in_an_index(desk: world.Desk) -> None:
    """Among the words of 20,000 letters, known to the planner: it walks by office, and reads the index of words."""
    for _ in range(3):
        letter(desk)
    with CaptureQueriesContext(connection) as looked:
        found(desk.admin, "meeting")
    (asked,) = [query["sql"] for query in looked if "letters_words_of" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'letters_letterwords'::regclass"
        )
        for (name,) in cursor.fetchall():  # words without their letters; the test's end takes all of it back
            cursor.execute(f'ALTER TABLE letters_letterwords DROP CONSTRAINT "{name}"')
        cursor.execute(MANY_WORDS, [desk.office.pk])
        cursor.execute("ANALYZE letters_letterwords")
        cursor.execute("EXPLAIN " + asked.replace("%", "%%"), [])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "letters_words_in_office" in plan
    assert "words_office_newest" in plan
