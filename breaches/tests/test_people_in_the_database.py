"""What raw SQL may not do to those whom a breach names: met, excused, taken back without the act behind it (CLS-14)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from breaches import actions
from breaches.models import Breach, MeetingException, ServiceUser
from breaches.tests.scene import Scene
from breaches.tests.test_people import met, named
from postroom.cases.models import CasePerson, Relationship
from postroom.steps.engine import Seen

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-14")]


def refused(words: str, sql: str, *values: object) -> None:
    """The database refuses this statement, in these words."""
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def asked(scene: Scene, breach: Breach, row: ServiceUser | None, *, agreed: bool = True) -> Breach:
    """Somebody asked to leave out the meeting, and the manager answered."""
    breach = actions.ask_exception(
        breach=breach, by=scene.ig, seen=Seen.of(breach), kind="refused", reason="She said no.", service_user=row
    )
    by, seen = scene.desk.manager, Seen.of(breach)
    return actions.approve_no_meeting(breach=breach, by=by, seen=seen, agreed=agreed, reason="So it is.")


def test_nobody_named_is_met_excused_or_taken_back_by_sql_alone() -> None:
    scene, now = Scene(), timezone.now()
    child = scene.desk.case.people.filter(relationship=Relationship.CHILD).get()
    third = CasePerson.objects.create(case=scene.desk.case, relationship=Relationship.RELATIVE, name="Mr Ned Sample")
    breach = named(scene, scene.reported(), scene.desk.parent, child, third)
    parent, of_child, other = (ServiceUser.objects.get(person=one) for one in (scene.desk.parent, child, third))
    ig, manager = scene.ig.pk, scene.desk.manager.pk
    table = "UPDATE breaches_serviceuser SET"

    def all_refused() -> None:
        clear = f"{table} cleared_at = %s, cleared_by_id = %s WHERE id = %s"
        meet = f"{table} met_at = %s, met_by_id = %s, met_note = 'At home.' WHERE id = %s"
        for row in (parent, of_child):
            refused("taken back by the step", clear, now, ig, row.pk)
            refused("met by the step", meet, now, ig, row.pk)

    all_refused()
    # Another's act, an earlier one of theirs, and a no: none stands for it.
    breach = met(scene, breach, third)
    all_refused()
    refused("is met by the step", f"{table} met_by_id = %s WHERE id = %s", manager, other.pk)
    breach = asked(scene, breach, of_child, agreed=False)
    no = MeetingException.objects.get()
    excuse = f"{table} excused_id = %s WHERE id = %s"
    for forged in (False, True):
        with transaction.atomic():
            if forged:
                MeetingException.objects.update(agreed=True)
            refused("excused by the yes", excuse, no.pk, of_child.pk)
            transaction.set_rollback(True)
    breach = asked(scene, breach, of_child)
    yes = MeetingException.objects.latest("pk")
    of_child.refresh_from_db()
    assert of_child.excused == yes
    refused("excused by the yes", excuse, yes.pk, parent.pk)  # it was asked for the child alone
    refused("excused by the yes", excuse, None, of_child.pk)
    breach = actions.clear_person(
        breach=breach, by=scene.ig, seen=Seen.of(breach), service_user=parent, reason="Not hers."
    )
    parent.refresh_from_db()
    refused("taken back by the step", f"{table} cleared_at = NULL, cleared_by_id = NULL WHERE id = %s", parent.pk)
    again = "INSERT INTO breaches_serviceuser (breach_id, person_id, named_by_id, named_at, met_note, {0}) VALUES (%s, %s, %s, %s, %s, {1})"  # noqa: E501
    row = (breach.pk, scene.desk.parent.pk, ig, now, "At home.")
    refused("as yet", again.format("cleared_at, cleared_by_id", "%s, %s"), *row, parent.cleared_at, ig)
    refused("as yet", again.format("met_at, met_by_id", "%s, %s"), *row, now, ig)
    refused("as yet", again.format("excused_id", "%s"), *row, yes.pk)
    # Named anew, the taking back of before does not stand for the second time.
    breach = named(scene, breach, scene.desk.parent)
    second = ServiceUser.objects.get(person=scene.desk.parent, cleared_at=None)
    refused(
        "taken back by the step",
        f"{table} cleared_at = %s, cleared_by_id = %s WHERE id = %s",
        parent.cleared_at, ig, second.pk,
    )  # fmt: skip
