"""The record's own steps, several at once: nothing is listed, sent or destroyed twice, and a hold is never missed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import close_old_connections, connection

from audit.record.actions import retention
from audit.record.actions.bundles import ask_for_bundle
from audit.record.checkpoints import send_checkpoints
from audit.record.models import Bundle, Departure, Disposal, DisposalItem, Scope
from audit.record.tests.test_more_kinds import KINDS, tables_with
from letters.models import LetterVersion
from letters.states import State
from postroom.cases.ics import taking
from postroom.cases.models import Case
from postroom.files.store import path_of
from postroom.ledger.models import Checkpoint, Entry
from postroom.ledger.verify import verify
from postroom.outbox.carrier import run_due
from postroom.steps.errors import InvalidStep, NotPossible
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-0", "CLS-1"), pytest.mark.django_db(transaction=True)]


def at_once(*verbs: Callable[[], Any]) -> list[str]:
    """Each in a thread of its own, from one start; "done", or the sentence that said no."""
    start, outcomes = threading.Barrier(len(verbs)), [""] * len(verbs)

    def run(number: int, verb: Callable[[], Any]) -> None:
        try:
            start.wait()
            verb()
            outcomes[number] = "done"
        except NotPossible as error:
            outcomes[number] = str(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(n, verb)) for n, verb in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def bodies(letters: Sequence[Any]) -> set[str]:
    """What the versions of these letters say."""
    return set(LetterVersion.objects.filter(letter__in=letters).values_list("body", flat=True))


def test_two_who_propose_never_list_a_record_twice(desk, governance, second_governance, settings):
    letters = [world.letter_in(desk, State.UPLOADED) for _ in range(3)]
    settings.RETENTION_CONTENT_DAYS = -1
    people = (governance, second_governance) * 2
    outcomes = at_once(*(lambda by=by: retention.propose_disposal(what="content", by=by) for by in people))
    assert sorted(outcomes, key=len)[0] == "done"
    assert outcomes.count("done") == Disposal.objects.count() == 1
    assert sorted(DisposalItem.objects.values_list("row", flat=True)) == sorted(letter.pk for letter in letters)


@pytest.mark.parametrize("on", ["case", "record"])
def test_a_hold_set_while_it_is_destroyed_comes_before_or_after(desk, governance, second_governance, dam, settings, on):
    letter = world.letter_in(desk, State.UPLOADED)
    settings.RETENTION_CONTENT_DAYS = -1
    disposal = retention.propose_disposal(what="content", by=governance)
    held = {"case": letter.case} if on == "case" else {"record": letter}
    outcomes = at_once(
        lambda: retention.approve_disposal(disposal=disposal, by=second_governance),
        lambda: retention.set_hold(why="Claim.", by=governance, **held),
        lambda: retention.approve_disposal(disposal=disposal, by=dam),
    )
    assert outcomes[1] == "done"
    assert sorted(outcomes)[1:] == ["done", "done"]
    left_out = bool(disposal.items.get().left_out)
    assert (bodies([letter]) == {""}) is not left_out
    order = list(Entry.objects.filter(action__in=["set_hold", "approve_disposal"]).order_by("at", "id"))
    assert [entry.action for entry in order].count("approve_disposal") == 1
    assert [str(f) for f in verify().findings if not str(f).startswith("case/")] == []


def test_checkpoints_and_bundles_are_sent_and_made_once(letter, governance, second_governance, settings, tmp_path):
    settings.CHECKPOINT_FOLDER = str(tmp_path)
    for who in (governance, second_governance):
        bundle = ask_for_bundle(by=who, scope=Scope.LETTER, letter=letter)
    outcomes = at_once(*[send_checkpoints] * 4, *[run_due] * 2)
    assert set(outcomes) == {"done"}
    send_checkpoints()
    run_due()
    newest = Checkpoint.objects.order_by("-number")[0]
    sent = Departure.objects.filter(way="folder").values_list("number", flat=True)
    assert len(sent) == len(set(sent))
    assert newest.number in sent
    assert Bundle.objects.filter(made_at__isnull=False, file__isnull=False).count() == 2
    bundle.refresh_from_db()
    assert bundle.entries > 0


@pytest.mark.parametrize("what", ["agreements", "ics_files"])
def test_two_managers_who_decide_on_the_newer_kinds_destroy_them_once(
    what, governance, second_governance, dam, settings
):
    """Decisions 0150 and 0151: proposed by several, approved by two, held by a third, all at one moment."""
    make, setting = KINDS[what]
    made = make()
    setattr(settings, setting, -1)
    people = (governance, second_governance) * 2
    outcomes = at_once(*(lambda by=by: retention.propose_disposal(what=what, by=by) for by in people))
    assert outcomes.count("done") == Disposal.objects.count() == 1
    disposal = Disposal.objects.get()
    other = second_governance if disposal.proposed_by_id == governance.pk else governance
    outcomes = at_once(
        lambda: retention.approve_disposal(disposal=disposal, by=other),
        lambda: retention.approve_disposal(disposal=disposal, by=dam),
        lambda: retention.set_hold(why="Claim.", by=other, record=made.record),
    )
    assert outcomes[2] == "done"
    assert sorted(outcomes[:2]) == ["Somebody has decided on this disposal already.", "done"]
    gone = not disposal.items.get().left_out
    assert (tables_with(made.marks) == {}) is gone
    assert all(path_of(sha).exists() is not gone for sha in made.files)
    let_go = Entry.objects.filter(subject=made.record.ledger_subject, action="dispose_of_reasons").count()
    assert let_go == (1 if gone else 0)
    assert Entry.objects.filter(subject=disposal.ledger_subject, action="approve_disposal").count() == 1
    assert [str(f) for f in verify().findings if not str(f).startswith("case/")] == []


def test_a_file_from_ics_is_taken_over_or_destroyed_never_half(governance, second_governance, settings):
    """Whoever uploaded it takes it over at the moment in which two others destroy it."""
    made = KINDS["ics_files"][0]()
    settings.RETENTION_ICS_FILE_DAYS = -1
    disposal = retention.propose_disposal(what="ics_files", by=governance)
    admin = made.record.by

    def take_over() -> None:
        try:
            taking.start(made=made.record, by=admin)
        except InvalidStep as error:
            raise NotPossible(str(error)) from error

    outcomes = at_once(take_over, lambda: retention.approve_disposal(disposal=disposal, by=second_governance))
    assert outcomes[1] == "done"
    run_due()
    left_out = bool(disposal.items.get().left_out)
    made.record.refresh_from_db()
    assert (outcomes[0] == "done") is left_out
    assert made.record.state == ("done" if left_out else "ready")
    assert Case.objects.filter(ics_reference="F1").exists() is left_out
    assert [str(f) for f in verify().findings if not str(f).startswith("case/")] == []
