"""A spot check from its frame to its result (OGP-10)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from audit.models import Item, SeedFrom, SpotCheck, StrataBy, Stratum
from audit.policy import POLICY
from audit.spotchecks.checklist import Kind
from audit.spotchecks.copies import checklist_of
from audit.spotchecks.draw import draw as drawn_from
from audit.spotchecks.draw import is_usual_seed, ticket
from audit.spotchecks.frame import make_frame, read_frame
from audit.spotchecks.frames import MOST, Wanted, parts_of
from audit.spotchecks.outside import left_house, send_after_commit
from audit.spotchecks.people import possible_witnesses
from audit.spotchecks.plan import allot, bound_of
from audit.spotchecks.replay import list_hash, utc
from audit.spotchecks.rules import CheckAction, CheckState, ItemAction
from distribution.models import Item as Copy
from letters.models import Letter, Opening
from postroom.cases.access import not_hidden
from postroom.ledger.models import Entry
from postroom.ledger.recording import SYSTEM, Step, build_entries
from postroom.outbox.mail import notify
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.steps.engine import Seen, Taken, create, take
from postroom.steps.errors import InvalidStep

MOST_DRAWN = 300
# A pick opens a letter; so many and no more, so that picking never becomes reading.
MOST_PICKED = 10
# So long after a frame was fixed the same frame of the same person, with no seed yet, is that form sent again.
AGAIN = dt.timedelta(minutes=10)
SAME = (
    "office", "stage", "kinds", "first_day", "last_day", "strata_by", "content_hash", "sample", "fixed_by",
    "seed_from", "seed_words", "seed_known_at",
)  # fmt: skip


def opened_by(check: SpotCheck) -> str:
    """What stands on the openings that a check gives."""
    return f"spotcheck/{check.reference}"


def fix_frame(
    *,
    by: User,
    wanted: Wanted,
    sample: int,
    strata_by: str = "",
    seed_from: str = SeedFrom.DICE,
    seed_words: str = "",
    seed_known_at: dt.datetime | None = None,
) -> SpotCheck:
    """Fix what can be drawn, and publish its count and SHA-256 in the ledger, before any seed is known.

    `seed_words` and `seed_known_at` (aware, to come): which value was announced, and when it will be known. The same
    form sent again gives the check that it made. Raises InvalidStep naming the field, NotAllowed.
    """
    kinds = tuple(kind for kind in Kind if kind in wanted.kinds)
    if not kinds:
        raise InvalidStep("Choose at least one kind of post.", "kinds")
    if strata_by not in StrataBy.values or (strata_by == StrataBy.OFFICE and wanted.office is not None):
        raise InvalidStep("One office can't be divided by office. Choose another way, or all offices.", "strata_by")
    if not 1 <= sample <= MOST_DRAWN:
        raise InvalidStep(f"Draw between 1 and {MOST_DRAWN} items.", "sample")
    _announced(seed_from, seed_words, seed_known_at)
    parts = parts_of(wanted, strata_by)
    if not parts:
        raise InvalidStep("There is no such post in that time, so there is nothing to draw from.", "")
    frame = make_frame(reference for _, references in parts for reference in references)
    if frame.count > MOST:
        raise InvalidStep(f"There are more than {MOST:,} items. Choose a shorter time.", "")
    try:
        samples = allot(sample, [len(references) for _, references in parts])
    except ValueError as error:
        raise InvalidStep(f"{error} Draw more, or don't divide.", "sample") from error
    strata = []
    for place, ((name, references), share) in enumerate(zip(parts, samples, strict=True), 1):
        one = make_frame(references)
        strata.append(
            Stratum(place=place, name=name, frame=one.data.decode(), count=one.count, sha256=one.sha256, sample=share)
        )
    check = SpotCheck(
        office=wanted.office,
        stage=wanted.stage,
        kinds=",".join(kinds),
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        strata_by=strata_by,
        count=frame.count,
        sample=sum(samples),
        fixed_by=by,
        content_hash=frame.sha256,
        seed_from=seed_from,
        seed_words=seed_words.strip() if seed_from == SeedFrom.ANNOUNCED else "",
        seed_known_at=seed_known_at if seed_from == SeedFrom.ANNOUNCED else None,
    )

    def after(made: SpotCheck, taken: Taken) -> None:
        for stratum in strata:
            stratum.check_of = made
        Stratum.objects.bulk_create(strata)
        send_after_commit(made)

    details = {
        "office": wanted.office.code if wanted.office else "",
        "stage": str(wanted.stage),
        "from": wanted.first_day.isoformat(),
        "to": wanted.last_day.isoformat(),
        "count": frame.count,
        "sha256": frame.sha256,
        "strata": [[stratum.count, stratum.sha256, stratum.sample] for stratum in strata],
        "seed_from": str(seed_from),
        "seed_words": check.seed_words,
        "known_at": utc(check.seed_known_at),
    }
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two that arrive together take turns
        just_now = SpotCheck.objects.filter(state=CheckState.FIXED, fixed_at__gte=timezone.now() - AGAIN)
        made = just_now.filter(**{name: getattr(check, name) for name in SAME}).first()
        return made or create(check, action=CheckAction.FIX_FRAME, by=by, policy=POLICY, details=details, after=after)


def _announced(seed_from: str, words: str, known_at: dt.datetime | None) -> None:
    if seed_from not in SeedFrom.values:
        raise InvalidStep("Say where the seed will come from.", "seed_from")
    if seed_from == SeedFrom.ANNOUNCED:
        if not words.strip():
            raise InvalidStep("Say which value was announced, so that anybody can look it up.", "seed_words")
        if known_at is None or known_at <= timezone.now():
            raise InvalidStep("The value must become known after the list is fixed. Choose a day to come.", "known_on")


def take_seed(*, check: SpotCheck, by: User, seen: Seen, seed: str, witness: User | None = None) -> SpotCheck:
    """Take the 20 digits thrown or announced, as text; blanks between them don't count.

    `witness`: who saw the dice beside `by`; they are told, and the draw waits for their word (actions.dice). The entry
    names the checkpoint that took the list out of the house before (OGP-10). Raises InvalidStep, GuardFailed while the
    list hasn't left.
    """
    digits = re.sub(r"\s", "", seed)
    if not is_usual_seed(digits):
        many = f" You entered {len(digits)} characters." if digits else ""
        raise InvalidStep(f"Enter 20 digits, 0 to 9, as they were thrown.{many}", "seed")

    def change(locked: SpotCheck, taken: Taken) -> dict[str, Any]:
        locked.seed, locked.seed_at, locked.seed_by = digits, taken.at, by
        left = left_house(locked)
        assert left is not None  # noqa: S101 - the guard has looked
        told = {"seed": digits, "left": {"checkpoint": left.checkpoint, "hash": left.hash}}
        if locked.seed_from == SeedFrom.ANNOUNCED:
            return told
        if witness is None or not witness.is_active:
            raise InvalidStep("Name who saw the dice with you.", "witness")
        if witness.pk == by.pk:
            raise InvalidStep("Somebody other than you has to see the dice.", "witness")
        if not possible_witnesses(locked, by.pk).filter(pk=witness.pk).exists():
            raise InvalidStep("Name somebody who has a part in that office's post.", "witness")
        locked.witness, locked.witness_by = witness.name, witness
        # The draw waits for them: so the record says that it had to.
        return told | {"witness": witness.pk, "to_confirm": True}

    def after(locked: SpotCheck, taken: Taken) -> None:
        if locked.witness_by_id is not None:
            link = f"/audit/spot-checks/{locked.reference}/dice/"
            notify([locked.witness_by_id], "spotcheck_witness", locked.ledger_subject, link, occasion=locked.version)

    return take(check, action=CheckAction.TAKE_SEED, by=by, policy=POLICY, seen=seen, change=change, after=after)


def draw(*, check: SpotCheck, by: User, seen: Seen) -> SpotCheck:
    """Draw by the rule of facts.md, each stratum from its own frame; what was drawn opens to whoever checks it."""
    plan: list[tuple[Stratum, list[str]]] = []

    def change(locked: SpotCheck, taken: Taken) -> dict[str, Any]:
        plan[:] = [
            (stratum, drawn_from(read_frame(stratum.frame.encode()), locked.seed, stratum.sample))
            for stratum in locked.strata.order_by("place")
        ]
        everything = [reference for _, references in plan for reference in references]
        locked.drawn_at, locked.drawn_sha256 = taken.at, list_hash(everything)
        return {"drawn": len(everything), "sha256": locked.drawn_sha256}

    def after(locked: SpotCheck, taken: Taken) -> None:
        everything = [reference for _, references in plan for reference in references]
        letters = Letter.objects.in_bulk(everything, field_name="reference")
        copies = Copy.objects.in_bulk(set(everything) - set(letters), field_name="reference")
        items = [
            Item(
                check_of=locked,
                letter=letters.get(reference),
                copy=None if reference in letters else copies[reference],
                letter_reference=reference,
                stratum=stratum,
                place=place,
                ticket=ticket(locked.seed, reference.encode()),
            )
            for stratum, references in plan
            for place, reference in enumerate(references, 1)
        ]
        for number, item in enumerate(items, 1):
            item.number, item.checklist = number, checklist_of(item, locked)
        put_on_list(items, taken.at)
        open_letters(locked, list(letters.values()))

    return take(check, action=CheckAction.DRAW, by=by, policy=POLICY, seen=seen, change=change, after=after)


def put_on_list(items: list[Item], at: dt.datetime) -> None:
    """Save new items, each with the first entry of its chain; in the transaction of the draw or the pick."""
    steps = []
    for item in items:
        item.version = 1
        details = {"letter": item.letter_reference, "place": item.place, "ticket": item.ticket}
        action = ItemAction.PUT_ON_LIST.value
        steps.append((item, Step(action=action, actor=SYSTEM, at=at, to_state=item.state, version=1, details=details)))
    entries, _ = build_entries(steps)
    Entry.objects.bulk_create(entries)
    Item.objects.bulk_create(items)


def open_letters(check: SpotCheck, letters: list[Letter]) -> None:
    """The District Admin Manager, or their deputy, reads what was drawn (clauses.md, "read a letter")."""
    Opening.objects.bulk_create(
        [Opening(letter=letter, role=Role.DISTRICT_ADMIN_MANAGER, opened_by=opened_by(check)) for letter in letters]
    )


def begin(*, check: SpotCheck, by: User, seen: Seen) -> SpotCheck:
    """Begin to look at what was drawn."""
    return take(check, action=CheckAction.BEGIN, by=by, policy=POLICY, seen=seen)


def pick(*, check: SpotCheck, by: User, seen: Seen, reference: str, reason: str) -> SpotCheck:
    """Look at one more letter because something about it is risky; beside the draw, never in its estimate."""
    compact = "".join(reference.split()).upper()
    known = not_hidden(by, "case_id")
    letter = Letter.objects.filter(known, reference=compact).first()
    copy = Copy.objects.select_related("case").filter(known, reference=compact).first()
    office = letter.office_id if letter is not None else copy.case.office_id if copy is not None else None
    if office is None or (check.office_id is not None and office != check.office_id):
        raise InvalidStep("There is no letter or copy of this spot check's office with that reference.", "reference")

    def change(locked: SpotCheck, taken: Taken) -> dict[str, Any]:
        items = Item.objects.filter(check_of=locked)
        if items.filter(letter_reference=compact).exists():
            raise InvalidStep("This is in the spot check already.", "reference")
        if items.filter(stratum__isnull=True).count() >= MOST_PICKED:
            raise InvalidStep(f"At most {MOST_PICKED} items can be picked beside a draw.", "reference")
        return {"picked": compact}

    def after(locked: SpotCheck, taken: Taken) -> None:
        number = Item.objects.filter(check_of=locked).count() + 1
        item = Item(
            check_of=locked,
            number=number,
            letter=letter,
            copy=None if letter is not None else copy,
            letter_reference=compact,
            picked_because=taken.reason[:200],
        )
        item.checklist = checklist_of(item, locked)
        put_on_list([item], taken.at)
        open_letters(locked, [letter] if letter is not None else [])

    return take(
        check, action=CheckAction.PICK, by=by, policy=POLICY, seen=seen, reason=reason, change=change, after=after
    )


def finish(*, check: SpotCheck, by: User, seen: Seen) -> SpotCheck:
    """Count what was found among those drawn, and how much more there could be."""

    def change(locked: SpotCheck, taken: Taken) -> Mapping[str, Any]:
        counts = locked.strata.annotate(faults=Count("items", filter=Q(items__faulty=True))).order_by("place")
        strata = [(stratum.faults, stratum.sample, stratum.count) for stratum in counts]
        locked.faulty, locked.at_most = sum(faulty for faulty, _, _ in strata), bound_of(strata)
        locked.finished_at = taken.at
        return {"faulty": locked.faulty, "drawn": locked.sample, "of": locked.count, "at_most": locked.at_most}

    return take(check, action=CheckAction.FINISH, by=by, policy=POLICY, seen=seen, change=change)


def abandon(*, check: SpotCheck, by: User, seen: Seen, reason: str) -> SpotCheck:
    """Give it up, for all to see; letters that it opened are closed again."""

    def after(locked: SpotCheck, taken: Taken) -> None:
        Opening.objects.filter(opened_by=opened_by(locked), closed_at__isnull=True).update(closed_at=taken.at)

    return take(check, action=CheckAction.ABANDON, by=by, policy=POLICY, seen=seen, reason=reason, after=after)


def is_over(check: SpotCheck) -> bool:
    """Finished or given up?"""
    return check.state in (CheckState.FINISHED, CheckState.ABANDONED)
