"""Holds, and disposal by two people: one proposes what is due, another looks and decides, then it is destroyed.

Which kinds of records there are, each floor says (postroom.ledger.kept); here is how they go.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.record.models import Disposal, DisposalItem, DisposalState, LegalHold
from audit.record.permissions import RecordAction, RecordCondition
from audit.record.policy import check
from audit.record.replay import list_hash
from postroom.cases.models import Case
from postroom.files.store import destroy
from postroom.ledger.kept import Destroyed, Kept, all_kinds, kind_of, subject_column
from postroom.ledger.recording import record_and_save
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import User
from postroom.steps.errors import InvalidStep, NotPossible

AT_ONCE = 200


@dataclass(frozen=True)
class Schedule:
    """One line of the schedule, for the page: which kind, and how many records are due now."""

    kind: Kept
    due: int


def due(kind: Kept, now: dt.datetime | None = None) -> QuerySet[Any]:
    """The records of a kind that can go: their time has ended, and nothing holds them.

    Held: by a legal hold on the record or on one of its cases, or because a floor still needs it (`Kept.busy`). Those
    in a disposal that waits are left out too.
    """
    before = (now or timezone.now()) - dt.timedelta(days=kind.days)
    waiting = DisposalItem.objects.filter(
        row=OuterRef("pk"), disposal__what=kind.key, disposal__state=DisposalState.PROPOSED
    )
    return kind.ended(before).filter(~Exists(waiting)).exclude(_held(kind)).order_by("pk")


def _held(kind: Kept) -> Q:
    standing = LegalHold.objects.filter(released_at__isnull=True)
    held = Q(Exists(standing.filter(record=subject_column(kind.model, outer=True)))) | kind.busy()
    for way in kind.cases:
        hold = f"{way}__legal_holds"
        on_case = {"pk": OuterRef("pk"), f"{hold}__released_at__isnull": True, f"{hold}__pk__isnull": False}
        held |= Q(Exists(kind.rows().filter(**on_case)))
    return held


def schedule() -> list[Schedule]:
    """The schedule as it is set, and what is due. One query a kind."""
    return [Schedule(kind, due(kind).count()) for kind in all_kinds()]


def record_of(reference: str) -> LedgerSubject | None:
    """The one record of this reference, of whichever kind that is kept for a time."""
    for model in dict.fromkeys(kind.model for kind in all_kinds()):
        rows: QuerySet[Any] = model._base_manager.all()
        found: LedgerSubject | None = rows.filter(reference=reference).first()
        if found is not None:
            return found
    return None


def set_hold(*, why: str, by: User, case: Case | None = None, record: LedgerSubject | None = None) -> LegalHold:
    """Nothing of this case, or of this one record, is destroyed from now on. The same form sent again gives the hold
    that stands. Raises NotAllowed, InvalidStep."""
    actor = check(RecordAction.SET_HOLD, by=by)
    why = " ".join(why.split())
    if not why:
        raise InvalidStep("Say why: a complaint, a claim, an inquiry, and its reference.", "why")
    if (case is None) == (record is None):
        raise InvalidStep("A hold is on a case or on one record.", "reference")
    held = case if case is not None else record
    with transaction.atomic():
        # As a disposal locks them: this comes before it or after it, never between.
        type(held)._base_manager.select_for_update(of=("self",)).get(pk=held.pk)  # type: ignore[union-attr]
        on = {"case": case, "record": record.ledger_subject if record is not None else ""}
        standing = LegalHold.objects.filter(**on, why=why, set_by=by, released_at__isnull=True).first()
        if standing is not None:
            return standing
        hold = LegalHold.objects.create(**on, why=why, set_by=by)
        details = {"case": case.reference} if case is not None else {"record": hold.record}
        record_and_save(hold, action="set_hold", actor=actor, reason=why, details=details)
    return hold


def release_hold(*, hold: LegalHold, why: str, by: User) -> LegalHold:
    """End a hold. Raises NotAllowed, InvalidStep, NotPossible if it was ended already."""
    actor = check(RecordAction.RELEASE_HOLD, by=by)
    why = " ".join(why.split())
    if not why:
        raise InvalidStep("Say why it can end.", "why")
    with transaction.atomic():
        ended = LegalHold.objects.filter(pk=hold.pk, released_at__isnull=True).update(
            released_at=timezone.now(), released_by=by
        )
        if not ended:
            raise NotPossible("This hold has ended already.")
        record_and_save(hold, action="release_hold", actor=actor, reason=why)
    hold.refresh_from_db()
    return hold


def propose_disposal(*, what: str, by: User) -> Disposal:
    """Put what is due on a list for a second person, at most AT_ONCE records; none that `by` is part of.

    Raises NotAllowed, NotPossible.
    """
    actor = check(RecordAction.PROPOSE_DISPOSAL, by=by)
    kind = kind_of(what)
    if kind is None:
        raise NotPossible("Nothing of this kind is kept for a time.")
    with transaction.atomic():
        # Locked, so that two who propose at once don't both list a record.
        pks = list(due(kind).values_list("pk", flat=True)[:AT_ONCE])
        _lock(kind, pks)
        mine = kind.involved(by.pk, pks)
        rows = [row for row in due(kind).filter(pk__in=pks) if row.pk not in mine]
        if not rows:
            raise NotPossible("Nothing of this kind is due.")
        disposal = Disposal.objects.create(what=what, proposed_by=by)
        DisposalItem.objects.bulk_create(
            [DisposalItem(disposal=disposal, row=row.pk, subject=row.ledger_subject) for row in rows]
        )
        record_and_save(
            disposal,
            action="propose_disposal",
            actor=actor,
            to_state=disposal.state,
            details={"what": what, "records": len(rows), "list": list_hash(row.ledger_subject for row in rows)},
        )
    return disposal


def _lock(kind: Kept, pks: list[int]) -> list[Any]:
    return list(kind.rows().select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk"))


def holding_for(user: User, disposal: Disposal) -> set[str]:
    """The conditions of the table that hold for this person and disposal."""
    holding = set() if disposal.proposed_by_id == user.pk else {str(RecordCondition.NOT_PROPOSER)}
    kind = disposal.kind
    if kind is None or not kind.involved(user.pk, disposal.items.values_list("row", flat=True)):
        holding.add(str(RecordCondition.NOT_INVOLVED))
    return holding


def refuse_disposal(*, disposal: Disposal, why: str, by: User) -> Disposal:
    """Nothing goes; the letters can be proposed again. Raises NotAllowed, InvalidStep, NotPossible."""
    actor = check(RecordAction.REFUSE_DISPOSAL, by=by, holding=holding_for(by, disposal))
    why = " ".join(why.split())
    if not why:
        raise InvalidStep("Say why nothing should be destroyed.", "why")
    with transaction.atomic():
        locked = _waiting(disposal)
        _decide(locked, DisposalState.REFUSED, by)
        record_and_save(
            locked,
            action="refuse_disposal",
            actor=actor,
            from_state=DisposalState.PROPOSED,
            to_state=DisposalState.REFUSED,
            reason=why,
        )
    return locked


def approve_disposal(*, disposal: Disposal, by: User) -> Disposal:
    """Destroy what was proposed, but what is held by now; all in one transaction. Raises NotAllowed, NotPossible.

    Each record's own chain says that its words went; the disposal's says what went in all.
    """
    actor = check(RecordAction.APPROVE_DISPOSAL, by=by, holding=holding_for(by, disposal))
    kind = disposal.kind
    if kind is None:
        raise NotPossible("Records of this kind are not kept here any more.")
    total = Destroyed()
    with transaction.atomic():
        locked = _waiting(disposal)
        items = list(locked.items.order_by("row"))
        pks = [item.row for item in items]
        listed = kind.rows().filter(pk__in=pks)
        cases = {case for way in kind.cases for case in listed.values_list(way, flat=True)} - {None}
        # The cases first, as a hold locks them: a hold set at this moment comes before or after, never between.
        list(Case.objects.select_for_update(of=("self",)).filter(pk__in=cases).order_by("pk"))
        records = {row.pk: row for row in _lock(kind, pks)}
        held = set(kind.rows().filter(_held(kind), pk__in=pks).values_list("pk", flat=True))
        for item in items:
            if item.row in held:
                DisposalItem.objects.filter(pk=item.pk).update(left_out="Held since it was proposed.")
                continue
            total.merge(kind.destroy(records[item.row], locked.ledger_subject, actor))
        total.add(kind.many, len(items) - len(held))
        total.add("files", len(total.files))
        locked.destroyed = total.counts
        _decide(locked, DisposalState.DONE, by)
        record_and_save(
            locked,
            action="approve_disposal",
            actor=actor,
            from_state=DisposalState.PROPOSED,
            to_state=DisposalState.DONE,
            details={"destroyed": total.counts, "left_out": len(held)},
        )
        transaction.on_commit(partial(destroy, sorted(total.files)), robust=True)
    return locked


def _waiting(disposal: Disposal) -> Disposal:
    locked = Disposal.objects.select_for_update(of=("self",)).get(pk=disposal.pk)
    if locked.state != DisposalState.PROPOSED:
        raise NotPossible("Somebody has decided on this disposal already.")
    return locked


def _decide(disposal: Disposal, state: DisposalState, by: User) -> None:
    disposal.state, disposal.decided_by, disposal.decided_at = state, by, timezone.now()
    disposal.save(update_fields=["state", "decided_by", "decided_at", "destroyed"])
