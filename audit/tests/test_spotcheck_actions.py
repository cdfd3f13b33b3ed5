"""A spot check from its frame to its result, and everything that would steer it refused (OGP-10)."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actions import findings, items
from audit.actions import spotchecks as actions
from audit.models import Evidence, Finding, Item, SpotCheck, Stratum
from audit.spotchecks.bounds import upper_bound
from audit.spotchecks.checklist import Stage
from audit.spotchecks.draw import draw
from audit.spotchecks.frame import make_frame, read_frame
from audit.spotchecks.frames import Wanted
from audit.spotchecks.plan import bound_of
from audit.spotchecks.replay import draw_is_the_rule
from audit.tests.help import ALL_YES, SEED, Scene, leave, seeded_and_seen
from letters import selectors
from letters.models import Letter, Opening
from letters.states import State
from postroom.cases.models import Case
from postroom.demo_parts import as_if
from postroom.ledger.models import Entry
from postroom.ledger.sealing import seal
from postroom.ledger.verify import verify
from postroom.outbox.models import Job
from postroom.people.actions import name_deputy
from postroom.people.models import Deputy
from postroom.people.roles import Role
from postroom.steps.engine import Seen
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, NotPossible, ReasonNeeded, Stale
from tests.support import world
from tests.support.clamd import MANNERS, scanner

pytestmark = [pytest.mark.django_db, pytest.mark.policy("OGP-10")]


@pytest.fixture
def scene():
    return Scene()


def why_refused(sql: str, *values: object) -> str:
    """The database's own words on this statement; "" where it takes it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except IntegrityError as error:
        return str(error)
    return ""


def refused(sql: str, *values: object) -> bool:
    """Does the database itself refuse this statement?"""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except IntegrityError:
        return True
    return False


def test_the_whole_way(scene):
    check = scene.fixed()
    references = sorted(Letter.objects.values_list("reference", flat=True))
    frame = make_frame(references)
    assert (check.count, check.content_hash, check.seed) == (4, frame.sha256, "")
    entry = Entry.objects.get(subject=check.ledger_subject)
    assert frame.sha256 in entry.payload
    assert '"count":4' in entry.payload
    check = seeded_and_seen(check, scene.dam, scene.desk.manager, "0012345678 9012345678")
    assert check.seed == SEED
    check = actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    wanted = draw(frame, SEED, 2)
    assert [item.letter_reference for item in check.items.all()] == wanted
    check = actions.begin(check=check, by=scene.dam, seen=Seen.of(check))
    first, second = check.items.all()
    scene.give_in(first, initials="None on the back.")
    with pytest.raises(GuardFailed, match="Nobody has looked"):
        actions.finish(check=check, by=scene.dam, seen=Seen.of(check))
    items.cannot_find(item=second, by=scene.dam, seen=Seen.of(second), note="Not in the tray, not on the shelf.")
    check = actions.finish(check=check, by=scene.dam, seen=Seen.of(check))
    assert (check.faulty, check.at_most) == (2, upper_bound(2, 2, 4))
    assert verify().found == 0


def test_what_was_drawn_opens_to_the_district_admin_manager_and_their_deputy(scene):
    assert not selectors.visible_to(scene.dam).exists()
    check = scene.drawn()
    drawn = set(check.items.values_list("letter", flat=True))
    assert set(selectors.visible_to(scene.dam).values_list("pk", flat=True)) == drawn
    actions.abandon(check=check, by=scene.dam, seen=Seen.of(check), reason="The tray was posted meanwhile.")
    assert not selectors.visible_to(scene.dam).exists()
    other = scene.fixed()
    with pytest.raises(ReasonNeeded):
        actions.abandon(check=other, by=scene.dam, seen=Seen.of(other), reason=" ")


@pytest.mark.parametrize("who", ["worker", "admin", "manager", "deputy", "ap"])
def test_nobody_else_makes_a_spot_check(scene, who):
    with pytest.raises(NotAllowed):
        actions.fix_frame(by=getattr(scene.desk, who), wanted=scene.wanted(), sample=1)


@pytest.mark.parametrize("seed", ["", "123", "x" * 20, SEED + "1", "\u0661" * 20])
def test_a_seed_is_20_digits(scene, seed):
    check = scene.fixed()
    with pytest.raises(InvalidStep, match="20 digits"):
        actions.take_seed(check=check, by=scene.dam, seen=Seen.of(check), seed=seed, witness=scene.desk.manager)
    with pytest.raises(InvalidStep, match="who saw"):
        actions.take_seed(check=check, by=scene.dam, seen=Seen.of(check), seed=SEED)


def test_the_order_is_the_only_one(scene):
    check = scene.fixed()
    for verb in (actions.draw, actions.begin, actions.finish):
        with pytest.raises(NotPossible):
            verb(check=check, by=scene.dam, seen=Seen.of(check))
    seen = Seen.of(check)
    actions.take_seed(check=check, by=scene.dam, seen=seen, seed=SEED, witness=scene.desk.manager)
    with pytest.raises(Stale):
        actions.take_seed(check=check, by=scene.dam, seen=seen, seed="1" * 20, witness=scene.desk.manager)
    check.refresh_from_db(fields=["version", "content_hash"])
    with pytest.raises(NotPossible):
        actions.take_seed(check=check, by=scene.dam, seen=Seen.of(check), seed="1" * 20, witness=scene.desk.manager)


def test_an_announced_seed_is_known_only_later(scene):
    soon = timezone.now() + dt.timedelta(hours=1)
    with pytest.raises(InvalidStep, match="day to come"):
        actions.fix_frame(
            by=scene.dam, wanted=scene.wanted(), sample=1, seed_from="announced", seed_words="The draw.",
            seed_known_at=timezone.now() - dt.timedelta(hours=1),
        )  # fmt: skip
    asked = {"seed_from": "announced", "seed_words": "The draw.", "seed_known_at": soon}
    check, again = (actions.fix_frame(by=scene.dam, wanted=scene.wanted(), sample=1, **asked) for _ in range(2))
    assert check == again, "the same form sent again"
    assert actions.fix_frame(by=scene.dam, wanted=scene.wanted(), sample=1) != check
    with pytest.raises(GuardFailed, match="not known yet"):
        actions.take_seed(check=check, by=scene.dam, seen=Seen.of(check), seed=SEED)
    told = json.loads(Entry.objects.get(subject=check.ledger_subject).payload)
    assert (told["seed_words"], told["known_at"]) == ("The draw.", soon.astimezone(dt.UTC).isoformat())
    # Gone only when the value was known: nobody outside could see which came first.
    leave(soon + dt.timedelta(minutes=1))
    with (
        as_if(soon + dt.timedelta(hours=1)),
        pytest.raises(GuardFailed, match="Give this spot check up"),
    ):
        actions.take_seed(check=check, by=scene.dam, seen=Seen.of(check), seed=SEED)


def test_the_page_promises_of_a_divided_list_what_its_result_will_say():
    scene = Scene(letters=3)
    for _ in range(2):
        world.letter_in(scene.desk, State.POSTED, by_pp=True)
    client = Client()
    client.force_login(scene.dam)
    today = timezone.localdate()
    days = {f"{end}_day_{part}": getattr(today, part) for end in ("first", "last") for part in ("day", "month", "year")}
    asked = {"office": "riv", "stage": "posted", "how": "number", "sample": 3, "strata_by": "signature",
             "kinds": ["worker", "pp"], "seed_from": "dice", "look": "1", **days}  # fmt: skip
    page = client.post(reverse("audit:spot_check_new"), asked)
    assert page.context["promise"].at_most == bound_of([(0, 2, 3), (0, 1, 2)]) == 2
    page = client.post(reverse("audit:spot_check_new"), asked | {"sample": 1})
    assert page.status_code == 422
    assert "There are 2 parts, and one item at least comes from each. Draw more" in page.content.decode()
    page = client.post(reverse("audit:spot_check_new"), asked | {"how": "wish", "wish": "0.05"})
    assert page.context["sample"] == 5
    check = actions.fix_frame(by=scene.dam, wanted=scene.wanted(), sample=3, strata_by="signature")
    page = client.get(reverse("audit:spot_check", args=[check.reference]))
    assert page.context["promise"].at_most == 2


def test_no_seed_before_the_list_has_left_the_house_nor_without_a_second_person(scene):
    check = actions.fix_frame(by=scene.dam, wanted=scene.wanted(), sample=2)
    give = {"check": check, "by": scene.dam, "seen": Seen.of(check), "seed": SEED}
    with pytest.raises(GuardFailed, match="has not left the house yet"):
        actions.take_seed(**give, witness=scene.desk.manager)
    sql = "UPDATE audit_spotcheck SET seed = %s, seed_at = %s, seed_by_id = %s, witness_by_id = %s WHERE id = %s"
    later = timezone.now() + dt.timedelta(minutes=1)
    row = (SEED, later, scene.dam.pk, scene.desk.manager.pk, check.pk)
    assert "left the house" in why_refused(sql, *row)
    left = leave()
    assert "Two people saw the dice" in why_refused(sql, SEED, later, scene.dam.pk, None, check.pk)
    assert "Two people saw the dice" in why_refused(sql, SEED, later, scene.dam.pk, scene.dam.pk, check.pk)
    for nobody in (None, scene.dam):
        with pytest.raises(InvalidStep, match=r"(see|saw) the dice"):
            actions.take_seed(**give, witness=nobody)
    check = actions.take_seed(**give, witness=scene.desk.manager)
    told = json.loads(Entry.objects.get(subject=check.ledger_subject, action="take_seed").payload)
    assert told == {
        "seed": SEED, "witness": scene.desk.manager.pk, "to_confirm": True,
        "left": {"checkpoint": left.number, "hash": left.hash},
    }  # fmt: skip
    assert Job.objects.filter(subject=check.ledger_subject).count() == 1
    seal()
    assert verify().found == 0
    for change in (
        {"seed_words": "Another"}, {"seed_known_at": later}, {"seed_at": later}, {"witness_by": scene.desk.admin},
        {"seed_by": scene.desk.admin}, {"seed_from": "announced"},
    ):  # fmt: skip
        row = SpotCheck.objects.get(pk=check.pk)
        for name, value in change.items():
            setattr(row, name, value)
        entries = [entry.values() for entry in Entry.objects.filter(subject=check.ledger_subject).order_by("seq")]
        assert "than its entries" in draw_is_the_rule(row, entries), change


def test_the_database_keeps_the_order_by_itself(scene):
    check = scene.fixed()
    number = check.pk
    assert refused("UPDATE audit_spotcheck SET seed = %s, seed_at = fixed_at WHERE id = %s", SEED, number)
    assert refused("UPDATE audit_spotcheck SET state = 'drawn' WHERE id = %s", number)
    assert refused("UPDATE audit_spotcheck SET sample = 1 WHERE id = %s", number)
    assert refused("UPDATE audit_spotcheck SET content_hash = 'x' WHERE id = %s", number)
    assert refused("UPDATE audit_stratum SET frame = 'x' WHERE check_of_id = %s", number)
    assert refused("DELETE FROM audit_stratum WHERE check_of_id = %s", number)
    letter = Letter.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.create(check_of=check, number=1, letter=letter, letter_reference=letter.reference, ticket="t",
                            stratum=check.strata.get(), place=1)  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.create(check_of=check, number=1, letter=letter, letter_reference="X", picked_because="I like it")
    check = scene.seeded()
    assert refused("UPDATE audit_spotcheck SET seed = %s WHERE id = %s", "1" * 20, check.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stratum.objects.create(check_of=check, place=2, name="x", frame="A\n", count=1, sha256="x", sample=1)
    check = actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    assert refused("UPDATE audit_item SET letter_reference = 'X' WHERE check_of_id = %s", check.pk)
    assert refused("UPDATE audit_item SET ticket = 'X' WHERE check_of_id = %s", check.pk)
    assert refused("DELETE FROM audit_item WHERE check_of_id = %s", check.pk)
    assert refused("UPDATE audit_item SET state = 'checked' WHERE check_of_id = %s", check.pk)
    left = Letter.objects.exclude(pk__in=check.items.values("letter")).first()
    for place in (3, 99):  # beyond the sample
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.create(check_of=check, number=9, letter=left, letter_reference=left.reference, ticket="t",
                                stratum=check.strata.get(), place=place)  # fmt: skip


def test_a_draw_rewritten_with_its_hash_is_named_by_verify(scene):
    check = scene.drawn()
    row = check.items.first()
    left = Letter.objects.exclude(pk__in=check.items.values("letter")).first()
    trigger = "audit_item_identity"
    with connection.cursor() as cursor:
        on = " ON audit_item" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {trigger}{on}")
        cursor.execute(
            "UPDATE audit_item SET letter_id = %s, letter_reference = %s WHERE id = %s",
            [left.pk, left.reference, row.pk],
        )
    found = [str(finding) for finding in verify().findings]
    assert any("not what the rule draws" in words for words in found), found


def test_own_work_is_checked_by_another(scene):
    """The deputy put the letters in their envelopes; their own work is not theirs to check, and the other way round."""
    desk = scene.desk
    desk.admin, before = scene.stand_in, desk.admin
    world.letter_in(desk, State.POSTED)
    desk.admin = before
    check = scene.checking(sample=5)
    own = check.items.get(letter=Letter.objects.order_by("-pk").first())
    with pytest.raises(NotAllowed, match="worked on this yourself"):
        scene.give_in(own, by=scene.stand_in)
    with pytest.raises(NotAllowed):
        items.add_photo(item=own, by=scene.stand_in, data=b"x")
    given = scene.give_in(own, by=scene.dam)
    assert given.state == "checked"
    others = check.items.exclude(pk=own.pk).first()
    assert scene.give_in(others, by=scene.stand_in).checked_by == scene.stand_in


def test_own_work_names_who_checks_it_and_without_a_deputy_the_way_out(scene):
    """clauses.md: every holder of a single office can have a dated deputy, who acts when the holder is involved."""
    check = scene.checking(sample=4)
    item = check.items.first()
    Case.objects.filter(pk=item.letter.case_id).update(allocated_worker=scene.dam)
    client = Client()
    client.force_login(scene.dam)
    page = reverse("audit:item", args=[check.reference, item.number])
    assert f"so {scene.stand_in.name} has to check it" in client.get(page).content.decode()
    Deputy.objects.all().delete()
    assert "Ask the system administrator to name one" in client.get(page).content.decode()
    system = world.make_user("Sys Admin", None, Role.SYSTEM_ADMINISTRATOR)
    today = timezone.localdate()
    name_deputy(person=scene.desk.deputy, role=Role.DISTRICT_ADMIN_MANAGER, starts=today, ends=today, by=system)
    assert f"so {scene.desk.deputy.name} has to check it" in client.get(page).content.decode()
    assert scene.give_in(Item.objects.get(pk=item.pk), by=scene.desk.deputy).checked_by == scene.desk.deputy


def test_answers_are_kept_as_they_are_given_and_frozen_at_the_end(scene):
    check = scene.checking()
    item = check.items.first()
    edition = items.save_answers(item=item, by=scene.dam, answers={"order": "yes"}, notes={}, edition=0)
    with pytest.raises(Stale):
        items.save_answers(item=item, by=scene.dam, answers={"order": "no"}, notes={}, edition=0)
    item.refresh_from_db(fields=["edition"])
    assert item.edition == edition == 1
    with pytest.raises(items.AnswersMissing) as missing:
        items.check_item(item=item, by=scene.dam, seen=Seen.of(item), edition=1, answers={"order": "yes"}, notes={})
    assert "window" in missing.value.problems
    assert "order" not in missing.value.problems
    item = scene.give_in(item)
    assert len(item.content_hash) == 64
    assert refused("UPDATE audit_answer SET answer = 'no' WHERE item_id = %s", item.pk)
    assert refused("DELETE FROM audit_answer WHERE item_id = %s", item.pk)
    with pytest.raises(NotPossible):
        items.save_answers(item=item, by=scene.dam, answers={}, notes={}, edition=1)
    item = items.correct(item=item, by=scene.dam, seen=Seen.of(item), reason="I looked at the wrong envelope.")
    assert (item.state, item.content_hash, item.faulty) == ("waiting", "", False)
    assert item.answers.filter(answer="yes").count() == len(ALL_YES)


def test_a_result_stays(scene):
    check = scene.finished()
    item = check.items.first()
    with pytest.raises(GuardFailed):
        items.correct(item=item, by=scene.dam, seen=Seen.of(item), reason="On second thoughts.")
    assert refused("UPDATE audit_spotcheck SET faulty = 1, at_most = 2 WHERE id = %s", check.pk)
    assert refused("UPDATE audit_item SET faulty = NOT faulty WHERE id = %s", item.pk)


def test_picks_stand_beside_the_draw_and_never_in_the_estimate(scene):
    check = scene.drawn(sample=1)
    left = Letter.objects.exclude(pk__in=check.items.values("letter")).first()
    with pytest.raises(NotPossible):
        actions.pick(check=check, by=scene.dam, seen=Seen.of(check), reference=left.reference, reason="pp'd")
    check = actions.begin(check=check, by=scene.dam, seen=Seen.of(check))
    check = actions.pick(check=check, by=scene.dam, seen=Seen.of(check), reference=left.reference, reason="pp'd")
    picked = check.items.get(letter=left)
    assert not picked.is_drawn
    with pytest.raises(InvalidStep, match="already"):
        actions.pick(check=check, by=scene.dam, seen=Seen.of(check), reference=left.reference, reason="again")
    with pytest.raises(InvalidStep, match="no letter"):
        actions.pick(check=check, by=scene.dam, seen=Seen.of(check), reference="NONE", reason="x")
    scene.give_in(check.items.get(stratum__isnull=False))
    scene.give_in(picked, contents="A sheet too many.")
    check = actions.finish(check=check, by=scene.dam, seen=Seen.of(check))
    assert (check.faulty, check.at_most) == (0, upper_bound(0, 1, 4))


def test_strata_are_fixed_before_the_seed_and_each_has_its_draw():
    scene = Scene(letters=3)
    world.letter_in(scene.desk, State.POSTED, by_pp=True)
    world.letter_in(scene.desk, State.POSTED, by_pp=True)
    check = actions.fix_frame(by=scene.dam, wanted=scene.wanted(), sample=3, strata_by="signature")
    leave()
    strata = list(check.strata.all())
    assert [(s.name, s.count, s.sample) for s in strata] == [
        ("Letters signed by the worker", 3, 2),
        ("Letters signed for the worker (pp)", 2, 1),
    ]
    check = seeded_and_seen(check, scene.dam, scene.desk.manager)
    check = actions.draw(check=check, by=scene.dam, seen=Seen.of(check))
    for stratum in strata:
        drawn = list(stratum.items.order_by("place").values_list("letter_reference", flat=True))
        assert drawn == draw(read_frame(stratum.frame.encode()), SEED, stratum.sample)
    assert verify().found == 0


def test_the_tray_is_a_frame_too():
    scene = Scene(letters=2, state=State.ENVELOPED)
    world.letter_in(scene.desk, State.POSTED)
    check = scene.fixed(sample=1)
    assert (check.stage, check.count) == (Stage.TRAY, 2)


def test_nothing_to_draw_from_and_too_much_asked(scene):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    with pytest.raises(InvalidStep, match="nothing to draw"):
        actions.fix_frame(by=scene.dam, wanted=Wanted(scene.desk.office, Stage.POSTED, yesterday, yesterday), sample=1)
    for sample in (0, 301):
        with pytest.raises(InvalidStep, match="between 1 and"):
            actions.fix_frame(by=scene.dam, wanted=scene.wanted(), sample=sample)
    assert scene.fixed(sample=99).sample == 4
    assert SpotCheck.objects.count() == 1


def test_a_finding_has_an_owner_a_date_and_a_follow_up(scene):
    check = scene.checking()
    item = check.items.first()
    today = timezone.localdate()
    arguments = {"by": scene.dam, "what": "Initials are missing.", "owner": scene.desk.admin, "due_on": today}
    with pytest.raises(InvalidStep, match="with a fault"):
        findings.raise_finding(item=item, **arguments)
    item = scene.give_in(item, initials="None.")
    with pytest.raises(InvalidStep, match="day to come"):
        findings.raise_finding(item=item, **arguments | {"due_on": today - dt.timedelta(days=1)})
    with pytest.raises(InvalidStep, match="part in the post"):
        findings.raise_finding(item=item, **arguments | {"owner": world.make_user("Nora Nobody")})
    with pytest.raises(NotAllowed):
        findings.raise_finding(item=item, **arguments | {"by": scene.desk.manager})
    finding = findings.raise_finding(item=item, **arguments)
    assert Job.objects.filter(payload__user=scene.desk.admin.pk, payload__notice="spotcheck_finding").count() == 1
    with pytest.raises(NotAllowed):
        findings.answer(finding=finding, by=scene.desk.other_admin, seen=Seen.of(finding), done="Done.")
    finding = findings.answer(finding=finding, by=scene.desk.admin, seen=Seen.of(finding), done="Shown to all.")
    finding = findings.send_back(finding=finding, by=scene.dam, seen=Seen.of(finding), reason="Show it to Otto too.")
    finding = findings.hand_on(
        finding=finding, by=scene.dam, seen=Seen.of(finding), owner=scene.desk.other_admin, due_on=today, reason="Leave"
    )
    finding = findings.answer(finding=finding, by=scene.desk.other_admin, seen=Seen.of(finding), done="Otto knows.")
    finding = findings.accept(finding=finding, by=scene.dam, seen=Seen.of(finding))
    assert (finding.state, finding.closed_by) == ("closed", scene.dam)
    assert refused("DELETE FROM audit_finding WHERE id = %s", finding.pk)
    assert refused("UPDATE audit_finding SET what = 'x' WHERE id = %s", finding.pk)
    assert verify().found == 0


def test_nobody_closes_their_own_finding(scene):
    check = scene.checking()
    item = scene.give_in(check.items.first(), initials="None.")
    finding = findings.raise_finding(item=item, by=scene.dam, what="x", owner=scene.dam, due_on=timezone.localdate())
    finding = findings.answer(finding=finding, by=scene.dam, seen=Seen.of(finding), done="Done.")
    with pytest.raises(NotAllowed, match="somebody else"):
        findings.accept(finding=finding, by=scene.dam, seen=Seen.of(finding))
    assert Finding.objects.get().state == "answered"


def test_openings_are_one_for_the_role(scene):
    scene.drawn()
    assert set(Opening.objects.values_list("role", flat=True)) == {Role.DISTRICT_ADMIN_MANAGER}
    assert Opening.objects.count() == 2


def test_photos_are_known_by_their_content(scene):
    item = scene.checking().items.first()
    for data in (b"", b"GIF89a", b"%PDF-1.4 x", b"x" * (items.MOST_BYTES + 1)):
        with pytest.raises(InvalidStep):
            items.add_photo(item=item, by=scene.dam, data=data)
    photo = items.add_photo(item=item, by=scene.dam, data=picture())
    assert photo.file.from_outside
    assert photo.file.scanned_at is None
    assert items.add_photo(item=item, by=scene.dam, data=picture()) == photo
    assert Evidence.objects.count() == 1
    scene.give_in(item)
    with pytest.raises(NotPossible):
        items.add_photo(item=item, by=scene.dam, data=picture("blue"))
    assert refused("DELETE FROM audit_evidence WHERE id = %s", photo.pk)


def test_a_photo_is_kept_with_what_is_answered_so_far(scene):
    item, client = scene.checking().items.first(), Client()
    client.force_login(scene.dam)
    where = [item.check_of.reference, item.number]
    here, keep = reverse("audit:item", args=where), reverse("audit:item_photo", args=where)
    typed = {"version": item.edition, "addressee": "yes", "order_note": "Seen by me"}
    page = client.post(keep, typed)  # none was chosen: what was answered is still on the page
    assert (page.status_code, "Seen by me" in page.content.decode()) == (422, True)
    for _ in range(2):  # sent twice, it is one
        assert client.post(keep, typed | {"photo": SimpleUploadedFile("x.png", picture())}).status_code == 302
    assert {row.code: (row.answer, row.note) for row in item.answers.all() if row.answer or row.note} == {
        "addressee": ("yes", ""),
        "order": ("", "Seen by me"),
    }
    # Chosen and not kept before giving in: it is kept, whatever else is missing.
    typed |= {"version": item.edition + 1, "photo": SimpleUploadedFile("y.png", picture("blue"))}
    assert client.post(here, typed).status_code == 422
    assert Evidence.objects.count() == 2


def test_photos_are_seen_by_the_virus_scanner(scene, settings):
    item = scene.checking().items.first()
    with scanner(settings, seconds=0.4) as server:
        address = settings.CLAMD_URL
        for manner in MANNERS:
            server.manner = manner
            settings.CLAMD_URL = "tcp://127.0.0.1:1" if manner == "down" else address
            with pytest.raises(InvalidStep, match="harmful" if manner == "found" else "doesn't answer") as refused:
                items.add_photo(item=item, by=scene.dam, data=picture("blue"))
            assert refused.value.field == "photo"
        assert not Evidence.objects.exists()
        settings.CLAMD_SECONDS, settings.CLAMD_URL, server.manner = 5.0, address, "clean"
        assert items.add_photo(item=item, by=scene.dam, data=picture("blue")).file.scanned_at is not None


def picture(colour: str = "red") -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()
