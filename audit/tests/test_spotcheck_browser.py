"""The whole way in real Chromium: drawn at a desk, checked on a tablet, answered on a phone; axe on each page."""

from __future__ import annotations

import datetime as dt
import os
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from audit.actions.dice import confirm_dice
from audit.dashboards.keeping import keep_up
from audit.models import Finding, SpotCheck
from audit.spotchecks.checklist import EMAIL_QUESTIONS, QUESTIONS
from audit.tests.help import SEED, Scene, leave
from audit.tests.test_copies_by_email import came_back
from distribution.tests.world import Conference
from letters.states import State
from postroom.ledger.sealing import seal
from postroom.people.models import Office
from postroom.steps.engine import Seen
from tests.support import world
from tests.support.browser import axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.policy("OGP-10")]
TABLET = {"width": 768, "height": 1024}


def shot(page: Page, name: str) -> None:
    """A picture for whoever looks, where POSTROOM_SHOTS names a folder."""
    if folder := os.environ.get("POSTROOM_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def tick(page: Page, code: str, answer: str) -> None:
    """Answer a question."""
    page.locator(f"input[name={code}][value={answer}]").check()


def answer_all(page: Page) -> None:
    """Each question in order, or not about this letter."""
    for question in QUESTIONS:
        tick(
            page, question.code, "na" if question.code in ("pp", "out_of_area", "ics_date", "hand_delivery") else "yes"
        )


def test_a_spot_check_from_the_draw_to_the_follow_up(page: Page, phone: Page, live_server: Any):
    scene = Scene(letters=3, state=State.ENVELOPED)
    # An office that is there for longer than the first check may take.
    Office.history.filter(id=scene.desk.office.pk).update(history_date=timezone.now() - dt.timedelta(days=40))
    become(page, live_server.url, scene.dam)
    page.goto(live_server.url + "/")
    expect(page.get_by_role("heading", name="Spot checks due")).to_be_visible()
    page.goto(live_server.url + reverse("audit:spot_checks"))
    axe(page)
    shot(page, "spot-checks")
    page.get_by_role("link", name="10 from the tray now at Riverside").click()
    expect(page.get_by_role("heading", name="Draw 3 from the tray now at Riverside")).to_be_visible()
    axe(page)
    shot(page, "new")
    page.get_by_text("Choose other post, another number").click()
    page.locator("input[name=sample]").fill("")
    page.get_by_role("button", name="See what that proves").click()
    expect(page.get_by_role("link", name="Enter how many items to draw")).to_be_visible()
    axe(page)
    page.locator("input[name=sample]").fill("2")
    page.get_by_role("button", name="See what that proves").click()
    expect(page.get_by_role("heading", name="Draw 2 from the tray now at Riverside")).to_be_visible()
    shot(page, "new-open")
    page.get_by_role("button", name="Fix the list, then throw the dice").click()
    expect(page.get_by_role("heading", name="It is leaving the house")).to_be_visible()
    axe(page)
    shot(page, "leaving")
    leave()
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("heading", name="Now throw the dice")).to_be_visible()
    page.get_by_label("The 20 digits").fill("12345")
    page.get_by_label("Who saw the dice with you").select_option(label=scene.desk.manager.name)
    page.get_by_role("button", name="Record the dice, and ask who saw them").click()
    expect(page.get_by_text("You entered 5 characters.").first).to_be_visible()
    axe(page)
    shot(page, "seed-error")
    page.get_by_label("The 20 digits").fill(f"{SEED[:10]} {SEED[10:]}")
    page.get_by_label("Who saw the dice with you").select_option(label=scene.desk.manager.name)
    page.get_by_role("button", name="Record the dice, and ask who saw them").click()
    expect(page.get_by_role("heading", name=f"Waits for {scene.desk.manager.name}")).to_be_visible()
    axe(page)
    shot(page, "waits")
    the_witness_confirms(phone, live_server, scene)
    page.get_by_role("button", name="Look again").click()
    page.get_by_role("button", name="Draw 2 items").click()
    expect(page.get_by_text("Drawn.")).to_be_visible()
    page.get_by_role("button", name="Begin checking").click()
    expect(page.get_by_text("Begun. Take the first item.")).to_be_visible()
    axe(page)
    page.get_by_text("How anybody can repeat the draw").click()
    expect(page.locator("#outsider")).to_contain_text("that the dice were thrown only once")
    axe(page)
    shot(page, "check")
    at_the_tray(page)
    check = SpotCheck.objects.get()
    page.goto(live_server.url + reverse("audit:spot_check", args=[check.reference]))
    page.get_by_role("button", name="Finish, and see the result").click()
    expect(page.get_by_text("1 of the 2 drawn was faulty.")).to_be_visible()
    axe(page)
    shot(page, "finished")
    page.get_by_text("How anybody can repeat the draw").click()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download frame.txt").click()
    assert loading.value.path().read_bytes() == check.strata.get().frame.encode()
    the_owner_answers(phone, live_server, scene)


def at_the_tray(page: Page) -> None:
    """On a tablet: the first letter with a fault, saved by itself, given in, a finding; the second in order."""
    page.set_viewport_size(TABLET)
    page.get_by_role("button", name="Check the next item").click()
    expect(page.get_by_role("button", name="Give it in")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Give it in").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    axe(page)
    answer_all(page)
    tick(page, "initials", "no")
    page.locator("input[name=initials_note]").fill("Nothing on the back.")
    page.locator("[data-saved][data-state=saved]").wait_for()
    page.goto(page.url)  # a reload would send the refused form again
    expect(page.locator("input[name=initials][value=no]")).to_be_checked()
    shot(page, "item")
    page.get_by_role("button", name="Give it in").click()
    expect(page.get_by_role("heading", name="A fault")).to_be_visible()
    axe(page)
    shot(page, "item-fault")
    page.get_by_role("button", name="Raise a finding").click()
    expect(page.get_by_role("heading", name="Raise a finding on letter")).to_be_visible()
    axe(page)
    page.get_by_label("Whose it is").select_option(label="Ada Admin at riv")
    for part, value in (("day", "31"), ("month", "12"), ("year", "2099")):
        page.locator(f"input[name=due_on_{part}]").fill(value)
    shot(page, "finding-new")
    page.get_by_role("button", name="Raise it, and tell them").click()
    expect(page.get_by_text("has been told.")).to_be_visible()
    page.get_by_role("link", name="The spot check").click()
    expect(page.get_by_role("heading", name="Spot check of Riverside")).to_be_visible()
    page.get_by_role("button", name="Check the next item").click()
    expect(page.get_by_role("button", name="Give it in")).to_be_visible()
    answer_all(page)
    page.get_by_role("button", name="Give it in").click()
    expect(page.get_by_text("recorded, all in order")).to_be_visible()


def the_witness_confirms(phone: Page, live_server: Any, scene: Scene) -> None:
    """On their own phone: from My work to the digits, and confirmed."""
    become(phone, live_server.url, scene.desk.manager)
    phone.goto(live_server.url + "/")
    phone.get_by_role("button", name="Say if you saw them").click()
    expect(phone.get_by_text("00123 45678 90123 45678")).to_be_visible()
    phone.get_by_text("These are not the dice I saw").click()
    phone.get_by_role("button", name="Say that they are not").click()
    expect(phone.get_by_role("link", name="Say what you saw instead")).to_be_visible()
    axe(phone)
    shot(phone, "dice")
    phone.get_by_role("button", name="I saw these dice").click()
    expect(phone.get_by_role("heading", name="You confirmed them")).to_be_visible()
    axe(phone)
    shot(phone, "dice-confirmed")


def the_owner_answers(phone: Page, live_server: Any, scene: Scene) -> None:
    become(phone, live_server.url, scene.desk.admin)
    phone.goto(live_server.url + "/")
    phone.get_by_role("button", name="Answer it").click()
    expect(phone.get_by_role("heading", name="Finding of a spot check")).to_be_visible()
    axe(phone)
    shot(phone, "finding")
    phone.get_by_label("What was done about it").fill("Everybody was shown again.")
    phone.get_by_role("button", name="Record what was done").click()
    expect(phone.get_by_text("Recorded.")).to_be_visible()
    assert Finding.objects.get().state == "answered"


def test_what_is_given_in_waits_for_the_save_under_way(page: Page, live_server: Any):
    """Else the save would move the checklist on, and what was given in would be refused as out of date."""
    scene = Scene(letters=1)
    check = scene.checking(sample=1)
    become(page, live_server.url, scene.dam)
    held: list[Route] = []
    page.route("**/save/", lambda route: held.append(route))
    page.clock.install()
    page.goto(live_server.url + reverse("audit:item", args=[check.reference, 1]))
    answer_all(page)
    with page.expect_request("**/save/"):
        page.clock.run_for(3000)
    tick(page, "initials", "no")  # changed since the save was sent: "Saved" would not be true now
    page.locator("input[name=initials_note]").fill("None.")
    page.get_by_role("button", name="Give it in").click()
    expect(page.locator("[data-saved]")).to_have_text("Not saved yet")
    held[0].continue_()
    expect(page.get_by_role("heading", name="A fault")).to_be_visible()
    assert len(held) == 1


@pytest.mark.soak
@pytest.mark.policy("OGP-9", "CLS-6")
def test_what_was_e_mailed_from_the_draw_to_the_result_on_a_tablet(page: Page, live_server: Any):
    """One e-mail came back, one waits for its password: both drawn, one at fault; a third picked as risky."""
    place = Conference(world.Desk(world.make_office("riv", "Riverside")))
    dam = world.make_user("Dee Aham", None, world.Role.DISTRICT_ADMIN_MANAGER)
    copies = [place.in_state("sent by e-mail") for _ in range(3)]
    for copy in copies[:2]:
        came_back(copy)
    page.set_viewport_size(TABLET)
    become(page, live_server.url, dam)
    page.goto(live_server.url + reverse("audit:spot_check_new"))
    today = timezone.localdate()
    page.get_by_label("Sent by secure e-mail in the period").check()
    for end in ("first", "last"):
        for part in ("day", "month", "year"):
            page.locator(f"input[name={end}_day_{part}]").fill(str(getattr(today, part)))
    page.locator("input[name=sample]").fill("2")
    page.get_by_role("button", name="See what that proves").click()
    expect(page.get_by_role("heading", name="Draw 2 from")).to_be_visible()
    axe(page)
    shot(page, "tablet-new")
    page.get_by_role("button", name="Fix the list, then throw the dice").click()
    leave()
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("heading", name="Now throw the dice")).to_be_visible()
    axe(page)
    page.get_by_label("The 20 digits").fill(SEED)
    page.get_by_label("Who saw the dice with you").select_option(label=place.desk.manager.name)
    page.get_by_role("button", name="Record the dice, and ask who saw them").click()
    thrown = SpotCheck.objects.get()
    confirm_dice(check=thrown, by=place.desk.manager, seen=Seen.of(thrown))
    page.get_by_role("button", name="Look again").click()
    page.get_by_role("button", name="Draw 2 items").click()
    expect(page.get_by_text("Drawn.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Begin checking").click()
    expect(page.get_by_text("Begun. Take the first item.")).to_be_visible()
    shot(page, "tablet-check")
    page.get_by_role("link", name="Pick a risky item beside the draw").click()
    expect(page.get_by_role("heading", name="Pick an item beside the draw")).to_be_visible()
    axe(page)
    shot(page, "tablet-pick")
    page.get_by_role("link", name="The spot check").click()
    expect(page.get_by_role("heading", name="Spot check of Riverside")).to_be_visible()
    for last in (False, True):
        page.get_by_role("button", name="Check the next item").click()
        expect(page.get_by_role("button", name="Give it in")).to_be_visible()
        expect(page.get_by_text("Did it go as an encrypted file?")).to_be_visible()
        axe(page)
        shot(page, f"tablet-item-{last}")
        for question in EMAIL_QUESTIONS:
            tick(page, question.code, "yes")
        if last:
            tick(page, "arrived", "no")
            page.locator("input[name=arrived_note]").fill("Nobody asked the school.")
        page.get_by_role("button", name="Give it in").click()
        expect(page.get_by_text("recorded, all in order" if not last else "A fault").first).to_be_visible()
        axe(page)
        if not last:
            page.goto(live_server.url + reverse("audit:spot_check", args=[SpotCheck.objects.get().reference]))
    page.get_by_role("button", name="Raise a finding, or report a breach").click()
    expect(page.get_by_role("button", name="Report a breach or near miss")).to_be_visible()
    axe(page)
    page.goto(live_server.url + reverse("audit:spot_check", args=[SpotCheck.objects.get().reference]))
    page.get_by_role("button", name="Finish, and see the result").click()
    expect(page.get_by_text("1 of the 2 drawn was faulty.")).to_be_visible()
    axe(page)
    shot(page, "tablet-result")


def test_while_the_figures_are_counted_the_page_says_so(page: Page, live_server: Any):
    scene = Scene(letters=2)
    become(page, live_server.url, scene.desk.manager)
    page.goto(live_server.url + reverse("audit:figures"))
    expect(page.get_by_text("being counted for the first time")).to_be_visible()
    axe(page)
    shot(page, "counted-1280")
    page.set_viewport_size({"width": 390, "height": 800})
    shot(page, "counted-390")
    seal(everything=True)
    keep_up()
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("link", name="Posted, not on the case record", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", ["page", pytest.param("phone", marks=pytest.mark.soak)])
def test_the_smaller_pages_pass_axe(request: Any, live_server: Any, width: str):
    page: Page = request.getfixturevalue(width)
    scene = Scene(letters=3)
    world.letter_in(scene.desk, State.POSTED, by_pp=True)
    check = scene.checking()
    become(page, live_server.url, scene.dam)
    for name, more in (
        ("spot_checks", []),
        ("spot_check_new", []),
        ("spot_check", [check.reference]),
        ("spot_check_pick", [check.reference]),
        ("spot_check_abandon", [check.reference]),
        ("item", [check.reference, 1]),
        ("item_missing", [check.reference, 1]),
        ("item_correct", [check.reference, 1]),
    ):
        page.goto(live_server.url + reverse(f"audit:{name}", args=more))
        axe(page)
        shot(page, f"{width}-{name}")
        if name in ("spot_check_pick", "item_missing"):
            page.locator("main button[type=submit]").first.click()
            expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
            axe(page)


@pytest.mark.parametrize("width", ["page", pytest.param("phone", marks=pytest.mark.soak)])
def test_figures_and_policies_pass_axe(request: Any, live_server: Any, width: str):
    import_module("audit.migrations.0002_policies_in_force").add(apps, None)
    page: Page = request.getfixturevalue(width)
    scene = Scene(letters=2)
    world.letter_in(scene.desk, State.UPLOADED, by_pp=True)
    world.letter_in(scene.desk, State.TYPED)
    scene.finished(sample=2, initials="None on the back.")
    seal(everything=True)
    keep_up()
    become(page, live_server.url, scene.desk.manager)
    page.goto(live_server.url + reverse("audit:figures"))
    expect(page.get_by_role("heading", name="Compliance at a glance")).to_be_visible()
    axe(page)
    shot(page, f"{width}-figures")
    page.get_by_role("link", name="Posted, not on the case record", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Posted, not on the case record")).to_be_visible()
    axe(page)
    page.goto(live_server.url + reverse("audit:policies"))
    axe(page)
    shot(page, f"{width}-policies")
    page.get_by_role("button", name="Read and acknowledge").first.click()
    expect(page.get_by_role("button", name="Acknowledge this version")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Acknowledge this version").click()
    expect(page.get_by_role("link", name="Tick that you have read it.")).to_be_visible()
    axe(page)
    page.get_by_label("I have read the whole text").check()
    page.get_by_role("button", name="Acknowledge this version").click()
    expect(page.get_by_text("You have acknowledged this version.")).to_be_visible()
    shot(page, f"{width}-policy")
    page.goto(live_server.url + reverse("audit:policy_missing"))
    axe(page)
    become(page, live_server.url, scene.dam)
    page.goto(live_server.url + reverse("audit:policy_new", args=["outgoing-post"]))
    axe(page)
    page.get_by_role("button", name="Put it in force").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    axe(page)
