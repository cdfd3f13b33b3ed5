"""Every daily step beyond the way to the post can be entered from paper: by hand, ICS, what came back, translations."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from downtime.models import Downtime, LateEntry
from downtime.tests.test_downtime import HOUR, at, desk, down, enter, on_paper, picture
from letters.content import EnclosedItem
from letters.models import Check, IcsUpload, Letter, Return
from letters.states import Action, State
from papers.models import PapersOut
from postroom.cases.models import CasePerson
from postroom.ledger.models import Entry
from postroom.people.models import RoleGrant
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, ReasonNeeded
from tests.support import world
from tests.support.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-0")]
__all__ = ["desk"]
GIVEN = {"place": "At her door", "identity": "known", "own_hands": True}


@pytest.mark.policy("CLS-6", "CLS-2", "OGP-6")
def test_a_delivery_by_hand_from_taking_it_out_to_the_case_record(desk: Desk):
    letter, downtime = at(desk, State.ENVELOPED, "by_hand"), down(desk)
    tried = {"reason": "Nobody in."}
    with pytest.raises(NotPossible):  # nobody has taken it out
        enter(letter, downtime, on_paper(Action.HAND_DELIVER, desk.worker, 7, **GIVEN), desk.admin)
    with pytest.raises(NotAllowed):  # admin carries none
        enter(letter, downtime, on_paper(Action.TAKE_OUT, desk.admin, 8), desk.admin)
    letter = enter(letter, downtime, on_paper(Action.TAKE_OUT, desk.worker, 8), desk.admin)
    with pytest.raises(NotPossible):  # it is never posted instead
        enter(letter, downtime, on_paper(Action.POST, desk.admin, 7, post_class="first"), desk.admin)
    with pytest.raises(InvalidStep, match=r"within the downtime|in their order"):
        enter(letter, downtime, on_paper(Action.NOT_DELIVERED, desk.worker, 9, **tried), desk.admin)
    with pytest.raises(ReasonNeeded):
        enter(letter, downtime, on_paper(Action.NOT_DELIVERED, desk.worker, 7), desk.admin)
    letter = enter(letter, downtime, on_paper(Action.NOT_DELIVERED, desk.worker, 7, **tried), desk.admin)
    with pytest.raises(GuardFailed):  # a manager says first whether it is carried again
        enter(letter, downtime, on_paper(Action.HAND_DELIVER, desk.worker, 6, **GIVEN), desk.admin)
    letter = enter(letter, downtime, on_paper(Action.BRING_BACK, desk.worker, 6), desk.admin)
    assert (letter.carried_by, letter.state) == (None, State.ENVELOPED)
    world.actions.carry_again(letter=letter, by=desk.manager, seen=Seen.of(letter), reason="She is in today.")
    letter = enter(world.fresh(letter), downtime, on_paper(Action.TAKE_OUT, desk.worker, 5), desk.admin)
    with pytest.raises(InvalidStep, match="in their order"):  # the two leave the letter's state as it is
        enter(letter, downtime, on_paper(Action.HAND_DELIVER, desk.worker, 6, **GIVEN), desk.admin)
    handed = on_paper(Action.HAND_DELIVER, desk.worker, 4, **GIVEN)
    with pytest.raises(NotAllowed):  # who didn't have it with them
        enter(letter, downtime, replace(handed, by=desk.other_worker), desk.admin)
    with pytest.raises(InvalidStep, match="own hands"):
        enter(letter, downtime, replace(handed, own_hands=False), desk.admin)
    letter = enter(letter, downtime, handed, desk.admin)
    day = timezone.localdate(handed.happened_at)
    assert (letter.state, letter.handed_by, letter.handed_on) == (State.HANDED_OVER, desk.worker, day)
    world.add_child(desk)
    IcsUpload.objects.create(letter=letter, child=desk.case.people.get(name__startswith="Alex"), way="manual")
    paper = on_paper(Action.UPLOAD, desk.other_admin, 2, ics_reference="ICS-7")
    with pytest.raises(InvalidStep, match="which child"):
        enter(letter, downtime, paper, desk.admin)
    for child in desk.case.people.filter(relationship="child").order_by("pk"):
        letter = enter(letter, downtime, replace(paper, child=child), desk.admin)
    assert (letter.state, letter.uploaded_at) == (State.UPLOADED, paper.happened_at)
    assert [row.action for row in LateEntry.objects.order_by("pk")] == [
        "take_out", "not_delivered", "bring_back", "take_out", "hand_deliver", "upload_child", "upload",
    ]  # fmt: skip
    trips = PapersOut.objects.order_by("pk").values_list("state", "ended_on")
    days = [timezone.localdate(timezone.now() - ago * HOUR) for ago in (6, 4)]
    assert list(trips) == [("back", days[0]), ("handed_on", days[1])]
    assert all(row.taken_at < timezone.now() - 4 * HOUR for row in PapersOut.objects.all())


@pytest.mark.policy("OGP-3a", "OGP-4b")
def test_a_translation_names_that_belong_and_what_is_no_sheet(desk: Desk):
    other = world.make_case(desk.office, desk.worker)
    CasePerson.objects.create(case=other, relationship="other", name="Ivo Strange")
    letter = world.actions.hand_over(
        case=desk.case, addressee=desk.parent, address=desk.address, by=desk.worker, draft_text="Come.",
        letter_format="language", language="Polish",
    )  # fmt: skip
    words = world.typed(
        "Ivo Strange prosze.", original_text="Come.", enclosures=(EnclosedItem("Cheque", 0, "thing", count=2),)
    )
    letter = world.actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=words)
    world.actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    Letter.objects.update(state_since=timezone.now() - 10 * HOUR)
    letter, downtime = world.fresh(letter), down(desk)
    day = timezone.localdate(timezone.now() - 8 * HOUR)
    paper = on_paper(Action.CHECK, desk.worker, 8, translator="Ms Lingua", translated_on=day)
    with pytest.raises(InvalidStep, match="after it was checked"):
        enter(letter, downtime, replace(paper, translated_on=day + dt.timedelta(days=1)), desk.admin)
    with pytest.raises(InvalidStep, match="is a translation"):
        enter(letter, downtime, replace(paper, translator="", found_belongs=True), desk.admin)
    with pytest.raises(InvalidStep, match="say that it belongs"):
        enter(letter, downtime, paper, desk.admin)
    letter = enter(letter, downtime, replace(paper, found_belongs=True), desk.admin)
    check = Check.objects.get(letter=letter)
    assert (check.by, check.translator, check.translated_on) == (desk.worker, "Ms Lingua", day)
    payload = Entry.objects.filter(subject=letter.ledger_subject).latest("seq").payload
    assert all(word in payload for word in ("found_belongs", "translated", "entered_by", "happened_at"))
    letter = enter(letter, downtime, on_paper(Action.SIGN, desk.worker, 7), desk.admin)
    letter = enter(letter, downtime, on_paper(Action.CONFIRM_SIGNATURE, desk.admin, 6), desk.admin)
    counted = on_paper(Action.ENVELOPE, desk.admin, 5, sheets=letter.typed_version.sheets, things=(1,))
    with pytest.raises(InvalidStep, match="2 of “Cheque” go in"):
        enter(letter, downtime, counted, desk.admin)
    assert enter(letter, downtime, replace(counted, things=(2,)), desk.admin).state == State.ENVELOPED


@pytest.mark.policy("OGP-4b", "CLS-1", "CLS-6")
def test_what_came_back_missed_the_bag_or_was_collected(desk: Desk):
    posted, waiting, downtime = at(desk, State.POSTED), at(desk, State.ENVELOPED), down(desk)
    back = on_paper(Action.RETURN_UNDELIVERED, desk.other_admin, reason="Gone away.", was_opened=True)
    night = on_paper(Action.LOCK_IN, desk.admin)
    waiting = enter(waiting, downtime, night, desk.admin)
    assert waiting.locked_in_on == timezone.localdate(night.happened_at)
    Letter.objects.filter(pk=waiting.pk).update(locked_in_on=timezone.localdate() + dt.timedelta(days=1))
    with pytest.raises(InvalidStep, match="later night"):
        enter(world.fresh(waiting), downtime, replace(night, happened_at=timezone.now() - 2 * HOUR), desk.admin)
    with pytest.raises(NotAllowed):
        enter(posted, downtime, replace(back, by=desk.worker), desk.admin)
    collected = at(desk, State.ENVELOPED, "collected")
    given = on_paper(Action.GIVE_AT_RECEPTION, desk.other_admin, **{**GIVEN, "place": "Reception"})
    assert enter(collected, downtime, given, desk.admin).handed_by == desk.other_admin
    returned = enter(posted, downtime, back, desk.admin)
    came, day = Return.objects.get(letter=returned), timezone.localdate(back.happened_at)
    assert (came.by, came.was_opened, came.came_back_on) == (desk.other_admin, True, day)
    assert desk.parent.addresses.get().in_doubt
    returned = enter(returned, downtime, on_paper(Action.UPLOAD, desk.admin, 2, ics_reference="ICS-1"), desk.admin)
    assert (returned.state, returned.upload_owed) == (State.RETURNED, False)


@pytest.mark.policy("CLS-6")
def test_the_page_asks_which_step_and_what_that_step_asks(desk: Desk):
    letter, client = at(desk, State.ENVELOPED, "by_hand"), Client()
    ago = timezone.localtime(timezone.now() - dt.timedelta(days=1)).replace(hour=9, minute=0)
    RoleGrant.objects.update(starts=ago.date() - dt.timedelta(days=9))
    Letter.objects.update(state_since=ago - HOUR, enveloped_on=ago.date(), enveloped_at=ago - HOUR)
    Downtime.objects.create(
        office=desk.office, began_at=ago, ended_at=ago + 8 * HOUR, reason="No network.", opened_by=desk.manager
    )
    client.force_login(desk.admin)
    path = reverse("downtime:enter", args=[letter.reference])
    html = client.get(path).content.decode()
    assert "Take it out to deliver it by hand" in html
    assert "Deliver by hand" not in html, "it is in the office"
    for sent in ({"step": "sign"}, {"step": ""}, {"step": "<b>"}):
        page = client.get(path, sent)
        assert (page.status_code, "Choose" in page.content.decode()) == (200, True), sent

    def send(action: str, clock: str, **more: object) -> str:
        now = world.fresh(letter)
        day = {f"day_{part}": getattr(ago, part) for part in ("day", "month", "year")}
        sent = {"seen_version": now.version, "seen_hash": now.content_hash, "action": action, "by": desk.worker.pk}
        sent |= {"downtime": Downtime.objects.get().reference, "time": clock, "complete": "on", **day, **more}
        answer = client.post(path, {**sent, "scan": SimpleUploadedFile("form.png", picture())})
        assert answer.status_code in (200, 302, 409)
        return answer.content.decode() if answer.status_code != 302 else ""

    assert "Choose what was done" in send("", "10:00")
    assert "Choose one of the answers" in send("sign", "10:00")
    assert send("take_out", "10:00") == ""
    assert "Enter the reason on the paper form" in send("not_delivered", "11:00", reason=" ")
    html = send("hand_deliver", "11:00", place="At her <door>", identity="guess")
    assert all(words in html for words in ("own hands", "At her &lt;door&gt;", "Choose one of the answers"))
    assert "in their order" in send("hand_deliver", "9:30", **GIVEN)
    assert send("hand_deliver", "11:00", **GIVEN) == ""
    assert "Type the reference" in send("upload", "12:00", ics_reference="")
    assert "60 characters" in send("upload", "12:00", by=desk.admin.pk, ics_reference="x" * 61)
    assert send("upload", "12:00", by=desk.admin.pk, ics_reference="ICS-9") == ""
    history = client.get(reverse("letters:history", args=[letter.reference])).content.decode()
    assert history.count(f"Entered later by {desk.admin.name}") == 3
    assert world.fresh(letter).ics_reference == "ICS-9"
