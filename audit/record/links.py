"""The way from a letter's page to its audit bundle, for those who may export it (OGP-0)."""

from __future__ import annotations

from django.urls import reverse

from audit.record.permissions import RecordAction, RecordCondition
from audit.record.policy import can
from letters.models import Letter
from letters.page_links import PageLink
from postroom.people.authority import Authority
from postroom.people.models import User


def bundle_link(user: User, authority: Authority, letter: Letter) -> PageLink | None:
    """Offered to whoever reads the letter and may export it."""
    if not can(RecordAction.EXPORT_LETTER, by=user, holding={RecordCondition.READS_IT}, authority=authority):
        return None
    href = reverse("record:bundle_letter", args=[letter.reference])
    return PageLink("Export its record for an outsider to check", href)
