"""Checkpoints leave on schedule, each once, and what is here is compared with what left."""

import json
import re

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from audit.record.checking import NOTHING_OUTSIDE, proof, verify_and_note
from audit.record.checkpoints import found_in, line_of, send_checkpoints
from audit.record.models import Departure, Verification, Way
from audit.record.stamping import _roots
from audit.record.tests.tsa import Service, TimeStamping
from letters.states import State
from postroom.ledger.models import Checkpoint, Reading
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.sealing import seal
from postroom.ledger.triggers import drop_sql, expected
from postroom.ledger.verify import verify
from postroom.outbox import carrier
from postroom.outbox.models import Job, JobState
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-0"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def folder(settings, tmp_path):
    path = tmp_path / "write-once"
    path.mkdir()
    settings.CHECKPOINT_FOLDER = str(path)
    return path


@pytest.fixture
def mailed(settings):
    settings.CHECKPOINT_MAIL_TO = ["auditor@example.test", "Director@example.test"]


@pytest.fixture
def stamped(settings, tmp_path):
    stamping = TimeStamping()
    path = tmp_path / "roots.pem"
    path.write_bytes(stamping.root_pem())
    with Service(stamping) as url:
        settings.TSA_URL, settings.TSA_ROOTS = url, str(path)
        yield stamping
    _roots.cache_clear()


def carry_all():
    for job in Job.objects.filter(state=JobState.OWED, kind__startswith="checkpoint"):
        carrier.carry(job.pk)
    return list(Job.objects.filter(kind__startswith="checkpoint").values_list("state", flat=True))


def tamper(sql, params=()):
    with connection.cursor() as cursor:
        for trigger in expected(connection):
            cursor.execute(drop_sql(connection, trigger))
        cursor.execute(sql, params)


def test_the_newest_leaves_every_way_once(letter, folder, mailed, stamped):
    assert send_checkpoints() == 4
    assert send_checkpoints() == 4  # asked again before the worker came: the same four jobs
    assert Job.objects.filter(kind__startswith="checkpoint").count() == 4
    assert carry_all() == [JobState.DONE] * 4
    newest = Checkpoint.objects.order_by("-number")[0]
    assert sorted(Departure.objects.values_list("number", "way")) == sorted(
        [(newest.number, "mail"), (newest.number, "mail"), (newest.number, "folder"), (newest.number, "stamp")]
    )
    assert send_checkpoints() == 0
    assert len(mail.outbox) == 2
    assert {message.to[0] for message in mail.outbox} == {"auditor@example.test", "director@example.test"}
    assert found_in(mail.outbox[0].body) == {newest.number: newest.hash}
    kept = json.loads(next(folder.iterdir()).read_text())
    assert (kept["number"], kept["hash"]) == (newest.number, newest.hash)
    assert not next(folder.iterdir()).stat().st_mode & 0o222
    report = verify()
    assert report.findings == []
    said = f"proved up to checkpoint {newest.number} by copies outside that were read now (folder, time stamps)"
    assert report.outside == [said]


def test_no_address_stands_in_the_rows(letter, mailed):
    send_checkpoints()
    carry_all()
    for job in Job.objects.filter(kind="checkpoint_mail"):
        assert "@" not in job.key + json.dumps(job.payload)
    assert not any("@" in place for place in Departure.objects.values_list("place", flat=True))


def test_without_addresses_those_who_see_the_record_get_it(letter, governance, dam, settings):
    settings.CHECKPOINT_MAIL_TO = []
    send_checkpoints()
    carry_all()
    assert {message.to[0] for message in mail.outbox} == {governance.email, dam.email}


def test_nothing_new_is_not_sent_again_and_something_new_is(letter, folder, desk):
    send_checkpoints()
    carry_all()
    assert send_checkpoints() == 0
    record_and_save(desk.office, action="rename", actor=SYSTEM)
    assert send_checkpoints() == 1


def test_proved_until_and_since_when_not(letter, folder, desk):
    send_checkpoints()
    carry_all()
    before = proof()
    assert (before.uncovered, before.since) == (0, None)
    first = record_and_save(desk.office, action="rename", actor=SYSTEM)
    assert (proof().uncovered, proof().since) == (1, first.at)
    seal()
    record_and_save(desk.office, action="rename", actor=SYSTEM)
    assert (proof().uncovered, proof().since) == (2, first.at)
    assert proof().checkpoint == before.checkpoint


def test_a_checkpoint_written_anew_is_named_by_every_copy(letter, folder, stamped):
    send_checkpoints()
    carry_all()
    newest = Checkpoint.objects.order_by("-number")[0]
    tamper("UPDATE ledger_checkpoint SET hash = %s WHERE number = %s", ["f" * 64, newest.number])
    found = [str(finding) for finding in verify().findings]
    for copy in ("the copy in the folder", "the copy that left to the time-stamping service"):
        assert f"checkpoint {newest.number} is not the one of {copy}" in found


def test_a_tail_cut_off_whole_with_its_log_is_named_by_the_folder_alone(letter, folder, desk):
    record_and_save(desk.office, action="rename", actor=SYSTEM)
    seal()
    send_checkpoints()
    carry_all()
    newest = Checkpoint.objects.order_by("-number")[0]
    tamper(
        "DELETE FROM ledger_entry WHERE id IN (SELECT entry_id FROM ledger_seal WHERE position >= %s)",
        [newest.first_position],
    )
    tamper("DELETE FROM ledger_seal WHERE position >= %s", [newest.first_position])
    tamper("DELETE FROM ledger_checkpoint WHERE number = %s", [newest.number])
    tamper("DELETE FROM record_departure")
    tamper("UPDATE people_office SET ledger_seq = 0, ledger_head = %s", ["0" * 64])
    found = [str(finding) for finding in verify().findings]
    assert found == [f"checkpoint {newest.number} is missing here; there is the copy in the folder"]


def test_a_stamp_put_on_another_checkpoint_is_named(letter, folder, stamped):
    send_checkpoints()
    carry_all()
    tamper("UPDATE record_departure SET receipt = 'bm8=' WHERE way = 'stamp'")
    newest = Checkpoint.objects.order_by("-number")[0].number
    assert f"the time stamp of checkpoint {newest} is not one over its hash" in map(str, verify().findings)


def test_a_file_of_the_folder_that_is_gone_or_mangled_is_said(letter, folder):
    send_checkpoints()
    carry_all()
    path = next(folder.iterdir())
    path.chmod(0o644)
    path.write_text("no json")
    assert any("can't be read" in text for text in verify().warnings)
    path.unlink()
    assert any("is gone" in text for text in verify().warnings)
    folder.rmdir()
    assert any("can't be reached" in text for text in verify().warnings)


def test_a_folder_that_is_away_is_tried_again(letter, folder):
    folder.rmdir()
    send_checkpoints()
    assert carry_all() == [JobState.OWED]
    assert not Departure.objects.exists()
    folder.mkdir()
    Job.objects.update(run_after="2026-01-01T00:00:00Z")
    assert carry_all() == [JobState.DONE]


def test_a_file_cut_off_while_writing_is_completed_and_another_one_is_not_touched(letter, folder):
    newest = Checkpoint.objects.order_by("-number")[0]
    path = folder / f"checkpoint-{newest.number:012d}.json"
    path.write_text('{"number')
    send_checkpoints()
    assert carry_all() == [JobState.DONE]
    assert json.loads(path.read_text())["hash"] == newest.hash


def test_a_file_with_other_words_stays(letter, folder):
    newest = Checkpoint.objects.order_by("-number")[0]
    path = folder / f"checkpoint-{newest.number:012d}.json"
    path.write_text(json.dumps({"number": newest.number, "hash": "e" * 64}))
    send_checkpoints()
    assert carry_all() == [JobState.FAILED]
    assert "e" * 64 in path.read_text()
    assert any("is not the one of the copy in the folder" in str(finding) for finding in verify().findings)


def test_a_time_stamping_service_that_is_down_or_lies(letter, stamped, settings):
    good = settings.TSA_URL
    settings.TSA_URL = "http://127.0.0.1:9/tsa"
    send_checkpoints()
    assert carry_all() == [JobState.OWED]
    with Service(TimeStamping("Somebody else")) as url:
        settings.TSA_URL = url
        Job.objects.update(run_after="2026-01-01T00:00:00Z")
        assert carry_all() == [JobState.FAILED]
    assert not Departure.objects.exists()
    settings.TSA_URL = good


def test_the_log_of_what_left_stays(letter, folder):
    send_checkpoints()
    carry_all()
    for sql in ("DELETE FROM record_departure", "UPDATE record_departure SET number = 1"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_nothing_has_left(letter):
    assert verify().outside == [NOTHING_OUTSIDE]
    assert proof().checkpoint is None


def test_the_nightly_look_is_noted_and_says_what_it_found(letter, governance, dam):
    assert verify_and_note().intact
    assert Verification.objects.get().found == 0
    assert not Job.objects.filter(kind="notice", key__startswith="record_not_intact").exists()
    tamper("UPDATE letters_letter SET posted_on = posted_on WHERE 1 = 0")
    tamper("UPDATE ledger_entry SET actor_name = 'Nobody' WHERE subject = %s AND seq = 2", [letter.ledger_subject])
    assert not verify_and_note().intact
    last = Verification.objects.order_by("-pk")[0]
    assert last.first.startswith(f"{letter.ledger_subject} entry 2")
    assert Job.objects.filter(kind="notice", key__startswith="record_not_intact").count() == 2


def test_lines_are_found_however_mail_broke_them(letter):
    checkpoint = Checkpoint.objects.order_by("-number")[0]
    line = line_of(checkpoint)
    broken = re.sub(r"(.{60})(?= )", r"\1\n", line)
    assert found_in(f"> hello\n{broken}\n\nbye") == {checkpoint.number: checkpoint.hash}
    assert found_in(f"{checkpoint.number}:{checkpoint.hash.upper()}") == {checkpoint.number: checkpoint.hash}
    assert found_in("nothing") == {}


def test_the_page_compares_what_is_pasted(letter, governance):
    client = Client()
    client.force_login(governance)
    checkpoint = Checkpoint.objects.order_by("-number")[0]
    page = client.post(reverse("record:compare"), {"kept": line_of(checkpoint)}).content.decode()
    assert "is the one that you kept" in page
    page = client.post(reverse("record:compare"), {"kept": f"{checkpoint.number}:{'a' * 64}"}).content.decode()
    assert "is another one" in page
    noted = Reading.objects.filter(subject=f"checkpoint/{checkpoint.number}").order_by("pk")
    assert list(noted.values_list("what", flat=True)) == ["compared_same", "compared_other"]
    page = client.post(reverse("record:compare"), {"kept": f"999:{'a' * 64}"}).content.decode()
    assert "is not here" in page
    page = client.post(reverse("record:compare"), {"kept": f"{'9' * 18}:{'a' * 64} and <b>"}).content.decode()
    assert "is not here" in page
    page = client.post(reverse("record:compare"), {"kept": "nonsense"}).content.decode()
    assert "that begins with" in page
    assert "nonsense" in page


def test_the_first_page_says_until_and_since(letter, folder, dam, desk):
    client = Client()
    client.force_login(dam)
    assert "No checkpoint has left yet" in client.get(reverse("record:home")).content.decode()
    send_checkpoints()
    carry_all()
    page = client.get(reverse("record:home")).content.decode()
    assert "Proved up to" in page
    assert "Nothing has been recorded since" in page
    world.letter_in(desk, State.TYPED)
    page = client.get(reverse("record:home")).content.decode()
    assert "Not proved yet" in page
    newest = Checkpoint.objects.order_by("-number")[0]
    for name in (reverse("record:checkpoints"), reverse("record:checkpoint", args=[newest.number])):
        assert client.get(name).status_code == 200
    assert client.get(reverse("record:checkpoint", args=[10**25])).status_code == 404


def test_what_left_by_mail_alone_rests_on_a_list_and_on_who_compares(letter, mailed, governance):
    send_checkpoints()
    carry_all()
    newest = Checkpoint.objects.order_by("-number")[0]
    (said,) = verify().outside
    assert said.startswith(f"up to checkpoint {newest.number} as far as the list of what left is true")
    client = Client()
    client.force_login(governance)
    page = client.get(reverse("record:home")).content.decode()
    assert "Sent outside up to" in page
    assert "own list of what left: the mail server took" in page
    assert "Nobody has compared one lately" in page
    client.post(reverse("record:compare"), {"kept": mail.outbox[0].body})
    page = client.get(reverse("record:home")).content.decode()
    assert f"checkpoint {newest.number}, by {governance.name}" in page


def test_ways_are_as_the_database_knows_them():
    assert set(Way.values) == {"mail", "folder", "stamp"}
