"""Whatever mix of roles, granted or by cover, somebody holds: they never initial what they signed (OGP-4b)."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from letters.models import Letter
from letters.permissions import RULES
from letters.policy import standing_of
from letters.states import Action, State
from postroom.people.authority import authority_of
from postroom.people.models import RoleGrant, User
from postroom.people.rights import Denial
from postroom.people.roles import OFFICE_ROLES, Role
from postroom.steps.errors import NotAllowed
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-4b")]
MIXES = [mix for n in range(len(OFFICE_ROLES) + 1) for mix in itertools.combinations(sorted(OFFICE_ROLES), n)]


@pytest.fixture
def desk(db):
    return world.Desk(world.make_office("riv", "Riverside"))


def give(user: User, desk: world.Desk, roles: tuple[Role, ...], *, cover: bool) -> None:
    """Exactly these roles at the desk's office, all of them by cover or none."""
    RoleGrant.objects.filter(user=user).delete()
    today = timezone.localdate()
    for role in roles:
        RoleGrant.objects.create(
            user=user,
            role=role,
            office=desk.office,
            starts=today,
            ends=today + dt.timedelta(days=1),
            granted_by=desk.manager if user != desk.manager else desk.deputy,
            is_cover=cover,
        )


@pytest.mark.parametrize("by_pp", [False, True], ids=["signed", "pp"])
@pytest.mark.parametrize("cover", [False, True], ids=["granted", "cover"])
@pytest.mark.parametrize("duty", [False, True], ids=["off", "duty"])
def test_no_mix_of_roles_lets_one_person_sign_and_initial(desk, by_pp, cover, duty):
    """Table, engine and database each refuse it; with admin among the roles, another signer's letter goes on."""
    letter = world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED, by_pp=by_pp))
    signer = desk.manager if by_pp else desk.worker
    if duty:
        world.put_on_duty(signer, desk.office, desk.deputy)
    other = world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED, by_pp=not by_pp))
    signed = world.fresh(letter)
    for mix in MIXES:
        give(signer, desk, mix, cover=cover)
        standing = standing_of(signed, signer, authority_of(signer))
        for action in (Action.ENVELOPE, Action.CONFIRM_SIGNATURE):
            assert isinstance(RULES.decide(action, standing.roles, standing.holding), Denial), mix
        desk.admin, admin = signer, desk.admin
        with pytest.raises(NotAllowed):
            world.put_in_envelope(desk, signed)
        if Role.ADMIN in mix:
            point = transaction.savepoint()
            assert world.put_in_envelope(desk, world.fresh(other)).initialled_by_id == signer.pk
            transaction.savepoint_rollback(point)
        desk.admin = admin
    assert world.fresh(letter).initialled_by_id is None


def test_the_database_refuses_the_signers_initials_whoever_asks(desk):
    letter = world.letter_in(desk, State.ENVELOPED)
    for sql in (
        "UPDATE letters_letter SET initialled_by_id = signed_by_id WHERE id = %s",
        "UPDATE letters_letter SET signed_by_id = initialled_by_id WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [letter.pk])
    again = Letter.objects.get(pk=letter.pk)
    assert again.initialled_by_id != again.signed_by_id
