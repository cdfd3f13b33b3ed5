"""A random walk: every actor, every action, addresses, rota and workers changing underneath.

Beside the real letters runs a small model, written from the policy, that says of each attempt whether it must happen.
They must agree at every step; and no letter is ever posted unchecked, unsigned, un-initialled or changed after.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from itertools import count
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from letters import actions
from letters.actions import emailing
from letters.actions.enveloping import sheets_to_count, things_to_count
from letters.models import Check, Envelope, Letter, LetterFormat, Print, Question, Signature
from letters.states import State
from letters.tests.expected_rules import WHERE_TO
from letters.tests.test_product import HUMAN, verb
from letters.tests.walk_model import ANSWERS, ARRIVES, Model, Town
from letters.tracking import check_digit
from papers.models import PapersOut
from postroom.cases import hooks
from postroom.cases.models import Address, CasePerson, Relationship
from postroom.ledger.models import Entry
from postroom.outbox.carrier import carry
from postroom.outbox.models import Job
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import StepError
from tests.support import world
from tests.support.smtp import Mailroom

SOAK = bool(os.environ.get("POSTROOM_SOAK"))
# Accepted steps: all of a soak, or a seeded sample of it.
WANTED = 5_000 if SOAK else 350
STEPS = 25
TICKS = ("contents_checked", "new_envelope", "return_mark_on", "initials_written")
CHECKS = ("check", "check_address")
BACKWARD = ("withdraw", "return_for_retyping", "edit_after_check", "reopen", "return_undelivered")
accepted: Counter[tuple[str, str]] = Counter()
refused: Counter[tuple[str, str]] = Counter()


class Walk(RuleBasedStateMachine):
    """One council, some letters, and the model beside them."""

    room: Mailroom

    @initialize(first=st.sampled_from((0, 4, 9)))
    def start(self, first: int) -> None:
        self.rollback = transaction.atomic()
        self.rollback._from_testcase = True  # type: ignore[attr-defined]  # Django's word: the outbox may commit inside it
        self.rollback.__enter__()
        self.desk = world.Desk(world.make_office("riv", "Riverside"))
        names = ("worker", "other_worker", "duty", "ap", "deputy", "manager", "admin", "other_admin")
        self.people: dict[str, User] = {name: getattr(self.desk, name) for name in names}
        # Holds admin and team manager both: must still never sign and initial one letter.
        self.people["jack"] = world.make_user("Jack Ofall", self.desk.office, Role.ADMIN, Role.TEAM_MANAGER)
        self.people["system"] = world.make_user("Sys Admin", None, Role.SYSTEM_ADMINISTRATOR)
        self.town = Town()
        self.letters: list[tuple[Letter, Model]] = []
        self.turns = count(first)
        teacher = world.writes_by_email(self.desk)
        self.addressees = (self.desk.parent, teacher)
        self.children = (self.desk.case.people.get(relationship=Relationship.CHILD), world.add_child(self.desk))
        self.hand_over()

    def teardown(self) -> None:
        if hasattr(self, "rollback"):
            transaction.set_rollback(True)
            self.rollback.__exit__(None, None, None)

    def hand_over(self) -> None:
        """In turn: a letter alone about one child, one about both, two with the same words, and one by secure e-mail.

        Every other one alone goes in Braille, every other pair names both who get it, every other e-mail is about both
        children. The second of a pair may come when the first is on its way.
        """
        pair, turn = divmod(next(self.turns), 5)
        person = self.addressees[turn > 2]
        about = self.children if turn == 1 or (turn == 4 and pair % 2 == 1) else self.children[:1]
        together = f"set{pair}" if turn in (2, 3) else ""
        model = Model(children=len(about), together=together, naming=bool(together) and pair % 2 == 0)
        model.braille = turn == 0 and pair % 2 == 1
        model.writable = turn == 4
        model.way = "secure_email" if model.writable else "post"
        letter = actions.hand_over(
            case=self.desk.case,
            addressee=person,
            address=self.usable_address(person),
            by=self.people[self.town.allocated],
            draft_text="please type",
            way=model.way,
            about=about,
            together=model.together,
            letter_format=LetterFormat.BRAILLE if model.braille else LetterFormat.STANDARD,
        )
        if turn == 3:
            model.twin = self.letters[-1][1]
            model.twin.twin = model
        self.letters.append((letter, model))
        accepted["hand_over", ""] += 1

    def usable_address(self, person: CasePerson) -> Address:
        """The person's newest address that holds; a new one if none does."""
        there = [one for one in person.addresses.order_by("pk") if one.is_usable]
        address = there[-1] if there else world.make_address(person, self.desk.worker)
        if person == self.desk.parent:
            self.desk.address = address
        return address

    @rule(seed=st.integers(0, 2**32))
    def attempts(self, seed: int) -> None:
        """Some attempts in a row, each by somebody: mostly somebody who may, mostly something possible there."""
        rng = Random(seed)  # one draw for many choices: Hypothesis spends its time on choosing
        for _ in range(6):
            self.attempt(rng)

    def attempt(self, rng: Random) -> None:
        open_ones = [pair for pair in self.letters if pair[1].is_open]
        if len(open_ones) < 2:
            self.hand_over()
        letter, model = rng.choice(open_ones if open_ones and rng.random() < 0.9 else self.letters)
        if (model.sending or model.guards_hold("bounce")) and rng.random() < 0.4:
            self.mail_moves(letter, model, rng)
            self.nothing_leaves_unproved(letter, model)
            return
        possible = [a for a in HUMAN if model.state in WHERE_TO[a]]
        pick = possible if possible and rng.random() < 0.9 else HUMAN
        # Steps forward more often than back, or nothing would ever be posted.
        forward = [a for a in pick if a not in BACKWARD]
        if forward and rng.random() < 0.85:
            pick = [a for a in forward if WHERE_TO[a].get(model.state) != model.state] or forward
            if rng.random() < 0.4:
                pick = forward
            pick = [a for a in possible if (a, model.state) not in accepted and rng.random() < 0.3] or pick
        action = self.told_apart(rng.choice(pick or ["type"]), model)
        if action in ("type", "edit_after_check") and model.state not in WHERE_TO[action]:
            return
        may = [who for who in self.people if model.allowed(who, action, self.town)]
        who = rng.choice(sorted(may if may and rng.random() < 0.85 else self.people))
        if action == "check_address":
            checkers = sorted(one for one in self.people if model.allowed(one, "check", self.town))
            who = rng.choice(checkers) if checkers and rng.random() < 0.85 else who
            if model.together and model.state in WHERE_TO["check"] and rng.random() < 0.8:
                self.confirm_text(letter, model, who)
        self.take(letter, model, action, who)
        self.nothing_leaves_unproved(letter, model)

    @staticmethod
    def told_apart(action: str, model: Model) -> str:
        """One verb takes an upload, for as many children as are owed; an address alone is checked in a set only."""
        if action in ("upload", "upload_child"):
            return "upload_child" if model.children > 1 else "upload"
        return "check" if action == "check_address" and not model.together else action

    def confirm_text(self, letter: Letter, model: Model, who: str) -> None:
        """The words once, for all letters of the set that say them."""
        said = (model.together, model.words, who)
        expected = (
            model.allowed(who, "check", self.town) and model.guards_hold("check") and said not in self.town.typists
        )
        seen = world.fresh(letter)
        try:
            with transaction.atomic():
                actions.check_text(
                    letter=seen, by=self.people[who], seen_text=seen.typed_version.text_hash, body_confirmed=True
                )
            happened = True
        except StepError:
            happened = False
        assert happened is expected, f"{who} confirms the text in {model.state}"
        if happened:
            self.town.texts.add(said)
            accepted["text confirmed", model.state] += 1

    def take(self, letter: Letter, model: Model, action: str, who: str) -> None:
        expected = (
            model.allowed(who, action, self.town)
            and model.state in WHERE_TO[action]
            and model.guards_hold(action)
            and not (action in ("sign", "pp") and model.signatory != self.town.allocated)
            # The same question once, while it waits for its answer.
            and not (action == "ask" and who in model.asked)
            and not (action == "answer" and not model.asked)
            # Whom it names is its worker's to say, with a check too.
            and not (action in CHECKS and model.waits_for_worker and not model.allowed(who, "name_others", self.town))
            # The same record once: the walk makes it in the same words each time.
            and not (action == "record_format" and model.content in model.made)
            # Once an evening.
            and not (action == "lock_in" and model.locked)
            # What could not be delivered by hand is never posted instead; what was signed on paper is never e-mailed.
            and not (action == "choose_way" and model.way_is_shut)
        )
        before = model.state
        seen = world.fresh(letter)
        try:
            with transaction.atomic():
                self.really(action, seen, model, self.people[who])
            happened = True
        except StepError:
            happened = False
        assert happened is expected, f"{who} {action} in {before}: {'happened' if happened else 'refused'}"
        (accepted if happened else refused)[action, before] += 1
        if happened:
            if action in CHECKS and model.waits_for_worker:
                accepted["name_others", before] += 1
            model.move(action, who, self.town)
            if action == "return_undelivered":
                self.spoil_address(letter.address_id)
                self.void_prepared(letter.address_id)

    def really(self, action: str, letter: Letter, model: Model, by: User) -> None:
        """Take the step, with entries that are right for this letter."""
        if action in ("type", "edit_after_check") and model.naming:
            first = "Thank you for meeting me" if action == "type" else "Thank you both for meeting me"
            named = " and ".join(person.name for person in self.addressees)
            words = world.typed(f"{first} with {named}.")
            actions.type_letter(letter=letter, by=by, seen=Seen.of(letter), typed=words, reason="A wrong date.")
        elif action in ("type", "edit_after_check") and model.writable:
            words = world.typed(f"In words of {action}.", salutation=f"Dear {letter.addressee.name}")
            actions.type_letter(letter=letter, by=by, seen=Seen.of(letter), typed=words, reason="A wrong date.")
        elif action in ("confirm_print", "void_print"):
            unsaid = letter.prints.filter(came_out=None, version_id=letter.current_id).order_by("-pk").first()
            getattr(actions, action)(letter=letter, by=by, seen=Seen.of(letter), printed=unsaid or Print())
        elif action == "choose_way":
            chosen = {"way": model.next_way, "sensitive": False, "reason": "They asked for it."}
            actions.choose_way(letter=letter, by=by, seen=Seen.of(letter), **chosen)
        elif action in CHECKS and model.together:  # its greeting fits one of the two, too
            confirmed = {"address_confirmed": True} | ({"body_confirmed": True} if action == "check" else {})
            getattr(actions, action)(letter=letter, by=by, seen=Seen.of(letter), found_belongs=True, **confirmed)
        elif action == "envelope" and model.braille:
            counted = {"sheets": sheets_to_count(letter), "things": [one["count"] for one in things_to_count(letter)]}
            actions.envelope(letter=letter, by=by, seen=Seen.of(letter), **counted, **dict.fromkeys(TICKS, True))
        elif action == "change_brief":  # the format is part of what is checked: it changes in a draft alone
            brief = {
                "due_kind": "post_by",
                "due_on": timezone.localdate(),
                "due_why": "Court on Friday.",
                "language": "",
            }
            actions.change_brief(
                letter=letter, by=by, seen=Seen.of(letter), letter_format=letter.letter_format, **brief
            )
        elif action == "answer":
            waiting = letter.questions.order_by("answered_at", "pk").filter(answered_at=None).first()
            actions.answer(
                letter=letter, by=by, question=waiting or letter.questions.first() or Question(), text="The new one."
            )
        elif action == "post" and letter.way == "registered_post":
            digits = f"{letter.pk:08d}"  # no two letters have one number
            number = f"RB{digits}{check_digit(digits)}GB"
            actions.post(
                letter=letter, by=by, seen=Seen.of(letter), **world.posting(letter) | {"tracking_number": number}
            )
        else:
            verb(action)(letter, by)

    def mail_moves(self, letter: Letter, model: Model, rng: Random) -> None:
        """The outbox carries the letter's e-mail to a server that answers as it likes, or a report of it comes back."""
        job = Job.objects.filter(kind=emailing.KIND, key=f"{letter.reference}:{world.fresh(letter).sends}").first()
        newest = world.fresh(letter).ledger_seq
        arrived = len(self.room.kept)
        if model.sending and model.state == "signed":
            assert job is not None
            answer = rng.choice([*ANSWERS, "up", "up"])
            self.room.mode, expected = answer, model.carried(answer)
            carry(job.pk, now=timezone.now() + dt.timedelta(days=model.tries))
            assert len(self.room.kept) - arrived == (answer in ARRIVES and "attempt" in expected)
        else:
            ids = [f"{job.pk.hex}@x.test"] if job else []
            can_come = bool(job) and model.state in WHERE_TO["bounce"]
            expected = ("bounce",) if can_come else ()
            assert bool(emailing.bounced(message_ids=ids, reason="It came back.")) is can_come
        taken = Entry.objects.filter(subject=letter.ledger_subject, seq__gt=newest).order_by("seq")
        assert tuple(taken.values_list("action", flat=True)) == expected
        for action in expected:
            accepted[action, model.state] += 1
            model.move(action, "", self.town)

    def spoil_address(self, address_id: int) -> None:
        """Every letter made for this address has lost it; a check or signature for it went by itself."""
        self.desk.address.refresh_from_db()
        for letter, model in self.letters:
            if letter.address_id == address_id:
                model.address_good = False

    def void_prepared(self, address_id: int) -> None:
        for letter, model in self.letters:
            if letter.address_id == address_id and model.state in ("worker_checked", "signed"):
                model.state = "typed"
                model.void()

    @rule(what=st.sampled_from(["address", "worker", "rota"]), seldom=st.integers(0, 5))
    def ground_moves(self, what: str, seldom: int) -> None:
        """The address comes into doubt, the case or the rota changes: seldom, or every letter would be stuck."""
        if seldom == 0:
            {"address": self.address_in_doubt, "worker": self.reallocate, "rota": self.rota_changes}[what]()

    def address_in_doubt(self) -> None:
        address = self.desk.address
        address.in_doubt, address.doubt_reason = True, "Somebody moved."
        address.save()
        hooks.address_changed(address)
        accepted["address in doubt", ""] += 1
        self.spoil_address(address.pk)
        self.void_prepared(address.pk)

    def reallocate(self) -> None:
        self.town.allocated = "other_worker" if self.town.allocated == "worker" else "worker"
        case = self.desk.case
        case.allocated_worker = self.people[self.town.allocated]
        case.save()
        hooks.worker_changed(case)
        self.town.texts.clear()
        accepted["reallocated", ""] += 1
        for _, model in self.letters:
            if model.state == "worker_checked":
                model.state = "typed"
                model.void()

    def rota_changes(self) -> None:
        other = {"duty": "other_worker", "other_worker": "duty"}
        leaves = next(iter(self.town.on_duty))
        self.people[leaves].duty_slots.all().delete()
        self.town.on_duty = {other[leaves]}
        world.put_on_duty(self.people[other[leaves]], self.desk.office, self.desk.manager)
        accepted["rota changed", ""] += 1

    @invariant()
    def model_and_letters_agree(self) -> None:
        """Also those that nobody touched; and what is out is in the register once, with whoever has it."""
        for letter, model in getattr(self, "letters", []):
            now = world.fresh(letter)
            assert now.state == model.state
            assert now.carried_by == self.people.get(model.out)
            trips = PapersOut.objects.filter(entered_by__startswith=f"{now.ledger_subject}/", state="out")
            # One that was withdrawn on its way is still to be brought back.
            assert model.state == "withdrawn" or [trip.holder for trip in trips] == [now.carried_by] * bool(model.out)

    def nothing_leaves_unproved(self, letter: Letter, model: Model) -> None:
        """What stands on the row agrees with the ledger, and a posted letter with every record behind it."""
        now = world.fresh(letter)
        last = Entry.objects.filter(subject=now.ledger_subject).order_by("-seq")[0]
        assert (last.seq, last.hash, last.to_state) == (now.ledger_seq, now.ledger_head, str(now.state))
        if now.state not in (State.POSTED, State.HANDED_OVER, State.EMAILED, State.UPLOADED, State.RETURNED):
            return
        assert (now.posted_on is None) is (now.way not in ("post", "registered_post"))
        assert (now.handed_on is None) is (now.way not in ("by_hand", "collected"))
        assert (now.emailed_on is None) is (now.way != "secure_email")
        check = Check.objects.get(letter=now, voided_at__isnull=True)
        signature = Signature.objects.get(letter=now, voided_at__isnull=True)
        assert check.version_id == signature.version_id == now.current_id
        assert check.version.content_hash == now.content_hash == now.checked_hash == now.signed_hash
        assert check.by_id != check.version.typed_by_id
        closed = Envelope.objects.filter(letter=now, reopened_at__isnull=True)
        if now.way == "secure_email":
            assert not closed.exists()
            assert (signature.medium, now.email) == ("screen", now.addressee.email)
            return
        envelope = closed.get()
        assert envelope.version_id == now.current_id
        assert envelope.by_id != signature.by_id


MAIL = ("attempt", "mark_sent", "mark_not_sent", "fail", "bounce")
LEGAL = {(a, s) for a in (*HUMAN, *MAIL) for s in WHERE_TO[a]} | {("hand_over", "")}


@pytest.mark.policy("OGP-0", "OGP-3a", "OGP-3b", "OGP-4b")
@pytest.mark.django_db
@pytest.mark.timeout(7200 if SOAK else 1200)
def test_walk(capsys: pytest.CaptureFixture[str], room: Mailroom):
    accepted.clear()
    refused.clear()
    examples = 0
    while sum(accepted.values()) < WANTED or (SOAK and not set(accepted) >= LEGAL):
        examples += 1
        assert examples < 400, f"never reached: {sorted(LEGAL - set(accepted))}"
        machine = type(f"Walk{examples}", (Walk,), {"room": room})  # its own name, so that each run is seeded otherwise
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=4,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    with capsys.disabled():
        print(f"\nwalk: {sum(accepted.values())} steps accepted, {sum(refused.values())} refused")
        for (action, state), count in sorted(accepted.items()):
            print(f"  {action:22} in {state or '-':15} {count:5}")
        print(f"  legal pairs reached: {len(LEGAL & set(accepted))} of {len(LEGAL)}")
