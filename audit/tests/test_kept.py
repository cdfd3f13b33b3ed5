"""What is kept from somebody stays so in a spot check: a restricted case, a confidential address (CLS-1, CLS-5)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from audit.actions import findings
from audit.actions import spotchecks as actions
from audit.models import Item
from audit.policy import can
from audit.selectors import owners_for, visible_findings
from audit.spotchecks.checklist import Stage
from audit.spotchecks.facts import facts_of
from audit.spotchecks.rules import ItemAction
from audit.tests.help import Scene, leave, seeded_and_seen
from letters.models import Handing, Letter
from letters.states import State
from postroom.cases.models import Address, Case, CaseAccess
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed
from tests.access.hunting import words_on

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-10", "CLS-1")]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def keep(case: Case, kind: str, *people: User) -> None:
    """Restricted to `people`, or kept from them."""
    if kind == "restricted":
        Case.objects.filter(pk=case.pk).update(is_restricted=True)
    word = CaseAccess.Kind.NAMED if kind == "restricted" else CaseAccess.Kind.BARRED
    for one in people:
        CaseAccess.objects.create(case=case, user=one, kind=word, set_by=one)


@pytest.mark.parametrize("kind", ["restricted", "barred"])
def test_what_was_drawn_of_a_kept_case_is_not_shown_and_somebody_else_checks_it(kind: str):
    scene = Scene(letters=3)
    check = scene.checking()
    faulty, waits = check.items.order_by("number")
    faulty = scene.give_in(faulty, window="Mrs Secretly Named at 9 Hidden Lane")
    owner, today = scene.desk.other_worker, timezone.localdate()
    raised = {"item": faulty, "by": scene.dam, "what": "Talk to Secretly.", "owner": owner, "due_on": today}
    finding = findings.raise_finding(**raised)
    assert findings.raise_finding(**raised) == finding  # the same form sent again raises no second one
    keep(scene.desk.case, kind, *([scene.stand_in] if kind == "restricted" else [scene.dam]))

    faulty, waits = Item.objects.filter(check_of=check).order_by("number")

    client, name = signed_in(scene.dam), scene.desk.parent.name
    for number in (faulty.number, waits.number):
        said = words_on(client.get(reverse("audit:item", args=[check.reference, number])))
        assert "kept from you" in said
        assert not any(secret in said for secret in (name, "Secretly", "Hidden Lane", scene.desk.address.line_list[0]))
        assert not can(waits, scene.dam, ItemAction.CHECK_ITEM)
    for page, args in (("spot_check", [check.reference]), ("spot_checks", []), ("finding_new", [check.reference, 1])):
        assert "Secretly" not in words_on(client.get(reverse(f"audit:{page}", args=args)))
    assert client.get(reverse("audit:finding", args=[finding.reference])).status_code == 404
    assert "Secretly" not in words_on(client.get("/"))
    with pytest.raises(NotAllowed):
        scene.give_in(waits)
    assert can(waits, scene.stand_in, ItemAction.CHECK_ITEM)  # their deputy, who is named or not barred
    assert list(visible_findings(scene.stand_in, authority_of(scene.stand_in))) == [finding]
    with pytest.raises(InvalidStep, match="part in the post"):
        findings.raise_finding(item=faulty, by=scene.stand_in, what="Talk.", owner=scene.dam, due_on=today)
    assert scene.dam not in owners_for(faulty)
    other = Letter.objects.exclude(spot_check_items__check_of=check).get()
    with pytest.raises(InvalidStep, match="no letter or copy"):
        actions.pick(check=check, by=scene.dam, seen=Seen.of(check), reference=other.reference, reason="pp'd")
    assert other.reference not in words_on(client.get(reverse("audit:spot_check_pick", args=[check.reference])))


@pytest.mark.policy("CLS-5")
@pytest.mark.parametrize(("state", "stage"), [(State.POSTED, Stage.POSTED), (State.HANDED_OVER, Stage.HANDED)])
def test_a_confidential_address_is_not_shown_to_who_checks(state: State, stage: Stage):
    """Decision 0031: a letter opened to somebody from above, by a spot check too, doesn't show it."""
    scene = Scene(letters=1, state=state)
    check = actions.fix_frame(by=scene.dam, wanted=scene.wanted(stage), sample=1)
    leave()
    witness = scene.desk.manager
    check = seeded_and_seen(check, scene.dam, witness)
    item = actions.draw(check=check, by=scene.dam, seen=Seen.of(check)).items.get()
    letter = Letter.objects.get()
    Address.objects.filter(pk=letter.address_id).update(is_confidential=True, confidential_kind="carer")
    words = " ".join(fact.words for fact in facts_of(item).values())
    assert "Confidential address (" in words
    hidden = [letter.address.line_list[0], *Handing.objects.values_list("place", flat=True)]
    assert not any(line in words for line in hidden)
