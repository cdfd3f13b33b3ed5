"""The worker hands over a draft, in a browser (OGP-1)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from letters.models import Letter
from letters.tests.desk_help import desk, elsewhere, last_entry, signed_in
from letters.views.handing_over import new_for_case
from postroom.cases.models import Case
from tests.support import world

__all__ = ["desk", "elsewhere"]
pytestmark = pytest.mark.django_db


def page(desk):
    return reverse("letters:new_for_case", args=[desk.case.reference])


def entries(desk, **over):
    return {"address": desk.address.pk, "draft_text": "Please thank her for coming.", **over}


@pytest.mark.policy("OGP-1")
def test_a_worker_hands_over_a_letter(desk):
    client = signed_in(desk.worker)
    answer = client.get(page(desk))
    assert answer.status_code == 200
    assert "Verified" in answer.content.decode()
    answer = client.post(page(desk), entries(desk, subject="Our meeting", instructions="By Friday, please."))
    letter = Letter.objects.get()
    assert answer.url == reverse("letters:letter", args=[letter.reference])
    assert (letter.state, letter.addressee, letter.address) == ("drafted", desk.parent, desk.address)
    assert (letter.subject, letter.instructions) == ("Our meeting", "By Friday, please.")
    assert last_entry(letter).action == "hand_over"
    assert last_entry(letter).actor_id == desk.worker.pk


def test_one_case_is_not_asked_for_and_several_are(desk):
    client = signed_in(desk.worker)
    assert client.get(reverse("letters:new")).url == page(desk)
    world.make_case(desk.office, desk.worker)
    answer = client.get(reverse("letters:new"))
    assert answer.status_code == 200
    assert answer.content.decode().count("/new-letter/") == 2


def test_the_choice_of_case_shows_nobody_elses(desk, elsewhere):
    body = signed_in(desk.other_worker).get(reverse("letters:new")).content.decode()
    assert "No open case is allocated to you" in body


@pytest.mark.policy("OGP-1", "CLS-1")
def test_only_the_allocated_worker_hands_over(desk, elsewhere):
    for person in (desk.admin, desk.manager):
        for method in ("get", "post"):
            assert getattr(signed_in(person), method)(page(desk), entries(desk)).status_code == 403
    # Who may not read the case isn't told that there is one.
    for person in (desk.other_worker, elsewhere.worker, elsewhere.admin, elsewhere.manager):
        for method in ("get", "post"):
            assert getattr(signed_in(person), method)(page(desk), entries(desk)).status_code == 404
    assert not Letter.objects.exists()


def test_a_stranger_is_asked_to_sign_in(desk, client):
    assert client.get(page(desk)).status_code == 302
    assert client.post(page(desk), entries(desk)).status_code == 302
    assert not Letter.objects.exists()


def test_what_was_typed_stays_when_the_address_is_missing(desk):
    answer = signed_in(desk.worker).post(page(desk), {"draft_text": "Thank her kindly."})
    assert answer.status_code == 422
    assert "Thank her kindly." in answer.content.decode()
    assert "Choose who the letter is to" in answer.content.decode()


def test_an_empty_draft_says_what_to_do(desk):
    answer = signed_in(desk.worker).post(page(desk), entries(desk, draft_text="   "))
    assert answer.status_code == 422
    assert "Write or paste what the letter should say" in answer.content.decode()


@pytest.mark.policy("CLS-6")
def test_a_stale_address_asks_and_what_was_typed_stays(desk, settings):
    old = timezone.localdate() - dt.timedelta(days=settings.ADDRESS_STALE_AFTER_DAYS + 1)
    type(desk.address).objects.filter(pk=desk.address.pk).update(verified_on=old)
    client = signed_in(desk.worker)
    answer = client.post(page(desk), entries(desk))
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "was last verified on" in body
    assert "Please thank her for coming." in body
    assert not Letter.objects.exists()
    assert client.post(page(desk), entries(desk, still_right="on")).status_code == 302
    assert '"stale_address_confirmed":true' in last_entry(Letter.objects.get()).payload


@pytest.mark.policy("CLS-6")
def test_an_unusable_address_is_shown_with_why_and_can_not_be_chosen(desk):
    unverified = world.make_address(desk.parent, None)
    client = signed_in(desk.worker)
    answer = client.get(page(desk))
    assert "Not verified yet" in answer.content.decode()
    assert str(unverified.pk) not in dict(answer.context["form"].fields["address"].choices)
    assert client.post(page(desk), entries(desk, address=unverified.pk)).status_code == 422


def test_an_address_of_another_case_can_not_be_chosen(desk, elsewhere):
    assert signed_in(desk.worker).post(page(desk), entries(desk, address=elsewhere.address.pk)).status_code == 422
    assert not Letter.objects.exists()


def test_the_same_form_sent_twice_makes_one_letter(desk):
    client = signed_in(desk.worker)
    key = client.get(page(desk)).context["form_key"]
    first = client.post(page(desk), entries(desk, form_key=key))
    second = client.post(page(desk), entries(desk, form_key=key))
    assert first.url == second.url
    assert Letter.objects.count() == 1


def test_the_same_form_twice_in_one_moment_makes_one_letter(desk, rf):
    """The second has read its session before the first had written there which letter its form made."""
    client = signed_in(desk.worker)
    key = client.get(page(desk)).context["form_key"]
    late = rf.post(page(desk), entries(desk, form_key=key))
    late.user, late.session = desk.worker, client.session
    assert "handed_over" not in late.session, "read now"
    first = client.post(page(desk), entries(desk, form_key=key))
    assert new_for_case(late, desk.case.reference).url == first.url
    assert Letter.objects.count() == 1
    assert client.post(page(desk), entries(desk, form_key=key)).url == first.url


def test_a_closed_case_starts_no_letter(desk):
    Case.objects.filter(pk=desk.case.pk).update(state="closed")
    assert signed_in(desk.worker).post(page(desk), entries(desk)).status_code == 409
    assert not Letter.objects.exists()


def test_the_choice_of_case_takes_a_fixed_number_of_queries(desk, django_assert_num_queries):
    client = signed_in(desk.worker)
    world.make_case(desk.office, desk.worker)
    client.get(reverse("letters:new"))
    with django_assert_num_queries(6):
        client.get(reverse("letters:new"))
    for _ in range(5):
        world.make_case(desk.office, desk.worker)
    with django_assert_num_queries(6):
        client.get(reverse("letters:new"))
