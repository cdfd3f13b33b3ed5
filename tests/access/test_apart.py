"""Two parents who must not know of each other: all that belongs to the one's letter is searched for the other.

One text, handed over to both, goes the whole way as two letters by real steps; at each state every page, list row, PDF
with its metadata, e-mail, job, ledger entry and ICS package that is one letter's own must not have the other's name, a
line of their address or their postcode (CLS-6).
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from letters import actions
from letters.actions.ics import package_of
from letters.actions.print_runs import KIND, make_run, start_run
from letters.actions.tray import Chosen
from letters.completed import children_of
from letters.ics import folder, http
from letters.models import Letter
from letters.states import State
from postroom.cases import actions as case_actions
from postroom.cases.actions import PersonDetails
from postroom.cases.models import Address, Case, CasePerson
from postroom.ledger.models import Entry, Reason
from postroom.outbox.carrier import run_due
from postroom.outbox.models import Job
from postroom.people.models import User
from postroom.steps.engine import Seen
from tests.access.hunting import every_path, tells, words_in_pdf, words_on
from tests.access.test_hidden import signed_in
from tests.support import world
from tests.support.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-6")]
BODY = "Thank you for meeting me on Monday.\n\nPlease ring me if anything is unclear."
# Pages that begin so are about one letter; what else takes a reference is the case's, where both parents rightly stand.
OWN = "letters:"
LISTS = (
    "letters:my_work",
    "letters:find",
    "letters:queue",
    "letters:tray",
    "letters:enveloping",
    "letters:print_several",
)


@dataclass
class Side:
    """One parent: what is theirs, and their letter."""

    person: CasePerson
    address: Address
    letter: Letter

    @property
    def secrets(self) -> list[str]:
        """Name, and the lines of the address that only they have, with the postcode."""
        return [self.person.name, *self.address.line_list]


@pytest.fixture
def desk() -> Desk:
    return Desk(world.make_office("near", "Nearby"))


def parent(desk: Desk, name: str, lines: str, area: str) -> tuple[CasePerson, Address]:
    """Another parent on the case, at a verified address."""
    by, case = desk.worker, Case.objects.get(pk=desk.case.pk)
    details = PersonDetails(relationship="parent", name=name, salutation=name)
    case = case_actions.add_person(case=case, details=details, by=by, seen=Seen.of(case))
    person = case.people.get(name=name)
    case = case_actions.add_address(case=case, person=person, lines=lines, source="person", by=by, seen=Seen.of(case))
    address = person.addresses.get()
    case_actions.verify_address(case=case, address=address, source="visit", by=by, seen=Seen.of(case), area=area)
    return person, Address.objects.get(pk=address.pk)


@pytest.fixture
def sides(desk: Desk) -> list[Side]:
    """The same words handed over to each."""
    people = [
        parent(desk, "Mr Theo Farleigh", "8 Elsewhere Row\nFARTOWN\nZE1 0AA", "out"),
        parent(desk, "Ms Isla Nearwood", "3 Otherwise Court\nSOUTHWICKE\nNM7 4QQ", "in"),
    ]
    case = Case.objects.get(pk=desk.case.pk)
    (one, _), (other, _) = people
    case = case_actions.keep_apart(
        case=case, one=one, other=other, by=desk.worker, seen=Seen.of(case), reason="Court order."
    )
    sent = {"address": [where.pk for _, where in people], "draft_text": BODY, "subject": "Monday"}
    answer = signed_in(desk.worker).post(reverse("letters:new_for_case", args=[case.reference]), sent)
    assert answer.status_code == 302
    return [Side(who, where, Letter.objects.get(addressee=who)) for who, where in people]


def printed_in_one_run(desk: Desk, sides: list[Side]) -> None:
    """Both in one PDF: each of its sheets is one letter's."""
    chosen = [Chosen(one.letter, Seen.of(one.letter)) for one in sides]
    run = start_run(office=desk.office, by=desk.admin, chosen=chosen)
    effect = make_run(Job.objects.get(kind=KIND, key=str(run.pk)))
    assert effect is not None
    effect()
    answer = signed_in(desk.admin).get(reverse("letters:print_run_pdf", args=[run.pk]))
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    document = pypdfium2.PdfDocument(BytesIO(data))
    sheets = [page.get_textpage().get_text_bounded() for page in document]
    for mine, theirs in (sides, sides[::-1]):
        assert any(tells(sheet, mine.secrets) == mine.secrets for sheet in sheets)
        assert not [sheet for sheet in sheets if tells(sheet, mine.secrets) and tells(sheet, theirs.secrets)]
    with pikepdf.open(BytesIO(data)) as pdf:
        for page in range(len(pdf.pages) - 1, -1, -1):
            del pdf.pages[page]
        out = BytesIO()
        pdf.add_blank_page()
        pdf.save(out)
    # What belongs to none of its sheets: both kinds of metadata, bookmarks.
    assert tells(words_in_pdf(out.getvalue()), sides[0].secrets + sides[1].secrets) == []


def each(verb: Callable[[Letter], Letter], sides: list[Side]) -> None:
    for one in sides:
        one.letter = verb(world.fresh(one.letter))


def the_way(desk: Desk, sides: list[Side]) -> Iterator[State]:
    """Every state of the usual way, reached by real steps."""
    yield State.DRAFTED
    each(lambda x: actions.type_letter(letter=x, by=desk.admin, seen=Seen.of(x), typed=typed_for(x)), sides)
    yield State.TYPED
    confirmed = {"address_confirmed": True, "body_confirmed": True}
    each(lambda x: actions.check(letter=x, by=desk.worker, seen=Seen.of(x), **confirmed), sides)
    yield State.WORKER_CHECKED
    printed_in_one_run(desk, sides)
    each(lambda x: actions.sign(letter=x, by=desk.worker, seen=Seen.of(x)), sides)
    yield State.SIGNED
    each(lambda x: world.put_in_envelope(desk, world.sheets_in_hand(desk, x)), sides)
    yield State.ENVELOPED
    each(lambda x: actions.post(letter=x, by=desk.admin, seen=Seen.of(x), **world.posting(x)), sides)
    yield State.POSTED
    each(lambda x: actions.upload(letter=x, by=desk.admin, seen=Seen.of(x), ics_reference="ICS-1"), sides)
    yield State.UPLOADED


def typed_for(letter: Letter) -> Any:
    return world.typed(body=BODY, salutation=f"Dear {letter.addressee.salutation}", subject="Monday")


def own_pages(letter: Letter, near: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Each address that has this letter's reference in it."""
    given: dict[str, list[Any]] = {
        "reference": [letter.reference],
        "number": [1],
        "page": [1],
        "purpose": ["enclosure"],
    }
    return [
        (name, path)
        for name, path in every_path(given)
        if name.startswith(OWN) and letter.reference in path and (not near or name in near)
    ]


def rows_of(page: str) -> list[str]:
    """What stands in each row of each table or list of a page's own part, its hidden words too."""
    main = re.search(r"<main.*</main>", page, re.DOTALL)
    assert main
    return [html.unescape(row) for row in re.findall(r"<(?:tr|li|dd)\b.*?</(?:tr|li|dd)>", main.group(), re.DOTALL)]


def mixed_rows(client: Client, desk: Desk, sides: list[Side]) -> list[str]:
    """The rows of lists, and the CSV's, that tell of both. Each of the two must stand in some row by itself."""
    given = {"code": [desk.office.code], "slug": ["check", "type", "sign", "print", "envelope", "post", "upload"]}
    rows = []
    for name, path in every_path(given):
        if name.startswith(LISTS) and (answer := client.get(path)).status_code == 200:
            rows += [(f"{name} ({path})", row) for row in rows_of(words_on(answer))]
    said = words_on(client.get(reverse("letters:find"), {"csv": 1}))
    rows += [("csv", " ".join(row)) for row in csv.reader(StringIO(said))]
    of = [{number for number, (_, row) in enumerate(rows) if tells(row, side.secrets)} for side in sides]
    assert of[0], "the hunt sees no row of his"
    assert of[1], "the hunt sees no row of hers"
    return [rows[number][0] for number in sorted(of[0] & of[1])]


def told(users: list[User], sides: list[Side], near: tuple[str, ...] = ()) -> list[str]:
    """Each page of one's letter that tells something of the other; a page that failed."""
    wrong = []
    for mine, theirs in (sides, sides[::-1]):
        for user in users:
            client = signed_in(user)
            for name, path in own_pages(mine.letter, near):
                for answer in (
                    client.get(path),
                    client.post(path, {"words": "x", "seen_version": 0, "seen_hash": "x"}),
                ):
                    if answer.status_code >= 500 and answer.status_code != 503:
                        wrong.append(f"{name}: {answer.status_code}")
                    if found := tells(words_on(answer), theirs.secrets):
                        wrong.append(f"{mine.letter.state} {name} for {user.name} tells {found}")
    return wrong


def ledger_and_mail(sides: list[Side]) -> list[str]:
    """What of either stands in ledger, reasons, jobs and e-mails."""
    kept = [json.dumps([row.payload, row.subject]) for row in Entry.objects.all()]
    kept += [row.text for row in Reason.objects.all()]
    kept += [json.dumps([job.kind, job.key, job.subject, job.payload]) for job in Job.objects.all()]
    kept += [f"{message.subject} {message.body} {message.message()}" for message in mail.outbox]
    return tells("\n".join(kept), sides[0].secrets + sides[1].secrets)


def ics_packages(letter: Letter, where: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder's files and the request's body, for each child: as text, the PDF's own text and metadata too."""
    said: list[str] = []
    where.mkdir()

    def kept(url: str, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, bytes]:
        said.extend((url, body.decode(), json.dumps(headers)))
        return 201, b'{"reference": "D-1"}'

    monkeypatch.setattr(http, "post", kept)
    for child in children_of(letter):
        package = package_of(letter, child, f"{letter.reference}-{child.pk}")
        folder.deliver(package, where)
        http.deliver(package, "http://127.0.0.1/", "")
        said.append(words_in_pdf(package.document))
    said += [f"{path.name} {path.read_text() if path.suffix == '.json' else ''}" for path in where.rglob("*")]
    return "\n".join(said)


def hunt(desk: Desk, sides: list[Side], where: Path, monkeypatch: pytest.MonkeyPatch, states: set[State],
         users: list[User], near: tuple[str, ...] = ()) -> None:  # fmt: skip
    """Take both letters the whole way; look at `states`."""
    for state in the_way(desk, sides):
        for one in sides:
            one.letter = world.fresh(one.letter)
            assert one.letter.state == state
        if state not in states:
            continue
        assert told(users, sides, near) == [], state
        assert mixed_rows(signed_in(desk.admin), desk, sides) == [], state
        run_due()
        assert ledger_and_mail(sides) == [], state
    assert mail.outbox, "whose turn it is, is told by e-mail"
    for mine, theirs in (sides, sides[::-1]):
        said = ics_packages(mine.letter, where / mine.letter.reference, monkeypatch)
        assert tells(said, mine.secrets), "else the hunt sees nothing"
        assert tells(said, theirs.secrets) == []
        own = reverse("letters:pdf", args=[mine.letter.reference, 1])
        assert tells(words_on(signed_in(desk.worker).get(own)), mine.secrets) == mine.secrets


NEAR = ("letters:letter", "letters:history", "letters:history_pdf", "letters:pdf", "letters:check", "letters:envelope")


def test_at_the_envelope_neither_s_letter_tells_of_the_other(
    desk: Desk, sides: list[Side], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages where a mix-up would be seen last, for admin."""
    hunt(desk, sides, tmp_path, monkeypatch, {State.ENVELOPED}, [desk.admin], NEAR)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_in_no_state_and_on_no_page_does_either_s_letter_tell_of_the_other(
    desk: Desk, sides: list[Side], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page of each letter by GET and POST, in every state, for worker, admin and manager."""
    hunt(desk, sides, tmp_path, monkeypatch, set(State), [desk.worker, desk.admin, desk.manager])
