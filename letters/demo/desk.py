"""What the demonstration's desk has beside its letters of every day: templates, a printer that was never measured, a
letter with a table from a template, a question, one by registered post, one to collect, one text to several. By the
real actions."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from django.utils import timezone

from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.actions.print_runs import start_run
from letters.actions.printers import add_printer
from letters.actions.texts import add_text
from letters.actions.tray import Chosen
from letters.content import Typed
from letters.models import Letter, OfficePost, OfficeText, OfficeTextVersion, SignatureMedium
from letters.ways import Way
from postroom.cases.models import Address, Case
from postroom.cases.selectors import apart_from
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.uploads import Checked, Kind

VISITS = (
    "These are our next visits.\n\n| When | Where |\n| --- | --- |\n| Monday, 10 am | At home |\n"
    "| Thursday, 2 pm | At the family room |\n\nPlease ring {{phone}} if a time does not suit you."
)
RING = "You can reach me through the office, on {{phone}}."
MEETING = (
    "We would like to meet you on Thursday at 2 pm, in the family room.\n\nPlease tell us if you need an interpreter."
)
NOTES = b"Please write that I visit on Monday and Thursday. Use the table of visits.\n"


class _Desk:
    """An office's people and one of its cases, with an address to write to."""

    def __init__(self, case: Case, address: Address, admin: User, manager: User) -> None:
        self.case, self.address, self.admin, self.manager = case, address, admin, manager
        self.office, self.worker = case.office, case.allocated_worker

    def hand_over(self, draft: str, **more: Any) -> Letter:
        """A draft by the case's worker."""
        assert self.worker is not None  # noqa: S101 - asked for when the case was chosen
        who: dict[str, Any] = {
            "case": self.case,
            "addressee": self.address.person,
            "address": self.address,
            "by": self.worker,
        }
        return actions.hand_over(**who, draft_text=draft, still_right=True, **more)

    def take(self, verb: Any, letter: Letter, *, by: User | None = None, **what: Any) -> Letter:
        """A step by admin, or by `by`."""
        made: Letter = verb(letter=letter, by=by or self.admin, seen=Seen.of(letter), **what)
        return made

    def to_envelope(self, letter: Letter, body: str) -> Letter:
        """Typed, printed, checked, signed, in its envelope."""
        greeting = f"Dear {self.address.person.salutation or self.address.person.name}"
        letter = self.take(actions.type_letter, letter, typed=Typed(greeting, body, subject=letter.subject))
        letter = self.take(actions.print_letter, letter)
        letter = self.take(actions.return_to_worker, letter)
        letter = self.take(actions.check, letter, by=self.worker, address_confirmed=True, body_confirmed=True)
        letter = self.take(actions.sign, letter, by=self.worker)
        letter = self.take(actions.confirm_signature, letter, bears_signature=True)
        ticks: dict[str, Any] = dict.fromkeys(
            ("contents_checked", "new_envelope", "return_mark_on", "initials_written"), True
        )
        return self.take(actions.envelope, letter, sheets=sheets_to_count(letter), **ticks)


def play(rng: Random, now: dt.datetime) -> None:
    """Nothing where the people are missing, or the desk has its templates already."""
    desk = _find(rng)
    if desk is None or OfficeText.objects.exists():
        return
    texts = _texts(desk)
    add_printer(office=desk.office, by=desk.manager, name="Team room printer", place="Second floor, team room")
    _with_a_table(desk, texts)
    _asked(desk, now)
    _registered(desk)
    letter = desk.hand_over("They will fetch it at reception on Friday.", subject="Your copy", way=Way.COLLECTED)
    desk.to_envelope(letter, "Here is the copy you asked for.\n\nPlease bring something with your name on it.")
    _by_hand(desk)
    _waiting_run(desk)
    _to_several(desk)


def _find(rng: Random) -> _Desk | None:
    """An office that signs on paper, its newest open case with somebody to write to."""
    post = OfficePost.objects.filter(signature_medium=SignatureMedium.PAPER, office__is_active=True)
    office = post.order_by("office").values_list("office", flat=True).first()
    admin, manager = _holder(Role.ADMIN, office), _holder(Role.TEAM_MANAGER, office)
    if admin is None or manager is None:
        return None
    addresses = Address.objects.filter(
        person__case__office=office, person__case__state="open", person__case__is_restricted=False,
        person__case__allocated_worker__is_active=True, person__relationship="parent", person__is_active=True,
        is_confidential=False, in_doubt=False, retired_at__isnull=True, verified_on__isnull=False,
    )  # fmt: skip
    for address in addresses.select_related("person__case__office", "person__case__allocated_worker").order_by("-pk"):
        if address.is_usable and not address.why_not_by_post:
            return _Desk(address.person.case, address, admin, manager)
    return None


def _holder(role: Role, office: int | None) -> User | None:
    grants = RoleGrant.objects.on(timezone.localdate()).filter(role=role, office=office, user__is_active=True)
    grant = grants.select_related("user").order_by("pk").first()
    return grant.user if grant else None


def _texts(desk: _Desk) -> list[OfficeTextVersion]:
    for kind, name, subject, body in (
        ("template", "Visits", "Our next visits", VISITS),
        ("paragraph", "How to reach me", "", RING),
    ):
        add_text(office=desk.office, by=desk.manager, kind=kind, name=name, subject=subject, body=body)
    return list(OfficeTextVersion.objects.filter(text__office=desk.office).order_by("pk"))


def _with_a_table(desk: _Desk, texts: list[OfficeTextVersion]) -> None:
    """Typed from a template and a paragraph, with a note as its source; printed, and nobody said what came out."""
    note = Checked(Kind.TEXT, "text/plain", NOTES, text=NOTES.decode())
    letter = desk.hand_over("", subject="Our next visits", sources=[note])
    body = f"{VISITS}\n\n{RING}"
    body = body.replace("{{phone}}", desk.office.phone)
    greeting = f"Dear {desk.address.person.salutation or desk.address.person.name}"
    typed = Typed(greeting, body, subject="Our next visits", texts=tuple(texts))
    letter = desk.take(actions.type_letter, letter, typed=typed)
    desk.take(actions.print_letter, letter)


def _asked(desk: _Desk, now: dt.datetime) -> None:
    """A draft that must arrive by a day, with one question that is answered and one that is open."""
    due = timezone.localdate(now) + dt.timedelta(days=9)
    when: dict[str, Any] = {"due_kind": "arrive_by", "due_on": due, "due_why": "The meeting is the day after."}
    letter = desk.hand_over("Invite them to the meeting, with the agenda as usual.", subject="Invitation", **when)
    letter = actions.ask(letter=letter, by=desk.admin, text="Which room is it in?")
    assert desk.worker is not None  # noqa: S101
    answered = letter.questions.get()
    letter = actions.answer(letter=letter, by=desk.worker, question=answered, text="The small one on the ground floor.")
    actions.ask(letter=letter, by=desk.admin, text="Is an interpreter coming?")


def _registered(desk: _Desk) -> None:
    """Sensitive, by registered post; its proof of delivery is still owed."""
    letter = desk.hand_over(
        "The record that they asked for.", subject="Your records", way=Way.REGISTERED_POST, sensitive=True
    )
    letter = desk.to_envelope(letter, "Here is what you asked to see.\n\nPlease ring if a page is not clear.")
    day = timezone.localdate()
    proof: dict[str, Any] = {"tracking_number": "RB473124829GB", "receipt_in_hand": True}
    desk.take(actions.post, letter, posted_on=day, post_class="sd1pm", **proof)


def _by_hand(desk: _Desk) -> None:
    """One that waits to be taken out, and one that is out with its worker, among the papers that are out."""
    for subject, body in (
        ("Our visit on Thursday", "I would like to give you this myself.\n\nI will ring before I come."),
        ("What we agreed", "Here is what we agreed, in writing.\n\nPlease read it in peace, and ring me."),
    ):
        letter = desk.to_envelope(desk.hand_over("I will take it with me.", subject=subject, way=Way.BY_HAND), body)
    desk.take(actions.take_out, letter, by=desk.worker)


def _waiting_run(desk: _Desk) -> None:
    """A print run that the worker makes as soon as it runs."""
    waiting = Letter.objects.filter(office=desk.office, state="typed", prints__isnull=True).order_by("pk")[:3]
    if chosen := [Chosen(one, Seen.of(one)) for one in waiting]:
        start_run(office=desk.office, by=desk.admin, chosen=chosen, printer=desk.office.printers.order_by("pk").first())


def _to_several(desk: _Desk) -> None:
    """One text to two or three people of the case, typed; their worker checks the text once, and each address."""
    apart = apart_from(desk.address.person)
    there = Address.objects.filter(person__case=desk.case, person__is_active=True, is_confidential=False)
    chosen = {desk.address.person_id: desk.address}
    for address in there.exclude(person_id__in=apart).select_related("person").order_by("pk"):
        if address.is_usable and not address.why_not_by_post and not apart_from(address.person):
            chosen.setdefault(address.person_id, address)
    if len(chosen) < 2:
        return
    for address in list(chosen.values())[:3]:
        one = _Desk(desk.case, address, desk.admin, desk.manager)
        letter = one.hand_over("Invite all of them.", subject="Our meeting", together="demo-meeting")
        greeting = f"Dear {address.person.salutation or address.person.name}"
        one.take(actions.type_letter, letter, typed=Typed(greeting, MEETING, subject="Our meeting"))


__all__ = ["play"]
