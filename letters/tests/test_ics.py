"""ICS by a folder and over the network: whole or not at all, once however often it is tried (OGP-6)."""

from __future__ import annotations

import base64
import datetime as dt
import errno
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone

from letters import actions
from letters.actions.chasing import chase
from letters.actions.stock import set_office_post
from letters.completed import children_owed
from letters.ics import folder, http
from letters.ics.package import GatewayError, Package
from letters.ics.words import trouble_words
from letters.models import EnvelopeStock, IcsUpload, Letter, OfficePost
from letters.states import State
from letters.tests.desk_help import last_entry, seen, signed_in
from postroom.cases.models import CasePerson, Relationship
from postroom.outbox.carrier import run_due
from postroom.outbox.models import Job, JobState
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep
from tests.support import world

PACKAGE = Package(
    "K7Q2M4XD9-1", "K7Q2M4XD9", "900001", "Posted 20 July 2026.", "application/pdf", b"%PDF-" + b"x" * 90_000
)
LATER = dt.timedelta(days=1)


# --- a folder -------------------------------------------------------------------------------------------------------


def names(where: Path) -> list[str]:
    """All that lies there."""
    return sorted(str(path.relative_to(where)) for path in where.rglob("*"))


@pytest.mark.policy("OGP-6")
def test_a_folder_gets_document_and_notes_and_the_second_time_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        assert folder.deliver(PACKAGE, tmp_path) == PACKAGE.key
        assert names(tmp_path) == [PACKAGE.key, f"{PACKAGE.key}/K7Q2M4XD9.pdf", f"{PACKAGE.key}/notes.json"]
    notes = json.loads((tmp_path / PACKAGE.key / "notes.json").read_text())
    assert (notes["ics_number"], notes["description_notes"]) == ("900001", "Posted 20 July 2026.")
    assert (tmp_path / PACKAGE.key / "K7Q2M4XD9.pdf").read_bytes() == PACKAGE.document


def test_what_a_killed_attempt_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f".part-{PACKAGE.key}").mkdir()
    (tmp_path / f".part-{PACKAGE.key}" / "K7Q2M4XD9.pdf").write_bytes(b"half")
    folder.deliver(PACKAGE, tmp_path)
    assert not [name for name in names(tmp_path) if ".part" in name]


@pytest.mark.policy("OGP-6")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_at_every_point_a_folder_that_fails_is_left_as_it_was(tmp_path: Path, number: int) -> None:
    """Every call that can fail fails in turn."""
    for name in ("pathlib.Path.mkdir", "letters.ics.folder._write", "letters.ics.folder._flush", "pathlib.Path.rename"):
        with mock.patch(name, side_effect=OSError(number, "no")), pytest.raises(GatewayError) as error:
            folder.deliver(PACKAGE, tmp_path)
        assert not error.value.final
        assert trouble_words(error.value.code)
        assert names(tmp_path) == []
    folder.deliver(PACKAGE, tmp_path)


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="folder_missing"):
        folder.deliver(PACKAGE, tmp_path / "none")
    assert names(tmp_path) == []


MOUNTED = """
set -e
mount -t tmpfs -o size=64k none "$1"
if [ "$3" = read_only ]; then mount -o remount,ro "$1"; fi
"$2" -c "
import sys
from pathlib import Path
from letters.ics import folder
from letters.ics.package import GatewayError, Package
where = Path(sys.argv[1])
try:
    folder.deliver(Package('K-1', 'K', '9', 'n', 'application/pdf', b'x' * 90_000), where)
except GatewayError as error:
    print(error.code, sorted(path.name for path in where.iterdir()))
" "$1"
"""


@pytest.mark.parametrize(("kind", "code"), [("full", "folder_full"), ("read_only", "folder_read_only")])
def test_a_really_full_and_a_really_read_only_folder(tmp_path: Path, kind: str, code: str) -> None:
    """A file system of 64 kB of its own, in a namespace of its own."""
    import sys

    command = ["unshare", "-rm", "bash", "-c", MOUNTED, "bash", str(tmp_path), sys.executable, kind]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if done.returncode and "unshare" in done.stderr + done.stdout:
        pytest.skip("this machine lets nobody make a namespace")
    assert done.stdout.strip() == f"{code} []", done.stderr


# --- the network ------------------------------------------------------------------------------------------------------


@dataclass
class Ics:
    """A real server. `mode` may be changed at any time; `filed` holds what it has, by key."""

    mode: str = "up"
    filed: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def ics() -> Iterator[Ics]:
    state = Ics()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Not to standard error."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            state.asked.append(key)
            if state.mode == "slow":
                time.sleep(0.8)
            if state.mode.isdigit():
                self.answer(int(state.mode), b"{}")
                return
            if state.mode == "redirect":
                self.answer(302, b"", Location=state.url)
                return
            body["authorization"] = self.headers["Authorization"]
            state.filed.setdefault(key, body)
            if state.mode == "answer lost":
                self.close_connection = True
                self.connection.close()
                return
            answers = {"not json": b"<p>Fine</p>", "no reference": b'{"ok": true}', "a list": b"[1]",
                       "too long": b" " * 70_000, "long reference": b'{"reference": "' + b"x" * 61 + b'"}'}  # fmt: skip
            place = list(state.filed).index(key)
            self.answer(201, answers.get(state.mode, json.dumps({"reference": f"DOC-{place}"}).encode()))

        def answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/documents"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.policy("OGP-6")
def test_the_network_gets_document_notes_and_key_and_gives_its_reference(ics: Ics) -> None:
    answer = http.deliver(PACKAGE, ics.url, "secret")
    assert answer == http.Answer("DOC-0", '{"reference": "DOC-0"}')
    filed = ics.filed[PACKAGE.key]
    assert base64.b64decode(filed["document_base64"]) == PACKAGE.document
    assert filed["authorization"] == "Bearer secret"
    assert filed["description_notes"].startswith("Posted 20 July 2026")


@pytest.mark.parametrize("mode", ["500", "503", "408", "429", "slow", "answer lost", "not json", "no reference",
                                  "a list", "too long", "long reference"])  # fmt: skip
def test_what_may_pass_is_tried_again_and_filed_once(ics: Ics, mode: str) -> None:
    ics.mode = mode
    with pytest.raises(GatewayError) as error:
        http.deliver(PACKAGE, ics.url, "", seconds=0.3)
    assert not error.value.final
    assert trouble_words(error.value.code)
    ics.mode = "up"
    assert http.deliver(PACKAGE, ics.url, "").reference == "DOC-0"
    assert len(ics.filed) == 1


@pytest.mark.parametrize("mode", ["400", "401", "403", "404", "422", "redirect"])
def test_what_can_not_pass_stops(ics: Ics, mode: str) -> None:
    ics.mode = mode
    with pytest.raises(GatewayError) as error:
        http.deliver(PACKAGE, ics.url, "")
    assert error.value.final
    assert not ics.filed


def test_nobody_there_is_tried_again(ics: Ics) -> None:
    with pytest.raises(GatewayError) as error:
        http.deliver(PACKAGE, "http://127.0.0.1:1/", "")
    assert not error.value.final
    for url in ("", "ftp://there/", "file:///etc/passwd"):
        with pytest.raises(GatewayError, match="http_no_address"):
            http.deliver(PACKAGE, url, "")


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(db: None) -> world.Desk:
    return world.Desk(world.make_office("riv", "Riverside"))


def posted(desk: world.Desk, way: str, children: int = 1) -> Letter:
    """A letter that went from an office that uploads so, about so many children."""
    for number in range(1, children):
        CasePerson.objects.create(
            case=desk.case, relationship=Relationship.CHILD, name=f"Sam Example{number}", ics_number=f"8{number:05}"
        )
    OfficePost.objects.filter(office=desk.office).update(ics_way=way)
    return world.letter_in(desk, State.POSTED)


@pytest.mark.policy("OGP-6")
def test_by_hand_owes_no_job(desk: world.Desk) -> None:
    letter = posted(desk, "manual", children=2)
    assert [row.way for row in letter.ics_uploads.all()] == ["manual", "manual"]
    assert not Job.objects.filter(kind="ics_upload").exists()


@pytest.mark.policy("OGP-6")
def test_by_hand_each_childs_record_is_shown_and_closed_singly(desk: world.Desk) -> None:
    letter = posted(desk, "manual", children=2)
    first, second = children_owed(letter)
    admin, page = signed_in(desk.admin), reverse("letters:upload", args=[letter.reference])
    shown = admin.get(page).content.decode()
    assert first.name in shown
    assert second.ics_number in shown
    assert letter.reference in admin.get(reverse("letters:queue", args=["upload"])).content.decode()
    unsaid = admin.post(page, {**seen(letter), "ics_reference": "DOC-7"})
    assert unsaid.status_code == 422
    assert "Say on which child" in unsaid.content.decode()
    assert 'value="DOC-7"' in unsaid.content.decode()
    sent = {**seen(letter), "ics_reference": "DOC-7", "child": second.pk}
    answer = admin.post(page, sent, follow=True)
    assert f"Next: upload it to the record of {first.name}" in answer.content.decode()
    # The button pressed twice, and another's old page: once.
    assert admin.post(page, sent).status_code == 409
    letter = world.fresh(letter)
    assert (letter.state, letter.ics_reference) == (State.POSTED, "")
    assert last_entry(letter).action == "upload_child"
    with pytest.raises(InvalidStep, match="has the letter already"):
        actions.upload(letter=letter, by=desk.admin, seen=Seen.of(letter), ics_reference="DOC-9", child=second)
    answer = admin.post(page, {**seen(letter), "ics_reference": "DOC-8"})
    letter = world.fresh(letter)
    assert (letter.state, letter.ics_reference) == (State.UPLOADED, "DOC-8 and 1 more")
    assert [row.reference for row in letter.ics_uploads.order_by("pk")] == ["DOC-8", "DOC-7"]
    about = admin.get(reverse("letters:letter", args=[letter.reference])).content.decode()
    assert "DOC-7" in about
    assert f"{second.name}: " in about


@pytest.mark.policy("OGP-6")
def test_a_child_that_came_to_the_case_later_is_owed_nothing(desk: world.Desk) -> None:
    letter = posted(desk, "manual")
    world.add_child(desk)
    assert len(children_owed(letter)) == 1
    # A letter that went before each child's row was kept: its case's children, as they are now.
    IcsUpload.objects.filter(letter=letter).delete()
    assert len(children_owed(letter)) == 2
    for child in children_owed(letter):
        letter = actions.upload(letter=letter, by=desk.admin, seen=Seen.of(letter), ics_reference="D", child=child)
    assert letter.state == State.UPLOADED
    assert letter.ics_uploads.filter(done_at__isnull=False).count() == 2


@pytest.mark.policy("OGP-6")
@pytest.mark.django_db(transaction=True)
def test_one_by_hand_and_the_others_by_postroom(ics: Ics, settings: Any) -> None:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    settings.ICS_URL, settings.ICS_TOKEN = ics.url, ""
    letter = posted(desk, "http", children=3)
    second = children_owed(letter)[1]
    actions.upload(letter=letter, by=desk.admin, seen=Seen.of(letter), ics_reference="BY-HAND", child=second)
    run_due()
    letter = world.fresh(letter)
    assert letter.state == State.UPLOADED
    assert len(ics.filed) == 2
    assert letter.ics_uploads.get(child=second).reference == "BY-HAND"


@pytest.mark.policy("OGP-6")
@pytest.mark.django_db(transaction=True)
def test_each_child_gets_theirs_and_then_the_letter_is_on_the_record(ics: Ics, settings: Any) -> None:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    settings.ICS_URL, settings.ICS_TOKEN = ics.url, ""
    letter = posted(desk, "http", children=3)
    page = reverse("letters:queue", args=["upload"])
    own = reverse("letters:letter", args=[letter.reference])
    assert "Postroom brings it to ICS" in signed_in(desk.admin).get(own).content.decode()
    assert letter.reference not in signed_in(desk.admin).get(page).content.decode()
    ics.mode = "503"
    run_due()
    assert world.fresh(letter).state == State.POSTED
    assert letter.reference in signed_in(desk.admin).get(page).content.decode(), "it is work now"
    shown = signed_in(desk.admin).get(reverse("letters:upload", args=[letter.reference])).content.decode()
    assert "ICS refused it (code 503)" in shown
    assert "It is tried again" in shown
    assert "Postroom brings it to ICS" not in signed_in(desk.admin).get(own).content.decode(), "work, here too"
    ics.mode = "answer lost"
    run_due(now=timezone.now() + LATER)
    assert len(ics.filed) == 3
    assert world.fresh(letter).state == State.POSTED
    ics.mode = "up"
    run_due(now=timezone.now() + 2 * LATER)
    letter = world.fresh(letter)
    assert (letter.state, letter.ics_reference) == (State.UPLOADED, "DOC-0 and 2 more")
    assert len(ics.filed) == 3, "the lost answers filed nothing twice"
    assert {one["ics_number"] for one in ics.filed.values()} == set(
        desk.case.people.filter(relationship="child").values_list("ics_number", flat=True)
    )
    rows = list(letter.ics_uploads.all())
    assert [row.reference for row in rows] == ["DOC-0", "DOC-1", "DOC-2"]
    assert json.loads(rows[0].answer) == {"reference": "DOC-0"}
    entry = last_entry(letter)
    assert (entry.action, entry.actor_name) == ("upload", "Postroom")


@pytest.mark.policy("OGP-6")
@pytest.mark.django_db(transaction=True)
def test_by_hand_meanwhile_ends_what_was_owed(ics: Ics, settings: Any) -> None:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    settings.ICS_URL = ics.url
    letter = posted(desk, "http")
    actions.upload(letter=letter, by=desk.admin, seen=Seen.of(letter), ics_reference="BY-HAND")
    run_due()
    assert Job.objects.get(kind="ics_upload").state == JobState.DROPPED
    assert (world.fresh(letter).ics_reference, ics.filed) == ("BY-HAND", {})


@pytest.mark.policy("OGP-6")
@pytest.mark.django_db(transaction=True)
def test_what_is_given_up_is_not_said_to_be_tried_again(ics: Ics, settings: Any) -> None:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    settings.ICS_URL, ics.mode = ics.url, "422"
    letter = posted(desk, "http")
    run_due()
    assert Job.objects.get(kind="ics_upload").state == JobState.FAILED
    shown = signed_in(desk.admin).get(reverse("letters:upload", args=[letter.reference])).content.decode()
    assert "ICS refused it (code 422). Postroom has given up: upload it by hand below" in " ".join(
        shown.replace("</span>", "").split()
    )


@pytest.mark.policy("OGP-6")
@pytest.mark.django_db(transaction=True)
def test_a_letter_by_the_folder(tmp_path: Path, settings: Any) -> None:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    settings.ICS_FOLDER = str(tmp_path)
    letter = posted(desk, "folder")
    run_due()
    assert world.fresh(letter).state == State.POSTED
    assert IcsUpload.objects.get().error == "folder_missing"
    (tmp_path / "riv").mkdir()
    run_due(now=timezone.now() + LATER)
    letter = world.fresh(letter)
    assert letter.state == State.UPLOADED
    [made] = (tmp_path / "riv").iterdir()
    assert letter.ics_reference == made.name
    today = timezone.localdate()
    notes = json.loads((made / "notes.json").read_text())["description_notes"]
    assert notes.startswith(f"Posted {today.day} {today:%B %Y}. ")
    assert desk.parent.name not in made.name


def test_a_way_that_is_not_set_up_can_not_be_chosen(desk: world.Desk) -> None:
    for way in ("folder", "http"):
        with pytest.raises(InvalidStep) as error:
            set_office_post(
                office=desk.office, by=desk.manager, stock=EnvelopeStock.objects.get(slug="dl"),
                signature_medium="paper", return_mark="label", ics_way=way,
            )  # fmt: skip
        assert error.value.field == "ics_way"


@pytest.mark.policy("OGP-6", "OGP-8")
def test_what_is_late_is_chased_once_a_day_without_a_word_about_whom(desk: world.Desk) -> None:
    world.letter_in(desk, State.POSTED, way="registered_post")
    assert chase() == 0
    later = timezone.now() + dt.timedelta(days=9)
    assert chase(later) == 4, "two admin, not uploaded and not proved"
    chase(later)
    assert Job.objects.filter(key__startswith="letters_not").count() == 4
    for job in Job.objects.filter(key__startswith="letters_not"):
        assert desk.parent.name not in json.dumps([job.key, job.payload])
        assert job.payload["user"] in (desk.admin.pk, desk.other_admin.pk)
