"""What the kill tests of spot checks and figures run in a process of its own. Everything is found by what there is."""

from __future__ import annotations

from audit.actions.dice import confirm_dice, refuse_dice
from audit.dashboards import keeping
from audit.models import SpotCheck
from audit.tests.help import Scene
from postroom.ledger.sealing import seal
from postroom.steps.engine import Seen


def thrown() -> None:
    """A posted letter, a spot check of it whose dice wait for their witness, all of it sealed."""
    Scene(letters=1).thrown(sample=1)
    seal(everything=True)


def _open() -> SpotCheck | None:
    return SpotCheck.objects.filter(state="seeded", confirmed_at__isnull=True).first()


def confirm() -> None:
    """The witness confirms; confirmed already, nothing."""
    if (check := _open()) is not None and check.witness_by is not None:
        confirm_dice(check=check, by=check.witness_by, seen=Seen.of(check))


def refuse() -> None:
    """The witness refuses; refused already, nothing."""
    if (check := _open()) is not None and check.witness_by is not None:
        refuse_dice(check=check, by=check.witness_by, seen=Seen.of(check), reason="Another throw.")


def keep_up() -> None:
    """Count what is sealed."""
    keeping.keep_up()
