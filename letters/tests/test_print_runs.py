"""Print runs: every letter on a fresh sheet, each its own step, made once however often it is tried (OGP-2)."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from django.urls import reverse

from letters import actions
from letters.actions.print_runs import make_run, say_what_came_out, start_run
from letters.actions.tray import Chosen
from letters.models import Letter, Print, PrintRun
from letters.rendering.print_run import one_to_print
from letters.states import State
from letters.stored import files_in_use
from letters.tests.desk_help import desk, signed_in
from postroom.cases.models import CaseAccess
from postroom.ledger.models import Entry, Reading
from postroom.outbox.models import Job
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotPossible
from tests.support import world

__all__ = ["desk"]


def pages(count: int) -> bytes:
    with pikepdf.new() as document:
        for _ in range(count):
            document.add_blank_page(page_size=(595, 842))
        out = BytesIO()
        document.save(out)
        return out.getvalue()


def test_every_letter_begins_on_a_front() -> None:
    whole = one_to_print([pages(1), pages(2), pages(3)])
    with pikepdf.open(BytesIO(whole)) as document:
        assert len(document.pages) == 2 + 2 + 4
        assert document.Root.ViewerPreferences.PrintScaling == "/None"


def chosen(*letters: Letter) -> list[Chosen]:
    return [Chosen(one, Seen.of(one)) for one in letters]


def carry(run: PrintRun) -> None:
    effect = make_run(Job.objects.get(kind="print_run", key=str(run.pk)))
    if effect is not None:
        effect()
    run.refresh_from_db()


@pytest.mark.django_db
@pytest.mark.policy("OGP-2")
def test_a_run_in_a_browser(desk: world.Desk) -> None:
    first, second, third = (world.letter_in(desk, State.TYPED) for _ in range(3))
    admin = signed_in(desk.admin)
    page = reverse("letters:print_several", args=["riv"])
    assert first.reference in admin.get(page).content.decode()
    assert admin.post(page, {}).status_code == 422
    keys = [f"{one.reference}:{one.version}:{one.content_hash}" for one in (first, second, third)]
    answer = admin.post(page, {"letter": keys})
    run = PrintRun.objects.get()
    assert answer.url == reverse("letters:print_run", args=[run.pk])
    assert "0 of 3" in admin.get(answer.url).content.decode()
    progress = reverse("letters:print_run_progress", args=[run.pk])
    assert admin.get(progress).json()["finished"] is False
    # One is typed again before the worker comes to it: it is left out, with why; the others go.
    actions.type_letter(letter=second, by=desk.admin, seen=Seen.of(second), typed=world.typed("Other words."))
    carry(run)
    assert admin.get(progress).json() == {"done": 3, "total": 3, "finished": True, "href": answer.url}
    body = admin.get(answer.url).content.decode()
    assert "changed since you opened it" in body
    pdf = admin.get(reverse("letters:print_run_pdf", args=[run.pk])).content
    opened = Reading.objects.filter(what="pdf", reader_id=desk.admin.pk).values_list("subject", flat=True)
    assert sorted(opened) == sorted([first.ledger_subject, third.ledger_subject])
    text = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    assert len(text) == 4
    assert first.reference in text[0]
    assert third.reference in text[2]
    assert text[1].strip() == text[3].strip() == ""
    assert set(Print.objects.values_list("letter_id", flat=True)) == {first.pk, third.pk}
    assert files_in_use([run.pdf]) == {run.pdf}
    rows = {row.letter_id: row for row in run.letters.all()}
    admin.post(answer.url, {"came_out": [rows[first.pk].pk, "9" * 5000]})
    said = {one.letter_id: one.came_out for one in Print.objects.all()}
    assert said == {first.pk: True, third.pk: False}
    actions_taken = Entry.objects.filter(action__in=["confirm_print", "void_print"]).order_by("pk")
    assert [(row.subject, row.action) for row in actions_taken] == [
        (first.ledger_subject, "confirm_print"),
        (third.ledger_subject, "void_print"),
    ]
    assert "its sheets are void" in admin.get(answer.url).content.decode()


@pytest.mark.django_db
@pytest.mark.policy("OGP-2")
def test_a_run_that_was_cut_off_prints_nothing_twice(desk: world.Desk) -> None:
    first, second = (world.letter_in(desk, State.TYPED) for _ in range(2))
    run = start_run(office=desk.office, by=desk.admin, chosen=chosen(first, second))
    # Cut off right after the first letter's step, before the run knows of it.
    actions.print_letter(letter=first, by=desk.admin, seen=Seen.of(first))
    carry(run)
    carry(run)
    assert Print.objects.count() == 2
    assert Entry.objects.filter(action="print").count() == 2
    assert not run.letters.exclude(words="").exists()
    assert {row.printed.letter_id for row in run.letters.all() if row.printed} == {first.pk, second.pk}


@pytest.mark.django_db
@pytest.mark.policy("OGP-2", "CLS-1")
def test_what_may_not_be_printed_is_left_out(desk: world.Desk) -> None:
    drafted, typed = world.letter_in(desk, State.DRAFTED), world.letter_in(desk, State.TYPED)
    run = start_run(office=desk.office, by=desk.worker, chosen=chosen(typed, drafted))
    carry(run)
    assert (run.pdf, Print.objects.count()) == ("", 0)
    assert all(row.words for row in run.letters.all())
    with pytest.raises(InvalidStep):
        start_run(office=desk.office, by=desk.admin, chosen=[])


@pytest.mark.django_db
def test_what_came_out_is_said_once_and_after_the_print(desk: world.Desk) -> None:
    letter = world.letter_in(desk, State.TYPED)
    run = start_run(office=desk.office, by=desk.admin, chosen=chosen(letter))
    with pytest.raises(NotPossible, match="isn't made yet"):
        say_what_came_out(run=run, by=desk.admin, came_out=set())
    carry(run)
    say_what_came_out(run=run, by=desk.admin, came_out={run.letters.get().pk})
    with pytest.raises(NotPossible, match="said already"):
        say_what_came_out(run=run, by=desk.admin, came_out=set())


@pytest.mark.django_db
@pytest.mark.policy("CLS-1")
def test_a_run_with_a_letter_that_is_kept_from_somebody_goes_on_without_them(desk: world.Desk) -> None:
    mine = world.letter_in(desk, State.TYPED)
    run = start_run(office=desk.office, by=desk.admin, chosen=chosen(mine))
    effect = make_run(Job.objects.get(kind="print_run", key=str(run.pk)))
    assert effect is not None
    effect()
    page, pdf = (reverse(f"letters:{name}", args=[run.pk]) for name in ("print_run", "print_run_pdf"))
    assert mine.addressee.name in signed_in(desk.other_admin).get(page).content.decode()
    CaseAccess.objects.create(case=desk.case, user=desk.other_admin, kind="barred", set_by=desk.manager)
    said = signed_in(desk.other_admin).get(page).content.decode()
    assert mine.addressee.name not in said
    assert mine.reference not in said
    assert "may not read" in said
    assert signed_in(desk.other_admin).get(pdf).status_code == 403
    assert signed_in(desk.other_admin).post(page, {"came_out": "1"}).status_code == 403
    assert signed_in(desk.admin).get(pdf).status_code == 200
