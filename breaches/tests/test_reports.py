"""Reports, register and figures: every PDF opened and read back, every file's figures those of the page."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
from typing import Any

import openpyxl
import pypdfium2
import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from breaches import actions, tasks
from breaches.alerts import raise_all
from breaches.duties import Duty, Kind
from breaches.models import Breach, BreachDuty, Involved, TrendAlert
from breaches.reports import figures, register, urls
from breaches.reports.content import REPORTS
from breaches.reports.parts import moment
from breaches.tests.scene import PDF, Scene
from distribution.tests.world import Conference
from letters.states import State
from postroom.files.store import read, store
from postroom.ledger.models import Entry
from postroom.outbox.models import Job
from postroom.people.models import Deputy, RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.access.expected_breach_reports import NAMES, READERS
from tests.support import world

pytestmark = pytest.mark.django_db
DISCIPLINARY = "An interview under the disciplinary procedure"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def client(user: User) -> Client:
    signed_in = Client()
    signed_in.force_login(user)
    return signed_in


def text_of(pdf: bytes) -> str:
    """The words of a PDF, blanks made single."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def decided(scene: Scene) -> Breach:
    """Assessed, decided with a disciplinary part, the cause recorded, the form's reference kept."""
    breach = scene.decided(scene.reported(), disciplinary=True, disciplinary_reason=DISCIPLINARY)
    breach = scene.done(breach, Duty.FORM)
    return scene.caused(breach)


def pdf(user: User, breach: Breach, name: str) -> str:
    response = client(user).get(reverse("breach_reports:report", args=[breach.reference, name]))
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    return text_of(response.content)


@pytest.mark.policy("CLS-8")
def test_the_directors_report_says_what_the_risk_and_the_actions(scene: Scene):
    text = pdf(scene.wide[Role.DIRECTOR], decided(scene), "director")
    for words in (
        "Report to the Director", "A letter went to the neighbours", "Riverside", "About 3", "3 of 5", "Distress.",
        "The letter was fetched back.", "An apology.", "Tell the Governance Team.", scene.desk.case.reference,
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.policy("CLS-11")
def test_the_records_managers_report_is_signed_off_by_their_own_hand_and_frozen(scene: Scene):
    breach, records = decided(scene), scene.wide[Role.RECORDS_MANAGER]
    assert "this is a draft" in pdf(records, breach, "records-manager")
    known = client(records)
    path = reverse("breaches:sign_report", args=[breach.reference])
    page = known.get(path).content.decode()
    assert "The old house number was typed." in page
    entered = {
        "seen_version": breach.version,
        "seen_hash": breach.content_hash,
        "findings": "The check was from memory.",
    }
    missing = known.post(path, entered)
    assert missing.status_code == 200
    assert "confirm that you sign it off" in missing.content.decode()
    assert "The check was from memory." in missing.content.decode()
    assert known.post(path, entered | {"signed_off": "on"}).status_code == 302
    row = breach.duties.get(duty=Duty.RECORDS_MANAGER_REPORT)
    assert (row.status, row.settled_by, row.note) == ("done", records, "The check was from memory.")
    entry = Entry.objects.filter(subject=breach.ledger_subject).order_by("-seq")[0]
    assert (entry.action, json.loads(entry.payload)["file"]) == ("sign_report", row.file_id)
    kept = read(row.file_id)
    assert hashlib.sha256(kept).hexdigest() == row.file_id
    text = text_of(kept)
    assert "this is a draft" not in text
    for words in (records.name, "Signed off", "The check was from memory.", "The old house number was typed."):
        assert words in text, words
    # What is recorded later doesn't change it, on either page that gives it out.
    breach = Breach.objects.get(pk=breach.pk)
    actions.amend(breach=breach, by=scene.ig, seen=Seen.of(breach), facts={"people_count": 8})
    for name, more in (("breach_reports:report", "records-manager"), ("breaches:duty_file", row.duty)):
        answer = client(scene.ig).get(reverse(name, args=[breach.reference, more]))
        assert answer.content == kept
    other = store(PDF, "application/pdf")
    for changed in ({"file": other}, {"file": None}):
        with pytest.raises(IntegrityError, match="settled stays"), transaction.atomic():
            BreachDuty.objects.filter(pk=row.pk).update(**changed)
    bare = scene.reported().duties.filter(duty=Duty.RECORDS_MANAGER_REPORT)
    with pytest.raises(IntegrityError, match="signed off"), transaction.atomic():
        bare.update(status="done", settled_at=timezone.now(), note="It is done.")
    again = Breach.objects.get(pk=breach.pk)
    with pytest.raises(InvalidStep, match="settled already"):
        scene.signed(again)


@pytest.mark.policy("CLS-11")
def test_nobody_signs_that_report_for_them_but_a_dated_deputy_where_they_are_involved(scene: Scene):
    breach, records = scene.reported(Kind.LOSS), scene.wide[Role.RECORDS_MANAGER]
    for person in (scene.ig, scene.ad, scene.cg, scene.wide[Role.DIRECTOR]):
        with pytest.raises(NotAllowed):
            scene.signed(breach, by=person)
    with pytest.raises(InvalidStep, match="signs off"):
        actions.do_duty(
            breach=breach, by=scene.ig, seen=Seen.of(breach), duty=Duty.RECORDS_MANAGER_REPORT, note="It is done."
        )
    with pytest.raises(InvalidStep) as refused:  # no font here has it: said before anything is kept
        actions.sign_report(breach=breach, by=records, seen=Seen.of(breach), findings="\U000f0000", signed_off=True)
    assert refused.value.field == "findings"
    breach = actions.name_involved(breach=breach, by=scene.ig, seen=Seen.of(breach), person=records, how="Typed it")
    with pytest.raises(NotAllowed):
        scene.signed(breach, by=records)
    deputy, today = world.make_user("Dot Deputy"), timezone.localdate()
    Deputy.objects.create(role=Role.RECORDS_MANAGER, user=deputy, starts=today, ends=today, named_by=scene.ig)
    breach = scene.signed(breach, by=deputy)
    row = breach.duties.get(duty=Duty.RECORDS_MANAGER_REPORT)
    assert "eputy" in text_of(read(row.file_id))
    assert scene.reported(Kind.NEAR_MISS).duties.filter(duty=Duty.RECORDS_MANAGER_REPORT).count() == 0


@pytest.mark.policy("CLS-8", "CLS-11", "CLS-15")
def test_every_report_says_the_figures_that_the_breachs_own_page_says(scene: Scene):
    breach = actions.amend(
        breach=(breach := decided(scene)), by=scene.ig, seen=Seen.of(breach), facts={"record_count": 41}
    )
    page = client(scene.ig).get(reverse("breaches:breach", args=[breach.reference])).content.decode()
    shown = dict(re.findall(r'summary-list__key">([^<]*)</dt><dd class="[^"]*">(?:<[^>]*>)?([^<]*)', page))
    times = {key: value.split(" by ")[0].split(", The")[0] for key, value in shown.items()}
    for name in REPORTS:
        text = pdf(scene.ig, breach, name)
        for key in ("It happened", "Council aware"):
            assert times[key] in text, (name, key)
        for key in ("People, about", "Records, about"):
            assert f"About {shown[key]}" in text, (name, key)
        assert shown["Consequences"] in text
        if name != "commissioner":  # Article 33 asks for neither
            for key in ("Discovered", "Reported"):
                assert times[key] in text, (name, key)
            assert f"{shown['Likelihood']} of 5" in text
            assert f"{shown['Severity']} of 5" in text
        if name in ("director", "form"):
            for row in breach.duties.filter(status="open"):
                due = moment(row.due_at, "once what comes before is done")
                assert f"To do, due {due}" in text
                assert moment(row.due_at, "after the meeting") in page or row.due_day


@pytest.mark.policy("CLS-8", "CLS-11", "CLS-15")
def test_what_no_font_has_is_printed_by_its_number_and_never_holds_a_report_up(scene: Scene):
    odd = "It was \U000f1234 \u16a0 \ufe0f\u200d seen & <b>read</b>.\x0b\ufffe"
    breach = decided(scene)
    breach = actions.amend(
        breach=breach, by=scene.ig, seen=Seen.of(breach), facts={"what": odd, "discovered_by": "Zoë Ωmega"}
    )
    known = client(scene.ig)
    text = pdf(scene.ig, breach, "director")
    for words in ("It was [U+F1234]", "seen & <b>read</b>.", "shown by their numbers: ", "Zoë Ωmega"):
        assert words in text, words
    register_text = text_of(known.get(reverse("breach_reports:register", args=["pdf"])).content)
    assert "[U+F1234]" in register_text
    assert "shown by their numbers: " in register_text
    # Another's words never keep the author from signing; their own they are asked to write otherwise.
    breach = scene.signed(breach)
    file = breach.duties.get(duty=Duty.RECORDS_MANAGER_REPORT).file_id
    assert "[U+F1234]" in text_of(read(file))


@pytest.mark.policy("CLS-15")
def test_the_commissioners_notification_has_what_article_33_asks_in_phases(scene: Scene, settings: Any):
    breach = decided(scene)
    known = client(scene.ig)
    links = reverse("breach_reports:reports", args=[breach.reference])
    assert "contact point is not complete" in known.get(links).content.decode()
    settings.DPO_CONTACT_NAME, settings.DPO_CONTACT_EMAIL = "Pat Protection", "dpo@council.example"
    settings.DPO_CONTACT_PHONE = "01632 960777"
    assert "contact point is not complete" not in known.get(links).content.decode()
    text = pdf(scene.ig, breach, "commissioner")
    for words in (
        "Pat Protection", "dpo@council.example", "01632 960777",
        "33(3)(a)", "33(3)(b)", "33(3)(c)", "33(3)(d)", "33(4)", "Details of children", "About 3", "Not known yet",
        "Distress.", "The letter was fetched back.", "None sent yet",
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.policy("OGP-11")
def test_the_case_in_the_order_of_the_councils_form_keeps_its_reference(scene: Scene):
    breach = decided(scene)
    reference = breach.duties.get(duty=Duty.FORM).reference
    assert reference
    assert reference in pdf(scene.ig, breach, "form")


@pytest.mark.policy("OGP-12")
def test_the_disciplinary_part_stands_in_no_report(scene: Scene):
    breach = decided(scene)
    for name in REPORTS:
        assert DISCIPLINARY not in pdf(scene.ad, breach, name)
        assert "isciplinary" not in pdf(scene.ad, breach, name)
    for kind in ("csv", "pdf", "xlsx"):
        response = client(scene.ad).get(reverse("breach_reports:register", args=[kind]))
        found = text_of(response.content) if kind == "pdf" else response.content.decode("utf-8", "ignore")
        assert "isciplinary" not in found


def test_every_file_of_the_register_says_what_the_page_says(scene: Scene):
    evil = '=HYPERLINK("http://x")'
    breaches = [decided(scene), scene.reported(Kind.NEAR_MISS), scene.reported(Kind.LOSS, what=evil, people_count=None)]
    known = client(scene.ig)
    page = known.get(reverse("breach_reports:overview")).content.decode()
    lines = list(
        csv.reader(io.StringIO(known.get(reverse("breach_reports:register", args=["csv"])).content.decode("utf-8-sig")))
    )
    book = openpyxl.load_workbook(io.BytesIO(known.get(reverse("breach_reports:register", args=["xlsx"])).content))
    sheet = [[str(cell) for cell in row] for row in book.active.iter_rows(values_only=True)]
    text = text_of(known.get(reverse("breach_reports:register", args=["pdf"])).content)
    assert lines == sheet
    assert tuple(lines[0]) == register.HEAD
    assert len(lines) == 1 + len(breaches)
    assert [line[0] for line in lines[1:]] == [breach.reference for breach in reversed(breaches)]
    for breach in breaches:
        assert breach.reference in text
        assert breach.reference in page
    assert lines[1][register.HEAD.index("Facts")] == f"'{evil}"
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert "3 in all" in text
    squeezed = "".join(text.split())
    for line in lines[1:]:  # every cell of every row, in the PDF as in the other two
        for cell in line:
            assert "".join(cell.removeprefix("'").split()) in squeezed, cell
    assert re.findall(r'tile__value">([^<]*)</span> <span>([^<]*)<', page) == [
        ("2", "Breaches"), ("1", "Near misses"), ("0", "Items sent"), ("–", "Breaches for 1,000 items"),
    ]  # fmt: skip
    office = figures.by_office(Breach.objects.all(), timezone.localdate())[0]
    assert (office.name, office.breaches, office.near_misses) == ("Riverside", 2, 1)


def test_per_thousand_counts_every_item_that_left_by_whatever_way(scene: Scene):
    today = timezone.localdate()
    conference = Conference(scene.desk)
    for state in ("handed over", "delivered by post", "sent by e-mail", "released by hand, out", "prepared", "held"):
        conference.in_state(state)  # the last three have reached nobody
    assert figures.sent_by_office(today) == {"Riverside": figures.Sent(0, 1, 1, 1)}
    for state, way in ((State.POSTED, ""), (State.POSTED, ""), (State.HANDED_OVER, "by_hand"), (State.ENVELOPED, "")):
        world.letter_in(scene.desk, state, way=way)
    scene.reported()
    line = figures.by_office(Breach.objects.all(), today)[0]
    assert line.sent == figures.Sent(letters=3, registered=1, emailed=1, handed_over=1)
    assert (line.items, line.per_thousand) == (6, "166.7")
    assert figures.sent_by_office(today + dt.timedelta(days=1)) == {}
    far = world.Desk(world.make_office("lak", "Lakeside"))
    world.letter_in(far, State.POSTED)
    lines = figures.by_office(Breach.objects.all(), today)
    assert [(one.name, one.items, one.per_thousand) for one in lines] == [
        ("Lakeside", 1, "0.0"),
        ("Riverside", 6, "166.7"),
    ]
    cause = figures.by_cause(Breach.objects.all(), today, figures.whole(lines).sent)[0]
    assert (cause.items, cause.per_thousand) == (7, "142.9")
    sent = figures.Sent(letters=400)
    assert figures.Line("X", 3, 0, sent).per_thousand == "7.5"
    assert figures.Line("X", 3, 0, figures.Sent()).per_thousand == "–"
    # The page says the same.
    page = client(scene.ig).get(reverse("breach_reports:overview")).content.decode()
    cells = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", page, re.S)]
    assert "Riverside 1 0 3 1 1 1 6 166.7" in cells
    assert "All offices 1 0 4 1 1 1 7 142.9" in cells
    assert "Not entered yet 1 0 142.9" in cells


def test_alerts_rise_by_office_and_by_step(scene: Scene):
    today = timezone.localdate()
    for _ in range(2):
        scene.caused(scene.reported())
    assert figures.alerts(Breach.objects.all(), today) == []
    scene.caused(scene.reported())
    assert [alert.words for alert in figures.alerts(Breach.objects.all(), today)] == [
        "The worker's check of the address failed: 3 times in 30 days; 0.0 is usual.",
        "At Riverside: 3 were reported in 30 days; 0.0 is usual.",
    ]
    # As many as ever is no alert: nine in the half-year before make 1.5 a month; three are not more than twice that.
    RoleGrant.objects.update(starts=dt.date(2020, 1, 1))
    with time_machine.travel(timezone.now() - dt.timedelta(days=60), tick=False):
        for _ in range(9):
            scene.caused(scene.reported())
    assert figures.alerts(Breach.objects.all(), today) == []


def test_an_alert_is_told_once_to_those_who_run_breaches_and_again_when_it_rises_anew(scene: Scene):
    def told() -> list[int]:
        jobs = Job.objects.filter(payload__notice="breach_trend").order_by("created_at", "pk")
        return [job.payload["user"] for job in jobs]

    second = world.make_user("Second Governance", None, Role.INFORMATION_GOVERNANCE)
    for _ in range(2):
        scene.reported()
    assert (raise_all(), told()) == (0, [])
    scene.caused(scene.reported())
    assert (tasks.remind.run() > 0, raise_all()) == (True, 0)
    assert sorted(told()) == sorted([scene.ig.pk, second.pk])
    # Another one on top of it is the same alert; another thing that rises is another alert.
    for breach in Breach.objects.filter(cause=""):
        scene.caused(breach)
    scene.reported()
    assert (raise_all(), len(told())) == (1, 4)
    assert set(TrendAlert.objects.values_list("office__name", "control", "over_at")) == {
        ("Riverside", "", None), (None, "address_check", None),
    }  # fmt: skip
    for job in Job.objects.filter(payload__notice="breach_trend"):
        assert job.payload["link"] == "/breach-reports/"
        assert not {"Riverside", "address_check"} & set(str(job.payload).split("'"))
    # Two beats at once: the second finds its row taken.
    with transaction.atomic(), pytest.raises(IntegrityError):
        TrendAlert.objects.create(office=scene.desk.office, number=3)
    # 40 days on nothing was reported: they are over; two days the scheduler was down, then it rises anew.
    RoleGrant.objects.update(starts=dt.date(2020, 1, 1))
    later = timezone.now() + dt.timedelta(days=40)
    with time_machine.travel(later, tick=False):
        assert raise_all() == 0
        assert not TrendAlert.objects.filter(over_at__isnull=True).exists()
        for _ in range(6):
            scene.reported()
    with time_machine.travel(later + dt.timedelta(days=2), tick=False):
        assert (raise_all(), raise_all(), len(told())) == (1, 0, 6)


@pytest.mark.policy("CLS-8", "OGP-12")
def test_only_those_who_see_the_whole_open_reports(scene: Scene):
    breach = decided(scene)
    everyone: dict[str, User] = {str(role): user for role, user in scene.wide.items()}
    for name in ("worker", "other_worker", "duty", "ap", "deputy", "manager", "admin"):
        everyone |= {f"near.{name}": getattr(scene.desk, name), f"far.{name}": getattr(scene.far, name)}
    paths = [
        reverse("breach_reports:overview"),
        *(reverse("breach_reports:register", args=[kind]) for kind in ("csv", "xlsx", "pdf")),
        reverse("breach_reports:reports", args=[breach.reference]),
        reverse("breach_reports:report", args=[breach.reference, "director"]),
    ]
    for path in paths:
        may = {who for who, user in everyone.items() if client(user).get(path).status_code == 200}
        assert may == READERS, path
        assert client(scene.ig).post(path).status_code == 405
        assert Client().get(path).status_code == 302
    assert client(scene.ig).get(reverse("breach_reports:register", args=["exe"])).status_code == 404
    assert client(scene.ig).get(reverse("breach_reports:report", args=[breach.reference, "none"])).status_code == 404
    # Whoever is involved sees neither its reports nor its line in the register.
    actions.name_involved(breach=breach, by=scene.ig, seen=Seen.of(breach), person=scene.cg, how="Typed it")
    assert Involved.objects.filter(user=scene.cg).exists()
    assert client(scene.cg).get(paths[4]).status_code == 404
    assert client(scene.cg).get(paths[5]).status_code == 404
    assert breach.reference not in client(scene.cg).get(paths[1]).content.decode()


def test_every_address_of_the_reports_is_on_the_list():
    assert {f"breach_reports:{pattern.name}" for pattern in urls.urlpatterns} == NAMES


def test_the_same_queries_for_few_and_many(scene: Scene, django_assert_num_queries: Any):
    def queries() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            known.get(reverse("breach_reports:overview"))
        return len(caught)

    scene.reported()
    known = client(scene.ig)
    queries()
    few = queries()
    for _ in range(5):
        scene.reported()
    assert queries() == few
