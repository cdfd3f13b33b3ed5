"""What several steps share: setting a letter back to unchecked, telling people, the time it has been in a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction

from letters.models import Check, Letter, Notice, Signature
from letters.policy import POLICY, LetterPolicy
from letters.turns import tell_whose_turn
from postroom.cases.access import those_who_may_know
from postroom.cases.models import Case
from postroom.outbox.mail import notify
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, take

Change = Callable[[Letter, Taken], Mapping[str, Any] | None]


def step(
    letter: Letter,
    action: str,
    *,
    by: User | None,
    seen: Seen | None,
    reason: str = "",
    change: Change | None = None,
    after: Callable[[Letter, Taken], None] | None = None,
    policy: LetterPolicy = POLICY,
) -> Letter:
    """One step of a letter on the engine; keeps `state_since` for My work."""

    def with_time(locked: Letter, taken: Taken) -> Mapping[str, Any] | None:
        row = locked.rules.transition(action, str(locked.state))
        if row is not None and row.target != row.source:
            locked.state_since = taken.at
        return change(locked, taken) if change else None

    def then(locked: Letter, taken: Taken) -> None:
        if after:
            after(locked, taken)
        if locked.state != before:
            tell_whose_turn(locked, by)

    before = str(letter.state)
    with transaction.atomic():
        held = {"case": hold_case(letter.case_id)}
        return take(
            letter,
            action=action,
            by=by,
            policy=policy,
            seen=seen,
            reason=reason,
            change=with_time,
            after=then,
            held=held,
        )


def hold_case(case_id: int) -> Case:
    """The letter's case as it is now, and staying so until the transaction ends: who its worker is decides who may.

    Always before the letter's own lock, as the steps of a case take them: a case can't change hands between the rights
    of a step and its effect, nor a letter slip through between the list of what goes along and the move.
    """
    return Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id)


def void(letter: Letter, taken: Taken) -> list[tuple[int, str]]:
    """Take check and signature off the row and mark their records void; returns whom to tell and what.

    OGP-3a: any change of address, body or enclosure afterwards voids both.
    """
    told: list[tuple[int, str]] = []
    if letter.checked_by_id:
        told.append((letter.checked_by_id, Notice.Code.CHECK_VOIDED))
    if letter.signed_by_id:
        told.append((letter.signed_by_id, Notice.Code.SIGNATURE_VOIDED))
    letter.checked_hash, letter.checked_by, letter.checked_at = "", None, None
    letter.signed_hash, letter.signed_by, letter.signed_at = "", None, None
    letter.signature_kind = letter.signature_medium = letter.authority = ""
    letter.signed_for = None
    letter.sheets_in_hand = False
    unsend(letter)
    Check.objects.filter(letter=letter, voided_at__isnull=True).update(voided_at=taken.at)
    Signature.objects.filter(letter=letter, voided_at__isnull=True).update(voided_at=taken.at)
    return told


def unsend(letter: Letter) -> None:
    """An e-mail that was asked for and hasn't begun is not wanted any more; what was confirmed for it is void."""
    letter.sending, letter.email = False, ""
    letter.right_by = letter.right_at = letter.emailed_by = letter.emailed_on = None
    letter.right_basis = ""


def unseal(letter: Letter) -> None:
    """Take the initials off the row: the envelope is open again."""
    letter.initialled_by, letter.initials = None, ""
    letter.enveloped_at = letter.enveloped_on = letter.locked_in_on = None


def tell(letter: Letter, told: Iterable[tuple[int | None, str]], *, but: User | None = None) -> None:
    """A notice on My work for each person but the one who did it, and an e-mail without personal data.

    Nobody hears of a case that is kept from them.
    """
    notices = dict.fromkeys(told)
    wanted = {user_id for user_id, _ in notices if user_id is not None}
    may_know = those_who_may_know(letter.case, wanted) if wanted else set()
    for user_id, code in notices:
        if user_id not in may_know or (but is not None and user_id == but.pk):
            continue
        notice = Notice.objects.create(letter=letter, user_id=user_id, code=code)
        notify([user_id], f"letter_{code}", letter.ledger_subject, f"/letters/{letter.reference}/", occasion=notice.pk)


def tell_worker(letter: Letter) -> None:
    """OGP-2: the worker is told that it waits for checking, by e-mail without personal data."""
    worker = letter.case.allocated_worker_id
    if worker:
        link = f"/letters/{letter.reference}/"
        notify([worker], "letter_typed", letter.ledger_subject, link, occasion=letter.version)
