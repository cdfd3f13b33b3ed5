"""Steps that happened on paper, entered afterwards: the same rules, as of the moment they happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from downtime import actions
from downtime.actions import OnPaper
from downtime.models import Downtime, LateEntry
from downtime.paper_pack import paper_pack
from letters.actions.enveloping import sheets_to_count
from letters.models import Letter, Opening
from letters.states import Action, State
from postroom.cases.models import Address
from postroom.files.store import store
from postroom.ledger.models import Entry, Reading
from postroom.outbox.models import Job
from postroom.people.models import DutySlot, HalfDay, RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible, Stale
from tests.support import world
from tests.support.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-0")]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def desk() -> Desk:
    return Desk(world.make_office("near", "Nearby"))


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 60), "white").save(out, "PNG")
    return out.getvalue()


def at(desk: Desk, state: State, way: str = "") -> Letter:
    """A letter in `state`; what led there lies before the downtime."""
    letter = world.letter_in(desk, state, way=way)
    if state == State.SIGNED:
        letter = world.sheets_in_hand(desk, letter)
    Letter.objects.filter(pk=letter.pk).update(state_since=timezone.now() - 10 * HOUR)
    if state in (State.ENVELOPED, State.POSTED):
        yesterday = timezone.now() - dt.timedelta(days=1)
        Letter.objects.filter(pk=letter.pk).update(enveloped_at=yesterday, enveloped_on=timezone.localdate(yesterday))
    if state == State.POSTED:
        Letter.objects.filter(pk=letter.pk).update(posted_on=timezone.localdate(yesterday))
    return Letter.objects.get(pk=letter.pk)


def down(desk: Desk) -> Downtime:
    """A downtime of the last nine hours, up to one hour ago."""
    now = timezone.now()
    when = {"began_at": now - 9 * HOUR, "ended_at": now - HOUR}
    made, again = (
        actions.open_downtime(office=desk.office, **when, reason="No network.", by=desk.manager) for _ in range(2)
    )
    assert made == again, "the same form sent again"
    return made


def on_paper(action: Action, by: User, hours_ago: int = 3, **more: object) -> OnPaper:
    scan = store(picture(), "image/png")
    return OnPaper(action=action, by=by, happened_at=timezone.now() - hours_ago * HOUR, scan=scan, **more)  # type: ignore[arg-type]


def enter(letter: Letter, downtime: Downtime, paper: OnPaper, by: User) -> Letter:
    return actions.enter_later(letter=letter, downtime=downtime, paper=paper, entered_by=by, seen=Seen.of(letter))


@pytest.mark.policy("OGP-3a", "OGP-4b")
def test_a_checked_letter_is_signed_enveloped_and_posted_from_paper(desk: Desk):
    letter, downtime = at(desk, State.TYPED), down(desk)
    world.actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    letter = Letter.objects.get(pk=letter.pk)
    letter = enter(letter, downtime, on_paper(Action.CHECK, desk.worker, 8), desk.admin)
    letter = enter(letter, downtime, on_paper(Action.SIGN, desk.worker, 7), desk.admin)
    letter = enter(letter, downtime, on_paper(Action.CONFIRM_SIGNATURE, desk.admin, 6), desk.admin)
    paper = on_paper(Action.ENVELOPE, desk.other_admin, 5, sheets=sheets_to_count(letter))
    letter = enter(letter, downtime, paper, desk.admin)
    paper = on_paper(Action.POST, desk.other_admin, 2, post_class="first")
    letter = enter(letter, downtime, paper, desk.admin)
    assert (letter.state, letter.checked_by, letter.signed_by) == (State.POSTED, desk.worker, desk.worker)
    assert (letter.initialled_by, letter.initials) == (desk.other_admin, desk.other_admin.initials)
    assert letter.posted_on == timezone.localdate(paper.happened_at)
    assert letter.signed_at is not None
    assert abs(letter.signed_at - (timezone.now() - 7 * HOUR)) < HOUR
    entries = list(Entry.objects.filter(subject=letter.ledger_subject).order_by("seq"))[-5:]
    assert [entry.actor_id for entry in entries] == [
        desk.worker.pk, desk.worker.pk, desk.admin.pk, desk.other_admin.pk, desk.other_admin.pk,
    ]  # fmt: skip
    assert all(f'"entered_by":{desk.admin.pk}' in e.payload.replace(" ", "") for e in entries)
    assert all(entry.at > timezone.now() - HOUR for entry in entries)  # the chain's own time goes on
    assert LateEntry.objects.filter(letter=letter).count() == 5
    told = Job.objects.filter(payload__notice="step_entered_later").values_list("payload__user", flat=True)
    assert set(told) == {desk.worker.pk, desk.other_admin.pk}  # who entered their own step knows


def test_the_history_says_that_it_was_entered_later_and_shows_the_paper(desk: Desk):
    letter, downtime = at(desk, State.TYPED), down(desk)
    paper = on_paper(Action.CHECK, desk.worker)
    letter = enter(letter, downtime, paper, desk.admin)
    local = timezone.localtime(paper.happened_at)
    words = f"Entered later by {desk.admin.name}. It happened on paper on {local.day} {local:%B %Y}, {local:%H:%M}."
    client = Client()
    client.force_login(desk.worker)
    for name in ("letter", "history"):
        assert words in client.get(reverse(f"letters:{name}", args=[letter.reference])).content.decode()
    printed = client.get(reverse("letters:history_pdf", args=[letter.reference]))
    text = pdfium.PdfDocument(printed.content)[0].get_textpage().get_text_range()
    assert words in " ".join(text.split())
    href = reverse("downtime:scan", args=[letter.reference, LateEntry.objects.get().letter_version])
    assert href in client.get(reverse("letters:history", args=[letter.reference])).content.decode()
    shown = client.get(href)
    assert (shown.status_code, shown.content, shown["Content-Type"]) == (200, picture(), "image/png")
    assert Reading.objects.filter(subject=letter.ledger_subject, what="file", reader_id=desk.worker.pk).count() == 1
    assert client.get(reverse("downtime:scan", args=[letter.reference, 1])).status_code == 404
    # It may bear where the letter goes: not for those who aren't shown that.
    Address.objects.filter(pk=letter.address_id).update(is_confidential=True, confidential_kind="refuge")
    Opening.objects.create(letter=letter, role=Role.DISTRICT_ADMIN_MANAGER, opened_by="test/1")
    client.force_login(world.make_user("Dee Dam", None, Role.DISTRICT_ADMIN_MANAGER))
    assert client.get(href).status_code == 403


@pytest.mark.policy("OGP-3b")
def test_pp_counts_as_of_the_moment_it_happened(desk: Desk):
    letter = at(desk, State.WORKER_CHECKED)
    world.actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    now = timezone.now()
    Letter.objects.filter(pk=letter.pk).update(state_since=now - 16 * HOUR)
    letter = Letter.objects.get(pk=letter.pk)
    downtime = actions.open_downtime(
        office=desk.office, began_at=now - 15 * HOUR, ended_at=now - HOUR, reason="No network.", by=desk.manager
    )
    paper = on_paper(Action.PP, desk.other_worker, 13)  # always another half-day than this one
    with pytest.raises(NotAllowed):  # not on duty then
        enter(letter, downtime, paper, desk.admin)
    RoleGrant.objects.filter(user=desk.manager).update(starts=timezone.localdate() + dt.timedelta(days=1))
    with pytest.raises(NotAllowed):  # a manager whose role began after it can't have pp'd before they had it
        enter(letter, downtime, on_paper(Action.PP, desk.manager, 13), desk.admin)
    DutySlot.objects.all().delete()  # the rota as it stood at that moment, not as it stands now
    local = timezone.localtime(paper.happened_at)
    half = HalfDay.AFTERNOON if local.hour >= 13 else HalfDay.MORNING
    DutySlot.objects.create(office=desk.office, user=desk.other_worker, day=local.date(), half=half, set_by=desk.deputy)
    letter = enter(letter, downtime, paper, desk.admin)
    assert (letter.signature_kind, letter.signed_by) == ("pp", desk.other_worker)
    assert "duty rota" in letter.authority


@pytest.mark.policy("OGP-4b")
def test_the_rules_of_any_day_hold(desk: Desk):
    letter, downtime = at(desk, State.SIGNED), down(desk)
    world.grant(desk.worker, Role.ADMIN, desk.office)
    paper = on_paper(Action.ENVELOPE, desk.worker, sheets=sheets_to_count(letter))
    with pytest.raises(NotAllowed):  # whoever signed can't initial, on paper or not
        enter(letter, downtime, paper, desk.admin)
    with pytest.raises(InvalidStep):  # a sheet too many
        enter(letter, downtime, replace(paper, by=desk.other_admin, sheets=9), desk.admin)
    with pytest.raises(NotPossible):  # no step is skipped
        enter(letter, downtime, on_paper(Action.POST, desk.admin, post_class="first"), desk.admin)
    with pytest.raises(NotAllowed):  # entered by those who may alone
        enter(letter, downtime, replace(paper, by=desk.other_admin), desk.ap)
    assert not LateEntry.objects.exists()
    assert Letter.objects.get(pk=letter.pk).state == State.SIGNED
    done = enter(letter, downtime, replace(paper, by=desk.other_admin), desk.admin)
    with pytest.raises(Stale):  # twice in a row
        enter(letter, downtime, replace(paper, by=desk.other_admin), desk.admin)
    assert done.state == State.ENVELOPED
    assert LateEntry.objects.count() == 1


def test_times_outside_the_downtime_or_out_of_order(desk: Desk):
    letter, downtime = at(desk, State.TYPED), down(desk)
    for hours in (12, 0):
        with pytest.raises(InvalidStep, match="within the downtime"):
            enter(letter, downtime, on_paper(Action.CHECK, desk.worker, hours), desk.admin)
    letter = enter(letter, downtime, on_paper(Action.CHECK, desk.worker, 4), desk.admin)
    world.actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    letter = Letter.objects.get(pk=letter.pk)
    with pytest.raises(InvalidStep, match="in their order"):
        enter(letter, downtime, on_paper(Action.SIGN, desk.worker, 6), desk.admin)
    now = timezone.now()
    for began, ended in ((now - HOUR, now + HOUR), (now - HOUR, now - 2 * HOUR), (now - 900 * HOUR, now - HOUR)):
        with pytest.raises(InvalidStep):
            actions.open_downtime(office=desk.office, began_at=began, ended_at=ended, reason="x", by=desk.manager)
    with pytest.raises(NotAllowed):
        actions.open_downtime(
            office=desk.office, began_at=now - 2 * HOUR, ended_at=now - HOUR, reason="x", by=desk.admin
        )


def test_a_closed_downtime_takes_nothing_more_and_the_database_agrees(desk: Desk):
    letter, downtime = at(desk, State.TYPED), down(desk)
    with pytest.raises(NotAllowed):
        actions.close_downtime(downtime=downtime, by=desk.admin, seen=Seen.of(downtime))
    closed = actions.close_downtime(downtime=downtime, by=desk.deputy, seen=Seen.of(downtime))
    with pytest.raises(NotPossible):
        enter(letter, closed, on_paper(Action.CHECK, desk.worker), desk.admin)
    with pytest.raises(NotPossible):  # as it stood on screen; it is closed in the database
        enter(letter, downtime, on_paper(Action.CHECK, desk.worker), desk.admin)
    fields = {
        "downtime": closed, "letter": letter, "action": "check", "by": desk.worker, "entered_by": desk.admin,
        "letter_version": 99, "scan": store(picture(), "image/png"),
    }  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        LateEntry.objects.create(happened_at=timezone.now() - 3 * HOUR, **fields)
    with pytest.raises(DatabaseError), transaction.atomic():
        Downtime.objects.filter(pk=closed.pk).update(ended_at=timezone.now() - 2 * HOUR)
    with pytest.raises(DatabaseError), transaction.atomic():
        Downtime.objects.filter(pk=closed.pk).delete()
    other = down(desk)
    with pytest.raises(DatabaseError), transaction.atomic():  # outside its times
        LateEntry.objects.create(happened_at=timezone.now() - 20 * HOUR, **{**fields, "downtime": other})


def test_the_paper_pack_asks_what_postroom_asks():
    with pdfium.PdfDocument(paper_pack("Nearby & Co")) as document:
        text = [page.get_textpage().get_text_range() for page in document]
    assert len(text) == 7
    assert "When the system is down: Nearby & Co" in text[0]
    for page, words in (
        (2, "The address is right"),
        (2, "The body is right"),
        (3, "initials on the back"),
        (4, "Class"),
        (5, "into their own hands"),
        (6, "Reference that ICS gave"),
    ):
        assert words in text[page]


def test_pages_from_opening_to_closing(desk: Desk):
    letter, client = at(desk, State.TYPED), Client()
    client.force_login(desk.manager)
    ago = timezone.localtime(timezone.now() - dt.timedelta(days=1)).replace(hour=9, minute=0)
    Letter.objects.filter(pk=letter.pk).update(state_since=ago - HOUR)
    RoleGrant.objects.update(starts=ago.date() - dt.timedelta(days=9))
    times = {
        f"{which}_day_{part}": getattr(ago, part) for which in ("began", "ended") for part in ("day", "month", "year")
    }
    body = {"office": desk.office.pk, "began_time": "9.00", "ended_time": "5 pm", "reason": "", **times}
    page = client.post(reverse("downtime:open"), body)
    assert "Say what was down" in page.content.decode()
    assert 'value="9.00"' in page.content.decode()
    assert client.post(reverse("downtime:open"), {**body, "reason": "No network."}).status_code == 302
    downtime = Downtime.objects.get()
    assert timezone.localtime(downtime.ended_at).hour == 17
    client.force_login(desk.admin)
    found = client.post(reverse("downtime:find", args=[downtime.reference]), {"letter": letter.reference.lower()})
    assert found["Location"] == reverse("downtime:enter", args=[letter.reference])
    path = found["Location"]
    scan = SimpleUploadedFile("form.png", picture())
    body = {
        "seen_version": letter.version, "seen_hash": letter.content_hash, "downtime": downtime.reference,
        "action": "check", "by": desk.admin.pk, "day_day": ago.day, "day_month": ago.month, "day_year": ago.year,
        "time": "10:15", "complete": "on",
    }  # fmt: skip
    page = client.post(path, body)
    assert "Choose the scan of the paper form" in page.content.decode()
    page = client.post(path, {**body, "scan": scan})
    assert f"{desk.admin.name} could not do this at that time" in page.content.decode().replace("&#x27;", "'")
    scan.seek(0)
    page = client.post(path, {**body, "time": "half past", "scan": scan})
    assert "Enter a time of day" in page.content.decode()
    scan.seek(0)
    assert client.post(path, {**body, "by": desk.worker.pk, "scan": scan}).status_code == 302
    assert Letter.objects.get(pk=letter.pk).state == State.WORKER_CHECKED
    page = client.get(reverse("downtime:downtime", args=[downtime.reference]))
    assert letter.reference in page.content.decode()
    seen = {"seen_version": Downtime.objects.get().version}
    assert client.post(reverse("downtime:close", args=[downtime.reference]), seen).status_code == 403
    client.force_login(desk.manager)
    assert client.post(reverse("downtime:close", args=[downtime.reference]), seen).status_code == 302
    assert client.get(path).status_code == 409
    assert client.get(reverse("downtime:pack", args=["near"]))["Content-Type"] == "application/pdf"
