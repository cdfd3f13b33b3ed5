"""The whole product on real rows: state × action × person, each by the real verb, against the expectation."""

from __future__ import annotations

import pytest
from django.db import transaction

from papers.models import PapersOut
from papers.policy import can
from papers.selectors import visible_to
from papers.tests import help as make
from papers.tests.expected_rules import PRODUCT, READERS, WHERE_TO, WHO_MAY
from postroom.ledger.models import Entry
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.errors import StepError
from tests.support import world

pytestmark = pytest.mark.django_db
COUNCIL_WIDE = (
    Role.SAFEGUARDING, Role.DISTRICT_ADMIN_MANAGER, Role.INFORMATION_GOVERNANCE, Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN, Role.SYSTEM_ADMINISTRATOR,
)  # fmt: skip
DESK_PEOPLE = ("worker", "other_worker", "duty", "ap", "deputy", "manager", "admin", "other_admin")
HUMAN = [a for a in WHO_MAY if WHO_MAY[a][1] and "" not in WHERE_TO[a]]


class RolledBack(Exception):
    """Ends a trial that worked."""


@pytest.fixture
def desk() -> world.Desk:
    return world.Desk(world.make_office("riv", "Riverside"))


@pytest.fixture
def people(desk: world.Desk) -> dict[str, User]:
    """Everybody who could try: this office's, another office's in the same roles, the council's, and a leaver."""
    elsewhere = world.Desk(world.make_office("hill", "Hillside"))
    everyone = {name: getattr(desk, name) for name in DESK_PEOPLE} | {"boss": make.with_managers(desk)}
    everyone |= {f"{name} of another office": getattr(elsewhere, name) for name in DESK_PEOPLE}
    everyone |= {str(role): world.make_user(f"Con {role}", None, role) for role in COUNCIL_WIDE}
    leaver = world.make_user("Lee Leaver", desk.office, Role.ADMIN, Role.TEAM_MANAGER)
    leaver.is_active = False
    leaver.save()
    return everyone | {"leaver": leaver, "nobody in particular": world.make_user("No Roles", desk.office)}


@pytest.mark.policy("CLS-2", "CLS-3", "CLS-7")
@pytest.mark.parametrize("name", PRODUCT)
def test_product(name: str, desk: world.Desk, people: dict[str, User]):
    papers = make.in_place(desk, name)
    before = PapersOut.objects.values_list("state", "version", "ledger_head").get(pk=papers.pk)
    wrong = []
    # The page's answer is asked with what a page has read once; the engine reads all of it anew at each attempt.
    asked = PapersOut.objects.get(pk=papers.pk)
    authorities = {who: authority_of(user) for who, user in people.items()}
    for action in HUMAN:
        for who, user in people.items():
            expected = who in PRODUCT[name].get(action, set())
            if can(asked, user, action, authority=authorities[who]) is not expected:
                wrong.append(f"page: {who} {action}")
            if _happens(papers, action, user, desk) is not expected:
                wrong.append(f"engine: {who} {action}")
    assert not wrong
    assert PapersOut.objects.values_list("state", "version", "ledger_head").get(pk=papers.pk) == before
    readers = {who for who, user in people.items() if visible_to(user).filter(pk=papers.pk).exists()}
    assert readers == READERS


def _happens(papers: PapersOut, action: str, user: User, desk: world.Desk) -> bool:
    """Take the step for real and roll it back; True if it happened as the table says and was recorded once."""
    count = Entry.objects.filter(subject=papers.ledger_subject).count()
    try:
        with transaction.atomic():
            after = make.take(papers, action, user, desk)
            newest = Entry.objects.filter(subject=papers.ledger_subject).order_by("-seq")
            assert newest.count() == count + 1
            entry = newest[0]
            assert (entry.action, entry.actor_id, entry.to_state) == (action, user.pk, str(after.state))
            raise RolledBack
    except RolledBack:
        return True
    except StepError as error:
        assert str(error)  # noqa: PT017
        return False


@pytest.mark.policy("CLS-2", "CLS-3")
def test_who_takes_and_asks(desk: world.Desk, people: dict[str, User]):
    """Those who work with the case's papers; anybody else is refused, and nothing is entered."""
    for verb in (make.actions.take_out, make.actions.ask):
        may = set()
        for who, user in people.items():
            more = (
                {"security": make.SAFE, "leaves": make.leaves()}
                if verb is make.actions.take_out
                else {"leaves": make.other()}
            )
            try:
                with transaction.atomic():
                    verb(case=desk.case, office=desk.office, by=user, **more)
                may.add(who)
            except StepError:
                assert not PapersOut.objects.filter(holder=user).exists()
        # The duty worker is a social worker of the office, to whom its cases are open while on the rota.
        assert may == {"worker", "duty", "ap", "deputy", "manager", "admin", "other_admin"}
