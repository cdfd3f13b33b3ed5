"""A small council for tests: two offices, a person for each role, a case with family. States are reached by the
real actions, never by setting them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters import actions
from letters.actions import emailing as by_email
from letters.content import Typed
from letters.models import Calibration, EnvelopeStock, Letter, OfficeMail, OfficePost, Printer, SignatureMedium
from letters.states import State
from postroom.cases.models import Address, AddressSource, Case, CasePerson, Relationship
from postroom.outbox.models import Job, JobState
from postroom.people.models import DutySlot, Office, RoleGrant, Team, User, half_day_at
from postroom.people.roles import OFFICE_ROLES, Role
from postroom.steps.engine import Seen
from postroom.uploads import Checked, Kind
from postroom.uploads.tests.samples import pdf

BODY = "Thank you for meeting me on Monday.\n\nWe agreed that **I will visit** on 3 August."
SCHOOL = "invented-school.example"
_number = count(1)
# What every letter here was handed over with, beside its words: a PDF that passed the gate.
A_PDF = pdf()


def make_user(name: str, office: Office | None = None, *roles: Role, initials: str = "") -> User:
    """An active person with roles at `office` (council-wide roles need none)."""
    number = next(_number)
    user = User.objects.create_user(
        email=f"person{number}@example.test",
        name=name,
        initials=initials or "".join(part[0] for part in name.split())[:3],
        job_title=name.split(" at ")[0],
        office=office,
    )
    for role in roles:
        grant(user, role, office)
    return user


def grant(user: User, role: Role, office: Office | None = None) -> RoleGrant:
    """Give a role from yesterday on, until changed."""
    return RoleGrant.objects.create(
        user=user,
        role=role,
        office=office if role in OFFICE_ROLES else None,
        starts=timezone.localdate() - dt.timedelta(days=1),
    )


def put_on_duty(user: User, office: Office, by: User, at: dt.datetime | None = None) -> DutySlot:
    """On the rota for the half-day of `at` (now)."""
    day, half = half_day_at(at or timezone.now())
    return DutySlot.objects.create(office=office, user=user, day=day, half=half, set_by=by)


def make_office(code: str, name: str, medium: str = SignatureMedium.PAPER) -> Office:
    """An office with its envelope stock (DL)."""
    office = Office.objects.create(
        code=code, name=name, address=f"{name} House\n1 Invented Street\nNORTHMERE\nNM1 1AA", phone="01632 960001"
    )
    OfficePost.objects.create(office=office, stock=EnvelopeStock.objects.get(slug="dl"), signature_medium=medium)
    Team.objects.create(office=office, name=f"{name} team")
    make_printer(office)
    return office


def make_printer(office: Office, name: str = "Office printer", *, measured: bool = True) -> Printer:
    """A printer of the office; its sheets for every stock measured, all as they should be."""
    printer = Printer.objects.create(office=office, name=name, place="First floor")
    by = User.objects.order_by("pk").first() or make_user("Mel Measurer")
    for stock in EnvelopeStock.objects.all() if measured else ():
        calibration(printer, stock, by)
    return printer


def calibration(printer: Printer, stock: EnvelopeStock, by: User, **over: Any) -> Calibration:
    """A measured sheet; `over`: its fields, where they are to be otherwise."""
    lengths = {"upper_left_x": 20, "upper_left_y": 20, "upper_right_x": 190, "upper_right_y": 20}
    lengths |= {"lower_left_x": 20, "lower_left_y": 277}
    expires = timezone.localdate() + dt.timedelta(days=180)
    rest = {"in_envelope": True, "holds": True, "shift": 0, "expires_on": expires, **over}
    figures = stock.geometry().as_dict()
    return Calibration.objects.create(printer=printer, stock=stock, by=by, stock_figures=figures, **lengths, **rest)


@dataclass
class Desk:
    """An office with one person in each of its roles, and a case."""

    office: Office
    worker: User = field(init=False)
    other_worker: User = field(init=False)
    duty: User = field(init=False)
    ap: User = field(init=False)
    deputy: User = field(init=False)
    manager: User = field(init=False)
    admin: User = field(init=False)
    other_admin: User = field(init=False)
    case: Case = field(init=False)
    parent: CasePerson = field(init=False)
    address: Address = field(init=False)

    def __post_init__(self) -> None:
        where = self.office
        self.worker = make_user(f"Wren Worker at {where.code}", where, Role.WORKER)
        self.other_worker = make_user(f"Olu Otherworker at {where.code}", where, Role.WORKER)
        self.duty = make_user(f"Dina Duty at {where.code}", where, Role.WORKER)
        self.ap = make_user(f"Ash Advanced at {where.code}", where, Role.ADVANCED_PRACTITIONER)
        self.deputy = make_user(f"Dev Deputy at {where.code}", where, Role.DEPUTY_TEAM_MANAGER)
        self.manager = make_user(f"Tam Manager at {where.code}", where, Role.TEAM_MANAGER)
        self.admin = make_user(f"Ada Admin at {where.code}", where, Role.ADMIN)
        self.other_admin = make_user(f"Otto Admin at {where.code}", where, Role.ADMIN)
        put_on_duty(self.duty, where, self.manager)
        self.case = make_case(where, self.worker)
        self.parent = self.case.people.get(relationship=Relationship.PARENT)
        self.address = self.parent.addresses.get()


def make_case(office: Office, worker: User | None) -> Case:
    """A case with a child, a parent at a verified address, and a professional."""
    number = next(_number)
    case = Case.objects.create(office=office, allocated_worker=worker)
    CasePerson.objects.create(
        case=case, relationship=Relationship.CHILD, name=f"Robin Example{number}", ics_number=f"{900000 + number}"
    )
    parent = CasePerson.objects.create(
        case=case, relationship=Relationship.PARENT, name=f"Ms Pat Example{number}", salutation=f"Ms Example{number}"
    )
    make_address(parent, worker, number)
    teacher = CasePerson.objects.create(
        case=case,
        relationship=Relationship.PROFESSIONAL,
        name=f"Mr Sam Teacher{number}",
        organisation="Invented Primary School",
    )
    make_address(teacher, worker, number + 500)
    return case


def add_child(desk: Desk) -> CasePerson:
    """Another child of the desk's case."""
    number = next(_number)
    child = {"relationship": Relationship.CHILD, "name": f"Alex Example{number}", "ics_number": f"{900000 + number}"}
    return CasePerson.objects.create(case=desk.case, **child)


def make_address(person: CasePerson, by: User | None, number: int | None = None) -> Address:
    """A verified address (unverified if nobody is given)."""
    return Address.objects.create(
        person=person,
        lines=f"{number or next(_number)} Sample Road\nNORTHMERE\nNM2 3BB",
        source=AddressSource.ICS,
        verified_on=timezone.localdate() if by else None,
        verified_by=by,
    )


def typed(body: str = BODY, **over: object) -> Typed:
    """What admin typed."""
    return Typed(**{"salutation": "Dear Ms Example", "body": body, "subject": "Our meeting", **over})  # type: ignore[arg-type]


def hand_over(desk: Desk, *, way: str = "post", sensitive: bool = False, letter_format: str = "standard") -> Letter:
    """A new letter, drafted; to the parent, by e-mail to the professional (whose office is then set up for it)."""
    person = writes_by_email(desk) if way == "secure_email" else desk.parent
    return actions.hand_over(
        case=desk.case,
        addressee=person,
        address=desk.address if person == desk.parent else person.addresses.get(),
        by=desk.worker,
        draft_text="please type: thanks for meeting me",
        way=way,
        sensitive=sensitive,
        letter_format=letter_format,
        sources=[Checked(Kind.PDF, "application/pdf", A_PDF, pages=1)],
    )


def writes_by_email(desk: Desk) -> CasePerson:
    """The desk's office turns secure e-mail of letters on; the professional of its case, whom it may write to."""
    OfficePost.objects.filter(office=desk.office).update(letters_by_email_from=timezone.localdate())
    rules = {"sender": "post@council.example", "allowed_domains": SCHOOL, "secure_domains": "nhs.net"}
    OfficeMail.objects.get_or_create(office=desk.office, defaults=rules)
    teacher = desk.case.people.get(relationship=Relationship.PROFESSIONAL)
    teacher.email = f"head@{SCHOOL}"
    teacher.save()
    return teacher


def emailing(letter: Letter) -> dict[str, Any]:
    """Entries of a sending by e-mail that are right."""
    return {"email": letter.addressee.email, "basis": "works_with", "address_confirmed": True}


def several(
    desk: Desk, count: int = 2, *, typed_by: User | None = None, only: int | None = None, **over: Any
) -> list[Letter]:
    """Letters with one text to the parent, the professional and others of the case; typed (`only`:
    the first so many of them); `over`: as for `typed`."""
    people = [desk.parent, desk.case.people.get(relationship=Relationship.PROFESSIONAL)]
    for _ in range(count - 2):
        name = f"Ms Gran Example{next(_number)}"
        people.append(CasePerson.objects.create(case=desk.case, relationship=Relationship.RELATIVE, name=name))
        make_address(people[-1], desk.worker)
    word = f"set{next(_number)}"
    letters = [
        actions.hand_over(
            case=desk.case,
            addressee=one,
            address=one.addresses.get(),
            by=desk.worker,
            draft_text="Come.",
            together=word,
        )
        for one in people[:count]
    ]
    by, how_many = typed_by or desk.admin, count if only is None else only
    for place, letter in enumerate(letters[:how_many]):
        text = typed(salutation=f"Dear {letter.addressee.name}", **over)
        letters[place] = actions.type_letter(letter=letter, by=by, seen=Seen.of(letter), typed=text)
    return letters


def text_checked(letters: list[Letter], by: User) -> None:
    """`by` confirms the text that these letters have in common."""
    text = letters[0].typed_version.text_hash
    actions.check_text(letter=letters[0], by=by, seen_text=text, body_confirmed=True)


def fresh(letter: Letter) -> Letter:
    """The letter as the database has it now."""
    return Letter.objects.get(pk=letter.pk)


def posting(letter: Letter) -> dict[str, Any]:
    """Entries of the posting that are right for the letter's way."""
    today = timezone.localdate()
    if letter.way != "registered_post":
        return {"posted_on": today, "post_class": "second"}
    proof = {"tracking_number": "RB473124829GB", "receipt_in_hand": True}
    return {"posted_on": today, "post_class": "sd1pm", **proof}


def in_person() -> dict[str, Any]:
    """Entries of a handing over that are right."""
    where = {"place": "At her door", "identity": "known", "own_hands": True}
    return {"at": timezone.now(), **where}


def letter_in(
    desk: Desk, state: State, *, by_pp: bool = False, way: str = "", letter_format: str = "standard"
) -> Letter:
    """A letter brought to `state` by the people of this desk, through the real steps; `way`: how it goes (post)."""
    ways = {State.HANDED_OVER: "by_hand", State.UNCERTAIN: "secure_email", State.EMAILED: "secure_email"}
    way = way or ways.get(state, "post")
    letter = hand_over(desk, way=way, letter_format=letter_format)
    path = [
        (State.DRAFTED, None),
        (State.TYPED, _type),
        (State.WORKER_CHECKED, _check),
        (State.SIGNED, _pp if by_pp else _sign),
        (State.UNCERTAIN, _uncertain) if way == "secure_email" else (State.ENVELOPED, _envelope),
        OUTWARD.get(way, (State.POSTED, _post)),
        (State.UPLOADED, _upload),
    ]
    if state == State.WITHDRAWN:
        return actions.withdraw(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="Not needed any more.")
    went = State.EMAILED if way == "secure_email" else State.POSTED
    wanted = went if state == State.RETURNED else state
    for reached, take in path:
        if take is not None:
            letter = take(desk, letter)
        if reached == wanted:
            break
    if state == State.RETURNED and way == "secure_email":
        letter = came_back_by_email(letter)
    elif state == State.RETURNED:
        letter = actions.return_undelivered(
            letter=letter,
            by=desk.admin,
            seen=Seen.of(letter),
            reason="Gone away.",
            came_back_on=timezone.localdate(),
            was_opened=False,
        )
    assert letter.state == state
    return letter


def _type(desk: Desk, letter: Letter) -> Letter:
    greeting = {} if letter.addressee_id == desk.parent.pk else {"salutation": f"Dear {letter.addressee.name}"}
    return actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=typed(**greeting))


def _check(desk: Desk, letter: Letter) -> Letter:
    return actions.check(
        letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True
    )


def _sign(desk: Desk, letter: Letter) -> Letter:
    return _signed(desk, letter, actions.sign, desk.worker)


def _pp(desk: Desk, letter: Letter) -> Letter:
    return _signed(desk, letter, actions.pp, desk.manager)


def _signed(desk: Desk, letter: Letter, verb: object, by: User) -> Letter:
    on_paper = desk.office.post.signature_medium == SignatureMedium.PAPER and letter.way != "secure_email"
    if on_paper:
        letter = actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    return verb(letter=letter, by=by, seen=Seen.of(letter))  # type: ignore[operator,no-any-return]


def sheets_in_hand(desk: Desk, letter: Letter) -> Letter:
    """The signed sheets reach admin: the paper is confirmed, or the signed PDF is printed."""
    if desk.office.post.signature_medium == SignatureMedium.PAPER:
        return actions.confirm_signature(letter=letter, by=desk.admin, seen=Seen.of(letter), bears_signature=True)
    return actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))


def put_in_envelope(desk: Desk, letter: Letter) -> Letter:
    """Initialled by this desk's admin."""
    from letters.actions.enveloping import sheets_to_count

    return actions.envelope(
        letter=letter,
        by=desk.admin,
        seen=Seen.of(letter),
        sheets=sheets_to_count(letter),
        contents_checked=True,
        new_envelope=True,
        return_mark_on=True,
        initials_written=True,
    )


def _envelope(desk: Desk, letter: Letter) -> Letter:
    return put_in_envelope(desk, sheets_in_hand(desk, letter))


def _post(desk: Desk, letter: Letter) -> Letter:
    return actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), **posting(letter))


def _give(desk: Desk, letter: Letter) -> Letter:
    if letter.way == "collected":
        return actions.give_at_reception(letter=letter, by=desk.admin, seen=Seen.of(letter), **in_person())
    letter = actions.take_out(letter=letter, by=desk.worker, seen=Seen.of(letter))
    return actions.hand_deliver(letter=letter, by=desk.worker, seen=Seen.of(letter), **in_person())


def _job(letter: Letter) -> Job:
    return Job.objects.get(kind=by_email.KIND, key=f"{letter.reference}:{letter.sends}")


def _uncertain(desk: Desk, letter: Letter) -> Letter:
    return cut_off(actions.send_email(letter=letter, by=desk.worker, seen=Seen.of(letter), **emailing(letter)))


def cut_off(letter: Letter) -> Letter:
    """Its worker of the outbox died after the first byte of its e-mail."""
    by_email.MAILING.attempt(letter)
    Job.objects.filter(pk=_job(letter).pk).update(
        state=JobState.UNCERTAIN, attempted_at=timezone.now(), attempt_id="x", run_after=timezone.now()
    )
    return fresh(letter)


def came_back_by_email(letter: Letter) -> Letter:
    """As the office's mailbox reports it."""
    return by_email.bounced(message_ids=[f"{_job(letter).pk.hex}@x.test"], reason="It came back.") or letter


def server_took(letter: Letter) -> Letter:
    """The server took the e-mail after all."""
    with transaction.atomic():  # as the outbox settles a job
        by_email.MAILING.sent(_job(letter))
    Job.objects.filter(pk=_job(letter).pk).update(state=JobState.DONE, done_at=timezone.now())
    return fresh(letter)


OUTWARD: dict[str, Any] = {
    "by_hand": (State.HANDED_OVER, _give),
    "collected": (State.HANDED_OVER, _give),
    "secure_email": (State.EMAILED, lambda desk, letter: server_took(letter)),
}


def _upload(desk: Desk, letter: Letter) -> Letter:
    return actions.upload(letter=letter, by=desk.admin, seen=Seen.of(letter), ics_reference="ICS-DOC-1")
