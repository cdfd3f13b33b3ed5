"""What was prepared for a recipient is void when they, their address or what may be shown of the case changes (CLS-5,
CLS-6): by the case's own verbs, where each copy stands, on hold with its worker told, never lost and never gone out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from distribution import actions
from distribution.actions.issuing import issue
from distribution.models import EmailPassword, Item
from distribution.replay import check_item
from distribution.tests.world import Conference, fresh, taken_in
from letters.actions.common import hold_case
from letters.routes import Channel
from letters.tests.desk_help import signed_in
from postroom.cases import actions as cases
from postroom.cases.actions.marking import AddressMarks, keep_apart, mark_address, mark_person
from postroom.cases.actions.persons import PersonDetails, change_person, take_off
from postroom.cases.ics import taking
from postroom.cases.models import Address, Case, CasePerson
from postroom.ledger.models import Entry, Reason
from postroom.outbox.models import Job
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, StepError
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-5", "CLS-6", "OGP-8")]
PLACES = ("prepared, approved", "released by post", "released by post, in envelope", "released by hand",
          "released by e-mail")  # fmt: skip
Change = Callable[[Conference, Item], object]


@pytest.fixture
def conference() -> Conference:
    return Conference(world.Desk(world.make_office("riv", "Riverside")))


def on_case(conference: Conference) -> dict[str, object]:
    case = Case.objects.get(pk=conference.desk.case.pk)
    return {"case": case, "by": conference.desk.worker, "seen": Seen.of(case)}


def details(person: CasePerson, **over: object) -> PersonDetails:
    return replace(PersonDetails(**{n: getattr(person, n) for n in PersonDetails.__dataclass_fields__}), **over)


def another(conference: Conference, item: Item, **over: object) -> None:
    person = CasePerson.objects.get(pk=item.person_id)
    change_person(person=person, details=details(person, **over), **on_case(conference))


def address(item: Item) -> Address:
    return Address.objects.get(person_id=item.person_id, retired_at=None)


def doubted(conference: Conference, item: Item) -> None:
    cases.doubt_address(address=address(item), reason="They moved.", **on_case(conference))


def retired(conference: Conference, item: Item) -> None:
    cases.retire_address(address=address(item), **on_case(conference))


def back_in_area(conference: Conference, item: Item) -> None:
    marks = replace(AddressMarks.of(address(item)), area="in")
    mark_address(address=address(item), marks=marks, reason="A slip.", **on_case(conference))


def unsafe(conference: Conference, item: Item) -> None:
    person = CasePerson.objects.get(pk=item.person_id)
    mark_person(person=person, safe_to_post=False, why="Post is opened there.", **on_case(conference))


def apart(conference: Conference, item: Item) -> None:
    other = conference.child if item.person_id != conference.child.pk else conference.parent
    keep_apart(one=item.person, other=other, reason="A court order.", **on_case(conference))


def off(conference: Conference, item: Item) -> None:
    take_off(person=item.person, **on_case(conference))


POSTED = {"prepared, approved", "released by post", "released by post, in envelope"}
ALL = set(PLACES)
# Each change, and where it voids what was prepared; elsewhere the copy goes on as it was.
CHANGES: dict[str, tuple[Change, set[str]]] = {
    "address in doubt": (doubted, POSTED),
    "address retired": (retired, POSTED),
    "no longer out of area": (back_in_area, POSTED),
    "post is not safe": (unsafe, POSTED),
    "no fixed abode": (partial(another, no_fixed_abode=True), POSTED),
    "another name": (partial(another, name="Mrs Somebody Else"), ALL),
    "another organisation": (partial(another, organisation="Another School"), {"released by e-mail"}),
    "another e-mail": (partial(another, email="new@invented-school.example"), {"released by e-mail"}),
    "another mobile": (partial(another, mobile="+447700900999"), set()),
    "must not know": (apart, ALL),
    "off the case": (off, ALL),
}
# What has no meaning there: somebody's address where they have none, a professional's mailbox for family.
NO_SENSE = {("released by e-mail", each) for each in ("address in doubt", "address retired", "no longer out of area",
                                                     "no fixed abode")}  # fmt: skip
NO_SENSE |= {("released by hand", "no longer out of area")}
NO_SENSE |= {
    (place, each)
    for place in PLACES if place != "released by e-mail"
    for each in ("another organisation", "another e-mail", "another mobile")
}  # fmt: skip
PAIRS = [(place, change) for place in PLACES for change in CHANGES if (place, change) not in NO_SENSE]
SAMPLE = {("released by post, in envelope", "address in doubt"), ("released by e-mail", "off the case"),
          ("released by e-mail", "another organisation"), ("released by hand", "another name"),
          ("released by hand", "address in doubt"), ("prepared, approved", "no fixed abode")}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "change"),
    [pytest.param(*pair, marks=() if pair in SAMPLE else pytest.mark.soak) for pair in PAIRS],
)
def test_what_was_prepared_is_void(conference: Conference, place: str, change: str) -> None:
    item = conference.in_state(place)
    Job.objects.all().delete()
    make, voids = CHANGES[change]
    make(conference, item)
    now = fresh(item)
    told = Job.objects.filter(key__startswith="item_held").exists()
    if place not in voids:
        assert (now.state, now.version, told) == (item.state, item.version, False)
        return
    ready = place.startswith("released")
    assert (now.state, told) == ("held" if ready else "prepared", ready)
    gone = (now.right_by_id, now.released_by_id, now.approved_by_id, now.initialled_by_id, now.version_hash, now.email)
    assert gone == (None, None, None, None, "", "")
    newest = Entry.objects.filter(subject=item.ledger_subject).latest("seq")
    assert newest.action == ("hold" if ready else "ask_again")


def shown(conference: Conference, text: str) -> list[Item]:
    """Minutes that say this, ready to go to the other parent, the child and the teacher."""
    made = issue(
        case=conference.desk.case, document="minutes", meeting_on=world.timezone.localdate(),
        recipients=[conference.parent, conference.child, conference.teacher], file=taken_in(text),
        by=conference.safeguarding,
    )  # fmt: skip
    return [conference.ready(item) for item in made.items.order_by("pk")]


@pytest.mark.parametrize("entered", ["marked", "entered anew"])
@pytest.mark.parametrize("tells", [True, False])
def test_an_address_that_becomes_confidential_stops_what_shows_it(
    conference: Conference, tells: bool, entered: str
) -> None:
    """It was right to release them, and isn't any more. Not its resident's own copy; and no reason says where."""
    where, lines = conference.parent.addresses.get(), ""
    if entered == "entered anew":
        lines = "5 Secret Mews\nNORTHMERE\nNM4 9QQ"
    line = lines.split("\n")[0] if lines else where.line_list[0]
    items = shown(conference, f"They live at {line}, said the police." if tells else "Nothing of that.")
    if lines:
        cases.add_address(
            person=conference.parent, lines=lines, source="ics", confidential_kind="refuge", **on_case(conference)
        )
    else:
        marks = replace(AddressMarks.of(where), area="in", confidential_kind="refuge", confidential_why="Threats.")
        mark_address(address=where, marks=marks, **on_case(conference))
    for item in items:
        now = fresh(item)
        theirs = item.person_id == conference.parent.pk
        assert now.state == ("held" if tells and not theirs else "released")
        said = " ".join(Reason.objects.filter(subject=item.ledger_subject).values_list("text", flat=True))
        assert line not in said
    if tells:
        held = fresh(items[2])
        again = actions.prepare_again(
            item=held, by=conference.desk.worker, seen=Seen.of(held), reason="Let me see it once more."
        )
        with pytest.raises(StepError, match="confidential"):
            conference.ready(again, Channel.SECURE_EMAIL)


def test_the_version_is_looked_through_while_the_case_is_held(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else an address marked confidential between the look and the release would go out with it."""
    item, order = conference.ready(conference.item("minutes", conference.away), Channel.REGISTERED_POST), []
    item = actions.prepare_again(item=item, by=conference.desk.worker, seen=Seen.of(item), reason="Read it once more.")
    item = actions.choose_route(item=item, by=conference.desk.worker, seen=Seen.of(item), channel=Channel.BY_HAND)
    item = actions.confirm_right(item=item, by=conference.desk.worker, seen=Seen.of(item), basis="parental")

    def look(*args: object, **kwargs: object) -> bool:
        order.append("look")
        return False

    def hold(case_id: int) -> Case:
        order.append("hold")
        return hold_case(case_id)

    for module in (actions.common, actions.preparing):
        monkeypatch.setattr(module, "hold_case", hold, raising=False)
    monkeypatch.setattr(actions.preparing, "gives_away_address", look)
    actions.release(item=item, by=conference.desk.worker, seen=Seen.of(item), version_confirmed=True)
    assert order[:2] == ["hold", "look"]


@pytest.mark.parametrize(
    "text",
    ["She is at {0} now.", "Post to {1} please.", "{0[0]}-{0}\n", "Lives at\n{0}"],
    ids=["street", "postcode", "punctuated", "broken"],
)
def test_who_must_not_know_is_not_shown_where_the_other_lives(conference: Conference, text: str) -> None:
    """The child's copy may say it. Nothing here is confidential; the two parents are kept apart."""
    theirs = conference.parent.addresses.get()
    items = {
        person: conference.item_saying(text.format(theirs.line_list[0], theirs.line_list[-1]), person)
        for person in (conference.away, conference.parent, conference.child)
    }
    keep_apart(one=conference.parent, other=conference.away, reason="A court order.", **on_case(conference))
    with pytest.raises(StepError, match="must not know"):
        conference.ready(items[conference.away])
    for person in (conference.parent, conference.child):
        assert conference.ready(items[person]).state == "released"


@pytest.mark.policy("CLS-6")
def test_nobody_off_the_case_is_given_the_password_of_what_was_e_mailed(conference: Conference) -> None:
    """The file alone tells them nothing. A team manager sets them aside, and the password goes."""
    item, worker = conference.in_state("sent by e-mail"), conference.desk.worker
    take_off(person=conference.teacher, **on_case(conference))
    item = fresh(item)
    for give in (partial(actions.give_password, recipient_known=True), actions.text_password):
        with pytest.raises(GuardFailed, match="not on the case any more, so they get no password"):
            give(item=item, by=worker, seen=Seen.of(item))
    page = reverse("distribution:item", args=[item.reference])
    assert "they are off the case and get no password" in signed_in(worker).get(page).content.decode()
    aside = actions.set_aside(item=item, by=conference.desk.manager, seen=Seen.of(item), reason="Left the school.")
    assert (aside.state, EmailPassword.objects.get(item=item).sealed) == ("set_aside", "")
    entries = [entry.values() for entry in Entry.objects.filter(subject=item.ledger_subject).order_by("seq")]
    assert check_item(aside, entries) == ""


def from_ics(conference: Conference, **over: str) -> list[str]:
    """The teacher's row of a file from ICS, taken over; what was said of rows that were refused."""
    row = {"person": "P9", "relationship": "professional", "name": conference.teacher.name,
           "organisation": conference.teacher.organisation, "email": conference.teacher.email} | over  # fmt: skip
    row |= {"case": "F77", "office": conference.desk.office.code}
    data = f"{','.join(row)}\n{','.join(row.values())}\n".encode()
    made = taking.upload(data=data, as_of=timezone.localdate(), by=conference.desk.admin)
    taking.read_batch(made, 0)
    made.refresh_from_db()
    taking.start(made=made, by=conference.desk.admin)
    taking.take_batch(made, 0)
    return list(made.lines.filter(kind="refused").values_list("words", flat=True))


def test_what_ics_says_of_a_recipient_is_heard_as_what_people_enter(conference: Conference) -> None:
    """Another e-mail address stops what is ready to go there; who was sent minutes as a professional stays one."""
    Case.objects.filter(pk=conference.desk.case.pk).update(ics_reference="F77")
    CasePerson.objects.filter(pk=conference.teacher.pk).update(ics_id="P9")
    sent, ready = conference.in_state("sent by e-mail"), conference.in_state("released by e-mail")
    assert from_ics(conference) == []
    assert fresh(ready).state == "released"
    assert from_ics(conference, email="new@invented-school.example") == []
    assert (fresh(ready).state, fresh(sent).state) == ("held", "sent")
    (words,) = from_ics(conference, email="", relationship="parent")
    assert "sent a report or minutes as what they are here" in words
