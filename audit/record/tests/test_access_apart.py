"""Whoever is part of a breach case, or barred from a case, gets no answer that holds it (CLS-1, OGP-12)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.record.actions.access import answer_access
from audit.record.models import AccessRequest
from breaches.models import Involved
from breaches.tests.scene import Scene
from letters.tests.work_help import signed_in
from postroom.cases.models import CaseAccess
from postroom.outbox import carrier
from postroom.outbox.models import Job
from postroom.people.roles import Role
from postroom.steps.errors import NotAllowed
from tests.support import world

pytestmark = [pytest.mark.policy("CLS-1", "OGP-12"), pytest.mark.django_db]


def test_an_answer_is_kept_from_who_is_part_of_its_breach_and_from_who_is_barred(second_governance):
    scene = Scene()
    person, today, other = scene.desk.parent, timezone.localdate(), second_governance
    breach = scene.reported(what="It was Greta's bag.")
    Involved.objects.create(breach=breach, user=other, how="Lost the bag.")

    def gathered(by):
        asked = answer_access(person=person, received_on=today, by=by)
        carrier.carry(Job.objects.get(kind="access_answer", key=asked.reference).pk)
        return AccessRequest.objects.get(pk=asked.pk)

    def codes(asked, who):
        names = ("access_request", "access_file")
        return [signed_in(who).get(reverse(f"record:{name}", args=[asked.reference])).status_code for name in names]

    whole, without = gathered(scene.ig), gathered(other)
    assert answer_access(person=person, received_on=today, by=other) == without  # the same sent again
    assert codes(whole, scene.ig) == [200, 200]
    assert codes(whole, other) == [403, 403]  # it holds what was reported of her
    assert codes(without, other) == [200, 200]  # that breach is left out
    later = scene.reported(what=f"Somebody shouted {person.name} in the corridor.")
    later.cases.clear()  # its words name her: it is in an answer made now
    Involved.objects.create(breach=later, user=other, how="Later.")
    assert codes(without, other) == [403, 403]

    barred = world.make_user("Gus Governance", None, Role.INFORMATION_GOVERNANCE)
    CaseAccess.objects.create(case=person.case, user=barred, kind="barred", set_by=scene.desk.manager)
    found = signed_in(barred).post(reverse("record:access"), {"words": person.name})
    assert person.case.reference not in found.content.decode()
    assert signed_in(barred).get(reverse("record:access_ask", args=[person.pk])).status_code == 404
    assert codes(whole, barred) == [403, 403]
    with pytest.raises(NotAllowed, match="barred"):
        gathered(barred)


def test_it_is_to_be_answered_within_a_calendar_month():
    days = {(2026, 1, 31): (2026, 2, 28), (2026, 11, 26): (2026, 12, 26), (2026, 12, 31): (2027, 1, 31)}
    for received, due in days.items():
        assert AccessRequest(received_on=dt.date(*received)).answer_by == dt.date(*due)
