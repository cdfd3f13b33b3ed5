"""Envelope stock and what each office chose: data, because real packs and printers differ."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from letters.rendering.stock import Stock
from letters.ways import KEEPING_NAMES, Keeping
from postroom.forms import in_words
from postroom.ledger.history import field_history
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import Office


class EnvelopeStock(LedgerSubject):
    """A kind of window envelope; lengths in mm as printed on the pack (facts.md)."""

    ledger_kind = "stock"

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60, unique=True)
    envelope_w = models.DecimalField("envelope width, mm", max_digits=5, decimal_places=1)
    envelope_h = models.DecimalField("envelope height, mm", max_digits=5, decimal_places=1)
    window_w = models.DecimalField("window width, mm", max_digits=5, decimal_places=1)
    window_h = models.DecimalField("window height, mm", max_digits=5, decimal_places=1)
    window_left = models.DecimalField("window from the left, mm", max_digits=5, decimal_places=1)
    window_up = models.DecimalField("window from the bottom, mm", max_digits=5, decimal_places=1)
    folds = models.CharField("folds, mm from the top of the sheet", max_length=40, help_text="For example 99, 198.")
    max_sheets = models.PositiveSmallIntegerField("sheets it takes", default=5)
    is_active = models.BooleanField(default=True)

    history = field_history(excluded_fields=["ledger_seq", "ledger_head"])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_key(self) -> str:
        return str(self.slug)

    def geometry(self) -> Stock:
        """The figures as the renderer and the window proof take them. Raises BadStock if they make no sense."""
        return Stock(
            name=self.name,
            slug=self.slug,
            envelope_w=float(self.envelope_w),
            envelope_h=float(self.envelope_h),
            window_w=float(self.window_w),
            window_h=float(self.window_h),
            window_left=float(self.window_left),
            window_up=float(self.window_up),
            folds_mm=tuple(float(part) for part in self.folds.split(",")),
            max_sheets=self.max_sheets,
        )


class SignatureMedium(models.TextChoices):
    """Where a letter is signed; the office chooses."""

    PAPER = "paper", "On paper"
    SCREEN = "screen", "On screen"


class IcsWay(models.TextChoices):
    """How completed documents get into ICS."""

    MANUAL = "manual", "By hand: admin uploads, and types the reference back"
    FOLDER = "folder", "By a folder that ICS imports from"
    HTTP = "http", "Directly, over the network"


class SheetScan(models.TextChoices):
    """Whether an office scans each sheet in at the envelope."""

    REQUIRED = "required", "Always: every sheet is scanned in"
    OFFERED = "offered", "Where a scanner is at hand; else counted by eye"
    OFF = "off", "Never: there is no scanner, sheets are counted by eye"


class OfficePost(models.Model):
    """How an office does its post: its envelopes, where it signs, how the return address gets on the back."""

    class ReturnMark(models.TextChoices):
        LABEL = "label", "A return label"
        STAMP = "stamp", "The office's stamp"

    office = models.OneToOneField(Office, models.PROTECT, related_name="post")
    stock = models.ForeignKey(EnvelopeStock, models.PROTECT, related_name="offices")
    # Other envelopes from a day on: what is typed from that day on is for them.
    next_stock = models.ForeignKey(EnvelopeStock, models.PROTECT, related_name="+", null=True, blank=True)
    next_stock_from = models.DateField(null=True, blank=True)
    # Whether the marks on the sheets are scanned in at the envelope; else they are counted by eye (OGP-4b).
    sheet_scan = models.CharField(max_length=8, choices=SheetScan.choices, default=SheetScan.OFFERED)
    signature_medium = models.CharField(max_length=6, choices=SignatureMedium.choices, default=SignatureMedium.PAPER)
    return_mark = models.CharField(max_length=5, choices=ReturnMark.choices, default=ReturnMark.LABEL)
    # Which letters the office holds to registered post or by hand, beside those that a worker marks (CLS-6).
    keeping = models.CharField(
        max_length=6, choices=[(k.value, KEEPING_NAMES[k]) for k in Keeping], default=Keeping.MARKED
    )
    collection = models.TimeField("collection time", null=True, blank=True, help_text="Local; empty: not known.")
    ics_way = models.CharField(max_length=6, choices=IcsWay.choices, default=IcsWay.MANUAL)

    # What a letter goes by unless somebody chooses otherwise; its warnings reckon with it.
    usual_class = models.CharField(
        max_length=6, choices=[("first", "First class"), ("second", "Second class")], blank=True, default=""
    )

    # An enclosure that can't be had again goes by registered post or by hand.
    originals_kept = models.BooleanField("originals go by registered post or by hand", default=False)

    # Letters may go by secure e-mail from this local day on, to that one at most; empty: they don't (CLS-6).
    letters_by_email_from = models.DateField(null=True, blank=True)
    letters_by_email_until = models.DateField(null=True, blank=True, help_text="The last day; empty: no end.")

    # Letters may go to addresses abroad from this local day on, to that one at most; empty: they don't.
    letters_abroad_from = models.DateField(null=True, blank=True)
    letters_abroad_until = models.DateField(null=True, blank=True, help_text="The last day; empty: no end.")
    # What goes abroad in place of registered post, which is inland; "": none does.
    abroad_service = models.CharField(max_length=60, blank=True, default="")

    history = field_history()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(letters_by_email_until__isnull=True)
                | Q(letters_by_email_from__isnull=False, letters_by_email_until__gte=F("letters_by_email_from")),
                name="office_post_by_email_in_order",
            ),
            models.CheckConstraint(
                condition=Q(letters_abroad_until__isnull=True)
                | Q(letters_abroad_from__isnull=False, letters_abroad_until__gte=F("letters_abroad_from")),
                name="office_post_abroad_in_order",
            ),
            models.CheckConstraint(
                condition=Q(usual_class__in=["", "first", "second"]), name="office_post_usual_class"
            ),
            models.CheckConstraint(
                condition=Q(next_stock__isnull=True, next_stock_from__isnull=True)
                | Q(next_stock__isnull=False, next_stock_from__isnull=False),
                name="office_post_next_stock_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"post of {self.office}"

    def letters_by_email_on(self, day: dt.date) -> bool:
        """Has the office turned secure e-mail of letters on, on the local `day`?"""
        return _holds(self.letters_by_email_from, self.letters_by_email_until, day)

    def by_email_words(self, day: dt.date) -> str:
        """Whether letters may go by secure e-mail, from when and until when, as it stands on the local `day`."""
        return _span_words(self.letters_by_email_from, self.letters_by_email_until, day)

    def letters_abroad_on(self, day: dt.date) -> bool:
        """Does the office allow letters to addresses abroad, on the local `day`?"""
        return _holds(self.letters_abroad_from, self.letters_abroad_until, day)

    def abroad_words(self, day: dt.date) -> str:
        """Whether letters may go abroad, from when and until when, as it stands on the local `day`; by what instead of
        registered post."""
        words = _span_words(self.letters_abroad_from, self.letters_abroad_until, day)
        return f"{words}; {self.abroad_service}" if words != "No" and self.abroad_service else words

    def stock_on(self, day: dt.date) -> EnvelopeStock:
        """The envelopes that the office uses on the local `day`."""
        if self.next_stock is not None and self.next_stock_from is not None and self.next_stock_from <= day:
            return self.next_stock
        return self.stock


def _holds(first: dt.date | None, last: dt.date | None, day: dt.date) -> bool:
    return first is not None and first <= day and (last is None or day <= last)


def _span_words(first: dt.date | None, last: dt.date | None, day: dt.date) -> str:
    if first is None or (last is not None and last < day):
        return "No"
    words = "Yes" if first <= day else f"From {in_words(first)}"
    return f"{words}, until {in_words(last)}" if last else words
