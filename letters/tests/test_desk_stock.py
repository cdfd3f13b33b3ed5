"""Envelope stock and how an office does its post (OGP-4a)."""

import datetime as dt
import json
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone

from letters import content
from letters.actions.stock import change_stock
from letters.models import EnvelopeStock, OfficePost
from letters.states import State
from letters.tests.desk_help import date_parts, desk, elsewhere, last_entry, signed_in
from postroom.ledger.models import Entry
from postroom.people.roles import Role
from postroom.steps.errors import InvalidStep
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db
FIGURES = {
    "name": "DL, another supplier",
    "envelope_w": "220",
    "envelope_h": "110",
    "window_w": "90",
    "window_h": "35",
    "window_left": "20",
    "window_up": "19",
    "folds": "99, 198",
    "max_sheets": "5",
    "is_active": "on",
}


@pytest.fixture
def keeper(desk):
    return world.make_user("Sid System", None, Role.SYSTEM_ADMINISTRATOR)


@pytest.fixture
def district(desk):
    return world.make_user("Dot District", None, Role.DISTRICT_ADMIN_MANAGER)


def test_everybody_may_look_and_print_the_calibration_sheet(desk):
    client = signed_in(desk.admin)
    assert client.get(reverse("letters:stocks")).status_code == 200
    page = client.get(reverse("letters:stock", args=["dl"]))
    assert "x 20 to 100, y 57 to 81" in page.content.decode()
    sheet = client.get(reverse("letters:stock_calibration", args=["dl"]))
    assert sheet["Content-Type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF")


def test_who_had_the_page_open_while_somebody_saved_it_is_told(desk):
    """What they entered stays; saved again, it counts. The same sent twice is one change."""
    page, manager, deputy = (
        reverse("letters:office_post", args=["riv"]),
        signed_in(desk.manager),
        signed_in(desk.deputy),
    )
    post, today = OfficePost.objects.get(), timezone.localdate()
    seen = {"seen": deputy.get(page).context["seen"]}
    same = {"stock": post.stock_id, "signature_medium": "paper", "return_mark": "label"} | seen
    hers = same | date_parts("letters_abroad_from", today)
    rows = Entry.objects.filter(subject=desk.office.ledger_subject, action="set_office_post")
    for _ in range(2):
        assert manager.post(page, hers).status_code == 302
    assert rows.count() == 1
    answer = deputy.post(page, same | {"return_mark": "stamp"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert (
        "otherwise for “Return address on the back of the envelope” and “Letters may go to addresses abroad from”"
        in text
    )
    assert rows.count() == 1
    post.refresh_from_db()
    assert (post.letters_abroad_from, post.return_mark) == (today, "label")
    again = same | {"return_mark": "stamp", "seen": answer.context["seen"]} | date_parts("letters_abroad_from", today)
    assert deputy.post(page, again).status_code == 302
    post.refresh_from_db()
    assert (post.letters_abroad_from, post.return_mark) == (today, "stamp")


def test_what_comes_back_spoilt_is_no_error_page_where_nothing_is_set_yet(desk):
    post = OfficePost.objects.get()
    entered = {"stock": post.stock_id, "signature_medium": "paper", "return_mark": "label", "seen": "spoilt"}
    post.delete()
    page, manager = reverse("letters:office_post", args=["riv"]), signed_in(desk.manager)
    answer = manager.post(page, entered)
    assert (answer.status_code, OfficePost.objects.exists()) == (422, False)
    assert manager.post(page, entered | {"seen": answer.context["seen"]}).status_code == 302


def test_a_stranger_is_asked_to_sign_in(desk, client):
    assert client.get(reverse("letters:stocks")).status_code == 302


def test_a_stock_is_added_and_changed_in_the_ledger(keeper, district):
    answer = signed_in(keeper).post(reverse("letters:stock_new"), FIGURES)
    assert answer.status_code == 302, answer.content.decode()
    stock = EnvelopeStock.objects.get(name="DL, another supplier")
    assert stock.geometry().always_visible.top == 56
    change = reverse("letters:stock_change", args=[stock.slug])
    assert signed_in(district).post(change, {**FIGURES, "window_up": "18"}).status_code == 302
    rows = Entry.objects.filter(subject=f"stock/{stock.slug}").order_by("seq")
    assert [(row.action, row.actor_id) for row in rows] == [("add_stock", keeper.pk), ("change_stock", district.pk)]
    assert stock.history.count() >= 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"window_up": "100"}, "window"),
        ({"folds": "150"}, "folded sheet"),
        ({"folds": "abc"}, "with a comma between"),
        ({"name": "DL"}, "already"),
        ({"envelope_w": ""}, "Enter envelope width"),
    ],
)
def test_figures_that_make_no_sense_are_refused_and_stay(keeper, wrong, words):
    answer = signed_in(keeper).post(reverse("letters:stock_new"), {**FIGURES, **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert EnvelopeStock.objects.count() == 4


def test_who_may_not_change_stock(desk):
    for person in (desk.admin, desk.manager, desk.worker):
        client = signed_in(person)
        assert client.post(reverse("letters:stock_new"), FIGURES).status_code == 403
        assert client.post(reverse("letters:stock_change", args=["dl"]), FIGURES).status_code == 403
    assert not Entry.objects.filter(subject__startswith="stock/").exists()


def test_a_stock_in_use_is_not_retired(keeper):
    stopped = {**FIGURES, "name": "DL", "window_up": "18"}
    del stopped["is_active"]
    answer = signed_in(keeper).post(reverse("letters:stock_change", args=["dl"]), stopped)
    assert answer.status_code == 422
    assert "An office still uses this stock" in answer.content.decode()


def test_the_office_chooses_where_it_signs(desk, elsewhere, keeper):
    page = reverse("letters:office_post", args=["riv"])
    c5 = EnvelopeStock.objects.get(slug="c5")
    chosen = {"stock": c5.pk, "signature_medium": "screen", "return_mark": "stamp"}
    for person in (elsewhere.manager, desk.admin, desk.worker):
        assert signed_in(person).post(page, chosen).status_code == 403
    for person, mark in ((desk.manager, "label"), (keeper, "stamp")):
        assert signed_in(person).post(page, chosen | {"return_mark": mark}).status_code == 302
    desk.office.post.refresh_from_db()
    assert (desk.office.post.stock, desk.office.post.signature_medium) == (c5, "screen")
    entry = Entry.objects.filter(subject="office/riv").order_by("-seq")[0]
    assert (entry.action, entry.actor_id) == ("set_office_post", keeper.pk)
    assert signed_in(keeper).post(page, {}).status_code == 422


@pytest.mark.policy("CLS-6")
def test_originals_collection_and_class_are_set_on_the_page_and_hold(desk):
    """What the page saves is what the envelope step asks and the warnings reckon with; it shows what stands."""
    page = reverse("letters:office_post", args=["riv"])
    client = signed_in(desk.manager)
    letter = world.letter_in(desk, State.SIGNED)
    with mock.patch("letters.actions.enveloping.originals_in", return_value=True):
        chosen = {"stock": desk.office.post.stock_id, "signature_medium": "paper", "return_mark": "label"}
        more = {"originals_kept": "on", "collection": "16:30", "usual_class": "second"}
        assert client.post(page, {**chosen, **more}).status_code == 302
        desk.office.post.refresh_from_db()
        post = desk.office.post
        assert (post.originals_kept, post.collection, post.usual_class) == (True, dt.time(16, 30), "second")
        with pytest.raises(InvalidStep, match="An original is enclosed"):
            world.put_in_envelope(desk, world.sheets_in_hand(desk, letter))
        assert "16:30" in client.get(reverse("letters:stocks")).content.decode()
        shown = client.get(page).content.decode()
        assert "16:30" in shown
        assert shown.count(" checked") >= 4
        assert client.post(page, {**chosen, "collection": "half four"}).status_code == 422
        assert client.post(page, chosen).status_code == 302
        assert world.put_in_envelope(desk, world.fresh(letter)).state == State.ENVELOPED
    entry = Entry.objects.filter(subject="office/riv").order_by("-seq")[0]
    assert '"originals_kept":false' in entry.payload


def test_the_list_takes_a_fixed_number_of_queries(desk, elsewhere, django_assert_max_num_queries):
    client = signed_in(desk.admin)
    with django_assert_max_num_queries(13):  # one for the number at the head of the page
        client.get(reverse("letters:stocks"))


@pytest.mark.policy("OGP-4a", "OGP-5")
def test_other_envelopes_from_a_day_on(desk):
    """Entered ahead, on the page, in force from midnight on; the office's name and the labels' prefix likewise."""
    c5 = EnvelopeStock.objects.get(slug="c5")
    old = desk.office.post.stock
    client = signed_in(desk.manager)
    page = reverse("letters:office_post", args=["riv"])
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    enter = {"stock": old.pk, "signature_medium": "paper", "return_mark": "label", "sheet_scan": "required"}
    answer = client.post(page, {**enter, "next_stock": c5.pk})
    assert answer.status_code == 422
    assert "or neither" in answer.content.decode()
    answer = client.post(page, {**enter, "next_stock": c5.pk, **date_parts("next_stock_from", timezone.localdate())})
    assert "Choose a day after today" in answer.content.decode()
    assert (
        client.post(page, {**enter, "next_stock": c5.pk, **date_parts("next_stock_from", tomorrow)}).status_code == 302
    )
    details = json.loads(last_entry(desk.office).payload)
    assert (details["next_stock"], details["next_stock_from"]) == ("c5", tomorrow.isoformat())
    assert "C5 from" in client.get(reverse("letters:stocks")).content.decode()
    before = client.get(page).context["form"].initial
    assert (before["stock"], before["next_stock"], before["sheet_scan"]) == (old.pk, c5.pk, "required")
    assert world.letter_in(desk, State.TYPED).current.stock == old
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + dt.timedelta(days=1)):
        assert content.post_of(world.hand_over(desk)).stock == c5
        after = client.get(page).context["form"].initial
        assert after["stock"] == c5.pk
        assert "next_stock" not in after
        with pytest.raises(InvalidStep, match="still uses"):
            change_stock(
                stock=c5,
                by=world.make_user("Sys", desk.office, Role.SYSTEM_ADMINISTRATOR),
                figures={"is_active": False},
            )
    # Saved without it, nothing is to change any more.
    assert client.post(page, enter).status_code == 302
    assert OfficePost.objects.get(office=desk.office).next_stock is None
