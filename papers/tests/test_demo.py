"""The demonstration has something to show on every page of breaches and papers: each state is there."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from breaches.models import Breach, FollowUp, MeetingException, ReportDraft
from breaches.states import BreachState
from papers.models import AwayAgreement, PapersOut
from papers.states import PapersState

pytestmark = [pytest.mark.django_db, pytest.mark.soak]


def test_each_state_of_breaches_and_papers_is_there():
    call_command("seed_demo", letters=60, verbosity=0)
    breaches = set(Breach.objects.values_list("state", flat=True))
    assert breaches == {str(state) for state in BreachState}
    assert {breach.only_near_miss for breach in Breach.objects.filter(state="closed")} == {True, False}
    assert ReportDraft.objects.exists()
    assert FollowUp.objects.filter(finished_at__isnull=True).exists()
    assert MeetingException.objects.filter(decided_at__isnull=True).exists()
    states = set(PapersOut.objects.values_list("state", flat=True))
    assert states >= {str(state) for state in PapersState} - {PapersState.NOT_TAKEN, PapersState.HANDED_ON}
    assert [papers.is_late for papers in PapersOut.objects.filter(state="out", entered_by="")].count(True) == 2
    assert PapersOut.objects.filter(state="lost").exclude(breach_reference="").exists()
    assert {one.standing_words for one in AwayAgreement.objects.all()} == {"In force", "Not yet", "Ended early"}
    call_command("verify_ledger", verbosity=0)
