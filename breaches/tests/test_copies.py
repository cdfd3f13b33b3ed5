"""A breach of a copy of minutes or a report: filled in, linked, its hands kept out, read by who runs the case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from breaches import actions
from breaches.copies import hands_on_copy, that_may_be_named
from breaches.duties import Kind
from breaches.models import Breach, ReportDraft
from breaches.presenters import controls_held
from breaches.tests.scene import Scene
from breaches.words import Control
from distribution.actions import return_undelivered
from distribution.models import Item
from distribution.selectors import items_visible_to
from distribution.tests.world import Conference
from postroom.ledger.kept import kind_of
from postroom.ledger.models import Reading
from postroom.ledger.verify import verify
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-11")]


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def place(scene) -> Conference:
    return Conference(scene.desk)


@pytest.fixture
def copy(place) -> Item:
    """Minutes to the father who lives out of area, posted."""
    return place.posted(place.in_envelope(place.ready(place.item("minutes", place.away), "registered_post")))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def reads(user: User, copy: Item) -> bool:
    return items_visible_to(user).filter(pk=copy.pk).exists()


def typed(scene: Scene, **more: Any) -> dict[str, Any]:
    """The form as the page has it, with what happened filled in."""
    now = timezone.localtime(timezone.now() - dt.timedelta(minutes=2))
    found: dict[str, Any] = {
        "what": "They went to the neighbours.",
        "kinds": ["disclosure"],
        "office": scene.desk.office.pk,
        "discovered_by": "The neighbour",
        "case_references": scene.desk.case.reference,
        **more,
    }
    for name in ("discovered", "aware"):
        found |= {
            f"{name}_on_day": now.day,
            f"{name}_on_month": now.month,
            f"{name}_on_year": now.year,
            f"{name}_time": f"{now:%H:%M}",
        }
    return found


def test_from_its_page_the_report_is_filled_in_kept_and_linked(scene, copy):
    client = signed_in(scene.desk.worker)
    path = f"{reverse('breaches:report')}?copy={copy.reference}"
    assert path in client.get(reverse("distribution:item", args=[copy.reference])).content.decode()
    page = client.get(path).content.decode()
    for words in (scene.desk.case.reference, f'<span class="ref">{copy.reference}</span>', copy.distribution.title):
        assert words in page
    assert f'<option value="{scene.desk.office.pk}" selected' in page
    client.post(path, {"what": "They went to the", "copy": copy.reference, "later": "1"})
    draft = ReportDraft.objects.get()
    address = reverse("breaches:draft", args=[draft.key])
    assert f'name="copy" value="{copy.reference}"' in client.get(address).content.decode()
    assert client.post(address, typed(scene, copy=copy.reference)).status_code == 302
    made = Breach.objects.get()
    assert (made.copy, made.letter, list(made.cases.all())) == (copy, None, [scene.desk.case])
    assert [str(one) for one in verify().findings] == []


def test_nobody_names_a_copy_that_they_may_not_read(scene, copy):
    for somebody in (scene.far.worker, scene.far.admin, scene.desk.other_worker, scene.wide["system_administrator"]):
        client = signed_in(somebody)
        path = f"{reverse('breaches:report')}?copy={copy.reference}"
        page = client.get(path).content.decode()
        assert copy.reference not in page.replace(path, "")
        assert scene.desk.case.reference not in page
        sent = client.post(path, typed(scene, copy=copy.reference, case_references=""))
        assert sent.status_code == 302
        assert Breach.objects.latest("pk").copy is None
        assert not that_may_be_named(somebody, authority_of(somebody)).exists()


@pytest.mark.policy("OGP-12", "CLS-15")
def test_who_had_a_hand_in_it_takes_no_part_and_the_page_says_who_held_which_step(scene, place, copy):
    made = scene.reported(by=scene.far.worker, copy=copy)
    named = dict(made.involved.values_list("user_id", "how"))
    assert set(named) == {place.safeguarding.pk, scene.desk.worker.pk, scene.desk.manager.pk, scene.desk.admin.pk}
    assert "released it" in named[scene.desk.worker.pk]
    assert named[scene.desk.manager.pk] == "approved the way it goes"
    held = {one.control: one.who for one in controls_held(made)}
    assert held == {
        Control.CASE_RECORD: scene.desk.worker,
        Control.CHANNEL: scene.desk.worker,
        Control.CONTENTS_CHECK: scene.desk.admin,
    }
    page = signed_in(scene.ig).get(reverse("breaches:breach", args=[made.reference])).content.decode()
    assert "own history" in page
    assert f'href="{reverse("distribution:item", args=[copy.reference])}"' in page


def test_a_copy_that_came_back_still_says_who_sent_it(scene, copy):
    came = return_undelivered(item=copy, by=scene.desk.admin, seen=Seen.of(copy), reason="Gone away.")
    assert came.posted_by is None
    assert "posted it" in hands_on_copy(came)[scene.desk.admin.pk]


@pytest.mark.policy("CLS-1")
def test_whoever_runs_or_decides_the_case_reads_the_copy_that_it_links_and_nobody_else(scene, copy):
    wide = [*scene.wide.values()]
    assert [user for user in wide if reads(user, copy)] == [scene.wide["safeguarding"]]
    near = scene.reported(Kind.NEAR_MISS, by=scene.far.worker, copy=copy)
    assert {user for user in wide if reads(user, copy)} == {scene.wide["safeguarding"], scene.ig}
    actions.find_more(breach=near, by=scene.ig, seen=Seen.of(near), kinds=[Kind.DISCLOSURE], reason="Read by them.")
    assert {user for user in wide if reads(user, copy)} == {scene.wide["safeguarding"], scene.ig, scene.ad, scene.cg}
    client = signed_in(scene.cg)
    assert client.get(reverse("distribution:item", args=[copy.reference])).status_code == 200
    assert client.get(reverse("distribution:item_pdf", args=[copy.reference])).status_code == 200
    assert Reading.objects.filter(subject=copy.ledger_subject, reader_id=scene.cg.pk).count() == 2
    assert client.get(reverse("distribution:set", args=[copy.distribution.reference])).status_code == 404
    assert client.post(reverse("distribution:returned", args=[copy.reference])).status_code == 403
    near.refresh_from_db()
    actions.name_involved(breach=near, by=scene.ig, seen=Seen.of(near), person=scene.ad, how="Was at the meeting.")
    assert not reads(scene.ad, copy)
    assert reads(scene.cg, copy)


def test_letter_or_copy_never_both_by_the_action_and_by_the_database(scene, copy):
    letter = scene.posted_letter()
    with pytest.raises(InvalidStep):
        scene.reported(letter=letter, copy=copy)
    made = scene.reported(copy=copy)
    with pytest.raises(IntegrityError), transaction.atomic():
        Breach.objects.filter(pk=made.pk).update(letter=letter)
    Breach.objects.filter(pk=made.pk).update(copy=None)
    assert any(made.reference in str(found) and "copy" in str(found) for found in verify().findings)


@pytest.mark.policy("CLS-1")
def test_its_content_stays_as_long_as_the_case_is_kept(scene, copy):
    kind = kind_of("reports")
    assert kind is not None
    held = kind.rows().filter(kind.busy())
    assert not held.exists()
    scene.reported(copy=copy)
    assert list(held.all()) == [copy.distribution]
