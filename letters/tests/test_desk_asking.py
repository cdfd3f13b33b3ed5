"""Questions and answers, the day a letter must go, the format (OGP-1)."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from letters import actions, deadlines
from letters.models import Letter, Notice, OfficePost, Question
from letters.states import State
from letters.tests.desk_help import date_parts, desk, elsewhere, last_entry, signed_in, url
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, StepError
from tests.support import world

__all__ = ["desk", "elsewhere"]
D = dt.date
UTC = dt.UTC
BRIEF = {"letter_format": "standard", "language": ""}


@pytest.mark.django_db
@pytest.mark.policy("OGP-1")
def test_a_question_and_its_answer_stay_with_the_letter(desk):
    letter = world.letter_in(desk, State.TYPED)
    before = Seen.of(world.fresh(letter))
    signed_in(desk.admin).post(url("ask", letter), {"text": "Which school is meant?"})
    assert last_entry(letter).action == "ask"
    assert Seen.of(world.fresh(letter)) == before, "nobody's open page goes out of date by a question"
    assert Notice.objects.get(code="question").user == desk.worker
    worker = signed_in(desk.worker)
    work = worker.get(reverse("letters:my_work")).content.decode()
    assert "Questions from admin" in work
    assert "Which school is meant?" in work
    question = Question.objects.get()
    assert worker.post(url("answer", letter, question.pk), {"text": "The new one."}).status_code == 302
    assert last_entry(letter).action == "answer"
    assert "Which school" not in last_entry(letter).payload
    assert Notice.objects.get(code="answer").user == desk.admin
    assert "Questions from admin" not in worker.get(reverse("letters:my_work")).content.decode()
    page = signed_in(desk.admin).get(url("type", letter)).content.decode()
    assert "The new one." in page
    # A second answer is told that there is one.
    again = worker.post(url("answer", letter, question.pk), {"text": "No, the old one."})
    assert again.status_code == 422
    assert "answered it" in again.content.decode()
    assert Question.objects.get().answer == "The new one."


@pytest.mark.django_db
@pytest.mark.policy("OGP-1")
def test_a_question_sent_twice_is_asked_once(desk):
    """The answer to the first was lost on the way; whoever sends it again is told, and the worker has one question."""
    letter, client = world.hand_over(desk), signed_in(desk.admin)
    for status in (302, 422):
        answer = client.post(url("ask", letter), {"text": "Which school is meant?"})
        assert answer.status_code == status
    assert "You have asked this already" in answer.content.decode()
    assert Question.objects.count() == Notice.objects.filter(code="question").count() == 1
    actions.answer(letter=letter, by=desk.worker, question=Question.objects.get(), text="The new one.")
    assert client.post(url("ask", letter), {"text": "Which school is meant?"}).status_code == 302, "asked anew"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_an_empty_or_endless_question_says_what_to_do(desk, text):
    letter = world.hand_over(desk)
    with pytest.raises(InvalidStep):
        actions.ask(letter=letter, by=desk.admin, text=text)
    assert signed_in(desk.admin).post(url("ask", letter), {"text": text}).status_code == 422
    assert not Question.objects.exists()


@pytest.mark.django_db
def test_a_question_of_another_letter_is_none_of_this_one(desk):
    one, two = world.hand_over(desk), world.hand_over(desk)
    actions.ask(letter=one, by=desk.admin, text="Which?")
    question = Question.objects.get()
    assert signed_in(desk.worker).get(url("answer", two, question.pk)).status_code == 404
    with pytest.raises(InvalidStep, match="another letter"):
        actions.answer(letter=two, by=desk.worker, question=question, text="This.")


@pytest.mark.django_db
def test_question_and_answer_can_be_neither_changed_nor_deleted(desk):
    letter = world.hand_over(desk)
    actions.ask(letter=letter, by=desk.admin, text="Which?")
    actions.answer(letter=letter, by=desk.worker, question=Question.objects.get(), text="This.")
    for attempt in (
        lambda: Question.objects.update(text="Other?"),
        lambda: Question.objects.update(answer="That."),
        lambda: Question.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def at_once(act, people: int = 8) -> list[object]:
    """What comes of `act(number)` in that many threads that begin together."""
    barrier = Barrier(people)

    def one(number: int) -> object:
        try:
            barrier.wait(timeout=60)
            return act(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(one, range(people)))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_answers_at_once_make_one():
    desk = world.Desk(world.make_office("riv", "Riverside"))
    letter = world.hand_over(desk)
    actions.ask(letter=letter, by=desk.admin, text="Which?")
    question = Question.objects.get()
    results = at_once(
        lambda number: actions.answer(letter=letter, by=desk.worker, question=question, text=f"Answer {number}")
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert all(isinstance(result, StepError) for result in results if isinstance(result, Exception))
    question.refresh_from_db()
    assert question.answer.startswith("Answer ")


@pytest.mark.django_db
@pytest.mark.policy("OGP-1")
def test_my_work_puts_what_must_go_first(desk):
    letters = [world.hand_over(desk) for _ in range(3)]
    letter = letters[2]
    entry = {"due_kind": "post_by", **date_parts("due_on", timezone.localdate()), "due_why": "Court.", **BRIEF}
    assert signed_in(desk.worker).post(url("brief", letter), {**entry, **seen_of(letter)}).status_code == 302
    answer = signed_in(desk.admin).get(reverse("letters:queue", args=["type"]))
    lines = [line.row for line in answer.context["listed"].lines]
    assert lines[0].reference == letter.reference
    assert lines[0].due_words.startswith("Post by ")
    assert "Post by" in answer.content.decode()


def seen_of(letter: Letter) -> dict[str, object]:
    letter = world.fresh(letter)
    return {"seen_version": letter.version, "seen_hash": letter.content_hash}


@pytest.mark.django_db
@pytest.mark.policy("OGP-1")
def test_the_duty_worker_sees_what_must_go_above_what_has_time(desk):
    """The worker hasn't acted: the letter stands on top of what duty can check for others."""
    early, urgent = world.letter_in(desk, State.TYPED), world.letter_in(desk, State.TYPED)
    actions.change_brief(
        letter=urgent, by=desk.worker, seen=Seen.of(urgent), due_kind="arrive_by", due_why="A meeting.",
        due_on=timezone.localdate() + dt.timedelta(days=1), **BRIEF,
    )  # fmt: skip
    answer = signed_in(desk.duty).get(reverse("letters:queue", args=["duty-check"]))
    assert [line.row.reference for line in answer.context["listed"].lines] == [urgent.reference, early.reference]
    late = signed_in(desk.manager).get(reverse("letters:queue", args=["late-check"]))
    assert [line.row.reference for line in late.context["listed"].lines] == [urgent.reference]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"due_kind": "post_by", "due_on": None}, "due_on"),
        ({"due_kind": "", "due_on": D(2099, 1, 1)}, "due_on"),
        ({"due_kind": "someday"}, "due_kind"),
        ({"due_on": D(2020, 1, 1)}, "due_on"),
        ({"due_why": "  "}, "due_why"),
        ({"letter_format": "papyrus"}, "letter_format"),
        ({"letter_format": "language", "language": ""}, "language"),
    ],
)
def test_a_day_or_format_that_cannot_be_names_its_field(desk, over, field):
    letter = world.hand_over(desk)
    entry = {"due_kind": "post_by", "due_on": D(2099, 1, 2), "due_why": "Court.", **BRIEF, **over}
    with pytest.raises(InvalidStep) as refused:
        actions.change_brief(letter=letter, by=desk.worker, seen=Seen.of(letter), **entry)
    assert refused.value.field == field


@pytest.mark.django_db
def test_the_format_changes_in_a_draft_alone(desk):
    letter = world.letter_in(desk, State.TYPED)
    entry = {"due_kind": "", "due_on": None, "due_why": "", "letter_format": "large_print", "language": ""}
    with pytest.raises(InvalidStep, match="Send it back"):
        actions.change_brief(letter=letter, by=desk.worker, seen=Seen.of(letter), **entry)
    draft = world.hand_over(desk)
    assert (
        actions.change_brief(letter=draft, by=desk.worker, seen=Seen.of(draft), **entry).letter_format == "large_print"
    )


@pytest.mark.django_db
def test_the_database_keeps_day_and_why_together(desk):
    letter = world.hand_over(desk)
    for fields in ({"due_kind": "post_by"}, {"due_on": D(2030, 1, 1)}, {"language": "Polish"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**fields)


def at(day: D, hour: int = 10) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


FRIDAY, MONDAY, TUESDAY = D(2026, 11, 27), D(2026, 11, 30), D(2026, 12, 1)


@pytest.mark.parametrize(
    ("kind", "due", "now", "collection", "post_class", "says"),
    [
        ("", None, at(FRIDAY), None, "", ""),
        ("post_by", FRIDAY, at(FRIDAY), None, "", ""),
        (
            "post_by",
            FRIDAY,
            at(FRIDAY, 17),
            dt.time(16),
            "",
            "can't be posted by 27 November 2026 any more. Today's coll",
        ),
        ("post_by", FRIDAY, at(D(2026, 11, 28)), None, "", "any more. Tell the worker"),
        ("arrive_by", TUESDAY, at(FRIDAY), None, "", "Only first class can arrive by 1 December 2026"),
        ("arrive_by", TUESDAY, at(FRIDAY), None, "first", ""),
        ("arrive_by", TUESDAY, at(FRIDAY), None, "second", "Only first class"),
        ("arrive_by", TUESDAY, at(MONDAY, 17), dt.time(16), "", "not even by first class. Today's collection has gone"),
        ("arrive_by", MONDAY, at(FRIDAY), None, "", "Only first class"),
        ("arrive_by", D(2026, 12, 2), at(FRIDAY), None, "", ""),
        ("arrive_by", FRIDAY, at(FRIDAY), None, "", "not even by first class"),
        # Christmas 2026 is a Friday, Boxing Day is kept on the Monday.
        ("arrive_by", D(2026, 12, 29), at(D(2026, 12, 24), 17), dt.time(16), "", "not even by first class"),
        ("arrive_by", D(2026, 12, 29), at(D(2026, 12, 24)), None, "", "Only first class"),
        # Special Delivery: no other post is quicker.
        ("arrive_by", TUESDAY, at(MONDAY), dt.time(16), "sd1pm", ""),
        (
            "arrive_by",
            TUESDAY,
            at(MONDAY, 17),
            dt.time(16),
            "sd1pm",
            "not even by Special Delivery. Today's collection",
        ),
    ],
)
def test_the_warning_says_what_the_post_can_still_do(kind, due, now, collection, post_class, says):
    words = deadlines.warning(kind, due, now, collection, post_class)
    assert says in words if says else words == ""


def test_what_is_carried_has_until_its_day():
    assert deadlines.warning_in_person(MONDAY, at(MONDAY, 17)) == ""
    assert "has gone: 30 November 2026" in deadlines.warning_in_person(MONDAY, at(TUESDAY))
    assert deadlines.warning_in_person(None, at(TUESDAY)) == ""


@pytest.mark.parametrize(
    ("kind", "posted_on", "post_class", "late"),
    [
        ("arrive_by", MONDAY, "second", True),
        ("arrive_by", MONDAY, "first", False),
        ("arrive_by", TUESDAY, "first", True),
        ("post_by", TUESDAY, "second", False),
        ("arrive_by", MONDAY, "sd1pm", False),
    ],
)
def test_whoever_posts_too_slowly_is_told(kind, posted_on, post_class, late):
    assert bool(deadlines.too_slow(kind, TUESDAY, posted_on, post_class)) is late


@pytest.mark.django_db
def test_the_letters_pages_reckon_with_their_own_office(desk):
    """Its collection, its usual class, the way of the letter: not those of any office."""
    letter = world.letter_in(desk, State.ENVELOPED)
    Letter.objects.filter(pk=letter.pk).update(due_kind="arrive_by", due_on=TUESDAY, due_why="Court")
    client = signed_in(desk.admin)
    page, post = f"/letters/{letter.reference}/", f"/letters/{letter.reference}/post/"

    def shown(at_this: dt.datetime, path: str = page) -> str:
        with mock.patch("letters.views.letter.timezone") as clock:
            clock.now.return_value = at_this
            return client.get(path).content.decode()

    assert "Only first class can arrive by 1 December 2026" in shown(at(FRIDAY))
    assert "not even by first class" not in shown(at(MONDAY, 17)), "its collection isn't known yet"
    OfficePost.objects.filter(office=desk.office).update(collection=dt.time(16), usual_class="first")
    assert "Only first class" not in shown(at(FRIDAY))
    assert "not even by first class. Today&#x27;s collection has gone" in shown(at(MONDAY, 17))
    # On the page that asks for the class, second is warned about whatever the office's habit.
    assert "Only first class can arrive by 1 December 2026" in shown(at(FRIDAY), post)
    assert shown(at(FRIDAY), post).count(" checked") == 1


def test_the_earlier_of_both_moments_makes_a_letter_late():
    since = at(MONDAY)
    plain = deadlines.late_at(since, "", None)
    assert timezone.localdate(plain) == D(2026, 12, 3)
    assert timezone.localdate(deadlines.late_at(since, "post_by", TUESDAY)) == TUESDAY
    assert deadlines.late_at(since, "post_by", D(2027, 3, 1)) == plain
