"""What the kill tests run in a process of its own. The order to carry out lies in the data folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from letters.models import Letter
from letters.tests import forward
from postroom.outbox.carrier import run_due
from postroom.steps.engine import Seen
from postroom.steps.errors import Stale
from tests.support import world

BEFORE = list(forward.STEPS)


def _order_file() -> Path:
    return Path(settings.DATA_DIR) / "order.json"


def council() -> None:
    """The people, once."""
    forward.make_council()


def prepare() -> None:
    """A new letter, brought to where the ordered step can be taken; the order then says what was seen."""
    order: dict[str, Any] = json.loads(_order_file().read_text())
    worker = forward.person("worker")
    case = worker.allocated_cases.get()
    parent = case.people.get(relationship="parent")
    letter = world.actions.hand_over(
        case=case, addressee=parent, address=parent.addresses.get(), by=worker, draft_text="please type"
    )
    for step in BEFORE[: BEFORE.index(order["step"])]:
        letter = forward.take(step, letter, Seen.of(letter))
    seen = Seen.of(letter)
    order |= {"letter": letter.pk, "reference": letter.reference, "version": seen.version, "hash": seen.content_hash}
    _order_file().write_text(json.dumps(order))


def take() -> None:
    """Take the ordered step on what was seen. A second time it is stale, and nothing happens."""
    order = json.loads(_order_file().read_text())
    letter = Letter.objects.get(pk=order["letter"])
    try:
        forward.take(order["step"], letter, Seen(order["version"], order["hash"]))
    except Stale:
        (Path(settings.DATA_DIR) / "stale").touch()


def carry() -> None:
    """Do what is owed to the outside."""
    run_due()
