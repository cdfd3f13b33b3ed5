"""One timeline a letter: steps with what they changed, readings, filters, print and PDF of it (OGP-0, CLS-1)."""

import io
import re
from itertools import pairwise

import pypdfium2
import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from letters import actions
from letters.states import State
from letters.tests.work_help import desk, elsewhere, signed_in, url, words_of
from letters.views import history
from postroom.ledger.models import Reading
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.templatetags.look import moment as in_words
from tests.support import world
from tests.support.browser import become

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
    for nonsense in ("?show=x&by=y&until=z", "?by=-1", "?until=x", "?until=99999999999999999", "?by=%00"):
        assert "Typed, version 1" in page(desk, letter, nonsense)


def told_by(data):
    """What a PDF says, without blanks (a line breaks elsewhere on paper) and without its page numbers."""
    with pypdfium2.PdfDocument(io.BytesIO(data)) as document:
        pages = ["".join(one.get_textpage().get_text_range().split()) for one in document]
    ends = [f"page{number}of{len(pages)}" for number in range(1, len(pages) + 1)]
    return "".join(page.replace(end, "", 1) for page, end in zip(pages, ends, strict=True))


def lines_of(moment):
    """What a line of the timeline says, in the order in which it stands there."""
    marks = {"added": "[added: {}]", "removed": "[taken away: {}]", "same": "{}"}
    said = [moment.title, f"{strip_tags(in_words(moment.when))}, {moment.by}", moment.text]
    for part in moment.differences or []:
        said += [part.label, *(marks[piece.kind].format(piece.text) for piece in part.pieces)]
    if moment.fields:
        said += ["Field", "Before", "After"]
    for field in moment.fields:
        said += [field.label, field.before or "empty", field.after or "empty"]
    return said


READING = ("show=reads", "show=steps&show=reads")


@pytest.mark.parametrize(
    "only", ["", "show=steps", "show=changes", "show=reads", "show=steps&show=reads", "by", "both"]
)
def test_the_pdf_says_word_for_word_what_the_page_shows_and_what_is_left_out(desk, letter, only):
    query = {"by": f"by={desk.admin.pk}", "both": f"show=steps&by={desk.worker.pk}"}.get(only, only)
    client = signed_in(desk.worker)
    assert client.get(url("letter", letter)).status_code == 200
    shown = client.get(f"{url('history', letter)}?{query}")
    moments, left_out = shown.context["moments"], shown.context["left_out"]
    assert moments
    assert bool(left_out) == bool(query)
    assert left_out in words_of(shown)
    assert f"{url('history_pdf', letter)}?{query}".rstrip("?") in shown.content.decode().replace("&amp;", "&")
    wanted = "".join("".join(line.split()) for line in [left_out, *(x for m in moments for x in lines_of(m))])
    told = told_by(client.get(f"{url('history_pdf', letter)}?{query}").content)
    head, _, rest = told.partition("Newestfirst.")
    assert head.startswith(f"Historyofletter{letter.reference}")
    # Making the PDF is one more look of this reader's own.
    own = re.compile(
        r"Read:((page|export|,|and)+|,\dtimes)+\d+[A-Z][a-z]+\d{4},[\d:]{5}," + desk.worker.name.replace(" ", "")
    )
    assert bool(own.search(rest)) == bool(own.search(wanted)) == ("by=" not in query and query in ("", *READING))
    assert own.sub("", rest) == own.sub("", wanted)
    if "steps" in query or not query:
        assert "Addressandbodychecked" in rest
    if query == "":
        assert "[takenaway:Monday" in rest


def test_the_sentence_names_what_is_shown(desk, letter):
    text = page(desk, letter, f"?show=reads&show=steps&by={desk.manager.pk}")
    words = f"Not the whole history: only “Steps”, “Who read it”, and of that only what {desk.manager.name} did."
    assert words in text
    assert "Not the whole history" not in page(desk, letter)


def test_whoever_only_read_it_can_be_chosen(desk, letter):
    shown = signed_in(desk.worker).get(f"{url('history', letter)}?by={desk.manager.pk}")
    assert (desk.manager.pk, desk.manager.name) in shown.context["people"]
    assert [moment.title for moment in shown.context["moments"]] == ["Read: page"]


def test_who_has_another_name_since_keeps_what_they_did(desk, letter):
    User.objects.filter(pk=desk.worker.pk).update(name="Newly Named")
    shown = signed_in(desk.worker).get(f"{url('history', letter)}?show=changes&by={desk.worker.pk}").context["moments"]
    assert "Address and body checked" in [moment.title for moment in shown]
    assert "Details changed" not in [moment.title for moment in shown]


def test_pages_by_steps_and_by_readings_leave_nothing_out_and_say_nothing_twice(desk, letter, monkeypatch):
    for client in (signed_in(desk.manager), signed_in(desk.worker)) * 6:
        client.get(url("letter", letter))
    client = signed_in(desk.worker)

    def walk(query):
        address, pages = f"{url('history', letter)}?{query}", []
        while address:
            shown = client.get(address)
            pages.append([(m.when, m.kind, m.title, m.by) for m in shown.context["moments"]])
            address = shown.context["older_href"]
            assert len(pages) < 60
        return pages

    (whole,) = walk("show=steps&show=changes")
    monkeypatch.setattr(history, "ON_A_PAGE", 2)
    pages = walk("show=steps&show=changes")
    assert len(pages) > 1
    assert [line for page in pages for line in page] == whole
    before = Reading.objects.filter(subject=letter.ledger_subject, what="page").count()
    reads = [line for page in walk("show=reads") for line in page]
    times = sum(int(found[1]) if (found := re.search(r"(\d+) times", title)) else 1 for _, _, title, _ in reads)
    assert times >= before
    assert all(newer[0] > older[0] for newer, older in pairwise(reads))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_printed_from_the_browser_it_says_the_same_with_what_lies_folded(page, live_server):
    desk = world.Desk(world.make_office("riv", "Riverside"))
    found = world.letter_in(desk, State.WORKER_CHECKED)
    typed = world.typed(world.BODY.replace("Monday", "Friday"))
    actions.type_letter(letter=found, by=desk.admin, seen=Seen.of(found), typed=typed, reason="The day was wrong.")
    become(page, live_server.url, desk.worker)
    page.goto(live_server.url + reverse("letters:history", args=[found.reference]) + "?show=steps&show=changes")
    said = page.locator(".timeline > li > p:first-child").all_inner_texts()
    assert len(said) > 3
    told = told_by(page.pdf(format="A4"))
    for words in (
        *said,
        "Not the whole history: only “Steps”, “What changed”.",
        "The day was wrong.",
        "Friday",
        "Monday",
    ):
        assert "".join(words.split()) in told, words
    for words in ("Show these", "This history as a PDF", "My work"):
        assert "".join(words.split()) not in told, words


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
    actions.withdraw(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="Odd \U000e0041 \U0010fffd character.")
    response = signed_in(desk.worker).get(url("history_pdf", letter))
    told = told_by(response.content)
    assert "[U+10FFFD]character." in told
    assert "shownbytheirnumbers:U+10FFFD." in told


def test_nobody_else_gets_it(desk, elsewhere, letter):
    for somebody in (elsewhere.admin, desk.other_worker, world.make_user("S", None, world.Role.SYSTEM_ADMINISTRATOR)):
        assert signed_in(somebody).get(url("history_pdf", letter)).status_code == 404
