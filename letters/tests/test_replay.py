"""The ledger gives each letter's state and its facts; a row put right by hand, past its steps, is named."""

import pytest
from django.db import connection
from django.db.models import F

from letters import actions
from letters.models import Letter, LetterVersion
from letters.states import State
from postroom.ledger.triggers import drop_sql, expected
from postroom.ledger.verify import verify
from postroom.steps.engine import Seen
from tests.support import world

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-0")]


@pytest.fixture
def desk():
    return world.Desk(world.make_office("near", "Near"))


@pytest.fixture
def bare():
    """The triggers are gone, as after somebody with the database's password."""

    def lift():
        connection.check_constraints()
        with connection.cursor() as cursor:
            for trigger in expected(connection):
                cursor.execute(drop_sql(connection, trigger))

    return lift


def found():
    """What is said of letters; the world's cases were put there without their first step."""
    texts = [str(finding) for finding in verify().findings]
    return [text for text in texts if text.startswith("letter/")]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("by_pp", [False, True])
def test_each_state_replays(desk, state, by_pp):
    world.letter_in(desk, state, by_pp=by_pp)
    assert found() == []


def test_steps_back_replay(desk):
    letter = world.letter_in(desk, State.ENVELOPED)
    letter = actions.reopen(letter=letter, by=desk.admin, seen=Seen.of(letter), reason="Wrong enclosure.")
    letter = world.put_in_envelope(desk, letter)
    assert found() == []
    letter = actions.reopen(letter=letter, by=desk.admin, seen=Seen.of(letter), reason="Again.")
    actions.return_for_retyping(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="A word is wrong.")
    assert found() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "signed"}, "is in state 'signed', but its entries lead to 'posted'"),
        ({"version": 3}, "its row is at version 3, but its entries lead to"),
        ({"content_hash": "e" * 64}, "its row has another content hash than its newest step"),
        ({"checked_by": "manager"}, "somebody else checked it"),
        ({"signed_by": "manager"}, "somebody else signed it"),
        ({"initialled_by": "other_admin"}, "somebody else initialled it"),
        ({"posted_by": "other_admin"}, "somebody else posted it"),
        ({"authority": "On the duty rota"}, "another authority"),
        ({"posted_on": "2031-01-01"}, "it was posted on 2031-01-01, its entries on"),
        ({"tracking_number": "KW100000025GB"}, "another tracking number"),
        ({"way": "registered_post"}, "another way"),
        ({"sensitive": True}, "another mark"),
        ({"uploaded_at": "2031-01-01T10:00Z"}, "another time on the case record"),
        ({"ics_reference": "DOC-9"}, "another reference in ICS"),
    ],
)
def test_a_fact_on_the_row_changed_by_hand(desk, bare, change, said):
    there = {"state": State.ENVELOPED if "way" in change else State.POSTED}
    if {"tracking_number", "sensitive", "uploaded_at", "ics_reference"} & set(change):
        there = {"way": "registered_post", "state": State.UPLOADED}
    letter = world.letter_in(desk, **there)
    bare()
    ((column, value),) = change.items()
    extra = {}
    if column == "content_hash":  # constraints of the row itself would refuse the half of it
        extra = {"checked_hash": value, "signed_hash": value}
    if column.endswith("_by"):
        value = getattr(desk, value)
    Letter.objects.filter(pk=letter.pk).update(**{column: value}, **extra)
    assert any(said in text and text.startswith(letter.ledger_subject) for text in found()), found()


def test_a_letter_put_into_another_hand(desk, bare):
    letter = world.letter_in(desk, State.ENVELOPED, way="by_hand")
    letter = actions.take_out(letter=letter, by=desk.worker, seen=Seen.of(letter))
    assert found() == []
    bare()
    Letter.objects.filter(pk=letter.pk).update(carried_by=desk.duty)
    [said] = found()
    assert said.startswith(letter.ledger_subject)
    assert said.endswith("its row says that somebody else has it with them than its entries")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"emailed_on": "2031-01-01"}, "another day of sending"),
        ({"right_basis": "court"}, "another right to it"),
        ({"emailed_by": 1}, "another sender"),
        ({"sends": 4}, "another number of e-mails"),
    ],
)
def test_what_became_of_an_e_mail_changed_by_hand(desk, bare, change, said):
    letter = world.letter_in(desk, State.EMAILED)
    assert found() == []
    bare()
    change = {name: desk.duty if name == "emailed_by" else value for name, value in change.items()}
    Letter.objects.filter(pk=letter.pk).update(**change)
    assert any(said in text and text.startswith(letter.ledger_subject) for text in found()), found()


@pytest.mark.parametrize("column", ["content", "salt", "content_hash"])
def test_what_a_version_says_changed(desk, bare, column):
    letter = world.letter_in(desk, State.POSTED)
    bare()
    LetterVersion.objects.filter(letter=letter).update(**{column: "ab" * 16})
    assert f"{letter.ledger_subject}: version 1 does not say what it said (its hash does not match)" in found()


def test_a_version_slipped_in(desk, bare):
    letter = world.letter_in(desk, State.TYPED)
    bare()
    from letters.content import hash_of

    other = LetterVersion.objects.get(letter=letter)
    other.pk, other.number, other.content = None, 2, "{}"
    other.content_hash = hash_of("{}", other.salt)
    other.save(force_insert=True)
    assert found() == [f"{letter.ledger_subject}: version 2 has a hash that no entry knows"]


def test_nothing_is_found_where_nothing_was_done(desk):
    letter = world.letter_in(desk, State.UPLOADED)
    assert Letter.objects.filter(pk=letter.pk, ledger_seq__gt=0, version=F("version")).exists()
    assert found() == []
