"""Each page of papers out by each person by own and other office, GET and POST (CLS-1 to CLS-4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from papers import actions, urls
from papers.actions.agreements import Terms
from papers.models import PapersOut
from papers.tests import help as make
from postroom.ledger.models import Entry
from tests.access.expected_papers import EVERYONE, NAMES, PAGES
from tests.support.council import Council, case_of


def papers_of(council: Council, state: str) -> PapersOut:
    """Papers of a case of near, brought to `state` by the real steps."""
    near, case = council.near, case_of(council.near)
    if state in ("asked", "agreed"):
        papers = actions.ask(case=case, office=near.office, leaves=make.other(), by=near.worker, manager_away=True)
        return actions.agree(papers=papers, by=near.manager, seen=make.seen(papers)) if state == "agreed" else papers
    papers = actions.take_out(case=case, office=near.office, leaves=make.leaves(), security=make.SAFE, by=near.worker)
    if state == "lost":
        papers = actions.lose(
            papers=papers, by=near.worker, seen=make.seen(papers), gone="loss", gone_since=timezone.now(), reason="Gone"
        )
    return papers


def entries_for(name: str, council: Council, papers: PapersOut | None) -> dict[str, Any]:
    """What a whole, valid POST of that page holds."""
    today = timezone.localdate()
    later = today + dt.timedelta(days=2)
    date = {
        f"due_on_{part}": value for part, value in (("day", later.day), ("month", later.month), ("year", later.year))
    }
    ended = {f"ended_on_{part}": v for part, v in (("day", today.day), ("month", today.month), ("year", today.year))}
    ended |= {"witness": council.near.admin.pk}
    what = {"kind": "copy", "what": "Report", "device": "none", **date}
    local = timezone.localtime()
    found: dict[str, dict[str, Any]] = {
        "take": {**what, "purpose": "court"},
        "ask": {**what, "purpose_words": "To write at home"},
        "leave": {"in_lockable_bag": "on", "device": "none"},
        "back": ended,
        "destroyed": {**ended, "destroyed_by": "shredder"},
        "found": {**ended, "reason": "At the station"},
        "lost": {
            "gone": "theft",
            "gone_on_day": local.day,
            "gone_on_month": local.month,
            "gone_on_year": local.year,
            "gone_time": f"{local:%H:%M}",
            "reason": "Stolen on the train",
        },
        "another_day": {**date, "reason": "The hearing moved"},
        "record": {"record_reference": "RR-7"},
        "agreement_end": {"reason": "They moved"},
    }
    seen = {"seen": papers.version} if papers else {"seen": 1}
    return {**seen, **found.get(name, {})}


def address(name: str, council: Council, papers: PapersOut | None) -> str:
    if name in ("take", "ask"):
        return reverse(f"papers:{name}", args=[case_of(council.near).reference])
    if name == "agreement_end":
        today = timezone.localdate()
        terms = Terms(place="home", access="Remote access", starts=today, ends=today)
        made = actions.register_agreement(person=council.near.worker, terms=terms, by=council.near.manager)
        return reverse("papers:agreement_end", args=[made.reference])
    return reverse(f"papers:{name}", args=[papers.reference] if papers else [])


def test_every_address_of_papers_is_on_the_list() -> None:
    assert {f"papers:{pattern.name}" for pattern in urls.urlpatterns} == NAMES


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.policy("CLS-1", "CLS-2", "CLS-3")
@pytest.mark.parametrize("name", PAGES)
def test_each_page_for_each_person(council: Council, name: str) -> None:
    for user in (council.near.worker, council.near.colleague):
        user.line_manager = council.near.manager
        user.save()
    state, may_get, may_post = PAGES[name]
    papers = papers_of(council, state) if state else None
    path = address(name, council, papers)
    people = council.everyone()
    assert set(people) == EVERYONE
    wrong = []
    for who, user in people.items():
        for method, may in (("get", may_get), ("post", may_post)):
            client = Client()
            client.force_login(user)
            before, point = Entry.objects.count(), transaction.savepoint()
            response = getattr(client, method)(path, entries_for(name, council, papers) if method == "post" else {})
            after = Entry.objects.count()
            transaction.savepoint_rollback(point)
            if may is None:
                fine = response.status_code == 405
            elif who in may:
                # A page whose entries name other people by role may answer with its form; nothing is a 500 or a 403.
                fine = response.status_code in (200, 302, 422)
                if method == "post" and name not in ("new", "agreement_new", "back", "destroyed", "found"):
                    fine = response.status_code == 302 and after > before
            else:
                fine = response.status_code in (403, 404) and after == before
            if not fine:
                wrong.append(f"{who} {method} {name}: {response.status_code}")
    assert wrong == []


def test_nobody_comes_in_without_signing_in(council: Council) -> None:
    papers = papers_of(council, "out")
    for name, (state, _, _) in PAGES.items():
        for method in ("get", "post"):
            response = getattr(Client(), method)(address(name, council, papers if state else None))
            assert response.status_code == 302, name
            assert response["Location"].startswith(reverse("account_login")), name
