"""The whole product on real rows: state × action × person, each tried through the real verb, against the expectation.

What is allowed happens, is recorded once and is rolled back; what is not is refused and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from letters import actions
from letters.completed import children_owed
from letters.models import Letter, Print, Question, Signature
from letters.policy import can
from letters.selectors import visible_to
from letters.states import Action, State
from letters.tests.expected_rules import PRODUCT, READERS, WHERE_TO, WHO_MAY
from postroom.ledger.models import Entry
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, StepError
from tests.support import world

pytestmark = pytest.mark.django_db
COUNCIL_WIDE = (
    Role.SAFEGUARDING,
    Role.DISTRICT_ADMIN_MANAGER,
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.SYSTEM_ADMINISTRATOR,
)
DESK_PEOPLE = ("worker", "other_worker", "duty", "ap", "deputy", "manager", "admin", "other_admin")


class RolledBack(Exception):
    """Ends a trial that worked."""


@pytest.fixture
def desk() -> world.Desk:
    return world.Desk(world.make_office("riv", "Riverside"))


@pytest.fixture
def people(desk: world.Desk) -> dict[str, User]:
    """Everybody who could try: this office's, another office's in the same roles, the council's, and a leaver."""
    elsewhere = world.Desk(world.make_office("hill", "Hillside"))
    everyone = {name: getattr(desk, name) for name in DESK_PEOPLE}
    everyone |= {f"{name} of another office": getattr(elsewhere, name) for name in DESK_PEOPLE}
    everyone |= {str(role): world.make_user(f"Con {role}", None, role) for role in COUNCIL_WIDE}
    leaver = world.make_user("Lee Leaver", desk.office, Role.ADMIN, Role.TEAM_MANAGER)
    leaver.is_active = False
    leaver.save()
    return everyone | {"leaver": leaver, "nobody in particular": world.make_user("No Roles", desk.office)}


def letter_for(desk: world.Desk, name: str) -> Letter:
    """A letter as PRODUCT names it: "signed, in hand"."""
    state, _, more = name.partition(", ")
    ways = {"registered": "registered_post", "delivered": "registered_post", "to collect": "collected"}
    if more == "two children":
        world.add_child(desk)
    ways |= dict.fromkeys(("by email", "being sent", "password given"), "secure_email")
    ways |= dict.fromkeys(("by hand", "out", "out with duty", "not delivered", "not delivered and back"), "by_hand")
    if more == "one of several":
        letters = world.several(desk)
        world.text_checked(letters, desk.worker)
        letter = letters[0]
    else:
        letter = world.letter_in(desk, State(state), way=ways.get(more, ""))
    if more == "being sent":
        letter = verb("send_email")(letter, desk.worker)
    if more == "password given":
        letter = verb("give_password")(letter, desk.worker)
    if more == "delivered":
        letter = verb("confirm_delivery")(letter, desk.admin)
    if more.startswith(("out", "not delivered")):
        letter = verb("take_out")(letter, desk.duty if more == "out with duty" else desk.worker)
    if more.startswith("not delivered"):
        letter = verb("not_delivered")(letter, desk.worker)
    if more == "not delivered and back":
        letter = verb("bring_back")(letter, desk.worker)
    if more == "printed":
        letter = actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    if more == "in hand":
        letter = world.sheets_in_hand(desk, letter)
    Question.objects.create(letter=letter, asked_by=desk.other_admin, text="Is the date right?")
    return letter


def verb(action: str) -> Callable[..., Any]:
    """The real verb for an action, with entries that are right."""
    today = timezone.localdate()
    more: dict[str, dict[str, Any]] = {
        "type": {"typed": world.typed()},
        "edit_after_check": {"typed": world.typed("Other words."), "reason": "A wrong date."},
        "check": {"address_confirmed": True, "body_confirmed": True},
        "confirm_signature": {"bears_signature": True},
        "upload": {"ics_reference": "ICS-1"},
        "return_for_retyping": {"reason": "A wrong date."},
        "record_format": {"what": "Braille, one volume", "count": 1, "made_by": "RNIB", "made_on": today},
        "reopen": {"reason": "A page was missing."},
        "withdraw": {"reason": "Not needed."},
        "ask": {"text": "Which school is meant?"},
        "change_brief": {
            "due_kind": "post_by",
            "due_on": today,
            "due_why": "Court on Friday.",
            "letter_format": "standard",
            "language": "",
        },
        "return_undelivered": {"reason": "Gone away.", "came_back_on": today, "was_opened": False},
        "not_delivered": {"reason": "Nobody opened.", "at": timezone.now()},
        "carry_again": {"reason": "They are at home on Friday."},
        "decide_sent": {"reason": "They have it."},
        "decide_not_sent": {"reason": "They have nothing."},
        "give_password": {"recipient_known": True},
        "hand_deliver": world.in_person(),
        "give_at_reception": world.in_person(),
        "confirm_delivery": {"delivered_at": timezone.now(), "printed_name": "P EXAMPLE"},
    }
    name = {
        "type": "type_letter",
        "edit_after_check": "type_letter",
        "print": "print_letter",
        "upload_child": "upload",
    }.get(action, action)

    def take(letter: Letter, by: User) -> Letter:
        extra = dict(more.get(action, {}))
        if action == "post":
            extra = world.posting(letter)
        if action == "send_email":
            extra = world.emailing(letter)
        if action == "choose_way":
            extra = {"way": NEXT_WAY[letter.way], "sensitive": False, "reason": "They asked for it."}
        if action in ("confirm_print", "void_print"):
            extra = {"printed": letter.prints.first() or Print()}
        if action == "upload_child":
            extra = {"ics_reference": "ICS-1", "child": next(iter(children_owed(letter)), None)}
        if action == "answer":
            extra = {"question": letter.questions.first(), "text": "The new one."}
        if action == "envelope":
            extra = {
                "sheets": letter.current.sheets if letter.current_id else 1,
                "contents_checked": True,
                "new_envelope": True,
                "return_mark_on": True,
                "initials_written": True,
            }
        return getattr(actions, name)(letter=letter, by=by, seen=Seen.of(letter), **extra)

    return take


# What `choose_way` chooses here: each way in turn.
NEXT_WAY = {
    "post": "registered_post",
    "registered_post": "by_hand",
    "by_hand": "collected",
    "collected": "post",
    "secure_email": "post",
}
TWIN = {"upload": "upload_child", "upload_child": "upload"}
HUMAN = [a for a in WHO_MAY if WHO_MAY[a][1] and a != "hand_over"]


@pytest.mark.policy("OGP-0", "OGP-2", "OGP-3a", "OGP-3b", "OGP-4b", "OGP-6", "CLS-1", "CLS-2", "CLS-6")
@pytest.mark.parametrize("name", PRODUCT)
def test_product(name: str, desk: world.Desk, people: dict[str, User]):
    letter = world.fresh(letter_for(desk, name))
    before = (letter.state, letter.version, letter.ledger_head)
    entries = Entry.objects.count()
    wrong = []
    # The page's answer is asked with what a page has read once; the engine reads all of it anew at each attempt.
    seen = world.fresh(letter)
    authorities = {who: authority_of(user) for who, user in people.items()}
    for action in HUMAN:
        # The same verb serves typing and editing after a check; the state says which it is.
        if action in ("type", "edit_after_check") and str(letter.state) not in WHERE_TO[action]:
            continue
        for who, user in people.items():
            expected = who in PRODUCT[name].get(action, set())
            if can(seen, user, action, authority=authorities[who]) is not expected:
                wrong.append(f"page: {who} {action}")
            if TWIN.get(action) in PRODUCT[name]:
                continue  # one verb takes either, as many children as are owed
            if _happens(letter, action, user) is not expected:
                wrong.append(f"engine: {who} {action}")
    assert not wrong
    now = world.fresh(letter)
    assert (now.state, now.version, now.ledger_head) == before
    assert Entry.objects.count() == entries


def _happens(letter: Letter, action: str, user: User) -> bool:
    """Take the step for real and roll it back; True if it happened as the table says and was recorded once."""
    seen = copy(letter)  # a step changes the row that it is given; that nothing changed is asked at the end
    count = letter.ledger_seq  # an entry to a step, numbered from 1
    try:
        with transaction.atomic():
            after = verb(action)(seen, user)
            assert after.state == WHERE_TO[action][str(letter.state)]
            newest = Entry.objects.filter(subject=letter.ledger_subject).order_by("-seq")
            assert newest.count() == count + 1
            entry = newest[0]
            assert (entry.action, entry.actor_id, entry.to_state) == (action, user.pk, str(after.state))
            assert (entry.seq, entry.hash) == (world.fresh(letter).ledger_seq, world.fresh(letter).ledger_head)
            raise RolledBack
    except RolledBack:
        return True
    except StepError as error:
        assert str(error)  # noqa: PT017
        return False


@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("state", list(State))
def test_who_reads(state: State, desk: world.Desk, people: dict[str, User]):
    letter = world.letter_in(desk, state)
    readers = {who for who, user in people.items() if visible_to(user).filter(pk=letter.pk).exists()}
    assert readers == READERS


@pytest.mark.policy("OGP-1")
def test_only_the_allocated_worker_hands_over(desk: world.Desk, people: dict[str, User]):
    for who, user in people.items():
        entry = {"case": desk.case, "addressee": desk.parent, "address": desk.address, "draft_text": "Dear"}
        if who == "worker":
            assert actions.hand_over(by=user, **entry).state == State.DRAFTED
        else:
            with pytest.raises(StepError), transaction.atomic():
                actions.hand_over(by=user, **entry)


@pytest.mark.policy("OGP-3b")
def test_pp_keeps_signer_worker_and_authority_as_it_stood(desk: world.Desk):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    letter = actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    letter = actions.pp(letter=letter, by=desk.duty, seen=Seen.of(letter))
    desk.duty.duty_slots.all().delete()
    signature = Signature.objects.get(letter=letter)
    assert (signature.by, signature.signed_for, signature.relied_on.by) == (desk.duty, desk.worker, desk.worker)
    assert "On the duty rota of Riverside" in signature.authority
    entry = Entry.objects.filter(subject=letter.ledger_subject, action=Action.PP).get()
    assert (entry.actor_role, entry.actor_authority) == ("Duty worker", signature.authority)


@pytest.mark.policy("OGP-3a", "OGP-3b")
def test_nobody_signs_in_the_name_of_who_had_the_case_before(desk: world.Desk):
    case = desk.case
    case.allocated_worker = desk.manager
    case.save()
    letter = actions.hand_over(
        case=case, addressee=desk.parent, address=desk.address, by=desk.manager, draft_text="please type"
    )
    letter = verb("type")(letter, desk.admin)
    letter = verb("print")(letter, desk.admin)
    case.allocated_worker = desk.worker
    case.save()
    letter = verb("check")(world.fresh(letter), desk.worker)
    for action, by in (("sign", desk.worker), ("pp", desk.manager), ("pp", desk.deputy)):
        with pytest.raises(InvalidStep, match="Return it for retyping"), transaction.atomic():
            verb(action)(letter, by)
    letter = verb("return_for_retyping")(letter, desk.worker)
    for action, by in (("type", desk.admin), ("print", desk.admin), ("check", desk.worker), ("pp", desk.manager)):
        letter = verb(action)(letter, by)
    assert letter.signed_for == desk.worker
