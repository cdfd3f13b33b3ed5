"""Of a breach that whoever asks is kept out of, a bundle of everything shows no step, and is intact all the same."""

import io
import json

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.record.actions.bundles import ask_for_bundle, wanted_by
from audit.record.actions.retention import set_hold
from audit.record.bundle import write_bundle
from audit.record.models import Bundle, Scope
from audit.record.tests.bundles import carry, changed, here, parts_of, run
from audit.record.views.bundles import KEPT_FROM_THEM
from breaches.actions.common import involve
from breaches.models import Involved
from breaches.tests.scene import Scene
from letters.states import State
from postroom.cases.models import CaseAccess
from postroom.ledger.models import Entry
from postroom.ledger.sealing import seal
from postroom.people.roles import Role
from postroom.steps.errors import NotAllowed
from tests.support import world
from verify_bundle import sha256

pytestmark = [pytest.mark.policy("OGP-0", "OGP-12"), pytest.mark.django_db]


def made_for(user):
    """The bundle of everything as this person gets it."""
    out = io.BytesIO()
    write_bundle(out, wanted_by(ask_for_bundle(by=user, scope=Scope.EVERYTHING)))
    return out.getvalue()


def involved(scene, breach, user):
    involve(breach, user, "Carried the bag", timezone.now())


def not_after_all(scene, breach, user):
    involved(scene, breach, user)
    Involved.objects.filter(user=user).update(cleared_at=timezone.now())


def barred(scene, breach, user):
    CaseAccess.objects.create(case=scene.desk.case, user=user, kind="barred", set_by=scene.desk.manager)


def no_longer_barred(scene, breach, user):
    barred(scene, breach, user)
    CaseAccess.objects.filter(user=user).update(ended_at=timezone.now())


def part_of_another(scene, breach, user):
    involved(scene, scene.reported(cases=()), user)


PARTS = {None: False, involved: True, not_after_all: False, barred: True, no_longer_barred: False,
         part_of_another: False}  # fmt: skip


def test_each_role_with_each_part_in_a_breach(tmp_path):
    """Governance alone exports everything; kept out of a breach, it gets none of that breach's steps."""
    scene = Scene()
    breach = scene.decided(scene.reported())
    hold = set_hold(why="A complaint", by=scene.ig, record=breach)
    near = {Role.TEAM_MANAGER: scene.desk.manager, Role.ADMIN: scene.desk.admin}
    steps = Entry.objects.filter(subject__in=[breach.ledger_subject, hold.ledger_subject]).count()
    assert steps > 5
    for role, user in {**scene.wide, **near}.items():
        for part, kept in PARTS.items():
            with transaction.atomic():
                if part is not None:
                    part(scene, breach, user)
                if role != Role.INFORMATION_GOVERNANCE:
                    with pytest.raises(NotAllowed):
                        ask_for_bundle(by=user, scope=Scope.EVERYTHING)
                else:
                    seal(everything=True)
                    data = made_for(user)
                    everywhere = b"".join(parts_of(data).values()).decode()
                    assert (breach.ledger_subject in everywhere) is not kept, part
                    code, said = here(data, tmp_path)
                    assert (code, said.splitlines()[-1]) == (0, "intact"), said
                    assert (f"{steps} more are kept from whoever asked" in said) is kept, said
                    assert ("withheld.jsonl" in parts_of(data)) is (kept or part is part_of_another)
                transaction.set_rollback(True)


def test_what_is_kept_back_can_not_be_made_up_moved_or_left_out(tmp_path):
    scene = Scene()
    letter = world.letter_in(scene.desk, State.TYPED)
    breach = scene.reported(involved=(scene.ig,))
    seal(everything=True)
    data = made_for(scene.ig)
    assert breach.reference not in b"".join(parts_of(data).values()).decode()
    assert run(data, tmp_path)[0] == 0
    # The hash of the entry itself, from which the next one follows, isn't given either.
    assert breach.ledger_head not in parts_of(data)["withheld.jsonl"].decode()
    for edit, words in (
        (lambda rows: rows[0].__setitem__(1, "f" * 64), "its root is not that of its entries"),
        (lambda rows: rows[0].__setitem__(0, 1), "another one stands in its place"),
        (lambda rows: rows[0].__setitem__(2, 99), "its checkpoint is not in the bundle"),
        (lambda rows: rows[1:], "more or fewer entries than the manifest says"),
        (lambda rows: [*rows, rows[0]], "another one stands in its place"),
        (lambda rows: rows[0].__setitem__(0, None), "its root is not that of its entries"),
    ):
        code, said = here(changed(data, "withheld.jsonl", edit), tmp_path)
        assert (code, words in said) == (1, True), (words, said)
    # An entry taken out and said to be kept back is missed in its chain, and a whole chain at its end.
    for places in (slice(1, 2), slice(None, None)):
        chain = [row for row in _rows(data) if row[1][0] == letter.ledger_subject][places]

        def without(rows, chain=chain):
            return [row for row in rows if row not in chain]

        code, said = here(_moved(data, without, chain), tmp_path)
        assert (code, letter.ledger_subject in said) == (1, True), said


def _rows(data):
    return [json.loads(line) for line in parts_of(data)["entries.jsonl"].splitlines()]


def _moved(data, without, chain):
    leaves = [[row[0], sha256(b"\0" + bytes.fromhex(row[2])).hex(), row[3]["checkpoint"]] for row in chain]
    here_now = len(parts_of(data)["withheld.jsonl"].splitlines())
    moved = changed(data, "withheld.jsonl", lambda rows: rows + leaves)
    return changed(moved, "entries.jsonl", without, resign={"withheld": here_now + len(leaves)})


@pytest.mark.django_db(transaction=True)
def test_whoever_is_named_since_does_not_get_the_bundle_that_was_made_before():
    scene = Scene()
    breach = scene.reported()
    ask_for_bundle(by=scene.ig, scope=Scope.EVERYTHING)
    carry()
    client = Client()
    client.force_login(scene.ig)
    bundle = Bundle.objects.get()
    page, file = (reverse(f"record:{name}", args=[bundle.reference]) for name in ("bundle", "bundle_file"))
    assert "Download the bundle" in client.get(page).content.decode()
    assert client.get(file).status_code == 200
    involve(breach, scene.ig, "Carried the bag", timezone.now())
    shown = client.get(page).content.decode()
    assert KEPT_FROM_THEM in shown
    assert "Download the bundle" not in shown
    refused = client.get(file)
    assert (refused.status_code, KEPT_FROM_THEM in refused.content.decode()) == (403, True)
    ask_for_bundle(by=scene.ig, scope=Scope.EVERYTHING)
    carry()
    newest = Bundle.objects.latest("pk")
    fetched = client.get(reverse("record:bundle_file", args=[newest.reference]))
    assert fetched.status_code == 200
    assert breach.reference not in b"".join(parts_of(fetched.content).values()).decode()
