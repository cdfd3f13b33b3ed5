"""Subject access: all held on one person is found and exported, others' data marked, governance alone (CLS-1)."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.record.access import MARK, find, marked
from audit.record.actions.access import answer_access
from audit.record.models import AccessRequest, LegalHold
from letters.states import State
from letters.tests.work_help import signed_in, url
from postroom.cases.models import IcsImport, IcsLine, Relationship
from postroom.files.store import store
from postroom.ledger.models import Entry, Reading
from postroom.outbox import carrier
from postroom.outbox.models import Job
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.support import world

pytestmark = [pytest.mark.policy("CLS-1"), pytest.mark.django_db(transaction=True)]


def test_found_gathered_marked_and_fetched(desk, governance):
    letter = world.letter_in(desk, State.WITHDRAWN)
    posted = world.letter_in(desk, State.POSTED)
    elsewhere = world.make_case(desk.office, desk.worker)
    signed_in(desk.manager).get(url("letter", posted))
    child = desk.case.people.get(relationship=Relationship.CHILD)
    client = Client()
    client.force_login(governance)
    page = client.post(reverse("record:access"), {"words": desk.parent.name.split()[-1]}).content.decode()
    assert desk.parent.name in page
    today = timezone.localdate()
    sent = {f"received_on_{part}": getattr(today, part) for part in ("day", "month", "year")}
    response = client.post(reverse("record:access_ask", args=[desk.parent.pk]), sent)
    asked = AccessRequest.objects.get()
    assert response["Location"] == reverse("record:access_request", args=[asked.reference])
    assert client.get(reverse("record:access_file", args=[asked.reference])).status_code == 404
    for job in Job.objects.filter(kind="access_answer"):
        assert "Example" not in json.dumps(job.payload) + job.key
        carrier.carry(job.pk)
    data = client.get(reverse("record:access_file", args=[asked.reference])).content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = json.loads(archive.read("held.json"))
        text = archive.read("held.html").decode()
        assert any(archive.read(name).startswith(b"%PDF") for name in archive.namelist() if name.startswith("files/"))
    everything = json.dumps(held, ensure_ascii=False)
    for words in (desk.parent.name, desk.address.lines.splitlines()[0], letter.reference, posted.reference,
                  "please type: thanks", "Not needed any more.", "Our meeting", desk.manager.name):  # fmt: skip
        assert words in everything, words
    assert {
        "Letter",
        "Address",
        "Steps in the record",
        "Who read what is held on them",
        "Reasons in the record",
    } <= set(held)
    for other in elsewhere.people.all():
        assert other.name not in everything
    assert child.name not in everything.replace(f"{MARK[0]}{child.name}{MARK[1]}", "")
    assert "Who read what is held on them" in text
    assert Reading.objects.filter(subject=asked.ledger_subject, what="export").count() == 1
    assert Entry.objects.get(subject=asked.ledger_subject).actor_name == governance.name


def test_others_are_marked_however_they_are_written():
    others = ["Robin Example7", "7 Sample Road"]
    text = marked("Dear all, ROBIN  example7 lives at\n7 sample\nroad, not Pat.", others)
    assert text == f"Dear all, {MARK[0]}ROBIN  example7{MARK[1]} lives at\n{MARK[0]}7 sample\nroad{MARK[1]}, not Pat."
    assert marked("Nobody.", []) == "Nobody."


def test_a_letter_to_another_that_names_the_person_is_found(desk, governance):
    from letters import actions

    letter = world.hand_over(desk)
    teacher = desk.case.people.get(relationship=Relationship.PROFESSIONAL)
    body = f"Please tell {teacher.name} of our meeting."
    from postroom.steps.engine import Seen

    actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed(body))
    held = find([teacher], by=governance)
    assert [row["letter"] for row in held.sections["Letters to others that are about them"]] == [letter.reference]
    assert desk.parent.name in held.others


def test_of_a_child_drafts_questions_sets_and_papers_of_the_case_are_found(governance):
    """What was written to others about a child has no row that points to the child."""
    from distribution.tests.world import Conference
    from letters import actions
    from papers.tests import help as papers_help

    place = Conference(world.Desk(world.make_office("riv", "Riverside")))
    desk, child = place.desk, place.desk.case.people.get(relationship=Relationship.CHILD)
    letter = world.hand_over(desk)
    actions.ask(letter=letter, by=desk.admin, text="Which school is meant?")
    question = letter.questions.get()
    actions.answer(letter=letter, question=question, by=desk.worker, text="The one by the mill.")
    copy = place.in_state("sent by e-mail")
    papers_help.with_managers(desk)
    papers = papers_help.taken(desk)
    held = find([child], by=governance)
    about = {row["text"] for row in held.sections["Letters to others that are about them"]}
    assert {letter.draft_text, "Which school is meant?", "The one by the mill."} <= about
    assert {row["reference"] for row in held.sections["Distribution"]} == {copy.distribution.reference}
    assert copy.reference in {row["reference"] for row in held.sections["Item"]}
    assert [row["reference"] for row in held.sections["Papers out"]] == [papers.reference]
    assert str(copy.distribution.pdf_id) in held.files
    # Somebody else of the case has what names them, and no more.
    teacher = desk.case.people.filter(relationship=Relationship.PROFESSIONAL).exclude(pk=copy.person_id).first()
    if teacher is not None:
        assert "Papers out" not in find([teacher], by=governance).sections


def test_who_may_and_mistakes(desk, governance, dam):
    today = timezone.localdate()
    for somebody in (dam, desk.manager, desk.worker, desk.admin):
        with pytest.raises(NotAllowed):
            answer_access(person=desk.parent, received_on=today, by=somebody)
    with pytest.raises(InvalidStep):
        answer_access(person=desk.parent, received_on=today + dt.timedelta(days=1), by=governance)
    client = Client()
    client.force_login(governance)
    assert "at least three letters" in client.post(reverse("record:access"), {"words": "ab"}).content.decode()
    assert "Nobody by that name" in client.post(reverse("record:access"), {"words": "Zzyzx"}).content.decode()
    page = client.post(reverse("record:access_ask", args=[desk.parent.pk]), {"received_on_day": "41"})
    assert page.status_code == 200
    assert client.get(reverse("record:access_ask", args=[2**40])).status_code == 404
    assert not AccessRequest.objects.exists()


def test_one_person_on_several_cases_is_one_request(desk, governance):
    """The mother of two cases: letters of both, breaches of both; the others of both are marked."""
    far = world.Desk(world.make_office("far", "Far"))
    other, twin = far.case, far.parent
    type(twin).objects.filter(pk=twin.pk).update(name=desk.parent.name)
    twin.refresh_from_db()
    namesake = world.make_case(desk.office, desk.worker).people.get(relationship=Relationship.PARENT)
    type(namesake).objects.filter(pk=namesake.pk).update(name=f"Sir {desk.parent.name.split()[-1]}")
    here = world.letter_in(desk, State.POSTED)
    there = world.letter_in(far, State.POSTED)
    assert there.addressee_id == twin.pk
    client = Client()
    client.force_login(governance)
    page = client.get(reverse("record:access_ask", args=[desk.parent.pk])).content.decode()
    assert f"{twin.name}, parent, case {other.reference}" in page
    today = timezone.localdate()
    sent = {f"received_on_{part}": getattr(today, part) for part in ("day", "month", "year")}
    client.post(reverse("record:access_ask", args=[desk.parent.pk]), {**sent, "also": [twin.pk]})
    asked = AccessRequest.objects.get()
    assert asked.people == [desk.parent, twin]
    held = find(asked.people, by=governance)
    assert {row["reference"] for row in held.sections["Letter"]} == {here.reference, there.reference}
    for case in (desk.case, other):
        child = case.people.get(relationship=Relationship.CHILD)
        assert child.name in held.others
    assert twin.name not in held.others
    details = json.loads(Entry.objects.get(subject=asked.ledger_subject).payload)
    assert details["cases"] == [desk.case.reference, other.reference]
    assert (
        client.post(reverse("record:access_ask", args=[desk.parent.pk]), {**sent, "also": [10**9]}).status_code == 200
    )


def test_a_professional_stands_on_many_cases_by_their_address(desk, governance):
    teacher = desk.case.people.get(relationship=Relationship.PROFESSIONAL)
    again = world.make_case(desk.office, desk.worker).people.get(relationship=Relationship.PROFESSIONAL)
    for row, name in ((teacher, "Ms Head Teacher"), (again, "H. Schoolhead")):
        type(row).objects.filter(pk=row.pk).update(name=name, email="head@school.example")
    client = Client()
    client.force_login(governance)
    assert "H. Schoolhead, professional" in client.get(reverse("record:access_ask", args=[teacher.pk])).content.decode()


def test_breaches_and_reads_are_in_it_but_nothing_about_staff_nor_for_deciders(governance):
    from breaches.actions import finish_follow_up
    from breaches.models import Involved
    from breaches.tests.scene import Scene
    from postroom.steps.engine import Seen

    scene = Scene()
    letter = scene.posted_letter()
    signed_in(scene.desk.manager).get(url("letter", letter))
    breach = scene.reported(letter=letter)
    says = {"disciplinary_reason": "She was warned before.", "legal_advice": "Privileged words."}
    decided = scene.decided(breach, disciplinary=True, **says)
    referred = decided.follow_ups.get(for_deciders=True)
    seen = Seen.of(decided)
    finish_follow_up(breach=decided, by=scene.ad, seen=seen, follow_up=referred, result="Began as HR 12.")
    other = scene.reported(what="Papers of the case were left on a bus.")
    # Of no case, but its words name them; and what nothing of theirs points to.
    named = scene.reported(what=f"Somebody read out a list with {scene.desk.parent.name} on it.")
    named.cases.clear()
    LegalHold.objects.create(case=scene.desk.case, why="A complaint is open.", set_by=governance)
    of = IcsImport.objects.create(file=store(b"a,b", "text/csv"), as_of=timezone.localdate())
    IcsLine.objects.create(of=of, number=2, kind="refused", words=f"{scene.desk.parent.name} has no number.")
    IcsLine.objects.create(of=of, number=3, kind="refused", words="Somebody else has none.")
    held = find([scene.desk.parent], by=governance)
    everything = json.dumps(held.sections, ensure_ascii=False)
    assert {row["reference"] for row in held.sections["Breach"]} == {b.reference for b in (breach, other, named)}
    assert [row["why"] for row in held.sections["Legal holds"]] == ["A complaint is open."]
    assert len(held.sections["Rows of files from ICS that name them"]) == 1
    for words in ("left on a bus", "who opened it", "Contained.", "Distress."):
        assert words in everything, words
    for words in ("She was warned before.", "Privileged words.", "disciplinary", "HR 12", "finish_follow_up"):
        assert words not in everything, words
    assert "Involved" not in held.sections
    reads = held.sections["Who read what is held on them"]
    assert any(row["of"] == letter.ledger_subject and row["who"] == scene.desk.manager.name for row in reads)
    # Whoever is part of a breach does not see it, and is told that something was left out.
    Involved.objects.create(breach=other, user=governance, how="Was on the bus.")
    held = find([scene.desk.parent], by=governance)
    assert "left on a bus" not in json.dumps(held.sections)
    assert held.left_out == 1
    assert held.counts()["Breach cases left out"] == 1
