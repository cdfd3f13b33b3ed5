"""An audit bundle, checked by the one-file verifier in a bare Python: intact, or where not."""

import datetime as dt
import json

import pytest
from django.utils import timezone

import verify_bundle
from audit.record.checkpoints import line_of
from audit.record.tests.bundles import changed, here, make, packed, parts_of, run
from letters.models import Letter
from postroom.ledger.models import Checkpoint, Entry
from postroom.ledger.readings import record_read, seal_readings
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.sealing import seal

pytestmark = [pytest.mark.policy("OGP-0"), pytest.mark.django_db]


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
