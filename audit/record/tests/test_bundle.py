"""An audit bundle, checked by the one-file verifier in a bare Python: intact, or where not."""

import contextlib
import datetime as dt
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import verify_bundle
from audit.actions import findings
from audit.actions import items as spot_items
from audit.actions import spotchecks as spot_actions
from audit.actions.dice import refuse_dice
from audit.record.actions.bundles import ask_for_bundle
from audit.record.bundle import Wanted, letter_wanted, office_wanted, write_bundle
from audit.record.checkpoints import line_of
from audit.record.models import Bundle, Scope
from audit.spotchecks.checklist import Stage
from audit.tests import test_copies_drawn as copies_drawn
from audit.tests.help import SEED, leave, seeded_and_seen
from audit.tests.help import Scene as SpotScene
from distribution.tests.world import Conference
from letters.models import Letter
from letters.states import State
from letters.tests.work_help import signed_in, url
from papers import actions as paper_actions
from papers.actions.agreements import Terms
from papers.tests import help as papers_help
from postroom.ledger.models import Checkpoint, Entry, Reading
from postroom.ledger.readings import record_read, seal_readings
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.sealing import seal
from postroom.ledger.signing import sign
from postroom.outbox import carrier
from postroom.outbox.models import Job
from postroom.people.models import RoleGrant
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-0"), pytest.mark.django_db]


def make(subjects=None, content_of=None, scope="everything"):
    out = io.BytesIO()
    wanted = Wanted(scope, subjects, content_of if content_of is not None else Letter.objects.none())
    if content_of is not None:
        wanted = Wanted(scope, subjects, content_of, with_content=True)
    write_bundle(out, wanted)
    return out.getvalue()


def run(data, tmp_path, *options):
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    command = [sys.executable, "-I", "-S", str(settings.BASE_DIR / "verify_bundle.py"), str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def here(data, tmp_path, *options):
    """The same in this process: quicker."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = verify_bundle.main([str(path), *options])
    return code, out.getvalue()


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, resign=False):
    """The parts as a bundle; `resign`: as somebody with another key could make it agree with itself."""
    if resign:
        import hashlib

        manifest = json.loads(parts["manifest.json"])
        manifest["files"] = {
            name: hashlib.sha256(raw).hexdigest() for name, raw in parts.items() if not name.startswith("manifest")
        }
        manifest = {**manifest, **(resign if isinstance(resign, dict) else {})}
        text = json.dumps(manifest, indent=1, sort_keys=True)
        parts = {**parts, "manifest.json": text.encode(), "manifest.sig": " ".join(sign(text)).encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
    return out.getvalue()


def changed(data, name, edit, resign=True):
    """The bundle with the lines of one file edited, and the manifest made to agree."""
    parts = parts_of(data)
    rows = [json.loads(line) for line in parts[name].splitlines()]
    edited = edit(rows)
    rows = edited if edited is not None else rows
    parts[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return packed(parts, resign)


@pytest.fixture
def history(desk, letter):
    """Two letters, one of them sealed in a checkpoint of its own, and something unsealed."""
    other = world.letter_in(desk, State.TYPED)
    seal()
    record_and_save(desk.office, action="rename", actor=SYSTEM)
    return letter, other


def test_everything_is_intact_and_says_up_to_when(history, tmp_path):
    code, said = run(make(), tmp_path)
    newest = Checkpoint.objects.order_by("-number")[0]
    assert code == 0
    assert said.splitlines()[-1] == "intact"
    assert f"up to checkpoint {newest.number}:{newest.hash}" in said
    assert f"entries: {Entry.objects.count()}" in said
    assert "1 entries were in no checkpoint yet" in said


def test_one_letter_is_proved_by_its_path_alone(history, tmp_path):
    letter, other = history
    data = make([letter.ledger_subject], scope="letter")
    assert run(data, tmp_path)[0] == 0
    text = parts_of(data)["entries.jsonl"].decode()
    assert other.reference not in text
    assert '"path":["' in text


def test_it_compares_with_what_was_kept_outside(history, tmp_path):
    data = make()
    newest = Checkpoint.objects.order_by("-number")[0]
    assert run(data, tmp_path, "--checkpoint", f"{newest.number}:{newest.hash}")[0] == 0
    code, said = run(data, tmp_path, "--checkpoint", f"{newest.number}:{'a' * 64}")
    assert (code, "not the one that was kept outside" in said) == (1, True)
    assert run(data, tmp_path, "--key", newest.public_key)[0] == 0
    assert run(data, tmp_path, "--key", "b" * 64)[0] == 1


def test_a_checkpoint_that_the_bundle_does_not_meet_is_no_quiet_yes(history, desk, tmp_path):
    _, other = history
    old = Checkpoint.objects.order_by("number")[0]
    between = Checkpoint.objects.order_by("-number")[0]
    data = make([other.ledger_subject], scope="letter")
    record_and_save(desk.office, action="rename", actor=SYSTEM)
    seal()
    new = Checkpoint.objects.order_by("-number")[0]
    assert old.number < between.number < new.number
    for point, bare, words in ((new, 1, "is newer than those"), (between, 0, "is the one that was kept outside")):
        code, said = here(data, tmp_path, "--checkpoint", f"{point.number}:{point.hash}")
        assert (code, words in said, "not shown to be whole: " in said) == (bare, True, bool(bare)), said
        mail = tmp_path / "mail.txt"
        text = line_of(point)
        mail.write_text(f"Keep this.\n\n{text[:70]}\n{text[70:]}\n")
        code, said = here(data, tmp_path, "--mail", str(mail))
        assert (code, words in said) == (0, True), said
    assert said.splitlines()[-1] == "intact"
    # Older than all in it, right before it, and that with another hash.
    data = make([desk.office.ledger_subject], scope="office")
    first = json.loads(parts_of(data)["checkpoints.jsonl"].splitlines()[0])["number"]
    for number, digest, code, words in (
        (first - 1, Checkpoint.objects.get(pk=first - 1).hash, 0, "is the one that was kept outside"),
        (first - 1, "a" * 64, 1, "it is not the one that was kept outside"),
        (first - 2, "a" * 64, 0, "is older than those in the bundle"),
        (new.number + 9, "a" * 64, 1, "not shown to be whole: checkpoint"),
    ):
        got, said = here(data, tmp_path, "--checkpoint", f"{number}:{digest}")
        assert (got, words in said) == (code, True), (number, said)


def test_a_mail_from_before_the_bundle_that_is_not_in_it_shows_that_something_was_kept_back(history, tmp_path):
    newest = Checkpoint.objects.order_by("-number")[0]
    mail = tmp_path / "mail.txt"
    mail.write_text(line_of(newest))
    parts = parts_of(make())
    fewer = [json.loads(line) for line in parts["checkpoints.jsonl"].splitlines()][:-1]
    later = (timezone.now() + dt.timedelta(hours=1)).isoformat(timespec="seconds")

    def without(rows):
        return [row for row in rows if row["number"] < newest.number]

    assert fewer
    data = changed(make([history[0].ledger_subject]), "checkpoints.jsonl", without, resign={"made_at": later})
    code, said = here(data, tmp_path, "--mail", str(mail))
    assert (code, "left before the bundle was made" in said) == (1, True), said
    for text, words in ((line_of(newest).replace("positions 1", "positions 2"), "does not agree with itself"),
                        ("Dear all", "no line of a checkpoint")):  # fmt: skip
        mail.write_text(text)
        code, said = here(make(), tmp_path, "--mail", str(mail))
        assert (code, words in said) == (1, True), said


def test_an_outsider_sees_that_the_list_was_fixed_before_its_seed(tmp_path):
    """With a checkpoint that left between list and seed; and what doesn't hold together is named (OGP-10)."""
    scene = SpotScene(letters=3)
    check = scene.fixed(2)
    left = Checkpoint.objects.order_by("-number")[0]
    witness = scene.desk.manager
    first = spot_actions.take_seed(check=check, by=scene.dam, seen=Seen.of(check), seed="9" * 20, witness=witness)
    check = refuse_dice(check=first, by=witness, seen=Seen.of(first), reason="I saw another throw.")
    check = seeded_and_seen(check, scene.dam, witness)
    check = spot_actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    check = spot_actions.begin(check=check, by=scene.dam, seen=Seen.of(check))
    seal(everything=True)
    subjects = [check.ledger_subject, *(item.ledger_subject for item in check.items.all())]
    data = make(sorted(subjects), scope="spot check")
    code, said = run(data, tmp_path)
    assert (code, f"give a checkpoint from {left.number} to {left.number} that" in said) == (0, True), said
    code, said = run(data, tmp_path, "--checkpoint", f"{left.number}:{left.hash}")
    assert code == 0, said
    for words in (
        f"shown from outside: checkpoint {left.number}, kept outside, has the list and not yet the seed",
        f"{check.ledger_subject}: list of 3 fixed",
        f"seed {'9' * 20} refused", f"by {witness.name}, who was named as having seen the dice",
        f"seed {SEED} taken", f"by {scene.dam.name}, from dice, seen by {witness.name}", "with their own sign-in",
        "drawn again: 2 of 3, as the rule draws them",
    ):  # fmt: skip
        assert words in said, said
    # Kept from after the seed, it shows nothing.
    newest = Checkpoint.objects.order_by("-number")[0]
    assert "not yet shown from outside" in run(data, tmp_path, "--checkpoint", f"{newest.number}:{newest.hash}")[1]
    code, said = here(changed(data, "frames.jsonl", lambda rows: []), tmp_path)
    assert (code, "its frame is not in the bundle" in said) == (1, True)

    # Whoever has the key signs another story; each is named.
    def story(action, subject=check.ledger_subject, **more):
        told = json.loads(Entry.objects.filter(subject=subject, action=action)[0].payload)
        position = 10**6 if action == "take_seed" else 1
        return {subject: {action: told | {"_position": position, "_at": 2 * 10**15, "_by": 1} | more}}

    seed, step = story("take_seed")[check.ledger_subject], story("confirm_dice")[check.ledger_subject]
    seed["take_seed"] = json.loads(
        Entry.objects.filter(subject=check.ledger_subject, action="take_seed").order_by("-seq")[0].payload
    )
    told = {"draw": {"_seq": 5}}
    for more, is_so in (
        ({"_by": witness.pk, "_seq": 4}, True), ({"_by": scene.dam.pk, "_seq": 4}, False),
        ({"_by": witness.pk, "_seq": 6}, False), ({"_by": witness.pk, "_seq": 4, "seed": "1"}, False),
    ):  # fmt: skip
        assert verify_bundle.confirmed(told | seed | {"confirm_dice": step["confirm_dice"] | more}) is is_so
    assert not verify_bundle.confirmed(told | seed)
    points = {left.number: {"number": left.number, "hash": left.hash, "last_position": 10, "at": 10**15}}
    early = "2026-01-01T00:00:00+00:00"
    for fixed, seed, words in (
        ({}, {"left": {"checkpoint": left.number, "hash": "f" * 64}}, "not in the checkpoint"),
        ({"_position": 11}, {}, "not in the checkpoint"),
        ({}, {"_position": 10}, "its seed was taken before"),
        ({"known_at": early}, {"_at": 10**15}, "was known, and then taken"),
        ({"known_at": "2001-01-01T00:00:00+00:00"}, {}, "was known, and then taken"),
    ):
        told = story("fix_frame", **fixed)[check.ledger_subject] | story("take_seed", **seed)[check.ledger_subject]
        with pytest.raises(verify_bundle.Wrong, match=words):
            verify_bundle.before_seed("x", told, {1: "Dee"}, points, set())
    # As lists were recorded before they had to leave first: said, and no fault.
    told = (
        story("fix_frame", _position=8)[check.ledger_subject]
        | story("take_seed", left=None, _position=9)[check.ledger_subject]
    )
    assert "can't be shown from outside" in verify_bundle.before_seed("x", told, {1: "Dee"}, points, set())[1]


def test_no_content_of_letters_is_in_it(history, desk):
    raw = b"".join(parts_of(make()).values()).decode("utf-8", "replace")
    for words in (desk.parent.name, desk.address.lines.split("\n")[0], "Our meeting", "Thank you for meeting"):
        assert words not in raw


def test_content_and_reasons_where_asked_for_and_only_what_may_be_read(history, desk, tmp_path):
    letter, other = history
    data = make(content_of=Letter.objects.filter(pk=letter.pk))
    assert run(data, tmp_path)[0] == 0
    content = parts_of(data)["content.jsonl"].decode()
    assert letter.reference in content
    assert other.reference not in content
    assert "Our meeting" in content
    for edit in (lambda rows: rows[0].update(content="{}"), lambda rows: rows[0].update(salt="00")):
        code, said = run(changed(data, "content.jsonl", edit), tmp_path)
        assert (code, "does not say what it said" in said) == (1, True)


def edit_entry(place, index, value):
    def edit(rows):
        rows[place][1][index] = value

    return edit


EDITS = [
    *[("entries.jsonl", edit_entry(2, n, "x"), "what it says is not what was written") for n in (3, 5, 6, 7, 13)],
    ("entries.jsonl", edit_entry(2, 2, 5), "what it says is not what was written"),
    ("entries.jsonl", lambda rows: rows.pop(3) and None, "it does not follow from the entry before it"),
    ("entries.jsonl", lambda rows: rows[:-1], "its chain does not end where it ended"),
    ("entries.jsonl", lambda rows: [*rows, rows[-1]], "it does not follow from the entry before it"),
    ("entries.jsonl", lambda rows: rows[::-1], "it does not follow"),
    ("entries.jsonl", lambda rows: rows[0].__setitem__(2, "f" * 64), "what it says is not"),
    ("entries.jsonl", lambda rows: rows[0].__setitem__(0, 2), "not under the root"),
    ("entries.jsonl", lambda rows: rows[0][3]["path"].__setitem__(0, "f" * 64), "not under the root"),
    ("entries.jsonl", lambda rows: rows[0][3]["path"].pop() and None, "not intact"),
    ("entries.jsonl", lambda rows: rows[0][3].update(checkpoint=77), "its checkpoint is not in the bundle"),
    ("entries.jsonl", lambda rows: rows[0][3].update(path=None), "its root is not that of its entries"),
    ("entries.jsonl", lambda rows: rows[0][1].pop() and None, "can't be read as a bundle"),
    ("entries.jsonl", lambda rows: rows[0][1].__setitem__(1, 1.5), "a value of a kind that is never written"),
    ("checkpoints.jsonl", lambda rows: rows[0].update(root="f" * 64), "what it says is not what was written"),
    ("checkpoints.jsonl", lambda rows: rows[-1].update(signature="f" * 128), "not intact"),
    ("checkpoints.jsonl", lambda rows: rows[-1].update(public_key="f" * 64), "signed with another key"),
    ("checkpoints.jsonl", lambda rows: rows[1:], "its checkpoint is not in the bundle"),
    ("checkpoints.jsonl", lambda rows: [], "its checkpoint is not in the bundle"),
]


def test_what_is_changed_is_named(history, tmp_path):
    letter, _ = history
    data = make([letter.ledger_subject])
    assert run(data, tmp_path)[0] == 0
    for name, edit, said in EDITS:
        code, out = here(changed(data, name, edit), tmp_path)
        assert (code, said in out) == (1, True), (name, said, out)
        assert "\nintact" not in out
        # Without the signing key not even that far.
        code, out = here(changed(data, name, edit, resign=False), tmp_path)
        assert (code, f"{name}: it is not the file that was exported" in out) == (1, True), (name, said, out)


def test_an_entry_changed_with_its_hash_and_signed_anew_is_found_by_its_proof(history, tmp_path):
    letter, _ = history

    def forge(rows):
        rows[-1][1][5] = "Somebody Else"
        rows[-1][2] = verify_bundle.sha256(verify_bundle.encode("postroom-entry-1", rows[-1][1])).hex()

    data = make([letter.ledger_subject])
    heads = json.loads(parts_of(data)["manifest.json"])["heads"]
    rows = [json.loads(line) for line in parts_of(data)["entries.jsonl"].splitlines()]
    forge(rows)
    heads[letter.ledger_subject][1] = rows[-1][2]
    code, said = run(changed(data, "entries.jsonl", forge, resign={"heads": heads}), tmp_path)
    assert (code, "is not under the root of checkpoint" in said) == (1, True)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"x" * 50])
def test_what_is_no_bundle_is_said(data, tmp_path):
    code, said = run(data, tmp_path)
    assert (code, "can't be read as a bundle" in said) == (1, True)


def test_a_file_more_or_less_is_found(history, tmp_path):
    parts = parts_of(make())
    assert "other files in it" in run(packed({**parts, "more.txt": b"x"}), tmp_path)[1]
    parts.pop("frames.jsonl")
    assert run(packed(parts), tmp_path)[0] == 1


def test_every_single_byte_of_the_manifest_counts(history, tmp_path):
    data = make([history[0].ledger_subject])
    for place in range(0, len(parts_of(data)["manifest.json"]), 97):
        parts = parts_of(data)
        raw = bytearray(parts["manifest.json"])
        raw[place] ^= 1
        parts["manifest.json"] = bytes(raw)
        assert here(packed(parts), tmp_path)[0] == 1, place


def test_its_signature_check_agrees_with_the_library():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    for seed in range(6):
        key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        raw, message = key.public_key().public_bytes_raw(), bytes([seed]) * (seed * 7)
        signature = key.sign(message)
        assert verify_bundle.signed(raw, message, signature)
        assert not verify_bundle.signed(raw, message + b"x", signature)
        assert not verify_bundle.signed(raw, message, signature[:32] + bytes(32))


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


def carry():
    for job in Job.objects.filter(kind="audit_bundle", state="owed"):
        carrier.carry(job.pk)


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


def read_by(letter, *people, times=1):
    for _ in range(times):
        for person in people:
            record_read(letter, by=person, what="page")


def test_reads_row_by_row_where_asked_for_each_proved_and_no_other_letters(history, desk, tmp_path):
    """Two batches, each with reads of both letters; one read that is in no batch yet."""
    letter, other = history
    for _ in range(2):
        read_by(letter, desk.manager, desk.worker)
        read_by(other, desk.admin)
        read_by(letter, desk.deputy)
        seal_readings()
        seal(everything=True)
    read_by(letter, desk.ap)
    assert "reads.jsonl" not in parts_of(make([letter.ledger_subject], scope="letter"))
    for subjects in ([letter.ledger_subject], None):
        data = make(subjects, content_of=Letter.objects.filter(pk=letter.pk))
        code, said = run(data, tmp_path)
        assert (code, "reads: 7" in said) == (0, True), said
        reads = [json.loads(line) for line in parts_of(data)["reads.jsonl"].splitlines()]
        assert [row["reading"][3] for row in reads] == [
            *[desk.manager.name, desk.worker.name, desk.deputy.name] * 2, desk.ap.name,
        ]  # fmt: skip
        assert other.reference not in parts_of(data)["reads.jsonl"].decode()
        for edit, words in (
            (lambda rows: rows[0]["reading"].__setitem__(3, "Somebody Else"), "is not what was sealed"),
            (lambda rows: rows[1]["reading"].__setitem__(5, 1), "is not what was sealed"),
            (lambda rows: rows[2].update(entry=rows[5]["entry"]), "is not what was sealed"),
            (lambda rows: rows[3].update(checkpoint=10**6), "its checkpoint is not in the bundle"),
            (lambda rows: rows[4].update(path=["00" * 32] * len(rows[4]["path"])), "is not under the root"),
        ):
            if words == "is not under the root" and not reads[4]["path"]:
                continue  # alone under its checkpoint: there is no path to be wrong
            code, told = here(changed(data, "reads.jsonl", edit), tmp_path)
            assert (code, words in told) == (1, True), (words, told)


def test_an_offices_bundle_has_all_that_its_people_did_but_breaches(tmp_path):
    """Reports and minutes with each copy, papers out and agreements, spot checks with items and findings."""
    place = Conference(world.Desk(world.make_office("riv", "Riverside")))
    papers_help.with_managers(place.desk)
    copy = place.in_state("sent by post")
    papers = papers_help.taken(place.desk)
    elsewhere = Conference(world.Desk(world.make_office("hill", "Hillside"))).in_state("handed over")
    away = paper_actions.register_agreement(
        person=place.desk.worker, by=place.desk.manager,
        terms=Terms(place="home", base="", access="Letters", starts=timezone.localdate(), ends=timezone.localdate()),
    )  # fmt: skip
    dam = world.make_user("Dee Aham", None, Role.DISTRICT_ADMIN_MANAGER)
    check = copies_drawn.checking(dam, copies_drawn.wanted(place, Stage.POSTED), 1)
    item = check.items.get()
    spot_items.cannot_find(item=item, by=dam, seen=Seen.of(item), note="Nowhere.")
    item.refresh_from_db()
    finding = findings.raise_finding(
        item=item, by=dam, what="Look for it.", owner=place.desk.admin, due_on=timezone.localdate()
    )
    seal(everything=True)
    today = timezone.localdate()
    subjects = office_wanted(place.desk.office, today, today)
    there = {copy, copy.distribution, papers, away, check, item, finding}
    assert {one.ledger_subject for one in there} <= set(subjects)
    assert elsewhere.ledger_subject not in subjects
    assert not [subject for subject in subjects if subject.startswith("breach/")]
    code, said = here(make(subjects, scope="office"), tmp_path)
    assert code == 0, said
    assert office_wanted(place.desk.office, today + dt.timedelta(days=9), today + dt.timedelta(days=10)) == [
        place.desk.office.ledger_subject
    ]


def test_a_letters_bundle_has_the_draws_it_was_in_once_they_are_over(tmp_path):
    scene = SpotScene(letters=3)
    check = scene.checking(2)
    item = check.items.all()[0]
    letter = item.letter
    seal(everything=True)
    assert letter_wanted(letter, of_all_offices=True) == [letter.ledger_subject]
    for one in check.items.all():
        scene.give_in(one)
    check.refresh_from_db()
    check = spot_actions.finish(check=check, by=scene.dam, seen=Seen.of(check))
    seal(everything=True)
    subjects = letter_wanted(letter, of_all_offices=False)
    assert set(subjects) == {letter.ledger_subject, check.ledger_subject, item.ledger_subject}
    data = make(subjects, scope="letter")
    code, said = here(data, tmp_path)
    assert code == 0, said

    def another_frame(rows):
        rows[0]["frames"] = [rows[0]["frames"][0].replace(letter.reference, "ZZZZZZZZZ")]

    code, said = here(changed(data, "frames.jsonl", another_frame), tmp_path)
    assert (code, "its frame is not the one that was published" in said) == (1, True)
    every = spot_actions.fix_frame(by=scene.dam, wanted=replace(scene.wanted(), office=None), sample=3)
    leave()
    every = seeded_and_seen(every, scene.dam, scene.desk.manager)
    every = spot_actions.draw(check=every, by=scene.dam, seen=Seen.of(every))
    every = spot_actions.abandon(check=every, by=scene.dam, seen=Seen.of(every), reason="Too many.")
    assert every.ledger_subject not in letter_wanted(letter, of_all_offices=False)
    assert every.ledger_subject in letter_wanted(letter, of_all_offices=True)
