"""What the record's kill tests run in a process of its own. The order to carry out lies in the data folder."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from audit.record.actions.bundles import ask_for_bundle
from audit.record.actions.retention import approve_disposal, propose_disposal
from audit.record.checkpoints import send_checkpoints
from audit.record.models import Bundle, Disposal, Scope
from letters.models import Letter, LetterVersion
from letters.states import State
from postroom.cases.models import Address, Case, CasePerson
from postroom.files.store import path_of, sweep_orphans
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.verify import verify
from postroom.outbox.carrier import run_due
from postroom.people.models import Office, User
from postroom.people.roles import Role
from postroom.steps.errors import NotPossible
from tests.support import world

DESK: dict[str, type[Any]] = {
    "office": Office, "worker": User, "admin": User, "manager": User, "duty": User, "case": Case,
    "parent": CasePerson, "address": Address,
}  # fmt: skip


def _file(name: str) -> Path:
    return Path(settings.DATA_DIR) / name


def _people() -> dict[str, int]:
    found: dict[str, int] = json.loads(_file("people.json").read_text())
    return found


def _order() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_file("order.json").read_text())
    return found


def council() -> None:
    """The people, once."""
    desk = world.Desk(world.make_office("riv", "Riverside"))
    first, second = (
        world.make_user(name, None, Role.INFORMATION_GOVERNANCE) for name in ("Gwen Governance", "Greta Governance")
    )
    kept = {name: getattr(desk, name).pk for name in DESK}
    _file("people.json").write_text(json.dumps(kept | {"first": first.pk, "second": second.pk}))


def _desk() -> world.Desk:
    """The desk as it was made: a fork counts its people anew, so a second one would be given the same addresses."""
    desk, ids = object.__new__(world.Desk), _people()
    for name, model in DESK.items():
        setattr(desk, name, model._base_manager.get(pk=ids[name]))
    return desk


def prepare_disposal() -> None:
    """An uploaded letter whose content a first person has proposed for disposal."""
    desk = _desk()
    letter = world.letter_in(desk, State.UPLOADED)
    files = [str(sha) for sha in LetterVersion.objects.filter(letter=letter).values_list("pdf_id", flat=True)]
    made = propose_disposal(what="content", by=User.objects.get(pk=_people()["first"]))
    assert [item.row for item in made.items.all()] == [letter.pk]
    order = {"disposal": made.pk, "subject": made.ledger_subject, "letter": letter.pk, "files": files}
    _file("order.json").write_text(json.dumps(order))


def approve() -> None:
    """The second person destroys; decided already, it is told so."""
    try:
        approve_disposal(
            disposal=Disposal.objects.get(pk=_order()["disposal"]), by=User.objects.get(pk=_people()["second"])
        )
    except NotPossible:
        _file("late").touch()


def prepare_bundle() -> None:
    """A bundle that is owed."""
    desk = _desk()
    letter = world.letter_in(desk, State.TYPED)
    made = ask_for_bundle(by=User.objects.get(pk=_people()["first"]), scope=Scope.LETTER, letter=letter)
    _file("order.json").write_text(json.dumps({"bundle": made.pk}))


def prepare_checkpoint() -> None:
    """Something happened, and its checkpoint is owed to the folder."""
    record_and_save(Office.objects.get(pk=_people()["office"]), action="rename", actor=SYSTEM)
    _file("order.json").write_text("{}")


def owe_and_carry() -> None:
    """Owe the newest checkpoint and let it leave."""
    send_checkpoints()
    run_due()


def carry() -> None:
    """Do what is owed."""
    run_due()


def later() -> None:
    """An hour on: leases are over, the sweep has been, what is owed is done; what stands is written down."""
    run_due(now=timezone.now() + dt.timedelta(hours=1))
    sweep_orphans(timezone.now() + dt.timedelta(hours=1))
    order = _order()
    told: dict[str, Any] = {"findings": [str(f) for f in verify().findings if not str(f).startswith("case/")]}
    if "letter" in order:
        told["bodies"] = list(LetterVersion.objects.filter(letter=order["letter"]).values_list("body", flat=True))
        told["subject"] = Letter.objects.get(pk=order["letter"]).subject
        told["files"] = [path_of(sha).exists() for sha in order["files"]]
        told["state"] = Disposal.objects.get(pk=order["disposal"]).state
    if "bundle" in order:
        bundle = Bundle.objects.get(pk=order["bundle"])
        told["made"] = bundle.made_at is not None and path_of(str(bundle.file_id)).exists()
    _file("told.json").write_text(json.dumps(told))
