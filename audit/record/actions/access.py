"""Answering an access request: information governance asks, the worker gathers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from audit.record.apart import BARRED, is_barred
from audit.record.models import AccessRequest
from audit.record.permissions import RecordAction
from audit.record.policy import check
from postroom.cases.models import CasePerson
from postroom.ledger.recording import record_and_save
from postroom.outbox.queue import enqueue
from postroom.people.models import User
from postroom.steps.errors import InvalidStep, NotAllowed

ANSWER = "access_answer"
AGAIN = dt.timedelta(minutes=10)


def answer_access(
    *, person: CasePerson, received_on: dt.date, by: User, also: Iterable[CasePerson] = ()
) -> AccessRequest:
    """Owe the answer to a request that came on `received_on` (local). Raises NotAllowed, InvalidStep.

    `also`: the rows that are the same human on other cases; nobody but a person can tell.
    """
    also = list(also)
    actor = check(RecordAction.ANSWER_ACCESS, by=by)
    if is_barred([person, *also], by):
        raise NotAllowed(BARRED)
    if received_on > timezone.localdate():
        raise InvalidStep("The day it was received can't be in the future.", "received_on")
    with transaction.atomic():
        # The same form sent again, a double click or a lost answer, is the same request; two at once take turns.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        since = timezone.now() - AGAIN
        for again in AccessRequest.objects.filter(
            person=person, received_on=received_on, answered_by=by, created_at__gte=since
        ):
            if set(again.also.values_list("pk", flat=True)) == {one.pk for one in also}:
                return again
        made = AccessRequest.objects.create(person=person, received_on=received_on, answered_by=by)
        made.also.set(also)
        cases = [row.case.reference for row in made.people]
        details = {"case": cases[0], "cases": cases, "received": received_on.isoformat()}
        record_and_save(made, action=str(RecordAction.ANSWER_ACCESS), actor=actor, details=details)
        enqueue(ANSWER, key=made.reference, subject=made.ledger_subject, payload={"request": made.pk})
    return made
