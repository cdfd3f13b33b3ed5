"""What the pages share: who asks, and who may."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from audit.record.permissions import RecordAction
from audit.record.policy import check
from postroom.context import authority_for
from postroom.people.models import User
from postroom.steps.errors import NotAllowed


def me(request: HttpRequest) -> User:
    """The signed-in person (views are behind login_required)."""
    assert isinstance(request.user, User)  # noqa: S101 - login_required has looked
    return request.user


def may(request: HttpRequest, action: RecordAction, holding: Collection[str] = ()) -> None:
    """Raises PermissionDenied with a sentence unless the signed-in person may do this now."""
    try:
        check(action, by=me(request), holding=holding, authority=authority_for(request))
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
