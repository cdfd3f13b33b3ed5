"""What this floor adds to the demonstration, by its own actions: a finished spot check, one at the tray, a finding."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.utils import timezone

from audit.actions import findings, items
from audit.actions import spotchecks as actions
from audit.actions.dice import confirm_dice
from audit.models import Item, SpotCheck
from audit.policy import can
from audit.record.checkpoints import KINDS, send_checkpoints
from audit.record.models import Departure, Way
from audit.spotchecks.checklist import Stage, must_answer, questions_of
from audit.spotchecks.facts import facts_of
from audit.spotchecks.frames import Wanted, how_many
from audit.spotchecks.people import possible_owners, possible_witnesses
from audit.spotchecks.rules import ItemAction
from audit.spotchecks.words import applying
from postroom.outbox.carrier import carry
from postroom.outbox.models import Job, JobState
from postroom.people.models import Office, RoleGrant, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen


def spot_checks_part(rng: Random, now: dt.datetime) -> None:
    """One finished check of the first office with a finding, one begun at the tray of the next that has letters."""
    grants = RoleGrant.objects.on(timezone.localdate(now)).filter(role=Role.DISTRICT_ADMIN_MANAGER)
    grant = grants.select_related("user").first()
    if grant is None:
        return
    today = timezone.localdate(now)
    offices = list(Office.objects.filter(is_active=True).order_by("name"))
    for office in offices:
        wanted = Wanted(office, Stage.POSTED, today - dt.timedelta(days=60), today)
        if how_many(wanted):
            _finished(rng, grant.user, _begun(rng, grant.user, wanted, 5))
            break
    for office in reversed(offices):
        wanted = Wanted(office, Stage.TRAY, today, today)
        if how_many(wanted):
            _begun(rng, grant.user, wanted, 3)
            break


def _begun(rng: Random, by: User, wanted: Wanted, sample: int) -> SpotCheck:
    check = actions.fix_frame(by=by, wanted=wanted, sample=sample)
    seed = "".join(rng.choices("0123456789", k=20))
    if not _leave():
        return check
    witness = possible_witnesses(check, by.pk)[0]
    check = actions.take_seed(check=check, by=by, seen=Seen.of(check), seed=seed, witness=witness)
    check = confirm_dice(check=check, by=witness, seen=Seen.of(check))
    check = actions.draw(check=check, by=by, seen=Seen.of(check))
    return actions.begin(check=check, by=by, seen=Seen.of(check))


def _leave() -> bool:
    """The checkpoint goes out at once, into the demonstration's own mail folder; False if it couldn't."""
    send_checkpoints()
    for job in Job.objects.filter(kind=KINDS[Way.MAIL], state=JobState.OWED):
        carry(job.pk)
    return Departure.objects.exists()


def _finished(rng: Random, by: User, check: SpotCheck) -> None:
    rows = list(
        Item.objects.filter(check_of=check)
        .select_related("check_of", "letter__case", "letter__office", "copy__case__office")
        .order_by("number")
    )
    if not all(can(item, by, ItemAction.CHECK_ITEM) for item in rows):
        return  # own work waits for the deputy
    for number, item in enumerate(rows):
        asked = questions_of(item.checklist)
        known, copy = applying(facts_of(item)), item.copy_id is not None
        answers = {
            question.code: "yes" if must_answer(question, check.stage, copy=copy, applying=known) else "na"
            for question in asked
        }
        notes = {}
        if number == 0:
            answers["ics_date"], notes["ics_date"] = "no", "The notes in ICS bear the day of the upload."
        given = items.check_item(item=item, by=by, seen=Seen.of(item), edition=0, answers=answers, notes=notes)
        owner = possible_owners(item.office.pk).filter(grants__role=Role.ADMIN).first()
        if given.faulty and owner is not None:
            findings.raise_finding(
                item=given,
                by=by,
                what="The notes in ICS bear the day of the upload, not the day of posting.",
                owner=owner,
                due_on=timezone.localdate() + dt.timedelta(days=7),
            )
    actions.finish(check=check, by=by, seen=Seen.of(check))
