"""Every address of breaches for every person, by role and involvement, GET and POST, against the hand-written list."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from breaches import actions
from breaches.actions.common import involve
from breaches.duties import Duty, Kind
from breaches.models import Breach, FollowUp, Involved, ReportDraft, ServiceUser
from breaches.reports.content import REPORTS
from breaches.tests.scene import Scene
from postroom.ledger.models import Entry
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.access.expected_breaches import EVERYONE, EXPECTED
from tests.support import world

pytestmark = pytest.mark.django_db
# Only in these states, and only with the advice given or not, is each page open to anybody at all.
BEFORE_ADVICE = {"advise"}


class Stage:
    """A theft: assessed, its meeting asked about, a decision written by the Assistant Director."""

    def __init__(self) -> None:
        self.scene = scene = Scene()
        self.involved = world.make_user("Ivy Involved", None, Role.INFORMATION_GOVERNANCE)
        breach = scene.reported(Kind.THEFT, involved=(self.involved,))
        breach = scene.assessed(breach)
        breach = actions.add_follow_up(
            breach=breach,
            by=scene.ig,
            seen=Seen.of(breach),
            words="Train the team.",
            owner=scene.desk.admin,
            due_on=timezone.localdate(),
        )
        breach = scene.done(breach, Duty.DIRECTOR_REPORT)
        named = [scene.desk.parent]
        breach = actions.name_people(breach=breach, by=scene.ig, seen=Seen.of(breach), people=named)
        breach = actions.ask_exception(
            breach=breach, by=scene.ig, seen=Seen.of(breach), kind="refused", reason="She said no."
        )
        breach = scene.referred(breach, more_to_come=True, more_by=timezone.localdate())
        breach = actions.make_notification(breach=breach, by=scene.ig, seen=Seen.of(breach))
        breach = actions.ask_advice(breach=breach, by=scene.ig, seen=Seen.of(breach), question="Refer?")
        self.draft = ReportDraft.objects.create(by=scene.desk.other_worker)
        self.breach = breach

    def people(self) -> dict[str, User]:
        scene = self.scene
        return {
            "reporter": scene.desk.other_worker,
            "line_manager": scene.desk.deputy,
            "involved": self.involved,
            "near.worker": scene.desk.worker,
            "near.manager": scene.desk.manager,
            "near.admin": scene.desk.admin,
            "far.manager": scene.far.manager,
            "far.admin": scene.far.admin,
            **{str(role): user for role, user in scene.wide.items()},
        }

    def path(self, name: str) -> str:
        more: dict[str, list[Any]] = {
            "duty": ["records_manager_report"],
            "set_aside": ["insurers"],
            "duty_file": ["director_report"],
            "clear_involved": [Involved.objects.get().pk],
            "meet_person": [ServiceUser.objects.get().pk],
            "clear_person": [ServiceUser.objects.get().pk],
        }
        match name:
            case "breaches" | "report":
                return reverse(f"breaches:{name}")
            case "draft" | "discard":
                return reverse(f"breaches:{name}", args=[self.draft.key])
            case "follow_up":
                return reverse("breaches:follow_up", args=[FollowUp.objects.get().pk])
        return reverse(f"breaches:{name}", args=[self.breach.reference, *more.get(name, [])])

    def advised(self) -> None:
        """From here on it can be decided."""
        breach = Breach.objects.get()
        breach = actions.advise(breach=breach, by=self.scene.dpo, seen=Seen.of(breach), text="No.")
        self.breach = self.scene.proposed(breach)


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.policy("OGP-11", "OGP-12", "CLS-1", "CLS-15")
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_page_for_each_person(method: str) -> None:
    stage = Stage()
    people = stage.people()
    assert set(people) == EVERYONE
    wrong: list[str] = []
    names = sorted(EXPECTED, key=lambda name: name not in BEFORE_ADVICE)
    for name in names:
        if name not in BEFORE_ADVICE and stage.breach.decisions.count() == 0:
            stage.advised()
        get, post = EXPECTED[name]
        may = get if method == "get" else post
        for who, user in people.items():
            client = Client()
            client.force_login(user)
            before = Entry.objects.count()
            point = transaction.savepoint()
            seen = {"seen_version": stage.breach.version, "seen_hash": stage.breach.content_hash}
            response = getattr(client, method)(stage.path(name), seen if method == "post" else {})
            after = Entry.objects.count()
            transaction.savepoint_rollback(point)
            status = response.status_code
            if may is None:
                fine = status == 405
            elif who in may:
                # 409 is a refusal too, and not counted as "may": but nothing can be closed yet, by whoever may.
                fine = status in ((409,) if name == "close" else (200, 302))
            else:
                fine = status in (403, 404) and after == before
            if not fine:
                wrong.append(f"{who} {method} {name}: {status}")
    assert wrong == []


# Whoever is involved opens none of it, whatever else they are (clauses.md, "run a breach case", "decide on a breach"):
# the list and a new report are everybody's, the reporter sees what became of it, and who owns an action finishes it.
OF_EVERYBODY = {"breaches", "report"}
STILL_THEIRS = {"reporter": ("breach", "draft", "discard"), "near.admin": ("follow_up",)}
SOAK = bool(os.environ.get("POSTROOM_SOAK"))
SOME = 12  # one in so many in `make test`; a soak asks each


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.policy("OGP-12", "CLS-1", "CLS-15")
def test_nobody_who_is_involved_opens_any_page_whatever_their_role() -> None:
    stage = Stage()
    stage.advised()
    reports = {name: reverse("breach_reports:report", args=[stage.breach.reference, name]) for name in REPORTS}
    paths = {name: stage.path(name) for name in sorted(set(EXPECTED) - OF_EVERYBODY)} | reports
    paths["reports"] = reverse("breach_reports:reports", args=[stage.breach.reference])
    wrong, asked = [], 0
    for number, (who, user) in enumerate(stage.people().items()):
        point = transaction.savepoint()
        if not Involved.objects.filter(breach=stage.breach, user=user, cleared_at=None).exists():
            involve(stage.breach, user, "Carried the bag", timezone.now())
        client = Client()
        client.force_login(user)
        seen = {"seen_version": stage.breach.version, "seen_hash": stage.breach.content_hash}
        for place, (name, path) in enumerate(paths.items()):
            if not SOAK and (number + place) % SOME:
                continue
            theirs = name in STILL_THEIRS.get(who, ())
            for method in ("get", "post"):
                before, inner = Entry.objects.count(), transaction.savepoint()
                status = getattr(client, method)(path, seen if method == "post" else {}).status_code
                after = Entry.objects.count()
                transaction.savepoint_rollback(inner)
                asked += 1
                if not theirs and (status not in (403, 404, 405) or after != before):
                    wrong.append(f"{who} {method} {name}: {status}")
        assert (
            stage.breach.reference not in client.get(reverse("breaches:breaches")).content.decode() or who == "reporter"
        )
        transaction.savepoint_rollback(point)
    assert wrong == []
    assert asked > 100


def test_nobody_comes_in_without_signing_in() -> None:
    stage = Stage()
    for name in EXPECTED:
        method = "post" if EXPECTED[name][0] is None else "get"
        response = getattr(Client(), method)(stage.path(name))
        assert response.status_code == 302, name
        assert response["Location"].startswith(reverse("account_login")), name


@pytest.mark.policy("OGP-12")
def test_the_disciplinary_part_is_shown_to_the_deciders_and_to_nobody_else() -> None:
    stage = Stage()
    stage.advised()
    for who, user in stage.people().items():
        client = Client()
        client.force_login(user)
        for name in ("breach", "breaches"):
            text = client.get(stage.path(name)).content.decode()
            shown = "An honest slip" in text or "Disciplinary" in text
            assert shown is (who in ("assistant_director", "caldicott_guardian") and name == "breach"), (who, name)


@pytest.mark.policy("CLS-15")
def test_whoever_agrees_has_the_whole_decision_in_front_of_them() -> None:
    stage = Stage()
    stage.advised()
    client = Client()
    client.force_login(stage.scene.cg)
    shown = client.get(stage.path("agree")).content.decode()
    agreed_to = stage.breach.decisions.get()
    for words in (
        agreed_to.disciplinary_reason,
        agreed_to.commissioner_reason,
        agreed_to.professional_body_reason,
        f"{stage.scene.ad.name} ({agreed_to.proposed_authority})",
        settings.PROFESSIONAL_BODY_NAME,
    ):
        assert words
        assert words in shown


@pytest.mark.policy("OGP-11")
def test_half_finished_is_kept_as_typed_and_finished_later() -> None:
    scene = Scene()
    client = Client()
    client.force_login(scene.desk.other_worker)
    typed = {"what": "A letter lay at the neighbour", "discovered_on_day": "soon", "kinds": ["loss"], "later": "1"}
    assert client.post(reverse("breaches:report"), typed).status_code == 302
    draft = ReportDraft.objects.get()
    page = client.get(reverse("breaches:draft", args=[draft.key])).content.decode()
    assert "A letter lay at the neighbour" in page
    assert 'value="soon"' in page
    assert "Error:" not in page
    answer = client.post(reverse("breaches:draft", args=[draft.key]), {"what": "It did"})
    assert answer.status_code == 200
    assert "There is a problem" in answer.content.decode()
    assert answer.content.decode().count("It did") == 1
    now = timezone.localtime(timezone.now() - dt.timedelta(minutes=2))
    whole = {
        "what": "A letter lay at the neighbour's.",
        "kinds": ["disclosure"],
        "office": scene.desk.office.pk,
        "discovered_by": "The neighbour",
        "case_references": "",
    }
    for name in ("discovered", "aware"):
        whole |= {
            f"{name}_on_day": now.day,
            f"{name}_on_month": now.month,
            f"{name}_on_year": now.year,
            f"{name}_time": f"{now:%H:%M}",
        }
    answer = client.post(reverse("breaches:draft", args=[draft.key]), whole)
    made = Breach.objects.get()
    assert answer["Location"] == reverse("breaches:breach", args=[made.reference])
    assert not ReportDraft.objects.exists()
    page = client.get(answer["Location"]).content.decode()
    assert "A letter lay at the neighbour" in page
    assert "Involved, and kept out" not in page


@pytest.mark.policy("OGP-11")
def test_from_a_letter_it_is_filled_in_and_linked_for_those_who_may_read_it() -> None:
    scene = Scene()
    letter = scene.posted_letter()
    path = f"{reverse('breaches:report')}?letter={letter.reference}"
    client = Client()
    client.force_login(scene.desk.other_admin)
    assert letter.case.reference in client.get(path).content.decode()
    assert path in client.get(reverse("letters:letter", args=[letter.reference])).content.decode()
    client.force_login(scene.far.admin)
    assert letter.reference not in client.get(reverse("breaches:report"), {"letter": letter.reference}).content.decode()


@pytest.mark.parametrize("count", [1, 6])
def test_the_number_of_queries_is_the_same_for_few_and_many(count: int, django_assert_max_num_queries: Any) -> None:
    scene = Scene()
    for _ in range(count):
        scene.reported(Kind.THEFT)
    client = Client()
    client.force_login(scene.ig)
    for path, most in (("/breaches/", 12), ("/", 40)):
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200
