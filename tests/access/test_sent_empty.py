"""Every form of letters and cases sent empty: what is missing is said, nothing is done, never a fault of the page.

Over the lists of who may use which page, which hold every address: a new form is in it by itself. `make test` takes
some of the letters' and all of the cases'; the soak all, in a real browser too (tests/journeys/test_error_states.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from random import Random

import pytest
from django.db import transaction
from django.test import Client

from postroom.cases import actions as case_actions
from postroom.cases.models import Case
from postroom.cases.states import CaseState
from postroom.ledger.models import Entry
from postroom.people.models import User
from postroom.steps.engine import Seen
from tests.access.expected_letters import NOT_TAKEN
from tests.access.expected_letters import PAGES as LETTER_PAGES
from tests.access.expected_people_cases import EXPECTED as CASE_PAGES
from tests.access.test_letters import BACKEND, Council, address_of
from tests.access.test_people_cases import addresses
from tests.support.council import Council as CaseCouncil

pytestmark = pytest.mark.django_db
SOAK = bool(os.environ.get("POSTROOM_SOAK"))
SAMPLE, SEED = 4, 11
# Nothing has to be entered: they do what they do on being asked, or keep what is typed so far.
NOTHING_TO_ENTER = {
    "sign", "pp", "print", "return_to_worker", "take_over", "take_out", "bring_back", "autosave", "preview", "type",
    "print_run", "notices_seen", "brief", "labels", "case_handed_on", "case_unname", "case_unbar", "case_lift",
    "case_ics_wrong", "case_ics_settle", "case_ics_import", "case_person_off", "case_person_back",
    "case_address_retire",
}  # fmt: skip
# Buttons that name what they are of; without it they are of nothing.
OF_NOTHING = {"say_came_out"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')

Asked = tuple[str, User, str]


def names_of_letters() -> list[str]:
    return sorted({page.name for page in LETTER_PAGES if page.post is not NOT_TAKEN} - NOTHING_TO_ENTER)


def of_letters(council: Council, names: set[str]) -> Iterator[Asked]:
    """Each of these pages of letters: its name, somebody who may post to it, its address."""
    pages = [page for page in LETTER_PAGES if page.post is not NOT_TAKEN and page.name in names]
    for page in pages:
        if page.at:
            council.bring_to(page.at[0])
        yield page.name, council.people[min(page.post or ())], address_of(council, page)


def of_cases(council: CaseCouncil, *, closed: bool = True) -> Iterator[Asked]:
    """Each page of cases that takes a POST; last, with `closed`, the one of a closed case: it is closed for it."""
    people, paths = council.everyone(), addresses(council)
    names = [name for name, (_, may) in CASE_PAGES.items() if name.startswith("case_") and may]
    names = [name for name in names if name not in NOTHING_TO_ENTER and (closed or name != "case_reopen")]
    for name in sorted(names, key=lambda name: name == "case_reopen"):
        if name == "case_reopen":
            case = Case.objects.get(reference=paths[name].split("/")[2])
            case = case_actions.close_case(case=case, by=council.near.manager, seen=Seen.of(case), reason="Done.")
            assert case.state == CaseState.CLOSED
        _, may = CASE_PAGES[name]
        yield name, people[min(may or ())], paths[name]


def fault_of(name: str, user: User, path: str) -> str:
    """What is wrong with the answer to the page's form with nothing entered; "" if nothing is."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    hidden = dict(HIDDEN.findall(client.get(path).content.decode()))
    with transaction.atomic():
        before = Entry.objects.count()
        response = client.post(path, {"csrfmiddlewaretoken": "as a browser sends it", **hidden})
        after = Entry.objects.count()
        transaction.set_rollback(True)
    if after != before:
        return "did something"
    if name in OF_NOTHING:
        return "" if response.status_code == 404 else f"answered {response.status_code}"
    if response.status_code not in (200, 422):
        return f"answered {response.status_code}"
    page = response.content.decode()
    return "" if "There is a problem" in page else "says nothing of what is missing"


def test_of_letters() -> None:
    picked = set(names_of_letters() if SOAK else Random(SEED).sample(names_of_letters(), SAMPLE))
    wrong = [f"{asked[0]}: {fault}" for asked in of_letters(Council(), picked) if (fault := fault_of(*asked))]
    assert wrong == []


def test_of_cases(council: CaseCouncil) -> None:
    wrong = [f"{asked[0]}: {fault}" for asked in of_cases(council) if (fault := fault_of(*asked))]
    assert wrong == []
