"""Checkpoints as they leave: one printable line, and to whom and where it goes.

What a database owner could forge unseen is only what came after the newest checkpoint that is kept where they can't
reach: in the mail of named people, in a write-once folder, under a time-stamping service's signature.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from audit.record.models import Departure, Way
from postroom.ledger.models import Checkpoint
from postroom.ledger.sealing import seal
from postroom.outbox.queue import enqueue
from postroom.people.models import RoleGrant, User
from postroom.people.roles import Role

KINDS = {Way.MAIL: "checkpoint_mail", Way.FOLDER: "checkpoint_folder", Way.STAMP: "checkpoint_stamp"}
FOLDER_PLACE = "folder"
LINE = re.compile(
    r"postroom checkpoint (?P<number>\d{1,18}) installation (?P<installation>\S+) .*hash (?P<hash>[0-9a-f]{64})\b"
)
PAIR = re.compile(r"(?<!\d)(?P<number>\d{1,18}):(?P<hash>[0-9a-f]{64})\b")


@dataclass(frozen=True)
class Place:
    """Somewhere a checkpoint goes: which way, the name it has in rows and payloads, and the real target."""

    way: Way
    name: str
    target: str


def line_of(checkpoint: Checkpoint) -> str:
    """The checkpoint in one line, to be kept or printed: all that its hash is made of, its hash and signature."""
    at = checkpoint.at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return (
        f"postroom checkpoint {checkpoint.number} installation {checkpoint.installation} "
        f"positions {checkpoint.first_position}-{checkpoint.last_position} at {at} root {checkpoint.root} "
        f"previous {checkpoint.previous_hash} hash {checkpoint.hash} "
        f"key {checkpoint.public_key or '-'} signature {checkpoint.signature or '-'}"
    )


def found_in(text: str) -> dict[int, str]:
    """Numbers and hashes of the checkpoints in a text: printed lines (also broken by a mail program), NUMBER:HASH."""
    joined = " ".join(text.lower().split())
    found = {int(m["number"]): m["hash"] for m in PAIR.finditer(joined)}
    for part in re.split(r"(?=postroom checkpoint )", joined):
        if match := LINE.match(part):
            found[int(match["number"])] = match["hash"]
    return found


def places() -> list[Place]:
    """Where checkpoints go, by the settings; without an address there, to those who may see the record."""
    found = [Place(Way.MAIL, _digest(address), address) for address in mail_addresses()]
    if settings.CHECKPOINT_FOLDER:
        found.append(Place(Way.FOLDER, FOLDER_PLACE, settings.CHECKPOINT_FOLDER))
    if settings.TSA_URL:
        found.append(Place(Way.STAMP, urlsplit(settings.TSA_URL).hostname or "", settings.TSA_URL))
    return found


def mail_addresses() -> list[str]:
    """The named people: those of CHECKPOINT_MAIL_TO, else the active holders of the two roles that see the record."""
    if settings.CHECKPOINT_MAIL_TO:
        return sorted({address.strip().lower() for address in settings.CHECKPOINT_MAIL_TO})
    roles = (Role.DISTRICT_ADMIN_MANAGER, Role.INFORMATION_GOVERNANCE)
    holders = RoleGrant.objects.on(timezone.localdate()).filter(role__in=roles).values("user")
    return sorted(set(User.objects.filter(pk__in=holders, is_active=True).values_list("email", flat=True)))


def _digest(address: str) -> str:
    # In rows and payloads stands this, never the address.
    return hashlib.sha256(address.lower().encode()).hexdigest()[:24]


def send_checkpoints(*, everything: bool = True) -> int:
    """Owe the newest checkpoint to every place that hasn't a newer one; how many jobs. Again at once: nothing more.

    `everything`: seal first whatever has no seal, however old; else the caller has sealed.
    """
    if everything:
        seal(everything=True)
    newest = Checkpoint.objects.order_by("-number").first()
    if newest is None:
        return 0
    left = dict(
        Departure.objects.values_list("way", "place").annotate(newest=Max("number")).values_list("place", "newest")
    )
    owed = 0
    with transaction.atomic():
        for place in places():
            if left.get(place.name, 0) >= newest.number:
                continue
            enqueue(
                KINDS[place.way],
                key=f"{newest.number}:{place.name}",
                subject=f"checkpoint/{newest.number}",
                payload={"checkpoint": newest.number, "place": place.name},
            )
            owed += 1
    return owed
