"""Asking for an audit bundle; the worker makes it."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit.record.bundle import Wanted, letter_wanted, office_wanted
from audit.record.models import Bundle, Scope
from audit.record.permissions import RecordAction, RecordCondition
from audit.record.policy import check
from audit.record.withholding import is_kept_from, kept_from
from letters import selectors
from letters.models import Letter
from postroom.ledger.recording import record_and_save
from postroom.outbox.queue import enqueue
from postroom.people.authority import authority_of
from postroom.people.models import Office, User
from postroom.people.roles import Role
from postroom.steps.errors import InvalidStep, NotAllowed

BUNDLE = "audit_bundle"
CHUNK = 500
# So long after it was asked for, and while it isn't made, the same of the same person is that form sent again.
AGAIN = dt.timedelta(minutes=10)
ACTIONS = {
    Scope.LETTER: RecordAction.EXPORT_LETTER,
    Scope.OFFICE: RecordAction.EXPORT_OFFICE,
    Scope.EVERYTHING: RecordAction.EXPORT_EVERYTHING,
}


def reads(user: User, letter: Letter) -> bool:
    """May this person read the letter now?"""
    return selectors.visible_to(user).filter(pk=letter.pk).exists()


def readable_content(user: User) -> QuerySet[Letter]:
    """The letters whose content may leave with this person: those they read, but none to a confidential address.

    A version's hash is over the address too, so it is there whole or not at all (CLS-5).
    """
    return selectors.visible_to(user).exclude(versions__address__is_confidential=True)


def content_withheld(data: bytes, user: User) -> bool:
    """Does the bundle hold what a letter says, or its reasons, that may not leave with this person now?"""
    subjects: set[str] = set()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in {"content.jsonl", "reasons.jsonl"} & set(archive.namelist()):
            with archive.open(name) as lines:
                subjects |= {json.loads(line)["subject"] for line in lines}
    references = sorted(subject.removeprefix(f"{Letter.ledger_kind}/") for subject in subjects)
    for start in range(0, len(references), CHUNK):
        part = references[start : start + CHUNK]
        readable = readable_content(user).filter(reference__in=part)
        if readable.values("pk").distinct().count() < len(part):
            return True
    return False


def shows_what_is_kept_from(data: bytes, user: User) -> bool:
    """Does the bundle hold in the open a chain that is kept from this person now?"""
    kept = kept_from(user)
    if not kept:
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return not kept.isdisjoint(json.loads(archive.read("manifest.json"))["heads"])


def holding_for(user: User, letter: Letter | None) -> set[str]:
    """The conditions of the table that hold for this person and letter."""
    return {str(RecordCondition.READS_IT)} if letter is not None and reads(user, letter) else set()


def ask_for_bundle(
    *,
    by: User,
    scope: Scope,
    letter: Letter | None = None,
    office: Office | None = None,
    first_day: dt.date | None = None,
    last_day: dt.date | None = None,
    with_content: bool = False,
) -> Bundle:
    """Owe `by` a bundle. Days are local, both counted.

    `with_content`: with what letters say and the reasons, of those letters alone that `by` may read when it is made.
    Raises NotAllowed (no right; content of a letter that they may not read), InvalidStep (a period that can't be).
    """
    holding = holding_for(by, letter)
    actor = check(ACTIONS[scope], by=by, holding=holding, authority=authority_of(by))
    if letter is not None and is_kept_from(by, letter):
        raise NotAllowed("There is no such letter for you: its case is kept from you.")
    if scope == Scope.LETTER and with_content and not holding:
        raise NotAllowed("You may not read this letter, so its content can't be in your bundle. Ask for it without.")
    if scope == Scope.OFFICE:
        if first_day is None or last_day is None or last_day < first_day:
            raise InvalidStep("The period ends before it begins. Give its first and its last day.", "last_day")
        if first_day > timezone.localdate():
            raise InvalidStep("The period begins in the future.", "first_day")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two that arrive together take turns
        asked: dict[str, Any] = {
            "scope": scope,
            "letter": letter,
            "office": office,
            "first_day": first_day,
            "last_day": last_day,
        }
        asked |= {"with_content": with_content, "asked_by": by}
        owed = Bundle.objects.filter(**asked, made_at__isnull=True, asked_at__gte=timezone.now() - AGAIN).first()
        if owed is not None:
            return owed
        bundle = Bundle.objects.create(**asked)
        details = {
            "scope": str(scope),
            "letter": letter.reference if letter else "",
            "office": office.code if office else "",
            "first": first_day.isoformat() if first_day else "",
            "last": last_day.isoformat() if last_day else "",
            "content": with_content,
        }
        record_and_save(bundle, action=str(ACTIONS[scope]), actor=actor, details=details)
        enqueue(BUNDLE, key=bundle.reference, subject=bundle.ledger_subject, payload={"bundle": bundle.pk})
    return bundle


def wanted_by(bundle: Bundle) -> Wanted:
    """What goes into it; what its asker may read is asked anew."""
    readable = readable_content(bundle.asked_by) if bundle.with_content else Letter.objects.none()
    scope, subjects = words_of(bundle), None
    if bundle.letter is not None:
        # A manager of the office sees the spot checks of their office, the two others those of all.
        everywhere = authority_of(bundle.asked_by).has(Role.INFORMATION_GOVERNANCE, Role.DISTRICT_ADMIN_MANAGER)
        subjects = letter_wanted(bundle.letter, of_all_offices=everywhere)
    elif bundle.office is not None and bundle.first_day and bundle.last_day:
        subjects = office_wanted(bundle.office, bundle.first_day, bundle.last_day)
    kept = kept_from(bundle.asked_by)
    return Wanted(scope, subjects, readable, with_content=bundle.with_content, kept_from_them=kept)


def words_of(bundle: Bundle) -> str:
    """What it is about, in words."""
    if bundle.letter is not None:
        return f"letter {bundle.letter.reference}"
    if bundle.office is not None:
        return f"{bundle.office.name}, {bundle.first_day:%-d %B %Y} to {bundle.last_day:%-d %B %Y}"
    return "everything"
