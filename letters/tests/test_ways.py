"""The ways of a letter: asked of the routes at every outward step, and refused by the database whatever a row says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from letters import actions
from letters.actions.posting import judge_number, notes_text
from letters.models import Handing, Letter, OfficePost, Registered
from letters.routes import Recipient
from letters.states import State
from letters.tests.desk_help import date_parts, seen, signed_in, url
from letters.ways import Keeping, Way, is_kept, route_of_letter
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, StepError
from tests.support import world


@pytest.fixture
def desk(db: None) -> world.Desk:
    return world.Desk(world.make_office("riv", "Riverside"))


# --- pure ---------------------------------------------------------------------------------------------------------


@pytest.mark.policy("CLS-6")
@pytest.mark.parametrize("recipient", list(Recipient))
def test_which_way_is_open(recipient: Recipient) -> None:
    """By hand from clauses.md: every way, e-mail where it is on; sensitive ones registered or by the worker's hand."""
    for way in Way:
        assert route_of_letter(way, recipient, sensitive=False).is_open() is (way != "secure_email")
        assert route_of_letter(way, recipient, sensitive=False, by_email=True).is_open()
        assert not route_of_letter(Way.SECURE_EMAIL, recipient, sensitive=True, by_email=True).is_open()
        sensitive = route_of_letter(way, recipient, sensitive=True)
        assert sensitive.is_open() is (way in ("registered_post", "by_hand")), way
        if not sensitive.is_open():
            assert "registered post" in sensitive.sentence
            assert "by hand, carried by the social worker" in sensitive.sentence


@pytest.mark.policy("CLS-6")
def test_what_an_office_holds() -> None:
    held = {(keeping, family, marked): is_kept(keeping, family=family, marked=marked)
            for keeping in Keeping for family in (True, False) for marked in (True, False)}  # fmt: skip
    for (keeping, family, marked), kept in held.items():
        assert kept is (marked or keeping == "all" or (keeping == "family" and family))


# --- steps --------------------------------------------------------------------------------------------------------


@pytest.mark.policy("CLS-6")
def test_a_sensitive_letter_is_never_handed_over_for_the_post(desk: world.Desk) -> None:
    for way in ("post", "collected"):
        with pytest.raises(InvalidStep, match=r"marked sensitive.*registered post") as error, transaction.atomic():
            world.hand_over(desk, way=way, sensitive=True)
        assert error.value.field == "way"
    assert world.hand_over(desk, way="by_hand", sensitive=True).sensitive


@pytest.mark.policy("CLS-6")
def test_the_office_s_rule_stops_a_letter_at_each_outward_step(desk: world.Desk) -> None:
    """It was chosen while it was allowed; the rule came afterwards."""
    signed = world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED))
    enveloped = world.letter_in(desk, State.ENVELOPED)
    collected = world.letter_in(desk, State.ENVELOPED, way="collected")
    by_hand = world.letter_in(desk, State.ENVELOPED, way="by_hand")
    OfficePost.objects.filter(office=desk.office).update(keeping="family")
    by_hand = taken_out(desk, by_hand)
    for verb in (
        lambda: world.put_in_envelope(desk, signed),
        lambda: actions.post(letter=enveloped, by=desk.admin, seen=Seen.of(enveloped), **world.posting(enveloped)),
        lambda: actions.give_at_reception(
            letter=collected, by=desk.admin, seen=Seen.of(collected), **world.in_person()
        ),
    ):
        with pytest.raises(GuardFailed) as error, transaction.atomic():
            verb()
        assert error.value.guard == "route_open"
    done = actions.hand_deliver(letter=by_hand, by=desk.worker, seen=Seen.of(by_hand), **world.in_person())
    assert done.state == State.HANDED_OVER


@pytest.mark.policy("OGP-6")
@pytest.mark.parametrize(
    ("way", "begins"),
    [("post", "Posted {}. Second class. "),
     ("registered_post", "Posted {}. Special Delivery Guaranteed by 1 pm, RB473"),
     ("by_hand", "Handed over {} by hand. "), ("collected", "Handed over {} at reception. ")],
)  # fmt: skip
def test_the_notes_begin_with_the_day_it_went(desk: world.Desk, way: str, begins: str) -> None:
    gone = State.POSTED if way in ("post", "registered_post") else State.HANDED_OVER
    letter = world.letter_in(desk, gone, way=way)
    today = timezone.localdate()
    assert notes_text(letter).startswith(begins.format(f"{today.day} {today:%B %Y}"))
    assert desk.parent.name not in notes_text(letter)


@pytest.mark.policy("OGP-8", "CLS-6")
@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"tracking_number": ""}, "tracking_number"),
        ({"tracking_number": "SF876543217GB"}, "tracking_number"),
        ({"tracking_number": "RB473124829FR"}, "tracking_number"),
        ({"tracking_number": "", "number_reason": "The receipt has none."}, "tracking_number"),
        ({"receipt_in_hand": False}, "receipt_in_hand"),
        ({"post_class": "second"}, "post_class"),
    ],
)
def test_registered_post_needs_its_number_and_receipt(desk: world.Desk, over: dict[str, Any], field: str) -> None:
    letter = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    with pytest.raises(InvalidStep) as error:
        actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), **{**world.posting(letter), **over})
    assert error.value.field == field
    assert not Registered.objects.exists()


@pytest.mark.policy("OGP-8")
def test_another_form_of_number_needs_a_reason_and_the_proof_is_chased(desk: world.Desk) -> None:
    letter = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    other = {"tracking_number": "cq 1234 567", "number_reason": "Courier stood in during the strike."}
    letter = actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), **{**world.posting(letter), **other})
    assert (letter.tracking_number, letter.proof_owed) == ("CQ1234567", True)
    page = reverse("letters:queue", args=["proof"])
    assert letter.reference in signed_in(desk.admin).get(page).content.decode()
    now = timezone.now()
    with pytest.raises(InvalidStep, match="before it was posted"):
        actions.confirm_delivery(
            letter=letter, by=desk.admin, seen=Seen.of(letter), delivered_at=now - dt.timedelta(days=3),
            printed_name="P EXAMPLE",
        )  # fmt: skip
    letter = actions.confirm_delivery(
        letter=letter, by=desk.admin, seen=Seen.of(letter), delivered_at=now, printed_name="P EXAMPLE"
    )
    assert (letter.state, letter.proof_owed, letter.registered.printed_name) == ("posted", False, "P EXAMPLE")
    assert letter.reference not in signed_in(desk.admin).get(page).content.decode()


@pytest.mark.policy("CLS-6")
def test_what_could_not_be_delivered_is_held_and_never_posted_instead(desk: world.Desk) -> None:
    letter = taken_out(desk, world.letter_in(desk, State.ENVELOPED, way="by_hand"))
    now = timezone.now()
    letter = actions.not_delivered(letter=letter, by=desk.worker, seen=Seen.of(letter), at=now, reason="Nobody in.")
    letter = actions.bring_back(letter=letter, by=desk.worker, seen=Seen.of(letter))
    with pytest.raises(GuardFailed, match="on hold"):
        taken_out(desk, letter)
    with pytest.raises(NotAllowed, match="taken this letter with them"):
        actions.hand_deliver(letter=letter, by=desk.worker, seen=Seen.of(letter), **world.in_person())
    with pytest.raises(NotAllowed):
        actions.carry_again(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="I want to.")
    letter = actions.carry_again(letter=letter, by=desk.manager, seen=Seen.of(letter), reason="At home on Friday.")
    letter = actions.reopen(letter=letter, by=desk.admin, seen=Seen.of(letter), reason="Another envelope.")
    for way in ("post", "registered_post"):
        with pytest.raises(InvalidStep, match="never posted instead"), transaction.atomic():
            actions.choose_way(
                letter=letter, by=desk.manager, seen=Seen.of(letter), way=way, sensitive=False, reason="Quicker."
            )
    letter = taken_out(desk, world.put_in_envelope(desk, letter))
    letter = actions.hand_deliver(letter=letter, by=desk.worker, seen=Seen.of(letter), **world.in_person())
    assert [row.delivered for row in letter.handings.all()] == [True, False]


@pytest.mark.policy("CLS-6")
@pytest.mark.parametrize(
    ("over", "field"),
    [({"place": ""}, "place"), ({"identity": "guess"}, "identity"),
     ({"own_hands": False}, "own_hands"), ({"at": timezone.now() + dt.timedelta(hours=2)}, "on"),
     ({"at": timezone.now() - dt.timedelta(days=4)}, "on")],
    ids=["nowhere", "unknown", "letterbox", "to come", "before the envelope"],
)  # fmt: skip
def test_a_handing_over_says_to_whom_where_and_how_known(desk: world.Desk, over: dict[str, Any], field: str) -> None:
    letter = taken_out(desk, world.letter_in(desk, State.ENVELOPED, way="by_hand"))
    with pytest.raises(InvalidStep) as error:
        actions.hand_deliver(letter=letter, by=desk.worker, seen=Seen.of(letter), **{**world.in_person(), **over})
    assert error.value.field == field
    assert world.fresh(letter).state == State.ENVELOPED
    assert not Handing.objects.exists()


def taken_out(desk: world.Desk, letter: Letter, by: User | None = None) -> Letter:
    """Out of the office, with its worker unless said otherwise."""
    return actions.take_out(letter=letter, by=by or desk.worker, seen=Seen.of(letter))


# --- the database ---------------------------------------------------------------------------------------------------


def refused(letter: Letter, sql: str) -> bool:
    """Does the database refuse to set this on the letter's row, by SQL?"""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE letters_letter SET {sql} WHERE id = %s", [letter.pk])
    except IntegrityError:
        return True
    return False


@pytest.mark.policy("CLS-6")
@pytest.mark.parametrize(
    "sql",
    ["way = 'by_hand'", "way = 'registered_post'", "way = 'secure_email'", "way = 'pigeon'", "sensitive = true",
     "sensitive = true, way = 'by_hand'", "way = 'by_hand', ledger_seq = ledger_seq + 1"],
)  # fmt: skip
def test_sql_changes_no_way(desk: world.Desk, sql: str) -> None:
    assert refused(world.letter_in(desk, State.SIGNED), sql)


@pytest.mark.policy("CLS-6", "OGP-8")
def test_sql_takes_no_letter_out_of_its_way(desk: world.Desk) -> None:
    """The state's own ledger entry forged too, so that only the way stands against it."""
    today = timezone.localdate().isoformat()
    posted = f"posted_on = '{today}', posted_by_id = {desk.admin.pk}, post_class = "
    handed = f"handed_on = '{today}', handed_by_id = {desk.worker.pk}, carried_by_id = NULL, taken_out_at = NULL"
    post = world.letter_in(desk, State.ENVELOPED)
    registered = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    judge_number("RB473124829GB", person_id=registered.addressee_id)  # on record, so that the number stands in no way
    by_hand = world.letter_in(desk, State.ENVELOPED, way="by_hand")
    taken_nowhere = world.letter_in(desk, State.ENVELOPED, way="by_hand")
    Handing.objects.create(
        letter=taken_nowhere,
        envelope=taken_nowhere.envelopes.get(),
        delivered=True,
        at=timezone.now(),
        by=desk.worker,
        entered_at=timezone.now(),
        to_name="Ms Pat Example",
        place="At the door",
        identity="known",
    )
    for letter, to, sql in (
        (by_hand, "posted", f"{posted} 'second'"),
        (by_hand, "handed_over", handed),
        (registered, "posted", f"{posted} 'second'"),
        (registered, "posted", f"{posted} 'sd1pm', tracking_number = 'RB473124829GB'"),
        (post, "handed_over", handed),
        (post, "posted", f"{posted} 'sd1pm', tracking_number = 'RB473124829GB'"),
        # Recorded as handed over, but nobody had taken it out of the office.
        (taken_nowhere, "handed_over", handed),
    ):
        assert forged(letter, to, sql), (letter.way, to, sql)
    # The same forgery gets through where nothing but the entry is asked for, so it is the way that was refused.
    assert not forged(post, "posted", f"{posted} 'second'")
    OfficePost.objects.filter(office=desk.office).update(keeping="all")
    assert forged(post, "posted", f"{posted} 'second'")


def forged(letter: Letter, to: str, sql: str) -> bool:
    """Is it refused, although an entry of this move stands in the ledger? Whatever happened is undone."""
    from postroom.ledger.recording import SYSTEM, record

    point = transaction.savepoint()
    fresh = world.fresh(letter)
    record(fresh, action="post", actor=SYSTEM, from_state="enveloped", to_state=to, version=fresh.version)
    chain = f"ledger_seq = {fresh.ledger_seq}, ledger_head = '{fresh.ledger_head}'"
    answer = refused(letter, f"state = '{to}', {chain}, {sql}")
    transaction.savepoint_rollback(point)
    return answer


@pytest.mark.policy("CLS-2", "CLS-6")
def test_sql_puts_no_letter_into_or_out_of_a_hand(desk: world.Desk) -> None:
    here, now = world.letter_in(desk, State.ENVELOPED, way="by_hand"), timezone.now().isoformat()
    out = taken_out(desk, world.letter_in(desk, State.ENVELOPED, way="by_hand"))
    for letter, sql in (
        (here, f"carried_by_id = {desk.worker.pk}, taken_out_at = '{now}'"),
        (out, f"carried_by_id = {desk.duty.pk}"),
        (out, "carried_by_id = NULL, taken_out_at = NULL"),
        (out, "carried_by_id = NULL"),
        (out, "taken_out_at = NULL"),
    ):
        assert refused(letter, f"{sql}, ledger_seq = ledger_seq + 1"), sql
    # Not one that goes by post, nor one that isn't in its envelope: whatever the ledger says.
    for letter in (world.letter_in(desk, State.ENVELOPED), world.letter_in(desk, State.SIGNED, way="by_hand")):
        with pytest.raises(StepError):
            taken_out(desk, letter)
        assert refused(letter, f"carried_by_id = {desk.worker.pk}, taken_out_at = '{now}'")


@pytest.mark.policy("CLS-6")
def test_what_was_handed_over_stays_on_record(desk: world.Desk) -> None:
    letter = world.letter_in(desk, State.HANDED_OVER)
    registered = world.letter_in(desk, State.POSTED, way="registered_post")
    for change in (
        lambda: Handing.objects.filter(letter=letter).update(to_name="Somebody Else"),
        lambda: Handing.objects.filter(letter=letter)._raw_delete("default"),
        lambda: Registered.objects.filter(letter=registered).update(number="AA100000140GB"),
        lambda: Registered.objects.filter(letter=registered)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.policy("CLS-6")
def test_by_hand_in_a_browser(desk: world.Desk) -> None:
    letter = world.letter_in(desk, State.ENVELOPED, way="by_hand")
    worker = signed_in(desk.worker)
    assert letter.reference in worker.get("/").content.decode()
    assert "Take it out" in worker.get("/").content.decode()
    # One tap, on the letter's own page; its words say how the letter travels.
    body = worker.get(url("letter", letter)).content.decode()
    assert "It goes in a lockable bag" in body
    assert f'action="{url("take_out", letter)}"' in body
    assert worker.post(url("take_out", letter), seen(letter)).status_code == 302
    letter = world.fresh(letter)
    assert "With you, to hand over" in worker.get("/").content.decode()
    assert "Wanda Worker since" in worker.get(url("letter", letter)).content.decode().replace(
        desk.worker.name, "Wanda Worker"
    )
    page = url("hand_deliver", letter)
    entries = {"to_name": "Their neighbour", "place": "At the door", "identity": "known", "own_hands": "on",
               **date_parts("on", timezone.localdate()), "clock": "00:00"}  # fmt: skip
    for name, value, words in (
        ("clock", "25:00", "Write the time as hours and minutes"),
        ("clock", "23:59", "still to come"),
        ("own_hands", "", "into the person&#x27;s own hands"),
    ):
        answer = worker.post(page, {**seen(letter), **entries, name: value})
        if name == "clock" and value == "23:59" and timezone.localtime().strftime("%H:%M") == "23:59":
            continue
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert "At the door" in answer.content.decode()
    assert worker.post(page, {**seen(letter), **entries}).status_code == 302
    body = worker.get(url("letter", letter)).content.decode()
    assert "Handed over" in body
    # Into the addressee's own hands: whom else somebody names, there is no place for it.
    assert f"to {letter.addressee.name}, At the door" in body
    assert "neighbour" not in body
    assert "Handed over" in signed_in(desk.admin).get(url("upload", letter)).content.decode()


@pytest.mark.policy("OGP-8")
def test_registered_post_in_a_browser(desk: world.Desk) -> None:
    letter = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    admin = signed_in(desk.admin)
    entries = {**date_parts("posted_on", timezone.localdate()), "post_class": "sd1pm", "receipt_in_hand": "on"}
    answer = admin.post(url("post", letter), {**seen(letter), **entries, "tracking_number": "SF876543217GB"})
    assert answer.status_code == 422
    assert "check digit" in answer.content.decode()
    answer = admin.post(url("post", letter), {**seen(letter), **entries, "tracking_number": "rb 4731 2482 9gb"})
    assert answer.status_code == 302
    assert world.fresh(letter).tracking_number == "RB473124829GB"
    assert "No proof yet" in admin.get(url("letter", letter)).content.decode()
