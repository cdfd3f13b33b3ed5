"""Opening, acknowledging and entering policies (OGP-0)."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from audit.floor_policy import check_floor
from audit.floor_rules import FLOOR_RULES, FloorAction
from audit.models import Acknowledgement, PolicyReading, PolicyVersion
from postroom.ledger.errors import Unencodable
from postroom.ledger.recording import Actor, record, record_and_save
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.errors import InvalidStep, NotPossible
from postroom.steps.table import Grant

MOST_CHARACTERS = 200_000


def _actor(user: User, role: Role | None = None) -> Actor:
    authority = authority_of(user)
    held = role or next((r for r in Role if r in authority.roles), None)
    words = {r: authority.how(r, office) for r, office in authority.held}
    return Actor(
        id=user.pk, name=user.name, role=ROLE_NAMES[held] if held else "", authority=words.get(held, "") if held else ""
    )


def open_text(*, version: PolicyVersion, by: User) -> None:
    """Note that this person opened the whole text; the same again changes nothing."""
    PolicyReading.objects.bulk_create([PolicyReading(version=version, user=by)], ignore_conflicts=True)


def in_force(version: PolicyVersion) -> bool:
    """Is there no newer version of its policy?"""
    return not PolicyVersion.objects.filter(slug=version.slug, number__gt=version.number).exists()


def acknowledge(*, version: PolicyVersion, by: User, read: bool) -> Acknowledgement:
    """This person has read the version and will work by it; once, in the ledger. Doing it again changes nothing.

    Raises InvalidStep if they don't say so or never opened the text, NotPossible if a newer version is in force.
    """
    if not read:
        raise InvalidStep("Tick that you have read it.", "read")
    with transaction.atomic():
        locked = PolicyVersion.objects.select_for_update().get(pk=version.pk)
        known = Acknowledgement.objects.filter(version=locked, user=by).first()
        if known is not None:
            return known
        if not in_force(locked):
            raise NotPossible("A newer version of this policy is in force. Read and acknowledge that one.")
        if not PolicyReading.objects.filter(version=locked, user=by).exists():
            raise InvalidStep("Open the whole text first.", "read")
        made = Acknowledgement.objects.create(version=locked, user=by)
        details = {"version": locked.version, "sha256": locked.sha256}
        record_and_save(locked, action="acknowledge_policy", actor=_actor(by), details=details, at=made.at)
    return made


def add_version(*, by: User, slug: str, text: str, issued_on: dt.date, version: str, **header: Any) -> PolicyVersion:
    """Enter a new version of a policy; from now on it is in force, and everybody is asked to acknowledge it.

    `header`: title, author, approval, review_on, audience, rationale. Raises NotAllowed, InvalidStep.
    """
    check_floor(authority_of(by), FloorAction.ADD_VERSION)
    before = PolicyVersion.objects.filter(slug=slug).order_by("-number").first()
    if before is None:
        raise InvalidStep("There is no such policy.", "")
    if not text.strip():
        raise InvalidStep("Paste the whole text.", "text")
    if len(text) > MOST_CHARACTERS:
        raise InvalidStep(f"That is longer than a policy can be here ({MOST_CHARACTERS:,} characters).", "text")
    review_on = header.get("review_on")
    if review_on is not None and review_on <= issued_on:
        raise InvalidStep("The review comes after the issue.", "review_on")
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    if digest == before.sha256:
        raise InvalidStep("This is the text that is in force already.", "text")
    new = PolicyVersion(
        slug=slug, text=text, issued_on=issued_on, version=version.strip(), sha256=digest, added_by=by, **header
    )
    decision = FLOOR_RULES.decide(FloorAction.ADD_VERSION, authority_of(by).roles, ())
    role = decision.role if isinstance(decision, Grant) else None
    try:
        with transaction.atomic():
            PolicyVersion.objects.select_for_update().get(pk=before.pk)
            highest = PolicyVersion.objects.filter(slug=slug).aggregate(n=Max("number"))["n"]
            new.number = highest + 1
            new.save(force_insert=True)
            details = {"version": new.version, "sha256": digest, "issued": issued_on.isoformat()}
            record(new, action=FloorAction.ADD_VERSION.value, actor=_actor(by, role), details=details)
            new.save(update_fields=["ledger_seq", "ledger_head"])
    except IntegrityError as error:
        raise InvalidStep("There is a version of that name already.", "version") from error
    except Unencodable as error:
        raise InvalidStep("A character in what you entered can't be kept. Enter it without it.", "text") from error
    return new
