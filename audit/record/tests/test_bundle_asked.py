"""Who may ask for an audit bundle, on the page and by the command, and for how long they have it."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.record.actions.bundles import ask_for_bundle
from audit.record.models import Bundle, Scope
from audit.record.tests.bundles import carry, parts_of, run
from letters.models import Letter
from letters.tests.work_help import signed_in, url
from postroom.ledger.models import Entry, Reading
from postroom.people.models import RoleGrant
from postroom.people.roles import Role
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-0"), pytest.mark.django_db]


def test_the_command(history, desk, tmp_path, capsys):
    letter, _ = history
    today = timezone.localdate().isoformat()
    for number, options in enumerate(
        (["--everything"], ["--letter", letter.reference], ["--office", "near", "--from", today, "--to", today])
    ):
        path = tmp_path / f"{number}.zip"
        call_command("export_bundle", str(path), *options)
        assert run(path.read_bytes(), tmp_path)[0] == 0
        with pytest.raises(CommandError):
            call_command("export_bundle", str(path), *options)
    path = tmp_path / "content.zip"
    call_command("export_bundle", str(path), "--letter", letter.reference, "--content-for", desk.admin.email)
    assert letter.reference in parts_of(path.read_bytes())["content.jsonl"].decode()
    assert Reading.objects.filter(subject=letter.ledger_subject, reader_id=desk.admin.pk, what="export").count() == 1
    for wrong in (["--letter", "NONE"], ["--office", "none"], ["--office", "near"], ["--letter", letter.reference,
                  "--content-for", "nobody@example.test"]):  # fmt: skip
        with pytest.raises(CommandError):
            call_command("export_bundle", str(tmp_path / "w.zip"), *wrong)


@pytest.mark.django_db(transaction=True)
def test_asked_for_on_the_page_made_by_the_worker_fetched_and_logged(history, governance, tmp_path):
    client = Client()
    client.force_login(governance)
    day = timezone.localdate()
    asked = {
        f"{which}_day_{part}": getattr(day, part) for which in ("first", "last") for part in ("day", "month", "year")
    }
    sent = {"scope": "office", "office": Letter.objects.first().office_id, **asked}
    response = client.post(reverse("record:bundle_ask"), sent)
    bundle = Bundle.objects.get()
    assert response["Location"] == reverse("record:bundle", args=[bundle.reference])
    assert "being made" in client.get(response["Location"]).content.decode()
    assert client.get(reverse("record:bundle_file", args=[bundle.reference])).status_code == 404
    carry()
    assert "Download the bundle" in client.get(response["Location"]).content.decode()
    data = client.get(reverse("record:bundle_file", args=[bundle.reference])).content
    assert run(data, tmp_path)[0] == 0
    assert Reading.objects.filter(subject=bundle.ledger_subject, reader_id=governance.pk).count() == 1
    assert Entry.objects.get(subject=bundle.ledger_subject).action == "export_office"
    carry()
    assert "Ready" in client.get(reverse("record:bundles")).content.decode()


def test_mistakes_in_the_form_are_said_and_nothing_is_made(history, governance):
    client = Client()
    client.force_login(governance)
    office = Letter.objects.first().office_id
    day = {f"{which}_day_{part}": value for which in ("first", "last") for part, value in
           (("day", "2"), ("month", "3"), ("year", "2031"))}  # fmt: skip
    for sent, said in (
        ({}, "Choose what it should be about"),
        ({"scope": "letter", "reference": "nonsense"}, "There is no letter of that reference"),
        ({"scope": "office"}, "Choose the office"),
        ({"scope": "office", "office": office, **day}, "begins in the future"),
        (
            {"scope": "office", "office": Letter.objects.first().office_id, **day, "last_day_year": "2030"},
            "ends before",
        ),
        ({"scope": "all"}, "Choose one of the answers"),
    ):
        page = client.post(reverse("record:bundle_ask"), sent)
        assert page.status_code == 200
        assert said in page.content.decode(), said
    assert not Bundle.objects.exists()


def test_who_may_ask_for_what(history, desk, dam, governance):
    letter, _ = history
    system = world.make_user("Sys Admin", None, Role.SYSTEM_ADMINISTRATOR)
    made, again = (ask_for_bundle(by=dam, scope=Scope.LETTER, letter=letter) for _ in range(2))
    assert made == again, "the same form sent again, and nothing made yet"
    ask_for_bundle(by=desk.manager, scope=Scope.LETTER, letter=letter, with_content=True)
    for who, options in (
        (dam, {"scope": Scope.LETTER, "letter": letter, "with_content": True}),
        (dam, {"scope": Scope.EVERYTHING}),
        (desk.manager, {"scope": Scope.OFFICE, "office": desk.office}),
        (desk.admin, {"scope": Scope.LETTER, "letter": letter}),
        (system, {"scope": Scope.LETTER, "letter": letter}),
        (system, {"scope": Scope.EVERYTHING}),
    ):
        with pytest.raises(NotAllowed):
            ask_for_bundle(by=who, **options)
    with pytest.raises(InvalidStep):
        ask_for_bundle(by=dam, scope=Scope.OFFICE, office=desk.office, first_day=dt.date(2026, 3, 2),
                       last_day=dt.date(2026, 3, 1))  # fmt: skip
    assert Bundle.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_content_is_what_the_asker_may_read_when_it_is_made(history, desk, governance, tmp_path):
    ask_for_bundle(by=governance, scope=Scope.EVERYTHING, with_content=True)
    ask_for_bundle(by=desk.manager, scope=Scope.LETTER, letter=history[0], with_content=True)
    desk.manager.is_active = False
    desk.manager.save()
    carry()
    from postroom.files.store import read

    for bundle in Bundle.objects.all():
        parts = parts_of(read(bundle.file_id))
        assert parts["content.jsonl"] == b""


@pytest.mark.django_db(transaction=True)
def test_a_bundle_is_not_had_any_more_once_its_right_has_ended(history, desk, governance, dam):
    letter = history[0]
    day = timezone.localdate()
    office = {"office": desk.office, "first_day": day, "last_day": day}
    reader = world.make_user("Rhea Adminmanager", desk.office, Role.DISTRICT_ADMIN_MANAGER, Role.TEAM_MANAGER)
    made = {
        "letter": ask_for_bundle(by=desk.manager, scope=Scope.LETTER, letter=letter),
        "office": ask_for_bundle(by=dam, scope=Scope.OFFICE, **office),
        "everything": ask_for_bundle(by=governance, scope=Scope.EVERYTHING),
        "content": ask_for_bundle(by=reader, scope=Scope.OFFICE, with_content=True, **office),
    }
    carry()

    def answers():
        found = {}
        for name, bundle in made.items():
            pages = [reverse(f"record:{view}", args=[bundle.reference]) for view in ("bundle", "bundle_file")]
            found[name] = tuple(signed_in(bundle.asked_by).get(page).status_code for page in pages)
        return found

    assert answers() == dict.fromkeys(made, (200, 200))
    before = Reading.objects.count()
    # The roles end; of the last one only that with which they read the office's letters.
    ended = RoleGrant.objects.filter(user__in=[desk.manager, dam, governance])
    ended = ended | RoleGrant.objects.filter(user=reader, role=Role.TEAM_MANAGER.value)
    ended.update(ends=day - dt.timedelta(days=1))
    assert answers() == {"letter": (404, 404), "office": (403, 403), "everything": (403, 403), "content": (200, 403)}
    page = signed_in(reader).get(reverse("record:bundle", args=[made["content"].reference])).content.decode()
    assert "Download the bundle" not in page
    assert "may not read any more. Ask for a new one." in page
    assert Reading.objects.count() == before
    ended.update(ends=None)
    assert answers() == dict.fromkeys(made, (200, 200))


def test_whoever_may_export_finds_the_way_on_the_letters_page(desk, letter):
    """The letter's managers; not its worker or admin, who read it too."""
    address = reverse("record:bundle_letter", args=[letter.reference])
    for person, there in ((desk.manager, True), (desk.deputy, True), (desk.worker, False), (desk.admin, False)):
        page = signed_in(person).get(url("letter", letter)).content.decode()
        assert (address in page) == there, person
