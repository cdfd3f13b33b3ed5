"""Papers brought to a state by the real steps, for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from papers import actions
from papers.actions import Security, WhatLeaves
from papers.models import PapersOut
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

SAFE = Security(in_lockable_bag=True)


def leaves(**over: Any) -> WhatLeaves:
    """Twelve pages of copies for court, due tomorrow."""
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    usual: dict[str, Any] = {"kind": "copy", "what": "Chronology", "pages": 12, "purpose": "court", "due_on": tomorrow}
    return WhatLeaves(**usual | over)


def other(**over: Any) -> WhatLeaves:
    """The same for a purpose that needs the line manager."""
    return leaves(purpose="other", purpose_words="To write the report at home", **over)


def with_managers(desk: world.Desk) -> User:
    """The worker's line manager is `manager`, whose own is the Assistant Director that is returned."""
    boss = world.make_user("Bea Boss", None, Role.ASSISTANT_DIRECTOR)
    desk.manager.line_manager = boss
    desk.manager.save()
    for user in (desk.worker, desk.admin, desk.other_worker):
        user.line_manager = desk.manager
        user.save()
    return boss


def taken(desk: world.Desk, **over: Any) -> PapersOut:
    """Out for court, by the worker."""
    return actions.take_out(case=desk.case, office=desk.office, leaves=leaves(**over), security=SAFE, by=desk.worker)


def asked(desk: world.Desk, *, away: bool = False, **over: Any) -> PapersOut:
    """Asked for by the worker."""
    return actions.ask(case=desk.case, office=desk.office, leaves=other(**over), by=desk.worker, manager_away=away)


def seen(papers: PapersOut) -> Seen:
    """As it stands in the database now."""
    return Seen.of(PapersOut.objects.get(pk=papers.pk))


def in_place(desk: world.Desk, name: str) -> PapersOut:
    """As the expectation names it: "out, original"."""
    state, _, more = name.partition(", ")
    if state in ("asked", "agreed", "refused", "not_taken") or more == "other purpose":
        papers = asked(desk, away=more == "manager away")
        if state in ("agreed", "out"):
            papers = actions.agree(papers=papers, by=desk.manager, seen=seen(papers))
        if state == "refused":
            papers = actions.refuse(papers=papers, by=desk.manager, seen=seen(papers), reason="Read them here.")
        if state == "not_taken":
            papers = actions.not_take(papers=papers, by=desk.worker, seen=seen(papers))
        if state == "out":
            papers = actions.leave(papers=papers, by=desk.worker, seen=seen(papers), security=SAFE)
        return papers
    papers = taken(desk, kind="original" if more == "original" else "copy")
    if state == "back":
        papers = take(papers, "give_back", desk.worker, desk)
    if state in ("destroyed", "lost"):
        papers = take(papers, "destroy" if state == "destroyed" else "lose", desk.worker, desk)
    return papers


def take(papers: PapersOut, action: str, by: User, desk: world.Desk) -> PapersOut:
    """The real verb for an action, with entries that are right."""
    today = timezone.localdate()
    end = {"ended_on": today, "witness": desk.other_admin}
    more: dict[str, dict[str, Any]] = {
        "refuse": {"reason": "Read them here."},
        "leave": {"security": SAFE},
        "extend": {"due_on": today + dt.timedelta(days=3), "reason": "The hearing moved."},
        "give_back": end,
        "destroy": end | {"destroyed_by": "shredder"},
        "lose": {"gone": "theft", "gone_since": timezone.now(), "reason": "The bag was taken on the train."},
        "find": end | {"reason": "Handed in at the station."},
        "keep_record": {"record_reference": "RR-1"},
    }
    fresh = PapersOut.objects.get(pk=papers.pk)
    return getattr(actions, action)(papers=fresh, by=by, seen=Seen.of(fresh), **more.get(action, {}))  # type: ignore[no-any-return]
