"""Is what was drawn what the rule draws? Asked nightly of every spot check, by verify_ledger (OGP-10)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models.functions import Coalesce

from audit.models import SpotCheck
from audit.spotchecks.draw import draw, ticket
from audit.spotchecks.frame import FrameError, make_frame, read_frame
from postroom.ledger.chain import EntryValues


def list_hash(references: Iterable[str]) -> str:
    """SHA-256 of references, one a line, in the order drawn."""
    return hashlib.sha256("".join(f"{reference}\n" for reference in references).encode()).hexdigest()


def draw_is_the_rule(check: SpotCheck, entries: Sequence[EntryValues]) -> str:
    """What is wrong with the rows of a check, against the rule and its own entries; "" if nothing is."""
    told: dict[str, dict[str, Any]] = {entry.action: json.loads(entry.payload) for entry in entries}
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
    if "take_seed" in told and told["take_seed"].get("seed") != check.seed:
        return "its seed is not the one that was taken"
    if "draw" not in told:
        return "" if not check.items.exists() else "letters stand in it that were never drawn"
    return _drawn(check, list(zip(strata, frames, strict=True)), told["draw"])


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
