"""Return labels for the back of envelopes, from the office's record (OGP-5)."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from letters.actions.stock import check_stock_action
from letters.rendering.labels import SHEETS, LabelDoesNotFit, render_labels
from letters.stock_rights import StockAction
from postroom.ledger.recording import record_and_save
from postroom.people.actions.office_changes import in_force
from postroom.people.giveaway import gives_away
from postroom.people.models import Office, User
from postroom.steps.errors import InvalidStep

MOST = 210
PRIVATE = "Private and confidential"


def label_lines(office: Office, *, private: bool = False) -> list[str]:
    """What stands on the label: the prefix, then the office's address. Raises InvalidStep if it gives anything away.

    Judged here too, not only where it was entered: an address may have come in before the guard, or by another door.
    """
    now = in_force(office)
    lines = [now.label_prefix or settings.RETURN_PREFIX, *now.address_lines]
    named = gives_away("\n".join(lines))
    if named:
        raise InvalidStep(
            f"The return address mentions “{named}”, which must not stand on an envelope. "
            "Ask the system administrator to change the office's address first.",
            "",
        )
    return [PRIVATE, *lines] if private else lines


def print_labels(*, office: Office, by: User, sheet: str, start: int, count: int, private: bool) -> bytes:
    """A PDF of return labels, recorded on the office's chain. Raises NotAllowed, InvalidStep naming the entry."""
    actor = check_stock_action(by, StockAction.PRINT_LABELS, office)
    chosen = SHEETS.get(sheet)
    if chosen is None:
        raise InvalidStep("Choose which labels are in the printer.", "sheet")
    if not 1 <= start <= chosen.labels:
        raise InvalidStep(f"This sheet has labels 1 to {chosen.labels}. Choose one of them.", "start")
    if not 1 <= count <= MOST:
        raise InvalidStep(f"Print 1 to {MOST} labels at a time.", "count")
    try:
        pdf = render_labels(label_lines(office, private=private), chosen, start=start, count=count)
    except LabelDoesNotFit as error:
        raise InvalidStep(str(error), "sheet") from error
    with transaction.atomic():
        record_and_save(
            office,
            action=StockAction.PRINT_LABELS.value,
            actor=actor,
            details={"sheet": sheet, "start": start, "count": count, "private": private},
        )
    return pdf
