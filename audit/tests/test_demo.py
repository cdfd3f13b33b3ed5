"""The demonstration has a finished spot check with a finding, and one at the tray; all by the real actions."""

from __future__ import annotations

from random import Random

import pytest
from django.utils import timezone

from audit.dashboards.keeping import keep_up
from audit.demo import spot_checks_part
from audit.models import Finding, SpotCheck
from audit.tests.help import figures_held_to_lists, read_all
from letters.demo.seeding import seed
from postroom.ledger.verify import verify
from postroom.people.demo import BACKEND
from postroom.people.models import RoleGrant
from postroom.people.roles import Role


@pytest.mark.django_db
@pytest.mark.policy("OGP-10")
def test_the_demonstration_shows_spot_checks(monkeypatch, client):
    now = timezone.now()
    seed(letters=60, seed=1, now=now)
    spot_checks_part(Random(1), now)
    assert sorted(SpotCheck.objects.values_list("state", flat=True)) == ["checking", "finished"]
    assert Finding.objects.count() == 1
    assert verify().found == 0
    # Each figure of the demonstration is as long as the list behind it.
    keep_up()
    dam = RoleGrant.objects.filter(role=Role.DISTRICT_ADMIN_MANAGER)[0].user
    read_all(monkeypatch)
    client.force_login(dam, backend=BACKEND)
    assert {"left it", "posted", "put on the case record"} <= figures_held_to_lists(client, "?months=24")
