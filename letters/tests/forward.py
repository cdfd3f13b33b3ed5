"""The steps of one letter, each as somebody's own process or thread takes it. For the races and the kills.

Who does what is kept in the data folder as `people.json`, so that other processes find them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.models import Letter
from postroom.people.models import User
from postroom.steps.engine import Seen
from tests.support import world

Verb = Callable[[Letter, Seen, User], Letter]


def _envelope(letter: Letter, seen: Seen, by: User) -> Letter:
    confirmed = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), True)
    return actions.envelope(letter=letter, by=by, seen=seen, sheets=sheets_to_count(letter), **confirmed)


def _post(letter: Letter, seen: Seen, by: User) -> Letter:
    return actions.post(letter=letter, by=by, seen=seen, posted_on=timezone.localdate(), post_class="first")


# In order: what is done, and who may each do it.
STEPS: dict[str, tuple[tuple[str, ...], Verb]] = {
    "type": (
        ("admin", "other_admin"),
        lambda letter, seen, by: actions.type_letter(letter=letter, by=by, seen=seen, typed=world.typed()),
    ),
    "print": (
        ("admin", "other_admin"),
        lambda letter, seen, by: actions.print_letter(letter=letter, by=by, seen=seen),
    ),
    "check": (
        ("worker",),
        lambda letter, seen, by: actions.check(
            letter=letter, by=by, seen=seen, address_confirmed=True, body_confirmed=True
        ),
    ),
    "sign": (
        ("worker", "duty", "manager"),
        lambda letter, seen, by: (actions.sign if by.pk == letter.case.allocated_worker_id else actions.pp)(
            letter=letter, by=by, seen=seen
        ),
    ),
    "confirm_signature": (
        ("admin", "other_admin"),
        lambda letter, seen, by: actions.confirm_signature(letter=letter, by=by, seen=seen, bears_signature=True),
    ),
    "envelope": (("admin", "other_admin"), _envelope),
    "post": (("admin", "other_admin"), _post),
    "upload": (
        ("admin", "other_admin"),
        lambda letter, seen, by: actions.upload(letter=letter, by=by, seen=seen, ics_reference="ICS-1"),
    ),
}


def people_file() -> Path:
    """Where the names of this council's people stand."""
    return Path(settings.DATA_DIR) / "people.json"


def make_council() -> world.Desk:
    """An office with its people; who they are is written to the data folder."""
    desk = world.Desk(world.make_office("riv", "Riverside"))
    names = ("worker", "duty", "manager", "admin", "other_admin")
    ids: dict[str, Any] = {name: getattr(desk, name).pk for name in names}
    people_file().write_text(json.dumps(ids | {"address": desk.address.pk}))
    return desk


def person(name: str) -> User:
    """One of them."""
    return User.objects.get(pk=json.loads(people_file().read_text())[name])


def take(step: str, letter: Letter, seen: Seen, who: int = 0) -> Letter:
    """Take `step`; `who` picks one of those who may."""
    names, verb = STEPS[step]
    return verb(letter, seen, person(names[who % len(names)]))
