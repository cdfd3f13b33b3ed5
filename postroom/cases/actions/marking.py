"""What somebody says of a person or an address: area, whether post is safe, confidential; who must not know of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from postroom.cases import hooks
from postroom.cases.actions.common import address_of, person_of, save_as, void_prepared
from postroom.cases.area import why_not_area
from postroom.cases.models import Address, Area, Case, CasePerson, Confidential, MustNotKnow
from postroom.cases.policy import POLICY
from postroom.cases.states import CaseAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take
from postroom.steps.errors import InvalidStep


@dataclass(frozen=True, kw_only=True)
class AddressMarks:
    """What the worker says of an address. Words say why; they are kept on the row, never in the ledger."""

    area: str
    safe_to_post: bool = True
    unsafe_why: str = ""
    confidential_kind: str = ""
    confidential_why: str = ""

    @classmethod
    def of(cls, address: Address) -> AddressMarks:
        """As the row says now."""
        return cls(**{name: getattr(address, name) for name in cls.__dataclass_fields__})

    def tidy(self) -> AddressMarks:
        """Blanks collapsed, words dropped that nothing asks for. Raises InvalidStep."""
        why, hidden_why = _line(self.unsafe_why, "unsafe_why"), _line(self.confidential_why, "confidential_why")
        if self.area not in Area.values:
            raise InvalidStep("Say whether the address is in the council's area.", "area")
        if not self.safe_to_post and not why:
            raise InvalidStep("Say why post to this address is not safe.", "unsafe_why")
        if self.confidential_kind and self.confidential_kind not in Confidential.values:
            raise InvalidStep("Choose whose address it is.", "confidential_kind")
        return AddressMarks(
            area=self.area,
            safe_to_post=self.safe_to_post,
            unsafe_why="" if self.safe_to_post else why,
            confidential_kind=self.confidential_kind,
            confidential_why=hidden_why if self.confidential_kind else "",
        )


def mark_address(*, case: Case, address: Address, marks: AddressMarks, by: User, seen: Seen, reason: str = "") -> Case:
    """The worker confirms the area, and says whether post is safe and whether the address is confidential.

    `reason` is asked for where the area isn't what the postcode proposes, and where a protection is taken away. What
    was prepared for the address is void if it may not go there any more, or became confidential.
    """
    wanted = marks.tidy()

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = address_of(locked, address)
        _check_area(row, wanted.area, reason)
        before = AddressMarks.of(row)
        if before == wanted and row.area_confirmed_by_id:
            raise InvalidStep("Nothing was changed.")
        lighter = before.confidential_kind and not wanted.confidential_kind
        if (lighter or (wanted.safe_to_post and not before.safe_to_post)) and not reason.strip():
            raise InvalidStep("Say why this protection isn't needed any more.", "reason")
        if before.area != wanted.area and (stays := hooks.why_area_stays(row)):
            raise InvalidStep(stays, "area")
        for name in AddressMarks.__dataclass_fields__:
            setattr(row, name, getattr(wanted, name))
        row.is_confidential = bool(wanted.confidential_kind)
        row.area_confirmed_on, row.area_confirmed_by = timezone.localdate(taken.at), taken.by
        save_as(row, taken.by)
        if (before.safe_to_post and not row.safe_to_post) or bool(before.confidential_kind) != row.is_confidential:
            hooks.address_changed(row)
        if before != wanted:
            hooks.recipient_changed(row.person)
        return {
            "address": row.pk,
            "area": row.area,
            "safe_to_post": row.safe_to_post,
            "confidential": row.is_confidential,
        }

    return take(case, action=CaseAction.MARK_ADDRESS, by=by, policy=POLICY, seen=seen, reason=reason, change=change)


def mark_person(
    *, case: Case, person: CasePerson, safe_to_post: bool, why: str, by: User, seen: Seen, reason: str = ""
) -> Case:
    """Say whether post is safe for somebody, wherever they live. Not safe: by hand only; what was prepared is void."""
    why = _line(why, "why")
    if not safe_to_post and not why:
        raise InvalidStep("Say why post is not safe for them.", "why")

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = person_of(locked, person)
        if row.safe_to_post == safe_to_post and (safe_to_post or row.unsafe_why == why):
            raise InvalidStep("Nothing was changed.")
        if safe_to_post and not reason.strip():
            raise InvalidStep("Say why post is safe again.", "reason")
        row.safe_to_post, row.unsafe_why = safe_to_post, "" if safe_to_post else why
        save_as(row, taken.by)
        if not safe_to_post:
            void_prepared(row)
        hooks.recipient_changed(row)
        return {"person": row.pk, "safe_to_post": safe_to_post}

    return take(case, action=CaseAction.MARK_PERSON, by=by, policy=POLICY, seen=seen, reason=reason, change=change)


def keep_apart(*, case: Case, one: CasePerson, other: CasePerson, by: User, seen: Seen, reason: str) -> Case:
    """Neither of these two may learn the other's address, nor that anything is written to them (CLS-5)."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        if one.pk == other.pk:
            raise InvalidStep("Choose two people.", "other")
        first, second = sorted((person_of(locked, one), person_of(locked, other)), key=lambda row: row.pk)
        if MustNotKnow.objects.filter(a=first, b=second, lifted_at__isnull=True).exists():
            raise InvalidStep("This is on record for these two already.", "other")
        words = _line(taken.reason, "reason")
        assert taken.by is not None  # noqa: S101 - a person's step
        row = MustNotKnow.objects.create(case=locked, a=first, b=second, reason=words, set_by=taken.by, set_at=taken.at)
        for person in (first, second):
            void_prepared(person)
            hooks.recipient_changed(person)
        return {"kept_apart": [first.pk, second.pk], "row": row.pk}

    return take(case, action=CaseAction.KEEP_APART, by=by, policy=POLICY, seen=seen, reason=reason, change=change)


def let_know(*, case: Case, pair: MustNotKnow, by: User, seen: Seen, reason: str) -> Case:
    """The two may know of each other again."""

    def change(locked: Case, taken: Taken) -> Mapping[str, Any]:
        row = MustNotKnow.objects.select_for_update().filter(pk=pair.pk, case=locked, lifted_at__isnull=True).first()
        if row is None:
            raise InvalidStep("This was lifted already.")
        row.lifted_at, row.lifted_by = taken.at, taken.by
        row.save(update_fields=["lifted_at", "lifted_by"])
        for person in (row.a, row.b):
            hooks.recipient_changed(person)
        return {"let_know": [row.a_id, row.b_id], "row": row.pk}

    return take(case, action=CaseAction.LET_KNOW, by=by, policy=POLICY, seen=seen, reason=reason, change=change)


def _check_area(address: Address, area: str, reason: str) -> None:
    if why := why_not_area(area, address.line_list, settings.COUNCIL_POSTCODES, reason):
        raise InvalidStep(why, "area")


def _line(text: str, field: str) -> str:
    words = " ".join(text.split())
    if len(words) > 200:
        raise InvalidStep("Say it in 200 characters or fewer.", field)
    return words
