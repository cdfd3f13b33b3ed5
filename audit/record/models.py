"""What is known of the record as a whole: which checkpoints left, and what the nightly look at it found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from postroom.ledger.fields import MomentField


class Way(models.TextChoices):
    """How a checkpoint leaves."""

    MAIL = "mail", "by e-mail"
    FOLDER = "folder", "to the write-once folder"
    STAMP = "stamp", "to the time-stamping service"


class Departure(models.Model):
    """A checkpoint that has left. Append-only. `place`: a digest of the e-mail address, or the service's host.

    `receipt`: the service's time stamp (RFC 3161 response), base64; it proves by itself when the checkpoint existed.
    """

    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    way = models.CharField(max_length=6, choices=Way.choices)
    place = models.CharField(max_length=100)
    at = MomentField()
    receipt = models.TextField(blank=True, default="")

    class Meta:
        db_table = "record_departure"
        constraints = [
            models.UniqueConstraint(fields=["number", "way", "place"], name="record_left_once"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="record_way_known"),
            models.CheckConstraint(condition=~Q(way=Way.STAMP) | ~Q(receipt=""), name="record_stamp_has_receipt"),
        ]
        indexes = [models.Index(fields=["way", "place", "-number"], name="record_newest_departure")]

    def __str__(self) -> str:
        return f"checkpoint {self.number} {self.way}"


class Verification(models.Model):
    """What one pass over the whole ledger found. Append-only. `first`: the first thing wrong, empty if intact."""

    at = MomentField()
    entries = models.BigIntegerField()
    readings = models.BigIntegerField()
    head = models.CharField(max_length=64)
    found = models.BigIntegerField()
    first = models.TextField(blank=True, default="")
    checkpoint = models.BigIntegerField(default=0)
    seconds = models.FloatField()

    class Meta:
        db_table = "record_verification"

    def __str__(self) -> str:
        return f"verification {self.pk}"
