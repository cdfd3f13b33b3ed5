"""seed_demo: what is written in bulk is row for row what the real actions would have written."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models, transaction
from django.utils import timezone

from letters import content
from letters.actions import check, envelope, post, print_letter, sign
from letters.content import pdf_of, sheets_to_print, signed_pdf_of
from letters.demo import seeding
from letters.demo.clock import DAY_SECONDS, Clock, is_working_day
from letters.demo.script_letters import MIX, Writer
from letters.demo.words import LETTERS, OFFICES
from letters.models import EnvelopeStock, IcsUpload, Letter, LetterVersion, Print, Printer, Signature
from letters.rendering.content import EnclosedItem, LetterContent, Letterhead
from letters.states import State
from letters.tests.demo_real import RealHand
from papers.models import PapersOut
from postroom.cases.models import Address, CasePerson
from postroom.ledger.models import Entry, Reason
from postroom.people.demo import demo_people
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import GRANTABLE, ROLE_NAMES
from postroom.steps.engine import Seen
from tests.support.world import make_user

NOW = dt.datetime(2026, 7, 22, 14, 40, tzinfo=dt.UTC)  # a Wednesday
# None of the script goes by secure e-mail: letters.demo.by_email sends one afterwards, by the real actions.
STATES = set(State) - {State.UNCERTAIN, State.EMAILED}
APPS = ("people", "cases", "letters", "papers", "ledger")
# What differs between any two runs: salts are random, and hashes with them; ids are the database's.
RANDOM = {"salt", "password", "content_hash", "checked_hash", "signed_hash", "reason_hash", "hash", "previous_hash",
          "ledger_head", "history_id"}  # fmt: skip


@pytest.fixture(autouse=True)
def _render_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both runs make the same PDFs: each is rendered and proved once."""
    monkeypatch.setattr(content, "proved_letter", lru_cache(maxsize=None)(content.proved_letter))


# --- bulk and real -----------------------------------------------------------------------------------------------


def run(hand: Any, count: int, *, save: Any = lambda: None) -> None:
    """The whole script, played by `hand`."""
    rng = Random(5)
    scene = seeding.set_scene(hand, rng, NOW, count, save)
    save()
    writer = Writer(hand, rng, scene.clock, scene.families)
    for wanted in scene.wanted:
        writer.write(wanted)
    save()


class RolledBack(Exception):
    """Ends a run whose rows have been read."""


def rows_of_bulk(count: int) -> dict[str, list[dict[str, Any]]]:
    hand = seeding.BulkHand()
    hand.rendering = True
    return rows_after(lambda: run(hand, count, save=hand.save))


def rows_after(play: Any) -> dict[str, list[dict[str, Any]]]:
    """Every row there is once `play` is done; then all of it is rolled back."""
    try:
        with transaction.atomic():
            play()
            found = every_row()
            raise RolledBack
    except RolledBack:
        return found


def every_row() -> dict[str, list[dict[str, Any]]]:
    """All rows of people, cases, letters, papers and the ledger, in their order, ids put as places in their table."""
    places = {
        model: {pk: place for place, pk in enumerate(model._base_manager.order_by("pk").values_list("pk", flat=True))}
        for model in apps.get_models()
        if model._meta.app_label in APPS
    }
    found = {}
    for model in places:
        rows = [plain(row, places) for row in model._base_manager.order_by("pk")]
        if model in (Entry, Reason):
            # Bulk writes the entries of all letters in the order of time, a real office letter by letter here.
            rows.sort(key=lambda row: (row["subject"], row["seq"]))
        elif hasattr(model, "history_id") or "history_date" in {f.name for f in model._meta.fields}:
            rows.sort(key=lambda row: (row["history_date"], json.dumps(row, default=str, sort_keys=True)))
        found[model._meta.label] = rows
    return found


def plain(row: models.Model, places: dict[Any, dict[Any, int]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        target = field.related_model if field.is_relation else (type(row) if field.primary_key else None)
        if field.name in RANDOM:
            value = bool(value)
        elif field.name == "payload":
            value = payload(json.loads(value), places)
        elif field.name == "subject" and isinstance(row, Entry | Reason) and value.startswith(("person/", "printer/")):
            kind, _, pk = value.partition("/")
            value = f"{kind}/{places[User if kind == 'person' else Printer][int(pk)]}"
        elif field.name == "subject" and isinstance(row, Entry | Reason) and value.startswith("papers/"):
            value = f"papers/{places[PapersOut][PapersOut.objects.get(reference=value.partition('/')[2]).pk]}"
        elif field.name == "reference" and (type(row) is PapersOut or row._meta.label == "papers.HistoricalPapersOut"):
            value = bool(value)  # drawn by chance
        elif field.name in ("history_user_id", "actor_id"):
            value = places[User].get(value)
        elif field.name == "id" and "history_date" in {f.name for f in row._meta.fields}:
            value = places[row.instance_type][value]
        elif target in places and value is not None:
            value = places[target][value]
        values[field.name] = value
    if isinstance(row, Entry | Reason):
        values.pop("id")
    return values


KEYS: dict[str, type[models.Model]] = {
    "person_added": CasePerson,
    "address": Address,
    "address_added": Address,
    "address_retired": Address,
    "check_by": User,
    "worker": User,
    "line_manager": User,
    "office": Office,
    "grant": RoleGrant,
    "printer": Printer,
    "print": Print,
    "upload": IcsUpload,
}


def payload(details: Any, places: dict[Any, dict[Any, int]], under: str = "") -> Any:
    """Details with ids as places; booleans and words stay."""
    if isinstance(details, dict):
        return {
            key: payload(value, places, key if key not in ("from", "to") else under) for key, value in details.items()
        }
    if type(details) is int:
        names = {"person": CasePerson, "slot": apps.get_model("people.DutySlot"), "team": apps.get_model("people.Team")}
        names |= {"team_added": apps.get_model("people.Team"), "deputy": apps.get_model("people.Deputy")}
        model = {**KEYS, **names}.get(under)
        return places[model][details] if model else details
    return details


@pytest.mark.django_db
@pytest.mark.policy("OGP-0", "CLS-2")
def test_bulk_writes_what_the_real_actions_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same script by both hands: 50 letters, their cases, the council, field by field."""
    monkeypatch.setattr(seeding, "CASES", 9)
    bulk = rows_of_bulk(50)
    real = rows_after(lambda: run(RealHand(), 50))
    assert len(bulk["letters.Letter"]) == 50
    assert {row["state"] for row in bulk["letters.Letter"]} == STATES
    for label, rows in real.items():
        assert len(bulk[label]) == len(rows), label
        for mine, theirs in zip(bulk[label], rows, strict=True):
            assert mine == theirs, label
    for label in ("Check", "Signature", "Print", "Proposal", "Envelope", "Return", "Notice", "HistoricalLetter"):
        assert bulk[f"letters.{label}"], f"the script has no {label}, so nothing was compared"
    handed_over = sum(row["state"] == State.HANDED_OVER for row in bulk["letters.Letter"])
    assert [row["state"] for row in bulk["papers.PapersOut"]] == ["handed_on"] * handed_over
    taken = Counter((row["action"]) for row in bulk["ledger.Entry"])
    for action in ("pp", "edit_after_check", "return_for_retyping", "reopen", "withdraw", "return_undelivered"):
        assert taken[action], action


# --- what is there afterwards -------------------------------------------------------------------------------------


@pytest.fixture(scope="class")
def demonstration(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One demonstration for all tests of a class, each of which takes back what it did itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        seeding.seed(letters=150, seed=4, now=timezone.now())
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.usefixtures("demonstration")
class TestWhatIsThere:
    @pytest.mark.policy("OGP-0")
    def test_the_ledger_of_the_demonstration_is_intact(self) -> None:
        out = StringIO()
        call_command("verify_ledger", stdout=out)
        assert "\nintact" in out.getvalue()
        assert f"entries: {Entry.objects.count()}" in out.getvalue()
        for letter in Letter.objects.all():
            newest = Entry.objects.filter(subject=letter.ledger_subject).latest("seq")
            assert (newest.seq, newest.hash, newest.to_state) == (letter.ledger_seq, letter.ledger_head, letter.state)

    def test_everybody_and_everything_that_the_demonstration_promises(self) -> None:
        assert Office.objects.count() == 3
        assert {office.post.signature_medium for office in Office.objects.all()} == {"paper", "screen"}
        assert {office.post.stock.slug for office in Office.objects.all()} >= {"dl", "c5"}
        people = demo_people()
        held = {role for person in people for role in person.roles}
        assert held >= {ROLE_NAMES[role] for role in GRANTABLE}
        assert ROLE_NAMES["duty_worker"] in held, "somebody is on duty whenever the demonstration is looked at"
        assert all(person.user.email.endswith(".example") for person in people)
        assert {letter.state for letter in Letter.objects.all()} == STATES
        assert LetterVersion.objects.exclude(pdf=None).exists()
        assert LetterVersion.objects.filter(pdf=None).exists()
        now = timezone.now()
        for entry in Entry.objects.filter(subject__startswith="letter/"):
            local = timezone.localtime(entry.at)
            assert entry.at <= now
            assert is_working_day(local.date())
            assert 9 <= local.hour <= 17
        addresses = Address.objects.filter(retired_at=None)
        assert any(one.is_stale and one.verified_on for one in addresses)
        assert addresses.filter(in_doubt=True).exists()
        assert addresses.filter(verified_on=None).exists()
        assert Address.objects.exclude(retired_at=None).exists()

    def test_a_letter_signed_on_screen_is_printed_with_its_signature_at_the_first_look(self) -> None:
        signed = Signature.objects.filter(medium="screen", pdf=None, voided_at=None, letter__state=State.SIGNED)
        signature = signed.first()
        assert signature is not None
        letter = signature.letter
        admin = User.objects.filter(grants__role="admin", office=letter.office).first()
        assert admin is not None
        letter = print_letter(letter=letter, by=admin, seen=Seen.of(letter))
        signature.refresh_from_db()
        assert signature.pdf_id
        printed = Print.objects.filter(letter=letter).latest("pk")
        source = sheets_to_print(letter.typed_version, signature.pdf_id, printed.number)
        assert printed.signed
        assert printed.pdf_id == source.pdf.pk
        assert signed_pdf_of(signature) != pdf_of(letter.typed_version)
        letter = envelope(
            letter=letter,
            by=admin,
            seen=Seen.of(letter),
            sheets=1 + sum(item["pages"] for item in letter.typed_version.as_content["enclosures"]),
            contents_checked=True,
            new_envelope=True,
            return_mark_on=True,
            initials_written=True,
        )
        letter = post(letter=letter, by=admin, seen=Seen.of(letter), posted_on=timezone.localdate(), post_class="first")
        assert letter.state == State.POSTED


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_letters_and_another_makes_others() -> None:
    def made(seed: int) -> list[Any]:
        found: list[Any] = []

        def play() -> None:
            seeding.seed(letters=12, seed=seed, now=NOW)
            found.extend(
                Letter.objects.order_by("reference").values_list("reference", "state", "created_at", "subject")
            )

        rows_after(play)
        return found

    first = made(5)
    assert len(first) == 12
    assert made(5) == first
    assert made(6) != first


@pytest.mark.django_db
def test_a_second_run_says_so_and_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "PDFS_PER_STATE", 0)
    out = StringIO()
    call_command("seed_demo", letters=9, stdout=out)
    assert "3 offices, 40 people, 60 cases, 9 letters" in out.getvalue()
    before = Entry.objects.count()
    again = StringIO()
    call_command("seed_demo", stdout=again)
    # Ten more are the parts that are played by the real actions: the desk's, what is in somebody's hand, one by e-mail.
    assert again.getvalue() == "The demonstration is here already, with 19 letters.\n"
    assert Entry.objects.count() == before
    assert Letter.objects.filter(state=State.EMAILED).count() == 1


@pytest.mark.django_db
def test_it_refuses_where_real_people_are() -> None:
    make_user("Rae Real")
    with pytest.raises(CommandError, match="not the demonstration's"):
        call_command("seed_demo", letters=1)
    assert not Letter.objects.exists()


@pytest.mark.django_db
def test_it_refuses_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("seed_demo", letters=1)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_number_of_letters_that_makes_no_sense_is_refused() -> None:
    for number in (0, -1, 2_000_001):
        with pytest.raises(CommandError, match="a number from 1"):
            call_command("seed_demo", letters=number)


# --- PDFs that are made later -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_letter_without_pdf_goes_on_by_the_real_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    """From "checked" on paper and on screen: the PDFs that were left for later are made when they are needed."""
    monkeypatch.setattr(seeding, "PDFS_PER_STATE", 0)
    seeding.seed(letters=90, seed=4, now=timezone.now())
    assert not LetterVersion.objects.exclude(pdf=None).exists()
    for medium in ("paper", "screen"):
        waiting = Letter.objects.filter(state=State.WORKER_CHECKED, office__post__signature_medium=medium)
        letter = waiting.select_related("case__allocated_worker").first()
        assert letter is not None
        worker = letter.case.allocated_worker
        letter = check(letter=letter, by=worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True)
        letter = sign(letter=letter, by=worker, seen=Seen.of(letter))
        signature = Signature.objects.filter(letter=letter).latest("pk")
        entry = Entry.objects.filter(subject=letter.ledger_subject).latest("seq")
        kept = json.loads(entry.payload)["pdf" if medium == "screen" else "print"]
        assert kept == (signature.pdf_id if medium == "screen" else letter.prints.latest("pk").pdf_id)
        assert len(kept) == 64


@pytest.mark.django_db
@pytest.mark.parametrize("stock", sorted({office.stock for office in OFFICES}))
def test_every_letter_of_the_demonstration_fits_the_sheets_it_is_said_to_have(stock: str) -> None:
    """`sheets` is written before a letter is rendered; this is what makes it true. Longest address, longest text."""
    geometry = EnvelopeStock.objects.get(slug=stock).geometry()
    for text in LETTERS:
        longest = LetterContent(
            reference="K7Q2M4XD9",
            letterhead=Letterhead("Northmere County Council", "Hillcrest office", ("The Old Exchange", "x", "y")),
            address_lines=("Mrs Frankie Invented-ap-Nobody, Health visitor", "Pretend Lane Health Centre",
                           "180 Figment Terrace", "Upper Pretend", "SAMPLE BAY", "NB19 9AB"),
            letter_date=dt.date(2026, 9, 30),
            salutation="Dear Mrs Invented-ap-Nobody",
            subject=text.subject.format(child="Frankie"),
            body=f"{text.body}\n\n{text.more}".format(child="Frankie"),
            signatory_name="Frankie Placeholder",
            signatory_role="Advanced practitioner",
            signatory_office="Sample Bay",
            enclosures=tuple(EnclosedItem(*item) for item in text.enclosures),
        )  # fmt: skip
        _, pages = content.render_proved(longest, geometry)
        assert pages == 1, text.subject


# --- working time --------------------------------------------------------------------------------------------------


def test_working_time_leaves_out_nights_weekends_and_bank_holidays() -> None:
    clock = Clock(dt.date(2026, 12, 24), dt.datetime(2026, 12, 30, 10, 30, tzinfo=dt.UTC))
    # Christmas Day, Boxing Day (a Saturday, so Monday 28 December instead) and the weekend are left out.
    assert clock.days == [dt.date(2026, 12, 24), dt.date(2026, 12, 29), dt.date(2026, 12, 30)]
    assert clock.end == 2 * DAY_SECONDS + 90 * 60
    assert clock.at(DAY_SECONDS) == dt.datetime(2026, 12, 29, 9, tzinfo=dt.UTC)
    assert clock.at(clock.end) == clock.now


def test_moments_rise_and_stay_before_now_even_where_there_is_little_room() -> None:
    clock = Clock(dt.date(2026, 7, 1), NOW)
    for number in range(200):
        first = clock.end - 60 * (number + 1)
        seconds = clock.spread(Random(number), 12, first, clock.end)
        assert seconds == sorted(set(seconds))
        assert seconds[0] == first
        assert seconds[-1] <= clock.end


def test_the_mix_names_every_state() -> None:
    assert set(MIX) == STATES
