"""Confidential addresses and names of other cases in a letter's words: found, and told to whoever types and checks."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters import actions
from letters.leaks import Kind, look_for
from letters.models import Letter
from letters.rendering.content import EnclosedItem
from letters.tests.work_help import desk, elsewhere, last_entry, seen, signed_in, url, words_of
from postroom.cases import actions as case_actions
from postroom.cases.models import Address, Case, CasePerson
from postroom.cases.names import address_traces, name_key, runs
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep
from postroom.uploads import Checked
from postroom.uploads import Kind as FileKind
from postroom.uploads.tests.samples import pdf
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.policy("OGP-3a", "CLS-5", "CLS-6")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ms Ada Sample", "ada sample"),
        ("Dr. Zoë O'Neill-Hart", "zoe oneill hart"),
        ("Mr José  NÚÑEZ", "jose nunez"),
        ("Mr and Mrs Sample", "and mrs sample"),
        ("Łukasz Wiśniewski", "łukasz wisniewski"),
        ("Ms", ""),
    ],
)
def test_the_key_of_a_name(name: str, key: str) -> None:
    assert name_key(name) == key


def test_runs_are_of_two_to_five_words() -> None:
    assert runs("One, two - three") == {"one two", "two three", "one two three"}
    assert runs("One") == set()


def test_a_street_without_a_number_gives_no_address_away() -> None:
    assert address_traces(["Flat 2", "77 Hidden Lane", "Secretwick", "NM9 7HH"]) == ["nm97hh", "flat2", "77hiddenlane"]


def child_of(desk: world.Desk) -> CasePerson:
    return desk.case.people.get(relationship="child")


def found(letter: Letter, text: str, user: object = None) -> list[Kind]:
    return [one.kind for one in look_for(letter, [text], user=user or letter.created_by)]  # type: ignore[arg-type]


def test_a_child_of_another_case_is_found_however_the_name_is_written(desk, elsewhere) -> None:
    letter = world.hand_over(desk)
    other = child_of(elsewhere).name
    first, last = other.split()
    for text in (f"We talked about {other}.", f"{first}\n{last}'s school", f"**{first.upper()}** *{last}*"):
        assert found(letter, text) == [Kind.NAME], text
    for text in (f"{first} is well.", "Nobody is named.", "", child_of(desk).name):
        assert found(letter, text) == [], text


def test_a_name_that_is_on_this_case_too_is_nobody_elses(desk, elsewhere) -> None:
    letter = world.hand_over(desk)
    CasePerson.objects.create(case=desk.case, relationship="relative", name=f"Mx {child_of(elsewhere).name}")
    assert found(letter, child_of(elsewhere).name) == []


def test_a_professional_of_another_case_is_no_question(desk, elsewhere) -> None:
    letter = world.hand_over(desk)
    teacher = elsewhere.case.people.get(relationship="professional")
    assert found(letter, f"Ask {teacher.name}.") == []


def test_a_restricted_case_does_not_show_itself_by_a_name(desk, elsewhere) -> None:
    letter = world.hand_over(desk)
    case = Case.objects.get(pk=elsewhere.case.pk)
    case_actions.restrict(
        case=case, named=[elsewhere.manager], by=elsewhere.manager, seen=Seen.of(case), reason="Own family."
    )
    assert found(letter, child_of(elsewhere).name, desk.admin) == []
    assert found(letter, child_of(elsewhere).name, elsewhere.manager) == [Kind.NAME]


def hide_an_address(desk: world.Desk) -> Address:
    """The child's placement, with a foster carer."""
    return Address.objects.create(
        person=child_of(desk),
        lines="77 Hidden Lane\nSECRETWICK\nNM9 7HH",
        source="ics",
        is_confidential=True,
        confidential_kind="carer",
    )


@pytest.mark.parametrize("body", ["She is at 77 Hidden Lane.", "77, hidden\nlane", "Come to NM97HH", "nm9 7hh"])
def test_a_confidential_address_in_the_text_stops_the_typing(desk, body: str) -> None:
    hide_an_address(desk)
    letter = world.hand_over(desk)
    with pytest.raises(InvalidStep) as refused:
        actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed(body=body))
    assert refused.value.field == "body"
    assert "Hidden" not in str(refused.value)
    typed = world.typed(subject=body)
    with pytest.raises(InvalidStep):
        actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=typed)


@pytest.mark.parametrize("purpose", ["enclosure", "document"])
def test_words_inside_a_file_that_goes_with_it_are_searched_too(desk, purpose: str) -> None:
    """An enclosed PDF, and a finished document that is the letter itself."""
    hide_an_address(desk)
    letter = world.hand_over(desk)
    for text, stops in (("Come to the family room", False), ("She lives at 77 Hidden Lane, SECRETWICK", True)):
        checked = Checked(FileKind.PDF, "application/pdf", pdf(1, text), pages=1)
        row = actions.add_file(letter=letter, by=desk.admin, purpose=purpose, checked=checked)
        item = EnclosedItem("Map", 1, "file", row.file_id, row.media_type)
        typed = world.typed(**({"enclosures": (item,)} if purpose == "enclosure" else {"document": row}))
        seen_now = Seen.of(world.fresh(letter))
        if not stops:
            letter = actions.type_letter(letter=letter, by=desk.admin, seen=seen_now, typed=typed)
            continue
        with pytest.raises(InvalidStep, match="confidential") as refused:
            actions.type_letter(letter=letter, by=desk.admin, seen=seen_now, typed=typed)
        assert "Hidden" not in str(refused.value)


def test_an_address_that_became_confidential_after_typing_stops_the_check(desk) -> None:
    letter = world.hand_over(desk)
    typed = world.typed(body="She is at 77 Hidden Lane.")
    letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=typed)
    hide_an_address(desk)
    with pytest.raises(InvalidStep, match="confidential"):
        actions.check(
            letter=letter,
            by=desk.worker,
            seen=Seen.of(letter),
            address_confirmed=True,
            body_confirmed=True,
            found_belongs=True,
        )


def test_the_pages_say_it_and_the_check_asks(desk, elsewhere) -> None:
    letter = world.hand_over(desk)
    other = child_of(elsewhere).name
    admin, worker = signed_in(desk.admin), signed_in(desk.worker)
    fields = {
        "address": desk.address.pk,
        "letter_date_day": "1",
        "letter_date_month": "12",
        "letter_date_year": "2026",
        "salutation": "Dear Ms Example",
        "body": f"We talked about {other}.",
        "sign_off": "Yours sincerely",
    }
    looked = admin.post(url("preview", letter), fields)
    assert f"{other} is named in the text" in words_of(looked)
    done = admin.post(url("type", letter), {**fields, **seen(letter), "version": "0", "finish": "1"})
    assert done.status_code == 302
    page = url("check", letter)
    assert f"{other} is named in the text" in words_of(worker.get(page))
    both = {"address_confirmed": "on", "body_confirmed": "on", **seen(letter)}
    refused = worker.post(page, both)
    assert refused.status_code == 200
    assert "Look at what was found" in words_of(refused)
    assert world.fresh(letter).state == "typed"
    assert worker.post(page, {**both, "found_belongs": "on"}).status_code == 302
    assert world.fresh(letter).state == "worker_checked"
    assert '"found_belongs":1' in last_entry(letter).payload


def test_a_check_without_findings_asks_nothing_more(desk) -> None:
    letter = world.letter_in(desk, "typed")
    assert "I looked at what was found" not in words_of(signed_in(desk.worker).get(url("check", letter)))


def test_long_texts_take_as_few_queries_as_short_ones(desk) -> None:
    letter = world.hand_over(desk)
    counts = []
    for text in ("two words", "many different words " * 400):
        with CaptureQueriesContext(connection) as captured:
            look_for(letter, [text], user=desk.admin)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 6
