"""Retention: what is due, holds, two people, destroyed for good, the chain still verifies, a certificate (CLS-1)."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.record.actions import retention
from audit.record.models import Disposal, DisposalState, LegalHold
from letters import actions
from letters.models import Disposed, DueKind, Letter, LetterVersion, Opening, Print, Signature
from letters.states import State
from letters.tests.work_help import signed_in, url, words_of
from postroom.files.models import StoredFile
from postroom.files.store import path_of
from postroom.ledger.kept import kind_of
from postroom.ledger.models import Entry, Reason
from postroom.ledger.verify import verify
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible
from tests.support import world

pytestmark = [pytest.mark.policy("CLS-1"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def old(desk, settings):
    """An uploaded letter with a step back in its way, a year and a day later."""
    letter = world.letter_in(desk, State.SIGNED)
    letter = actions.return_for_retyping(
        letter=letter, by=desk.worker, seen=Seen.of(letter), reason="The day is wrong.", proposed_body="On Friday."
    )
    letter = actions.type_letter(letter=letter, by=desk.admin, seen=Seen.of(letter), typed=world.typed())
    letter = actions.check(
        letter=letter, by=desk.worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True
    )
    letter = world._upload(desk, world._post(desk, world._envelope(desk, world._sign(desk, letter))))
    long_ago = timezone.now() - dt.timedelta(days=366)
    Letter.objects.filter(pk=letter.pk).update(uploaded_at=long_ago)
    return Letter.objects.get(pk=letter.pk)


def found():
    """What verification says, but for the world's cases, which were put there without their first step, and for the
    letter that was made old by its row."""
    said = [str(finding) for finding in verify().findings if not str(finding).startswith("case/")]
    return [text for text in said if not text.endswith("another time on the case record than its entries")]


def test_the_schedule_and_what_is_due(old, desk, settings):
    def lines() -> dict[str, tuple[int, int]]:
        return {line.kind.key: (line.kind.days, line.due) for line in retention.schedule()}

    assert {key: lines()[key] for key in ("drafts", "content", "proofs")} == {
        "drafts": (30, 1), "content": (365, 1), "proofs": (2191, 0),
    }  # fmt: skip
    Letter.objects.filter(pk=old.pk).update(uploaded_at=timezone.now() - dt.timedelta(days=364))
    assert (lines()["drafts"], lines()["content"]) == ((30, 1), (365, 0))
    Letter.objects.filter(pk=old.pk).update(uploaded_at=timezone.now() - dt.timedelta(days=29))
    assert sum(due for _, due in lines().values()) == 0
    world.letter_in(desk, State.POSTED)
    settings.RETENTION_CONTENT_DAYS = -1
    assert list(retention.due(kind_of("content"))) == [old]


def test_two_people_destroy_content_for_good_and_the_chain_verifies(old, desk, governance, second_governance):
    files = {str(v.pdf_id) for v in LetterVersion.objects.filter(letter=old)}
    assert files
    assert all(path_of(sha).exists() for sha in files)
    assert found() == []
    entries = list(Entry.objects.filter(subject=old.ledger_subject).values_list("hash", flat=True))
    disposal = retention.propose_disposal(what="content", by=governance)
    disposal = retention.approve_disposal(disposal=disposal, by=second_governance)
    assert disposal.state == DisposalState.DONE
    assert disposal.destroyed["letters"] == 1
    assert disposal.destroyed["versions"] == 2
    assert disposal.destroyed["reasons"] >= 1
    assert found() == []
    assert (
        list(Entry.objects.filter(subject=old.ledger_subject).values_list("hash", flat=True))[: len(entries)] == entries
    )
    for sha in files:
        assert not path_of(sha).exists()
        assert not StoredFile.objects.filter(pk=sha).exists()
    assert not Reason.objects.filter(subject=old.ledger_subject).exists()
    fresh = Letter.objects.get(pk=old.pk)
    assert (fresh.draft_text, fresh.instructions, fresh.subject, fresh.history.count()) == ("", "", "", 0)
    for version in LetterVersion.objects.filter(letter=old):
        assert (version.body, version.salt, version.pdf_id) == ("", "", None)
        assert desk.parent.name not in version.content
        assert "Friday" not in version.content
    assert not Print.objects.filter(letter=old, pdf__isnull=False).exists()
    assert not Signature.objects.filter(letter=old, pdf__isnull=False).exists()


def test_no_word_of_the_letter_is_left_anywhere_in_the_database(old, desk, governance, second_governance):
    due = {"due_kind": DueKind.POST_BY, "due_on": timezone.localdate(), "due_why": "The hearing is near."}
    Letter.objects.filter(pk=old.pk).update(**due)
    marks = ("Our meeting", "please type: thanks", "On Friday.", "The day is wrong.", "I will visit", "hearing is near")
    assert set(_tables_with(marks)) == set(marks)
    retention.approve_disposal(disposal=retention.propose_disposal(what="content", by=governance), by=second_governance)
    assert _tables_with(marks) == {}


def _tables_with(marks):
    """Each mark that stands in any text of any table, and where."""
    where = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text = repr(cursor.fetchall())
            for mark in marks:
                if mark in text:
                    where.setdefault(mark, []).append(table)
    return where


def test_the_pages_of_a_destroyed_letter_say_so_and_it_is_not_drawn_anew(old, desk, governance, second_governance):
    retention.approve_disposal(disposal=retention.propose_disposal(what="content", by=governance), by=second_governance)
    browser = signed_in(desk.worker)
    for name in ("letter", "history", "history_pdf"):
        assert browser.get(url(name, old)).status_code == 200, name
    assert "The reason has been deleted" in words_of(browser.get(url("history", old)))
    for address in (
        reverse("letters:pdf", args=[old.reference, 1]),
        reverse("letters:picture", args=[old.reference, 1, 1]),
    ):
        response = browser.get(address)
        assert response.status_code == 409
        assert "was destroyed on" in response.content.decode()
    assert browser.get(reverse("letters:signed_pdf", args=[old.reference])).status_code in (404, 409)
    assert not LetterVersion.objects.filter(letter=old, pdf__isnull=False).exists()


def test_drafts_go_first_and_content_stays(old, desk, governance, second_governance):
    retention.approve_disposal(disposal=retention.propose_disposal(what="drafts", by=governance), by=second_governance)
    assert Letter.objects.get(pk=old.pk).draft_text == ""
    assert not old.history.exclude(draft_text="").exists()
    assert LetterVersion.objects.filter(letter=old).exclude(body="").count() == 2
    assert found() == []
    with pytest.raises(NotPossible):
        retention.propose_disposal(what="drafts", by=governance)
    retention.approve_disposal(disposal=retention.propose_disposal(what="content", by=governance), by=second_governance)
    assert found() == []


@pytest.mark.parametrize("holder", ["case", "opening"])
def test_what_is_held_is_not_due_and_a_hold_set_meanwhile_counts(old, desk, governance, second_governance, holder):
    disposal = retention.propose_disposal(what="content", by=governance)
    if holder == "case":
        hold = retention.set_hold(case=old.case, why="Claim 7.", by=governance)
    else:
        Opening.objects.create(letter=old, user=governance, opened_by="breach/X")
    disposal = retention.approve_disposal(disposal=disposal, by=second_governance)
    assert disposal.destroyed.get("letters", 0) == 0
    assert disposal.items.get().left_out
    assert LetterVersion.objects.filter(letter=old).exclude(body="").exists()
    assert not retention.due(kind_of("content")).exists()
    if holder == "case":
        retention.release_hold(hold=hold, why="Settled.", by=governance)
        assert retention.due(kind_of("content")).count() == 1
        with pytest.raises(NotPossible):
            retention.release_hold(hold=hold, why="Again.", by=governance)


def test_one_person_alone_destroys_nothing(old, governance, dam, desk):
    disposal = retention.propose_disposal(what="content", by=governance)
    for decide in (retention.approve_disposal, lambda **given: retention.refuse_disposal(why="No.", **given)):
        with pytest.raises(NotAllowed):
            decide(disposal=disposal, by=governance)
        with pytest.raises(NotAllowed):
            decide(disposal=disposal, by=desk.manager)
    with pytest.raises(NotAllowed):
        retention.propose_disposal(what="drafts", by=dam)
    with pytest.raises(InvalidStep):
        retention.refuse_disposal(disposal=disposal, why=" ", by=dam)
    retention.refuse_disposal(disposal=disposal, why="Not yet.", by=dam)
    with pytest.raises(NotPossible):
        retention.approve_disposal(disposal=disposal, by=dam)
    assert retention.due(kind_of("content")).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposal.objects.create(
            what="content", state="done", proposed_by=governance, decided_by=governance, decided_at=timezone.now()
        )


def test_a_list_that_waits_is_not_listed_again(old, governance):
    retention.propose_disposal(what="content", by=governance)
    with pytest.raises(NotPossible):
        retention.propose_disposal(what="content", by=governance)


def test_the_database_lets_nothing_go_without_its_disposal(old):
    version = LetterVersion.objects.get(letter=old, number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterVersion.objects.filter(pk=version.pk).update(body="")
    Disposed.objects.create(letter=old, what="content", under="disposal/FORGED")
    for sql in ("DELETE FROM letters_disposed", "UPDATE letters_disposed SET under = 'x'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    LetterVersion.objects.filter(pk=version.pk).update(content="{}", body="", salt="")
    assert found() == [f"{old.ledger_subject}: version 1 does not say what it said (its hash does not match)"]


def test_of_several_who_approve_at_once_one_does(old, governance, second_governance, dam):
    disposal = retention.propose_disposal(what="content", by=governance)
    outcomes = []

    def approve(person):
        try:
            retention.approve_disposal(disposal=disposal, by=person)
            outcomes.append("done")
        except NotPossible:
            outcomes.append("too late")
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=approve, args=(person,)) for person in (second_governance, dam) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "too late", "too late", "too late"]
    assert found() == []


def test_on_the_pages(old, governance, dam):
    first, second = Client(), Client()
    first.force_login(governance)
    second.force_login(dam)
    page = first.get(reverse("record:retention")).content.decode()
    assert "Propose it" in page
    assert page.count('aria-current="page"') == 2  # in both forms of the menu; not The record, which begins alike
    response = first.post(reverse("record:disposal_propose"), {"what": "content"})
    address = response["Location"]
    assert "somebody else has to look" in first.get(address).content.decode()
    assert "Choose what you decide" in second.post(address, {}).content.decode()
    page = second.post(address, {"decision": "refuse", "why": ""}).content.decode()
    assert "Say why nothing should be destroyed" in page
    assert second.post(address, {"decision": "approve"}).status_code == 302
    page = second.get(address).content.decode()
    assert "Certificate of destruction" in page
    assert old.reference in page
    assert second.post(address, {"decision": "approve"}).status_code == 409
    assert first.post(reverse("record:disposal_propose"), {"what": "nonsense"}).status_code == 302
    page = first.post(reverse("record:hold_set"), {"reference": "none", "why": "x"}).content.decode()
    assert "There is no case or record of that reference" in page
    assert (
        first.post(reverse("record:hold_set"), {"reference": old.case.reference.lower(), "why": "Claim"}).status_code
        == 302
    )
    hold = LegalHold.objects.get()
    assert first.post(reverse("record:hold_release", args=[hold.reference]), {"why": "Over"}).status_code == 302
    assert first.post(reverse("record:hold_release", args=[hold.reference]), {"why": "Over"}).status_code == 409
