"""Agreements to work on records from home or another base (CLS-1): who, agreed by whom, until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from papers.models import AwayAgreement, WorkPlace
from papers.policy import AGREEMENT_POLICY
from papers.states import AgreementAction
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, create, take
from postroom.steps.errors import InvalidStep


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Where, to what and until when. `base` names another base; a home address is never kept."""

    place: str
    access: str
    starts: dt.date
    ends: dt.date
    base: str = ""


def register_agreement(*, person: User, terms: Terms, by: User) -> AwayAgreement:
    """The line manager, or a manager of the person's office, agrees. The same form sent again gives the agreement that
    stands. Raises NotAllowed, InvalidStep."""
    if terms.place == WorkPlace.OTHER_BASE and not terms.base.strip():
        raise InvalidStep("Name the other base.", "base")
    if not terms.access.strip():
        raise InvalidStep("Say what they work on, and how it is kept secure.", "access")
    if terms.ends < max(terms.starts, timezone.localdate()):
        raise InvalidStep("The last day must be today or later, and not before the first.", "ends")
    if terms.ends > terms.starts + dt.timedelta(days=settings.AWAY_AGREEMENT_LONGEST_DAYS):
        raise InvalidStep(
            f"An agreement runs at most {settings.AWAY_AGREEMENT_LONGEST_DAYS} days; then it is looked at again.",
            "ends",
        )
    agreement = AwayAgreement(
        person=person,
        place=terms.place,
        base=" ".join(terms.base.split()) if terms.place == WorkPlace.OTHER_BASE else "",
        access=" ".join(terms.access.split()),
        starts=terms.starts,
        ends=terms.ends,
        agreed_by=by,
    )
    details = {
        "person": person.pk,
        "place": terms.place,
        "from": terms.starts.isoformat(),
        "to": terms.ends.isoformat(),
    }
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)  # two that arrive together take turns
        same = {name: getattr(agreement, name) for name in ("place", "base", "access", "starts", "ends", "agreed_by")}
        made = AwayAgreement.objects.filter(person=person, ended_at__isnull=True, **same).first()
        return made or create(
            agreement, action=AgreementAction.REGISTER, by=by, policy=AGREEMENT_POLICY, details=details
        )


def end_agreement(*, agreement: AwayAgreement, by: User, seen: Seen, reason: str) -> AwayAgreement:
    """The agreement ends before its last day."""

    def change(locked: AwayAgreement, taken: Taken) -> Mapping[str, Any] | None:
        locked.ended_at = taken.at
        return None

    return take(
        agreement, action=AgreementAction.END, by=by, policy=AGREEMENT_POLICY, seen=seen, reason=reason, change=change
    )
