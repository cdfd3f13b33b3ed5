"""Is what was drawn what the rule draws, and is what was found what the steps say was found (OGP-10)?

Asked nightly of every spot check, its items and findings, and by verify_ledger.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models.functions import Coalesce

from audit.models import Finding, Item, SpotCheck
from audit.spotchecks.draw import draw, ticket
from audit.spotchecks.frame import FrameError, make_frame, read_frame
from audit.spotchecks.rules import CheckAction, FindingAction, ItemAction
from postroom.ledger.chain import EntryValues, salted_hash, to_microseconds
from postroom.ledger.models import Checkpoint, Entry, Seal
from postroom.ledger.replaying import Told, details_of, first_that_differs


def list_hash(references: Iterable[str]) -> str:
    """SHA-256 of references, one a line, in the order drawn."""
    return hashlib.sha256("".join(f"{reference}\n" for reference in references).encode()).hexdigest()


def utc(moment: dt.datetime | None) -> str:
    """A moment as it stands in an entry; "" without one."""
    return moment.astimezone(dt.UTC).isoformat() if moment is not None else ""


def _seed(check: SpotCheck, entries: Sequence[EntryValues], told: dict[str, dict[str, Any]]) -> str:
    """Is the seed, with its origin, witness and time, the one that the entries tell of, and did the list leave first?

    Lists that were fixed before origin and departure stood in the entries are asked for the seed alone.
    """
    fixed, taken = told.get("fix_frame", {}), told.get("take_seed")
    facts: list[tuple[str, Any, Any]] = [("origin of its seed", check.seed_from, fixed.get("seed_from"))]
    if "known_at" in fixed:
        facts.append(("announced value", check.seed_words, fixed["seed_words"]))
        facts.append(("day of the announced value", utc(check.seed_known_at), fixed["known_at"]))
    if taken is None:
        return first_that_differs([*facts, ("seed", check.seed, "")])
    if taken.get("seed") != check.seed:
        return "its seed is not the one that was taken"
    last = Told(entries)
    seeded = last.last("take_seed")
    at, by = (seeded.at, seeded.actor_id) if seeded is not None else (0, None)
    facts.append(("time of its seed", to_microseconds(check.seed_at) if check.seed_at else None, at))
    facts.append(("person who took its seed", check.seed_by_id, by))
    if "left" not in taken:
        return first_that_differs(facts)
    facts.append(("witness", check.witness_by_id, taken.get("witness")))
    confirmed = last.last("confirm_dice")
    facts.append(("person who confirmed the dice", check.confirmed_by_id, confirmed.actor_id if confirmed else None))
    when = to_microseconds(check.confirmed_at) if check.confirmed_at else None
    facts.append(("time the dice were confirmed", when, confirmed.at if confirmed else None))
    if taken.get("to_confirm") and "draw" in told and _unconfirmed(entries, taken):
        return "it was drawn from dice that their witness had not confirmed"
    return first_that_differs(facts) or _left_first(check, taken["left"])


def _told(entries: Sequence[EntryValues]) -> dict[str, dict[str, Any]]:
    """The newest details of each action; a seed that its witness refused is none."""
    told: dict[str, dict[str, Any]] = {}
    for entry in entries:
        told[entry.action] = json.loads(entry.payload)
        if entry.action == CheckAction.REFUSE_DICE:
            told.pop("take_seed", None)
    return told


def _unconfirmed(entries: Sequence[EntryValues], taken: dict[str, Any]) -> bool:
    """Did the draw come without, or before, the word of whoever was named as the witness of this seed?"""
    steps = [entry for entry in entries if entry.action in ("confirm_dice", "draw")]
    first = steps[0]
    said = json.loads(first.payload)
    return (first.action, first.actor_id, said.get("seed")) != ("confirm_dice", taken.get("witness"), taken["seed"])


def _left_first(check: SpotCheck, left: dict[str, Any]) -> str:
    """Was the list in the checkpoint that the seed's entry names, and the seed's entry not?"""
    using = check._state.db
    point = Checkpoint.objects.using(using).filter(number=left["checkpoint"], hash=left["hash"]).first()
    steps = Entry.objects.using(using).filter(subject=check.ledger_subject, action__in=["fix_frame", "take_seed"])
    actions = dict(steps.values_list("pk", "action"))
    seals = Seal.objects.using(using).filter(entry_id__in=list(actions)).values_list("entry_id", "position")
    places: dict[str, int] = {}
    for entry, position in seals:  # of several seeds the first counts: the list left before any of them
        places[actions[entry]] = min(position, places.get(actions[entry], position))
    if point is None or not places.get("fix_frame", point.last_position + 1) <= point.last_position:
        return "its list was not in the checkpoint that had left when its seed was taken"
    if places.get("take_seed", point.last_position + 1) <= point.last_position:
        return "its seed was taken before its list had left the house"
    return ""


def draw_is_the_rule(check: SpotCheck, entries: Sequence[EntryValues]) -> str:
    """What is wrong with the rows of a check, against the rule and its own entries; "" if nothing is."""
    told = _told(entries)
    strata = list(check.strata.order_by("place"))
    fixed = told.get("fix_frame", {})
    try:
        frames = [read_frame(stratum.frame.encode()) for stratum in strata]
        whole = make_frame(line for stratum in strata for line in stratum.frame.splitlines())
    except FrameError as error:
        return f"its frame is damaged: {error}"
    if (whole.count, whole.sha256) != (fixed.get("count"), fixed.get("sha256")):
        return "its frame is not the one that was published"
    published = [[s.count, s.sha256, s.sample] for s in strata]
    if published != fixed.get("strata") or any(
        (f.count, f.sha256) != (s.count, s.sha256) for f, s in zip(frames, strata, strict=True)
    ):
        return "its strata are not those that were published"
    if wrong := _seed(check, entries, told):
        return wrong
    if "draw" not in told:
        return "" if not check.items.exists() else "letters stand in it that were never drawn"
    return _drawn(check, list(zip(strata, frames, strict=True)), told["draw"]) or _result(check, told.get("finish"))


def _result(check: SpotCheck, told: dict[str, Any] | None) -> str:
    if check.faulty is None or told is None:
        return ""
    found = Item.objects.using(check._state.db).filter(check_of=check, stratum__isnull=False, faulty=True).count()
    if (check.faulty, check.at_most) != (told.get("faulty"), told.get("at_most")) or found != check.faulty:
        return "its result is not the one that was found"
    return ""


def check_item(item: Item, entries: Sequence[EntryValues]) -> str:
    """What is wrong with an item's outcome and answers, given its entries in order; "" if nothing is."""
    told = Told(entries)
    last = told.last(ItemAction.CHECK_ITEM, ItemAction.CANNOT_FIND, ItemAction.CORRECT)
    if last is None or last.action == ItemAction.CORRECT:
        return "its row has an outcome that no step gave it" if item.faulty or item.checked_by_id else ""
    if (item.faulty, item.checked_by_id) != (details_of(last).get("faulty"), last.actor_id):
        return "its row has another outcome than its entries"
    # Without its salt retention has let its words and photos go; the hash of them stays.
    if item.salt and salted_hash(item.salt, given_in(item)) != item.content_hash:
        return "its answers or photos are not those that were given in"
    return ""


def given_in(item: Item) -> str:
    """What was answered and photographed, as its hash is made of it."""
    given = [[row.code, row.answer, row.note] for row in item.answers.order_by("code")]
    return json.dumps([given, list(item.evidence.values_list("file_id", flat=True))], ensure_ascii=False)


def check_finding(finding: Finding, entries: Sequence[EntryValues]) -> str:
    """What is wrong with a finding's owner, day and end, given its entries in order; "" if nothing is."""
    told = Told(entries)
    whose = told.details(FindingAction.RAISE, FindingAction.HAND_ON)
    facts = [
        ("owner", finding.owner_id, whose.get("owner")),
        ("due day", finding.due_on.isoformat(), whose.get("due")),
        ("person who raised it", finding.raised_by_id, told.actor(FindingAction.RAISE)),
    ]
    if finding.closed_by_id is not None:
        facts.append(("person who closed it", finding.closed_by_id, told.actor(FindingAction.ACCEPT)))
    return first_that_differs(facts)


def _drawn(check: SpotCheck, parts: list[tuple[Any, Any]], told: dict[str, Any]) -> str:
    everything: list[str] = []
    for stratum, frame in parts:
        wanted = draw(frame, check.seed, stratum.sample)
        rows = list(
            stratum.items.order_by("place").values_list(
                "place", "letter_reference", "ticket", Coalesce("letter__reference", "copy__reference")
            )
        )
        rule = [(n, r, ticket(check.seed, r.encode()), r) for n, r in enumerate(wanted, 1)]
        if rows != rule:
            return "what was drawn is not what the rule draws from its frame and seed"
        everything += wanted
    if list_hash(everything) != check.drawn_sha256 or check.drawn_sha256 != told.get("sha256"):
        return "what was drawn is not what the ledger says was drawn"
    return ""
