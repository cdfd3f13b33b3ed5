"""Every form of letters, cases, breaches and papers out, sent empty: it says what is missing, axe finds nothing.

Wide and narrow, over all their pages with a form (stages of other tests); `make test` takes a sample, the soak all.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from breaches import actions
from breaches.duties import Kind
from breaches.tests.test_queries import Stage
from papers.tests.test_queries import Register
from postroom.people.models import User
from postroom.steps.engine import Seen
from tests.access import test_sent_empty as access
from tests.support.browser import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SAMPLE, SEED = 3, 5
# Pages without a form, and forms with nothing that must be entered.
NO_FORM = {
    "breaches", "breach", "the breach, its reporter", "history", "history_pdf", "my work", "register",
    "breach_reports:overview", "breach_reports:reports", "breach_reports:report", "board", "ended", "entry",
    "agreements", "the manager's work",
}  # fmt: skip
NOTHING_TO_ENTER = {"agree", "close", "not_taken", "notify"}
# Forms with several buttons: which one needs what is missing.
BUTTONS = {"answer": "Refuse: they stay", "take": "Court", "report": "Send the report", "draft": "Send the report"}
EMPTY = """() => {
  for (const box of document.querySelectorAll("main form input, main form textarea, main form select")) {
    if (box.type === "hidden" || box.type === "submit") continue;
    if (box.type === "checkbox" || box.type === "radio") box.checked = false;
    else if (box.tagName === "SELECT") box.selectedIndex = 0;
    else box.value = "";
  }
  for (const more of document.querySelectorAll("details")) more.open = true;
}"""

Pages = dict[str, tuple[User, str]]


def of_breaches() -> Pages:
    """The pages of a theft on which everything has happened, with somebody who may take each step."""
    stage = Stage()
    scene, breach, other = stage.scene, stage.fresh(), stage.scene.reported()
    ask = {"by": scene.ig, "reason": "She said no."}
    actions.ask_exception(breach=breach, seen=Seen.of(breach), kind="refused", **ask)
    until = timezone.localdate() + dt.timedelta(days=9)
    actions.ask_exception(breach=other, seen=Seen.of(other), kind="danger", until=until, **ask)
    pages = stage.pages()
    made, promised = scene.reported(Kind.LOSS), scene.reported(Kind.LOSS)
    actions.make_notification(breach=made, by=scene.ig, seen=Seen.of(made))
    scene.referred(promised, more_to_come=True, more_by=until)
    deferral = reverse("breaches:answer_deferral", args=[other.reference])
    return pages | {
        "answer_meeting": (scene.desk.manager, pages["answer_meeting"][1]),
        "answer_deferral": (scene.cg, deferral),
        "refer": (scene.ig, reverse("breaches:refer", args=[made.reference])),
        "withdraw_phase": (scene.ig, reverse("breaches:withdraw_phase", args=[promised.reference])),
    }


def of_papers() -> Pages:
    """The pages of papers in every state."""
    return Register().pages()


def of_letters() -> Pages:
    """The forms of letters, each with its letter where it can be used."""
    buttons = {"check_together", "enveloping", "print_several", "tray"} | access.OF_NOTHING
    names = set(access.names_of_letters()) - buttons
    return {f"letter: {name}": (user, path) for name, user, path in access.of_letters(access.Council(), names)}


def of_cases() -> Pages:
    """The forms of cases, but for the one that is of a closed case."""
    return {name: (user, path) for name, user, path in access.of_cases(access.CaseCouncil(), closed=False)}


def forms_of(pages: Pages) -> Pages:
    """Those that have something to enter."""
    return {name: page for name, page in pages.items() if name not in NO_FORM | NOTHING_TO_ENTER}


def sign_in(page: Page, user: User, address: str) -> None:
    """Give the browser that person's session."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    page.context.clear_cookies()
    cookie: Any = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}
    page.context.add_cookies([cookie])


def send_empty(page: Page, name: str, user: User, address: str, path: str) -> None:
    """Empty each box, press the button, and look at what comes back."""
    sign_in(page, user, address)
    page.goto(f"{address}{path}")
    axe(page)
    page.evaluate(EMPTY)
    button = page.locator("main form button[type=submit]")
    if name in BUTTONS:
        button = page.locator("main").get_by_role("button", name=BUTTONS[name], exact=True)
    with page.expect_navigation():
        button.first.click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    errors = page.locator(".govuk-error-summary a")
    for link in errors.all():
        expect(page.locator(link.get_attribute("href") or "#nothing")).to_have_count(1)
    asking = [words for words in errors.all_inner_texts() if "?" in words]
    assert asking == [], "an error is no question"
    axe(page)


def look_at(pages: Pages, screens: list[Page], address: str) -> None:
    """All of them; then says what was wrong with which."""
    wrong = []
    for name, (user, path) in sorted(pages.items()):
        for screen in screens:
            try:
                send_empty(screen, name, user, address, path)
            except (AssertionError, PlaywrightError) as fault:
                wrong.append(f"{name}: {str(fault)[:600]}")
    assert wrong == [], "\n\n".join(wrong)


def test_a_sample_of_forms_sent_empty(page: Page, phone: Page, live_server: Any) -> None:
    forms = forms_of(of_breaches())
    names = Random(SEED).sample(sorted(forms), SAMPLE)
    look_at({name: forms[name] for name in names[1:]}, [page], live_server.url)
    look_at({name: forms[name] for name in names[:1]}, [phone], live_server.url)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("floor", [of_breaches, of_papers, of_letters, of_cases])
def test_every_form_sent_empty(floor: Any, page: Page, phone: Page, live_server: Any) -> None:
    forms = forms_of(floor())
    assert len(forms) > 10
    look_at(forms, [page, phone], live_server.url)
