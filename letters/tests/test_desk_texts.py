"""Templates, standard paragraphs, Word files, drafts taken over: how words get into a letter (OGP-2)."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from docx import Document

from letters import actions
from letters.actions.texts import add_text, change_text
from letters.forms.typing import first_fields
from letters.models import OfficeText, OfficeTextVersion
from letters.placeholders import PLACEHOLDERS, filled, placeholders_left, unknown_in
from letters.rendering.body import body_html
from letters.states import State
from letters.taking_in import LONGEST, html_text, plain_text, word_text
from letters.tests.desk_help import desk, elsewhere, last_entry, seen, signed_in, url
from postroom.ledger.models import Entry
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, Stale, StepError
from tests.support import world

__all__ = ["desk", "elsewhere"]
ENTRY = {"kind": "template", "name": "Invitation", "subject": "Our meeting", "body": "{{greeting}}, come on Monday."}


# --- placeholders: pure --------------------------------------------------------------------------
def test_only_names_on_the_list_are_filled_and_nothing_is_evaluated():
    values = {name: f"<{name}>" for name in PLACEHOLDERS}
    assert filled("{{greeting}} {{ worker }} {{date}}", values) == "<greeting> <worker> <date>"
    for text in (
        "{{greeting.upper}}",
        "{{7*7}}",
        "{{ settings.SECRET_KEY }}",
        "{% now %}",
        "{{}}",
        "{greeting}",
        "${x}",
    ):
        assert filled(text, values) == text
    assert unknown_in("{{greeting}} {{7*7}} {{x}} {{x}} {{}}") == ["7*7", "x", ""]


def test_braces_in_a_name_are_only_braces():
    assert filled("{{addressee}}", {"addressee": "{{worker}}", "worker": "secret"}) == "{{worker}}"


def test_what_is_not_known_stays_open():
    assert placeholders_left(filled("{{role}} {{date}}", {"role": "", "date": "today"})) == ["{{role}}"]


# --- templates -----------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.policy("OGP-2")
def test_each_change_is_a_version_and_a_letter_says_which_it_came_from(desk):
    text = add_text(office=desk.office, by=desk.admin, **ENTRY)
    letter = world.hand_over(desk)
    client = signed_in(desk.admin)
    first = OfficeTextVersion.objects.get()
    page = {**seen(letter), "version": 0, "body": "Before."}
    client.post(url("type", letter), {**page, "put_in": first.pk})
    letter.refresh_from_db()
    fields = letter.working.fields
    assert fields["body"] == f"Before.\n\n{desk.parent.salutation}, come on Monday."
    assert (fields["subject"], fields["texts"]) == ("Our meeting", str(first.pk))
    typed = world.typed(fields["body"], texts=(first,))
    letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(world.fresh(letter)), typed=typed)
    assert list(letter.current.texts.all()) == [first]
    assert str(first.pk) in last_entry(letter).payload
    change_text(text=text, by=desk.manager, seen=1, name="Invitation", subject="", body="Come on Tuesday.")
    assert [row.number for row in text.versions.all()] == [2, 1]
    assert letter.current.texts.get().body == ENTRY["body"], "the letter's own version stays as it was"
    shown = " ".join(client.get(url("letter", letter)).content.decode().split())
    assert "“Invitation”, version 1" in shown
    assert [e.action for e in Entry.objects.filter(subject=text.ledger_subject).order_by("seq")] == [
        "add_text",
        "change_text",
    ]


@pytest.mark.django_db
def test_another_offices_text_cannot_be_put_in(desk, elsewhere):
    add_text(office=elsewhere.office, by=elsewhere.admin, **ENTRY)
    letter = world.hand_over(desk)
    row = OfficeTextVersion.objects.get()
    signed_in(desk.admin).post(url("type", letter), {**seen(letter), "version": 0, "body": "Mine.", "put_in": row.pk})
    letter.refresh_from_db()
    assert letter.working.fields["body"] == "Mine."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("over", "field"),
    [({"name": " "}, "name"), ({"body": " "}, "body"), ({"body": "{{7*7}}"}, "body"), ({"subject": "{{x}}"}, "subject"),
     ({"kind": "poem"}, "kind")],
)  # fmt: skip
def test_a_text_that_cannot_be_names_its_field(desk, over, field):
    with pytest.raises(InvalidStep) as refused:
        add_text(office=desk.office, by=desk.admin, **{**ENTRY, **over})
    assert refused.value.field == field
    assert not OfficeText.objects.exists()


@pytest.mark.django_db
@pytest.mark.policy("OGP-2")
def test_who_keeps_an_offices_texts(desk, elsewhere):
    for who in (desk.worker, desk.duty, desk.ap, elsewhere.admin, elsewhere.manager):
        with pytest.raises(NotAllowed):
            add_text(office=desk.office, by=who, **ENTRY)
    for number, who in enumerate((desk.admin, desk.manager, desk.deputy)):
        add_text(office=desk.office, by=who, **{**ENTRY, "name": f"Text {number}"})


@pytest.mark.django_db
def test_a_second_change_of_the_same_version_is_told(desk):
    text = add_text(office=desk.office, by=desk.admin, **ENTRY)
    change_text(text=text, by=desk.admin, seen=1, name="Invitation", subject="", body="One.")
    with pytest.raises(Stale):
        change_text(text=text, by=desk.manager, seen=1, name="Invitation", subject="", body="Two.")
    with pytest.raises(InvalidStep, match="of that name"):
        add_text(office=desk.office, by=desk.admin, **ENTRY)
    for attempt in (
        lambda: OfficeTextVersion.objects.update(body="x"),
        lambda: OfficeTextVersion.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


@pytest.mark.django_db
def test_the_pages_of_texts(desk):
    client = signed_in(desk.admin)
    assert "There is none yet" in client.get(reverse("letters:texts")).content.decode()
    bad = client.post(reverse("letters:text_new", args=["template"]), {"name": "Visit", "body": "{{7*7}} at ours"})
    assert bad.status_code == 422
    assert "There is no placeholder called 7*7" in bad.content.decode()
    assert "at ours" in bad.content.decode()
    good = client.post(reverse("letters:text_new", args=["paragraph"]), {"name": "Visit", "body": "Ring {{phone}}."})
    assert good.status_code == 302
    text = OfficeText.objects.get()
    page = client.get(reverse("letters:text", args=[text.pk])).content.decode()
    assert "Version 1" in page
    answer = client.post(reverse("letters:text", args=[text.pk]), {"name": "Visit", "body": "Ring.", "seen": "1"})
    assert answer.status_code == 302
    text.refresh_from_db()
    assert not text.is_active
    assert "Put in: Visit" not in client.get(url("type", world.hand_over(desk))).content.decode()


@pytest.mark.django_db
@pytest.mark.policy("OGP-2")
def test_a_letter_with_an_open_place_is_not_handed_on(desk):
    letter = world.hand_over(desk)
    with pytest.raises(InvalidStep, match=r"take it out: \{\{role\}\}"):
        actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed("I am {{role}}."))


# --- a draft taken over --------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.policy("OGP-2", "OGP-3a")
def test_a_typed_draft_is_taken_over_word_for_word(desk):
    letter = world.hand_over(desk)
    client = signed_in(desk.admin)
    assert "Take it over as it is" in client.get(url("type", letter)).content.decode()
    assert client.post(url("take_over", letter), seen(letter)).status_code == 302
    letter = world.fresh(letter)
    assert (letter.state, letter.current.body) == (State.TYPED, letter.draft_text)
    assert letter.current.taken_over
    assert '"taken_over":true' in last_entry(letter).payload
    assert letter.typed_by == desk.admin, "whoever took it over is its typist"
    # Twice in a row: the second finds it taken.
    assert client.post(url("take_over", letter), {"seen_version": 1, "seen_hash": ""}).status_code == 409


@pytest.mark.django_db
@pytest.mark.policy("OGP-3a")
def test_who_takes_over_their_own_draft_never_checks_it(desk):
    world.grant(desk.worker, "admin", desk.office)
    letter = world.hand_over(desk)
    letter = actions.take_over(letter=letter, by=desk.worker, seen=Seen.of(letter))
    with pytest.raises(NotAllowed):
        actions.check(letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True)


@pytest.mark.django_db
def test_what_was_begun_is_not_thrown_away_by_taking_a_draft_over(desk):
    letter, client = world.hand_over(desk), signed_in(desk.admin)

    def begin(edition, **fields):
        kept = {**first_fields(letter), **fields}
        actions.save_working_text(letter=letter, by=desk.other_admin, fields=kept, edition=edition)

    for edition, fields in enumerate(({"body": "Half a letter"}, {"enclosures": [["Map", "1", "", "", ""]]})):
        begin(edition, **fields)
        assert "Take it over as it is" not in client.get(url("type", letter)).content.decode()
        refused = client.post(url("take_over", letter), seen(letter))
        assert refused.status_code == 409
        assert "would be thrown away" in refused.content.decode()
        assert world.fresh(letter).state == State.DRAFTED
    begin(2, body=letter.draft_text)
    assert client.post(url("take_over", letter), seen(letter)).status_code == 302


@pytest.mark.django_db
def test_there_must_be_words_to_take_over(desk):
    letter = world.hand_over(desk)
    type(letter).objects.filter(pk=letter.pk).update(draft_text="")
    with pytest.raises(StepError, match="no typed text"):
        actions.take_over(letter=letter, by=desk.admin, seen=Seen.of(letter))


@pytest.mark.django_db
@pytest.mark.policy("OGP-3a")
def test_a_draft_that_is_to_be_translated_is_not_taken_over_as_the_letter(desk):
    letter = actions.hand_over(
        case=desk.case, addressee=desk.parent, address=desk.address, by=desk.worker, draft_text="Come on Monday.",
        letter_format="language", language="Polish",
    )  # fmt: skip
    assert "Take it over as it is" not in signed_in(desk.admin).get(url("type", letter)).content.decode()
    with pytest.raises(InvalidStep, match="has to be translated"):
        actions.take_over(letter=letter, by=desk.admin, seen=Seen.of(letter))


# --- Word files and texts taken in ---------------------------------------------------------------
def a_word_file() -> bytes:
    document = Document()
    document.add_heading("Our plan", 1)
    line = document.add_paragraph("We met on ")
    line.add_run("Monday").bold = True
    line.add_run(" at 10.")
    document.add_paragraph("First", style="List Bullet")
    document.add_paragraph("Second", style="List Bullet")
    document.add_paragraph("One", style="List Number")
    table = document.add_table(2, 2)
    for row, cells in enumerate((("Day", "Place"), ("Monday", "School | hall"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    document.add_paragraph("# not a heading")
    document.sections[0].header.paragraphs[0].text = "HEADER"
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_file_keeps_headings_bold_lists_and_tables():
    text = word_text(a_word_file())
    assert text.startswith("## Our plan\n\nWe met on **Monday** at 10.\n\n- First\n- Second\n\n")
    assert "| Day | Place |\n| --- | --- |\n| Monday | School \\| hall |" in text
    assert "HEADER" not in text
    html = body_html(text)
    assert "<h2>Our plan</h2>" in html
    assert "<strong>Monday</strong>" in html
    assert html.count("<li>") == 3
    assert "<td>School | hall</td>" in html
    assert "<h2>not a heading</h2>" not in html


@pytest.mark.parametrize(
    "html",
    ["<script>alert(1)</script><p>Hello</p>", '<p onclick="x()">Hello</p>', '<a href="javascript:x()">Hello</a>',
     "<style>p{}</style><p>Hello</p>", "<p>Hello<img src=x onerror=y></p>", "<svg><p>Hello</p></svg>"],
)  # fmt: skip
def test_nothing_of_the_source_but_words_comes_in(html):
    assert html_text(html) == "Hello"


@pytest.mark.parametrize(
    "text", ["1. not a list", "- not one", "# no", "**a**", "a_b_c", "[x](y)", "`c`", "> q", "a | b"]
)
def test_plain_text_says_in_the_letter_what_it_said_in_the_file(text):
    import html
    import re

    shown = html.unescape(re.sub(r"<[^>]+>", "", body_html(plain_text(text)))).strip()
    assert shown == text


def test_a_spoilt_word_file_gives_no_words_and_an_endless_one_no_more_than_fit():
    assert word_text(b"PK\x03\x04 spoilt") == ""
    assert len(plain_text("a" * 90_000)) == LONGEST
