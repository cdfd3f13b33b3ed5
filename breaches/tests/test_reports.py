"""Reports, register and figures: every PDF opened and read back, every file's figures those of the page."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from breaches import actions
from breaches.duties import Duty, Kind
from breaches.models import Breach, BreachDuty, Involved
from breaches.reports import figures, register, urls
from breaches.reports.content import FORM_PARTS, REPORTS, as_form, decision, risk
from breaches.reports.parts import moment
from breaches.tests.scene import PDF, Scene
from postroom.files.store import read, store
from postroom.ledger.models import Entry, Reading
from postroom.people.models import Deputy, User
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


@pytest.mark.policy("CLS-8", "CLS-1")
def test_the_directors_report_is_kept_as_it_was_made_or_as_a_file(scene: Scene):
    breach, known = decided(scene), client(scene.ig)
    path = reverse("breaches:duty", args=[breach.reference, "director_report"])
    assert reverse("breach_reports:report", args=[breach.reference, "director"]) in known.get(path).content.decode()
    seen = {"seen_version": breach.version, "seen_hash": breach.content_hash}
    assert "Choose the report itself" in known.post(path, seen).content.decode()
    assert known.post(path, seen | {"made_here": "on", "note": "By hand."}).status_code == 302
    row = breach.duties.get(duty=Duty.DIRECTOR_REPORT)
    kept = known.get(reverse("breaches:duty_file", args=[breach.reference, row.duty])).content
    assert hashlib.sha256(kept).hexdigest() == row.file_id
    known.get(reverse("breaches:breach", args=[breach.reference]))
    known.get(reverse("breach_reports:report", args=[breach.reference, "director"]))
    known.get(reverse("breach_reports:register", args=["csv"]))
    read_by = Reading.objects.filter(reader_id=scene.ig.pk).order_by("pk").values_list("subject", "what")
    assert list(read_by) == [
        (breach.ledger_subject, "page"), (breach.ledger_subject, "file"), (breach.ledger_subject, "page"),
        (breach.ledger_subject, "pdf"), ("list/breaches", "export"),
    ]  # fmt: skip
    text = text_of(kept)
    for words in ("Report to the Director", f"by {scene.ig.name}", "About 3", "The letter was fetched back."):
        assert words in text, words
    # Who has the duty but doesn't see the whole is shown no link to the whole.
    other = scene.reported()
    page = client(scene.wide[Role.BUSINESS_IMPROVEMENT_MANAGER]).get(
        reverse("breaches:duty", args=[other.reference, "business_improvement_manager"])
    )
    assert page.status_code == 200
    assert "/breach-reports/" not in page.content.decode()


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
    breach = actions.make_notification(breach=breach, by=scene.ig, seen=Seen.of(breach))  # the file that is frozen too
    for name in (*REPORTS, "commissioner-to-send"):
        text = pdf(scene.ig, breach, name)
        for key in ("It happened", "Council aware"):
            assert times[key] in text, (name, key)
        for key in ("People, about", "Records, about"):
            assert f"About {shown[key]}" in text, (name, key)
        assert shown["Consequences"] in text
        if not name.startswith("commissioner"):  # Article 33 asks for neither
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


@pytest.mark.policy("OGP-11")
def test_the_council_says_in_which_order_its_form_asks_and_under_which_headings(scene: Scene, settings: Any):
    breach = decided(scene)
    usual = [section.title for section in as_form(breach).sections]
    settings.BREACH_FORM_ORDER = ["risk=Part B: How bad it is", " decision ", "facts"]
    text, found = pdf(scene.ig, breach, "form"), [section.title for section in as_form(breach).sections]
    assert found[:3] == [usual[0], "Part B: How bad it is", decision(breach).title]
    assert sorted({*found} - {"Part B: How bad it is"}) == sorted({*usual} - {risk(breach).title})
    places = [text.index(title, 20) for title in found]
    assert places == sorted(places)
    assert set(FORM_PARTS) == settings.BREACH_FORM_PARTS


@pytest.mark.policy("OGP-11", "CLS-15")
def test_the_councils_own_form_and_policies_are_linked_where_they_apply(scene: Scene, settings: Any):
    breach = scene.assessed(scene.reported())
    breach = actions.ask_advice(breach=breach, by=scene.ig, seen=Seen.of(breach), question="Refer it?")
    breach = actions.advise(breach=breach, by=scene.dpo, seen=Seen.of(breach), text="Yes.")
    form, security, referral = (f"https://intranet.council.example/{name}" for name in ("form", "security", "referral"))
    pages = [
        (scene.desk.worker, reverse("breaches:report"), [form, security]),
        (scene.ig, reverse("breaches:breach", args=[breach.reference]), [form, security]),
        (scene.ig, reverse("breaches:duty", args=[breach.reference, "form"]), [form]),
        (scene.ig, reverse("breaches:notify", args=[breach.reference]), [referral]),
        (scene.ad, reverse("breaches:decide", args=[breach.reference]), [referral]),
    ]
    for user, page, links in pages:
        assert not any(link in client(user).get(page).content.decode() for link in links), page
    settings.BREACH_FORM_URL, settings.SECURITY_POLICY_URL, settings.REFERRAL_POLICY_URL = form, security, referral
    for user, page, links in pages:
        answer = client(user).get(page)
        assert answer.status_code == 200, page
        assert all(f'href="{link}"' in answer.content.decode() for link in links), page


@pytest.mark.policy("CLS-15")
def test_the_commissioners_phases_stand_in_the_notification_as_on_the_page(scene: Scene):
    breach = decided(scene)
    for number in (1, 2):
        more = {"more_to_come": True, "more_by": timezone.localdate()} if number == 1 else {}
        breach = scene.referred(breach, reference=f"IC-70{number}", note=f"Part {number} of two.", **more)
    page = strip_tags(client(scene.ig).get(reverse("breaches:breach", args=[breach.reference])).content.decode())
    text = pdf(scene.ig, breach, "commissioner")
    for row in breach.referrals.all():
        at = moment(row.at)
        assert f"phase {row.phase}, {at}, reference {row.reference}." in page
        assert f"Phase {row.phase}, sent {at} {row.reference} {row.note}" in text
    assert breach.referrals.count() == 2
    assert "None sent yet" not in text


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
    # Every report and every file that was frozen: one in three of those who may not, and one of those who may.
    breach = scene.referred(breach, more_to_come=True, more_by=timezone.localdate())
    breach = actions.make_notification(breach=breach, by=scene.ig, seen=Seen.of(breach))
    known = {who: client(user) for who, user in everyone.items()}
    further = [
        reverse("breach_reports:report", args=[breach.reference, name])
        for name in sorted({*REPORTS, "commissioner-1", "commissioner-to-send"} - {"director"})
    ]
    further.append(reverse("breaches:history_pdf", args=[breach.reference]))
    for number, path in enumerate(further):
        reader = sorted(READERS)[number % len(READERS)]
        asked = {*sorted(set(everyone) - READERS)[number % 3 :: 3], reader}
        assert {who for who in asked if known[who].get(path).status_code == 200} == {reader}, path
    for path in paths:
        may = {who for who, signed_in in known.items() if signed_in.get(path).status_code == 200}
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
