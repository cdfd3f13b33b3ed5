"""Each page of letters by each person by own and other office, GET and POST (CLS-1, and the clause of each step)."""

from __future__ import annotations

import datetime as dt
import html
import os
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import postroom.people.sessions  # noqa: F401 - its receiver starts the session's clocks, before any middleware is loaded
from letters import actions, urls
from letters.actions.enveloping import sheets_to_count
from letters.actions.print_runs import make_run, start_run
from letters.actions.texts import add_text
from letters.actions.tray import Chosen
from letters.models import EnvelopeStock, Letter, LetterFile, Notice, OfficeText, PrintRun, Question
from letters.queues import BY_SLUG
from letters.states import State
from postroom.files.store import store
from postroom.ledger.models import Entry, Reading
from postroom.outbox.models import Job
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from tests.access.expected_letters import EVERY_STATE, EVERYONE, NOT_TAKEN, PAGES, READERS, STEPS, WHOLE_COUNCIL, Page
from tests.support import world
from tests.support.world import Desk

pytestmark = pytest.mark.django_db
SOAK = bool(os.environ.get("POSTROOM_SOAK"))
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NAMES = [str(pattern.name) for pattern in urls.urlpatterns]
SCAN = b"%PDF-1.4\n%invented scan\n%%EOF\n"
DESK_NAMES = ("worker", "duty", "ap", "deputy", "manager", "admin", "other_admin")


@dataclass
class Council:
    """Two offices with everybody in them, the roles of the whole council, and one letter of the office `near`."""

    near: Desk = field(init=False)
    far: Desk = field(init=False)
    people: dict[str, User] = field(init=False, default_factory=dict)
    letter: Letter | None = None

    def __post_init__(self) -> None:
        self.near, self.far = (
            Desk(world.make_office(code, name)) for code, name in (("near", "Nearby"), ("far", "Off"))
        )
        for name, desk in (("near", self.near), ("far", self.far)):
            self.people |= {f"{name}.{who}": getattr(desk, who) for who in DESK_NAMES}
            self.people[f"{name}.colleague"] = desk.other_worker
            self.people[f"{name}.nobody"] = world.make_user(f"Nora Nobody at {name}", desk.office)
            self.people[f"{name}.former"] = former_admin(desk)
            world.make_case(desk.office, desk.other_worker)
            world.hand_over(desk) if desk is self.far else None
        self.people |= {role: world.make_user(f"Whole {role}", None, Role(role)) for role in WHOLE_COUNCIL}
        words = {"kind": "template", "name": "Invitation", "subject": "", "body": "Come."}
        add_text(office=self.near.office, by=self.near.admin, **words)
        assert set(self.people) == EVERYONE

    def bring_to(self, place: str) -> Letter:
        """The near office's letter, brought to where a page is asked of it."""
        self.letter = letter_at(self.near, place)
        LetterFile.objects.create(
            letter=self.letter,
            by=self.near.admin,
            purpose=LetterFile.Purpose.ENCLOSURE,
            file=store(world.A_PDF, "application/pdf"),
            media_type="application/pdf",
            pages=1,
        )
        Question.objects.create(letter=self.letter, asked_by=self.near.other_admin, text="Is the date right?")
        return self.letter

    def secrets(self) -> list[str]:
        """What nobody may read who may not read the letter: names, address, what was written, and its reference."""
        case = self.near.case
        known = [person.name for person in case.people.all()] + self.near.address.line_list[:1]
        if self.letter is not None:
            known += [self.letter.reference, "thanks for meeting me", "Thank you for meeting me"]
        return known


def former_admin(desk: Desk) -> User:
    """Admin until yesterday: the account is open, the role has ended."""
    user = world.make_user(f"Fern Former at {desk.office.code}", desk.office, Role.ADMIN)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    RoleGrant.objects.filter(user=user).update(starts=yesterday - dt.timedelta(days=30), ends=yesterday)
    return user


def letter_at(desk: Desk, place: str) -> Letter:
    """`place`: a state, or one with a word more. `signed` is with the scan of its signed paper in admin's hands."""
    if place == "sent back":
        letter = world.letter_in(desk, State.TYPED)
        return actions.return_for_retyping(letter=letter, by=desk.worker, seen=Seen.of(letter), reason="A word is off.")
    if place in ("signed", "posted"):
        return with_scan(desk, State(place))
    if place == "posted, registered":
        return registered(desk)
    state, _, more = place.partition(", ")
    if more == "one of several":
        return world.several(desk)[0]
    if more == "with another to type":
        return world.several(desk, only=1)[0]
    ways = {"to collect": "collected", "by hand": "by_hand", "not delivered": "by_hand"}
    ways |= {"out": "by_hand", "out with duty": "by_hand", "by email": "secure_email"}
    form = "braille" if more == "braille" else "standard"
    letter = world.letter_in(desk, State(state), way=ways.get(more, ""), letter_format=form)
    if more in ("out", "out with duty", "not delivered"):
        carrier = desk.duty if more == "out with duty" else desk.worker
        letter = actions.take_out(letter=letter, by=carrier, seen=Seen.of(letter))
    if more == "not delivered":
        now = timezone.now()
        letter = actions.not_delivered(letter=letter, by=desk.worker, seen=Seen.of(letter), at=now, reason="Out.")
    if more == "in a run":
        run = start_run(office=desk.office, by=desk.admin, chosen=[Chosen(letter, Seen.of(letter))])
        effect = make_run(Job.objects.get(kind="print_run", key=str(run.pk)))
        assert effect is not None
        effect()
    if more == "printed":
        letter = actions.print_letter(letter=letter, by=desk.admin, seen=Seen.of(letter))
    return letter


def with_scan(desk: Desk, state: State) -> Letter:
    """Signed on paper, the scan kept; posted if so asked."""
    letter = world.letter_in(desk, State.SIGNED)
    scan = store(SCAN, "application/pdf")
    letter = actions.confirm_signature(
        letter=letter, by=desk.admin, seen=Seen.of(letter), bears_signature=True, scan=scan
    )
    if state == State.POSTED:
        letter = world.put_in_envelope(desk, letter)
        today = timezone.localdate()
        letter = actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), posted_on=today, post_class="second")
    return letter


def registered(desk: Desk) -> Letter:
    """Posted by registered post, the receipt scanned."""
    letter = world.letter_in(desk, State.ENVELOPED, way="registered_post")
    proof = {**world.posting(letter), "receipt": store(SCAN, "application/pdf")}
    return actions.post(letter=letter, by=desk.admin, seen=Seen.of(letter), **proof)


def signed_in(user: User) -> Client:
    """A browser with this person signed in."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


# What these addresses hold beside the letter's reference.
FIXED: dict[str, list[Any]] = {
    "source": [1],
    "letter_file": [1],
    "add_file": ["enclosure"],
    "texts": [],
    "text_new": ["paragraph"],
    "labels_home": [],
    "tray_home": [],
    "stock": ["dl"],
    "stock_change": ["dl"],
    "stock_calibration": ["dl"],
}


def address_of(council: Council, page: Page) -> str:  # noqa: C901 - one case for each shape of address
    """The page's address, with real ids of things of the office `near`."""
    letter = council.letter
    if page.name in FIXED:
        return reverse(
            f"letters:{page.name}", args=[*([letter.reference] if letter and page.at else []), *FIXED[page.name]]
        )
    more: list[Any] = [letter.reference] if letter else []
    match page.name:
        case "queue":
            more = [page.of]
        case "my_work" | "notices_seen" | "find" | "next_check" | "new" | "stocks" | "stock_new" | "printers":
            more = []
        case "new_for_case":
            more = [council.near.case.reference]
        case "pdf" | "source" | "print_sheets":
            more.append(1)
        case "picture" | "source_picture":
            more += [1, 1]
        case "answer":
            assert letter is not None
            more.append(letter.questions.get().pk)
        case "preview_picture":
            assert letter is not None
            url = reverse("letters:preview", args=more)
            drawn = signed_in(council.near.admin).post(url, data_for(council, Page("preview", (), None, None)))
            more += [drawn.context["preview"].key, 1]
        case "print_run" | "print_run_progress" | "print_run_pdf":
            run = PrintRun.objects.order_by("pk").last()
            more = [run.pk if run else 1]
        case "office_post" | "labels" | "tray" | "enveloping" | "print_several":
            more = ["near"]
        case "printer_new":
            more = ["near"]
        case "printer" | "printer_change" | "printer_measure" | "printer_sheet":
            more = [council.near.office.printers.get(name="Office printer").pk]
            more += ["dl"] if page.name in ("printer_measure", "printer_sheet") else []
        case "bag_list":
            more = ["near", timezone.localdate().isoformat()]
        case "text":
            more = [OfficeText.objects.get(office=council.near.office, kind="template").pk]
    return reverse(f"letters:{page.name}", args=more)


def date_parts(name: str) -> dict[str, Any]:
    """Today in a date's three boxes."""
    today = timezone.localdate()
    return {f"{name}_day": today.day, f"{name}_month": today.month, f"{name}_year": today.year}


def data_for(council: Council, page: Page) -> dict[str, Any]:
    """A whole and valid POST of the page: whoever may do it succeeds with it."""
    near, letter = council.near, council.letter
    dl = EnvelopeStock.objects.get(slug="dl")
    figures = {name: getattr(dl, name) for name in ("envelope_w", "envelope_h", "window_w", "window_h", "window_left")}
    figures |= {"window_up": dl.window_up, "folds": dl.folds, "max_sheets": 5, "is_active": "on"}
    typing = {
        "version": 0,
        "address": near.address.pk,
        **date_parts("letter_date"),
        "salutation": "Dear Ms Example",
        "subject": "Our meeting",
        "body": "Thank you for meeting me. It was changed.",
        "sign_off": "Yours sincerely",
        "reason": "The day was wrong.",
    }
    ticks = dict.fromkeys(("contents_checked", "new_envelope", "return_mark_on", "initials_written"), "on")
    handing = {"place": "At her door", "identity": "known", "own_hands": "on"}
    handing |= {**date_parts("on"), "clock": "00:00"}
    printer = near.office.printers.get(name="Office printer")
    lengths = {"upper_left_x": "20", "upper_left_y": "20", "upper_right_x": "190", "upper_right_y": "20"}
    measured = {**lengths, "lower_left_x": "20", "lower_left_y": "277", "in_envelope": "yes"}
    sheets = sheets_to_count(letter) if letter is not None and letter.current_id else 1
    key = f"{letter.reference}:{letter.version}:{letter.content_hash}" if letter else ""
    seen_text = {"seen_text": letter.current.text_hash if letter and letter.current else ""}
    data: dict[str, dict[str, Any]] = {
        "find": {"reference": letter.reference if letter else ""},
        "notices_seen": {"notice": list(Notice.objects.values_list("pk", flat=True))},
        "new_for_case": {"address": near.address.pk, "draft_text": "Please write.", "form_key": "once"},
        "add_file": {"title": "Map", "file": SimpleUploadedFile("map.bin", world.A_PDF)},
        "text_new": {"name": "Another", "body": "Dear {{greeting}}"},
        "text": {"name": "Invitation", "body": "Come, {{greeting}}.", "seen": 1, "is_active": "on"},
        "ask": {"text": "Which school is meant?"},
        "answer": {"text": "The new one."},
        "brief": {"due_kind": "post_by", **date_parts("due_on"), "due_why": "Court.", "letter_format": "standard"},
        "type": {**typing, "finish": "1"},
        "autosave": typing,
        "preview": typing,
        "check": {"address_confirmed": "on", "body_confirmed": "on"},
        "give_words": {"letter": _to_give(letter)},
        "check_together": {"letter": key, "body_confirmed": "on", **seen_text},
        "send_text_back": {"reason": "It was wrong.", **seen_text},
        "confirm_signature": {"bears_signature": "on"},
        "envelope": {"sheets": sheets, **ticks},
        "post": {**date_parts("posted_on"), "post_class": "second"},
        "upload": {"ics_reference": "ICS-7"},
        "send_email": {"email": letter.addressee.email if letter else "", "basis": "court", "address_confirmed": "on"},
        "decide_email": {"sent": "yes", "reason": "I rang them."},
        "password": {"recipient_known": "on"},
        "choose_way": {"way": "by_hand", "sensitive": "on", "reason": "They asked for it."},
        "hand_deliver": handing,
        "give_at_reception": handing,
        "not_delivered": {**date_parts("on"), "clock": "00:00", "reason": "Nobody opened."},
        "confirm_delivery": {**date_parts("on"), "clock": "00:00", "printed_name": "P EXAMPLE"},
        "record_format": {"what": "Braille", "count": "1", "made_by": "RNIB", **date_parts("made_on")},
        "returned": {**date_parts("came_back_on"), "was_opened": "no", "reason": "Gone away."},
        "say_came_out": {"print": getattr(letter.prints.first(), "pk", 0) if letter else 0, "came_out": "yes"},
        "printer_new": {"name": "Another", "place": "Upstairs"},
        "printer_change": {
            "name": "Office printer",
            "place": "Upstairs",
            "is_active": "on",
            "seen": printer.ledger_seq,
        },
        "printer_measure": {**measured, "seen": printer.ledger_seq},
        "stock_new": {"name": "DL of another make", **figures},
        "stock_change": {"name": "DL", **figures},
        "tray": {"letter": key, **date_parts("posted_on"), "post_class": "second"},
        "enveloping": {"letter": key, f"sheets-{letter.reference if letter else ''}": sheets},
        "print_several": {"letter": key},
        "labels": {"sheet": "L7160", "start": 1, "count": 1},
        "office_post": {"stock": dl.pk, "signature_medium": "screen", "return_mark": "stamp"},
    }
    seen = {"seen_version": letter.version, "seen_hash": letter.content_hash} if letter else {}
    return {**seen, **data.get(page.name, {"reason": "It was wrong."})}


def _to_give(letter: Letter | None) -> list[str]:
    """The ticks of the letters handed over with it that are still drafts."""
    drafts = Letter.objects.filter(together=letter.together, state="drafted") if letter and letter.together else []
    return [f"{row.reference}:{row.version}:{row.content_hash}:0" for row in drafts]


def taken(page: Page, response: HttpResponseBase) -> bool:
    """Did the POST do what it is for?"""
    return response.status_code == (
        200 if page.name in ("autosave", "preview", "labels", "tray", "enveloping", "check_together") else 302
    )


def refused(page: Page, response: HttpResponseBase) -> bool:
    """Is this the answer to somebody who may not?"""
    if page.name == "find":  # a page that says there is no such letter
        return response.status_code in (200, 422)
    return response.status_code in (403, 404)


def text_of(response: Any) -> str:
    """What an answer says, its headers too."""
    body = html.unescape(response.content.decode("utf-8", "replace")) if not response.streaming else ""
    return body + str(response.headers)


def leaks(council: Council, page: Page, who: str, response: Any, sent: dict[str, Any]) -> list[str]:
    """Secrets in an answer to somebody who may not read the letter; what they sent themselves is none."""
    if who in READERS or who == "near.worker":
        return []
    own = {str(value) for value in sent.values()}
    own.add(council.letter.reference if council.letter and page.name not in LISTS else "")
    return [secret for secret in council.secrets() if secret not in own and secret in text_of(response)]


# Their addresses name no letter, so that its reference is news to whoever opens them.
LISTS = {
    "my_work",
    "queue",
    "next_check",
    "new",
    "new_for_case",
    "notices_seen",
    "stocks",
    "stock",
    "printers",
    "printer",
    "printer_new",
    "printer_change",
    "printer_measure",
    "office_post",
    "texts",
    "text_new",
    "text",
}


def test_every_address_is_on_the_list() -> None:
    assert sorted({page.name for page in PAGES}) == sorted(NAMES)
    assert len(NAMES) == len(set(NAMES))
    assert {page.of for page in PAGES if page.name == "queue"} == set(BY_SLUG)


def pages_by_place() -> list[tuple[str, list[Page]]]:
    """Pages that are asked with the letter in one place, ten to a test; "": those that need no letter."""
    there: dict[str, list[Page]] = {}
    for page in PAGES:
        for place in page.at or ("",):
            there.setdefault(place, []).append(page)
    return [(place, pages[at : at + 10]) for place, pages in there.items() for at in range(0, len(pages), 10)]


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.policy("CLS-1", "OGP-2", "OGP-3a", "OGP-3b", "OGP-4b", "OGP-6")
@pytest.mark.parametrize(
    ("place", "pages"),
    pages_by_place(),
    ids=[f"{place or 'no letter'}-{pages[0].name}" for place, pages in pages_by_place()],
)
def test_each_page_for_each_person(place: str, pages: list[Page]) -> None:
    council = Council()
    clients: dict[str, Client] = {}
    if place:
        council.bring_to(place)
    wrong = []
    for page in pages:
        path, whole = address_of(council, page), data_for(council, page)
        asking = those_who_ask(page, place)
        clients |= {who: signed_in(council.people[who]) for who in asking if who not in clients}
        before = recorded()
        for who in asking:
            for method, allowed in (("get", page.get), ("post", page.post)):
                if allowed is NOT_TAKEN and place not in ("", *page.at[:1]):
                    continue  # whether a page takes such a request at all depends on no state
                sent = unread(whole) if method == "post" else {}
                fault = asked(council, page, clients[who], who, method, path, sent, allowed, before)
                if fault:
                    wrong.append(f"{page.name} {page.of} {place or '-'}: {who} {method} {fault}")
    assert wrong == []


def recorded() -> tuple[int, int]:
    """How many ledger entries and readings there are: asked after each request, so of the database itself."""
    tables = [Entry._meta.db_table, Reading._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute("SELECT {}, {}".format(*(f"(SELECT COUNT(*) FROM {table})" for table in tables)))
        entries, readings = cursor.fetchone()
    return entries, readings


def those_who_ask(page: Page, place: str) -> list[str]:
    """Everybody, of a page where its letter stands first; elsewhere eight by a fixed seed (the soak: everybody there
    too). Who may take a step in which state is asked of everybody by letters/tests/test_product.py."""
    everybody = sorted(EVERYONE)
    if SOAK or place in ("", *page.at[:1]):
        return everybody
    return sorted(Random(f"{page.name} {place}").sample(everybody, 8))


def unread(data: dict[str, Any]) -> dict[str, Any]:
    """The same POST for the next person: its file from its beginning."""
    for value in data.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    return data


def asked(
    council: Council,
    page: Page,
    client: Client,
    who: str,
    method: str,
    path: str,
    sent: dict[str, Any],
    allowed: set[str] | None,
    before: tuple[int, int],
) -> str:
    """What is wrong with the answer to this person; "" if nothing is. What was done is undone.

    `before`: how many entries and readings there are.
    """
    point = transaction.savepoint()
    response = getattr(client, method)(path, sent)
    after = recorded()
    transaction.savepoint_rollback(point)
    other = page.post if method == "get" else page.get
    if allowed is NOT_TAKEN:
        # Who may not use the page at all may learn so before they learn that this is no way to ask.
        fine = response.status_code == 405 or (who not in (other or set()) and refused(page, response))
    elif who in allowed:
        fine = taken(page, response) if method == "post" else response.status_code in (200, 302)
    else:
        fine = refused(page, response)
    if not fine:
        return f"{response.status_code}"
    if (allowed is NOT_TAKEN or who not in allowed) and after[0] != before[0]:
        return "refused, and yet there is a ledger entry"
    if response.status_code == 404 and after[1] != before[1]:
        return "not found, and yet logged as read"
    found = leaks(council, page, who, response, sent)
    return f"shows {found}" if found else ""


@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("name", ["letter", "pdf", "picture"])
def test_who_opened_a_letter_is_logged(name: str) -> None:
    council = Council()
    council.bring_to("typed")
    page = Page(name, (), None, None)
    for who in sorted(READERS):
        signed_in(council.people[who]).get(address_of(council, page))
        assert Reading.objects.filter(
            subject=council.letter.ledger_subject, reader_id=council.people[who].pk
        ).exists(), who
    assert Reading.objects.values("reader_id").distinct().count() == len(READERS)


# 409: not where the letter stands. 403: signing isn't theirs yet, since they haven't checked what stands.
REFUSED_NOW = (403, 409)


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.parametrize("place", EVERY_STATE)
def test_a_step_out_of_its_state_is_refused_to_those_who_may_take_it(place: str) -> None:
    council = Council()
    letter = council.bring_to(place)
    for name, (who, states) in STEPS.items():
        if place in states:
            continue
        page = Page(name, (place,), None, None)
        client, path, before = signed_in(council.people[who]), address_of(council, page), Entry.objects.count()
        if name not in ("return_to_worker", "say_came_out"):
            assert client.get(path).status_code in REFUSED_NOW, name
        assert client.post(path, data_for(council, page)).status_code in REFUSED_NOW, name
        assert Entry.objects.count() == before, name
        assert world.fresh(letter).state == letter.state, name


def leaver(council: Council) -> Client:
    """Near's admin, signed in when their account was closed."""
    user = world.make_user("Lee Leaver", council.near.office, Role.ADMIN)
    client = signed_in(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return client


@pytest.mark.policy("CLS-1")
@pytest.mark.parametrize("who", ["signed out", "leaver"])
def test_nobody_comes_in_without_signing_in(who: str) -> None:
    council = Council()
    client = leaver(council) if who == "leaver" else Client()
    for page in PAGES:
        if page.at and (council.letter is None or page.name == "preview_picture"):
            council.bring_to("drafted")
        path = address_of(council, page)
        for method in ("get", "post"):
            before = Entry.objects.count()
            response = getattr(client, method)(path, data_for(council, page) if method == "post" else {})
            assert response.status_code == 302, (page, method)
            assert response["Location"].startswith(reverse("account_login")), (page, method)
            assert Entry.objects.count() == before, (page, method)


@pytest.mark.policy("CLS-1")
def test_lists_lead_nobody_to_a_letter_they_may_not_read() -> None:
    """The next letter to check, and the search by reference."""
    council = Council()
    letter = council.bring_to("typed")
    check = reverse("letters:check", args=[letter.reference])
    for who, user in council.people.items():
        client = signed_in(user)
        led = client.get(reverse("letters:next_check"))["Location"]
        assert led.startswith(check) == (who == "near.worker"), who
        found = client.post(reverse("letters:find"), {"reference": letter.reference})
        assert (found.status_code == 302) == (who in READERS), who


def test_notices_are_marked_by_whom_they_are_for() -> None:
    council = Council()
    council.bring_to("returned")
    everyones = list(Notice.objects.values_list("pk", flat=True))
    assert Notice.objects.filter(user=council.near.worker, seen_at__isnull=True).exists()
    for who in sorted(EVERYONE - {"near.worker"}):
        signed_in(council.people[who]).post(reverse("letters:notices_seen"), {"notice": everyones})
    assert Notice.objects.filter(user=council.near.worker, seen_at__isnull=True).exists()
    signed_in(council.near.worker).post(reverse("letters:notices_seen"), {"notice": everyones})
    assert not Notice.objects.filter(user=council.near.worker, seen_at__isnull=True).exists()


def test_versions_of_another_letter_are_not_found() -> None:
    """A reader of the letter finds no version or page that it hasn't, and no file of another letter under its name."""
    council = Council()
    letter = council.bring_to("typed")
    client = signed_in(council.near.admin)
    for args in ([letter.reference, 2], [letter.reference, 0]):
        assert client.get(reverse("letters:pdf", args=args)).status_code == 404
        assert client.get(reverse("letters:picture", args=[*args, 1])).status_code == 404
    assert client.get(reverse("letters:picture", args=[letter.reference, 1, 9])).status_code == 404
    assert client.get(reverse("letters:signed_pdf", args=[letter.reference])).status_code == 404
