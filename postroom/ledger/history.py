"""Field-by-field history that people read, kept by django-simple-history beside the ledger."""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


def field_history(**options: Any) -> HistoricalRecords:
    """History of a model that keeps who did it as a number, so that it can't be blanked with an account."""
    return HistoricalRecords(history_user_id_field=models.BigIntegerField(null=True, blank=True), **options)
