"""Taking a file over from ICS: read and previewed, then applied case by case, in the worker (an outbox job a batch).

Each case is one step of its own on the engine, so that a kill between two leaves whole cases, and a batch done again
changes nothing. Progress stands on the import's row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from postroom.cases import hooks
from postroom.cases.actions.common import retire, save_as, save_person, void_prepared
from postroom.cases.ics.comparing import CaseChange, PersonChange, compare, known_of
from postroom.cases.ics.reading import CaseRows, Unreadable, read_cases
from postroom.cases.models import Address, AddressSource, Area, Case, CasePerson, IcsImport, IcsLine
from postroom.cases.policy import POLICY
from postroom.cases.states import CaseAction
from postroom.files.store import read, store
from postroom.ledger.models import Disposal
from postroom.ledger.recording import SYSTEM, Actor, record_and_save
from postroom.outbox.queue import enqueue
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.engine import Seen, Taken, create, take
from postroom.steps.errors import InvalidStep, NotAllowed, StepError

BATCH = 200
# Another of these voids what was checked for somebody, as it does where a person enters it.
VOIDING = ("name", "organisation", "relationship", "no_fixed_abode")
READ, TAKE = "ics_read", "ics_take"
State = IcsImport.State


def upload(*, data: bytes, as_of: dt.date, by: User | None) -> IcsImport:
    """Keep a file from ICS and owe its preview to the worker. `by` None: at the server, for every office.

    `as_of`: the day on which ICS said this. Raises InvalidStep for a file that can't be read, NotAllowed.
    """
    if by is not None and not offices_of(by):
        raise NotAllowed("Admin takes files over from ICS, for the cases of their own office.")
    if as_of > timezone.localdate():
        raise InvalidStep("The day can't be in the future.", "as_of")
    try:
        cases = read_cases(data)
    except Unreadable as error:
        raise InvalidStep(str(error), "file") from error
    kept = store(data, "text/csv")
    rows = sum(len(one.rows) for one in cases)
    with transaction.atomic():
        made = IcsImport.objects.create(file=kept, by=by, as_of=as_of, cases_total=len(cases), rows_total=rows)
        _note(made, "ics_uploaded", {"rows": rows, "cases": len(cases), "file": kept.pk}, was="", by=by)
        _owe(READ, made, 0)
    return made


def start(*, made: IcsImport, by: User | None) -> IcsImport:
    """Take over what the preview showed; the worker does it. Raises InvalidStep if it isn't ready (any more)."""
    if by is not None and made.by_id != by.pk:
        raise NotAllowed("Whoever uploaded the file takes it over.")
    with transaction.atomic():
        moved = IcsImport.objects.filter(pk=made.pk, state=State.READY).update(state=State.TAKING, cases_done=0)
        if not moved:
            raise InvalidStep("This file isn't ready to be taken over, or was taken over already.")
        if Disposal.objects.filter(subject=made.ledger_subject).exists():
            raise InvalidStep("This file was destroyed, for its time had come. Upload the newest one from ICS.")
        made.refresh_from_db()
        _note(made, "ics_taken_over", {"cases": made.cases_total}, was=State.READY, by=by)
        _owe(TAKE, made, 0)
    return made


def offices_of(by: User | None) -> set[int] | None:
    """Ids of the offices whose cases this person may take over; None: every office."""
    return None if by is None else set(authority_of(by).offices(Role.ADMIN))


def read_batch(made: IcsImport, place: int) -> None:
    """Compare one batch of cases, from number `place` on, and keep what their rows come to; owes the next batch."""
    batch = _batch(made, place)
    known, allowed = known_of(batch), offices_of(made.by)
    lines = [
        IcsLine(of=made, number=one.row.number, kind=said[0], words=said[1][:300])
        for rows in batch
        for one in _kept_from(compare(rows, known, allowed, made.as_of), made.by).people
        if (said := one.line())
    ]
    with transaction.atomic():
        IcsLine.objects.bulk_create(lines, batch_size=500, ignore_conflicts=True)
        _on(made, READ, State.READING, State.READY, place, len(batch))


def take_batch(made: IcsImport, place: int) -> None:
    """Apply one batch of cases, each in a step of its own; owes the next batch."""
    batch = _batch(made, place)
    known, allowed = known_of(batch), offices_of(made.by)
    for rows in batch:
        change = _kept_from(compare(rows, known, allowed, made.as_of), made.by)
        try:
            apply(change, made)
        except StepError as error:
            _refuse(made, change.good, str(error))
    with transaction.atomic():
        _on(made, TAKE, State.TAKING, State.DONE, place, len(batch))


def apply(change: CaseChange, made: IcsImport) -> Case | None:
    """One case taken over: opened if it is new, then all its good rows in one step. None if nothing changes.

    Raises StepError if the case moved on, or the person may not.
    """
    good = change.good
    if change.case is None:
        return _open(change, made) if good else None
    if not any(one.line() or one.standing for one in good) and change.worker is None:
        return None
    stamped = [one for one in good if one.standing is not None and _is_news(one.standing, made)]
    if not any(one.line() for one in good) and not stamped:
        return None

    def take_rows(locked: Case, taken: Taken) -> Mapping[str, Any]:
        return {"import": made.reference, **_write(locked, good, made, taken)}

    return take(
        change.case,
        action=CaseAction.TAKE_FROM_ICS,
        by=made.by,
        policy=POLICY,
        seen=Seen.of(change.case),
        change=take_rows,
    )


def _open(change: CaseChange, made: IcsImport) -> Case:
    assert change.office is not None  # noqa: S101 - rows without an office are refused
    case = Case(office=change.office, allocated_worker=change.worker, ics_reference=change.ics_reference)
    details = {
        "office": change.office.pk,
        "worker": change.worker.pk if change.worker else None,
        "children": sum(one.sets["relationship"] == "child" for one in change.good),
        "import": made.reference,
    }

    def people(row: Case, taken: Taken) -> None:
        _write(row, change.good, made, taken)

    return create(case, action=CaseAction.OPEN_CASE, by=made.by, policy=POLICY, details=details, after=people)


def _write(case: Case, good: Sequence[PersonChange], made: IcsImport, taken: Taken) -> dict[str, int]:
    """The rows of people and addresses. Gives how many of each were written."""
    people = addresses = 0
    for one in good:
        person = one.person or CasePerson(case=case)
        other = {name for name, value in one.sets.items() if getattr(person, name) != value}
        voids = one.person is not None and not other.isdisjoint(VOIDING)
        heard = one.person is not None and not other.isdisjoint({*VOIDING, "email", "mobile"})
        if one.person is None or one.differs or person.ics_id != one.sets.get("ics_id"):
            for name, value in one.sets.items():
                setattr(person, name, value)
            person.is_active = True
            save_person(person, taken.by)
            people += 1
        if voids:
            void_prepared(person)
        if heard:
            hooks.recipient_changed(person)
        addresses += _write_address(person, one, made, taken)
    return {"people": people, "addresses": addresses}


def _write_address(person: CasePerson, one: PersonChange, made: IcsImport, taken: Taken) -> int:
    """ICS is the master: its new address takes the place of the one that it said before. Others are the worker's."""
    if one.lines is None:
        return 0
    if one.standing is not None:
        row = Address.objects.select_for_update().get(pk=one.standing.pk)
        marked = one.row.is_confidential and not row.is_confidential
        if not _is_news(row, made) and not marked:
            return 0
        row.in_ics_on = max(made.as_of, row.in_ics_on or made.as_of)
        if marked:
            row.is_confidential, row.confidential_kind = True, "other"
            row.confidential_why = "As ICS says."
        save_as(row, taken.by)
        if marked:
            hooks.address_changed(row)
        return 1
    before = [row for row in person.addresses.filter(retired_at__isnull=True) if row.in_ics_on is not None]
    hidden = next((row for row in before if row.is_confidential), None)
    new = Address(person=person, lines="\n".join(one.lines), source=AddressSource.ICS, in_ics_on=made.as_of)
    new.area = _area(one.lines)
    if hidden or one.row.is_confidential:
        new.is_confidential = True
        new.confidential_kind = hidden.confidential_kind if hidden else "other"
        new.confidential_why = hidden.confidential_why if hidden else "As ICS says."
    save_as(new, taken.by)
    if new.is_confidential:
        hooks.address_changed(new)
    for old in before:
        retire(old, taken)
    return 1


def _is_news(address: Address, made: IcsImport) -> bool:
    """Does the file say of a later day than is known that ICS has this address?"""
    return address.in_ics_on is None or address.in_ics_on < made.as_of


def _area(lines: list[str]) -> str:
    from django.conf import settings

    from postroom.cases.area import proposed_area

    found = proposed_area(lines, settings.COUNCIL_POSTCODES)
    return found if found in Area.values else ""


def _kept_from(change: CaseChange, by: User | None) -> CaseChange:
    """A case that is kept from whoever takes it over is left alone: its rows are refused in words that tell nothing."""
    from postroom.cases.access import kept_from

    if by is not None and change.case is not None and kept_from(change.case, by):
        for one in change.people:
            one.refused = "This row can't be taken over by you. Ask information governance."
    return change


def _refuse(made: IcsImport, people: Sequence[PersonChange], why: str) -> None:
    for one in people:
        IcsLine.objects.update_or_create(
            of=made, number=one.row.number, defaults={"kind": IcsLine.Kind.REFUSED, "words": why[:300]}
        )


def _batch(made: IcsImport, place: int) -> list[CaseRows]:
    return _cases_of(made.file_id)[place : place + BATCH]


@lru_cache(maxsize=1)
def _cases_of(file_id: str) -> list[CaseRows]:
    """The file's cases; the worker keeps them from one batch to the next, and lets go of them after the last."""
    return read_cases(read(file_id))


def _on(made: IcsImport, kind: str, now: str, then: str, place: int, count: int) -> None:
    """Move the progress on from `place`, once; owe the next batch, or finish."""
    done = place + count
    last = done >= made.cases_total
    changes: dict[str, Any] = {"cases_done": done}
    if last:
        changes["state"] = then
        if then == State.DONE:
            changes["finished_at"] = timezone.now()
        _cases_of.cache_clear()
    moved = IcsImport.objects.filter(pk=made.pk, state=now, cases_done=place).update(**changes)
    if moved and last:
        made.state = then
        _note(made, f"ics_{then}", {"cases": made.cases_total}, was=now, by=None)
    elif moved:
        _owe(kind, made, done)


def _owe(kind: str, made: IcsImport, place: int) -> None:
    if made.by is None:
        return  # the command at the server does the work itself
    enqueue(
        kind,
        key=f"{made.reference}:{place}",
        subject=made.ledger_subject,
        payload={"import": made.reference, "place": place},
    )


def _note(made: IcsImport, action: str, details: dict[str, Any], *, was: str, by: User | None) -> None:
    """Every state it comes to has its entry, so that replaying the ledger leads to it; `by` None: Postroom itself."""
    actor = SYSTEM
    if by is not None:
        words = authority_of(by)
        where = next(iter(sorted(words.offices(Role.ADMIN))), None)
        how = words.how(Role.ADMIN, where)
        actor = Actor(id=by.pk, name=by.name, role=ROLE_NAMES[Role.ADMIN], authority=how)
    to = str(made.state)
    record_and_save(made, action=action, actor=actor, from_state=str(was), to_state=to, version=0, details=details)


__all__ = ["apply", "read_batch", "start", "take_batch", "upload"]
