"""Retention of every kind that is kept: held, destroyed by two people, no word left, the chain verifies (CLS-1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from audit.actions import findings
from audit.actions import items as spot_items
from audit.models import Answer, Evidence, Finding
from audit.record.actions import retention
from audit.record.actions.access import answer_access
from audit.record.actions.bundles import ask_for_bundle
from audit.record.models import DisposalState, LegalHold, Scope
from audit.tests.help import Scene as SpotScene
from breaches.models import Breach, Decision, Involved
from breaches.tests.scene import Scene as BreachScene
from distribution import actions as dist_actions
from distribution.models import Distribution, Handover, Item, Receipt
from distribution.tests.world import Conference, claimed
from letters.models import Handing, Letter, Opening, Registered
from letters.states import State
from papers import actions as paper_actions
from papers.actions.agreements import Terms
from papers.models import AwayAgreement, PapersOut
from papers.tests import help as papers_help
from postroom.cases.ics import taking
from postroom.cases.models import IcsImport
from postroom.files.models import StoredFile
from postroom.files.store import path_of, store
from postroom.ledger.kept import GONE, all_kinds, kind_of
from postroom.ledger.models import Disposal as Leave
from postroom.ledger.models import Entry
from postroom.ledger.subjects import LedgerSubject
from postroom.ledger.verify import verify
from postroom.outbox.carrier import run_due
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible
from tests.support import world

pytestmark = [pytest.mark.policy("CLS-1"), pytest.mark.django_db(transaction=True)]


@dataclass
class Made:
    """A record whose time has come, words that only it says, and files that only it has."""

    record: LedgerSubject
    marks: tuple[str, ...]
    files: set[str]
    case: Any
    involved: User | None = None


def reports() -> Made:
    place = Conference(world.Desk(world.make_office("riv", "Riverside")))
    found = place.issue("minutes", place.parent)
    item = place.handed_over(place.taken_out(place.ready(found.items.get(), "by_hand")))
    Handover.objects.filter(item=item).update(place="Under the old oak", signature=store(b"signature", "image/png"))
    item = dist_actions.upload(item=item, by=place.desk.admin, seen=Seen.of(item), ics_reference="ICS-1")
    found = Distribution.objects.get(pk=found.pk)
    files = {str(found.original_id), str(found.pdf_id), str(item.pdf_id), str(store(b"signature", "image/png").pk)}
    files |= set(Receipt.objects.filter(item=item).values_list("scan_id", flat=True))
    return Made(found, ("Under the old oak",), files, found.case)


def breaches() -> Made:
    scene = BreachScene()
    guilty = world.make_user("Ina Involved", None, Role.INFORMATION_GOVERNANCE)
    breach = scene.closed(scene.reported(what="The envelope lay in the hedge."))
    Involved.objects.create(breach=breach, user=guilty, how="Carried the hedge letter.")
    files = set(breach.duties.exclude(file=None).values_list("file_id", flat=True))
    marks = ("lay in the hedge", "An honest slip.", "An apology.", "The old house number was typed.", "hedge letter")
    return Made(Breach.objects.get(pk=breach.pk), marks, files, scene.desk.case, guilty)


def papers() -> Made:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    papers_help.with_managers(desk)
    found = paper_actions.ask(
        case=desk.case,
        office=desk.office,
        leaves=papers_help.other(what="The blue chronology"),
        by=desk.worker,
        manager_away=False,
    )
    found = paper_actions.refuse(papers=found, by=desk.manager, seen=Seen.of(found), reason="Read them in the attic.")
    return Made(PapersOut.objects.get(pk=found.pk), ("blue chronology", "in the attic", "at home"), set(), desk.case)


def agreements() -> Made:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    papers_help.with_managers(desk)
    today = timezone.localdate()
    terms = Terms(
        place="other_base", base="Attic of Elm House", access="Reports, in the green box", starts=today, ends=today
    )
    made = paper_actions.register_agreement(person=desk.worker, terms=terms, by=desk.manager)
    made = paper_actions.end_agreement(agreement=made, by=desk.manager, seen=Seen.of(made), reason="The box broke.")
    marks = ("Attic of Elm", "green box", "The box broke")
    return Made(AwayAgreement.objects.get(pk=made.pk), marks, set(), None)


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 60), "white").save(out, "PNG")
    return out.getvalue()


def spot_checks() -> Made:
    scene = SpotScene(letters=2)
    check = scene.checking(1)
    item = check.items.get()
    kept = spot_items.add_photo(item=item, by=scene.dam, data=photo())
    item.refresh_from_db()
    item = scene.give_in(item, initials="Nothing stood on the flap.")
    finding = findings.raise_finding(
        item=item, by=scene.dam, owner=scene.desk.admin, what="Flap was bare.", due_on=timezone.localdate()
    )
    finding = findings.answer(finding=finding, by=scene.desk.admin, seen=Seen.of(finding), done="Flaps were shown.")
    findings.accept(finding=finding, by=scene.dam, seen=Seen.of(finding))
    check.refresh_from_db()
    check = spot_finish(check, scene.dam)
    marks = ("stood on the flap", "Flap was bare.", "Flaps were shown.")
    return Made(check, marks, {str(kept.file_id)}, item.letter.case)


def spot_finish(check: Any, dam: User) -> Any:
    from audit.actions import spotchecks

    return spotchecks.finish(check=check, by=dam, seen=Seen.of(check))


def proofs() -> Made:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    letter = world.letter_in(desk, State.UPLOADED)
    receipt = store(b"receipt", "image/png")
    Registered.objects.create(
        letter=letter, number=claimed(letter.addressee_id), receipt=receipt, by=desk.admin, delivered_at=timezone.now(),
        printed_name="P RINTED", number_reason="The old form.", proved_by=desk.admin, proved_at=timezone.now(),
    )  # fmt: skip
    envelope = letter.envelopes.get()
    Handing.objects.create(
        letter=letter, envelope=envelope, delivered=True, to_name="Handa Ndover", place="By the well",
        identity="known", at=timezone.now(), by=desk.worker,
    )  # fmt: skip
    return Made(letter, ("P RINTED", "The old form.", "Handa Ndover", "By the well"), {str(receipt.pk)}, desk.case)


def bundles() -> Made:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    letter = world.letter_in(desk, State.POSTED)
    ig = world.make_user("Ida Asks", None, Role.INFORMATION_GOVERNANCE)
    bundle = ask_for_bundle(by=ig, scope=Scope.LETTER, letter=letter)
    run_due()
    bundle.refresh_from_db()
    return Made(bundle, (), {str(bundle.file_id)}, desk.case)


def access() -> Made:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    world.letter_in(desk, State.TYPED)
    ig = world.make_user("Ida Asks", None, Role.INFORMATION_GOVERNANCE)
    asked = answer_access(person=desk.parent, received_on=timezone.localdate(), by=ig)
    run_due()
    asked.refresh_from_db()
    return Made(asked, (), {str(asked.file_id)}, desk.case)


def ics_files() -> Made:
    desk = world.Desk(world.make_office("riv", "Riverside"))
    head = "case,office,worker,person,relationship,name,salutation,ics_number,date_of_birth,organisation,"
    rows = "F1,riv,,P1,child,Olga Onlyhere,,501,2016-07-20,,,,,"
    data = f"{head}address_1,address_2,postcode,confidential\n{rows}\n".encode()
    made = taking.upload(data=data, as_of=timezone.localdate(), by=desk.admin)
    run_due()
    made.refresh_from_db()
    assert [line.kind for line in made.lines.all()] == ["new"], [line.words for line in made.lines.all()]
    return Made(made, ("Olga Onlyhere",), {str(made.file_id)}, None)


KINDS: dict[str, tuple[Callable[[], Made], str]] = {
    "proofs": (proofs, "RETENTION_PROOF_DAYS"),
    "reports": (reports, "RETENTION_REPORT_DAYS"),
    "breaches": (breaches, "RETENTION_BREACH_DAYS"),
    "papers": (papers, "RETENTION_PAPERS_DAYS"),
    "agreements": (agreements, "RETENTION_AGREEMENT_DAYS"),
    "spot_checks": (spot_checks, "RETENTION_SPOT_CHECK_DAYS"),
    "ics_files": (ics_files, "RETENTION_ICS_FILE_DAYS"),
    "bundles": (bundles, "RETENTION_BUNDLE_DAYS"),
    "access": (access, "RETENTION_ACCESS_DAYS"),
}


# `make test` takes these; a soak takes every kind. Holding is one code for all: there one kind is the sample.
SAMPLE = ("reports", "breaches", "spot_checks", "agreements")
GOES = [key if key in SAMPLE else pytest.param(key, marks=pytest.mark.soak) for key in KINDS]
HELD = [key if key == "spot_checks" else pytest.param(key, marks=pytest.mark.soak) for key in KINDS]


@pytest.fixture(params=GOES)
def due(request, settings, governance, second_governance) -> tuple[str, Made]:
    """A record of each kind, a day over its time."""
    make, setting = KINDS[request.param]
    made = make()
    assert list(retention.due(kind_of(request.param))) == []
    setattr(settings, setting, -1)
    assert list(retention.due(kind_of(request.param))) == [made.record]
    return request.param, made


def found() -> list[str]:
    """What verification says, but for the world's cases, which were put there without their first step."""
    return [str(finding) for finding in verify().findings if not str(finding).startswith("case/")]


def tables_with(marks: tuple[str, ...]) -> dict[str, list[str]]:
    """Each mark that stands in any text of any table, and where."""
    where: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text = repr(cursor.fetchall())
            for mark in marks:
                if mark in text:
                    where.setdefault(mark, []).append(table)
    return where


def test_every_kind_is_tried_here_or_beside():
    beside = {"drafts", "content"}  # test_retention.py
    assert set(KINDS) | beside == {kind.key for kind in all_kinds()}


def test_two_people_destroy_it_and_nothing_of_it_is_left(due, governance, second_governance):
    what, made = due
    assert set(tables_with(made.marks)) == set(made.marks)
    assert found() == []
    before = list(Entry.objects.order_by("id").values_list("hash", flat=True))
    disposal = retention.propose_disposal(what=what, by=governance)
    with pytest.raises(NotPossible):
        retention.propose_disposal(what=what, by=second_governance)
    with pytest.raises(NotAllowed):
        retention.approve_disposal(disposal=disposal, by=governance)
    disposal = retention.approve_disposal(disposal=disposal, by=second_governance)
    assert disposal.state == DisposalState.DONE
    assert disposal.destroyed[kind_of(what).many] == 1
    assert disposal.destroyed.get("files", 0) == len(made.files)
    assert tables_with(made.marks) == {}
    assert not StoredFile.objects.filter(pk__in=made.files).exists()
    assert not any(path_of(sha).exists() for sha in made.files)
    assert not Opening.objects.filter(opened_by=made.record.ledger_subject, closed_at=None).exists()
    assert found() == []
    assert list(Entry.objects.order_by("id").values_list("hash", flat=True))[: len(before)] == before
    assert not retention.due(kind_of(what)).exists()
    page = Client()
    page.force_login(second_governance)
    words = page.get(reverse("record:disposal", args=[disposal.reference])).content.decode()
    assert "Certificate of destruction" in words
    assert made.record.ledger_key in words


@pytest.mark.parametrize("due", HELD, indirect=True)
def test_a_hold_on_the_case_or_on_the_record_keeps_it(due, governance, second_governance):
    what, made = due
    kind = kind_of(what)
    for on in ([{"case": made.case}] if made.case else []) + [{"record": made.record}]:
        hold = retention.set_hold(why="Claim 7.", by=governance, **on)
        assert not retention.due(kind).exists()
        with pytest.raises(NotPossible):
            retention.propose_disposal(what=what, by=governance)
        retention.release_hold(hold=hold, why="Settled.", by=governance)
        assert retention.due(kind).count() == 1
    disposal = retention.propose_disposal(what=what, by=governance)
    retention.set_hold(why="Claim 8.", by=second_governance, record=made.record)
    disposal = retention.approve_disposal(disposal=disposal, by=second_governance)
    assert disposal.destroyed == {}
    assert disposal.items.get().left_out
    assert set(tables_with(made.marks)) == set(made.marks)
    assert all(path_of(sha).exists() for sha in made.files)


def test_who_is_part_of_it_neither_proposes_nor_decides(settings, governance, second_governance):
    made = breaches()
    settings.RETENTION_BREACH_DAYS = -1
    with pytest.raises(NotPossible):
        retention.propose_disposal(what="breaches", by=made.involved)
    disposal = retention.propose_disposal(what="breaches", by=governance)
    with pytest.raises(NotAllowed, match="part of what would be destroyed"):
        retention.approve_disposal(disposal=disposal, by=made.involved)
    page = Client()
    page.force_login(made.involved)
    assert (
        "part of what would be destroyed"
        in page.get(reverse("record:disposal", args=[disposal.reference])).content.decode()
    )
    retention.approve_disposal(disposal=disposal, by=second_governance)


def refused(change: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_lets_no_words_go_without_the_leave():
    made = breaches()
    refused(lambda: Decision.objects.update(disciplinary_reason=GONE))
    refused(lambda: made.record.duties.exclude(file=None).update(file=None))
    Leave.objects.create(subject=made.record.ledger_subject, up_to_seq=0, at=timezone.now())
    refused(lambda: Leave.objects.all().delete())
    refused(lambda: Leave.objects.update(subject="breach/OTHER"))


@pytest.mark.parametrize("make", [spot_checks, papers, agreements, ics_files, reports, proofs])
def test_the_database_lets_no_words_of_others_go_either(make):
    made = make()
    match make.__name__:
        case "spot_checks":
            refused(lambda: Evidence.objects.all().delete())
            refused(lambda: Answer.objects.update(note=""))
            refused(lambda: Finding.objects.update(what=GONE))
        case "papers":
            refused(lambda: PapersOut.objects.update(what=GONE))
        case "agreements":
            refused(lambda: AwayAgreement.objects.update(access=GONE))
            refused(lambda: AwayAgreement.objects.update(base=GONE))
            refused(lambda: AwayAgreement.objects.update(place="home"))
        case "ics_files":
            refused(lambda: IcsImport.objects.update(file=store(b"another", "text/csv")))
        case "reports":
            other = store(b"another", "application/pdf")
            refused(lambda: Distribution.objects.update(pdf=other))
        case _:
            refused(lambda: Registered.objects.update(printed_name=GONE))
            refused(lambda: Registered.objects.update(number_reason=GONE))
            refused(lambda: Handing.objects.update(place=GONE))
    assert set(tables_with(made.marks)) == set(made.marks)


def test_the_pages_of_what_was_destroyed_still_open(settings, governance, second_governance, dam):
    def gone(what: str, setting: str) -> None:
        setattr(settings, setting, -1)
        disposal = retention.propose_disposal(what=what, by=governance)
        retention.approve_disposal(disposal=disposal, by=second_governance)

    place = Conference(world.Desk(world.make_office("far", "Farside")))
    made = place.issue("minutes", place.parent)
    item = place.handed_over(place.taken_out(place.ready(made.items.get(), "by_hand")))
    item = dist_actions.upload(item=item, by=place.desk.admin, seen=Seen.of(item), ics_reference="ICS-1")
    gone("reports", "RETENTION_REPORT_DAYS")
    page = Client()
    page.force_login(place.desk.worker)
    for name, reference in (("set", made.reference), ("item", item.reference)):
        assert page.get(reverse(f"distribution:{name}", args=[reference])).status_code == 200
        pdf = page.get(reverse(f"distribution:{name}_pdf", args=[reference]))
        assert GONE in pdfium.PdfDocument(pdf.getvalue())[0].get_textpage().get_text_range()
    breach = breaches().record
    gone("breaches", "RETENTION_BREACH_DAYS")
    page.force_login(governance)
    assert GONE in page.get(reverse("breaches:breach", args=[breach.ledger_key])).content.decode()


def test_a_set_with_a_copy_on_its_way_is_not_due(settings):
    place = Conference(world.Desk(world.make_office("riv", "Riverside")))
    found = place.issue("minutes", place.parent, place.child)
    settings.RETENTION_REPORT_DAYS = -1
    assert not retention.due(kind_of("reports")).exists()
    for item in found.items.all():
        place.handed_over(place.taken_out(place.ready(item, "by_hand")))
    assert not retention.due(kind_of("reports")).exists()  # the case record has none of them yet
    Item.objects.update(uploaded_at=timezone.now())
    assert retention.due(kind_of("reports")).exists()
    settings.RETENTION_REPORT_DAYS = 1
    assert not retention.due(kind_of("reports")).exists()


def test_a_file_from_ics_that_was_destroyed_is_not_taken_over(governance, second_governance, settings):
    made = ics_files().record
    settings.RETENTION_ICS_FILE_DAYS = -1
    disposal = retention.propose_disposal(what="ics_files", by=governance)
    retention.approve_disposal(disposal=disposal, by=second_governance)
    made.refresh_from_db()
    with pytest.raises(InvalidStep, match="Upload the newest"):
        taking.start(made=made, by=made.by)
    made.refresh_from_db()
    assert made.state == "ready"
    page = Client()
    page.force_login(made.by)
    assert GONE in page.get(reverse("case_ics_import", args=[made.reference])).content.decode()


def test_disposals_that_wait_are_on_my_work(governance, second_governance, dam, settings):
    papers()
    settings.RETENTION_PAPERS_DAYS = -1
    disposal = retention.propose_disposal(what="papers", by=governance)
    for person, there in ((governance, False), (second_governance, True), (dam, True)):
        page = Client()
        page.force_login(person)
        words = page.get("/").content.decode()
        assert ("Disposals to decide on" in words and disposal.reference in words) == there, person
    retention.refuse_disposal(disposal=disposal, why="Not yet.", by=dam)
    page = Client()
    page.force_login(second_governance)
    assert "Disposals to decide on" not in page.get("/").content.decode()


def test_a_hold_is_on_a_case_or_on_one_record(governance):
    made = papers()
    with pytest.raises(InvalidStep):
        retention.set_hold(why="Both.", by=governance, case=made.case, record=made.record)
    with pytest.raises(InvalidStep):
        retention.set_hold(why="None.", by=governance)
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.create(why="None.", set_by=governance)
    page = Client()
    page.force_login(governance)
    sent = {"reference": made.record.ledger_key.lower(), "why": "Claim 9"}
    assert page.post(reverse("record:hold_set"), sent).status_code == 302
    hold = LegalHold.objects.get()
    assert hold.record == made.record.ledger_subject
    assert f"Papers {made.record.ledger_key}" in page.get(reverse("record:retention")).content.decode()
    page.post(reverse("record:hold_release", args=[hold.reference]), {"why": "Over"})
    assert not LegalHold.objects.filter(released_at__isnull=True).exists()


def test_scans_of_steps_entered_later_go_with_the_letter(governance, second_governance, settings):
    from downtime.models import Downtime, LateEntry

    desk = world.Desk(world.make_office("riv", "Riverside"))
    letter = world.letter_in(desk, State.UPLOADED)
    now, hour = timezone.now(), dt.timedelta(hours=1)
    downtime = Downtime.objects.create(
        office=desk.office, began_at=now - 3 * hour, ended_at=now - hour, reason="No power", opened_by=desk.manager
    )
    scan = store(b"the paper", "image/png")
    LateEntry.objects.create(
        downtime=downtime, letter=letter, action="sign", happened_at=now - 2 * hour, by=desk.worker,
        entered_by=desk.admin, letter_version=99, scan=scan,
    )  # fmt: skip
    refused(lambda: LateEntry.objects.update(scan=store(b"another", "image/png")))
    settings.RETENTION_CONTENT_DAYS = -1
    disposal = retention.propose_disposal(what="content", by=governance)
    disposal = retention.approve_disposal(disposal=disposal, by=second_governance)
    assert disposal.destroyed["scans of steps entered later"] == 1
    assert not path_of(str(scan.pk)).exists()
    assert not StoredFile.objects.filter(pk=scan.pk).exists()
    refused(lambda: LateEntry.objects.update(by=desk.admin))
    assert not Letter.objects.filter(Q(pk=letter.pk) & ~Q(subject="")).exists()
