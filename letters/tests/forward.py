"""The steps of one letter and of its case, each as somebody's own process or thread takes it: races and kills.

Who does what is kept in the data folder as `people.json`, so that other processes find them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from downtime import actions as downtime_actions
from downtime.models import Downtime
from letters import actions
from letters.actions.enveloping import sheets_to_count
from letters.actions.giving import Given
from letters.models import Letter, LetterFormat
from letters.states import Action
from letters.ways import Way
from postroom.cases import actions as case_actions
from postroom.cases.models import Case
from postroom.files.store import store
from postroom.people.models import Office, User
from postroom.steps.engine import Seen
from postroom.steps.errors import Stale
from postroom.steps.models import StepSubject
from tests.support import world

Verb = Callable[[Letter, Seen, User], Letter]


def _envelope(letter: Letter, seen: Seen, by: User) -> Letter:
    confirmed = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), True)
    return actions.envelope(letter=letter, by=by, seen=seen, sheets=sheets_to_count(letter), **confirmed)


def _post(letter: Letter, seen: Seen, by: User) -> Letter:
    return actions.post(letter=letter, by=by, seen=seen, posted_on=timezone.localdate(), post_class="first")


# In order: what is done, and who may each do it.
STEPS: dict[str, tuple[tuple[str, ...], Verb]] = {
    "type": (
        ("admin", "other_admin"),
        lambda letter, seen, by: actions.type_letter(letter=letter, by=by, seen=seen, typed=world.typed()),
    ),
    "print": (
        ("admin", "other_admin"),
        lambda letter, seen, by: actions.print_letter(letter=letter, by=by, seen=seen),
    ),
    "check": (
        ("worker",),
        lambda letter, seen, by: actions.check(
            letter=letter, by=by, seen=seen, address_confirmed=True, body_confirmed=True
        ),
    ),
    "sign": (
        ("worker", "duty", "manager"),
        lambda letter, seen, by: (actions.sign if by.pk == letter.case.allocated_worker_id else actions.pp)(
            letter=letter, by=by, seen=seen
        ),
    ),
    "confirm_signature": (
        ("admin", "other_admin"),
        lambda letter, seen, by: actions.confirm_signature(letter=letter, by=by, seen=seen, bears_signature=True),
    ),
    "envelope": (("admin", "other_admin"), _envelope),
    "post": (("admin", "other_admin"), _post),
    "upload": (
        ("admin", "other_admin"),
        lambda letter, seen, by: actions.upload(letter=letter, by=by, seen=seen, ics_reference="ICS-1"),
    ),
}


WHY = "A reason for the record."


@dataclass(frozen=True)
class Aside:
    """A step back, or one beside the way: taken behind the step `behind`, of the letter or of its case.

    `way`: the one that a letter must go for it. `several`: it is one of those handed over with one text.
    `letter_format`: the one that its addressee reads.
    """

    behind: str
    who: tuple[str, ...]
    verb: Callable[[Any, Seen, User], StepSubject]
    of: Callable[[Letter], StepSubject] = lambda letter: letter
    way: Way = Way.POST
    several: bool = False
    letter_format: LetterFormat = LetterFormat.STANDARD


def _check_address(letter: Letter, seen: Seen, by: User) -> Letter:
    text = letter.typed_version.text_hash
    actions.check_text(letter=letter, by=by, seen_text=text, body_confirmed=True)
    return actions.check_address(letter=letter, by=by, seen=seen)


def _record_format(letter: Letter, seen: Seen, by: User) -> Letter:
    made = {"what": "Braille, one volume", "count": 1, "made_by": "RNIB", "made_on": timezone.localdate()}
    return actions.record_format(letter=letter, by=by, seen=seen, **made)


def _after_a_downtime(letter: Letter) -> Letter:
    """From the letter's last step until now its office had no network; the manager has said so."""
    began, now = letter.state_since, timezone.now()
    downtime_actions.open_downtime(
        office=letter.office, began_at=began, ended_at=now, reason="No network.", by=person("manager")
    )
    return letter


def _check_later(letter: Letter, seen: Seen, by: User) -> Letter:
    """The worker checked it on paper in the last downtime; `by` enters it."""
    downtime = Downtime.objects.latest("pk")
    paper = downtime_actions.OnPaper(
        action=Action.CHECK,
        by=person("worker"),
        happened_at=downtime.ended_at,
        scan=store(world.A_PDF, "application/pdf"),
    )
    return downtime_actions.enter_later(letter=letter, downtime=downtime, paper=paper, entered_by=by, seen=seen)


def _retype(letter: Letter, seen: Seen, by: User) -> Letter:
    changed = world.typed("Something else altogether.")
    return actions.type_letter(letter=letter, by=by, seen=seen, typed=changed, reason=WHY)


def _give_words(letter: Letter, seen: Seen, by: User) -> Letter:
    """The words of the other letter of its set."""
    source = Letter.objects.exclude(pk=letter.pk).get(together=letter.together)
    given = Given(letter, seen, 0, world.typed(), letter.address)
    (result,) = actions.give_words(letter=source, by=by, seen=Seen.of(source), chosen=[given])
    if not result.done:
        raise Stale(result.words, letter)
    return result.letter


def _came_back(letter: Letter, seen: Seen, by: User) -> Letter:
    return actions.return_undelivered(
        letter=letter, by=by, seen=seen, reason=WHY, came_back_on=timezone.localdate(), was_opened=False
    )


def _case_of(letter: Letter) -> Case:
    return Case.objects.get(pk=letter.case_id)


def _address_of(case: Case) -> Any:
    return case.letters.get().address


def _replace_address(case: Case, seen: Seen, by: User) -> Case:
    old = _address_of(case)
    return case_actions.add_address(
        case=case,
        person=old.person,
        lines="9 Another Road\nNORTHMERE\nNM2 4DF",
        source="visit",
        by=by,
        seen=seen,
        replaces=old,
    )


# What the outbox does between a person's steps: behind which, and how.
CARRIED: dict[str, tuple[str, Callable[[Letter], Letter]]] = {
    "cut_off": ("send_email", world.cut_off),
    "server_took": ("cut_off", world.server_took),
}

_ADMINS, _OWN, _MANAGERS = ("admin", "other_admin"), ("worker",), ("manager", "deputy")

ASIDE: dict[str, Aside] = {
    "return_to_worker": Aside(
        "print", _ADMINS, lambda letter, seen, by: actions.return_to_worker(letter=letter, by=by, seen=seen)
    ),
    "void_print": Aside(
        "print",
        _ADMINS,
        lambda letter, seen, by: actions.void_print(
            letter=letter, by=by, seen=seen, printed=letter.prints.latest("pk")
        ),
    ),
    # Beside the way: the letter's version stays.
    "record_format": Aside("print", (*_OWN, *_ADMINS), _record_format, letter_format=LetterFormat.BRAILLE),
    "check_address": Aside("print", _OWN, _check_address, several=True),
    "give_words": Aside("type", _ADMINS, _give_words, several=True),
    # From paper, after a bad day.
    "enter_later": Aside("print", _ADMINS, _check_later, _after_a_downtime),
    "return_for_retyping": Aside(
        "check",
        ("worker", "duty", "manager"),
        lambda letter, seen, by: actions.return_for_retyping(letter=letter, by=by, seen=seen, reason=WHY),
    ),
    "edit_after_check": Aside("sign", _ADMINS, _retype),
    "reopen": Aside(
        "envelope", _ADMINS, lambda letter, seen, by: actions.reopen(letter=letter, by=by, seen=seen, reason=WHY)
    ),
    "withdraw": Aside(
        "sign",
        ("worker", "manager"),
        lambda letter, seen, by: actions.withdraw(letter=letter, by=by, seen=seen, reason=WHY),
    ),
    "return_undelivered": Aside("post", _ADMINS, _came_back),
    # Carried to its addressee: each with what it writes in the register of papers that are out.
    "take_out": Aside(
        "envelope",
        ("worker", "duty"),
        lambda letter, seen, by: actions.take_out(letter=letter, by=by, seen=seen),
        way=Way.BY_HAND,
    ),
    "bring_back": Aside(
        "take_out",
        ("worker", "manager"),
        lambda letter, seen, by: actions.bring_back(letter=letter, by=by, seen=seen),
        way=Way.BY_HAND,
    ),
    # By secure e-mail: sent, decided on where nobody knows, and its password read out.
    "send_email": Aside(
        "sign",
        _OWN,
        lambda letter, seen, by: actions.send_email(letter=letter, by=by, seen=seen, **world.emailing(letter)),
        way=Way.SECURE_EMAIL,
    ),
    "decide_sent": Aside(
        "cut_off",
        _OWN,
        lambda letter, seen, by: actions.decide_sent(letter=letter, by=by, seen=seen, reason=WHY),
        way=Way.SECURE_EMAIL,
    ),
    "decide_not_sent": Aside(
        "cut_off",
        _OWN,
        lambda letter, seen, by: actions.decide_not_sent(letter=letter, by=by, seen=seen, reason=WHY),
        way=Way.SECURE_EMAIL,
    ),
    "give_password": Aside(
        "server_took",
        _OWN,
        lambda letter, seen, by: actions.give_password(letter=letter, by=by, seen=seen, recipient_known=True),
        way=Way.SECURE_EMAIL,
    ),
    # Under a checked and a signed letter: the case's own steps, which void what stands on it.
    "replace_address": Aside("sign", (*_OWN, "admin"), _replace_address, _case_of),
    "doubt_address": Aside(
        "check",
        _OWN,
        lambda case, seen, by: case_actions.doubt_address(
            case=case, address=_address_of(case), reason=WHY, by=by, seen=seen
        ),
        _case_of,
    ),
    "allocate": Aside(
        "check",
        _MANAGERS,
        lambda case, seen, by: case_actions.allocate(case=case, worker=person("other_worker"), by=by, seen=seen),
        _case_of,
    ),
    "move": Aside(
        "sign",
        _MANAGERS,
        lambda case, seen, by: case_actions.move(
            case=case, office=Office.objects.get(code="hil"), by=by, seen=seen, reason=WHY
        ),
        _case_of,
    ),
}


def way_to(step: str) -> list[str]:
    """The steps that lead to where `step` can be taken."""
    if step in ASIDE or step in CARRIED:
        behind = ASIDE[step].behind if step in ASIDE else CARRIED[step][0]
        return [*way_to(behind), behind]
    order = list(STEPS)
    return order[: order.index(step)]


def subject_of(step: str, letter: Letter) -> StepSubject:
    """Whose step it is: the letter itself, or its case; as the database has it now."""
    return ASIDE[step].of(letter) if step in ASIDE else letter


def new_letter(step: str) -> Letter:
    """A draft of a case of its own, opened through the case's own steps; it goes the way that `step` needs."""
    worker, office = person("worker"), Office.objects.get(code="riv")
    number = f"{Case.objects.count() + 100_000}"
    child = case_actions.ChildDetails(name="Robin Example", ics_number=number)
    case = case_actions.open_case(office=office, children=[child], by=worker)
    way = ASIDE[step].way if step in ASIDE else Way.POST
    # Only professionals are ever written to by e-mail.
    who = {"relationship": "professional", "email": f"pat@{world.SCHOOL}"}
    who = who if way == Way.SECURE_EMAIL else {"relationship": "parent"}
    details = case_actions.PersonDetails(name="Ms Pat Example", salutation="Ms Example", **who)
    case = case_actions.add_person(case=case, details=details, by=worker, seen=Seen.of(case))
    row = case.people.get(name="Ms Pat Example")
    lines = f"{number} Sample Road\nNORTHMERE\nNM2 3BB"
    case = case_actions.add_address(case=case, person=row, lines=lines, source="ics", by=worker, seen=Seen.of(case))
    address = row.addresses.get()
    case = case_actions.verify_address(case=case, address=address, source="visit", by=worker, seen=Seen.of(case))
    handed = {
        "case": case,
        "addressee": row,
        "address": row.addresses.get(),
        "by": worker,
        "draft_text": "please type",
        "way": way,
        "together": f"set{number}" if step in ASIDE and ASIDE[step].several else "",
        "letter_format": ASIDE[step].letter_format if step in ASIDE else LetterFormat.STANDARD,
    }
    if step == "give_words":
        other, typed = actions.hand_over(**handed), world.typed("Words for both.")
        actions.type_letter(letter=other, by=person("admin"), seen=Seen.of(other), typed=typed)
    return actions.hand_over(**handed)


def people_file() -> Path:
    """Where the names of this council's people stand."""
    return Path(settings.DATA_DIR) / "people.json"


def make_council() -> world.Desk:
    """An office with its people; who they are is written to the data folder."""
    desk = world.Desk(world.make_office("riv", "Riverside"))
    world.writes_by_email(desk)
    world.make_office("hil", "Hillside")
    names = ("worker", "other_worker", "duty", "manager", "deputy", "admin", "other_admin")
    people_file().write_text(json.dumps({name: getattr(desk, name).pk for name in names}))
    return desk


def person(name: str) -> User:
    """One of them."""
    return User.objects.get(pk=json.loads(people_file().read_text())[name])


def take(step: str, subject: Any, seen: Seen, who: int = 0) -> Any:
    """Take `step` on its subject; `who` picks one of those who may."""
    if step in CARRIED:
        return CARRIED[step][1](subject)
    if step in ASIDE:
        names, verb = ASIDE[step].who, ASIDE[step].verb
    else:
        names, verb = STEPS[step]
    return verb(subject, seen, person(names[who % len(names)]))
