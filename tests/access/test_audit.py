"""Each page of spot checks by each person of own and other office, GET and POST (OGP-10, CLS-1)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from audit import spot_urls
from audit.actions import findings, items
from audit.actions import spotchecks as actions
from audit.actions.dice import confirm_dice
from audit.models import Finding, Item, SpotCheck
from audit.spotchecks.checklist import QUESTIONS, Stage
from audit.spotchecks.frames import Wanted
from audit.tests.help import leave
from letters.models import Letter
from letters.states import State
from postroom.ledger.models import Entry
from postroom.steps.engine import Seen
from tests.access.expected_audit import DAM, PAGES
from tests.access.test_letters import Council, signed_in
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-10", "CLS-1")]
SEED = "00123456789012345678"
ANSWERS = {question.code: "yes" for question in QUESTIONS}
# Where the check has to stand for a POST of these to do what it is for.
AT = {
    "spot_check_seed": "fixed",
    "dice": "thrown",
    "dice_refuse": "thrown",
    "spot_check_draw": "seeded",
    "spot_check_begin": "drawn",
    "spot_check_finish": "looked at",
    "finding_accept": "answered",
    "finding_send_back": "answered",
}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "PNG")
    return out.getvalue()


class Scene:
    """A spot check of near, brought to where a page is asked of it."""

    def __init__(self, place: str) -> None:
        self.council = Council()
        self.dam = self.council.people["district_admin_manager"]
        for _ in range(3):
            self.spare = world.letter_in(self.council.near, State.POSTED)
        today = timezone.localdate()
        wanted = Wanted(self.council.near.office, Stage.POSTED, today, today)
        self.check = actions.fix_frame(by=self.dam, wanted=wanted, sample=2)
        leave()
        self.first: Item | None = None
        self.finding: Finding | None = None
        self.photo = 0
        if place != "fixed":
            self.step(actions.take_seed, seed=SEED, witness=self.council.people["near.admin"])
        if place not in ("fixed", "thrown"):
            self.check = confirm_dice(check=self.check, by=self.council.people["near.admin"], seen=Seen.of(self.check))
        if place not in ("fixed", "thrown", "seeded"):
            self.step(actions.draw)
        if place not in ("fixed", "thrown", "seeded", "drawn"):
            self.step(actions.begin)
            self.look(place)

    def step(self, verb: Any, **more: Any) -> None:
        self.check = verb(check=self.check, by=self.dam, seen=Seen.of(self.check), **more)

    def look(self, place: str) -> None:
        """The first letter has a fault and a finding; the second waits, unless all is looked at."""
        self.first, second = self.check.items.order_by("number")
        self.photo = items.add_photo(item=self.first, by=self.dam, data=picture()).pk
        give = {"by": self.dam, "edition": 0, "answers": ANSWERS | {"initials": "no"}, "notes": {"initials": "None"}}
        self.first = items.check_item(item=self.first, seen=Seen.of(self.first), **give)
        owner = self.council.people["near.admin"]
        self.finding = findings.raise_finding(
            item=self.first, by=self.dam, what="Initials.", owner=owner, due_on=timezone.localdate()
        )
        if place == "answered":
            self.finding = findings.answer(finding=self.finding, by=owner, seen=Seen.of(self.finding), done="Done.")
        if place == "looked at":
            items.check_item(item=second, seen=Seen.of(second), **give)
        self.second = Item.objects.get(pk=second.pk)
        drawn = self.check.items.values("letter")
        self.spare = Letter.objects.filter(office=self.council.near.office).exclude(pk__in=drawn)[0]

    def address(self, name: str) -> str:
        more: list[Any] = [] if name in ("spot_checks", "spot_check_new") else [self.check.reference]
        if name == "spot_check_frame":
            more.append(1)
        elif name.startswith("item") or name == "finding_new":
            of_first = name in ("item_correct", "item_photo_file", "finding_new")
            more.append(self.first.number if of_first else self.second.number)
            more += [self.photo] if name == "item_photo_file" else []
        elif name.startswith("finding"):
            more = [self.finding.reference]
        return reverse(f"audit:{name}", args=more)

    def data(self, name: str) -> dict[str, Any]:
        """A whole and valid POST."""
        today = timezone.localdate()
        day = {"due_on_day": today.day, "due_on_month": today.month, "due_on_year": today.year}
        subject: Any = self.check
        if name.startswith("item"):
            subject = self.first if name == "item_correct" else self.second
        elif name.startswith("finding"):
            subject = self.finding
        seen = {"seen_version": subject.version, "seen_hash": subject.content_hash} if subject else {}
        period = {
            f"{n}_{part}": getattr(today, part) for n in ("first_day", "last_day") for part in ("day", "month", "year")
        }
        new = {"office": "near", "stage": "posted", "how": "number", "sample": 1, "kinds": ["worker", "pp"],
               "seed_from": "dice", **period}  # fmt: skip
        owner = self.council.people["near.other_admin"].pk
        given = {
            "spot_check_new": new,
            "spot_check_seed": {"seed": SEED, "witness": owner},
            "spot_check_pick": {"reference": self.spare.reference, "reason": "pp'd"},
            "item": {**ANSWERS, "version": 0},
            "item_save": {"order": "yes", "version": 0},
            "item_photo": {"photo": SimpleUploadedFile("x.png", picture())},
            "item_missing": {"note": "Not on the shelf."},
            "finding_new": {"what": "Contents.", "owner": owner, **day},
            "finding_answer": {"done": "Shown to all."},
            "finding_hand_on": {"owner": owner, "reason": "On leave.", **day},
        }
        return {**seen, **given.get(name, {"reason": "It was wrong."})}


def test_every_address_is_on_the_list() -> None:
    assert sorted(PAGES) == sorted(str(pattern.name) for pattern in spot_urls.urlpatterns)


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.parametrize("place", ["checking", *sorted(set(AT.values()))])
def test_each_page_for_each_person(place: str) -> None:
    scene, wrong = Scene(place), []
    clients = {who: signed_in(user) for who, user in scene.council.people.items()}
    references = {item.letter_reference for item in scene.check.items.all()}
    for name in (name for name in PAGES if AT.get(name, "checking") == place):
        path = scene.address(name)
        for who, client in clients.items():
            for method, allowed in zip(("get", "post"), PAGES[name], strict=True):
                fault = asked(scene, name, client, who, method, path, allowed, references)
                if fault:
                    wrong.append(f"{name}: {who} {method}: {fault}")
    assert wrong == []


def asked(
    scene: Scene,
    name: str,
    client: Client,
    who: str,
    method: str,
    path: str,
    allowed: set[str] | None,
    secret: set[str],
) -> str:
    """What is wrong with the answer; "" if nothing is. What was done is undone."""
    before = Entry.objects.count()
    point = transaction.savepoint()
    response = getattr(client, method)(path, scene.data(name) if method == "post" else {})
    after = Entry.objects.count()
    body = response.content.decode("utf-8", "replace")
    transaction.savepoint_rollback(point)
    if allowed is None:
        return "" if response.status_code in (403, 404, 405) else str(response.status_code)
    if who in allowed:
        good = (200, 302) if method == "get" or name == "item_save" else (302,)
        return "" if response.status_code in good else f"{response.status_code}"
    if response.status_code not in (403, 404):
        return f"{response.status_code}"
    if after != before:
        return "refused, and yet there is a ledger entry"
    shown = [reference for reference in secret if reference in body]
    return f"shows {shown}" if shown else ""


def test_an_office_does_not_see_what_was_drawn_while_it_is_checked() -> None:
    scene = Scene("drawn")
    manager = signed_in(scene.council.people["near.manager"])
    drawn = [item.letter_reference for item in scene.check.items.all()]
    body = manager.get(scene.address("spot_check")).content.decode()
    assert not [reference for reference in drawn if reference in body]
    assert SEED not in body
    assert scene.check.content_hash in body
    scene.step(actions.abandon, reason="For the test.")
    body = manager.get(scene.address("spot_check")).content.decode()
    assert [reference for reference in drawn if reference in body] == drawn


def test_signed_out_nobody_comes_in() -> None:
    scene = Scene("checking")
    for name, (get, _) in PAGES.items():
        response = getattr(Client(), "get" if get is not None else "post")(scene.address(name))
        assert response.status_code == 302, name
        assert "login" in response["Location"], name
    assert SpotCheck.objects.count() == 1
    assert {"district_admin_manager"} == DAM


def test_a_fault_is_one_click_from_a_breach_report() -> None:
    scene = Scene("checking")
    body = signed_in(scene.dam).get(scene.address("finding_new")).content.decode()
    report = f"{reverse('breaches:report')}?letter={scene.first.letter_reference}"
    assert f'href="{report}"' in body
    answer = signed_in(scene.dam).get(report)
    assert answer.status_code == 200
    assert scene.first.letter_reference in answer.content.decode()
