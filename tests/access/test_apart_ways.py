"""Two parents who must not know of each other, on every other way that a document leaves.

By registered post, by hand and at reception; as a finished document behind its carrier sheet; as a preview; in one
print run with its XMP metadata; over a real network to ICS; beside return labels; and as copies of one set (CLS-6).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks
from distribution.models import Item
from distribution.tests.world import Conference, fresh
from letters import actions
from letters.models import IcsUpload, LetterFile, OfficePost
from letters.rendering.labels import SHEETS
from letters.states import State
from letters.tests.desk_help import date_parts, seen, url
from letters.tests.test_ics import Ics, ics
from postroom.outbox.carrier import run_due
from postroom.steps.engine import Seen
from postroom.uploads.tests import samples
from tests.access.hunting import every_path, tells, words_in_pdf, words_on
from tests.access.test_apart import (
    Side,
    desk,
    each,
    ledger_and_mail,
    mixed_rows,
    printed_in_one_run,
    sides,
    told,
    typed_for,
)
from tests.access.test_hidden import signed_in
from tests.support import world
from tests.support.world import Desk

__all__ = ["desk", "ics", "sides"]
pytestmark = [pytest.mark.django_db, pytest.mark.policy("CLS-6")]
NEAR = ("letters:letter", "letters:history_pdf", "letters:envelope", "letters:hand_deliver", "letters:receipt")


def by_way(desk: Desk, sides: list[Side], ways: tuple[str, str]) -> Iterator[State]:
    """The first of them by the first way, the other by the second, up to where it went."""
    for one, way in zip(sides, ways, strict=True):
        letter = world.fresh(one.letter)
        if way != "post":
            asked = {"way": way, "sensitive": False, "reason": "It is about the court."}
            letter = actions.choose_way(letter=letter, by=desk.worker, seen=Seen.of(letter), **asked)
        one.letter = letter
    each(lambda x: actions.type_letter(letter=x, by=desk.admin, seen=Seen.of(x), typed=typed_for(x)), sides)
    yield State.TYPED
    confirmed = {"address_confirmed": True, "body_confirmed": True}
    each(lambda x: actions.check(letter=x, by=desk.worker, seen=Seen.of(x), **confirmed), sides)
    printed_in_one_run(desk, sides)
    each(lambda x: actions.sign(letter=x, by=desk.worker, seen=Seen.of(x)), sides)
    each(lambda x: world.put_in_envelope(desk, world.sheets_in_hand(desk, x)), sides)
    yield State.ENVELOPED
    each(lambda x: out(desk, x), sides)
    yield State.POSTED


def out(desk: Desk, letter: Any) -> Any:
    """It leaves, into whose hands it is meant for."""
    if letter.way not in ("by_hand", "collected"):
        return actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), **world.posting(letter))
    given = world.in_person()
    if letter.way == "by_hand":
        letter = actions.take_out(letter=letter, by=desk.worker, seen=Seen.of(letter))
        return actions.hand_deliver(letter=letter, by=desk.worker, seen=Seen.of(letter), **given)
    return actions.give_at_reception(letter=letter, by=desk.admin, seen=Seen.of(letter), **given)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("ways", [("registered_post", "by_hand"), ("collected", "registered_post")])
def test_by_no_way_does_either_s_letter_tell_of_the_other(desk: Desk, sides: list[Side], ways: tuple[str, str]) -> None:
    """Every page of each letter, for worker, admin and manager, before and after it left."""
    for state in by_way(desk, sides, ways):
        for one in sides:
            one.letter = world.fresh(one.letter)
        assert told([desk.worker, desk.admin, desk.manager], sides) == [], state
        assert mixed_rows(signed_in(desk.admin), desk, sides) == [], state
        run_due()
        assert ledger_and_mail(sides) == [], state
    assert mail.outbox


def typing(letter: Any, **more: Any) -> dict[str, Any]:
    """The typing screen as it stands, to be sent."""
    today = timezone.localdate()
    fields = {"address": letter.address_id, "subject": "Monday", "salutation": f"Dear {letter.addressee.salutation}"}
    fields |= {"body": "Please ring me.", "sign_off": "Yours sincerely", **date_parts("letter_date", today)}
    return {**seen(letter), "version": 0, **fields, **more}


def preview_tells(desk: Desk, mine: Side, theirs: Side) -> list[str]:
    """What the preview of the one, its pictures' addresses too, says of the other. It must show the one's own."""
    client = signed_in(desk.admin)
    shown = client.post(url("preview", mine.letter), typing(mine.letter))
    assert shown.status_code == 200, shown.content.decode()
    screen = words_on(client.get(url("type", mine.letter)))
    assert tells(screen, mine.secrets), "else the hunt sees nothing"
    return tells(words_on(shown) + screen, theirs.secrets)


def finished(desk: Desk, side: Side, other: Side) -> None:
    """A document without an address of its own becomes the letter: a carrier sheet in front bears only this one's."""
    client, letter = signed_in(desk.admin), side.letter
    file = SimpleUploadedFile("order.pdf", samples.pdf(2))
    assert client.post(url("add_file", letter, "document"), {"file": file}).status_code == 302
    row = LetterFile.objects.get(letter=letter)
    entry = typing(letter, version=1, document=row.pk, finish="1", body="", salutation="")
    answer = client.post(url("type", letter), entry)
    assert answer.status_code == 302, answer.content.decode()
    side.letter = world.fresh(letter)
    got = client.get(url("pdf", side.letter, 1))
    data = b"".join(got.streaming_content) if got.streaming else got.content
    carrier = pypdfium2.PdfDocument(BytesIO(data))[0].get_textpage().get_text_bounded()
    assert "carrier sheet" in carrier
    assert tells(carrier, side.secrets) == side.secrets
    assert tells(words_in_pdf(data), other.secrets) == []


def test_previews_carrier_sheets_and_labels_tell_of_nobody_else(desk: Desk, sides: list[Side]) -> None:
    """Where a finished document is the letter; and what is glued to the back of each envelope."""
    for mine, theirs in (sides, sides[::-1]):
        assert preview_tells(desk, mine, theirs) == []
        finished(desk, mine, theirs)
    entry = {"sheet": next(iter(SHEETS)), "start": 1, "count": 4}
    labels = signed_in(desk.admin).post(reverse("letters:labels", args=[desk.office.code]), entry)
    assert labels["Content-Type"] == "application/pdf"
    everything = sides[0].secrets + sides[1].secrets
    assert tells(words_on(labels), [*everything, sides[0].letter.reference]) == []
    assert desk.office.name in words_on(labels)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_finished_document_of_each_goes_its_whole_way(
    desk: Desk, sides: list[Side], settings: Any, ics: Ics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page in each state; then over the network to a real server, which gets each child's package."""
    settings.ICS_URL, settings.ICS_TOKEN = ics.url, ""
    OfficePost.objects.filter(office=desk.office).update(ics_way="http")
    for mine, theirs in (sides, sides[::-1]):
        finished(desk, mine, theirs)
    people = [desk.worker, desk.admin, desk.manager]
    assert told(people, sides) == []
    confirmed = {"address_confirmed": True, "body_confirmed": True}
    each(lambda x: actions.check(letter=x, by=desk.worker, seen=Seen.of(x), **confirmed), sides)
    printed_in_one_run(desk, sides)
    each(lambda x: actions.sign(letter=x, by=desk.worker, seen=Seen.of(x)), sides)
    each(lambda x: world.put_in_envelope(desk, world.sheets_in_hand(desk, x)), sides)
    assert told(people, sides) == []
    each(lambda x: actions.post(letter=x, by=desk.admin, seen=Seen.of(x), **world.posting(x)), sides)
    run_due()
    for one in sides:
        one.letter = world.fresh(one.letter)
        assert one.letter.state == State.UPLOADED
    assert told(people, sides) == []
    assert filed_tells(ics, sides) == []
    assert ledger_and_mail(sides) == []


def filed_tells(ics: Ics, sides: list[Side]) -> list[str]:
    """What the case record was given for the one that has something of the other; it was given each's own."""
    wrong = []
    for mine, theirs in (sides, sides[::-1]):
        rows = IcsUpload.objects.filter(letter=mine.letter)
        sent = [ics.filed[f"{mine.letter.reference}-{row.pk}"] for row in rows]
        assert sent
        for words in sent:
            document = base64.b64decode(words.pop("document_base64"))
            said = f"{words} {words_in_pdf(document)}"
            assert tells(said, mine.secrets), "else the hunt sees nothing"
            wrong += tells(said, theirs.secrets)
    return wrong


# --- reports and minutes of one set --------------------------------------------------------------------------------


@pytest.fixture
def conference(desk: Desk, sides: list[Side]) -> Conference:
    return Conference(desk)


def own_of(item: Item) -> list[tuple[str, str]]:
    """Each address that has this copy's reference in it."""
    given: dict[str, list[Any]] = {"reference": [item.reference]}
    walked = every_path(given)
    return [
        (name, path)
        for name, path in walked
        if name.startswith("distribution:") and f"/items/{item.reference}/" in path
    ]


def copies_tell(people: list[Any], copies: list[Item], sides: list[Side], near: tuple[str, ...] = ()) -> list[str]:
    """Each page and document of the one's copy that tells something of the other."""
    wrong, of_own = [], 0
    for place, item in enumerate(copies):
        mine, theirs = sides[place], sides[1 - place]
        for user in people:
            client = signed_in(user)
            for name, path in own_of(item):
                if near and name not in near:
                    continue
                for answer in (client.get(path), client.post(path, {"seen_version": 0, "seen_hash": "x"})):
                    said = words_on(answer)
                    if answer.status_code >= 500 and answer.status_code != 503:
                        wrong.append(f"{name}: {answer.status_code}")
                    of_own += bool(tells(said, mine.secrets))
                    if found := tells(said, theirs.secrets):
                        wrong.append(f"{item.state} {name} for {user.name} tells {found}")
    assert of_own, "else the hunt sees nothing"
    return wrong


def minutes_for(conference: Conference, sides: list[Side]) -> list[Item]:
    """Minutes issued to both in one set: his by registered post, out of area; hers into her own hands."""
    made = conference.issue("minutes", *(one.person for one in sides))
    return [made.items.get(person=one.person) for one in sides]


COPY = ("distribution:item", "distribution:item_pdf", "distribution:cover_pdf", "distribution:ready")


def test_of_one_set_neither_s_copy_tells_of_the_other(conference: Conference, sides: list[Side]) -> None:
    copies = minutes_for(conference, sides)
    assert copies_tell([conference.desk.worker], copies, sides, COPY) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_of_one_set_neither_s_copy_tells_of_the_other_up_to_where_it_went(
    conference: Conference, sides: list[Side]
) -> None:
    """Registered post out of area beside the worker's own hands, every page of each copy, for all who read it."""
    people = [conference.desk.worker, conference.desk.admin, conference.desk.manager, conference.safeguarding]
    his, hers = minutes_for(conference, sides)
    assert copies_tell(people, [his, hers], sides) == []
    his = conference.ready(his, "registered_post")
    hers = conference.ready(hers)
    assert copies_tell(people, [his, hers], sides) == []
    his, hers = conference.in_envelope(his), conference.taken_out(hers)
    assert copies_tell(people, [his, hers], sides) == []
    his, hers = conference.posted(his), conference.handed_over(hers)
    run_due()
    assert copies_tell(people, [fresh(his), fresh(hers)], sides) == []
    assert ledger_and_mail(sides) == []
