"""A moment kept as whole microseconds, so that what is hashed is what is stored, on every database."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from postroom.ledger.chain import from_microseconds, to_microseconds

if TYPE_CHECKING:
    MomentBase = models.Field[dt.datetime, dt.datetime]
else:
    MomentBase = models.Field


class MomentField(MomentBase):
    """Aware datetimes in Python (UTC when read), microseconds since 1970 UTC in the database.

    Compares and sorts as datetimes do; date lookups (`__date`, `__year`) are not offered, give a range instead.
    """

    description = "A moment, in microseconds since 1970 UTC"

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> dt.datetime | None:
        return None if value is None else from_microseconds(value)

    def to_python(self, value: Any) -> dt.datetime | None:
        if value is None or isinstance(value, dt.datetime):
            return value
        if isinstance(value, int):
            return from_microseconds(value)
        try:
            return dt.datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError("Give a date and time, for example 2026-07-20T09:30:00+01:00.") from None

    def get_prep_value(self, value: Any) -> int | None:
        if isinstance(value, dt.datetime):
            return to_microseconds(value)
        return None if value is None else int(value)

    def value_to_string(self, obj: models.Model) -> str:
        value: dt.datetime | None = self.value_from_object(obj)
        return "" if value is None else value.isoformat()
