"""Adding people, changing their details, closing and opening accounts. Nobody is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from postroom.ledger.recording import SYSTEM, Actor
from postroom.people import hooks
from postroom.people.actions.common import keep, lock, one_at_a_time
from postroom.people.actions.roles import end_everything
from postroom.people.errors import NotPermitted, Refused
from postroom.people.models import Office, RoleGrant, Team, User
from postroom.people.permissions import PeopleAction
from postroom.people.policy import About, check
from postroom.people.roles import Role


@dataclass(frozen=True, kw_only=True)
class PersonDetails:
    """What is kept about a person, as entered."""

    name: str
    email: str
    initials: str
    job_title: str = ""
    office: Office | None = None
    team: Team | None = None
    line_manager: User | None = None


@transaction.atomic
def add_person(*, details: PersonDetails, by: User) -> User:
    """A new account without a password or roles. Raises NotPermitted, Refused."""
    actor = check(PeopleAction.ADD_PERSON, by=by)
    return _add(details, actor, by)


@transaction.atomic
def add_first_administrator(*, details: PersonDetails) -> User:
    """The first system administrator of an installation, added from the command line.

    Raises NotPermitted if there is one already: from then on people are added on the screen.
    """
    today = timezone.localdate()
    held = RoleGrant.objects.on(today).filter(role=Role.SYSTEM_ADMINISTRATOR, user__is_active=True)
    if held.exists():
        raise NotPermitted("There is a system administrator already. They can add people in Postroom itself.")
    person = _add(details, SYSTEM, None)
    grant = RoleGrant(user=person, role=Role.SYSTEM_ADMINISTRATOR, starts=today)
    grant.save()
    keep(
        person,
        action=PeopleAction.GRANT_ROLE,
        actor=SYSTEM,
        by=None,
        details={"grant": grant.pk, "role": grant.role, "office": None, "starts": str(today), "ends": None},
    )
    return person


@transaction.atomic
def change_person(*, person: User, details: PersonDetails, by: User, seen: int) -> User:
    """Change somebody's details. `seen`: the person's `ledger_seq` when shown. Raises NotPermitted, OutOfDate, Refused.

    The ledger says which fields changed; what stood in them is in the field history, beside it.
    """
    actor = check(PeopleAction.CHANGE_PERSON, by=by, about=About.person(person))
    _queue(details.office)
    locked = lock(person, seen)
    _check_details(details, locked)
    changed = _set(locked, details)
    if changed:
        keep(locked, action=PeopleAction.CHANGE_PERSON, actor=actor, by=by, details=changed)
    return locked


@transaction.atomic
def deactivate_person(*, person: User, by: User, seen: int, reason: str) -> User:
    """Close a leaver's account: no sign-in from now on, roles end today, off the rota. Needs a reason.

    What they held goes to their manager, and who has it now is on a list (cases.actions.handing_on).
    """
    actor = check(PeopleAction.DEACTIVATE_PERSON, by=by, about=About.person(person))
    _needs_reason(reason)
    hooks.leaving(person)
    one_at_a_time()  # two last administrators closing each other's account
    locked = lock(person, seen)
    if not locked.is_active:
        raise Refused("This account is closed already.")
    _keep_one_administrator(locked)
    ended = end_everything(locked, by)
    locked.is_active = False
    keep(locked, action=PeopleAction.DEACTIVATE_PERSON, actor=actor, by=by, reason=reason, details=ended)
    hooks.left(locked, by)
    return locked


@transaction.atomic
def reactivate_person(*, person: User, by: User, seen: int, reason: str) -> User:
    """Open a closed account again. Roles that ended stay ended and are given anew. Needs a reason."""
    actor = check(PeopleAction.REACTIVATE_PERSON, by=by, about=About.person(person))
    _needs_reason(reason)
    _queue(person.office)
    locked = lock(person, seen)
    if locked.is_active:
        raise Refused("This account is open.")
    if _initials_taken(locked.initials, locked.office, locked):
        raise Refused("Somebody else at the office uses these initials now. Change this person's initials first.")
    locked.is_active = True
    keep(locked, action=PeopleAction.REACTIVATE_PERSON, actor=actor, by=by, reason=reason)
    return locked


@transaction.atomic
def record_password_link(*, person: User, by: User) -> User:
    """Put on record that a link to set a password is sent to this person; the caller sends it after commit."""
    actor = check(PeopleAction.SEND_PASSWORD_LINK, by=by, about=About.person(person))
    locked = lock(person)
    if not locked.is_active:
        raise Refused("This account is closed. Open it again first.")
    keep(locked, action=PeopleAction.SEND_PASSWORD_LINK, actor=actor, by=by)
    return locked


def _add(details: PersonDetails, actor: Actor, by: User | None) -> User:
    _queue(details.office)
    _check_details(details, None)
    person = User(email="", name="", initials="")
    changed = _set(person, details)
    person.set_unusable_password()
    person._history_user = by  # type: ignore[attr-defined]
    person.skip_history_when_saving = True  # type: ignore[attr-defined]
    person.save(force_insert=True)  # for its id; the save with the ledger entry is the one on record
    del person.skip_history_when_saving  # type: ignore[attr-defined]
    keep(person, action=PeopleAction.ADD_PERSON, actor=actor, by=by, details=changed)
    return person


def _set(person: User, details: PersonDetails) -> dict[str, Any]:
    """Set the fields; says which changed, with ids where they are ids."""
    new: dict[str, Any] = {
        "name": details.name.strip(),
        "email": details.email.strip().lower(),
        "initials": details.initials.strip(),
        "job_title": details.job_title.strip(),
    }
    fields = [name for name, value in new.items() if getattr(person, name) != value]
    changed: dict[str, Any] = {"changed": fields} if fields else {}
    for name, value in new.items():
        setattr(person, name, value)
    for name in ("office", "team", "line_manager"):
        row = getattr(details, name)
        before, after = getattr(person, f"{name}_id"), row.pk if row else None
        if before != after:
            changed[name] = {"from": before, "to": after}
            setattr(person, name, row)
    return changed


def _check_details(details: PersonDetails, person: User | None) -> None:
    if not details.name.strip():
        raise Refused("Enter the person's name.", "name")
    if not details.initials.strip() or not any(c.isalpha() for c in details.initials):
        raise Refused("Enter initials, for example JS. They are written on the back of envelopes.", "initials")
    others = User.objects.exclude(pk=person.pk if person else 0)
    if others.filter(email__iexact=details.email.strip()).exists():
        raise Refused("Somebody has this e-mail address already. If they came back, open their account again.", "email")
    if (person is None or person.is_active) and _initials_taken(details.initials, details.office, person):
        raise Refused(
            "Somebody at this office has these initials already. Add a letter, so that an envelope's initials "
            "stand for one person.",
            "initials",
        )
    if details.team and (details.office is None or details.team.office_id != details.office.pk):
        raise Refused("This team belongs to another office. Choose a team of the person's office.", "team")
    manager = details.line_manager
    if manager and person:
        _no_circle(person, manager)
    if manager and not manager.is_active:
        raise Refused("This line manager's account is closed. Choose somebody who is here.", "line_manager")


def _no_circle(person: User, manager: User) -> None:
    """Nobody is their own manager, over however many steps: an approval would come back to whoever asked."""
    above: int | None = manager.pk
    for _ in range(50):
        if above is None:
            return
        if above == person.pk:
            raise Refused("This person would be their own manager's manager. Choose somebody else.", "line_manager")
        above = User.objects.filter(pk=above).values_list("line_manager_id", flat=True).first()


def _initials_taken(initials: str, office: Office | None, but: User | None) -> bool:
    there = User.objects.filter(office=office, is_active=True, initials__iexact=initials.strip())
    return office is not None and there.exclude(pk=but.pk if but else 0).exists()


def _queue(office: Office | None) -> None:
    """One at a time per office, so that two people can't be given the same initials in the same moment."""
    if office is not None:
        lock(office)


def _keep_one_administrator(person: User) -> None:
    """Somebody must be left who can manage people."""
    day = timezone.localdate()
    held = RoleGrant.objects.on(day).filter(role=Role.SYSTEM_ADMINISTRATOR, user__is_active=True)
    if held.filter(user=person).exists() and not held.exclude(user=person).exists():
        raise Refused("This is the only system administrator. Give the role to somebody else first.")


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("Say why. It stays on record.", "reason")
