"""What the kill tests of letters by secure e-mail run in a process of its own (tests.support.mail_kills)."""

from __future__ import annotations

from letters.actions import decide_sent
from letters.actions.emailing import KIND
from letters.models import Letter
from letters.tests import forward
from letters.tests.kill_targets import warm
from letters.work_lists import lines
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.steps.engine import Seen
from postroom.steps.errors import Stale, StepError
from tests.support.mail_kills import carry_due, carry_for_days, note, told

__all__ = ["warm"]


def council() -> None:
    """The people, once."""
    forward.make_council()


def prepare() -> None:
    """A letter to a professional that is signed on screen; the order then says what was seen of it."""
    letter = forward.new_letter("send_email")
    for step in forward.way_to("send_email"):
        letter = forward.take(step, letter, Seen.of(letter))
    Job.objects.all().delete()
    seen = Seen.of(letter)
    note(item=letter.reference, version=seen.version, hash=seen.content_hash, stale=False)


def _letter() -> Letter:
    return Letter.objects.get(reference=told()["item"])


def ask() -> None:
    """The worker asks for it to be sent, from the page as it was; a second time that is stale, and nothing happens."""
    order = told()
    try:
        forward.take("send_email", _letter(), Seen(order["version"], order["hash"]))
    except Stale:
        note(stale=True)


def send() -> None:
    """A worker of the outbox sends what is owed."""
    carry_due(KIND)


def days_later() -> None:
    """What the next workers do, once the dead one's lease is over; what the letter's worker then has on My work."""
    carry_for_days(KIND)
    user = forward.person("worker")
    note(waiting=[title for title, count in lines(user, authority_of(user)) for _ in range(count)])


def decide() -> None:
    """The worker has asked the addressee, who has it."""
    letter, user = _letter(), forward.person("worker")
    try:
        decide_sent(letter=letter, by=user, seen=Seen.of(letter), reason="They read its reference out.")
    except StepError as error:
        note(refused=str(error))
