"""Of a case that is kept from whoever asks, a bundle shows nothing but hashes, and is intact all the same (CLS-1)."""

import io
import json

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actions.findings import raise_finding
from audit.record.actions.bundles import ask_for_bundle, shows_what_is_kept_from, wanted_by
from audit.record.actions.retention import set_hold
from audit.record.bundle import write_bundle
from audit.record.models import Scope
from audit.record.tests.bundles import here, parts_of
from audit.tests.help import Scene
from distribution.tests.world import Conference
from papers.tests.help import taken
from postroom.cases import actions as cases
from postroom.cases.models import Case, CaseAccess
from postroom.ledger.models import Entry
from postroom.ledger.sealing import seal
from postroom.people.roles import Role
from postroom.steps.errors import NotAllowed
from tests.cases.test_actions import CHILD
from tests.support import world

pytestmark = [pytest.mark.policy("OGP-0", "CLS-1"), pytest.mark.django_db]


@pytest.fixture
def scene():
    """A case with all that can hang on one, another case beside it, and the people of the record."""
    scene = Scene(letters=2)
    scene.ig = world.make_user("Ig Sample", None, Role.INFORMATION_GOVERNANCE)
    Conference(scene.desk).issue("minutes", scene.desk.parent)
    taken(scene.desk)
    scene.check = scene.finished(sample=1, addressee="The next street.")
    item = scene.check.items.get()
    scene.letter = item.letter
    who = {"by": scene.dam, "owner": scene.desk.admin}
    raise_finding(item=item, what="The next street.", due_on=timezone.localdate(), **who)
    hold = set_hold(why="A complaint", by=scene.ig, case=scene.desk.case)
    ask_for_bundle(by=scene.dam, scope=Scope.LETTER, letter=scene.letter)
    # A second one, opened by the real step: its own chain.
    scene.opened = cases.open_case(office=scene.desk.office, children=[CHILD], by=scene.desk.worker)
    # Another case of the same office, open to all.
    scene.other = world.Desk(world.make_office("oth", "Otherside"))
    scene.open_letter = world.letter_in(scene.other, "typed")
    scene.hold = hold
    seal(everything=True)
    return scene


def names_of(scene):
    """Every chain that hangs on the case, by what its table says."""
    case, items = scene.desk.case, scene.check.items.all()
    sets = case.distributions.all()
    rows = [scene.opened, *case.letters.all(), *sets, *case.papers_out.all(), *items, scene.hold]
    rows += [copy for one in sets for copy in one.items.all()] + [f for i in items for f in i.findings.all()]
    return {row.ledger_subject for row in rows} | {
        entry.subject for entry in Entry.objects.filter(subject__startswith="bundle/")
    }


def made_for(user, **options):
    out = io.BytesIO()
    write_bundle(out, wanted_by(ask_for_bundle(by=user, scope=Scope.EVERYTHING, **options)))
    return out.getvalue()


def test_of_a_case_kept_from_them_governance_has_hashes_alone(scene, tmp_path):
    case, hidden = scene.desk.case, names_of(scene)
    steps = Entry.objects.filter(subject__in=hidden).count()
    kinds = {name.split("/")[0] for name in hidden}
    assert kinds == {"case", "letter", "distribution", "item", "papers", "spotcheck_item", "spotcheck_finding",
                     "legal_hold", "bundle"}  # fmt: skip
    for part, kept in (("", False), ("not named", True), ("named", False), ("barred", True), ("not any more", False)):
        with transaction.atomic():
            if part in ("not named", "named"):
                Case.objects.filter(pk__in=[case.pk, scene.opened.pk]).update(is_restricted=True)
            if part in ("named", "barred", "not any more"):
                kind = "named" if part == "named" else "barred"
                ended = timezone.now() if part == "not any more" else None
                for one in (case, scene.opened):
                    CaseAccess.objects.create(case=one, user=scene.ig, kind=kind, set_by=scene.dam, ended_at=ended)
            asked = ask_for_bundle(by=scene.ig, scope=Scope.EVERYTHING)
            seal(everything=True)
            data = made_for(scene.ig)
            shown = set(json.loads(parts_of(data)["manifest.json"])["heads"])
            assert shown & hidden == (set() if kept else hidden), part
            assert {scene.open_letter.ledger_subject, asked.ledger_subject} <= shown
            code, said = here(data, tmp_path)
            assert (code, said.splitlines()[-1]) == (0, "intact"), said
            assert (f"{steps} more are kept from whoever asked" in said) is kept, said
            # No reference of it anywhere else; a list that was drawn from, and what was drawn, are published as such.
            parts = {name: text.decode() for name, text in parts_of(data).items() if name != "frames.jsonl"}
            parts["entries.jsonl"] = "\n".join(
                line
                for line in parts["entries.jsonl"].splitlines()
                if json.loads(line)[1][0] != scene.check.ledger_subject
            )
            for name in hidden if kept else ():
                reference = name.split("/")[1]
                assert not [part for part, text in parts.items() if reference in text], name
            transaction.set_rollback(True)


def test_nor_has_the_bundle_of_an_office_or_of_a_letter(scene):
    today = timezone.localdate()
    period = {"office": scene.desk.office, "first_day": today, "last_day": today}
    of_office = ask_for_bundle(by=scene.dam, scope=Scope.OFFICE, **period)
    out = io.BytesIO()
    write_bundle(out, wanted_by(of_office))
    assert not shows_what_is_kept_from(out.getvalue(), scene.dam)
    client = Client()
    client.force_login(scene.dam)
    page = reverse("record:bundle_letter", args=[scene.letter.reference])
    form, asked = reverse("record:bundle_ask"), {"scope": "letter", "reference": scene.letter.reference}
    assert client.get(page).status_code == 200
    Case.objects.update(is_restricted=True)
    # What was made before is not had any more; made anew it has none of it.
    assert shows_what_is_kept_from(out.getvalue(), scene.dam)
    again = io.BytesIO()
    write_bundle(again, wanted_by(of_office))
    assert set(json.loads(parts_of(again.getvalue())["manifest.json"])["heads"]) & names_of(scene) == set()
    assert client.get(page).status_code == 404
    assert "There is no letter of that reference" in client.post(form, asked).content.decode()
    assert client.get(reverse("record:bundle", args=[scene.letter.bundles.get().reference])).status_code == 404
    assert scene.letter.reference not in client.get(reverse("record:bundles")).content.decode()
    with pytest.raises(NotAllowed):
        ask_for_bundle(by=scene.dam, scope=Scope.LETTER, letter=scene.letter)
