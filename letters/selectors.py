"""Every read a page makes of letters; each starts from `visible_to(user)`, the one place that scopes reads."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from letters.models import Letter
from postroom.ledger.models import Entry
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role

# Roles that read every letter of the office they hold them at (clauses.md, "read a letter").
OFFICE_READERS = (Role.ADMIN, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)


def visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[Letter]:
    """The letters that this person may read now. No row means: as if it did not exist (404, not 403).

    The allocated worker; admin, AP, deputy TM and TM of its office; the duty worker of that office while on its rota.
    All others read none: the system administrator too.
    """
    authority = authority or authority_of(user)
    offices = set(authority.offices(*OFFICE_READERS)) | set(authority.offices(Role.DUTY_WORKER))
    may_read = Q(office_id__in=sorted(offices))
    if authority.has(*SOCIAL_WORK_ROLES):
        may_read |= Q(case__allocated_worker=user)
    if not user.is_active:
        return Letter.objects.none()
    return Letter.objects.filter(may_read)


def with_everything(letters: QuerySet[Letter]) -> QuerySet[Letter]:
    """The same letters, each with all the rows that its pages show, in one query."""
    return letters.select_related(
        "case__allocated_worker",
        "office__post__stock",
        "addressee",
        "address__person",
        "address__verified_by",
        "created_by",
        "current__signatory",
        "current__typed_by",
        "current__stock",
        "typed_by",
        "checked_by",
        "signed_by",
        "signed_for",
        "initialled_by",
        "posted_by",
    )


def entries_since(letter: Letter, version: int | None, *, most: int = 20) -> list[Entry]:
    """The ledger entries of the steps after `version`, oldest first; None: the newest one alone."""
    entries = Entry.objects.filter(subject=letter.ledger_subject)
    if version is None:
        return list(entries.order_by("-seq")[:1])
    return list(entries.filter(version__gt=version).order_by("-seq")[:most])[::-1]
