"""Cases come in from ICS: preview, differences, refused rows, repeated without effect; ICS stays the master (CLS-6)."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from letters.states import State as LetterState
from postroom.cases import actions
from postroom.cases.ics import reading, taking
from postroom.cases.models import Address, Case, CasePerson, IcsImport, IcsLine, IcsQuery
from postroom.cases.waiting import to_put_right_in_ics
from postroom.ledger.verify import verify
from postroom.outbox.carrier import carry
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.support import world
from tests.support.council import Council, entries
from tests.support.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-6")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HEAD = (
    "case,office,worker,person,relationship,name,salutation,ics_number,date_of_birth,organisation,"
    "address_1,address_2,postcode,confidential"
)
CHILD = "F100,near,,P1,child,Robin Fromics,,501,2016-07-20,,,,,"
MOTHER = "F100,near,,P2,parent,Ms Ada Fromics,Ms Fromics,,,,1 Invented Road,NORTHMERE,NM2 3BB,"


def csv_of(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def work() -> None:
    """What the worker does: every job of an import, until none is owed."""
    while job := Job.objects.filter(kind__in=[taking.READ, taking.TAKE], state="owed").first():
        carry(job.pk)
        job.refresh_from_db()
        assert job.state == "done", job.last_error


def bring_in(by: User, *rows: str, as_of: dt.date | None = None) -> IcsImport:
    """Uploaded, previewed, taken over."""
    made = taking.upload(data=csv_of(*rows), as_of=as_of or timezone.localdate(), by=by)
    work()
    made.refresh_from_db()
    taking.start(made=made, by=by)
    work()
    made.refresh_from_db()
    assert made.state == "done"
    assert [str(found) for found in verify().findings if str(found).startswith("ics_import/")] == []
    return made


def lines_of(made: IcsImport) -> list[tuple[int, str]]:
    return [(line.number, line.kind) for line in made.lines.all()]


@pytest.fixture
def admin(council: Council) -> User:
    return council.near.admin


def test_a_preview_changes_nothing_and_taking_over_opens_the_case(admin: User) -> None:
    made = taking.upload(data=csv_of(CHILD, MOTHER), as_of=timezone.localdate(), by=admin)
    work()
    made.refresh_from_db()
    assert (made.state, made.cases_done, made.cases_total) == ("ready", 1, 1)
    assert [str(found) for found in verify().findings if str(found).startswith("ics_import/")] == []
    assert lines_of(made) == [(2, "new"), (3, "new")]
    assert not Case.objects.filter(ics_reference="F100").exists()
    taking.start(made=made, by=admin)
    work()
    case = Case.objects.get(ics_reference="F100")
    assert {p.name: p.ics_id for p in case.people.all()} == {"Robin Fromics": "P1", "Ms Ada Fromics": "P2"}
    where = Address.objects.get(person__case=case)
    assert (where.in_ics_on, where.source, where.verified_on, where.area) == (made.as_of, "ics", None, "in")
    assert entries(case)[0].actor_id == admin.pk
    assert made.reference in entries(case)[0].payload
    assert "Fromics" not in json.dumps([entry.payload for entry in entries(case)])


def test_the_same_file_again_changes_nothing(admin: User) -> None:
    bring_in(admin, CHILD, MOTHER)
    case = Case.objects.get(ics_reference="F100")
    before = case.version
    again = bring_in(admin, CHILD, MOTHER)
    assert lines_of(again) == []
    assert Case.objects.get(pk=case.pk).version == before


def test_what_differs_is_said_without_the_address_and_ics_is_the_master(admin: User) -> None:
    bring_in(admin, CHILD, MOTHER, as_of=timezone.localdate() - dt.timedelta(days=3))
    case = Case.objects.get(ics_reference="F100")
    mother = case.people.get(ics_id="P2")
    visited = Address.objects.create(person=mother, lines="5 Visit Row\nNORTHMERE\nNM2 3BD", source="visit")
    moved = MOTHER.replace("1 Invented Road", "9 Elsewhere Lane").replace("Ms Ada Fromics", "Ms Ada Newname")
    made = bring_in(admin, CHILD, moved)
    (line,) = made.lines.filter(kind="changed")
    assert "Ms Ada Newname" in line.words
    assert "another address" in line.words
    assert "Elsewhere" not in line.words
    standing = list(mother.addresses.filter(retired_at__isnull=True).order_by("pk"))
    assert [row.line_list[0] for row in standing] == ["5 Visit Row", "9 Elsewhere Lane"]
    assert standing[0] == visited


def test_the_last_child_of_a_case_stays_one(admin: User) -> None:
    bring_in(admin, CHILD, MOTHER)
    grown = CHILD.replace(",child,", ",parent,").replace(",501,2016-07-20,", ",,,")
    made = bring_in(admin, grown, MOTHER)
    assert lines_of(made) == [(2, "refused")]
    assert CasePerson.objects.get(ics_id="P1").relationship == "child"
    sister = CHILD.replace("P1", "P5").replace("501", "505").replace("Robin", "Wren")
    assert lines_of(bring_in(admin, grown, sister, MOTHER)) == [(2, "changed"), (3, "new")]
    assert CasePerson.objects.get(ics_id="P1").relationship == "parent"


def test_an_older_file_puts_nothing_back(admin: User) -> None:
    """The address that they left would stand again, and the newer one be retired."""
    today = timezone.localdate()
    bring_in(admin, CHILD, MOTHER.replace("1 Invented Road", "9 Elsewhere Lane"), as_of=today)
    mother = CasePerson.objects.get(ics_id="P2")
    before = mother.case.version
    father = MOTHER.replace("P2", "P3").replace("Ms Ada", "Mr Old")
    older = bring_in(admin, CHILD, MOTHER, father, as_of=today - dt.timedelta(days=2))
    assert lines_of(older) == [(3, "refused"), (4, "refused")]
    assert "something newer" in older.lines.get(number=3).words
    (standing,) = mother.addresses.all()
    assert (standing.line_list[0], standing.in_ics_on) == ("9 Elsewhere Lane", today)
    assert Case.objects.get(pk=mother.case_id).version == before


def test_a_confidential_address_stays_so_whatever_ics_says_next(admin: User) -> None:
    bring_in(admin, CHILD, MOTHER + "yes")
    mother = CasePerson.objects.get(ics_id="P2")
    assert mother.addresses.get().is_confidential
    bring_in(admin, CHILD, MOTHER.replace("1 Invented Road", "9 Elsewhere Lane"))
    assert mother.addresses.get(retired_at__isnull=True).is_confidential


REFUSED = [
    ("F1,nowhere,,P1,child,Robin X,,601,,,,,,", "no office"),
    ("F1,far,,P1,child,Robin X,,601,,,,,,", "another office"),
    ("F1,near,nobody@example.test,P1,child,Robin X,,601,,,,,,", "no social worker"),
    ("F1,near,,P1,uncle,Robin X,,,,,,,,", "relationship"),
    ("F1,near,,P1,child,Robin X,,,,,,,,", "ICS number"),
    ("F1,near,,P1,child,Robin X,,601,31/02/2016,,,,,", "date of birth"),
    ("F1,near,,P1,child,Robin X,,601,,,1 Road,TOWN,NOTAPOSTCODE,", "address"),
    ("F1,near,,P1,child,,,601,,,,,,", "Nothing stands under name"),
    ("F1,near,,P1,parent,Ms Only Parent,,,,,,,,", "none of its rows"),
    ("F1,near,,P1,child,Robin X,,601,,,,,,,,,", "cells"),
]


@pytest.mark.parametrize(("row", "words"), REFUSED)
def test_a_row_that_cannot_be_is_refused_with_its_reason_and_the_others_hold(admin: User, row: str, words: str) -> None:
    made = bring_in(admin, row, CHILD)
    (line,) = made.lines.filter(kind="refused")
    assert words in line.words
    assert line.number == 2
    assert not Case.objects.filter(ics_reference="F1").exists()
    assert Case.objects.filter(ics_reference="F100").exists()


def test_no_fixed_abode_is_taken_over_as_by_hand_only(admin: User) -> None:
    bring_in(admin, CHILD, "F100,near,,P3,parent,Mr No Home,,,,,N.F.A.,,,")
    person = CasePerson.objects.get(ics_id="P3")
    assert person.no_fixed_abode
    assert not person.addresses.exists()


def test_a_child_of_another_case_is_not_taken_twice(admin: User) -> None:
    bring_in(admin, CHILD)
    made = bring_in(admin, CHILD.replace("F100", "F200"))
    assert "on another case" in made.lines.get().words


def test_a_restricted_case_is_left_alone_by_one_who_is_not_named(council: Council, admin: User) -> None:
    bring_in(admin, CHILD)
    case = Case.objects.get(ics_reference="F100")
    manager = council.near.manager
    actions.restrict(case=case, named=[manager], by=manager, seen=Seen.of(case), reason="Own family.")
    made = bring_in(admin, CHILD.replace("Robin Fromics", "Robin Othername"))
    assert made.lines.get().kind == "refused"
    assert not CasePerson.objects.filter(name="Robin Othername").exists()


def test_a_batch_cut_off_and_done_again_doubles_nothing(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "BATCH", 2)
    rows = [f"F{n},near,,P{n},child,Robin Number{n},,{700 + n},,,,," for n in range(5)]
    made = taking.upload(data=csv_of(*(row + "," for row in rows)), as_of=timezone.localdate(), by=admin)
    work()
    made.refresh_from_db()
    assert made.lines.count() == 5
    taking.start(made=made, by=admin)
    made.refresh_from_db()
    real = taking.apply
    done: list[Any] = []

    def cut_off(change: Any, of: Any) -> Any:
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(change)
        return real(change, of)

    monkeypatch.setattr(taking, "apply", cut_off)
    with pytest.raises(KeyboardInterrupt):
        taking.take_batch(made, 0)
    monkeypatch.setattr(taking, "apply", real)
    assert Case.objects.exclude(ics_reference="").count() == 1
    work()
    assert Case.objects.exclude(ics_reference="").count() == 5
    assert not made.lines.filter(kind="refused").exists()
    taking.take_batch(made, 0)  # a job that is carried twice
    made.refresh_from_db()
    assert (made.state, made.cases_done) == ("done", 5)


def test_another_address_in_ics_voids_what_was_checked_for_the_old_one() -> None:
    desk = Desk(world.make_office("near", "Nearby"))
    Address.objects.filter(pk=desk.address.pk).update(in_ics_on=timezone.localdate())
    Case.objects.filter(pk=desk.case.pk).update(ics_reference="F100")
    CasePerson.objects.filter(pk=desk.parent.pk).update(ics_id="P2")
    letter = world.letter_in(desk, LetterState.WORKER_CHECKED)
    name = desk.parent.name
    bring_in(desk.admin, f"F100,near,,P2,parent,{name},{desk.parent.salutation},,,,9 Elsewhere Lane,NORTHMERE,NM2 3BB,")
    assert world.fresh(letter).state == LetterState.TYPED


def test_nobody_but_admin_takes_a_file_over(council: Council) -> None:
    for who in (council.near.worker, council.near.manager, council.system):
        with pytest.raises(NotAllowed):
            taking.upload(data=csv_of(CHILD), as_of=timezone.localdate(), by=who)
    made = taking.upload(data=csv_of(CHILD), as_of=timezone.localdate(), by=council.near.admin)
    with pytest.raises(NotAllowed):
        taking.start(made=made, by=council.far.admin)


BAD_FILES = [
    b"",
    b"   \n",
    b"case,office\n",
    HEAD.encode() + b"\n",
    b"%PDF-1.4 no csv",
    b"PK\x03\x04\x00\x00zip",
    b"\xff\xfe\x00c\x00a",
    b"name;name;case;office;person;relationship\na;b;c;d;e;f\n",
    HEAD.encode() + b'\n"' + b"x" * 200_000,
]


@pytest.mark.parametrize("data", BAD_FILES)
def test_a_file_that_is_none_is_refused_with_a_sentence(council: Council, data: bytes) -> None:
    page = signed_in(council.near.admin).post(
        reverse("case_ics_imports"),
        {
            "file": SimpleUploadedFile("cases.csv", data or b"", "text/csv"),
            "as_of_day": "1", "as_of_month": "11", "as_of_year": "2026",
        },
    )  # fmt: skip
    assert page.status_code == 200
    assert "There is a problem" in page.content.decode()
    assert not IcsImport.objects.exists()


def test_semicolons_and_windows_letters_are_read() -> None:
    data = "case;office;person;relationship;name\nF1;near;P1;parent;Ms Zoë Sample\n".encode("cp1252")
    (case,) = reading.read_cases(data)
    assert case.rows[0]["name"] == "Ms Zoë Sample"


def test_the_pages_from_upload_to_done(admin: User) -> None:
    client = signed_in(admin)
    page = reverse("case_ics_imports")
    rows = csv_of(CHILD, MOTHER, REFUSED[0][0])
    day = {
        "as_of_day": "1",
        "as_of_month": "11",
        "as_of_year": "2026",
        "form_key": client.get(page).context["form_key"],
    }
    there, again = (
        client.post(page, {"file": SimpleUploadedFile("cases.csv", rows, "text/csv"), **day}) for _ in range(2)
    )
    assert (there.status_code, again["Location"]) == (302, there["Location"])
    made = IcsImport.objects.get()  # the form sent twice makes one preview; another file by the same form is another
    other = client.post(page, {"file": SimpleUploadedFile("cases.csv", csv_of(CHILD), "text/csv"), **day})
    assert other["Location"] != there["Location"]
    progress = client.get(reverse("case_ics_progress", args=[made.reference])).json()
    assert (progress["done"], progress["total"], progress["finished"]) == (0, 2, False)
    assert "it goes on without you" in client.get(there["Location"]).content.decode()
    work()
    text = client.get(there["Location"]).content.decode()
    for words in ("New: 2", "Refused: 1", "There is no office with the code nowhere", "Take it over"):
        assert words in text
    assert "Ms Ada" not in client.get(f"{there['Location']}?kind=refused").content.decode()
    client.post(there["Location"])
    client.post(there["Location"])  # a second click
    work()
    assert Case.objects.filter(ics_reference="F100").count() == 1
    assert client.get(reverse("case_ics_progress", args=[made.reference])).json()["finished"]


def test_the_command_previews_applies_and_says_what_it_refuses(council: Council, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(csv_of(CHILD, MOTHER, REFUSED[0][0], "F7,far,,P7,child,Kim Farchild,,777,,,,,,"))
    said = StringIO()
    call_command("import_cases", path, stdout=said)
    assert "row 4 refused" in said.getvalue()
    assert "4 rows, 3 cases: 3 new, 0 changed, 1 refused" in said.getvalue()
    assert not Case.objects.exists()
    call_command("import_cases", path, apply=True, stdout=said)
    assert set(Case.objects.values_list("ics_reference", flat=True)) == {"F100", "F7"}
    assert entries(Case.objects.get(ics_reference="F7"))[0].actor_id is None
    assert not Job.objects.filter(kind__startswith="ics").exists()
    with pytest.raises(CommandError):
        call_command("import_cases", tmp_path / "none.csv")


def test_ics_is_wrong_is_one_click_listed_until_it_is_settled(council: Council) -> None:
    from tests.support.council import case_of

    near, case = council.near, case_of(council.near)
    where = Address.objects.get(person__case=case)
    worker, keeper = signed_in(near.worker), signed_in(near.admin)
    page = reverse("case", args=[case.reference])
    assert "ICS is wrong" in worker.get(page).content.decode()
    click = reverse("case_ics_wrong", args=[case.reference, where.pk])
    for spoilt in ("x", "9" * 5000, "\u0663"):
        assert worker.post(click, {"seen": spoilt}).status_code == 409
    assert worker.post(click, {"seen": case.version}).status_code == 302
    assert worker.post(click, {"seen": case.version}).status_code == 409
    query = IcsQuery.objects.get()
    assert where.person.name in keeper.get(reverse("case_ics_queries")).content.decode()
    (listed,) = to_put_right_in_ics(near.admin, authority_of(near.admin))
    assert listed.count == 1
    assert to_put_right_in_ics(council.far.admin, authority_of(council.far.admin))[0].rows == []
    case.refresh_from_db()
    settle = reverse("case_ics_settle", args=[case.reference, query.pk])
    assert worker.post(settle, {"seen": case.version, "reason": "x"}).status_code == 403
    done = keeper.post(settle, {"seen": case.version, "reason": "Put right in ICS."})
    assert done.status_code == 302
    query.refresh_from_db()
    assert query.settled_by == near.admin
    case.refresh_from_db()
    with pytest.raises(InvalidStep):
        actions.settle_ics(case=case, query=query, by=near.admin, seen=Seen.of(case), reason="Again.")


def test_rows_of_a_preview_are_deleted_with_it_and_kept_once(admin: User) -> None:
    made = taking.upload(data=csv_of(CHILD), as_of=timezone.localdate(), by=admin)
    taking.read_batch(made, 0)
    taking.read_batch(made, 0)
    assert IcsLine.objects.filter(of=made).count() == 1
