"""An office's sender and domains: what may be entered, whom it lets be written to, and what the page says (CLS-6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import actions
from distribution.actions.mailing import set_mail
from distribution.forms.issuing import OfficeMailForm
from distribution.models import OfficeMail
from distribution.policy import email_refused
from distribution.tests.world import SCHOOL, Conference, fresh
from postroom.ledger.models import Entry
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-9", "CLS-6"), pytest.mark.django_db]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def entered(**over: str) -> OfficeMailForm:
    return OfficeMailForm({"sender": "post@council.example", "allowed_domains": "", "secure_domains": ""} | over)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Invented-School.example", "invented-school.example"),
        ("@nhs.net\r\n\r\n  cjsm.net \r\nnhs.net", "nhs.net\ncjsm.net"),
        ("", ""),
    ],
)
def test_domains_are_kept_tidy(typed: str, kept: str) -> None:
    form = entered(allowed_domains=typed, secure_domains=typed)
    assert form.is_valid()
    assert (form.cleaned_data["allowed_domains"], form.cleaned_data["secure_domains"]) == (kept, kept)


@pytest.mark.parametrize(
    "typed", ["*", "*.example", "nhs", "a@b.example", "a..example", "-a.example", "a b.example", "пример.example", "."]
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    for name in ("allowed_domains", "secure_domains"):
        form = entered(**{name: f"nhs.net\n{typed}"})
        assert not form.is_valid()
        assert list(form.errors) == [name]
    assert "sender" in entered(sender="nobody").errors


@pytest.mark.parametrize(
    ("email", "may"),
    [
        (f"head@{SCHOOL}", True),
        (f"Head@{SCHOOL.upper()}", True),
        ("dr@nhs.net", True),
        (f"head@mail.{SCHOOL}", False),
        (f"head@{SCHOOL}.evil.example", False),
        (f"{SCHOOL}@evil.example", False),
        (f'"x@{SCHOOL}"@evil.example', False),
        ("head@evil-invented-school.example", False),
        ("", False),
    ],
)
def test_whom_it_lets_be_written_to(conference: Conference, email: str, may: bool) -> None:
    item = conference.item("minutes", conference.teacher)
    assert (email_refused(item, email) == "") is may


def test_another_office_s_list_opens_nothing(conference: Conference) -> None:
    elsewhere = world.make_office("far", "Offhill")
    OfficeMail.objects.create(office=elsewhere, sender="far@council.example", allowed_domains="far.example")
    item = conference.item("minutes", conference.teacher)
    assert "not on the office's list" in email_refused(item, "head@far.example")
    OfficeMail.objects.filter(office=conference.desk.office).delete()
    assert "no secure e-mail set up yet" in email_refused(item, conference.teacher.email)


@pytest.mark.parametrize("secure", [True, False])
def test_the_page_says_what_kind_of_mailbox_it_is_and_the_ledger_keeps_it(conference: Conference, secure: bool) -> None:
    item = conference.in_state("released by e-mail")
    if secure:
        OfficeMail.objects.update(secure_domains=SCHOOL)
    client = Client()
    client.force_login(conference.desk.worker, backend=BACKEND)
    page = client.get(reverse("distribution:send", args=[item.reference])).content.decode()
    assert ("That is a service of secure mail." in page) is secure
    assert ("That is an ordinary mailbox" in page) is not secure
    item = actions.send(item=item, by=conference.desk.worker, seen=Seen.of(item))
    details: Any = Entry.objects.filter(subject=item.ledger_subject, action="send").get().payload
    assert f'"secure_domain":{str(secure).lower()}' in str(details).replace(" ", "")


def test_a_domain_taken_off_the_list_stops_what_is_ready(conference: Conference) -> None:
    item, desk = conference.in_state("released by e-mail"), conference.desk
    with pytest.raises(NotAllowed):
        set_mail(office=desk.office, by=desk.worker, sender="x@y.example", allowed_domains="", secure_domains="")
    set_mail(office=desk.office, by=desk.manager, sender="x@y.example", allowed_domains="", secure_domains="")
    item = fresh(item)
    with pytest.raises(GuardFailed, match="may not be written to"):
        actions.send(item=item, by=desk.worker, seen=Seen.of(item))


@pytest.mark.parametrize("basis", ["subject", "parental", "carer"])
def test_a_professional_has_no_right_by_family(conference: Conference, basis: str) -> None:
    """Nor is one offered; family may be members of a core group too."""
    item = conference.item("minutes", conference.teacher)
    with pytest.raises(InvalidStep, match="as a professional"):
        actions.confirm_right(item=item, by=conference.desk.worker, seen=Seen.of(item), basis=basis)
    client = Client()
    client.force_login(conference.desk.worker, backend=BACKEND)
    page = client.get(reverse("distribution:ready", args=[item.reference])).content.decode()
    assert f'value="{basis}"' not in page
    assert 'value="core_group"' in page
    theirs = conference.item("minutes", conference.parent)
    assert actions.confirm_right(item=theirs, by=conference.desk.worker, seen=Seen.of(theirs), basis="core_group")
