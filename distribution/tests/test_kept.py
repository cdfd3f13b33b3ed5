"""A case that is kept from somebody: its sets and items don't exist for them, whatever their role (cases/access.py)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from distribution import actions, work
from distribution.models import Item
from distribution.policy import can
from distribution.selectors import cases_to_issue_for, items_visible_to, page_of, visible_to
from distribution.sight import may_see_addresses
from distribution.states import Action
from distribution.tests.expected_rules import READERS
from distribution.tests.test_product import verb
from distribution.tests.world import Conference, fresh, taken_in
from postroom.cases.actions import bar_person, restrict
from postroom.cases.models import Case
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError
from tests.support import world

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Everybody who reads the set as long as the case isn't kept from them, the allocated worker apart.
OTHERS = sorted(READERS - {"worker"})
PAGES = ("item", "item_pdf", "cover_pdf", "approve", "envelope", "post", "take_out", "version", "set_aside", "upload")


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


@pytest.fixture
def governance() -> User:
    return world.make_user("Ivy Gove", None, Role.INFORMATION_GOVERNANCE)


def person_of(conference: Conference, who: str) -> User:
    return conference.safeguarding if who == "safeguarding" else getattr(conference.desk, who)


def keep(how: str, case: Case, user: User, governance: User) -> None:
    """The case is restricted to its worker, or this person is barred from it."""
    case = Case.objects.get(pk=case.pk)
    if how == "restricted":
        restrict(case=case, named=[], by=governance, seen=Seen.of(case), reason="A relative works here.")
    else:
        bar_person(case=case, user=user, by=governance, seen=Seen.of(case), reason="A relative.")


@pytest.mark.policy("CLS-1", "CLS-5")
@pytest.mark.parametrize(
    ("who", "how"),
    [
        pytest.param(who, how, marks=pytest.mark.soak if which % 2 else (), id=f"{who} {how}")
        for which, (how, who) in enumerate((how, who) for how in ("restricted", "barred") for who in OTHERS)
    ],
)
def test_a_set_of_a_case_that_is_kept_does_not_exist(
    who: str, how: str, conference: Conference, governance: User
) -> None:
    user = person_of(conference, who)
    item = conference.in_state("released by post")
    client = Client()
    client.force_login(user, backend=BACKEND)
    page = reverse("distribution:set", args=[item.distribution.reference])
    assert visible_to(user).filter(pk=item.distribution_id).exists()
    assert client.get(page).status_code == 200

    keep(how, conference.desk.case, user, governance)
    authority = authority_of(user)
    assert not visible_to(user).exists()
    assert not items_visible_to(user).exists()
    assert page_of(visible_to(user)) == ([], None)
    assert [row for found in work.lists_for(user, authority) for row in found.rows] == []
    assert not may_see_addresses(fresh(item), user, authority)
    assert [action for action in Action if can(fresh(item), user, action)] == []
    for address in (
        page,
        reverse("distribution:set_pdf", args=[item.distribution.reference]),
        *(reverse(f"distribution:{name}", args=[item.reference]) for name in PAGES),
    ):
        assert client.get(address).status_code == 404, address
        assert client.post(address).status_code in (404, 405), address
    listed = client.get(reverse("distribution:sets"))
    assert listed.status_code == 200
    for told in (item.distribution.reference, item.reference, item.person.name):
        assert told not in listed.content.decode()
    # The allocated worker goes on.
    assert visible_to(conference.desk.worker).filter(pk=item.distribution_id).exists()


@pytest.mark.policy("CLS-1", "OGP-7", "OGP-8")
@pytest.mark.parametrize("how", ["restricted", pytest.param("barred", marks=pytest.mark.soak)])
@pytest.mark.parametrize(
    ("state", "action", "who"),
    [
        ("prepared, approval asked", "approve", "manager"),
        ("prepared, approval asked", "decline", "deputy"),
        ("released by hand", "take_out", "duty"),
        ("released by post", "envelope", "admin"),
        ("sent by post", "return_undelivered", "admin"),
        ("prepared", "set_aside", "manager"),
        ("prepared", "replace_version", "safeguarding"),
        ("handed over", "upload", "admin"),
    ],
)
def test_nor_can_its_items_be_moved(
    how: str, state: str, action: str, who: str, conference: Conference, governance: User
) -> None:
    user, item = person_of(conference, who), conference.in_state(state)
    assert can(fresh(item), user, action)
    keep(how, conference.desk.case, user, governance)
    before = fresh(item)
    with pytest.raises(StepError):
        verb(action, taken_in("What they may see."))(before, user)
    after = fresh(item)
    assert (after.state, after.version, after.ledger_head) == (before.state, before.version, before.ledger_head)


@pytest.mark.policy("CLS-1", "OGP-9")
@pytest.mark.parametrize("how", ["restricted", "barred"])
def test_safeguarding_neither_finds_it_nor_issues_for_it(how: str, conference: Conference, governance: User) -> None:
    made, user, case = conference.issue("minutes", conference.parent), conference.safeguarding, conference.desk.case
    keep(how, case, user, governance)
    assert not cases_to_issue_for(user).filter(pk=case.pk).exists()
    with pytest.raises(StepError):
        actions.issue(
            case=case,
            document="minutes",
            meeting_on=timezone.localdate(),
            recipients=[conference.parent],
            file=taken_in(),
            by=user,
        )
    with pytest.raises(StepError):
        actions.add_recipient(distribution=made, person=conference.teacher, by=user)
    client = Client()
    client.force_login(user, backend=BACKEND)
    assert client.get(reverse("distribution:issue", args=[case.reference])).status_code == 404
    assert client.get(reverse("distribution:add_recipient", args=[made.reference])).status_code == 404
    found = client.post(reverse("distribution:find_case"), {"number": conference.child.ics_number})
    never = client.post(reverse("distribution:find_case"), {"number": "99999999"})
    assert found.status_code == never.status_code == 422
    assert Item.objects.filter(case=case).count() == 1


@pytest.mark.policy("CLS-1", "CLS-5")
def test_no_notice_goes_to_a_manager_from_whom_it_is_kept(conference: Conference, governance: User) -> None:
    keep("barred", conference.desk.case, conference.desk.deputy, governance)
    item = conference.in_state("prepared, approval asked")
    told = Job.objects.filter(subject=item.ledger_subject)
    asked = [job.payload for job in told if job.payload.get("notice") == "item_approval_asked"]
    assert asked
    to = {payload["user"] for payload in asked}
    assert conference.desk.manager.pk in to
    assert conference.desk.deputy.pk not in to
