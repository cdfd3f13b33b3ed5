"""What was decided on staff is seen by those who decide and by nobody else, on no page, in no file (OGP-12, CLS-15)."""

from __future__ import annotations

import json
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.record.access import find
from audit.record.actions.bundles import ask_for_bundle, wanted_by
from audit.record.bundle import write_bundle
from audit.record.models import Scope
from breaches import actions, reminders
from breaches.actions.common import involve
from breaches.chasing import chases
from breaches.duties import Duty
from breaches.models import Breach, FollowUp
from breaches.reports.content import REPORTS
from breaches.tests.scene import Scene
from breaches.tests.test_reports import text_of
from postroom.cases.models import CaseAccess
from postroom.files.store import read, store
from postroom.outbox.carrier import run_due
from postroom.outbox.models import Job
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import NotAllowed
from tests.access.hunting import walk

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-12", "CLS-15")]
WORDS = ("warned before", "Fitness in doubt", "Counsel said", "Disciplinary", "disciplinary investigation",
         settings.PROFESSIONAL_BODY_NAME, "Legal advice", "Referred as 77", "An action finished", "Action finished",
         "the two who decide see", "Kept of old")  # fmt: skip
DECIDE = {"assistant_director", "caldicott_guardian"}
KEPT = (Duty.RECORDS_MANAGER_REPORT, Duty.DIRECTOR_REPORT)
WHOLE = {"breach", "history", "history_pdf", "records-manager"}  # where those who decide may find it
MUST = {"breach", "history", "history_pdf", "records-manager", *(f"kept {duty}" for duty in KEPT)}


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Both decided on a disciplinary investigation and the professional body; the second is done already.

    Two reports are kept from when they still said so. What is typeset from here on is plain text, so that each PDF can
    be opened by everybody.
    """
    scene = Scene()
    scene.breach = scene.decided(
        scene.reported(letter=scene.posted_letter()),
        disciplinary=True,
        disciplinary_reason="She was warned before.",
        professional_body=True,
        professional_body_reason="Fitness in doubt.",
        legal_advice="Counsel said so.",
    )
    scene.open, scene.over = scene.breach.follow_ups.filter(for_deciders=True).order_by("pk")
    finished(scene, scene.cg, scene.over)
    monkeypatch.setattr("breaches.actions.signing.report_pdf", lambda report, made: b"Kept of old. Fitness in doubt.")
    breach = scene.signed(Breach.objects.get())
    report = store(b"%PDF-1.4 Kept of old. Counsel said so.", "application/pdf")
    breach = actions.do_duty(
        breach=breach, by=scene.ig, seen=Seen.of(breach), duty=Duty.DIRECTOR_REPORT, note="", reference="", file=report
    )
    scene.breach = actions.make_notification(breach=breach, by=scene.ig, seen=Seen.of(breach))
    marked = import_module("breaches.migrations.0007_reports_kept_from_before")
    marked.kept_before(apps, SimpleNamespace(connection=connection))
    assert scene.breach.duties.filter(file_for_deciders=True).count() == 2
    for where in ("breaches.reports.views", "breaches.views.history"):
        monkeypatch.setattr(f"{where}.report_pdf", lambda report, made: f"{made} {report}".encode())
    monkeypatch.setattr("breaches.reports.views.register_pdf", lambda rows, made: f"{made} {rows}".encode())
    return scene


def finished(scene: Scene, by: User, action: FollowUp) -> Breach:
    breach = Breach.objects.get()
    seen = Seen.of(breach)
    return actions.finish_follow_up(breach=breach, by=by, seen=seen, follow_up=action, result="Referred as 77.")


def everybody(scene: Scene) -> dict[str, User]:
    desk = scene.desk
    near = {"reporter": desk.other_worker, "line_manager": desk.deputy, "manager": desk.manager, "admin": desk.admin}
    return near | {"far.manager": scene.far.manager} | {str(role): user for role, user in scene.wide.items()}


def pages(scene: Scene) -> dict[str, str]:
    """Each page and file that could tell it. `whole`: where those who decide find it."""
    reference = [scene.breach.reference]
    found = {name: reverse(f"breaches:{name}", args=reference) for name in ("breach", "history", "history_pdf")}
    found |= {f"kept {duty}": reverse("breaches:duty_file", args=[*reference, duty]) for duty in KEPT}
    found |= {
        name: reverse("breach_reports:report", args=[*reference, name]) for name in (*REPORTS, "commissioner-to-send")
    }
    found |= {f"register {kind}": reverse("breach_reports:register", args=[kind]) for kind in ("csv", "xlsx", "pdf")}
    found |= {f"action {one.pk}": reverse("breaches:follow_up", args=[one.pk]) for one in (scene.open, scene.over)}
    figures = reverse("audit:figure_breaches")
    found |= {"behind the figures": figures, "behind the figures, csv": f"{figures}?csv=1"}
    found |= {"figures": reverse("audit:figures"), "letter": reverse("letters:letter", args=[scene.breach.letter])}
    return found | {"register": reverse("breach_reports:overview"), "breaches": "/breaches/", "my work": "/"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def seen_on(user: User, path: str, client: Client | None = None) -> str:
    answer = (client or signed_in(user)).get(path)
    return words_of(b"".join(answer.streaming_content) if answer.streaming else answer.content)


def words_of(data: bytes) -> str:
    """The text of a page or file; of what is zipped, of all that is in it."""
    if not data.startswith(b"PK"):
        return text_of(data) if data.startswith(b"%PDF") and len(data) > 100 else data.decode()
    with ZipFile(BytesIO(data)) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


@pytest.mark.usefixtures("plain_refusals")
def test_each_role_with_and_without_a_part_in_it(scene: Scene) -> None:
    """Every page, report and export, by everybody; whoever decides, involved and barred too."""
    wrong = []
    for who, user in everybody(scene).items():
        for part in ("", "involved", "barred") if who in (*DECIDE, "information_governance") else ("",):
            with transaction.atomic():
                if part == "involved":
                    involve(scene.breach, user, "Carried the bag", timezone.now())
                elif part == "barred":
                    CaseAccess.objects.create(case=scene.desk.case, user=user, kind="barred", set_by=scene.desk.manager)
                decides = who in DECIDE and not part
                client = signed_in(user)  # once: signing in costs as much as a page
                for name, path in pages(scene).items():
                    text = seen_on(user, path, client)
                    shown = [words for words in WORDS if words in text]
                    whole = name in WHOLE or name.startswith(("action", "kept"))
                    if (shown and not (decides and whole)) or (decides and name in MUST and not shown):
                        wrong.append((who, part, name, shown))
                transaction.set_rollback(True)
    assert wrong == []
    page = seen_on(scene.ad, pages(scene)["breach"])
    for words in ("warned before", "Fitness in doubt", "Counsel said", "Begin the disciplinary", "Referred as 77"):
        assert words in page
    # Governance is told that there is more, whatever was decided, and gets the reports without it.
    assert "for the two who decide alone" in seen_on(scene.ig, pages(scene)["breach"])
    for name in ("records-manager", f"kept {Duty.RECORDS_MANAGER_REPORT}", f"kept {Duty.DIRECTOR_REPORT}"):
        instead = seen_on(scene.ig, pages(scene)[name])
        assert "In place of the report that is kept" in instead
        assert (scene.breach.consequences in instead) is True
    assert "address check was made from memory" in seen_on(scene.ig, pages(scene)["records-manager"])


def test_no_export_notice_or_reminder_says_it(scene: Scene) -> None:
    """The audit bundle of everything, an access request with its files, each e-mail and job, what is chased."""
    out = BytesIO()
    write_bundle(out, wanted_by(ask_for_bundle(by=scene.ig, scope=Scope.EVERYTHING)))
    held = find([scene.desk.parent], by=scene.ig)
    FollowUp.objects.filter(pk=scene.open.pk).update(due_on=timezone.localdate() - timezone.timedelta(days=2))
    reminders.remind(scene.breach.pk, timezone.now() + timezone.timedelta(hours=80))
    run_due()
    said = {
        "bundle": words_of(out.getvalue()),
        "access request": json.dumps(held.sections),
        "its files": "".join(words_of(read(sha)) for sha in held.files),
        "jobs": "".join(json.dumps(job.payload) for job in Job.objects.all()),
        "e-mails": "".join(f"{one.subject} {one.body}" for one in mail.outbox),
    }
    assert said["e-mails"]
    assert len(held.sections["Breach duty"]) > 2
    assert {name: [w for w in WORDS if w in text] for name, text in said.items()} == {name: [] for name in said}


@pytest.mark.soak
def test_it_is_on_no_page_of_the_whole_site(scene: Scene) -> None:
    """Every address by everybody who doesn't decide: an address of tomorrow is walked by itself."""
    people = {who: user for who, user in everybody(scene).items() if who not in DECIDE}
    given: dict[str, list[object]] = {"reference": [scene.breach.reference, scene.breach.letter], "page": [1]}
    given |= {"duty": list(KEPT), "kind": ["csv", "xlsx", "pdf"], "name": list(REPORTS), "number": [1]}
    given |= {"pk": [scene.open.pk, scene.over.pk]}
    secrets = [words for words in WORDS if words not in ("Disciplinary", "Legal advice")]
    told = {}
    for who, user in people.items():
        client = Client(raise_request_exception=False)
        client.force_login(user)
        told[who] = walk(client, given, secrets)
    assert {who: pages for who, pages in told.items() if pages} == {}


def test_the_database_keeps_an_old_report_with_the_two(scene: Scene) -> None:
    with pytest.raises(IntegrityError, match="stays with those who decide"), transaction.atomic():
        scene.breach.duties.filter(file_for_deciders=True).update(file_for_deciders=False)


def test_its_actions_are_asked_of_those_who_decide_and_finished_by_them_alone(scene: Scene) -> None:
    assert scene.open.owner == scene.ad
    FollowUp.objects.filter(pk=scene.open.pk).update(due_on=timezone.localdate() - timezone.timedelta(days=2))
    (chase,) = [one for one in chases(scene.breach) if one.name == f"action/{scene.open.pk}"]
    assert chase.who == {scene.ad.pk, scene.cg.pk}
    for who, user in everybody(scene).items():
        if who not in DECIDE:
            with pytest.raises(NotAllowed):
                finished(scene, user, scene.open)
    assert "An action from breach" in seen_on(scene.ad, "/")
    involve(scene.breach, scene.ad, "Carried the bag", timezone.now())
    # Its owner is kept out now: it is the other one's.
    with pytest.raises(NotAllowed):
        finished(scene, scene.ad, scene.open)
    assert "An action from breach" not in seen_on(scene.ad, "/")
    (chase,) = [one for one in chases(scene.breach) if one.name == f"action/{scene.open.pk}"]
    assert chase.who == {scene.cg.pk}
    finished(scene, scene.cg, scene.open)


def test_the_database_shows_it_to_nobody_else_either(scene: Scene) -> None:
    with pytest.raises(IntegrityError, match="stays with those who decide"), transaction.atomic():
        FollowUp.objects.filter(pk=scene.open.pk).update(for_deciders=False)


def test_without_a_yes_there_is_no_such_action() -> None:
    scene = Scene()
    scene.decided(scene.reported())
    assert not FollowUp.objects.exists()
