"""Envelope stock and how an office does its post, each change in the ledger (OGP-0, OGP-4a)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from letters.models import EnvelopeStock, IcsWay, OfficeMail, OfficePost, SheetScan
from letters.stock_rights import STOCK_RULES, StockAction, StockCondition
from letters.ways import Keeping
from postroom.ledger.recording import Actor, record, record_and_save
from postroom.people.authority import authority_of
from postroom.people.models import Office, User
from postroom.people.roles import ROLE_NAMES
from postroom.steps.errors import InvalidStep, NotAllowed, Stale
from postroom.steps.table import Grant

FIGURES = (
    "name",
    "envelope_w",
    "envelope_h",
    "window_w",
    "window_h",
    "window_left",
    "window_up",
    "folds",
    "max_sheets",
    "is_active",
)


def check_stock_action(user: User, action: StockAction, office: Office | None = None) -> Actor:
    """Who it is, for the record, if they may. Raises NotAllowed with who can."""
    authority = authority_of(user)
    office_id = office.pk if office else None
    at_office = authority.at_office(office_id)
    holding = {StockCondition.IN_OFFICE} if office else set()
    decision = STOCK_RULES.decide(action, at_office, holding)
    if not isinstance(decision, Grant):
        raise NotAllowed(STOCK_RULES.explain(decision))
    role = decision.role
    return Actor(id=user.pk, name=user.name, role=ROLE_NAMES[role], authority=authority.how(role, office_id))


def add_stock(*, by: User, slug: str, figures: Mapping[str, Any]) -> EnvelopeStock:
    """A new kind of envelope. Raises NotAllowed, InvalidStep (figures that make no sense, a name twice)."""
    actor = check_stock_action(by, StockAction.ADD_STOCK)
    stock = EnvelopeStock(slug=slug, **{name: figures[name] for name in FIGURES if name in figures})
    _judge(stock)
    try:
        with transaction.atomic():
            stock._history_user = by  # type: ignore[attr-defined]
            stock.save(force_insert=True)
            record(stock, action=StockAction.ADD_STOCK.value, actor=actor, details=_details(stock))
            stock.save(update_fields=["ledger_seq", "ledger_head"])
    except IntegrityError as error:
        raise InvalidStep("There is a stock of that name already. Choose another name.", "name") from error
    return stock


def change_stock(*, stock: EnvelopeStock, by: User, figures: Mapping[str, Any]) -> EnvelopeStock:
    """Put the figures right. Letters typed before keep theirs; they are proved again where they were typed for others.

    Raises NotAllowed, InvalidStep.
    """
    actor = check_stock_action(by, StockAction.CHANGE_STOCK)
    try:
        with transaction.atomic():
            locked = EnvelopeStock.objects.select_for_update().get(pk=stock.pk)
            for name in FIGURES:
                if name in figures:
                    setattr(locked, name, figures[name])
            _judge(locked)
            if not locked.is_active and OfficePost.objects.filter(Q(stock=locked) | Q(next_stock=locked)).exists():
                raise InvalidStep("An office still uses this stock. Give that office another one first.", "is_active")
            record(locked, action=StockAction.CHANGE_STOCK.value, actor=actor, details=_details(locked))
            locked._history_user = by  # type: ignore[attr-defined]
            locked.save()
    except IntegrityError as error:
        raise InvalidStep("There is a stock of that name already. Choose another name.", "name") from error
    return locked


def set_office_post(
    *,
    office: Office,
    by: User,
    stock: EnvelopeStock,
    signature_medium: str,
    return_mark: str,
    keeping: str = Keeping.MARKED,
    ics_way: str = IcsWay.MANUAL,
    collection: dt.time | None = None,
    originals_kept: bool = False,
    usual_class: str = "",
    sheet_scan: str = SheetScan.OFFERED,
    next_stock: EnvelopeStock | None = None,
    next_stock_from: dt.date | None = None,
    letters_by_email_from: dt.date | None = None,
    letters_by_email_until: dt.date | None = None,
    letters_abroad_from: dt.date | None = None,
    letters_abroad_until: dt.date | None = None,
    abroad_service: str = "",
    seen: str | None = None,
) -> OfficePost:
    """Which envelopes the office uses, where it signs, what goes on the back, which letters it holds to safe ways
    (`originals_kept`: those with an original enclosed too), when its post is collected (local time), by which class it
    usually goes, how its documents get into ICS, whether each sheet is scanned in at the envelope;
    which envelopes it uses from a later local day on (None: nothing is to change); from which local day on letters may
    go by secure e-mail (None: they don't), and until which at most (CLS-6); the same for letters to addresses abroad,
    and by which service they go there in place of registered post ("": none).

    `seen`: what stood when the page was opened (`seen_of`); None: whatever stands. What stands isn't saved again.
    Raises NotAllowed, InvalidStep, Stale (its subject the OfficePost as it would have been).
    """
    actor = check_stock_action(by, StockAction.SET_OFFICE_POST, office)
    if not stock.is_active:
        raise InvalidStep("This stock is no longer used. Choose another.", "stock")
    if ics_way == IcsWay.FOLDER and not settings.ICS_FOLDER:
        raise InvalidStep("No folder for ICS is set up here. Ask whoever runs Postroom to set ICS_FOLDER.", "ics_way")
    if ics_way == IcsWay.HTTP and not settings.ICS_URL:
        raise InvalidStep("No address of ICS is set up here. Ask whoever runs Postroom to set ICS_URL.", "ics_way")
    if (next_stock is None) != (next_stock_from is None):
        raise InvalidStep("Choose the envelopes and the day from which they are used, or neither.", "next_stock_from")
    if next_stock is not None and next_stock_from is not None:
        if next_stock_from <= timezone.localdate():
            raise InvalidStep("Choose a day after today; what is used from now on is chosen above.", "next_stock_from")
        if not next_stock.is_active:
            raise InvalidStep("This stock is no longer used. Choose another.", "next_stock")
    with transaction.atomic():
        # The office first: there may be no row of its post to lock yet. Its key stays: a letter handed over meanwhile,
        # which points to the office and holds how it does its post (letters.abroad), isn't waited for crosswise.
        Office.objects.select_for_update(of=("self",), no_key=True).get(pk=office.pk)
        post = OfficePost.objects.filter(office=office).first() or OfficePost(office=office)
        before = told_of(post) if post.pk else {}
        _judge_by_email(post, letters_by_email_from, letters_by_email_until)
        _judge_abroad(post, letters_abroad_from, letters_abroad_until)
        post.stock, post.signature_medium, post.return_mark = stock, signature_medium, return_mark
        post.keeping, post.ics_way, post.collection = keeping, ics_way, collection
        post.originals_kept, post.usual_class = originals_kept, usual_class
        post.sheet_scan = sheet_scan
        post.next_stock, post.next_stock_from = next_stock, next_stock_from
        post.letters_by_email_from, post.letters_by_email_until = letters_by_email_from, letters_by_email_until
        post.letters_abroad_from, post.letters_abroad_until = letters_abroad_from, letters_abroad_until
        post.abroad_service = " ".join(abroad_service.split())
        post._history_user = by  # type: ignore[attr-defined]
        told = told_of(post)
        if seen is not None and told != before and seen != seen_of(before):
            raise Stale("Somebody else changed this meanwhile. Nothing of yours was saved.", post)
        if told != before:  # the same sent twice is one change
            post.save()
            record_and_save(office, action=StockAction.SET_OFFICE_POST.value, actor=actor, details=told)
    return post


def told_of(post: OfficePost) -> dict[str, Any]:
    """All that is set, as the office's ledger tells it: dates and times as text."""
    return {
        "stock": post.stock.slug,
        "signature": str(post.signature_medium),
        "return_mark": str(post.return_mark),
        "keeping": str(post.keeping),
        "ics_way": str(post.ics_way),
        "collection": f"{post.collection:%H:%M}" if post.collection else "",
        "originals_kept": post.originals_kept,
        "usual_class": str(post.usual_class),
        "sheet_scan": str(post.sheet_scan),
        "next_stock": post.next_stock.slug if post.next_stock else "",
        "next_stock_from": str(post.next_stock_from or ""),
        "letters_by_email_from": str(post.letters_by_email_from or ""),
        "letters_by_email_until": str(post.letters_by_email_until or ""),
        "letters_abroad_from": str(post.letters_abroad_from or ""),
        "letters_abroad_until": str(post.letters_abroad_until or ""),
        "abroad_service": post.abroad_service,
    }


def seen_of(told: Mapping[str, Any]) -> str:
    """What a page carries of what stood when it was opened; {}: nothing was set yet."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _judge_by_email(post: OfficePost, first: dt.date | None, last: dt.date | None) -> None:
    """What stands on `post` may stay; nothing new begins or ends in the past, and nothing is turned on that has no
    sender. Raises InvalidStep."""
    _judge_span(post, first, last, "letters_by_email", "go by secure e-mail", "Secure e-mail")
    turned_on = first is not None and first != post.letters_by_email_from
    if turned_on and not OfficeMail.objects.filter(office=post.office).exists():
        raise InvalidStep(
            "This office has no secure e-mail set up yet. Its team manager sets it up under Secure e-mail, with "
            "the domains it may write to; then turn it on here.",
            "letters_by_email_from",
        )


def _judge_abroad(post: OfficePost, first: dt.date | None, last: dt.date | None) -> None:
    """The same of letters abroad. Raises InvalidStep."""
    _judge_span(post, first, last, "letters_abroad", "go abroad", "Letters abroad")


def _judge_span(post: OfficePost, first: dt.date | None, last: dt.date | None, name: str, does: str, what: str) -> None:
    """From which day on and until which something may be done that is off by default. `name`: of the two fields,
    before `_from` and `_until`. Raises InvalidStep."""
    today = timezone.localdate()
    begins, ends = f"{name}_from", f"{name}_until"
    if first is None:
        if last is not None:
            raise InvalidStep(f"Say from which day letters may {does}, or empty both days to turn it off.", begins)
        return
    if first != getattr(post, begins) and first < today:
        raise InvalidStep(f"{what} can't be turned on for days gone by.", begins)
    if last is not None and last < first:
        raise InvalidStep("The last day is before the first. Put one of them right.", ends)
    if last is not None and last < today and last != getattr(post, ends):
        raise InvalidStep("Choose today or a later day as the last. To turn it off at once, empty both days.", ends)


def _judge(stock: EnvelopeStock) -> None:
    """Raises InvalidStep with every sentence about figures that can't be."""
    try:
        stock.geometry()
    except ValueError as error:
        raise InvalidStep(" ".join(getattr(error, "problems", None) or [str(error)]), "") from error


def _details(stock: EnvelopeStock) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str | bool | int) else str(value)
        for name in FIGURES
        for value in [getattr(stock, name)]
    }
