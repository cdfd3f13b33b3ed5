"""Every read a page makes of reports and minutes; each starts from `visible_to(user)`, the one place that scopes."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from distribution import hooks
from distribution.models import Distribution, EmailPassword, Item
from distribution.states import SETTLED, Action, State
from postroom.cases.access import not_hidden
from postroom.cases.models import Case
from postroom.cases.states import CaseState
from postroom.ledger.models import Entry, Reason
from postroom.people.authority import Authority, authority_of
from postroom.people.models import User
from postroom.people.roles import SOCIAL_WORK_ROLES, Role
from postroom.people.together import with_people

# Who reads what goes out from the office they hold the role at; the duty worker only while on its rota.
OFFICE_READERS = (
    Role.ADMIN,
    Role.ADVANCED_PRACTITIONER,
    Role.DEPUTY_TEAM_MANAGER,
    Role.TEAM_MANAGER,
    Role.DUTY_WORKER,
)
PAGE = 25


def visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[Distribution]:
    """The sets that this person may read now. No row means: as if it did not exist (404, not 403).

    Safeguarding what it issued; the allocated worker; admin, AP, deputy TM and TM of the case's office; the duty worker
    while on its rota. All others none: the system administrator too; nor anybody from whom the case is kept.
    """
    authority = authority or authority_of(user)
    if not user.is_active:
        return Distribution.objects.none()
    may_read = Q(case__office_id__in=authority.offices(*OFFICE_READERS))
    if authority.has(*SOCIAL_WORK_ROLES):
        may_read |= Q(case__allocated_worker=user)
    if authority.has(Role.SAFEGUARDING):
        may_read |= Q(issued_by__isnull=False)
    return Distribution.objects.filter(may_read).filter(not_hidden(user, "case_id"))


def items_visible_to(user: User, *, authority: Authority | None = None) -> QuerySet[Item]:
    """The items of the sets that this person may read, the one whose paper they have with them, and what is opened.

    Opened: a floor above links it for them (`hooks.readers`). Nobody from whom the case is kept reads any.
    """
    authority = authority or authority_of(user)
    of_sets = Q(distribution__in=visible_to(user, authority=authority).order_by())
    return Item.objects.filter(of_sets | _carried_by(user, authority) | _opened_to(user, authority))


def _opened_to(user: User, authority: Authority) -> Q:
    """What something above links for this person."""
    opened = Q(pk__in=[])
    for reads in hooks.readers if user.is_active else ():
        more = reads(user, authority)
        if more is not None:
            opened |= more & not_hidden(user, "case_id")
    return opened


def items_of_worker(user: User, *, authority: Authority) -> QuerySet[Item]:
    """Of those, the items of the cases allocated to this person, and those they have with them: for My work."""
    if not user.is_active or not authority.has(*SOCIAL_WORK_ROLES):
        return Item.objects.none()
    own = Q(case__allocated_worker=user) & not_hidden(user, "case_id")
    return Item.objects.filter(own | _carried_by(user, authority))


def _carried_by(user: User, authority: Authority) -> Q:
    """A case that goes to somebody else, or a turn on the rota that ends, takes no paper out of a hand."""
    if not user.is_active or not authority.has(*SOCIAL_WORK_ROLES):
        return Q(pk__in=[])
    return Q(carried_by=user) & not_hidden(user, "case_id")


_PEOPLE = (
    "distribution__issued_by",
    "case__allocated_worker",
    "address__verified_by",
    "right_by",
    "approval_asked_by",
    "approved_by",
    "released_by",
    "carried_by",
    "handed_by",
    "handover__by",
    "initialled_by",
    "posted_by",
    "sent_by",
    "redacted_by",
)


def with_everything(items: QuerySet[Item]) -> list[Item]:
    """These items, each with the rows that its pages show. Two queries."""
    rows = items.select_related(
        "distribution", "pdf", "case__office", "person", "address__person", "handover", "proof", "stock"
    )
    return with_people(rows, *_PEOPLE)


def items_of(distribution: Distribution) -> list[Item]:
    """The set's items with their people, family first. Two queries."""
    rows = with_everything(Item.objects.filter(distribution=distribution))
    return sorted(rows, key=lambda item: (not item.family, item.person.relationship, item.person.name, item.pk))


def is_complete(items: list[Item]) -> bool:
    """Does every recipient have theirs, or was set aside? (OGP-9)"""
    return bool(items) and all(item.state in SETTLED for item in items)


def cases_to_issue_for(user: User, *, authority: Authority | None = None) -> QuerySet[Case]:
    """The open cases that safeguarding may issue for: all that aren't kept from this person; nobody else has any."""
    authority = authority or authority_of(user)
    if not user.is_active or not authority.has(Role.SAFEGUARDING):
        return Case.objects.none()
    return Case.objects.filter(state=CaseState.OPEN).filter(not_hidden(user))


def entries_of(item: Item, *, most: int = 60) -> tuple[list[Entry], dict[int, str]]:
    """The ledger's newest entries of the item, and their reasons by place. Two queries."""
    found = list(Entry.objects.filter(subject=item.ledger_subject).order_by("-seq")[:most])
    reasons = Reason.objects.filter(subject=item.ledger_subject, seq__in=[entry.seq for entry in found])
    return found, dict(reasons.values_list("seq", "text"))


# Where a copy stands because somebody, or Postroom, said why.
_WITH_A_REASON = (State.HELD, State.SET_ASIDE)


def why_they_stand(items: list[Item]) -> dict[int, str]:
    """Why each of these is on hold or was set aside, by its key; none for the others. Two queries, if there are any."""
    stands = {item.ledger_subject: item for item in items if item.state in _WITH_A_REASON}
    if not stands:
        return {}
    entries = Entry.objects.filter(subject__in=stands, to_state__in=_WITH_A_REASON).exclude(from_state=F("to_state"))
    last = dict(entries.order_by("seq").values_list("subject", "seq"))
    reasons = Reason.objects.filter(subject__in=stands, seq__in=set(last.values()))
    return {
        stands[subject].pk: text
        for subject, seq, text in reasons.values_list("subject", "seq", "text")
        if last.get(subject) == seq
    }


def password_given(item: Item) -> EmailPassword | None:
    """Who gave the password of this very sending, when and how; None while nobody has. One query where it was sent."""
    if not item.is_emailed or item.sent_at is None:
        return None
    given = EmailPassword.objects.filter(item=item, send=item.sends, given_at__isnull=False)
    return given.select_related("given_by").first()


def why_asked(item: Item) -> str:
    """The worker's reason for the approval that they asked for last; "" once retention has deleted it. Two queries."""
    asked = Entry.objects.filter(subject=item.ledger_subject, action=Action.ASK_APPROVAL).order_by("-seq").first()
    if asked is None:
        return ""
    texts = Reason.objects.filter(subject=item.ledger_subject, seq=asked.seq).values_list("text", flat=True)
    return texts.first() or ""


def entries_since(item: Item, version: int | None, *, most: int = 20) -> list[Entry]:
    """The entries of the steps after `version`, oldest first; None: the newest one alone."""
    entries = Entry.objects.filter(subject=item.ledger_subject)
    if version is None:
        return list(entries.order_by("-seq")[:1])
    return list(entries.filter(version__gt=version).order_by("-seq")[:most])[::-1]


def page_of(
    sets: QuerySet[Distribution], *, before: int | None = None, size: int = PAGE
) -> tuple[list[Distribution], int | None]:
    """A page of sets, newest first, by key; the key of the next page or None. Two queries: sets, and their items."""
    rows = sets.select_related("case__office", "case__allocated_worker", "issued_by").prefetch_related("items")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
