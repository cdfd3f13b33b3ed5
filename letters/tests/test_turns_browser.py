"""Cover, what changed hands, an office's details from a day on, the choice of e-mails: in real Chromium, with axe."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from letters.states import State
from postroom.cases.actions import allocate
from postroom.outbox.choices import choice_of
from postroom.people.models import OfficeChange, RoleGrant
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world
from tests.support.browser import axe, become

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("POSTROOM_TURNS_PICTURES", "")


def look(page: Page, name: str) -> None:
    """axe; and a picture for whoever asked for it."""
    axe(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def fill_day(page: Page, group: str, day: dt.date) -> None:
    dates = page.get_by_role("group", name=group)
    for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        dates.get_by_label(label, exact=True).fill(str(value))


@pytest.mark.policy("CLS-1", "OGP-5")
@pytest.mark.parametrize("width", ["page", pytest.param("phone", marks=pytest.mark.soak)])
def test_a_managers_and_an_administrators_day(request, live_server, width):
    page: Page = request.getfixturevalue(width)
    desk = world.Desk(world.make_office("riv", "Riverside"))
    far = world.Desk(world.make_office("hil", "Hillview"))
    system = world.make_user("Sid System", None, Role.SYSTEM_ADMINISTRATOR)
    world.letter_in(desk, State.TYPED)
    allocate(case=desk.case, worker=desk.other_worker, by=desk.deputy, seen=Seen.of(desk.case))
    today = timezone.localdate()

    become(page, live_server.url, desk.manager)
    page.goto(live_server.url + "/")
    page.get_by_role("link", name="Case " + desk.case.reference).click()
    heading(page, f"Case {desk.case.reference}")
    look(page, "handed-on")
    page.get_by_role("button", name="I have looked at it").click()
    heading(page, "My work")
    expect(page.get_by_text("off your list")).to_be_visible()
    page.goto(live_server.url + "/cases/handed-on/")
    look(page, "handed-on-list")

    page.goto(live_server.url + "/cover/")
    heading(page, "Admin duty and cover at Riverside")
    look(page, "cover-none")
    page.get_by_role("button", name="Give admin duty or cover").click()
    heading(page, "Give admin duty or cover at Riverside")
    look(page, "cover-give")
    page.get_by_label("Who").select_option(label=f"{far.worker.name} (Hillview)")
    page.get_by_label("Cover as team manager", exact=True).check()
    fill_day(page, "Last day", today + dt.timedelta(days=2))
    page.get_by_role("button", name="Give it").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    look(page, "cover-error")
    page.get_by_label("Cover as social worker", exact=True).check()
    page.get_by_role("button", name="Give it").click()
    heading(page, "Admin duty and cover at Riverside")
    expect(page.get_by_role("link", name=f"End: {far.worker.name}")).to_be_visible()
    look(page, "cover")
    assert RoleGrant.objects.get(is_cover=True).user == far.worker
    page.get_by_role("link", name=f"End: {far.worker.name}").click()
    heading(page, f"End what {far.worker.name} does at Riverside")
    look(page, "cover-end")

    page.goto(live_server.url + "/envelope-stock/offices/riv/")
    heading(page, "How Riverside does its post")
    look(page, "office-post")

    become(page, live_server.url, system)
    page.goto(live_server.url + "/offices/riv/plan/")
    heading(page, "Change Riverside from a day on")
    page.get_by_label("Telephone").fill("01632 960999")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    look(page, "office-plan-error")
    fill_day(page, "From which day?", today + dt.timedelta(days=9))
    page.get_by_role("button", name="Save").click()
    heading(page, "Riverside")
    look(page, "office")
    page.get_by_role("link", name="Withdraw").click()
    heading(page, "Withdraw what changes on")
    look(page, "office-withdraw")
    page.get_by_role("button", name="Withdraw it").click()
    heading(page, "Riverside")
    assert OfficeChange.objects.get().withdrawn_by == system


def test_the_choice_of_e_mails_without_scripts(plain: Page, phone: Page, live_server):
    desk = world.Desk(world.make_office("riv", "Riverside"))
    world.letter_in(desk, State.TYPED)
    cache.clear()
    become(plain, live_server.url, desk.worker)
    plain.goto(live_server.url + "/account/")
    expect(plain.get_by_role("link", name="1 waiting for you on My work")).to_be_visible()
    plain.get_by_role("link", name="Choose when e-mails about your work come").click()
    heading(plain, "E-mails about your work")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("heading", name="There is a problem")).to_be_visible()
    plain.get_by_label("Each working morning, all in one e-mail").check()
    plain.get_by_role("button", name="Save").click()
    heading(plain, "Your account")
    assert choice_of(desk.worker) == "morning"
    become(phone, live_server.url, desk.worker)
    phone.goto(live_server.url + "/account/notices/")
    look(phone, "notices")
