"""Every read a page makes of letters; each starts from `visible_to(user)`, the one place that scopes reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from letters.completed import uploads_of
from letters.models import (
    Check,
    Envelope,
    Handing,
    Hold,
    IcsUpload,
    Letter,
    LetterVersion,
    Opening,
    Print,
    Proposal,
    Registered,
    Return,
    Signature,
)
from letters.presenters import entered_by
from letters.ways import IN_PERSON
from postroom.cases.access import not_hidden, those_who_may_know
from postroom.cases.models import Case
from postroom.ledger.models import Entry, Reading, Reason
from postroom.people.authority import Authority, authority_of
from postroom.people.models import DutySlot, RoleGrant, User, half_day_at
from postroom.people.roles import SOCIAL_WORK_ROLES, Role
from postroom.people.together import with_people

# Roles that read every letter of the office they hold them at (clauses.md, "read a letter").
OFFICE_READERS = (Role.ADMIN, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER)


@dataclass(frozen=True)
class Reach:
    """Whose letters somebody reads, before what is kept from them (`not_hidden`)."""

    # Ids of the offices whose every letter may be read.
    offices: list[int]
    # Ids of the letters that an upper floor opened to them.
    opened: QuerySet[Opening, Any]
    # Their own cases; None for those who are never allocated one.
    cases: QuerySet[Case] | None


def reach_of(user: User, authority: Authority) -> Reach:
    """As clauses.md says ("read a letter"): the one place that says whose letters these are."""
    offices = set(authority.offices(*OFFICE_READERS)) | set(authority.offices(Role.DUTY_WORKER))
    to_them = Q(user=user)
    if roles := sorted(role for role, office in authority.held if office is None):
        to_them |= Q(role__in=roles)
    opened = Opening.objects.filter(to_them, closed_at__isnull=True).order_by().values("letter")
    own = Case.objects.filter(allocated_worker=user).order_by() if authority.has(*SOCIAL_WORK_ROLES) else None
    return Reach(sorted(offices), opened, own)


def visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[Letter]:
    """The letters that this person may read now. No row means: as if it did not exist (404, not 403).

    The allocated worker; admin, AP, deputy TM and TM of its office; the duty worker of that office while on its rota; a
    social worker who has it with them.
    Whom an upper floor opened a letter to (`Opening`). All others read none: the system administrator too. Nor does
    anybody, opened or not, from whom the case is kept: not named on a restricted one, or barred.
    """
    authority = authority or authority_of(user)
    reach = reach_of(user, authority)
    may_read = Q(office_id__in=reach.offices)
    if reach.cases is not None:
        # A case that goes to somebody else, or a turn on the rota that ends, takes no letter out of a hand.
        may_read |= Q(case__allocated_worker=user) | Q(carried_by=user)
    if not user.is_active:
        return Letter.objects.none()
    may_read |= Q(pk__in=reach.opened)
    return Letter.objects.filter(may_read).filter(not_hidden(user, "case_id"))


def within_reach(user: User, *, authority: Authority) -> list[QuerySet[Letter]]:
    """The letters of `visible_to` in parts that together are all of them, for lists without end; a letter may be in
    both parts.

    Whoever reads an office's letters finds the next one soon by going through that office's, newest first. What one has
    beside them, by one's cases or because it was opened, is little among very much: the database is led to it instead
    of asking of each letter whether it is one of theirs.
    """
    letters, reach, parts = visible_to(user, authority=authority), reach_of(user, authority), []
    if reach.offices:
        parts.append(letters.filter(office_id__in=reach.offices))
    others: Any = reach.opened
    if reach.cases is not None:
        own = Letter.objects.filter(case__allocated_worker=user).order_by().values("pk")
        others = own.union(Letter.objects.filter(carried_by=user).order_by().values("pk"), others)
    return [*parts, letters.filter(pk__in=others)]


_BESIDE = (
    "case",
    "office__post__stock",
    "office__post__next_stock",
    "addressee",
    "address__person",
    "current__address",
    "current__stock",
)
_PEOPLE = (
    "case__allocated_worker",
    "address__verified_by",
    "created_by",
    "current__signatory",
    "current__typed_by",
    "typed_by",
    "checked_by",
    "signed_by",
    "signed_for",
    "initialled_by",
    "posted_by",
    "handed_by",
    "carried_by",
)


def whole(letter: int) -> Letter:
    """The letter with this id, with all the rows that its pages show. Two queries."""
    row = Letter.objects.select_related(*_BESIDE).get(pk=letter)
    return with_people([row], *_PEOPLE)[0]


def whole_of(letters: Iterable[int]) -> list[Letter]:
    """The same for several, oldest first. Two queries, however many."""
    return with_people(list(Letter.objects.select_related(*_BESIDE).filter(pk__in=letters).order_by("pk")), *_PEOPLE)


def entries_since(letter: Letter, version: int | None, *, most: int = 20) -> list[Entry]:
    """The ledger entries of the steps after `version`, oldest first; None: the newest one alone."""
    entries = Entry.objects.filter(subject=letter.ledger_subject)
    if version is None:
        return list(entries.order_by("-seq")[:1])
    return list(entries.filter(version__gt=version).order_by("-seq")[:most])[::-1]


@dataclass(frozen=True)
class Record:
    """What was done to a letter, newest first: the rows behind its page, also those that no longer stand."""

    checks: list[Check]
    signatures: list[Signature]
    prints: list[Print]
    envelopes: list[Envelope]
    proposals: list[Proposal]
    returns: list[Return]
    holds: list[Hold]
    handings: list[Handing]
    registered: Registered | None
    uploads: list[IcsUpload]

    def printed(self, version_id: int | None) -> Print | None:
        """The newest print of that version whose sheets are not void."""
        return next((row for row in self.prints if row.version_id == version_id and row.came_out is not False), None)

    @property
    def standing_signature(self) -> Signature | None:
        """The signature that stands now."""
        return next((row for row in self.signatures if row.voided_at is None), None)


def record_of(letter: Letter, *, most: int = 20) -> Record:
    """Everything that was done to the letter; the newest `most` of each kind. Seven queries, and one for the way."""
    return Record(
        checks=list(letter.checks.select_related("by", "version", "text_check")[:most]),
        signatures=list(
            letter.signatures.select_related("by", "signed_for", "confirmed_by", "version", "relied_on__by", "scan")[
                :most
            ]
        ),
        prints=list(letter.prints.select_related("by", "version", "printer", "said_by")[:most]),
        envelopes=list(letter.envelopes.select_related("by")[:most]),
        proposals=list(letter.proposals.select_related("by", "version")[:most]),
        returns=list(letter.returns.select_related("by")[:most]),
        holds=list(letter.holds.filter(released_at__isnull=True).order_by("pk")[:most]),
        handings=list(letter.handings.select_related("by")[:most]) if letter.way in IN_PERSON else [],
        registered=Registered.objects.select_related("proved_by", "receipt").filter(letter=letter).first()
        if letter.tracking_number
        else None,
        uploads=uploads_of(letter) if letter.posted_on or letter.handed_on or letter.emailed_on else [],
    )


def entries_of(
    letter: Letter, *, until: dt.datetime | None = None, by: int | None = None, most: int = 50
) -> tuple[list[Entry], dict[int, str]]:
    """The ledger's newest entries of the letter (up to a moment; of one actor), and their reasons by place."""
    entries = Entry.objects.filter(subject=letter.ledger_subject)
    if until is not None:
        entries = entries.filter(at__lte=until)
    if by is not None:
        entries = entries.filter(actor_id=by)
    found = list(entries.order_by("-seq")[:most])
    reasons = Reason.objects.filter(subject=letter.ledger_subject, seq__in=[entry.seq for entry in found])
    return found, dict(reasons.values_list("seq", "text"))


def enterers(entries: Iterable[Entry]) -> dict[int, str]:
    """Names, by id, of those who entered steps of these after they had happened on paper. One query, if any did."""
    ids = {found for entry in entries if (found := entered_by(entry)) is not None}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def people_who_hold(letter: Letter, roles: Collection[Role]) -> list[tuple[Role, User]]:
    """Who holds one of these roles at the letter's office now, active people only; in the order of the roles.

    Nobody from whom the case is kept. Four queries.
    """
    office_id = letter.office_id
    day, half = half_day_at(timezone.now())
    grants = RoleGrant.objects.on(day).filter(office_id=office_id, role__in=sorted(roles), user__is_active=True)
    found = [(Role(grant.role), grant.user) for grant in grants.select_related("user").order_by("user__name", "pk")]
    if Role.DUTY_WORKER in roles:
        slots = DutySlot.objects.filter(office_id=office_id, day=day, half=half, user__is_active=True)
        found += [(Role.DUTY_WORKER, slot.user) for slot in slots.select_related("user").order_by("user__name")]
    order = {role: place for place, role in enumerate(Role)}
    may_know = those_who_may_know(letter.case, [user.pk for _, user in found])
    return sorted(dict.fromkeys(pair for pair in found if pair[1].pk in may_know), key=lambda pair: order[pair[0]])


def version_shown_before(letter: Letter, user: User) -> LetterVersion | None:
    """The version before the current one that this person last had in front of them, or None. Four queries.

    They read the letter, checked it or sent it back before the current version was typed: so they know the newest one
    typed until then, and now need to see only what changed.
    """
    current = letter.current
    if current is None:
        return None
    moments = [
        Reading.objects.filter(subject=letter.ledger_subject, reader_id=user.pk, at__lt=current.typed_at).aggregate(
            at=Max("at")
        )["at"],
        Check.objects.filter(letter=letter, by=user, at__lt=current.typed_at).aggregate(at=Max("at"))["at"],
        Proposal.objects.filter(letter=letter, by=user, at__lt=current.typed_at).aggregate(at=Max("at"))["at"],
    ]
    known = [at for at in moments if at is not None]
    if not known:
        return None
    earlier = LetterVersion.objects.filter(letter=letter, number__lt=current.number, typed_at__lte=max(known))
    earlier = earlier.select_related("address")
    return earlier.order_by("-number").first()


def readings_of(
    letter: Letter,
    *,
    until: dt.datetime | None = None,
    by: int | None = None,
    most: int = 50,
) -> list[Reading]:
    """Who opened the letter or its files, newest first (CLS-1); up to a moment, of one reader, if given."""
    found = Reading.objects.filter(subject=letter.ledger_subject)
    if until is not None:
        found = found.filter(at__lte=until)
    if by is not None:
        found = found.filter(reader_id=by)
    return list(found.order_by("-pk")[:most])


def actors_of(letter: Letter) -> list[tuple[int, str]]:
    """Who took steps on the letter or read it: ids, and names as they were last, by name. Two queries."""
    entries = Entry.objects.filter(subject=letter.ledger_subject, actor_id__isnull=False).order_by("seq")
    readings = Reading.objects.filter(subject=letter.ledger_subject).order_by("reader_id", "reader_name").distinct()
    named = dict(readings.values_list("reader_id", "reader_name"))
    named |= {pk: name for pk, name in entries.values_list("actor_id", "actor_name") if pk is not None}
    return sorted(named.items(), key=lambda pair: (pair[1], pair[0]))


def versions_of(letter: Letter, *, most: int = 20) -> list[LetterVersion]:
    """The letter's versions, newest first."""
    return list(letter.versions.select_related("typed_by", "signatory", "address").order_by("-number")[:most])
