"""A seeded random walk over moving ground: addresses change area or come into doubt, approvals lapse, recipients become
somebody else, and everybody tries every step: by its verb, its page, a bulk call, a forger's SQL on the row. The oracle
is the policy's own words, not the table that decides:

a CP or LAC report is never posted or e-mailed to family, minutes never to family in area, and minutes go to family out
of area by registered post only while a manager's approval stood and a tracking number was given (OGP-7, OGP-8, OGP-9).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random

import pytest
from django.core import mail
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from distribution import actions
from distribution.models import Item
from distribution.tests.test_product import HUMAN, verb
from distribution.tests.world import Conference, basis_of, claimed, fresh, out_of_area, taken_in, tracking_of
from letters.actions.sealed_mail import SUBJECT
from letters.models import EnvelopeStock
from letters.routes import Channel
from postroom.cases import hooks
from postroom.cases.models import Address, Area, CasePerson, Relationship
from postroom.ledger.models import Entry
from postroom.ledger.recording import SYSTEM, Step, build_entry
from postroom.outbox.carrier import run_due
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError
from tests.support import world

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Pages that lead outward, and who mostly tries them.
BY_WHOM = {
    "ready": "worker", "release": "worker", "approve": "manager", "envelope": "admin", "post": "admin",
    "send": "worker", "again": "worker", "take_out": "worker",
}  # fmt: skip
# Seed and moves: one walk in every run, the longer ones in a soak.
WALKS = [pytest.param(5, 60), *(pytest.param(seed, 300, marks=pytest.mark.soak) for seed in range(11, 31))]
FAMILY = ("child", "parent", "carer")
LEFT = ("uncertain", "sent", "delivered")
DOCUMENTS = ("cp_report", "lac_report", "minutes")


class NothingThere(Exception):
    """This move has nothing to be made on now."""


class Walk:
    """One conference, walked over by everybody with a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.conference = Conference(world.Desk(world.make_office("riv", "Riverside")))
        desk = self.conference.desk
        self.people: dict[str, User] = {
            "worker": desk.worker,
            "manager": desk.manager,
            "deputy": desk.deputy,
            "admin": desk.admin,
            "other_admin": desk.other_admin,
            "duty": desk.duty,
            "safeguarding": self.conference.safeguarding,
        }
        self.clients: dict[str, Client] = {}
        self.version = taken_in("What they may see.")
        self.happened: Counter[str] = Counter()
        self.judged: set[int] = set()
        self.letters_read = 0
        for document in DOCUMENTS:
            self.conference.issue(document)

    def go(self) -> None:
        """One move: mostly a step that somebody tries, now and then the ground moves."""
        if self.rng.random() < 0.2:
            move = self.rng.choice(
                [self.area_changes, self.in_doubt, self.new_address, self.approval_lapses, self.becomes, self.leaves]
            )
            self.tried(move.__name__, move)
        else:
            self.step()
        if self.rng.random() < 0.05:
            self.tried("issue", self.issue)
        self.judge()

    def issue(self) -> None:
        case = self.conference.desk.case
        active = CasePerson.objects.filter(case=case, is_active=True).order_by("pk")
        if not active.filter(relationship__in=FAMILY).exists():
            # Everybody turned out to be a professional, and has had e-mail as one: for them there is no way back.
            aunt = CasePerson.objects.create(case=case, relationship=Relationship.CARER, name="Aunt Newly Found")
            out_of_area(aunt, self.people["worker"])
        self.conference.issue(self.rng.choice(DOCUMENTS), *active)

    def tried(self, name: str, do: Callable[[], object]) -> bool:
        """Did it happen? What is refused, by the actions or by the database, changes nothing."""
        try:
            with transaction.atomic():
                do()
        except (StepError, NothingThere, Error):
            self.happened[f"refused {name}"] += 1
            return False
        self.happened[name] += 1
        return True

    def step(self) -> None:
        items = list(Item.objects.select_related("person").order_by("-pk"))
        still = [item for item in items if item.state in ("prepared", "released", "held")][:12]
        # The father out of area, or, where he turned out to be a professional for good, whoever is family.
        family = [item for item in still if item.document == "minutes" and item.person.relationship in FAMILY]
        wanted = [item for item in family if item.person_id == self.conference.away.pk] or family
        roll = self.rng.random()
        item = self.rng.choice((wanted if roll < 0.3 else still if roll < 0.9 else items) or items)
        roll = self.rng.random()
        if roll < 0.45:
            # A worker who tries to get it out by whatever way, over and over.
            channel = self.rng.choice([*(str(known) for known in Channel), str(Channel.REGISTERED_POST)])
            self.tried("make_ready", lambda: self.make_ready(item, channel))
        elif roll < 0.65:
            past = self.rng.choice([self.lie, self.in_bulk, self.by_sql, self.forges])
            self.tried(past.__name__, lambda: past(item))
        elif roll < 0.8:
            self.by_page(item)
        else:
            action = self.rng.choice(HUMAN)
            by = self.rng.choice(list(self.people.values()))
            self.tried(action, partial(self.take, action, item, by))
        self.onward(item)

    def take(self, action: str, item: Item, by: User) -> None:
        verb(action, self.version)(fresh(item), by)

    def make_ready(self, item: Item, channel: str) -> None:
        addresses = list(Address.objects.filter(person_id=item.person_id).order_by("pk"))
        posted = channel == Channel.REGISTERED_POST
        actions.make_ready(
            item=fresh(item),
            by=self.people["worker"],
            seen=Seen.of(fresh(item)),
            channel=channel,
            basis=basis_of(item.person),
            version_confirmed=True,
            address=self.rng.choice(addresses) if posted and addresses else None,
            why_approve="They moved away." if posted else "",
        )

    def onward(self, item: Item) -> None:
        """What is open for it now, by those who may: else a walk would seldom come to the door."""
        for action, who in (
            ("approve", "manager"),
            ("release", "worker"),
            ("envelope", "admin"),
            ("post", "admin"),
            ("send", "worker"),
        ):
            if self.rng.random() < 0.8:
                self.tried(action, partial(self.take, action, item, self.people[who]))
        if self.rng.random() < 0.3:
            run_due()

    def by_page(self, item: Item) -> None:
        """Somebody posts a page's form, whole and as they like it."""
        name = self.rng.choice(list(BY_WHOM))
        who = BY_WHOM[name] if self.rng.random() < 0.7 else self.rng.choice(list(self.people))
        if who not in self.clients:
            self.clients[who] = Client()
            self.clients[who].force_login(self.people[who], backend=BACKEND)
        now, today = fresh(item), timezone.localdate()
        addresses = list(Address.objects.filter(person_id=item.person_id).order_by("pk").values_list("pk", flat=True))
        form: dict[str, object] = {"seen_version": now.version, "seen_hash": now.content_hash, "reason": "They moved."}
        form |= {"channel": self.rng.choice([str(known) for known in Channel]), "basis": basis_of(item.person)}
        form |= {"address": self.rng.choice(addresses) if addresses else "", "why_approve": "They moved away."}
        form |= {"answer": "approve", "stock": EnvelopeStock.objects.get(slug="dl").pk, "sheets": item.pages + 1}
        form |= {"tracking_number": tracking_of(item.person_id)}
        ticks = ("version_confirmed", "contents_checked", "new_envelope", "return_mark_on", "initials_written")
        form |= dict.fromkeys((*ticks, "special_delivery", "lockable_bag"), "on")
        for date in ("until", "posted_on"):
            form |= {f"{date}_day": today.day, f"{date}_month": today.month, f"{date}_year": today.year}
        answer = self.clients[who].post(reverse(f"distribution:{name}", args=[item.reference]), form)
        assert answer.status_code in (302, 403, 404, 409, 422), f"{name}: {answer.status_code}"
        self.happened[f"page {answer.status_code}"] += 1

    def a_lie(self) -> dict[str, object]:
        """Another kind, another area, another way, gone: three of them."""
        to: dict[str, object] = {"family": self.rng.random() < 0.5, "area": self.rng.choice([*Area.values])}
        to |= {"channel": self.rng.choice([str(known) for known in Channel]), "state": self.rng.choice(LEFT)}
        return {name: to[name] for name in self.rng.sample(list(to), k=3)}

    def lie(self, item: Item) -> None:
        """A queryset's update: the database is asked, no action."""
        Item.objects.filter(pk=item.pk).update(**self.a_lie())

    def in_bulk(self, item: Item) -> None:
        """A bulk update of the row as if every step before had been taken."""
        row, values = fresh(item), self.a_lie() | {"posted_on": timezone.localdate()}
        values["tracking_number"] = claimed(item.person_id)
        row.__dict__.update(values)
        Item.objects.bulk_update([row], list(values))

    def by_sql(self, item: Item) -> None:
        """SQL by hand."""
        values = self.a_lie()
        sets = ", ".join(f"{column} = %s" for column in values)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE distribution_item SET {sets} WHERE id = {item.pk}", list(values.values()))  # type: ignore[arg-type]

    def forges(self, item: Item) -> None:
        """All that a step would write, and the ledger's entry of it too: only the policy stands in the way."""
        row, today, people = fresh(item), timezone.localdate(), self.people
        before = str(row.state)
        values = self.a_lie() | {"state": self.rng.choice(LEFT), "version_hash": row.content_hash}
        values |= {"right_by_id": people["worker"].pk, "right_at": timezone.now(), "right_basis": "subject"}
        values |= {"released_by_id": people["worker"].pk, "initialled_by_id": people["admin"].pk, "posted_on": today}
        values |= {"posted_by_id": people["admin"].pk, "enveloped_on": today}
        values |= {"tracking_number": claimed(item.person_id)}
        values |= {"sent_by_id": people["worker"].pk, "email": "head@invented-school.example"}
        row.__dict__.update(values)
        made = Step(action="forged", actor=SYSTEM, at=timezone.now(), from_state=before, to_state=str(row.state))
        entry, _ = build_entry(row, made)
        entry.save(force_insert=True)
        names = [name.removesuffix("_id") for name in values]
        Item.objects.bulk_update([row], [*names, "ledger_seq", "ledger_head"])

    def person(self) -> CasePerson:
        return self.rng.choice(list(self.conference.desk.case.people.order_by("pk")))

    def address(self) -> Address:
        return self.rng.choice(list(Address.objects.filter(person__case=self.conference.desk.case).order_by("pk")))

    def area_changes(self) -> None:
        row = self.address()
        row.area = Area.OUT if row.area == Area.IN else Area.IN
        row.area_confirmed_on, row.area_confirmed_by = timezone.localdate(), self.people["worker"]
        row.save()
        if self.rng.random() < 0.5:  # the guards and the database hold also where nobody is told
            hooks.recipient_changed(row.person)

    def in_doubt(self) -> None:
        row = self.address()
        row.in_doubt = not row.in_doubt and self.rng.random() < 0.5
        row.doubt_reason = "Somebody moved." if row.in_doubt else ""
        row.save()
        if self.rng.random() < 0.5:
            hooks.address_changed(row)

    def new_address(self) -> None:
        out_of_area(self.person(), self.people["worker"], area=self.rng.choice([Area.IN, Area.OUT]))

    def approval_lapses(self) -> None:
        approved = Item.objects.filter(approved_until__isnull=False, state__in=["prepared", "released"])
        item = approved.order_by("pk").first()
        if item is None:
            raise NothingThere
        Item.objects.filter(pk=item.pk).update(approved_until=timezone.localdate() - dt.timedelta(days=1))

    def becomes(self) -> None:
        """A carer turns out to be a professional, or the other way about."""
        row = self.person()
        row.relationship = self.rng.choice([Relationship.PARENT, Relationship.CARER, Relationship.PROFESSIONAL])
        row.email = "head@invented-school.example"
        row.save()
        if self.rng.random() < 0.5:
            hooks.recipient_changed(row)

    def leaves(self) -> None:
        row = self.person()
        row.is_active = not row.is_active or self.rng.random() < 0.5  # sooner or later they are back
        row.save()
        if self.rng.random() < 0.5:
            hooks.recipient_changed(row)

    def judge(self) -> None:
        """What left by post or e-mail just now, against the case as it is at this moment; what left stays as it was."""
        self.read_the_post()
        rows = Item.objects.filter(state__in=LEFT).exclude(channel=Channel.BY_HAND)
        for item in rows.select_related("person", "address"):
            family = item.person.relationship in FAMILY
            assert item.family is family, "the item lies about its recipient"
            if item.channel == Channel.REGISTERED_POST:
                tried = Entry.objects.filter(subject=item.ledger_subject, action="not_possible")
                assert not tried.exists(), "posted instead of handed over"
            if not family:
                self.happened[f"left {item.channel} to a professional"] += item.pk not in self.judged
                self.judged.add(item.pk)
                continue
            assert item.document == "minutes", f"{item.document} left by {item.channel} to family"
            assert item.channel == Channel.REGISTERED_POST, f"minutes left by {item.channel} to family"
            assert item.address is not None
            assert item.address.person_id == item.person_id
            assert item.address.area in (Area.OUT, Area.ABROAD), "minutes were posted to family in area"
            assert item.tracking_number
            assert item.approved_by_id not in (None, item.approval_asked_by_id)
            assert item.posted_on <= item.approved_until, "the approval had lapsed"
            posted = Entry.objects.filter(subject=item.ledger_subject, action__in=["post", "forged"])
            assert posted.exists(), "posted without a step on record"
            self.happened["left by registered post to family"] += item.pk not in self.judged
            self.judged.add(item.pk)

    def read_the_post(self) -> None:
        """Every document that was e-mailed since the last move: to a professional of the case, at their own address."""
        for message in mail.outbox[self.letters_read :]:
            if message.subject != SUBJECT:
                continue
            name, _, _ = message.attachments[0]
            person = Item.objects.select_related("person").get(reference=str(name).removesuffix(".pdf")).person
            assert person.relationship not in FAMILY, "a document was e-mailed to family"
            assert message.to == [person.email]
            self.happened["e-mailed"] += 1
        self.letters_read = len(mail.outbox)


# A walk that never comes to the door shows nothing: it goes on until each of these has happened.
MUST_HAPPEN = (
    "left by registered post to family", "left secure_email to a professional", "e-mailed", "page 302",
    "area_changes", "in_doubt", "new_address", "approval_lapses", "becomes", "leaves",
    "refused lie", "refused in_bulk", "refused by_sql", "refused forges",
)  # fmt: skip
MOST_MOVES = 1500


@pytest.mark.policy("OGP-7", "OGP-8", "OGP-9")
@pytest.mark.django_db
@pytest.mark.parametrize(("seed", "moves"), WALKS)
def test_nothing_leaves_to_family_by_a_way_that_is_shut(seed: int, moves: int) -> None:
    walk, gone = Walk(seed), 0
    while gone < moves or not all(walk.happened[each] for each in MUST_HAPPEN):
        walk.go()
        gone += 1
        assert gone < MOST_MOVES, f"{[e for e in MUST_HAPPEN if not walk.happened[e]]} never happened: {walk.happened}"
