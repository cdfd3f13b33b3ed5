"""What was decided on staff is seen by those who decide and by nobody else, on no page, in no file (OGP-12, CLS-15)."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from breaches import actions
from breaches.actions.common import involve
from breaches.chasing import chases
from breaches.models import Breach, FollowUp
from breaches.reports.content import REPORTS
from breaches.tests.scene import Scene
from breaches.tests.test_reports import text_of
from postroom.cases.models import CaseAccess
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-12", "CLS-15")]
WORDS = ("warned before", "Fitness in doubt", "Counsel said", "Disciplinary", "disciplinary investigation",
         settings.PROFESSIONAL_BODY_NAME, "Legal advice", "Referred as 77", "An action finished", "Action finished",
         "the two who decide see")  # fmt: skip
DECIDE = {"assistant_director", "caldicott_guardian"}


@pytest.fixture
def scene() -> Scene:
    """Both decided on a disciplinary investigation and the professional body; the second is done already."""
    scene = Scene()
    scene.breach = scene.decided(
        scene.reported(),
        disciplinary=True,
        disciplinary_reason="She was warned before.",
        professional_body=True,
        professional_body_reason="Fitness in doubt.",
        legal_advice="Counsel said so.",
    )
    scene.open, scene.over = scene.breach.follow_ups.filter(for_deciders=True).order_by("pk")
    finished(scene, scene.cg, scene.over)
    return scene


def finished(scene: Scene, by: User, action: FollowUp) -> Breach:
    breach = Breach.objects.get()
    seen = Seen.of(breach)
    return actions.finish_follow_up(breach=breach, by=by, seen=seen, follow_up=action, result="Referred as 77.")


def everybody(scene: Scene) -> dict[str, User]:
    desk = scene.desk
    near = {"reporter": desk.other_worker, "line_manager": desk.deputy, "manager": desk.manager, "admin": desk.admin}
    return near | {str(role): user for role, user in scene.wide.items()}


def pages(scene: Scene) -> dict[str, str]:
    reference = [scene.breach.reference]
    found = {name: reverse(f"breaches:{name}", args=reference) for name in ("breach", "history", "history_pdf")}
    found |= {name: reverse("breach_reports:report", args=[*reference, name]) for name in REPORTS}
    found["register"] = reverse("breach_reports:register", args=["csv"])
    found |= {f"action {one.pk}": reverse("breaches:follow_up", args=[one.pk]) for one in (scene.open, scene.over)}
    return found | {"breaches": reverse("breaches:breaches"), "my work": "/"}


def seen_on(user: User, path: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    if answer.status_code != 200:
        return ""
    if answer["Content-Type"] == "application/pdf":
        return text_of(answer.content)
    return answer.content.decode()


@pytest.mark.usefixtures("plain_refusals")
def test_each_role_with_and_without_a_part_in_it(scene: Scene) -> None:
    wrong = []
    # A PDF is made of the same rows for each who may have it: governance's and a decider's are opened.
    opened = {"information_governance", "assistant_director"}
    for who, user in everybody(scene).items():
        for part in ("", "involved", "barred") if who in DECIDE else ("",):
            with transaction.atomic():
                if part == "involved":
                    involve(scene.breach, user, "Carried the bag", timezone.now())
                elif part == "barred":
                    CaseAccess.objects.create(case=scene.desk.case, user=user, kind="barred", set_by=scene.desk.manager)
                for name, path in pages(scene).items():
                    if path.endswith(".pdf") and who not in opened:
                        continue
                    text = seen_on(user, path)
                    shown = [words for words in WORDS if words in text]
                    decides = who in DECIDE and not part
                    whole = name in ("breach", "history", "history_pdf") or name.startswith("action")
                    if (shown and not (decides and whole)) or (decides and name == "breach" and not shown):
                        wrong.append((who, part, name, shown))
                transaction.set_rollback(True)
    assert wrong == []
    page = seen_on(scene.ad, pages(scene)["breach"])
    for words in ("warned before", "Fitness in doubt", "Counsel said", "Begin the disciplinary", "Referred as 77"):
        assert words in page
    # Governance is told that there is more, whatever was decided.
    assert "for the two who decide alone" in seen_on(scene.ig, pages(scene)["breach"])


def test_its_actions_are_asked_of_those_who_decide_and_finished_by_them_alone(scene: Scene) -> None:
    assert scene.open.owner == scene.ad
    FollowUp.objects.filter(pk=scene.open.pk).update(due_on=timezone.localdate() - timezone.timedelta(days=2))
    (chase,) = [one for one in chases(scene.breach) if one.name == f"action/{scene.open.pk}"]
    assert chase.who == {scene.ad.pk, scene.cg.pk}
    for who, user in everybody(scene).items():
        if who not in DECIDE:
            with pytest.raises(NotAllowed):
                finished(scene, user, scene.open)
    assert "An action from breach" in seen_on(scene.ad, "/")
    involve(scene.breach, scene.ad, "Carried the bag", timezone.now())
    # Its owner is kept out now: it is the other one's.
    with pytest.raises(NotAllowed):
        finished(scene, scene.ad, scene.open)
    assert "An action from breach" not in seen_on(scene.ad, "/")
    (chase,) = [one for one in chases(scene.breach) if one.name == f"action/{scene.open.pk}"]
    assert chase.who == {scene.cg.pk}
    finished(scene, scene.cg, scene.open)


def test_the_database_shows_it_to_nobody_else_either(scene: Scene) -> None:
    with pytest.raises(IntegrityError, match="stays with those who decide"), transaction.atomic():
        FollowUp.objects.filter(pk=scene.open.pk).update(for_deciders=False)


def test_without_a_yes_there_is_no_such_action() -> None:
    scene = Scene()
    scene.decided(scene.reported())
    assert not FollowUp.objects.exists()
