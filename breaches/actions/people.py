"""People of the breach's cases, each named, met and written to (CLS-14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from breaches.actions.common import set_due_times, step
from breaches.actions.duties import set_aside, settle
from breaches.actions.holds import hold, release_holds_of
from breaches.duties import Duty
from breaches.models import Breach, BreachDuty, ServiceUser
from breaches.states import BreachAction
from letters.models import Letter
from postroom.cases.models import CasePerson, Relationship
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def name_people(*, breach: Breach, by: User, seen: Seen, people: Collection[CasePerson]) -> Breach:
    """Whose data it was, of family on the breach's cases: each is then met and written to. Raises InvalidStep."""

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        pks = {person.pk for person in people}
        theirs = CasePerson.objects.filter(case__breaches=locked).exclude(relationship=Relationship.PROFESSIONAL)
        if not pks or set(theirs.filter(pk__in=pks).values_list("pk", flat=True)) != pks:
            raise InvalidStep("Choose people, other than professionals, of the cases of this breach.", "people")
        standing = ServiceUser.objects.filter(breach=locked, cleared_at__isnull=True)
        new = sorted(pks - set(standing.values_list("person_id", flat=True)))
        if not new:
            raise InvalidStep("They are on the list already.", "people")
        for pk in new:
            ServiceUser.objects.create(breach=locked, person_id=pk, named_by=by, named_at=taken.at)
        _give_letters(locked)
        return {"people": new}

    return step(breach, BreachAction.NAME_PEOPLE, by=by, seen=seen, change=change)


def clear_person(*, breach: Breach, by: User, seen: Seen, service_user: ServiceUser, reason: str) -> Breach:
    """Named by mistake: it was not their data. Needs a reason; whom a meeting stands of stays."""

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        row = _standing(locked, service_user)
        if row.settled:
            raise InvalidStep("Their meeting is on record: they stay on the list.", "")
        return {"person": row.person_id}

    def after(locked: Breach, taken: Taken) -> None:
        # Once the ledger has the step: the database asks for it.
        row = _standing(locked, service_user)
        row.cleared_at, row.cleared_by = taken.at, by
        row.save(update_fields=["cleared_at", "cleared_by"])
        # Their letter tells nobody now, unless it goes to the family of a child who is named.
        locked.service_user_letters.filter(person=row).update(person=None)
        _give_letters(locked)
        if locked.service_users.filter(cleared_at__isnull=True).exists():
            meetings_settled(locked, by, taken.at)
        set_due_times(locked)

    return step(breach, BreachAction.CLEAR_PERSON, by=by, seen=seen, reason=reason, change=change, after=after)


def told_in(breach: Breach, letter: Letter) -> ServiceUser | None:
    """Whom of those named a letter tells: its addressee, or the child of its case where it goes to their family."""
    named = breach.service_users.filter(cleared_at__isnull=True)
    found = named.filter(person=letter.addressee_id).first()
    if found is None:
        children = named.filter(person__case=letter.case_id, person__relationship=Relationship.CHILD)
        found = children.filter(person__in=letter.about.all()).first() or children.filter(letters=None).first()
    return found


def _give_letters(breach: Breach) -> None:
    """Letters linked before it was said whose data it was, and those of somebody taken off who is named again: each
    tells whom it tells from now on, and waits for that person."""
    for link in breach.service_user_letters.filter(person__isnull=True).order_by("pk"):
        letter = Letter.objects.select_for_update(of=("self",)).get(pk=link.letter_id)
        row = told_in(breach, letter)
        if row is not None:
            link.person = row
            link.save(update_fields=["person"])
            hold(breach, letter, row)
            if row.settled:
                release_holds_of(row)


def meet_person(
    *, breach: Breach, by: User, seen: Seen, service_user: ServiceUser, happened_at: dt.datetime | None, note: str
) -> Breach:
    """This person was told face to face: their letter is free, and with the last of them the duty is done."""
    if happened_at is None:
        raise InvalidStep("Enter when the meeting took place.", "happened_at")
    if not note.strip():
        raise InvalidStep("Say who met them.", "note")

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        row = _standing(locked, service_user)
        if row.met_at is not None:
            raise InvalidStep("Their meeting is on record already; what stands there stays.", "")
        if happened_at > taken.at:
            raise InvalidStep("That lies in the future.", "happened_at")
        if happened_at < locked.aware_at.replace(second=0, microsecond=0):
            raise InvalidStep("The meeting can't have been before anybody was aware.", "happened_at")
        return {"person": row.person_id}

    def after(locked: Breach, taken: Taken) -> None:
        row = _standing(locked, service_user)
        row.met_at, row.met_note, row.met_by = happened_at, note.strip(), by
        row.save(update_fields=["met_at", "met_note", "met_by"])
        release_holds_of(row)
        meetings_settled(locked, by, taken.at)
        set_due_times(locked)

    return step(breach, BreachAction.MEET_PERSON, by=by, seen=seen, change=change, after=after)


def meetings_settled(breach: Breach, by: User, at: dt.datetime) -> None:
    """Inside a step: with the last of those named met or excused, the duty of the meeting is settled."""
    named = list(breach.service_users.filter(cleared_at__isnull=True))
    duty = BreachDuty.objects.select_for_update().filter(breach=breach, duty=Duty.SERVICE_USER_MEETING).first()
    if duty is None or duty.settled or not named or not all(row.settled for row in named):
        return
    met = [row.met_at for row in named if row.met_at is not None]
    if not met:
        set_aside(duty, by, at, "No meeting with anybody named is possible; each with its reason.")
        return
    settle(duty, BreachDuty.Status.DONE, by, at)
    duty.happened_at, duty.note = max(met), f"{len(met)} of {len(named)} people met, each as it stands beside them."
    duty.save()


def _standing(breach: Breach, service_user: ServiceUser) -> ServiceUser:
    row = ServiceUser.objects.select_for_update().filter(
        pk=service_user.pk, breach=breach, cleared_at__isnull=True
    ).first()  # fmt: skip
    if row is None:
        raise InvalidStep("This person is not on the list any more.", "")
    return row
