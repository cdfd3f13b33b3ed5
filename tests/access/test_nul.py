"""A NUL in an address is a page that isn't there, never a database's error: PostgreSQL takes none in a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.urls.exceptions import NoReverseMatch

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from postroom.people.roles import Role
from tests.access.hunting import NOT_WALKED, patterns
from tests.support import world

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# What pages take behind the question mark; each gets one.
ASKED = [
    "office",
    "months",
    "before",
    "after",
    "state",
    "what",
    "month",
    "by",
    "group",
    "stock",
    "step",
    "letter",
    "kind",
    "week",
    "show",
    "until",
    "but",
    "person",
    "from",
    "day",
    "since",
    "add",
    "copy",
]


@pytest.mark.django_db
def test_no_query_is_given_one() -> None:
    world.make_office("near", "Nearby")
    everything = (
        Role.SYSTEM_ADMINISTRATOR, Role.SAFEGUARDING, Role.INFORMATION_GOVERNANCE, Role.DISTRICT_ADMIN_MANAGER,
        Role.DATA_PROTECTION_OFFICER,
    )  # fmt: skip
    desk = world.Desk(world.make_office("riv", "Riverside"))
    wrong: list[str] = []

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "\0" in str(sql) or any(isinstance(one, str) and "\0" in one for one in params or ()):
            wrong.append(path)
        return execute(sql, params, many, context)

    for user in (desk.manager, world.make_user("Every Body", None, *everything)):
        client = Client(raise_request_exception=False)
        client.force_login(user, backend=BACKEND)
        for name, takes in patterns():
            if name.rpartition(":")[2] in NOT_WALKED:
                continue
            for word, query in (("NUL", {}), ("ABCDEFGHJ", dict.fromkeys(ASKED, "a\0b"))):
                try:
                    path = reverse(name, args=[1 if number else word for _, number in takes])
                except NoReverseMatch:
                    continue
                if (query and takes) or (not query and "NUL" not in path):
                    continue
                path = path.replace("NUL", "a%00b")
                with connection.execute_wrapper(look):
                    answer = client.get(path, query)
                assert answer.status_code < 500 or answer.status_code == 503, path
    assert sorted(set(wrong)) == []
