"""What is owed to ICS by folder and over the network, what came back undelivered, and what happened while all was down.

In real Chromium on a desk, on a phone and without scripts, against a real folder and a real local server.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from downtime.models import Downtime, LateEntry
from letters.models import IcsUpload, Letter, OfficePost, Return
from letters.states import State
from letters.tests.desk_help import url
from letters.tests.test_ics import Ics, ics
from postroom.outbox.carrier import run_due
from postroom.uploads.tests import samples
from tests.journeys.at import KINDS, At
from tests.journeys.conftest import make_desk
from tests.journeys.test_desk_words import file, sent_while_away
from tests.support import world
from tests.support.browser import become
from tests.support.world import Desk

__all__ = ["ics"]
pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.django_db(transaction=True)]
DAY = dt.timedelta(days=1)


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk("paper")


def posted_here(at: At, desk: Desk, way: str) -> Letter:
    """A letter about two children, posted on its page at an office that uploads so."""
    OfficePost.objects.filter(office=desk.office).update(ics_way=way)
    world.add_child(desk)
    letter = world.letter_in(desk, State.ENVELOPED)
    become(at.page, at.address, desk.admin)
    at.go("letters:post", letter.reference)
    at.shows("Record the posting")
    at.press("It is in the post")
    at.fails("Choose first or second class")
    at.box("Second class").check()
    at.press("It is in the post")
    at.shows("Letter to")
    at.says("Postroom brings it to ICS itself")
    at.says("There is nothing to do")
    at.says("You can also upload it by hand")
    at.go("letters:upload", letter.reference)
    at.shows("Upload to ICS")
    at.says("Postroom brings this letter to ICS itself")
    at.says("on its way")
    return letter


@KINDS
@pytest.mark.policy("OGP-6")
def test_ics_by_a_folder_that_is_missing_at_first(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, settings: Any, tmp_path: Path, kind: str
) -> None:
    settings.ICS_FOLDER = str(tmp_path)
    at = At(request, kind, live_server.url)
    letter = posted_here(at, desk, "folder")
    run_due()
    at.go("letters:my_work")
    at.says("Upload the letter to")
    at.press("Upload the letter to")
    at.shows("Upload to ICS")
    at.says("The folder for ICS is not there. It is tried again")
    (tmp_path / "riv").mkdir()
    run_due(now=timezone.now() + DAY)
    packages = sorted((tmp_path / "riv").iterdir())
    children = {json.loads((one / "notes.json").read_text())["ics_number"] for one in packages}
    assert children == set(desk.case.people.filter(relationship="child").values_list("ics_number", flat=True))
    at.go("letters:upload", letter.reference)
    at.says("Nothing was done")
    at.look()
    at.go("letters:letter", letter.reference)
    at.says("This letter has gone its whole way")
    at.says(packages[0].name)
    at.look()


@KINDS
@pytest.mark.policy("OGP-6")
def test_ics_over_the_network_refuses_and_admin_does_it_by_hand(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, settings: Any, ics: Ics, kind: str
) -> None:
    settings.ICS_URL, settings.ICS_TOKEN, ics.mode = ics.url, "", "503"
    at = At(request, kind, live_server.url)
    letter = posted_here(at, desk, "http")
    run_due()
    at.page.reload()
    at.says("ICS refused it (code 503). It is tried again")
    at.look()
    # Filed, but the answer is lost; then it is refused for good. Nothing is filed twice.
    ics.mode = "answer lost"
    run_due(now=timezone.now() + DAY)
    ics.mode = "422"
    run_due(now=timezone.now() + 2 * DAY)
    assert len(ics.filed) == 2
    at.page.reload()
    at.says("ICS refused it (code 422). Postroom has given up: upload it by hand below")
    at.look()
    at.press("It is on this child")
    at.fails("Say on which child", "Type the reference that ICS gave")
    child = desk.case.people.filter(relationship="child").order_by("pk")[0]
    at.box(child.name).check()
    at.box("Reference that ICS gave").fill("ICS-40217")
    at.press("It is on this child")
    at.says("Recorded. Next: upload it to the record of")
    at.look()
    at.box("Reference that ICS gave").fill("ICS-40218")
    at.press("It is on the case record")
    at.shows("Letter to")
    assert world.fresh(letter).state == State.UPLOADED
    run_due(now=timezone.now() + 9 * DAY)
    done = IcsUpload.objects.filter(letter=letter).order_by("pk").values_list("reference", flat=True)
    assert sorted(done) == ["ICS-40217", "ICS-40218"]
    assert len(ics.filed) == 2


@KINDS
@pytest.mark.policy("OGP-6", "CLS-6")
def test_returned_undelivered_and_opened(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str
) -> None:
    at = At(request, kind, live_server.url)
    letter = world.letter_in(desk, State.POSTED)
    become(at.page, live_server.url, desk.admin)
    # It lies on the desk, with its reference: found by that.
    at.go("letters:find")
    at.shows("Find a letter")
    at.page.get_by_label("Search letters").fill(letter.reference)
    at.press("Find letter")
    at.shows("Letter to")
    at.press("It came back undelivered")
    at.shows("The letter came back undelivered")
    at.press("Record that it came back")
    at.fails("Say whether the envelope had been opened", "Say why it came back")
    at.box("Yes, or it looks as if").check()
    at.box("Why did it come back?").fill("Gone away.")
    at.fill_day("Day it came back", timezone.localdate() + DAY)
    at.press("Record that it came back")
    at.fails("future")
    expect(at.box("Why did it come back?")).to_have_value("Gone away.")
    at.fill_day("Day it came back", timezone.localdate())
    at.press("Record that it came back")
    at.shows("The letter came back: what comes next")
    at.says("This letter is not on the case record yet")
    row = Return.objects.get()
    assert (row.was_opened, world.fresh(letter).state) == (True, State.RETURNED)
    desk.address.refresh_from_db()
    assert desk.address.in_doubt
    at.press("Report a breach")
    at.look()
    at.says(letter.reference)
    # The worker sees what became of it, and can't write there again.
    become(at.page, live_server.url, desk.worker)
    at.go("letters:letter", letter.reference)
    at.says("It came back undelivered and its address is in doubt")
    at.look()
    at.go("letters:new_for_case", desk.case.reference)
    at.says("In doubt")
    at.look()


def typed_before(desk: Desk) -> Letter:
    """Typed two days ago, as far as anybody's record says."""
    letter = world.letter_in(desk, State.TYPED)
    Letter.objects.filter(pk=letter.pk).update(state_since=timezone.now() - 2 * DAY)
    return world.fresh(letter)


@KINDS
@pytest.mark.policy("OGP-0", "OGP-3a")
def test_a_downtime_and_a_check_entered_later(
    request: pytest.FixtureRequest, live_server: Any, desk: Desk, kind: str
) -> None:
    at, letter = At(request, kind, live_server.url), typed_before(desk)
    yesterday = timezone.localdate() - DAY
    become(at.page, live_server.url, desk.manager)
    at.go("downtime:downtimes")
    at.shows("When the system is down")
    assert at.file_behind("Paper pack of Riverside").startswith(b"%PDF")
    at.press("Open a downtime")
    at.shows("Open a downtime")
    at.press("Open this downtime")
    at.fails("Say what was down")
    at.box("What was down?").fill("No network at the office.")
    for group, label, clock in (("Day it went down", "Time it went down", "15:00"),
                                ("Day it came back", "Time it came back", "9 am")):  # fmt: skip
        at.fill_day(group, yesterday)
        at.box(label).fill(clock)
    at.press("Open this downtime")
    at.fails("end before it began")
    expect(at.box("What was down?")).to_have_value("No network at the office.")
    at.box("Time it went down").fill("9 am")
    at.box("Time it came back").fill("15:00")
    at.press("Open this downtime")
    at.shows("Downtime at Riverside")

    row = Downtime.objects.get()
    become(at.page, live_server.url, desk.admin)
    at.go("downtime:downtime", row.reference)
    at.box("Enter a step from paper").fill("no reference")
    at.press("Go on")
    at.says("That is not a reference")
    at.look()
    at.box("Enter a step from paper").fill(letter.reference.lower())
    at.press("Go on")
    at.shows("Enter a step from paper")
    at.press("Enter this step")
    at.fails("Choose who took the step", "Choose the scan of the paper form")
    check = at.page.get_by_role("main").get_by_label("Check address and body")
    if check.count():
        check.check()
    at.box("Who did it?").select_option(label=desk.worker.name)
    at.fill_day("On which day?", yesterday)
    at.box("At what time?").fill("8.00")
    at.box("Scan or photo").set_input_files(file("form.jpg", samples.picture()))
    at.box("The paper form has every tick").check()
    at.press("Enter this step")
    at.fails("The step has to lie within the downtime")
    at.box("At what time?").fill("11.30")
    at.box("Scan or photo").set_input_files(file("form.jpg", samples.picture()))
    if kind == "plain":
        at.press("Enter this step")
    else:
        sent_while_away(at.page, "Enter this step")
    at.shows("Letter to")
    at.says("Entered")
    done = world.fresh(letter)
    assert (done.state, done.checked_by) == (State.WORKER_CHECKED, desk.worker)
    entry = LateEntry.objects.get()
    assert (entry.by, entry.entered_by) == (desk.worker, desk.admin)
    at.page.goto(live_server.url + url("history", letter))
    at.says(f"Entered later by {desk.admin.name}. It happened on paper on")
    at.look()
    assert at.file_behind("The paper form, as scanned").startswith(b"\xff\xd8")

    become(at.page, live_server.url, desk.manager)
    at.go("downtime:downtime", row.reference)
    at.says(letter.reference)
    at.look()
    at.press("Close this downtime")
    at.says("The downtime is closed")
    at.look()
    become(at.page, live_server.url, desk.admin)
    at.page.goto(live_server.url + url("letter", letter))
    at.shows("Letter to")
