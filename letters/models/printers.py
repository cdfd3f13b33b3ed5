"""An office's printers, and what their calibration sheets showed: figures are data, because printers move the page."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from letters.models.stock import EnvelopeStock
from letters.rendering.calibration import Measured
from postroom.ledger.history import field_history
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import Office, User


class Printer(LedgerSubject):
    """A printer that an office prints its letters on."""

    ledger_kind = "printer"

    office = models.ForeignKey(Office, models.PROTECT, related_name="printers")
    name = models.CharField(max_length=60)
    place = models.CharField("where it stands", max_length=80)
    both_sides = models.BooleanField("it prints letters on both sides", default=False)
    is_active = models.BooleanField("letters may be printed on it", default=True)

    history = field_history(excluded_fields=["ledger_seq", "ledger_head"])

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="printer_name_once_an_office")]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_key(self) -> str:
        return str(self.pk)


def _millimetres() -> models.DecimalField[float, float]:
    return models.DecimalField(max_digits=5, decimal_places=1)


class Calibration(models.Model):
    """A calibration sheet of one printer and one stock, measured; never changed (a trigger holds it).

    The newest of a printer and stock counts, if it holds, hasn't expired, and the stock's figures are still those that
    it was measured for. Lengths in mm, from the paper's left (x) and top (y) edge.
    """

    printer = models.ForeignKey(Printer, models.PROTECT, related_name="calibrations")
    stock = models.ForeignKey(EnvelopeStock, models.PROTECT, related_name="calibrations")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # How it printed then: the paper takes another way through a printer that turns it over.
    both_sides = models.BooleanField(default=False)
    upper_left_x = _millimetres()
    upper_left_y = _millimetres()
    upper_right_x = _millimetres()
    upper_right_y = _millimetres()
    lower_left_x = _millimetres()
    lower_left_y = _millimetres()
    in_envelope = models.BooleanField(help_text="Folded and in the envelope, the frames showed as they must.")
    shift = models.DecimalField(max_digits=5, decimal_places=2, help_text="The farthest a point of the zone moves, mm.")
    holds = models.BooleanField()
    expires_on = models.DateField(help_text="The first local day on which it no longer counts.")
    stock_figures = models.JSONField(help_text="The stock's figures that the sheet was made for.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["printer", "stock", "-id"], name="calibration_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(holds=False) | Q(in_envelope=True), name="calibration_holds_in_envelope")
        ]

    def __str__(self) -> str:
        return f"calibration {self.pk}"

    @property
    def last_day(self) -> dt.date:
        """The last local day on which it counts."""
        return self.expires_on - dt.timedelta(days=1)

    @property
    def measured(self) -> Measured:
        """The six lengths."""
        return Measured(
            float(self.upper_left_x),
            float(self.upper_left_y),
            float(self.upper_right_x),
            float(self.upper_right_y),
            float(self.lower_left_x),
            float(self.lower_left_y),
        )
