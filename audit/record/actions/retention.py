"""Holds, and disposal by two people: one proposes what is due, another looks and decides, then it is destroyed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.record.models import Disposal, DisposalItem, DisposalState, LegalHold
from audit.record.permissions import RecordAction, RecordCondition
from audit.record.policy import check
from letters.actions.disposing import Destroyed, destroy_content, destroy_drafts
from letters.models import Disposed, Hold, Letter, Opening
from letters.states import State
from postroom.cases.models import Case
from postroom.files.store import destroy
from postroom.ledger.recording import record_and_save
from postroom.people.models import User
from postroom.steps.errors import InvalidStep, NotPossible

AT_ONCE = 200
DAYS = {Disposed.What.DRAFTS: "RETENTION_DRAFT_DAYS", Disposed.What.CONTENT: "RETENTION_CONTENT_DAYS"}


@dataclass(frozen=True)
class Schedule:
    """One line of the schedule, for the page: what, how long after which event, how many letters are due now."""

    what: str
    words: str
    days: int
    due: int


def due(what: str, now: dt.datetime | None = None) -> QuerySet[Letter]:
    """The letters whose drafts, or content, can go: uploaded or withdrawn long enough ago, and not held.

    Held: a legal hold on the case, a hold on the letter, or an upper floor that has it open to somebody (a breach case
    that links it, a spot check that drew it). Letters in a disposal that waits are left out too.
    """
    before = (now or timezone.now()) - dt.timedelta(days=getattr(settings, DAYS[Disposed.What(what)]))
    waiting = DisposalItem.objects.filter(letter=OuterRef("pk"), disposal__state=DisposalState.PROPOSED)
    ended = Q(uploaded_at__lt=before) | Q(state=State.WITHDRAWN, state_since__lt=before)
    gone = Disposed.objects.filter(letter=OuterRef("pk"), what=what)
    return Letter.objects.filter(ended).filter(~Exists(gone), ~Exists(waiting)).exclude(_held()).order_by("pk")


def _held() -> Q:
    return (
        Q(Exists(LegalHold.objects.filter(case=OuterRef("case"), released_at__isnull=True)))
        | Q(Exists(Hold.objects.filter(letter=OuterRef("pk"), released_at__isnull=True)))
        | Q(Exists(Opening.objects.filter(letter=OuterRef("pk"), closed_at__isnull=True)))
    )


def schedule() -> list[Schedule]:
    """The schedule as it is set, and what is due."""
    words = {
        Disposed.What.DRAFTS: "Drafts, files handed over and dictation",
        Disposed.What.CONTENT: "What letters say, their files, questions, reasons and field history",
    }
    return [Schedule(str(what), text, getattr(settings, DAYS[what]), due(what).count()) for what, text in words.items()]


def set_hold(*, case: Case, why: str, by: User) -> LegalHold:
    """Nothing of this case is destroyed from now on. Raises NotAllowed, InvalidStep."""
    actor = check(RecordAction.SET_HOLD, by=by)
    why = " ".join(why.split())
    if not why:
        raise InvalidStep("Say why: a complaint, a claim, an inquiry, and its reference.", "why")
    with transaction.atomic():
        Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        hold = LegalHold.objects.create(case=case, why=why, set_by=by)
        record_and_save(hold, action="set_hold", actor=actor, reason=why, details={"case": case.reference})
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
    """Put what is due on a list for a second person, at most AT_ONCE letters. Raises NotAllowed, NotPossible."""
    actor = check(RecordAction.PROPOSE_DISPOSAL, by=by)
    with transaction.atomic():
        # Locked, so that two who propose at once don't both list a letter.
        pks = list(due(what).values_list("pk", flat=True)[:AT_ONCE])
        locked = Letter.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
        held = set(locked.values_list("pk", flat=True))
        letters = list(due(what).filter(pk__in=held).values_list("pk", flat=True))
        if not letters:
            raise NotPossible("Nothing of this kind is due.")
        disposal = Disposal.objects.create(what=what, proposed_by=by)
        DisposalItem.objects.bulk_create([DisposalItem(disposal=disposal, letter_id=pk) for pk in letters])
        record_and_save(
            disposal,
            action="propose_disposal",
            actor=actor,
            to_state=disposal.state,
            details={"what": what, "letters": len(letters)},
        )
    return disposal


def holding_for(user: User, disposal: Disposal) -> set[str]:
    """The conditions of the table that hold for this person and disposal."""
    return set() if disposal.proposed_by_id == user.pk else {str(RecordCondition.NOT_PROPOSER)}


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

    Each letter's own chain says that its reasons went; the disposal's says what went in all.
    """
    actor = check(RecordAction.APPROVE_DISPOSAL, by=by, holding=holding_for(by, disposal))
    total = Destroyed()
    with transaction.atomic():
        locked = _waiting(disposal)
        items = list(locked.items.select_related("letter").order_by("letter_id"))
        cases = sorted({item.letter.case_id for item in items})
        # The cases first, as a hold locks them: a hold set at this moment comes before or after, never between.
        list(Case.objects.select_for_update(of=("self",)).filter(pk__in=cases).order_by("pk"))
        letters = [item.letter_id for item in items]
        list(Letter.objects.select_for_update(of=("self",)).filter(pk__in=letters).order_by("pk"))
        held = set(Letter.objects.filter(_held(), pk__in=letters).values_list("pk", flat=True))
        for item in items:
            if item.letter_id in held:
                DisposalItem.objects.filter(pk=item.pk).update(left_out="Held since it was proposed.")
                continue
            under = locked.ledger_subject
            if locked.what == Disposed.What.DRAFTS:
                gone = destroy_drafts(item.letter, under=under)
            else:
                gone = destroy_content(item.letter, under=under, by=actor)
            total.files |= gone.files
            for kind, count in gone.counts.items():
                total.add(kind, count)
            total.add("letters", 1)
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
