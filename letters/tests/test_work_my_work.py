"""My work: what waits for whom, overdue by working days, pages by key, a fixed number of queries (OGP-0)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import actions, work_lists
from letters.deadlines import late_at
from letters.models import Letter, Notice
from letters.queues import BY_SLUG, QUEUES, Viewer
from letters.states import State
from letters.tests.work_help import desk, elsewhere, screen_desk, seen, signed_in, url, words_of
from postroom.people.authority import authority_of
from postroom.people.models import DutySlot
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.support import world

__all__ = ["desk", "elsewhere", "screen_desk"]


def viewer(user):
    return Viewer(user, authority_of(user))


def waiting(user) -> dict[str, set[str]]:
    """The references in each list that somebody has, without those that are empty."""
    somebody = viewer(user)
    found = {}
    for queue in work_lists.queues_of(somebody):
        rows, _ = work_lists.page_of(somebody, queue, size=50)
        if rows:
            found[queue.slug] = {row.reference for row in rows}
    counts = work_lists.counts_of(somebody, work_lists.queues_of(somebody))
    assert {slug: number for slug, number in counts.items() if number} == {s: len(r) for s, r in found.items()}
    return found


def wait_since(letter: Letter, days: int) -> None:
    """Let the letter have stood where it is for that many days."""
    since = timezone.now() - dt.timedelta(days=days)
    Letter.objects.filter(pk=letter.pk).update(state_since=since, late_at=late_at(since, "", None))


@pytest.mark.policy("OGP-2", "OGP-3a", "OGP-4a", "OGP-6")
def test_each_letter_waits_for_whoever_takes_its_next_step(desk):
    drafted = world.letter_in(desk, State.DRAFTED)
    typed = world.letter_in(desk, State.TYPED)
    printed = world.letter_in(desk, State.TYPED)
    actions.print_letter(letter=printed, by=desk.admin, seen=Seen.of(printed))
    checked = world.letter_in(desk, State.WORKER_CHECKED)
    ready = world.letter_in(desk, State.WORKER_CHECKED)
    actions.print_letter(letter=ready, by=desk.admin, seen=Seen.of(ready))
    signed = world.letter_in(desk, State.SIGNED)
    in_hand = world.sheets_in_hand(desk, world.letter_in(desk, State.SIGNED))
    enveloped = world.letter_in(desk, State.ENVELOPED)
    posted = world.letter_in(desk, State.POSTED)
    world.letter_in(desk, State.UPLOADED)
    world.letter_in(desk, State.WITHDRAWN)
    sent_back = world.letter_in(desk, State.TYPED)
    actions.return_for_retyping(letter=sent_back, by=desk.worker, seen=Seen.of(sent_back), reason="Wrong day.")
    assert waiting(desk.admin) == {
        "type": {drafted.reference},
        "sent-back": {sent_back.reference},
        "print": {typed.reference, checked.reference},
        "confirm": {signed.reference},
        "envelope": {in_hand.reference},
        "post": {enveloped.reference},
        "upload": {posted.reference},
    }
    assert waiting(desk.worker) == {
        "check": {typed.reference, printed.reference},
        "sign": {ready.reference},
        "with-others": {
            letter.reference for letter in (checked, drafted, sent_back, signed, in_hand, enveloped, posted)
        },
    }
    # Another admin of the office may initial what this one may not, and the same letters wait.
    assert waiting(desk.other_admin) == waiting(desk.admin)
    assert waiting(desk.other_worker) == {}


def test_a_letter_that_came_back_waits_for_worker_and_upload(desk):
    returned = world.letter_in(desk, State.RETURNED)
    assert waiting(desk.worker) == {"came-back": {returned.reference}}
    assert waiting(desk.admin) == {"upload": {returned.reference}}
    returned.address.refresh_from_db()
    returned.address.in_doubt = False
    returned.address.save()
    assert waiting(desk.worker) == {}


def test_signed_on_screen_waits_to_be_printed_for_the_envelope(screen_desk):
    typed = world.letter_in(screen_desk, State.TYPED)
    signed = world.letter_in(screen_desk, State.SIGNED)
    assert waiting(screen_desk.admin) == {"print": {signed.reference}}
    assert waiting(screen_desk.worker)["check"] == {typed.reference}


@pytest.mark.policy("OGP-3b")
def test_who_could_pp_sees_what_waits(desk, elsewhere):
    typed = world.letter_in(desk, State.TYPED)
    checked = world.letter_in(desk, State.WORKER_CHECKED)
    actions.print_letter(letter=checked, by=desk.admin, seen=Seen.of(checked))
    world.letter_in(desk, State.WORKER_CHECKED)  # nothing printed to sign yet
    world.letter_in(elsewhere, State.WORKER_CHECKED)
    on_duty = {"duty-pp": {checked.reference}, "duty-check": {typed.reference}}
    assert waiting(desk.duty) == on_duty
    assert waiting(desk.manager) == {}
    for letter in (typed, checked):
        wait_since(letter, 30)
    late = {"late-pp": {checked.reference}, "late-check": {typed.reference}}
    for somebody in (desk.manager, desk.deputy, desk.ap):
        assert waiting(somebody) == late
    DutySlot.objects.all().delete()
    assert waiting(desk.duty) == {}


def test_a_check_by_a_stranger_is_nothing_to_pp_on(desk):
    """The AP checked; the duty worker would have to check for themselves before pp."""
    letter = world.letter_in(desk, State.TYPED)
    actions.check(letter=letter, by=desk.ap, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True)
    assert waiting(desk.duty) == {}
    assert waiting(desk.worker) == {"check": {letter.reference}}


@pytest.mark.policy("CLS-1")
def test_nothing_of_another_office_is_listed(desk, elsewhere):
    for state in State:
        world.letter_in(elsewhere, state)
    for somebody in (desk.admin, desk.worker, desk.duty, desk.manager):
        assert waiting(somebody) == {}
    page = words_of(signed_in(desk.admin).get("/"))
    assert elsewhere.parent.name not in page


def test_the_page_says_how_long_and_what_is_overdue(desk):
    fresh, late = world.letter_in(desk, State.TYPED), world.letter_in(desk, State.TYPED)
    wait_since(late, 30)
    page = words_of(signed_in(desk.worker).get("/"))
    assert page.count("working days, overdue") == 1
    assert page.index(late.reference) < page.index(fresh.reference)
    assert url("check", late) in page
    assert reverse("letters:next_check") in page


@pytest.mark.parametrize("more_of_each", [2, pytest.param(9, marks=pytest.mark.soak)])
@pytest.mark.parametrize("who", ["admin", "worker", "duty", "manager"])
def test_the_same_number_of_queries_however_many_letters(desk, who, more_of_each):
    browser = signed_in(getattr(desk, who))
    browser.get("/")

    def queries() -> int:
        browser.get("/")  # the session's own row is written once a minute
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/").status_code == 200
        return len(captured)

    def more(number: int) -> None:
        for _ in range(number):
            for state in (State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.POSTED):
                wait_since(world.letter_in(desk, state), 30)

    more(1)
    few = queries()
    more(more_of_each)
    assert queries() == few
    assert few <= {"admin": 33, "worker": 32, "duty": 34, "manager": 37}[who]


def test_a_pile_to_print_leads_to_printing_it_at_once(desk):
    world.letter_in(desk, State.TYPED)
    href = reverse("letters:print_several", args=[desk.office.code])
    assert href not in words_of(signed_in(desk.admin).get("/"))
    world.letter_in(desk, State.TYPED)
    assert href in words_of(signed_in(desk.admin).get("/"))
    assert href not in words_of(signed_in(desk.worker).get("/"))


def test_a_long_list_has_pages_by_key_that_hold_each_letter_once(desk, monkeypatch):
    monkeypatch.setattr(work_lists, "ON_A_PAGE", 4)
    letters = [world.letter_in(desk, State.DRAFTED) for _ in range(9)]
    Letter.objects.update(late_at=timezone.now())  # all at one moment: the row number decides
    browser, address, found = signed_in(desk.admin), reverse("letters:queue", args=["type"]), []
    for _ in range(3):
        response = browser.get(address)
        found += [line.row.reference for line in response.context["listed"].lines]
        address = response.context["next_href"]
    assert address == ""
    assert found == [letter.reference for letter in letters]


@pytest.mark.parametrize("after", ["x", "1-", "-1", "9" * 40 + "-1", "1-" + "9" * 40, "1-1-1", "²-1"])
def test_a_spoilt_key_begins_at_the_beginning(desk, after):
    letter = world.letter_in(desk, State.DRAFTED)
    response = signed_in(desk.admin).get(reverse("letters:queue", args=["type"]), {"after": after})
    assert [line.row.reference for line in response.context["listed"].lines] == [letter.reference]


def test_a_list_that_is_not_mine_is_not_there(desk):
    browser = signed_in(desk.worker)
    assert browser.get(reverse("letters:queue", args=["type"])).status_code == 404
    assert browser.get(reverse("letters:queue", args=["nonsense"])).status_code == 404
    assert browser.post(reverse("letters:queue", args=["check"])).status_code == 405
    assert browser.post("/").status_code == 405


def test_counting_stops_at_a_hundred(desk, monkeypatch):
    monkeypatch.setattr(work_lists, "COUNT_UP_TO", 3)
    for _ in range(5):
        world.letter_in(desk, State.DRAFTED)
    assert work_lists.counts_of(viewer(desk.admin), [BY_SLUG["type"]]) == {"type": 3}


def test_an_empty_desk_says_what_to_do(desk):
    assert "hand over a new letter" in words_of(signed_in(desk.worker).get("/"))
    assert "When a worker hands over a draft" in words_of(signed_in(desk.admin).get("/"))


@pytest.mark.parametrize(
    "role",
    [
        Role.SYSTEM_ADMINISTRATOR,
        Role.DISTRICT_ADMIN_MANAGER,
        Role.SAFEGUARDING,
        Role.INFORMATION_GOVERNANCE,
        Role.ASSISTANT_DIRECTOR,
        Role.CALDICOTT_GUARDIAN,
    ],
)
@pytest.mark.policy("CLS-1")
def test_people_with_no_part_in_letters_have_a_first_page_without_letters(desk, role):
    for state in (State.DRAFTED, State.TYPED, State.POSTED):
        world.letter_in(desk, state)
    somebody = world.make_user("Sy Somebody", None, role)
    response = signed_in(somebody).get("/")
    assert response.status_code == 200
    assert desk.parent.name not in words_of(response)
    assert response.context["first_pages"]
    assert waiting(somebody) == {}


def test_somebody_without_a_role_is_told_whom_to_ask(desk):
    assert "no role in Postroom yet" in words_of(signed_in(world.make_user("New Person")).get("/"))


def test_signed_out_leads_to_sign_in(desk, client):
    letter = world.letter_in(desk, State.TYPED)
    for address in ("/", url("letter", letter), url("check", letter), reverse("letters:find")):
        response = client.get(address)
        assert response.status_code == 302
        assert "/accounts/login/" in response.url


def test_notices_are_told_once_and_only_to_whom_they_are_for(desk):
    letter = world.letter_in(desk, State.WORKER_CHECKED)
    actions.type_letter(
        letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed("Other."), reason="My own slip."
    )
    browser = signed_in(desk.worker)
    assert "Your check no longer stands" in words_of(browser.get("/"))
    notice = Notice.objects.get(user=desk.worker)
    signed_in(desk.admin).post(reverse("letters:notices_seen"), {"notice": notice.pk})
    notice.refresh_from_db()
    assert notice.seen_at is None
    assert browser.get(reverse("letters:notices_seen")).status_code == 405
    sent = {"notice": [notice.pk, "x", "-3", "9" * 30, "9" * 5000]}
    assert browser.post(reverse("letters:notices_seen"), sent).status_code == 302
    assert "Your check no longer stands" not in words_of(browser.get("/"))


def test_a_reference_leads_to_its_letter_within_ones_scope(desk, elsewhere):
    letter = world.letter_in(desk, State.TYPED)
    spoken = f" {letter.reference[:4].lower()} {letter.reference[4:]} "
    response = signed_in(desk.admin).post(reverse("letters:find"), {"reference": spoken})
    assert response.url == url("letter", letter)
    response = signed_in(elsewhere.admin).post(reverse("letters:find"), {"reference": letter.reference})
    assert response.status_code == 200
    assert "no such letter that you may read" in words_of(response)
    assert letter.reference in words_of(response)  # what was typed is kept
    # What somebody types there never stands in an address.
    assert signed_in(desk.admin).get(reverse("letters:find"), {"reference": letter.reference}).status_code == 200


def test_every_list_names_a_page_that_is_there(desk):
    letter = world.letter_in(desk, State.DRAFTED)
    for queue in QUEUES:
        assert reverse(queue.page, args=[letter.reference])
    assert seen(letter)["seen_version"] == letter.version
