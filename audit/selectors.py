"""Every read of spot checks that a page makes; each starts from what the person may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, DateTimeField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce
from django.utils import timezone

from audit.models import Finding, Item, SpotCheck
from audit.policy import worked_on
from audit.spotchecks.people import possible_owners
from audit.spotchecks.rules import CheckAction, CheckState, FindingState, ItemState
from letters.models import Letter
from postroom.cases.access import not_hidden, those_who_may_know
from postroom.ledger.models import Entry, Reason
from postroom.ledger.replaying import details_in
from postroom.people.authority import Authority
from postroom.people.models import Deputy, Office, RoleGrant, User
from postroom.people.roles import Role

DAM = Role.DISTRICT_ADMIN_MANAGER
MANAGERS = (Role.TEAM_MANAGER, Role.DEPUTY_TEAM_MANAGER)
OVER = [CheckState.FINISHED, CheckState.ABANDONED]


def visible_checks(user: User, authority: Authority) -> QuerySet[SpotCheck]:
    """The spot checks this person sees: the District Admin Manager all, managers those of their own office.

    What was drawn shows only to the District Admin Manager while the check runs: an office that knew would tidy up.
    """
    if not user.is_active:
        return SpotCheck.objects.none()
    if authority.has(DAM):
        return SpotCheck.objects.all()
    return SpotCheck.objects.filter(office_id__in=authority.offices(*MANAGERS))


def not_kept(user: User, path: str = "") -> Q:
    """The condition that the case of an item's letter or copy isn't kept from this person; `path` leads to the item."""
    return not_hidden(user, f"{path}letter__case_id") & not_hidden(user, f"{path}copy__case_id")


def visible_findings(user: User, authority: Authority) -> QuerySet[Finding]:
    """The findings this person sees: their own; the District Admin Manager all; managers those of their office.

    Nobody sees one of a case that is kept from them.
    """
    if not user.is_active:
        return Finding.objects.none()
    findings = Finding.objects.filter(not_kept(user, "item__"))
    if authority.has(DAM):
        return findings
    offices = authority.offices(*MANAGERS)
    theirs = Q(item__letter__office_id__in=offices) | Q(item__copy__case__office_id__in=offices)
    return findings.filter(Q(owner=user) | theirs)


def items_of(check: SpotCheck) -> list[Item]:
    """What was drawn, then what was picked."""
    items = check.items.select_related("stratum", "checked_by", "letter", "copy", "check_of").annotate(
        raised=Count("findings")
    )
    return list(items.order_by("number"))


def kept_items(check: SpotCheck, user: User) -> set[int]:
    """Ids of its items whose case is kept from this person: of those nothing but the reference shows."""
    return set(check.items.exclude(not_kept(user)).order_by().values_list("pk", flat=True))


def findings_of(check: SpotCheck, user: User) -> list[Finding]:
    """The findings of a check that are not kept from this person, oldest first."""
    rows = Finding.objects.filter(not_kept(user, "item__"), item__check_of=check).select_related("owner", "item")
    return list(rows.order_by("pk"))


@dataclass(frozen=True)
class NextCheck:
    """When an office's next spot check is due, and the last finished one."""

    office: Office
    last: SpotCheck | None
    due_on: dt.date
    running: int

    @property
    def overdue(self) -> bool:
        return self.due_on < timezone.localdate()


def _begun() -> Coalesce:
    """Since when an office is there (SQL): its own history; where that has nothing, the first letter it has.

    Not the earlier of both: a case that moves here brings letters that are older than the office.
    """
    rows = Office.history.model.objects.filter(id=OuterRef("pk")).order_by("history_date")
    letters = Letter.objects.filter(office=OuterRef("pk")).order_by("pk")
    return Coalesce(
        Subquery(rows.values("history_date")[:1]),
        Subquery(letters.values("created_at")[:1]),
        Value(timezone.now()),
        output_field=DateTimeField(),
    )


def _fresh_since() -> dt.datetime:
    """A check that was begun before this and isn't over yet is stale: it takes no office off the list any more."""
    return timezone.now() - dt.timedelta(days=settings.SPOT_CHECK_STALE_DAYS)


def _at(office: str | OuterRef) -> Q:
    """Of an item: its letter, or its copy's case, is of that office."""
    return Q(letter__office=office) | Q(copy__case__office=office)


def next_checks(offices: Iterable[Office]) -> list[NextCheck]:
    """Each office's next date: SPOT_CHECK_EVERY_DAYS after its last finished check, or after it began if it had none.

    A check of all offices counts for each of which it drew something; while it runs and nothing is drawn yet, for all.
    One that runs longer than SPOT_CHECK_STALE_DAYS counts for none. A fixed number of queries.
    """
    begun = dict(Office.objects.order_by().annotate(begun=_begun()).values_list("pk", "begun"))
    finished = SpotCheck.objects.filter(state=CheckState.FINISHED)
    own = finished.filter(office__isnull=False)
    newest = own.annotate(newest=Window(Max("finished_at"), partition_by="office"))
    last = {check.office_id: [check] for check in newest.filter(finished_at=F("newest"))}
    drawn = Item.objects.filter(stratum__isnull=False, check_of__office__isnull=True).order_by()
    drawn = drawn.annotate(at_office=Coalesce("letter__office", "copy__case__office"))
    of_all = drawn.filter(check_of__state=CheckState.FINISHED).values_list("at_office")
    when = dict(of_all.annotate(newest=Max("check_of__finished_at")))
    shared = {check.finished_at: check for check in finished.filter(office=None, finished_at__in=set(when.values()))}
    for office_id, at in when.items():
        last.setdefault(office_id, []).append(shared[at])
    runs = SpotCheck.objects.exclude(state__in=OVER).filter(fixed_at__gte=_fresh_since()).order_by()
    running = dict(runs.filter(office__isnull=False).values_list("office").annotate(many=Count("pk")))
    to_draw = runs.filter(office=None, state__in=[CheckState.FIXED, CheckState.SEEDED]).count()
    looking = dict(
        drawn.filter(check_of__in=runs.filter(office=None))
        .values_list("at_office")
        .annotate(many=Count("check_of", distinct=True))
    )
    found = []
    for office in offices:
        best = max(last.get(office.pk, []), key=lambda check: check.finished_at or check.fixed_at, default=None)
        since = best.finished_at if best is not None and best.finished_at is not None else begun[office.pk]
        due = timezone.localdate(since) + dt.timedelta(days=settings.SPOT_CHECK_EVERY_DAYS)
        many = running.get(office.pk, 0) + to_draw + looking.get(office.pk, 0)
        found.append(NextCheck(office, best, due, many))
    return found


def offices_due() -> QuerySet[Office]:
    """The offices whose next check is due today or was before, and that none runs for: `next_checks` as one query."""
    here = _at(OuterRef(OuterRef("pk")))
    drawn = Exists(Item.objects.filter(here, check_of=OuterRef("pk"), stratum__isnull=False))
    not_drawn = Q(state__in=[CheckState.FIXED, CheckState.SEEDED])
    own, shared = Q(office=OuterRef("pk")), Q(office__isnull=True)
    # Due on the day that is so many days after the last one's; counted from its local day, as people count.
    first = timezone.localdate() - dt.timedelta(days=settings.SPOT_CHECK_EVERY_DAYS - 1)
    fresh = timezone.make_aware(dt.datetime.combine(first, dt.time.min))
    finished = SpotCheck.objects.filter(own | shared & Q(drawn), state=CheckState.FINISHED)
    runs = SpotCheck.objects.filter(own | shared & (not_drawn | Q(drawn)), fixed_at__gte=_fresh_since())
    offices = Office.objects.filter(~Exists(runs.exclude(state__in=OVER)), is_active=True).alias(begun=_begun())
    return offices.filter(~Exists(finished.filter(finished_at__gte=fresh)), Exists(finished) | Q(begun__lt=fresh))


def active_offices() -> list[Office]:
    """Every office that sends post now, by name."""
    return list(Office.objects.filter(is_active=True).order_by("name"))


def owners_for(item: Item) -> QuerySet[User]:
    """Who can own a finding of this item: `possible_owners` of its office, but for whom its case is kept from."""
    people = possible_owners(item.office.pk)
    return people.filter(pk__in=those_who_may_know(item.post.case, people.values_list("pk", flat=True)))


def who_else_checks(item: Item, user: User) -> list[User]:
    """Who holds or stands in for the District Admin Manager today, beside this person, took no step on the item and
    is not kept from its case."""
    today = timezone.localdate()
    holders = RoleGrant.objects.on(today).filter(role=DAM.value).values("user")
    deputies = Deputy.objects.on(today).filter(role=DAM.value).values("user")
    people = User.objects.filter(Q(pk__in=holders) | Q(pk__in=deputies), is_active=True).exclude(pk=user.pk)
    may_know = those_who_may_know(item.post.case, people.values_list("pk", flat=True))
    return [person for person in people.order_by("name") if person.pk in may_know and not worked_on(person, item.post)]


@dataclass(frozen=True)
class RefusedSeed:
    """A seed that its witness did not confirm: the digits, who said so, when, and why ("" once retention took it)."""

    seed: str
    by: str
    at: dt.datetime
    why: str


def refused_seeds(check: SpotCheck) -> list[RefusedSeed]:
    """The seeds of a check that were refused, oldest first. Two queries."""
    entries = Entry.objects.filter(subject=check.ledger_subject, action=CheckAction.REFUSE_DICE).order_by("seq")
    reasons = dict(Reason.objects.filter(subject=check.ledger_subject).values_list("seq", "text"))
    return [
        RefusedSeed(details_in(entry.payload).get("seed", ""), entry.actor_name, entry.at, why)
        for entry in entries
        for why in [reasons.get(entry.seq, "")]
    ]


def has_refused(check: SpotCheck, user: User) -> bool:
    """Did this person say of a seed of the check that these were not the dice they saw? One query."""
    said = Entry.objects.filter(subject=check.ledger_subject, action=CheckAction.REFUSE_DICE, actor_id=user.pk)
    return said.exists()


def dice_to_confirm(user: User) -> QuerySet[SpotCheck]:
    """The checks whose dice wait for this person's word, oldest first."""
    waiting_for = SpotCheck.objects.filter(witness_by=user, state=CheckState.SEEDED, confirmed_at__isnull=True)
    return waiting_for.order_by("seed_at", "pk")


def waiting(check: SpotCheck) -> int:
    """How many of its letters nobody has looked at."""
    return check.items.filter(state=ItemState.WAITING).count()


def open_findings(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """Those that are not closed, most urgent first."""
    return findings.exclude(state=FindingState.CLOSED).select_related("owner", "item").order_by("due_on", "pk")
