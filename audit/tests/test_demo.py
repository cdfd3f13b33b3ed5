"""The demonstration has a finished spot check with a finding, and one at the tray; all by the real actions."""

from __future__ import annotations

from random import Random

import pytest
from django.utils import timezone

from audit.demo import spot_checks_part
from audit.models import Finding, SpotCheck
from letters.demo.seeding import seed
from postroom.ledger.verify import verify


@pytest.mark.django_db
@pytest.mark.policy("OGP-10")
def test_the_demonstration_shows_spot_checks():
    now = timezone.now()
    seed(letters=60, seed=1, now=now)
    spot_checks_part(Random(1), now)
    assert sorted(SpotCheck.objects.values_list("state", flat=True)) == ["checking", "finished"]
    assert Finding.objects.count() == 1
    assert verify().found == 0
