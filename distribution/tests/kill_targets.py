"""What the kill tests run in a process of its own. The order to carry out lies in the data folder."""

from __future__ import annotations

from django.utils import timezone

from distribution import actions, work
from distribution.actions import passwords
from distribution.actions.emailing import KIND
from distribution.models import Item
from distribution.tests.world import Conference, taken_in
from letters.routes import Channel
from postroom.cases.models import Case, CasePerson
from postroom.outbox.models import Job
from postroom.people.authority import authority_of
from postroom.people.models import User
from postroom.steps.engine import Seen
from postroom.steps.errors import Stale, StepError
from tests.support import world
from tests.support.mail_kills import carry_due, carry_for_days, note, told


def council() -> None:
    """The conference's people, once."""
    conference = Conference(world.Desk(world.make_office("riv", "Riverside")))
    desk = conference.desk
    note(worker=desk.worker.pk, issuer=conference.safeguarding.pk, case=desk.case.pk, teacher=conference.teacher.pk)


def prepare() -> None:
    """A report for a professional that is ready to be e-mailed; the order then says what was seen of it."""
    order = told()
    made = actions.issue(
        case=Case.objects.get(pk=order["case"]),
        document="lac_report",
        meeting_on=timezone.localdate(),
        recipients=[CasePerson.objects.get(pk=order["teacher"])],
        file=taken_in(),
        by=User.objects.get(pk=order["issuer"]),
    )
    item = made.items.get()
    how = {"channel": Channel.SECURE_EMAIL, "basis": "core_group", "version_confirmed": True}
    item = actions.make_ready(item=item, by=User.objects.get(pk=order["worker"]), seen=Seen.of(item), **how)
    Job.objects.all().delete()
    seen = Seen.of(item)
    note(item=item.reference, version=seen.version, hash=seen.content_hash, stale=False)


def ask() -> None:
    """The worker asks for it to be sent, from the page as it was; a second time that is stale, and nothing happens."""
    order = told()
    item = Item.objects.get(reference=order["item"])
    worker = User.objects.get(pk=order["worker"])
    try:
        actions.send(item=item, by=worker, seen=Seen(order["version"], order["hash"]))
    except Stale:
        note(stale=True)


def send() -> None:
    """A worker sends what is owed."""
    carry_due(KIND)


def days_later() -> None:
    """What the next workers do, again and again, once the dead one's lease is over; what the worker then has on My
    work."""
    carry_for_days(KIND)
    order = told()
    user = User.objects.get(pk=order["worker"])
    lists = work.lists_for(user, authority_of(user))
    note(waiting=[row.do for found in lists for row in found.rows])


def decide() -> None:
    """The worker has asked the recipient, who has it."""
    order = told()
    item, user = Item.objects.get(reference=order["item"]), User.objects.get(pk=order["worker"])
    try:
        actions.decide(item=item, by=user, seen=Seen.of(item), sent=True, reason="They read its reference out.")
    except StepError as error:
        note(refused=str(error))


def sent() -> None:
    """A document that its professional has, and whose password they lack."""
    prepare()
    ask()
    carry_due(KIND)
    Job.objects.all().delete()
    item = Item.objects.get(reference=told()["item"])
    note(version=item.version, hash=item.content_hash, password=passwords.password_of(item), stale=False)


def ask_text() -> None:
    """The worker asks for the text, from the page as it was."""
    order = told()
    item, by = Item.objects.get(reference=order["item"]), User.objects.get(pk=order["worker"])
    try:
        actions.text_password(item=item, by=by, seen=Seen(order["version"], order["hash"]))
    except Stale:
        note(stale=True)


def text() -> None:
    """A worker carries the text."""
    carry_due(passwords.KIND)


def text_days_later() -> None:
    """The next workers, as often as the outbox tries."""
    carry_for_days(passwords.KIND, 4)
