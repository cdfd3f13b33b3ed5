"""Who keeps an office's templates and standard paragraphs, as data. Pure; no models.

The clauses don't say; it is part of typing (OGP-2), so the office's admin do it, and its managers.
"""

from __future__ import annotations

from enum import StrEnum

from postroom.people.roles import Role
from postroom.steps.table import Permission, Rules


class TextAction(StrEnum):
    """What can be done to an office's texts."""

    KEEP_TEXTS = "keep_texts"


TEXT_ACTION_NAMES: dict[TextAction, str] = {TextAction.KEEP_TEXTS: "Keep templates and standard paragraphs"}


class TextCondition(StrEnum):
    """What must be true of the person, towards the office."""

    IN_OFFICE = "at this office"


KEEPERS = (Role.ADMIN, Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
TEXT_RULES: Rules[str] = Rules(
    tuple(Permission(TextAction.KEEP_TEXTS, role, (TextCondition.IN_OFFICE,), ("OGP-2",)) for role in KEEPERS),
    (),
    {str(TextCondition.IN_OFFICE): "These are another office's texts; its own admin keeps them."},
)
