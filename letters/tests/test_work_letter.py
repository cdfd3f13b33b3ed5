"""A letter's page and its history, and withdrawing it, in a browser (OGP-0)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import actions
from letters.models import Hold, Letter
from letters.presenters import read_by
from letters.states import State
from letters.tests.work_help import desk, elsewhere, last_entry, screen_desk, seen, signed_in, url, words_of
from postroom.cases.selectors import opens_to, visible_to
from postroom.ledger.models import Disposal, Reading, Reason
from postroom.ledger.readings import record_read
from postroom.people.authority import authority_of
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere", "screen_desk"]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("medium", ["paper", "screen"])
@pytest.mark.policy("OGP-0")
def test_every_state_has_its_page_and_history(desk, screen_desk, state, medium):
    place = desk if medium == "paper" else screen_desk
    letter = world.letter_in(place, state)
    for somebody in (place.worker, place.admin, place.manager, place.duty):
        for name in ("letter", "history"):
            response = signed_in(somebody).get(url(name, letter))
            assert response.status_code == 200
            assert letter.reference in words_of(response)


@pytest.mark.parametrize(
    ("state", "words", "who"),
    [
        (State.DRAFTED, "Next: type the letter", "admin"),
        (State.TYPED, "Next: check the address and the body", "admin"),  # the admin: to print it
        (State.WORKER_CHECKED, "Next: print it", "admin"),
        (State.SIGNED, "Next: confirm that the paper bears the signature", "admin"),
        (State.ENVELOPED, "Next: post it", "admin"),
        (State.POSTED, "Next: upload it to ICS", "admin"),
        (State.RETURNED, "Next: upload it to ICS", "admin"),
    ],
)
def test_it_says_what_comes_next_and_who_can_do_it(desk, state, words, who):
    letter = world.letter_in(desk, state)
    page = words_of(signed_in(desk.worker).get(url("letter", letter)))
    assert words in page
    assert getattr(desk, who).name in page
    assert desk.other_admin.name in page


def test_pp_names_those_with_the_authority_now(desk):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    page = words_of(signed_in(desk.admin).get(url("letter", letter)))
    for somebody in (desk.worker, desk.duty, desk.ap, desk.deputy, desk.manager):
        assert somebody.name in page
    assert f"{desk.duty.name} (duty worker)" in page
    assert desk.other_worker.name not in page


def test_buttons_are_those_of_the_person(desk):
    letter = world.letter_in(desk, State.TYPED)
    mine = words_of(signed_in(desk.worker).get(url("letter", letter)))
    theirs = words_of(signed_in(desk.admin).get(url("letter", letter)))
    assert url("check", letter) in mine
    assert url("withdraw", letter) in mine
    assert url("type", letter) not in mine
    assert url("check", letter) not in theirs
    assert url("withdraw", letter) not in theirs
    assert url("type", letter) in theirs


@pytest.mark.policy("OGP-3a")
def test_it_says_why_not_to_those_who_come_near(desk):
    letter = world.letter_in(desk, State.TYPED)
    world.grant(desk.admin, world.Role.TEAM_MANAGER, desk.office)
    page = words_of(signed_in(desk.admin).get(url("letter", letter)))
    assert "You typed this version, so somebody else has to check and sign it." in page


@pytest.mark.policy("CLS-1")
def test_it_leads_to_its_case_those_alone_who_may_open_that(desk):
    letter = world.letter_in(desk, State.TYPED)
    case_href = reverse("case", args=[letter.case.reference])
    assert f'href="{case_href}"' in words_of(signed_in(desk.admin).get(url("letter", letter)))
    people = (desk.worker, desk.admin, desk.ap, desk.deputy, desk.manager, desk.duty, desk.other_worker)
    for somebody in people:
        held = authority_of(somebody)
        opens = visible_to(somebody, authority=held).filter(pk=letter.case_id).exists()
        assert opens_to(letter.case, somebody, held) == opens, somebody.name


def test_a_hold_is_said_where_the_letter_stands(desk):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    Hold.objects.create(letter=letter, set_by="breach/TEST", words="It waits until the child was told face to face.")
    page = words_of(signed_in(desk.worker).get(url("letter", letter)))
    assert "It waits until the child was told face to face." in page
    assert "This letter is on hold" in page
    assert signed_in(desk.worker).get(url("sign", letter)).status_code == 409


@pytest.mark.policy("CLS-1")
def test_who_may_not_read_it_finds_nothing(desk, elsewhere):
    letter = world.letter_in(desk, State.TYPED)
    council_wide = (world.Role.SYSTEM_ADMINISTRATOR, world.Role.DISTRICT_ADMIN_MANAGER, world.Role.SAFEGUARDING)
    outside = [elsewhere.admin, elsewhere.worker, elsewhere.manager, elsewhere.duty, desk.other_worker]
    outside += [world.make_user(f"Some {role}", None, role) for role in council_wide]
    for somebody in outside:
        for name in ("letter", "history", "check", "sign", "pp", "send_back", "withdraw", "confirm_signature"):
            assert signed_in(somebody).get(url(name, letter)).status_code == 404
            assert signed_in(somebody).post(url(name, letter), seen(letter)).status_code in (404, 405)
    assert not Reading.objects.exists()


@pytest.mark.parametrize("reference", ["nonsense", "AAAAAAAAA", "K7Q2M4XD9'--", "%00"])
def test_no_such_letter(desk, reference):
    assert signed_in(desk.admin).get(f"/letters/{reference}/").status_code == 404


@pytest.mark.policy("CLS-1")
def test_reading_is_logged_and_shown(desk):
    letter = world.letter_in(desk, State.TYPED)
    signed_in(desk.manager).get(url("letter", letter))
    page = words_of(signed_in(desk.worker).get(url("history", letter)))
    assert "Read: page" in page
    assert desk.manager.name in page.split("Read: page")[-1]


def test_readings_close_together_are_one_line(desk):
    letter = world.letter_in(desk, State.TYPED)
    now = timezone.now()
    opened = ((0, "worker", "page"), (1, "worker", "picture"), (2, "admin", "pdf"), (90, "admin", "page"))
    for minutes, somebody, what in opened:
        at = now - dt.timedelta(minutes=minutes)
        record_read(letter, by=getattr(desk, somebody), what=what, at=at)
    rows = [(row.name, row.what, row.times) for row in read_by(Reading.objects.order_by("-at"))]
    assert rows == [
        (desk.worker.name, "page and page picture", 2),
        (desk.admin.name, "PDF", 1),
        (desk.admin.name, "page", 1),
    ]


@pytest.mark.policy("OGP-0")
def test_the_history_tells_steps_reasons_versions_and_fields(desk):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    actions.type_letter(
        letter=letter,
        by=desk.admin,
        seen=Seen.of(letter),
        typed=world.typed(world.BODY.replace("Monday", "Friday")),
        reason="The day was wrong.",
    )
    page = words_of(signed_in(desk.worker).get(url("history", letter)))
    for words in (
        "Handed over to admin for typing",
        "Typed, version 1",
        "Address and body checked",
        "Changed after the check, version 2",
        "The day was wrong.",
        "Allocated worker of the case",
        "Admin, Riverside",
        "Stands at",
        "Checked by",
    ):
        assert words in page
    assert "Friday" in page.split("What changed from the version before")[1]


def test_a_reason_that_retention_deleted_is_said_to_be_gone(desk):
    letter = world.letter_in(desk, State.WITHDRAWN)
    assert "Not needed any more." in words_of(signed_in(desk.worker).get(url("letter", letter)))
    Disposal.objects.create(subject=letter.ledger_subject, up_to_seq=99, at=letter.state_since)
    Reason.objects.filter(subject=letter.ledger_subject).delete()
    page = words_of(signed_in(desk.worker).get(url("letter", letter)))
    assert "Not needed any more." not in page
    assert "The reason has been deleted" in page


@pytest.mark.parametrize("name", ["letter", "history"])
def test_the_number_of_queries_does_not_grow_with_the_history(desk, name):
    letter = world.letter_in(desk, State.TYPED)
    browser = signed_in(desk.worker)

    def queries() -> int:
        browser.get(url(name, letter))  # the session's own row is written once a minute
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url(name, letter)).status_code == 200
        return len(captured)

    few = queries()
    for number in range(12):
        current = Letter.objects.get(pk=letter.pk)
        actions.type_letter(letter=current, by=desk.admin, seen=Seen.of(current), typed=world.typed(f"Text {number}."))
        current = Letter.objects.get(pk=letter.pk)
        actions.print_letter(letter=current, by=desk.admin, seen=Seen.of(current))
    # The print made first: nobody has to print it any more, so one question about who can print is gone.
    assert queries() <= few
    assert few <= {"letter": 36, "history": 20}[name]


def steps_on(page):
    return [moment.title for moment in page.context["moments"] if moment.kind == "steps"]


def test_a_long_history_has_pages(desk):
    letter = world.letter_in(desk, State.TYPED)
    for _ in range(52):
        letter = actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    browser = signed_in(desk.worker)
    first = browser.get(url("history", letter))
    assert len(steps_on(first)) == 50
    second = browser.get(first.context["older_href"])
    assert steps_on(second)[-1].startswith("Handed over")
    assert len(steps_on(second)) == letter.ledger_seq - 50
    assert browser.get(url("history", letter) + "?before=x").status_code == 200


def test_the_worker_or_a_manager_withdraws_with_a_reason(desk):
    for somebody in (desk.worker, desk.deputy, desk.manager):
        letter = world.letter_in(desk, State.TYPED)
        browser = signed_in(somebody)
        assert browser.get(url("withdraw", letter)).status_code == 200
        response = browser.post(url("withdraw", letter), {**seen(letter), "reason": " "})
        assert response.status_code == 200
        assert "Say why" in words_of(response)
        response = browser.post(url("withdraw", letter), {**seen(letter), "reason": "They moved away."})
        assert response.url == url("letter", letter)
        assert world.fresh(letter).state == State.WITHDRAWN
        assert last_entry(letter).action == "withdraw"
        assert "They moved away." in words_of(browser.get(response.url))


def test_withdrawing_refuses_others_and_what_is_posted(desk):
    letter = world.letter_in(desk, State.TYPED)
    data = {**seen(letter), "reason": "No."}
    assert signed_in(desk.admin).get(url("withdraw", letter)).status_code == 403
    assert signed_in(desk.admin).post(url("withdraw", letter), data).status_code == 403
    assert signed_in(desk.duty).post(url("withdraw", letter), data).status_code == 403
    posted = world.letter_in(desk, State.POSTED)
    response = signed_in(desk.manager).post(url("withdraw", posted), {**seen(posted), "reason": "Too late."})
    assert response.status_code == 409
    assert "Too late." in words_of(response)


@pytest.mark.parametrize("reason", ["a\x00b", "x" * 2001])
def test_a_reason_that_cannot_be_kept_is_refused_in_a_sentence(desk, reason):
    letter = world.letter_in(desk, State.TYPED)
    response = signed_in(desk.worker).post(url("withdraw", letter), {**seen(letter), "reason": reason})
    assert response.status_code == 200
    assert response.context["form"].errors["reason"]
    assert world.fresh(letter).state == State.TYPED


def test_what_is_only_read_takes_no_post(desk):
    letter = world.letter_in(desk, State.TYPED)
    for name in ("letter", "history"):
        assert signed_in(desk.worker).post(url(name, letter), seen(letter)).status_code == 405
