"""A confidential address is looked for on every page, by each person who may not see it: it is never there (CLS-5)."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from letters import actions as letter_actions
from letters.models import Letter, Opening, Registered
from letters.states import State
from postroom.cases import actions
from postroom.cases.actions import AddressMarks
from postroom.cases.models import Address, Case
from postroom.files.store import store
from postroom.ledger.models import Entry, Reading, Reason
from postroom.outbox.models import Job
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.uploads import Checked, Kind
from tests.access.hunting import tells, walk, words_on
from tests.support import world
from tests.support.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-5")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SECRETS = ["77 Hidden Lane", "Secretwick", "NM9 7HH"]
WIDE = (
    Role.SAFEGUARDING,
    Role.DISTRICT_ADMIN_MANAGER,
    Role.INFORMATION_GOVERNANCE,
    Role.ASSISTANT_DIRECTOR,
    Role.CALDICOTT_GUARDIAN,
    Role.SYSTEM_ADMINISTRATOR,
)


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    return client


def hidden_letter(desk: Desk, state: State) -> Letter:
    """A letter to a foster carer at a confidential address, brought to `state`."""
    case = Case.objects.get(pk=desk.case.pk)
    case = actions.add_address(
        case=case,
        person=desk.parent,
        lines="\n".join(["77 Hidden Lane", "SECRETWICK", "NM9 7HH"]),
        source="person",
        by=desk.worker,
        seen=Seen.of(case),
        replaces=desk.address,
    )
    where = Address.objects.get(person=desk.parent, retired_at__isnull=True)
    marks = AddressMarks(area="in", confidential_kind="carer", confidential_why="Threats.")
    case = actions.mark_address(case=case, address=where, marks=marks, by=desk.worker, seen=Seen.of(case))
    actions.verify_address(case=case, address=where, source="visit", by=desk.worker, seen=Seen.of(case), area="in")
    desk.address = Address.objects.get(pk=where.pk)
    desk.parent.refresh_from_db()
    desk.case.refresh_from_db()
    return world.letter_in(desk, state)


def given_of(desk: Desk, letter: Letter) -> dict[str, list[Any]]:
    """What pages take, as it is in this world."""
    return {
        "reference": [letter.reference, desk.case.reference],
        "case_reference": [desk.case.reference],
        "address_id": [desk.address.pk],
        "person_id": [desk.parent.pk],
        "code": [desk.office.code],
        "slug": ["dl", "check", "type", "upload"],
        "number": [1],
        "page": [1],
    }


@pytest.fixture
def desk() -> Desk:
    return Desk(world.make_office("near", "Nearby"))


def may_not_see(desk: Desk, state: State) -> dict[str, User]:
    """Everybody but those who must use it: decision 0031."""
    far = Desk(world.make_office("far", "Off"))
    people = {"colleague": desk.other_worker, "far.worker": far.worker, "far.admin": far.admin, "far.tm": far.manager}
    people |= {role: world.make_user(f"Whole {role}", None, role) for role in WIDE}
    if state == State.UPLOADED:
        people |= {"duty": desk.duty, "ap": desk.ap, "admin": desk.admin, "other_admin": desk.other_admin}
    return people


@pytest.mark.parametrize("most", [1, pytest.param(99, marks=pytest.mark.soak)])
def test_it_is_on_no_page_for_anybody_who_may_not_see_it(desk: Desk, most: int) -> None:
    """Every page for each of them is a minute's work: `make test` takes one, drawn by a fixed seed."""
    letter = hidden_letter(desk, State.UPLOADED)
    for role in (Role.DISTRICT_ADMIN_MANAGER, Role.INFORMATION_GOVERNANCE):
        Opening.objects.create(letter=letter, role=role, opened_by="test/1")
    given = given_of(desk, letter)
    people = sorted(may_not_see(desk, State.UPLOADED).items(), key=lambda pair: pair[0])
    drawn = random.Random(20).sample(people, min(most, len(people)))
    wrong = {who: walk(signed_in(user), given, SECRETS) for who, user in drawn}
    assert {who: told for who, told in wrong.items() if told} == {}


@pytest.mark.soak
def test_nor_while_the_letter_waits_for_its_check(desk: Desk) -> None:
    letter = hidden_letter(desk, State.TYPED)
    given = given_of(desk, letter)
    wrong = {who: walk(signed_in(user), given, SECRETS) for who, user in may_not_see(desk, State.TYPED).items()}
    assert {who: told for who, told in wrong.items() if told} == {}


def test_the_hunt_finds_it_with_those_who_must_use_it_and_their_looks_are_on_record(desk: Desk) -> None:
    """So that the hunt above can fail; and each look is a reading of the address (CLS-1)."""
    letter = hidden_letter(desk, State.TYPED)
    given = given_of(desk, letter)
    for user in (desk.worker, desk.admin, desk.duty, desk.ap, desk.manager):
        before = Reading.objects.filter(subject=f"address/{desk.address.pk}", reader_id=user.pk).count()
        page = signed_in(user).get(reverse("letters:letter", args=[letter.reference]))
        assert tells(words_on(page), SECRETS) == SECRETS
        assert Reading.objects.filter(subject=f"address/{desk.address.pk}", reader_id=user.pk).count() == before + 1
    told = walk(signed_in(desk.worker), given, SECRETS)
    assert any("letters:pdf" in line for line in told)
    assert any("case_address_look" in line for line in told)
    # On the case's own page nobody sees it without a click that is on record.
    assert not any(line.startswith("case (") for line in told)


def test_it_is_in_no_ledger_job_reason_or_e_mail(desk: Desk) -> None:
    letter = hidden_letter(desk, State.UPLOADED)
    kept = [json.dumps([row.payload, row.actor_name, row.subject]) for row in Entry.objects.all()]
    kept += [row.text for row in Reason.objects.all()]
    kept += [json.dumps([job.kind, job.key, job.subject, job.payload]) for job in Job.objects.all()]
    kept += [f"{message.subject} {message.body}" for message in mail.outbox]
    assert Job.objects.exists()
    assert letter.reference in "".join(kept)
    assert tells("\n".join(kept), SECRETS) == []


def test_a_form_that_is_refused_does_not_say_it(desk: Desk) -> None:
    """Error pages: admin, who may not see the address once the letter is done, posts every form of it empty."""
    letter = hidden_letter(desk, State.UPLOADED)
    client = signed_in(desk.admin)
    from tests.access.hunting import every_path

    for name, path in every_path(given_of(desk, letter)):
        if name.startswith(("case", "letters:")):
            assert tells(words_on(client.post(path, {"lines": "x", "words": "hidden"})), SECRETS) == [], name


def test_admin_is_not_offered_another_confidential_address_of_the_addressee(desk: Desk) -> None:
    letter = world.hand_over(desk)
    case = Case.objects.get(pk=desk.case.pk)
    case = actions.add_address(
        case=case,
        person=desk.parent,
        lines="\n".join(["77 Hidden Lane", "SECRETWICK", "NM9 7HH"]),
        source="person",
        confidential_kind="refuge",
        by=desk.admin,
        seen=Seen.of(case),
    )
    where = Address.objects.get(person=desk.parent, is_confidential=True)
    actions.verify_address(case=case, address=where, source="visit", by=desk.worker, seen=Seen.of(case), area="in")
    path = reverse("letters:type", args=[letter.reference])
    page = words_on(signed_in(desk.admin).get(path))
    assert tells(page, SECRETS) == []
    chosen = letter_actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed())
    assert chosen.address_id == desk.address.pk


@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("most", [1, pytest.param(5, marks=pytest.mark.soak)])
def test_a_restricted_case_is_on_no_page_of_anybody_not_named(desk: Desk, most: int) -> None:
    """Staff's own family, say: not in lists, counts, search, notices, pages or refusals."""
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    case = Case.objects.get(pk=desk.case.pk)
    actions.restrict(case=case, named=[desk.manager], by=desk.manager, seen=Seen.of(case), reason="Own family.")
    child = desk.case.people.get(relationship="child")
    secrets = [letter.reference, desk.case.reference, child.name, desk.parent.name, desk.address.line_list[0]]
    # What is asked for isn't told: the references in the address of the page itself aren't looked for there.
    given = {**given_of(desk, letter), "reference": ["none"], "case_reference": ["none"]}
    for user in (desk.admin, desk.duty, desk.ap, desk.deputy, desk.other_worker)[:most]:
        client = signed_in(user)
        assert walk(client, given, secrets) == []
        assert client.get(reverse("letters:letter", args=[letter.reference])).status_code == 404
        assert client.get(reverse("case", args=[desk.case.reference])).status_code == 404
        found = client.post(reverse("letters:find"), {"reference": letter.reference})
        assert found.status_code == 200
        assert tells(words_on(found), [child.name, desk.parent.name]) == []
        found = client.post(reverse("cases"), {"words": child.ics_number})
        assert found.status_code == 200
    told = walk(signed_in(desk.worker), {**given, "reference": [letter.reference]}, secrets)
    assert any(line.startswith("letters:letter") for line in told)


def test_two_parents_who_must_not_know_of_each_other_learn_nothing_from_each_others_letters(desk: Desk) -> None:
    """Neither's letter, its PDF and metadata, nor the e-mails and jobs it leaves, says where the other lives."""
    from letters.content import pdf_of
    from postroom.cases.actions import PersonDetails
    from postroom.steps.errors import InvalidStep

    case = Case.objects.get(pk=desk.case.pk)
    father_details = PersonDetails(relationship="parent", name="Mr Theo Apart", salutation="Mr Apart")
    case = actions.add_person(case=case, details=father_details, by=desk.worker, seen=Seen.of(case))
    father = case.people.get(name="Mr Theo Apart")
    case = actions.add_address(
        case=case,
        person=father,
        lines="8 Elsewhere Row\nFARTOWN\nZE1 0AA",
        source="person",
        by=desk.worker,
        seen=Seen.of(case),
    )
    fathers = father.addresses.get()
    case = actions.verify_address(
        case=case, address=fathers, source="visit", by=desk.worker, seen=Seen.of(case), area="out"
    )
    case = actions.keep_apart(
        case=case, one=desk.parent, other=father, by=desk.worker, seen=Seen.of(case), reason="Court order."
    )
    fathers.refresh_from_db()
    desk.case = case
    mothers = desk.address
    to_mother = world.hand_over(desk)
    for body in ("He lives at 8 Elsewhere Row now.", "Write to ZE1  0AA.", "8, elsewhere row"):
        with pytest.raises(InvalidStep, match="must not know"):
            letter_actions.type_letter(
                letter=to_mother, by=desk.admin, seen=Seen.of(to_mother), typed=world.typed(body=body)
            )
    to_mother = letter_actions.type_letter(
        letter=to_mother, by=desk.admin, seen=Seen.of(to_mother), typed=world.typed()
    )
    to_father = letter_actions.hand_over(
        case=case, addressee=father, address=fathers, by=desk.worker, draft_text="Please type."
    )
    to_father = letter_actions.type_letter(
        letter=to_father, by=desk.admin, seen=Seen.of(to_father), typed=world.typed(salutation="Dear Mr Apart")
    )
    for letter, secrets, own in (
        (to_mother, [*fathers.line_list, father.name], mothers.line_list),
        (to_father, [mothers.line_list[0], desk.parent.name], fathers.line_list),
    ):
        version = letter.typed_version
        pages = [reverse("letters:pdf", args=[letter.reference, 1]), reverse("letters:letter", args=[letter.reference])]
        said = "\n".join(words_on(signed_in(desk.worker).get(path)) for path in pages)
        assert tells(said, secrets) == []
        assert tells(said, own) == own
        assert pdf_of(version).startswith(b"%PDF")
    rest = [json.dumps([job.key, job.subject, job.payload]) for job in Job.objects.all()]
    rest += [f"{message.subject} {message.body}" for message in mail.outbox]
    assert tells("\n".join(rest), [*fathers.line_list, mothers.line_list[0], father.name, desk.parent.name]) == []


def test_words_files_and_the_place_of_a_hand_over_do_not_say_it(desk: Desk) -> None:
    """Who reads the letter but isn't shown where it goes reads it nowhere: not in its text, not where it was handed
    over, and opens no draft. Who must use it does."""
    hidden_letter(desk, State.DRAFTED)
    letter = letter_actions.hand_over(
        case=desk.case, addressee=desk.parent, address=desk.address, by=desk.worker, way="by_hand",
        draft_text="We come to 77, hidden lane.", sources=[Checked(Kind.PDF, "application/pdf", world.A_PDF, pages=1)],
    )  # fmt: skip
    pages = [reverse(f"letters:{name}", args=[letter.reference]) for name in ("letter", "history")]
    draft = reverse("letters:source", args=[letter.reference, 1])

    def said_to(user: User) -> list[str]:
        return tells("\n".join(words_on(signed_in(user).get(path)) for path in pages), SECRETS[:1])

    def both(may_not: User) -> None:
        assert said_to(may_not) == []
        assert signed_in(may_not).get(draft).status_code == 403
        assert said_to(desk.worker) == SECRETS[:1]
        assert signed_in(desk.worker).get(draft).status_code == 200

    both(desk.ap)
    typed = world.typed("We come to 77 Hidden Lane.")
    letter = letter_actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=typed)
    for step in (world._check, world._sign, world._envelope):
        letter = step(desk, letter)
    letter = letter_actions.take_out(letter=letter, by=desk.worker, seen=Seen.of(letter))
    how = {**world.in_person(), "place": "At the door of 77 Hidden Lane"}
    letter = letter_actions.hand_deliver(letter=letter, by=desk.worker, seen=Seen.of(letter), **how)
    letter = world._upload(desk, letter)
    both(desk.admin)
    assert "confidential address" in words_on(signed_in(desk.admin).get(pages[0]))


def test_a_posting_receipt_is_not_opened_by_who_may_not_see_where_it_went(desk: Desk) -> None:
    letter = hidden_letter(desk, State.DRAFTED)
    letter_actions.withdraw(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="Registered instead.")
    letter = world.letter_in(desk, State.UPLOADED, way="registered_post")
    Registered.objects.filter(letter=letter).update(receipt=store(world.A_PDF, "application/pdf"))
    path = reverse("letters:receipt", args=[letter.reference])
    for user, may in ((desk.worker, True), (desk.manager, True), (desk.admin, False), (desk.ap, False)):
        page = words_on(signed_in(user).get(reverse("letters:letter", args=[letter.reference])))
        assert (path in page, signed_in(user).get(path).status_code) == (may, 200 if may else 403), user.name
