"""PDFs, page pictures and printing: for those who may read the letter, and logged (CLS-1, OGP-2)."""

import pytest

from letters import actions
from letters.models import LetterVersion, Print
from letters.rendering.finished import document_text
from letters.states import State
from letters.tests.desk_help import desk, elsewhere, last_entry, seen, signed_in, url
from postroom.files.store import path_of, store
from postroom.ledger.models import Reading
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(desk):
    return world.letter_in(desk, State.TYPED)


@pytest.mark.policy("CLS-1")
def test_a_reader_gets_the_pdf_and_the_reading_is_logged(desk, typed):
    answer = signed_in(desk.worker).get(url("pdf", typed, 1))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == f'inline; filename="{typed.reference}-1.pdf"'
    assert answer.content.startswith(b"%PDF")
    assert Reading.objects.filter(subject=typed.ledger_subject, reader_id=desk.worker.pk, what="pdf").count() == 1
    assert "attachment" in signed_in(desk.worker).get(f"{url('pdf', typed, 1)}?download")["Content-Disposition"]


@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize(("name", "more"), [("pdf", (1,)), ("picture", (1, 1)), ("signed_pdf", ())])
def test_nobody_else_gets_a_file(desk, elsewhere, name, more, client):
    letter = world.letter_in(desk, State.SIGNED)
    for person in (elsewhere.admin, elsewhere.worker, desk.other_worker):
        assert signed_in(person).get(url(name, letter, *more)).status_code == 404
    assert client.get(url(name, letter, *more)).status_code == 302
    assert not Reading.objects.exists()
    assert signed_in(desk.admin).post(url(name, letter, *more)).status_code == 405


def test_a_version_or_page_that_is_not_there(desk, typed):
    client = signed_in(desk.admin)
    assert client.get(url("pdf", typed, 2)).status_code == 404
    assert client.get(url("picture", typed, 1, 99)).status_code == 404
    assert client.get(url("picture", typed, 2, 1)).status_code == 404


def test_a_picture_is_private_and_logged_once_a_version(desk, typed):
    client = signed_in(desk.worker)
    answer = client.get(url("picture", typed, 1, 1))
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"].startswith("private, max-age=")
    assert answer.content.startswith(b"\x89PNG")
    assert Reading.objects.filter(subject=typed.ledger_subject, what="picture").count() == 1


def test_a_version_without_its_pdf_is_drawn_at_the_first_look(desk, typed):
    version = typed.current
    fresh = LetterVersion.objects.get(pk=version.pk)
    fresh.pk, fresh.number, fresh.pdf, fresh.sheets = None, 2, None, 0
    fresh.save(force_insert=True)
    assert signed_in(desk.admin).get(url("pdf", typed, 2)).status_code == 200
    assert LetterVersion.objects.get(letter=typed, number=2).sheets == version.sheets


def test_a_missing_file_is_said_and_is_no_server_error(desk, typed):
    path_of(typed.current.pdf_id).unlink()
    answer = signed_in(desk.admin).get(url("pdf", typed, 1))
    assert answer.status_code == 503
    assert typed.reference in answer.content.decode()


def test_the_signed_letter_is_the_scan_or_the_pdf_signed_on_screen(desk):
    letter = world.letter_in(desk, State.SIGNED)
    client = signed_in(desk.admin)
    assert client.get(url("signed_pdf", letter)).status_code == 404
    scan = store(b"%PDF-1.7 scan", "application/pdf")
    actions.confirm_signature(letter=letter, by=desk.admin, seen=Seen.of(letter), bears_signature=True, scan=scan)
    assert client.get(url("signed_pdf", letter)).content == b"%PDF-1.7 scan"
    screen = world.Desk(world.make_office("scr", "Screenside", "screen"))
    signed = world.letter_in(screen, State.SIGNED)
    assert signed_in(screen.admin).get(url("signed_pdf", signed)).content.startswith(b"%PDF")


@pytest.mark.policy("OGP-2")
def test_printing_is_recorded_and_the_print_given_back(desk, typed):
    client = signed_in(desk.admin)
    page = client.get(url("print", typed)).content.decode()
    assert "Actual size" in page
    answer = client.post(url("print", typed), seen(typed), follow=True)
    assert answer.status_code == 200
    assert Print.objects.get(letter=typed).by == desk.admin
    assert last_entry(typed).action == "print"
    assert url("print_sheets", typed, 1) in answer.content.decode()
    assert client.get(url("print_sheets", typed, 1)).content.startswith(b"%PDF")
    answer = client.post(url("return_to_worker", typed), seen(typed))
    assert answer.status_code == 302
    assert last_entry(typed).action == "return_to_worker"


def test_the_signed_pdf_is_the_one_to_print(desk):
    screen = world.Desk(world.make_office("scr", "Screenside", "screen"))
    letter = world.letter_in(screen, State.SIGNED)
    client = signed_in(screen.admin)
    answer = client.post(url("print", letter), seen(letter), follow=True)
    assert url("print_sheets", letter, 1) in answer.content.decode()
    sheets = client.get(url("print_sheets", letter, 1)).content
    assert f"Signed by {screen.worker.name}" in document_text(sheets).replace("\n", " ")
    assert Print.objects.filter(letter=letter, signed=True).count() == 1


@pytest.mark.parametrize("name", ["print", "return_to_worker"])
def test_who_may_not_print(desk, elsewhere, typed, name):
    assert signed_in(desk.worker).post(url(name, typed), seen(typed)).status_code == 403
    assert signed_in(elsewhere.admin).post(url(name, typed), seen(typed)).status_code == 404
    stale = {**seen(typed), "seen_version": 0}
    assert signed_in(desk.admin).post(url(name, typed), stale).status_code == 409
    assert not Print.objects.exists()


def test_returning_is_a_post_and_needs_a_print(desk, typed):
    client = signed_in(desk.admin)
    assert client.get(url("return_to_worker", typed)).status_code == 405
    assert client.post(url("return_to_worker", typed), seen(typed)).status_code == 409


def test_a_draft_can_not_be_printed(desk):
    letter = world.hand_over(desk)
    assert signed_in(desk.admin).get(url("print", letter)).status_code == 409
    assert signed_in(desk.admin).post(url("print", letter), seen(letter)).status_code == 409
