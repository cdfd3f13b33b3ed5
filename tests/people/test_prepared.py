"""Queries whose text is kept: they say what the same query says when it is put together anew."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from postroom.people.models import RoleGrant
from postroom.people.roles import Role
from postroom.prepared import Prepared
from tests.support import world

pytestmark = pytest.mark.django_db
DAY = dt.date(2100, 7, 20)


def grants(user: int, day: dt.date, role: str) -> Any:
    """Those that hold on a day, in a role."""
    return (
        RoleGrant.objects.on(day)
        .filter(user_id=user, role=role)
        .order_by("pk")
        .values_list("user_id", "role", "office__name", "is_cover", "starts", "ends")
    )


def test_the_rows_are_those_of_the_query_itself(django_assert_num_queries: Any) -> None:
    office = world.make_office("riv", "Riverside")
    people = [world.make_user(f"Pat {n}", office, Role.ADMIN, Role.TEAM_MANAGER) for n in range(3)]
    manager = people[0]
    for n, day in enumerate((DAY, DAY + dt.timedelta(days=1))):
        RoleGrant.objects.create(
            user=people[1], role=Role.ADMIN, office=office, granted_by=manager, starts=day, ends=day, is_cover=n == 1
        )
    prepared = Prepared(grants, user=int, day=dt.date, role=str)
    found = 0
    for user in people:
        for day in (DAY - dt.timedelta(days=1), DAY, DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=2)):
            for role in (Role.ADMIN, Role.TEAM_MANAGER, Role.WORKER):
                with django_assert_num_queries(1):
                    rows = prepared.rows(user=user.pk, day=day, role=role.value)
                assert rows == list(grants(user.pk, day, role.value))
                found += len(rows)
    assert found > 8


def test_it_sees_what_was_written_a_moment_ago() -> None:
    office = world.make_office("riv", "Riverside")
    user = world.make_user("Pat", office)
    prepared = Prepared(grants, user=int, day=dt.date, role=str)
    assert prepared.rows(user=user.pk, day=DAY, role="admin") == []
    RoleGrant.objects.create(user=user, role=Role.ADMIN, office=office, starts=DAY)
    assert len(prepared.rows(user=user.pk, day=DAY, role="admin")) == 1


def test_a_value_that_changes_the_text_or_stands_nowhere_is_refused() -> None:
    def changing(user: int) -> Any:
        rows = RoleGrant.objects.filter(user_id=user)
        return (rows.filter(role="admin") if user == 1 else rows).values_list("pk")

    with pytest.raises(ValueError, match="user changes the text"):
        Prepared(changing, user=int).rows(user=1)
    with pytest.raises(ValueError, match="day: no such value"):
        Prepared(
            lambda user, day: RoleGrant.objects.filter(user_id=user).values_list("pk"), user=int, day=dt.date
        ).rows(user=1, day=DAY)
