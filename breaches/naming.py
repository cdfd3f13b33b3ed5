"""The people whose data it was, as a page names them: to nobody the name from a case that is kept from them."""

from __future__ import annotations

from dataclasses import dataclass

from breaches.models import Breach, MeetingException, ServiceUser
from breaches.presenters import href
from postroom.cases.access import kept_from, not_hidden
from postroom.cases.selectors import visible_to as visible_cases
from postroom.people.authority import Authority
from postroom.people.models import User

_KEPT = "Somebody on a case that is kept from you"


def name_of(row: ServiceUser, user: User) -> str:
    """The name, but for whoever the case is kept from."""
    return _KEPT if kept_from(row.person.case, user) else row.person.name


def exceptions_of(breach: Breach, user: User) -> list[MeetingException]:
    """What was asked about meetings, and answered; each with `whom` it is about, as this person may read the name."""
    found = list(breach.exceptions.select_related("asked_by", "decided_by", "service_user__person__case"))
    for one in found:
        setattr(one, "whom", name_of(one.service_user, user) if one.service_user is not None else "")  # noqa: B010
    return found


def whom_asked(asked: MeetingException | None, user: User, authority: Authority) -> str:
    """Of whom it is asked that no meeting be, in words for somebody who decides on it; "" where it is of all.

    The name for whoever reads that person's case, else how they stand to it.
    """
    row = asked.service_user if asked is not None else None
    if row is None:
        return ""
    if visible_cases(user, authority=authority).filter(pk=row.person.case_id).exists():
        return row.person.name
    return f"One of those named, {row.person.get_relationship_display().lower()}"


@dataclass(frozen=True)
class Person:
    """One of those named, as the page shows them."""

    row: ServiceUser
    name: str
    written: str
    href: str = ""
    clear_href: str = ""


def people_of(breach: Breach, user: User, *, may: bool) -> list[Person]:
    """Whose data it was, each with their meeting and letters; `may`: this person records it."""
    named = breach.service_users.filter(cleared_at__isnull=True).select_related("person__case", "excused", "met_by")
    known = set(named.filter(not_hidden(user, "person__case")).values_list("pk", flat=True))
    found = []
    for row in named.prefetch_related("letters__letter"):
        letters = ", ".join(f"{one.letter.reference} ({one.letter.state_name})" for one in row.letters.all())
        open_hrefs = (href("meet_person", breach, row.pk), href("clear_person", breach, row.pk))
        at = open_hrefs if may and not row.settled else ("", "")
        found.append(Person(row, row.person.name if row.pk in known else _KEPT, letters, *at))
    return found
