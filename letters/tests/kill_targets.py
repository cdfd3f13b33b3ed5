"""What the kill tests run in a process of its own. The order to carry out lies in the data folder."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from letters.actions.stock import seen_of, set_office_post, told_of
from letters.models import OfficePost
from letters.rendering.letter_pdf import render_calibration
from letters.rendering.stock import DL
from letters.tests import forward
from postroom.outbox.carrier import run_due
from postroom.people.models import Office
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotPossible, Stale
from postroom.working_days import overdue_from


def _order_file() -> Path:
    return Path(settings.DATA_DIR) / "order.json"


def warm() -> None:
    """What a first letter costs once in a process: fonts, bank holidays. No database."""
    overdue_from(dt.date(2026, 7, 1), 2)
    render_calibration(DL)


def verify() -> None:
    """The whole record is intact; raises if it isn't."""
    call_command("verify_ledger", verbosity=0)


def council() -> None:
    """The people, once."""
    forward.make_council()


def prepare() -> None:
    """A new letter, brought to where the ordered step can be taken; the order then says what was seen."""
    order: dict[str, Any] = json.loads(_order_file().read_text())
    letter = forward.new_letter(order["step"])
    for step in forward.way_to(order["step"]):
        letter = forward.take(step, letter, Seen.of(letter))
    subject = forward.subject_of(order["step"], letter)
    seen = Seen.of(subject)
    order |= {
        "letter": letter.pk,
        "model": subject._meta.label,
        "table": subject._meta.db_table,
        "pk": subject.pk,
        "subject": subject.ledger_subject,
        "version": seen.version,
        "hash": seen.content_hash,
    }
    _order_file().write_text(json.dumps(order))


def take() -> None:
    """Take the ordered step on what was seen. A second time it is stale, or not possible: nothing happens."""
    order = json.loads(_order_file().read_text())
    subject = apps.get_model(order["model"])._base_manager.get(pk=order["pk"])
    try:
        forward.take(order["step"], subject, Seen(order["version"], order["hash"]))
    except (Stale, InvalidStep, NotPossible):
        (Path(settings.DATA_DIR) / "stale").touch()


def set_post() -> None:
    """A manager turns letters abroad on, from the page as it was; a second time nothing happens."""
    office, today = Office.objects.get(code="riv"), timezone.localdate()
    post = OfficePost.objects.get(office=office)
    rest = {"stock": post.stock, "signature_medium": "paper", "return_mark": "label"}
    set_office_post(
        office=office, by=forward.person("manager"), **rest, letters_abroad_from=today, seen=seen_of(told_of(post))
    )


def carry() -> None:
    """Do what is owed to the outside."""
    run_due()
