"""An office's rules for secure e-mail, set by its managers or the system administrator, and recorded."""

from __future__ import annotations

from django.db import transaction

from distribution.models import OfficeMail
from postroom.ledger.recording import Actor, record
from postroom.people.authority import Authority, authority_of
from postroom.people.models import Office, User
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.errors import NotAllowed

SETTERS = (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER, Role.SYSTEM_ADMINISTRATOR)


def role_for_mail(authority: Authority, office: Office) -> Role | None:
    """In which role somebody sets up this office's mail; None: they may not."""
    at_office = authority.at_office(office.pk)
    return next((role for role in SETTERS if role in at_office), None)


def may_set_mail(user: User, office: Office) -> bool:
    """May this person set up the office's secure e-mail now?"""
    return role_for_mail(authority_of(user), office) is not None


def set_mail(*, office: Office, by: User, sender: str, allowed_domains: str, secure_domains: str) -> OfficeMail:
    """Set sender and domains; in the ledger. Raises NotAllowed."""
    with transaction.atomic():
        Office.objects.select_for_update().get(pk=office.pk)
        authority = authority_of(User.objects.get(pk=by.pk))
        role = role_for_mail(authority, office)
        if role is None:
            raise NotAllowed("An office's team managers and the system administrator set up its secure e-mail.")
        row = OfficeMail.objects.select_for_update().filter(office=office).first() or OfficeMail(office=office)
        row.sender, row.allowed_domains, row.secure_domains = sender, allowed_domains, secure_domains
        row._history_user = by  # type: ignore[attr-defined]
        row.save()
        record(
            row,
            action="set_mail",
            actor=Actor(id=by.pk, name=by.name, role=ROLE_NAMES[role], authority=authority.how(role, office.pk)),
            details={"domains": len(row.domains())},
        )
        row.save(update_fields=["ledger_seq", "ledger_head"])
    return row
