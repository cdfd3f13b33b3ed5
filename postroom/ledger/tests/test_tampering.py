"""Each change made straight in the database is found, and named. What can't be found is said too."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from postroom.ledger import sealing
from postroom.ledger.chain import GENESIS, CheckpointValues, checkpoint_hash, entry_hash, to_microseconds
from postroom.ledger.merkle import merkle_root
from postroom.ledger.models import Checkpoint, Entry, Reason, Seal
from postroom.ledger.recording import SYSTEM, record_and_save
from postroom.ledger.sealing import seal
from postroom.ledger.verify import _replays, register_replay, verify

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.policy("OGP-0")]

ENTRY_COLUMNS = [field.column for field in Entry._meta.concrete_fields if field.column != "id"]
OTHER = {"seq": 77, "at": 5, "actor_id": None, "version": 99, "payload": '{"n": 0}'}


def other_value(column, now):
    return OTHER.get(column, "f" * 64 if len(str(now)) == 64 else "something else")


def test_untouched_it_is_intact(small):
    report = verify()
    assert report.findings == []
    assert (report.entries, report.sealed, report.checkpoints, report.unsealed) == (12, 11, 2, 1)
    assert report.warnings == []


def test_triggers_gone_is_a_warning_and_not_a_change_of_the_record(small):
    small.disarm()
    report = verify()
    assert report.intact
    assert "ledger_entry_no_update" in report.warnings[0]


@pytest.mark.parametrize("place", [1, 2, 3])
@pytest.mark.parametrize("column", ENTRY_COLUMNS)
def test_one_value_of_an_entry_changed(small, column, place):
    entry = Entry.objects.get(subject="case/CASE00001", seq=place)
    now = Entry.objects.filter(pk=entry.pk).values_list(column, flat=True).get()
    assert small.tamper(f"UPDATE ledger_entry SET {column} = %s WHERE id = %s", [other_value(column, now), entry.pk])
    first = small.found()[0]
    if column not in {"subject", "seq"}:
        assert first.startswith(f"case/CASE00001 entry {place} (id {entry.pk}): what it says is not what was written")
    else:
        assert "is missing" in first or "not what was written" in first


def test_a_blank_in_the_stored_json_is_a_change_too(small):
    entry = Entry.objects.filter(subject="office/riv").order_by("seq")[0]
    assert json.loads(entry.payload) == {"n": 0}
    small.tamper("UPDATE ledger_entry SET payload = %s WHERE id = %s", ['{"n": 0}', entry.pk])
    assert small.found()[0].startswith(f"office/riv entry 1 (id {entry.pk})")


def test_an_entry_changed_and_its_hash_made_to_match_breaks_the_link_to_the_next(small):
    small.disarm()
    entry = Entry.objects.get(subject="office/hil", seq=2)
    entry.actor_name = "Somebody Else"
    entry.hash = entry_hash(entry.values())
    entry.save()
    third = Entry.objects.get(subject="office/hil", seq=3)
    assert small.found()[0] == (
        f"office/hil entry 3 (id {third.pk}): "
        "it does not follow from the entry before it (the previous hash does not match)"
    )


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_an_entry_deleted(small, place):
    small.tamper("DELETE FROM ledger_entry WHERE subject = 'office/riv' AND seq = %s", [place])
    first = small.found()[0]
    assert first.startswith("office/riv entry")
    assert "missing" in first


def test_a_middle_entry_deleted_and_the_rest_moved_up(small):
    small.tamper("DELETE FROM ledger_entry WHERE subject = 'office/hil' AND seq = 2")
    small.tamper("UPDATE ledger_entry SET seq = 2 WHERE subject = 'office/hil' AND seq = 3")
    assert small.found()[0].startswith("office/hil entry 2")


def forge(like, **changes):
    """An entry with a right hash of its own."""
    last = Entry.objects.filter(subject=like).order_by("-seq")[0]
    fields = {f.attname: getattr(last, f.attname) for f in Entry._meta.concrete_fields if f.attname != "id"}
    entry = Entry(**{**fields, "seq": last.seq + 1, "previous_hash": last.hash, **changes})
    entry.hash = entry_hash(entry.values())
    return entry


def test_an_entry_added_at_the_end(small):
    entry = forge("office/hil", action="forged")
    entry.save()
    assert small.found()[0] == (
        f"office/hil entry 4 (id {entry.pk}): its row counts only 3 entries; what follows was added"
    )


def test_an_entry_added_in_the_middle(small):
    small.disarm()
    Entry.objects.filter(subject="office/hil", seq=3).update(seq=4)
    forge("office/hil", seq=3, previous_hash=Entry.objects.get(subject="office/hil", seq=2).hash).save()
    assert any(text.startswith("office/hil entry") for text in small.found())


def test_a_chain_added_for_a_subject_that_is_not_there(small):
    entry = forge("office/hil", subject="office/none", seq=1, previous_hash=GENESIS)
    entry.save()
    assert small.found()[0].startswith("office/none entry 1")


@pytest.mark.parametrize("column", ["id", "seq", "hash", "action"])
@pytest.mark.parametrize("subjects", [("office/hil", "office/hil"), ("office/hil", "office/riv")])
def test_two_entries_swapped(small, column, subjects):
    if column == "seq" and len(set(subjects)) == 2:
        pytest.skip("the place would be taken: one entry to a place, says the table")
    small.disarm()
    one = Entry.objects.get(subject=subjects[0], seq=1)
    two = Entry.objects.get(subject=subjects[1], seq=3)
    mine, theirs = (getattr(entry, column) for entry in (one, two))
    spare = {"id": 10**9, "seq": 10**9}.get(column, "x")
    Entry.objects.filter(pk=one.pk).update(**{column: spare})
    Entry.objects.filter(pk=two.pk).update(**{column: mine})
    Entry.objects.filter(**{column: spare}).update(**{column: theirs})
    assert small.found()


def test_ids_of_two_entries_that_no_seal_holds_yet_swapped(small):
    record_and_save(small.riv, action="later", actor=SYSTEM)
    small.disarm()
    late, later = (Entry.objects.get(action=action).pk for action in ("late", "later"))
    for old, new in ((late, 10**9), (later, late), (10**9, later)):
        Entry.objects.filter(pk=old).update(id=new)
    assert small.found()[0].endswith("it stands before an earlier entry (their ids were swapped)")


def test_contents_of_two_whole_rows_swapped_with_their_hashes(small):
    small.disarm()
    one, two = (Entry.objects.get(subject="office/hil", seq=n) for n in (1, 3))
    fields = [f.attname for f in Entry._meta.concrete_fields if f.attname not in {"id", "subject", "seq"}]
    mine, theirs = ({name: getattr(e, name) for name in fields} for e in (one, two))
    Entry.objects.filter(pk=one.pk).update(**theirs)
    Entry.objects.filter(pk=two.pk).update(**mine)
    assert small.found()[0].startswith("office/hil entry 1")


def test_the_end_cut_off(small):
    small.tamper("DELETE FROM ledger_entry WHERE subject = 'office/hil' AND seq > 1")
    assert small.found()[0] == "office/hil entry 2: the end of the chain is missing: its row counts 3 entries"


def test_a_whole_chain_deleted(small):
    small.tamper("DELETE FROM ledger_entry WHERE subject = 'office/hil'")
    assert small.found()[0] == "office/hil entry 1: its row counts 3 entries, but there is none"


def test_the_end_cut_off_and_the_row_made_to_match_is_found_by_the_seals(small):
    small.disarm()
    gone = Entry.objects.get(subject="office/hil", seq=3)
    before = Entry.objects.get(subject="office/hil", seq=2)
    Entry.objects.filter(pk=gone.pk).delete()
    type(small.hil).objects.filter(pk=small.hil.pk).update(ledger_seq=2, ledger_head=before.hash)
    position = Seal.objects.get(entry_id=gone.pk).position
    assert small.found() == [f"(id {gone.pk}): this entry was sealed at position {position}, and is gone"]


def rewrite(subject, model):
    """A chain rewritten from its first entry on, its row made to match: nothing in it is amiss."""
    previous = GENESIS
    for entry in Entry.objects.filter(subject=subject).order_by("seq"):
        entry.actor_name, entry.previous_hash = "Somebody Else", previous
        entry.hash = previous = entry_hash(entry.values())
        entry.save()
    model.objects.filter(code=subject.split("/")[1]).update(ledger_head=previous)


def test_a_chain_rewritten_whole_is_found_by_its_seals(small):
    small.disarm()
    rewrite("office/hil", type(small.hil))
    found = small.found()
    assert len(found) == 3
    assert all("is not the entry that was sealed" in text for text in found)


def test_its_seals_rewritten_too_it_is_found_by_the_checkpoint(small):
    small.disarm()
    rewrite("office/hil", type(small.hil))
    for seal_row in Seal.objects.all():
        seal_row.entry_hash = Entry.objects.get(pk=seal_row.entry_id).hash
        seal_row.save()
    assert small.found() == ["checkpoint 1: its root is not that of the seals 1 to 10"]


def rewrite_checkpoints():
    """Everything made to match, as somebody with the whole database but not the key could."""
    previous = GENESIS
    for row in Checkpoint.objects.order_by("number"):
        places = (row.first_position, row.last_position)
        hashes = Seal.objects.filter(position__range=places).order_by("position").values_list("entry_hash", flat=True)
        row.root, row.previous_hash = merkle_root(bytes.fromhex(h) for h in hashes).hex(), previous
        row.hash = previous = checkpoint_hash(
            CheckpointValues(row.number, *places, row.root, to_microseconds(row.at), row.installation, previous)
        )
        row.save()


def test_the_checkpoints_rewritten_too_it_is_found_by_the_signature(small):
    small.disarm()
    kept = Checkpoint.objects.get(number=2)
    rewrite("office/hil", type(small.hil))
    for seal_row in Seal.objects.all():
        seal_row.entry_hash = Entry.objects.get(pk=seal_row.entry_id).hash
        seal_row.save()
    rewrite_checkpoints()
    assert small.found() == ["checkpoint 1: its signature is wrong", "checkpoint 2: its signature is wrong"]
    Checkpoint.objects.update(public_key="", signature="")
    assert small.found()[0] == "checkpoint 1: it is not signed with a key of this installation"
    outside = [str(finding) for finding in verify(known=[(2, kept.hash)]).findings]
    assert "checkpoint 2 is not the one that was kept outside" in outside


def test_the_newest_checkpoint_cut_off_is_found_by_the_one_kept_outside(small):
    small.disarm()
    kept = Checkpoint.objects.get(number=2)
    Seal.objects.filter(position__gte=kept.first_position).delete()
    kept.delete()
    assert verify().intact
    found = verify(known=[(2, kept.hash)]).findings
    assert [str(finding) for finding in found] == ["checkpoint 2 was kept outside and is missing here"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE ledger_seal SET entry_hash = '{f}' WHERE position = 3", "is not the entry that was sealed"),
        ("UPDATE ledger_seal SET position = 50 WHERE position = 3", "seals are missing from position 3"),
        ("UPDATE ledger_seal SET entry_id = 4000 WHERE position = 3", "and is gone"),
        ("DELETE FROM ledger_seal WHERE position = 3", "seals are missing from position 3"),
        ("DELETE FROM ledger_seal WHERE position = 11", "its root is not that of the seals 11 to 11"),
        ("INSERT INTO ledger_seal VALUES (12, 4000, '{f}')", "sealed at position 12, and is gone"),
        ("UPDATE ledger_checkpoint SET number = 9 WHERE number = 2", "the one before it is missing"),
        ("UPDATE ledger_checkpoint SET first_position = 2 WHERE number = 1", "does not begin where"),
        ("UPDATE ledger_checkpoint SET last_position = 12 WHERE number = 2", "not what was written"),
        ("UPDATE ledger_checkpoint SET root = '{f}' WHERE number = 1", "its root is not that"),
        ("UPDATE ledger_checkpoint SET at = 5 WHERE number = 1", "not what was written"),
        ("UPDATE ledger_checkpoint SET installation = 'other' WHERE number = 2", "another installation"),
        ("UPDATE ledger_checkpoint SET previous_hash = '{f}' WHERE number = 2", "does not follow"),
        ("UPDATE ledger_checkpoint SET hash = '{f}' WHERE number = 2", "not what was written"),
        ("UPDATE ledger_checkpoint SET signature = '{f}' WHERE number = 2", "its signature is wrong"),
        ("UPDATE ledger_checkpoint SET public_key = '{f}' WHERE number = 2", "not signed with a key"),
        ("DELETE FROM ledger_checkpoint WHERE number = 1", "the one before it is missing"),
        ("DELETE FROM ledger_checkpoint WHERE number = 2", "is under no checkpoint"),
        ("UPDATE ledger_reason SET text = 'Another.' WHERE text = 'Over.'", "not the one that was given"),
        ("UPDATE ledger_reason SET salt = '{f}' WHERE text = 'Over.'", "not the one that was given"),
        ("DELETE FROM ledger_reason WHERE text = 'Over.'", "its reason is missing"),
        ("UPDATE ledger_reason SET seq = 1 WHERE text = 'Over.'", "its reason is missing"),
        (
            "INSERT INTO ledger_reason (subject, seq, salt, text) VALUES ('office/hil', 1, '{f}', 'Added.')",
            "there is a reason for it, but the entry was written without one",
        ),
        ("UPDATE cases_case SET state = 'closed' WHERE reference = 'CASE00001'", "its entries lead to 'open'"),
        ("UPDATE cases_case SET ledger_seq = 3 WHERE reference = 'CASE00001'", "counts only 3 entries"),
        ("UPDATE cases_case SET ledger_seq = 9 WHERE reference = 'CASE00001'", "end of the chain is missing"),
        ("UPDATE cases_case SET ledger_head = '{f}' WHERE reference = 'CASE00001'", "newest hash on its row"),
        ("UPDATE cases_case SET reference = 'CASE00009' WHERE reference = 'CASE00002'", "but there is none"),
        ("DELETE FROM cases_case WHERE reference = 'CASE00002'", "the row that this chain is about is gone"),
    ],
)
def test_seals_checkpoints_reasons_and_rows_changed(small, sql, said):
    assert small.tamper(sql.format(f="f" * 64)) == 1
    assert any(said in text for text in small.found())


def test_every_entry_and_seal_deleted(small):
    small.disarm()
    for model in (Entry, Seal, Checkpoint, Reason):
        model.objects.all().delete()
    assert [text.split(":")[0] for text in small.found()] == [
        f"{name} entry 1" for name in ("case/CASE00001", "case/CASE00002", "office/hil", "office/riv")
    ]


def test_a_state_that_the_one_before_did_not_lead_to(small):
    record_and_save(small.case, action="close", actor=SYSTEM, from_state="withdrawn", to_state="open")
    assert "begins in state 'withdrawn', but the entry before it ended in 'open'" in small.found()[0]


def test_a_row_put_in_a_state_without_any_entry(small):
    model = type(small.case)
    model._base_manager.filter(pk=model.objects.create(office=small.riv).pk).update(state="closed")
    assert "its row is in state 'closed', but no entry led there" in small.found()[0]


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entry SET action = CAST(x'ff00' AS TEXT)",
        "UPDATE ledger_entry SET action = x'ff'",
        "UPDATE ledger_entry SET at = 'yesterday' WHERE seq = 2",
        "UPDATE ledger_entry SET seq = 'two' WHERE seq = 2 AND subject = 'office/hil'",
        "UPDATE ledger_checkpoint SET at = 'yesterday'",
        "UPDATE ledger_seal SET entry_hash = x'00'",
        "UPDATE ledger_reason SET text = x'00'",
        "UPDATE people_office SET ledger_head = x'00'",
    ],
)
def test_values_of_no_sensible_kind_are_findings_and_not_a_crash(small, change):
    assert small.tamper(change)
    assert small.found()


def test_the_hourly_pass_seals_what_the_quick_one_no_longer_looks_at(small, monkeypatch):
    monkeypatch.setattr(sealing, "LOOK_BACK", 0)
    late = forge("office/hil", action="late")
    late.pk = Entry.objects.order_by("id")[0].pk - 1
    late.save(force_insert=True)
    seal()
    assert not Seal.objects.filter(entry_id=late.pk).exists()
    assert seal(everything=True).entries == 1
    assert Seal.objects.filter(entry_id=late.pk).exists()


def test_an_entry_with_a_wrong_hash_is_not_sealed(small):
    small.tamper("UPDATE ledger_entry SET action = 'other' WHERE action = 'late'")
    record_and_save(small.hil, action="later", actor=SYSTEM)
    done = seal()
    assert done.entries == 1
    assert done.refused == [Entry.objects.get(action="other").pk]


def test_nothing_new_makes_no_checkpoint(small, django_assert_num_queries):
    seal()
    with django_assert_num_queries(2):
        assert seal().checkpoints == []


def test_more_than_one_batch_makes_more_than_one_checkpoint(small, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _ in range(4):
        record_and_save(small.hil, action="again", actor=SYSTEM)
    assert seal().checkpoints == [3, 4, 5]
    assert verify().intact
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 17))
    assert Checkpoint.objects.filter(last_position__lt=F("first_position")).count() == 0


def test_an_upper_floor_can_add_a_check_of_its_own(small):
    def closed_twice(row, entries):
        return "it was closed twice" if sum(e.action == "close" for e in entries) > 1 else ""

    register_replay("case", closed_twice)
    try:
        assert verify().intact
        for _ in range(2):
            record_and_save(small.other, action="close", actor=SYSTEM)
        assert small.found() == ["case/CASE00002 entry 3: it was closed twice"]
    finally:
        _replays.pop("case")


def run(*args):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_ledger", *args, stdout=out, stderr=err)
    except SystemExit as stopped:
        return stopped.code, out.getvalue().splitlines(), err.getvalue()
    return 0, out.getvalue().splitlines(), err.getvalue()


def test_the_command_on_an_empty_ledger(db):
    code, lines, _ = run()
    assert code == 0
    assert lines == [
        "entries: 0",
        "head: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "intact",
    ]


def test_the_command_gives_the_head_that_anybody_can_compute(small):
    import hashlib

    heads = {entry.subject: entry.hash for entry in Entry.objects.order_by("seq")}
    lines = "".join(f"{line}\n" for line in sorted(f"{subject} {digest}" for subject, digest in heads.items()))
    code, out, aside = run()
    assert (code, out) == (0, ["entries: 12", f"head: {hashlib.sha256(lines.encode()).hexdigest()}", "intact"])
    assert "1 not yet, since" in aside


def test_the_command_names_the_first_bad_entry(small):
    entry = Entry.objects.get(subject="office/hil", seq=2)
    small.tamper("UPDATE ledger_entry SET actor_name = 'Nobody' WHERE id = %s", [entry.pk])
    code, out, _ = run()
    assert code == 1
    assert "intact" not in out
    assert out[2].startswith(f"not intact: office/hil entry 2 (id {entry.pk}): what it says is not what was written")


def test_the_command_compares_a_checkpoint_kept_outside(small):
    kept = Checkpoint.objects.get(number=1)
    assert run("--checkpoint", f"1:{kept.hash}")[0] == 0
    assert run("--checkpoint", f"1:{'0' * 64}")[0] == 1
    assert connection.in_atomic_block
