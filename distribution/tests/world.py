"""A set for tests: a conference on a desk's case, its recipients, and items brought to a state by the real actions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO

from django.test import override_settings
from django.utils import timezone
from PIL import Image, ImageDraw

from distribution import actions
from distribution.actions import emailing
from distribution.actions.posting import number_of_another
from distribution.documents import Document as TakenIn
from distribution.documents import take_in
from distribution.models import Distribution, Item, OfficeMail
from distribution.states import State
from letters.models import EnvelopeStock, TrackedNumber
from letters.rendering.typesetting import typeset
from letters.routes import Channel
from letters.tracking import check_digit
from postroom.cases.models import Address, AddressSource, Area, CasePerson, Relationship
from postroom.files.store import store
from postroom.outbox.carrier import run_due
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.uploads import Checked, Kind
from tests.support import world

TRACKING = "AA100000140GB"
SCHOOL = "invented-school.example"


def tracking_of(person_id: int) -> str:
    """A valid number of this recipient's own."""
    digits = f"{person_id:08d}"
    return f"RB{digits}{check_digit(digits)}GB"


def claimed(person_id: int, number: str = "") -> str:
    """A number that is on record for this recipient, as the step that posts puts it: a forger's too must be."""
    number = number or tracking_of(person_id)
    TrackedNumber.objects.get_or_create(number=number, defaults={"person_id": person_id})
    return number


@cache
def pdf(text: str = "What the conference said.", *, pages: int = 1) -> bytes:
    """A PDF that says so on each of its pages."""
    body = "<div style='break-before:page'></div>".join(f"<p>{text}</p>" for _ in range(pages))
    return typeset(f"<html lang='en'><head><title>x</title></head><body>{body}</body></html>", "@page{size:A4}")


@cache
def drawn(*, stroke: bool = True) -> bytes:
    """What the pad of the hand-over page makes of a stroke, or of none."""
    picture, out = Image.new("RGB", (640, 240), "white"), BytesIO()
    if stroke:
        ImageDraw.Draw(picture).line([(60, 180), (220, 60), (420, 150)], fill="black", width=4)
    picture.save(out, "PNG")
    return out.getvalue()


def taken_in(text: str = "What the conference said.") -> TakenIn:
    """A document as it is taken in from an upload."""
    return take_in(Checked(Kind.PDF, "application/pdf", pdf(text), pages=1), title="Minutes")


def basis_of(person: CasePerson) -> str:
    """Why they have a right to it."""
    return "subject" if person.is_family else "core_group"


@dataclass
class Conference:
    """A desk with safeguarding, office mail, family in area and out, and a professional."""

    desk: world.Desk
    safeguarding: User = field(init=False)
    child: CasePerson = field(init=False)
    parent: CasePerson = field(init=False)
    away: CasePerson = field(init=False)
    away_address: Address = field(init=False)
    teacher: CasePerson = field(init=False)

    def __post_init__(self) -> None:
        case = self.desk.case
        self.safeguarding = world.make_user("Saf Guard", None, Role.SAFEGUARDING)
        self.child = case.people.get(relationship=Relationship.CHILD)
        self.parent = self.desk.parent
        self.teacher = case.people.get(relationship=Relationship.PROFESSIONAL)
        self.teacher.email = f"head@{SCHOOL}"
        self.teacher.mobile = "+447700900123"
        self.teacher.save()
        self.away = CasePerson.objects.create(case=case, relationship=Relationship.PARENT, name="Mr Fara Way")
        self.away_address = out_of_area(self.away, self.desk.worker)
        OfficeMail.objects.create(
            office=self.desk.office, sender="post@council.example", allowed_domains=SCHOOL, secure_domains="nhs.net"
        )

    def issue(self, document: str = "minutes", *people: CasePerson) -> Distribution:
        """A set for these people (all four unless given)."""
        return actions.issue(
            case=self.desk.case,
            document=document,
            meeting_on=timezone.localdate(),
            recipients=people or (self.child, self.parent, self.away, self.teacher),
            file=taken_in(),
            by=self.safeguarding,
        )

    def item(self, document: str, person: CasePerson) -> Item:
        """One prepared item."""
        return self.issue(document, person).items.get()

    def item_saying(self, text: str, person: CasePerson) -> Item:
        """One prepared item of minutes that say this."""
        made = actions.issue(
            case=self.desk.case,
            document="minutes",
            meeting_on=timezone.localdate(),
            recipients=[person],
            file=taken_in(text),
            by=self.safeguarding,
        )
        return made.items.get()

    def ready(self, item: Item, channel: str | None = None) -> Item:
        """Made ready by the worker, and approved by the manager where that is needed."""
        item = fresh(item)
        channel = channel or item.channel
        posted = channel == Channel.REGISTERED_POST
        item = actions.make_ready(
            item=item,
            by=self.desk.worker,
            seen=Seen.of(item),
            channel=channel,
            basis=basis_of(item.person),
            version_confirmed=True,
            address=item.person.addresses.filter(retired_at=None).first() if posted else None,
            why_approve="They moved away." if posted else "",
        )
        if item.state == State.PREPARED:
            item = self.approve(item)
            item = actions.release(item=item, by=self.desk.worker, seen=Seen.of(item), version_confirmed=True)
        return item

    def approve(self, item: Item, days: int = 14) -> Item:
        """By the team manager."""
        until = timezone.localdate() + dt.timedelta(days=days)
        return actions.approve(
            item=item, by=self.desk.manager, seen=Seen.of(item), reason="Moved for work.", until=until
        )

    def taken_out(self, item: Item, by: User | None = None) -> Item:
        """Out of the office with the worker."""
        return actions.take_out(item=item, by=by or self.desk.worker, seen=Seen.of(item), lockable_bag=True)

    def handed_over(self, item: Item) -> Item:
        """By the worker, at their home; they sign on the screen, and on paper too."""
        return actions.hand_over(
            item=item,
            by=self.desk.worker,
            seen=Seen.of(item),
            at=timezone.now(),
            where="home",
            known_by="personally",
            own_hands=True,
            signature=store(drawn(), "image/png"),
            receipt=store(drawn(), "image/png"),
        )

    def in_envelope(self, item: Item) -> Item:
        """Initialled by admin."""
        return actions.envelope(
            item=item,
            by=self.desk.admin,
            seen=Seen.of(item),
            stock=EnvelopeStock.objects.get(slug="dl"),
            sheets=item.pages + 1,
            contents_checked=True,
            new_envelope=True,
            return_mark_on=True,
            initials_written=True,
        )

    def posted(self, item: Item) -> Item:
        """At the counter."""
        return actions.post(
            item=item,
            by=self.desk.admin,
            seen=Seen.of(item),
            posted_on=timezone.localdate(),
            tracking_number=tracking_of(item.person_id) if number_of_another(TRACKING, item.person_id) else TRACKING,
            special_delivery=True,
        )

    def sent(self, item: Item) -> Item:
        """Asked for, and carried by the outbox here and now."""
        item = actions.send(item=item, by=self.desk.worker, seen=Seen.of(item))
        run_due()
        return fresh(item)

    def in_state(self, name: str) -> Item:
        """An item as the product's table names it: "released by hand, out"."""
        made = {
            "prepared": lambda: self.item("minutes", self.parent),
            "prepared, right confirmed": lambda: self._right(self.item("minutes", self.parent)),
            "prepared, way chosen": lambda: self._way_chosen(self.item("minutes", self.away)),
            "prepared, approved": lambda: self.approve(self._asked(self.item("minutes", self.away))),
            "prepared, approval asked": lambda: self._asked(self.item("minutes", self.away)),
            "released by hand": lambda: self.ready(self.item("cp_report", self.parent)),
            "released by hand, out": lambda: self.taken_out(self.in_state("released by hand")),
            "released by post": lambda: self.ready(self.item("minutes", self.away), Channel.REGISTERED_POST),
            "released by post, in envelope": lambda: self.in_envelope(self.in_state("released by post")),
            "released by e-mail": lambda: self.ready(self.item("lac_report", self.teacher)),
            "released by e-mail, sending": lambda: self._asked_to_send(self.in_state("released by e-mail")),
            "handed over": lambda: self.handed_over(self.in_state("released by hand, out")),
            "sent by post": lambda: self.posted(self.in_state("released by post, in envelope")),
            "sent by e-mail": lambda: self.sent(self.in_state("released by e-mail")),
            "sent by e-mail, texting": lambda: self._texting(self.in_state("sent by e-mail")),
            "delivered by post": lambda: self._proved(self.in_state("sent by post")),
            "delivered by e-mail": lambda: self._password(self.in_state("sent by e-mail")),
            "held": lambda: self._held(self.in_state("released by e-mail")),
            "held, out": lambda: self._not_possible(self.in_state("released by hand, out")),
            "uncertain": lambda: self._uncertain(self.in_state("released by e-mail, sending")),
            "set aside": lambda: self._aside(self.in_state("prepared")),
        }
        return made[name]()

    def _right(self, item: Item) -> Item:
        return actions.confirm_right(item=item, by=self.desk.worker, seen=Seen.of(item), basis="subject")

    def _way_chosen(self, item: Item) -> Item:
        """By registered post, for which nobody has asked yet."""
        worker, way = self.desk.worker, {"channel": Channel.REGISTERED_POST, "address": self.away_address}
        item = actions.choose_route(item=item, by=worker, seen=Seen.of(item), **way)
        return self._right(item)

    def _asked(self, item: Item) -> Item:
        return actions.make_ready(
            item=item,
            by=self.desk.worker,
            seen=Seen.of(item),
            channel=Channel.REGISTERED_POST,
            basis="subject",
            version_confirmed=True,
            address=self.away_address,
            why_approve="They moved away.",
        )

    def _asked_to_send(self, item: Item) -> Item:
        return actions.send(item=item, by=self.desk.worker, seen=Seen.of(item))

    def _uncertain(self, item: Item) -> Item:
        emailing.MAILING.attempt(item)
        return fresh(item)

    def _proved(self, item: Item) -> Item:
        return actions.prove_delivery(
            item=item,
            by=self.desk.admin,
            seen=Seen.of(item),
            delivered_on=timezone.localdate(),
            delivered_time=dt.time(0),
            printed_name="F WAY",
        )

    def _password(self, item: Item) -> Item:
        return actions.give_password(item=item, by=self.desk.worker, seen=Seen.of(item), recipient_known=True)

    def _texting(self, item: Item) -> Item:
        with override_settings(SMS_GATEWAY="distribution.texting.FolderGateway"):
            return actions.text_password(item=item, by=self.desk.worker, seen=Seen.of(item))

    def _held(self, item: Item) -> Item:
        return actions.hold(item=item, reason="The ground moved.")

    def _not_possible(self, item: Item) -> Item:
        return actions.not_possible(item=item, by=self.desk.worker, seen=Seen.of(item), reason="Nobody was in.")

    def _aside(self, item: Item) -> Item:
        return actions.set_aside(item=item, by=self.desk.manager, seen=Seen.of(item), reason="Has no right to it.")


STATES = (
    "prepared", "prepared, right confirmed", "prepared, way chosen", "prepared, approval asked", "prepared, approved",
    "released by hand", "released by hand, out",
    "released by post", "released by post, in envelope", "released by e-mail", "released by e-mail, sending",
    "handed over", "sent by post", "sent by e-mail", "sent by e-mail, texting",
    "delivered by post", "delivered by e-mail", "held", "held, out",
    "uncertain", "set aside",
)  # fmt: skip


COUNCIL_WIDE = (
    Role.DISTRICT_ADMIN_MANAGER,
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.SYSTEM_ADMINISTRATOR,
)
DESK_PEOPLE = ("worker", "other_worker", "duty", "ap", "deputy", "manager", "admin", "other_admin")


def everybody(conference: Conference) -> dict[str, User]:
    """Everybody who could try: this office's, another office's in the same roles, the council's, and a leaver."""
    elsewhere = world.Desk(world.make_office("hill", "Hillside"))
    everyone = {name: getattr(conference.desk, name) for name in DESK_PEOPLE}
    everyone |= {f"{name} of another office": getattr(elsewhere, name) for name in ("worker", "manager", "admin")}
    everyone |= {str(role): world.make_user(f"Con {role}", None, role) for role in COUNCIL_WIDE}
    leaver = world.make_user("Lee Leaver", conference.desk.office, Role.ADMIN, Role.TEAM_MANAGER)
    leaver.is_active = False
    leaver.save()
    return everyone | {
        "safeguarding": conference.safeguarding,
        "leaver": leaver,
        "nobody in particular": world.make_user("No Roles", conference.desk.office),
    }


FAR = "7 Faraway Lane\nELSEWHERE\nNN3 4DD"


def out_of_area(person: CasePerson, by: User, *, area: str = Area.OUT, lines: str = FAR) -> Address:
    """A verified address outside the council's area, confirmed so."""
    return Address.objects.create(
        person=person,
        lines=lines,
        source=AddressSource.ICS,
        verified_on=timezone.localdate(),
        verified_by=by,
        area=area,
        area_confirmed_on=timezone.localdate(),
        area_confirmed_by=by,
    )


def fresh(item: Item) -> Item:
    """The item as the database has it now."""
    return Item.objects.get(pk=item.pk)
