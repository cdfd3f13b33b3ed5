"""The demonstration's reports and minutes: a conference in each of two offices, by the real actions."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.utils import timezone

from distribution import actions
from distribution.actions.mailing import set_mail
from distribution.documents import take_in
from distribution.models import Distribution, Item
from letters.rendering.typesetting import typeset
from letters.routes import Channel
from postroom.cases.models import Case, CasePerson, Relationship
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.uploads import Checked, Kind

DOMAIN = "invented-school.example"
_WORDS = (
    "The conference heard from the school and the health visitor. It agreed that the plan goes on, that the core group "
    "meets every four weeks, and that the next conference is in three months."
)


def play(rng: Random, now: dt.datetime) -> None:
    """Two sets at most: one with its first steps taken, one just issued. Nothing where the people are missing."""
    issuer = _holder(Role.SAFEGUARDING, None)
    cases = Case.objects.filter(state="open", allocated_worker__is_active=True, is_restricted=False)
    if issuer is None or Distribution.objects.exists():
        return
    page = f"<html lang='en-GB'><head><title>x</title></head><body><h1>Conference</h1><p>{_WORDS}</p></body></html>"
    pdf = typeset(page, "@page { size: A4; margin: 25mm }")
    for number, office in enumerate(Office.objects.filter(is_active=True).order_by("pk")[:2]):
        case = cases.filter(office=office).select_related("allocated_worker").order_by("pk").last()
        manager = _holder(Role.TEAM_MANAGER, office)
        if case is None or manager is None:
            continue
        set_mail(
            office=office,
            by=manager,
            sender=f"post-{office.code}@council.example",
            allowed_domains=DOMAIN,
            secure_domains="nhs.net\ncjsm.net",
        )
        _add_professional(case)
        document = "minutes" if number == 0 else "cp_report"
        day = timezone.localdate(now) - dt.timedelta(days=rng.randint(2, 5))
        made = actions.issue(
            case=case,
            document=document,
            meeting_on=day,
            recipients=list(case.people.filter(is_active=True)),
            file=take_in(Checked(Kind.PDF, "application/pdf", pdf, pages=1), title="Conference"),
            by=issuer,
        )
        if number == 0:
            _first_steps(list(made.items.select_related("person", "case__allocated_worker").order_by("pk")))


def _first_steps(items: list[Item]) -> None:
    """One is out with the worker, one is ready to be e-mailed; the rest wait."""
    by_hand = next((item for item in items if item.family), None)
    emailed = next((item for item in items if not item.family and item.person.email), None)
    for item, channel in ((by_hand, Channel.BY_HAND), (emailed, Channel.SECURE_EMAIL)):
        if item is None:
            continue
        worker = item.case.allocated_worker
        assert worker is not None  # noqa: S101 - the case was chosen so
        ready = actions.make_ready(
            item=item,
            by=worker,
            seen=Seen.of(item),
            channel=channel,
            basis=_basis(item),
            version_confirmed=True,
        )
        if item.family:
            actions.take_out(item=ready, by=worker, seen=Seen.of(ready), lockable_bag=True)


def _add_professional(case: Case) -> None:
    head = case.people.filter(relationship=Relationship.PROFESSIONAL, is_active=True).order_by("pk").first()
    if head is None:
        head = CasePerson(
            case=case,
            relationship=Relationship.PROFESSIONAL,
            name="Ms Hanna Headteacher",
            organisation="Invented School",
        )
    if not head.email:
        head.email = f"head@{DOMAIN}"
        head.save()


def _holder(role: Role, office: Office | None) -> User | None:
    grant = RoleGrant.objects.on(timezone.localdate()).filter(role=role, office=office, user__is_active=True)
    first = grant.select_related("user").order_by("pk").first()
    return first.user if first else None


def _basis(item: Item) -> str:
    """Why this recipient has a right to it."""
    if item.person.relationship == Relationship.CHILD:
        return "subject"
    return "parental" if item.family else "core_group"
