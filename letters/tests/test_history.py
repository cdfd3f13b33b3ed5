"""One timeline a letter: steps with what they changed, readings, filters, and a PDF of it (OGP-0, CLS-1)."""

import io

import pypdfium2
import pytest

from letters import actions
from letters.states import State
from letters.tests.work_help import desk, elsewhere, signed_in, url, words_of
from postroom.ledger.models import Reading
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = [pytest.mark.policy("OGP-0"), pytest.mark.django_db]


@pytest.fixture
def letter(desk):
    found = world.letter_in(desk, State.WORKER_CHECKED)
    signed_in(desk.manager).get(url("letter", found))
    return actions.type_letter(
        letter=found,
        by=desk.admin,
        seen=Seen.of(found),
        typed=world.typed(world.BODY.replace("Monday", "Friday")),
        reason="The day was wrong.",
    )


def page(desk, letter, query=""):
    return words_of(signed_in(desk.worker).get(url("history", letter) + query))


def test_what_a_step_changed_stands_with_the_step(desk, letter):
    text = page(desk, letter)
    checked = text.partition("Address and body checked")[2].partition("Typed, version 1")[0]
    assert desk.worker.name in checked
    assert "Checked by" in checked
    assert "Stands at" in checked
    assert "Details changed" not in text


def test_filters_by_kind_and_person(desk, letter):
    assert "Read: page" not in page(desk, letter, "?show=steps")
    steps = page(desk, letter, "?show=steps")
    assert "Checked by" not in steps
    assert "Address and body checked" in steps
    reads = page(desk, letter, "?show=reads")
    assert "Read: page" in reads
    assert "Address and body checked" not in reads
    own = page(desk, letter, f"?by={desk.admin.pk}")
    assert "Typed, version 1" in own
    assert "Address and body checked" not in own
    assert "Read: page" not in own
    assert "Nothing of this kind has happened" in page(desk, letter, "?by=999999")
    for nonsense in ("?show=x&by=y&before=z", "?by=-1", "?before=99999999999", "?by=%00"):
        assert "Typed, version 1" in page(desk, letter, nonsense)


def test_the_pdf_tells_the_same_and_is_logged(desk, letter):
    response = signed_in(desk.worker).get(url("history_pdf", letter))
    assert response["Content-Type"] == "application/pdf"
    with pypdfium2.PdfDocument(io.BytesIO(response.content)) as document:
        text = " ".join(one.get_textpage().get_text_range() for one in document)
        text = " ".join(text.split())
    for words in ("Address and body checked", "The day was wrong.", "Friday", "Checked by", letter.reference):
        assert words in text
    assert Reading.objects.filter(subject=letter.ledger_subject, what="export", reader_id=desk.worker.pk).count() == 1


def test_a_character_that_no_font_has_does_not_stop_the_pdf(desk, letter):
    actions.withdraw(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="Odd \U000e0041 \U00012345 character.")
    response = signed_in(desk.worker).get(url("history_pdf", letter))
    assert response.content.startswith(b"%PDF")


def test_nobody_else_gets_it(desk, elsewhere, letter):
    for somebody in (elsewhere.admin, desk.other_worker, world.make_user("S", None, world.Role.SYSTEM_ADMINISTRATOR)):
        assert signed_in(somebody).get(url("history_pdf", letter)).status_code == 404
