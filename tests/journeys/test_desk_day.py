"""A day at the desk in real Chromium: print runs, envelopes, the post bag, labels, lists, files from ICS.

On a desk, on a phone, and without scripts; axe on every page and error state.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from letters.actions.print_runs import KIND, make_run
from letters.models import PrintRun, SavedFilter
from letters.states import State
from postroom.cases.ics import taking
from postroom.outbox.carrier import carry
from postroom.outbox.models import Job
from tests.journeys.at import KINDS, At
from tests.journeys.conftest import make_desk
from tests.support import world
from tests.support.browser import become
from tests.support.world import Desk

pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    """An office that signs on paper."""
    return make_desk("paper")


@KINDS
@pytest.mark.policy("OGP-2")
def test_a_print_run_goes_on_while_one_is_elsewhere(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str
) -> None:
    at = At(request, kind, live_server.url)
    first, second = (world.letter_in(desk, State.TYPED) for _ in range(2))
    become(at.page, live_server.url, desk.admin)
    at.go("letters:print_several", desk.office.code)
    at.shows("Print several letters")
    for letter in (first, second):
        at.page.get_by_label(letter.reference).uncheck()
    at.press("Make the PDF")
    at.fails("Tick 1 to 200 letters")
    for letter in (first, second):
        at.page.get_by_label(letter.reference).check()
    at.press("Make the PDF")
    run = PrintRun.objects.get()
    at.shows("Print run of 2 letters")
    at.says("0 of 2")
    # Away to other work; the worker makes the PDF meanwhile.
    at.go("letters:my_work")
    at.shows("My work")
    effect = make_run(Job.objects.get(kind=KIND, key=str(run.pk)))
    assert effect is not None
    effect()
    at.go("letters:print_several", desk.office.code)
    at.says("say what came out")
    at.go("letters:print_run", run.pk)
    at.shows("Print run of 2 letters")
    assert at.file_behind("Open the PDF to print").startswith(b"%PDF")
    at.page.get_by_label(re.compile(f"letter {first.reference} came out")).check()
    at.press("Record what came out")
    at.shows("Print run of 2 letters")
    at.says("No: its sheets are void")


@KINDS
@pytest.mark.policy("OGP-4b", "OGP-5")
def test_envelopes_tray_and_the_post_bag(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str
) -> None:
    at = At(request, kind, live_server.url)
    letters = [world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED)) for _ in range(2)]
    become(at.page, live_server.url, desk.admin)
    at.go("letters:enveloping", desk.office.code)
    at.shows("Several letters into their envelopes")
    at.press("Those ticked are in their envelopes")
    at.fails("Tick")
    for letter, counted in zip(letters, ("1", "7"), strict=True):
        at.page.get_by_label(f"Sheets you counted for {letter.reference}").fill(counted)
        at.page.get_by_label(re.compile(f"letter {letter.reference}$")).last.check()
    at.press("Those ticked are in their envelopes")
    at.says("1 of 2 could not be done")
    at.look()
    assert [world.fresh(one).state for one in letters] == [State.ENVELOPED, State.SIGNED]
    at.go("letters:tray", desk.office.code)
    at.shows("The tray of Riverside")
    at.press("Those ticked are in the post")
    at.fails("Tick")
    at.page.get_by_label(letters[0].reference).check()
    at.page.get_by_label("Second class").check()
    at.press("Those ticked are in the post")
    at.says("Posted.")
    at.look()
    assert world.fresh(letters[0]).state == State.POSTED
    at.go("letters:tray", desk.office.code)
    assert at.file_behind("The bag").startswith(b"%PDF")


@KINDS
@pytest.mark.policy("OGP-5")
def test_return_labels(request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str) -> None:
    at = At(request, kind, live_server.url)
    become(at.page, live_server.url, desk.admin)
    at.go("letters:labels", desk.office.code)
    at.shows("Return labels for Riverside")
    at.says("NCC")
    at.page.get_by_label("First free label on the sheet").fill("99")
    at.press("Make the PDF")
    at.fails("21")
    at.page.get_by_label("First free label on the sheet").fill("4")
    at.page.get_by_role("radio").first.check()
    with at.page.expect_download() as download:
        at.page.get_by_role("button", name="Make the PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


@KINDS
@pytest.mark.policy("CLS-1")
def test_finding_filters_that_are_kept_and_csv(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str
) -> None:
    at = At(request, kind, live_server.url)
    drafted, posted = world.hand_over(desk), world.letter_in(desk, State.POSTED)
    become(at.page, live_server.url, desk.admin)
    at.go("letters:find")
    at.shows("Find a letter")
    at.page.get_by_label("Search letters").fill("nobody of that name")
    at.press("Find letter")
    at.fails("There is no such letter that you may read")
    at.page.get_by_label("Search letters").fill(desk.parent.name)
    at.press("Find letter")
    at.says(drafted.reference)
    at.look()
    at.go("letters:find")
    at.page.get_by_text("Narrow the list").click()
    at.page.get_by_label("Stands at").select_option("posted")
    at.press("Narrow")
    at.says(posted.reference)
    expect(at.page.get_by_role("main")).not_to_contain_text(drafted.reference)
    at.press("Keep this list")
    at.fails("Enter a name for this list")
    at.page.get_by_label("Keep this list as").fill("In the post")
    at.press("Keep this list")
    at.says("The list is kept")
    at.look()
    assert SavedFilter.objects.get().query == "state=posted"
    assert posted.reference in at.file_behind("This list as CSV").decode("utf-8-sig")
    at.go("letters:find")
    at.press("In the post")
    at.says(posted.reference)
    at.press("Forget")
    at.shows("Find a letter")
    assert not SavedFilter.objects.exists()


@KINDS
@pytest.mark.policy("CLS-6")
def test_a_file_from_ics(request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str) -> None:
    at = At(request, kind, live_server.url)
    become(at.page, live_server.url, desk.admin)
    at.go("case_ics_imports")
    at.shows("Files from ICS")
    at.press("Show what it would change")
    at.fails("file")
    head = "case,office,worker,person,relationship,name,ics_number,date_of_birth,address_1,address_2,postcode"
    rows = ["F1,riv,,P1,child,Robin Fromics,501,2016-07-20,,,", "F1,elsewhere,,P2,parent,Ada Fromics,,,,,"]
    data = "\n".join([head, *rows, "F2,riv,,P3,child,Kim Fromics,502,2015-01-02,,,"]).encode()
    today = timezone.localdate()
    for label, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        at.page.get_by_label(label, exact=True).fill(str(value))
    file: Any = {"name": "ics.csv", "mimeType": "text/csv", "buffer": data}
    at.page.locator("input[type=file]").set_input_files(file)
    at.press("Show what it would change")
    at.look()
    carried()
    at.page.reload()
    at.says("several offices")
    at.says("Kim Fromics")
    at.look()
    at.press("Take it over")
    carried()
    at.page.reload()
    at.look()
    at.go("cases")
    at.shows("Cases")


def carried() -> None:
    """What the worker does meanwhile."""
    while job := Job.objects.filter(kind__in=[taking.READ, taking.TAKE], state="owed").first():
        carry(job.pk)
