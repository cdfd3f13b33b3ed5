"""Who keeps the envelope stock, the printers and how an office does its post, as data. Pure; no models.

The clauses give offices to the system administrator. Envelopes are bought for all offices, so the stock goes with them
and with the District Admin Manager; where an office signs, and on which stock, its own team managers choose ("the
office chooses"). Everybody signed in may look: the figures are on the packs, and admin prints the calibration sheet.
An office's printers are kept and measured by those who stand at them: its admin, and its team managers.
"""

from __future__ import annotations

from enum import StrEnum

from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules


class StockAction(StrEnum):
    """What can be done to envelope stock and to an office's post."""

    ADD_STOCK = "add_stock"
    CHANGE_STOCK = "change_stock"
    SET_OFFICE_POST = "set_office_post"
    PRINT_LABELS = "print_labels"
    KEEP_PRINTER = "keep_printer"
    MEASURE_PRINTER = "measure_printer"


class StockCondition(StrEnum):
    """What must be true of the person, towards the office."""

    IN_OFFICE = "at this office"


STOCK_WORDS = {StockCondition.IN_OFFICE: "This is another office; its own people do this."}

A = StockAction
_KEEPERS = (Role.SYSTEM_ADMINISTRATOR, Role.DISTRICT_ADMIN_MANAGER)
STOCK_RULES: Rules[str] = Rules(
    (
        *(Permission(action, role, (), ("OGP-4a",)) for action in (A.ADD_STOCK, A.CHANGE_STOCK) for role in _KEEPERS),
        Permission(A.SET_OFFICE_POST, Role.SYSTEM_ADMINISTRATOR, (), ("OGP-4a",)),
        Permission(A.SET_OFFICE_POST, Role.TEAM_MANAGER, (StockCondition.IN_OFFICE,), ("OGP-4a", "OGP-5")),
        Permission(A.SET_OFFICE_POST, Role.DEPUTY_TEAM_MANAGER, (StockCondition.IN_OFFICE,), ("OGP-4a", "OGP-5")),
        Permission(A.PRINT_LABELS, Role.ADMIN, (StockCondition.IN_OFFICE,), ("OGP-5",)),
        *(
            Permission(action, role, (StockCondition.IN_OFFICE,), ("OGP-4a",))
            for action in (A.KEEP_PRINTER, A.MEASURE_PRINTER)
            for role in (Role.ADMIN, Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
        ),
    ),
    (),
    {str(condition): words for condition, words in STOCK_WORDS.items()},
)
