"""Open a downtime, enter a step that happened in it, close it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from downtime.models import Downtime, LateEntry
from downtime.policy import POLICY, check_action
from downtime.selectors import last_moment, steps_of
from downtime.states import DowntimeAction, DowntimeState
from letters import actions as letter_actions
from letters.abroad import goes_abroad, service_of
from letters.completed import children_owed
from letters.models import Letter, OfficePost, SignatureMedium
from letters.states import Action
from letters.ways import Way
from postroom.cases.models import CasePerson
from postroom.files.models import StoredFile
from postroom.outbox.mail import notify
from postroom.people.models import Office, User
from postroom.steps.engine import Later, Seen, Taken, create, entered_later, take
from postroom.steps.errors import InvalidStep, NotPossible
from postroom.steps.models import StepSubject

# What the envelope form asks to be ticked.
TICKS = ("contents_checked", "new_envelope", "return_mark_on", "initials_written")
# Longer than this is two downtimes, or a mistyped day.
LONGEST = dt.timedelta(days=31)


def open_downtime(*, office: Office, began_at: dt.datetime, ended_at: dt.datetime, reason: str, by: User) -> Downtime:
    """Open a downtime of `office` that is over (`began_at`, `ended_at`: aware). The same form sent again gives the one
    that is open. Raises InvalidStep, NotAllowed."""
    now, reason = timezone.now(), " ".join(reason.split())
    if not reason:
        raise InvalidStep("Say what was down, for example: no network at the office.", "reason")
    if ended_at > now:
        raise InvalidStep("Open it when the system is back: it can't end in the future.", "ended_at")
    if ended_at <= began_at:
        raise InvalidStep("It can't end before it began. Check the times.", "ended_at")
    if ended_at - began_at > LONGEST:
        raise InvalidStep("That is longer than a month. Check the days.", "began_at")
    downtime = Downtime(
        office=office, began_at=began_at, ended_at=ended_at, reason=reason[:200], opened_by=by, opened_at=now
    )
    details = {"office": office.pk, "began_at": _moment(began_at), "ended_at": _moment(ended_at)}
    with transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=office.pk)  # two that arrive together take turns
        same = Downtime.objects.filter(office=office, began_at=began_at, ended_at=ended_at, opened_by=by)
        made = same.filter(state=DowntimeState.OPEN, reason=downtime.reason).first()
        return made or create(downtime, action=DowntimeAction.OPEN_DOWNTIME, by=by, policy=POLICY, details=details)


def close_downtime(*, downtime: Downtime, by: User, seen: Seen) -> Downtime:
    """All is entered: nothing more can be."""

    def change(locked: Downtime, taken: Taken) -> Mapping[str, Any]:
        locked.closed_by, locked.closed_at = taken.by, taken.at
        return {"entries": locked.entries.count()}

    return take(downtime, action=DowntimeAction.CLOSE_DOWNTIME, by=by, policy=POLICY, seen=seen, change=change)


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """What the paper says of one step: which, by whom, when (aware), its scan; and what that step asks on any day.

    A check: `translator`, `translated_on` (of a translation), `found_belongs` (names that were found). The envelope:
    `sheets`, `things` (what is no sheet, counted, in order). Posting: class and number. Into the person's own hands:
    `place`, `identity`, `own_hands`. The case record: `ics_reference`, `child` (None: the only one owed). Came back:
    `was_opened`. `reason`: where the step needs one.
    """

    action: Action
    by: User
    happened_at: dt.datetime
    scan: StoredFile
    sheets: int = 0
    things: tuple[int, ...] = ()
    post_class: str = ""
    tracking_number: str = ""
    number_reason: str = ""
    translator: str = ""
    translated_on: dt.date | None = None
    found_belongs: bool = False
    place: str = ""
    identity: str = ""
    own_hands: bool = False
    ics_reference: str = ""
    child: CasePerson | None = None
    was_opened: bool = False
    reason: str = ""


def enter_later(*, letter: Letter, downtime: Downtime, paper: OnPaper, entered_by: User, seen: Seen) -> Letter:
    """Take a step of a letter as of the moment it happened, in the name of who took it.

    The same rules hold as for any step, asked as of that moment: `paper.by` needs the right, the letter its state and
    guards; whoever signed still can't be the one who initialled. Raises what the step raises, and InvalidStep.
    """
    check_action(downtime, entered_by, DowntimeAction.ENTER_LATER)
    _check(letter, downtime, paper)
    last_child = paper.action != Action.UPLOAD or len(children_owed(letter)) <= 1
    action = paper.action if last_child else Action.UPLOAD_CHILD

    def after(locked: StepSubject, taken: Taken) -> None:
        if not isinstance(locked, Letter):
            return  # a step of something else that this one brings about (papers that are out)
        # Locked, so that nothing is entered for a downtime that is being closed.
        still = Downtime.objects.select_for_update().get(pk=downtime.pk)
        if still.state != DowntimeState.OPEN:
            raise NotPossible("This downtime was closed meanwhile: nothing more can be entered for it.")
        LateEntry.objects.create(
            downtime=still,
            letter_id=locked.pk,
            action=action,
            happened_at=paper.happened_at,
            by=paper.by,
            entered_by=entered_by,
            letter_version=locked.version,
            scan=paper.scan,
        )
        if paper.by.pk != entered_by.pk:
            link = f"/letters/{letter.reference}/"
            notify([paper.by.pk], "step_entered_later", locked.ledger_subject, link, occasion=locked.version)

    details = {"downtime": downtime.reference, "paper": str(paper.scan.pk)}
    with entered_later(Later(paper.happened_at, entered_by, details, after)):
        return _step(letter, paper, seen)


def _check(letter: Letter, downtime: Downtime, paper: OnPaper) -> None:
    if paper.action not in steps_of(letter):
        raise NotPossible("That step is not possible where this letter stands now.")
    if downtime.office_id != letter.office_id:
        raise InvalidStep("This downtime is another office's. Choose one of the letter's own office.", "downtime")
    if not downtime.began_at <= paper.happened_at <= downtime.ended_at:
        raise InvalidStep("The step has to lie within the downtime. Check day and time.", "happened_at")
    if paper.happened_at < last_moment(letter):
        raise InvalidStep("The letter's last step was later than that. Enter the steps in their order.", "happened_at")


def _step(letter: Letter, paper: OnPaper, seen: Seen) -> Letter:
    common: dict[str, Any] = {"letter": letter, "by": paper.by, "seen": seen}
    match paper.action:
        case Action.CHECK:
            return letter_actions.check(
                **common,
                address_confirmed=True,
                body_confirmed=True,
                found_belongs=paper.found_belongs,
                translator=paper.translator,
                translated_on=paper.translated_on,
            )
        case Action.SIGN | Action.PP:
            if letter.way == Way.SECURE_EMAIL:
                raise InvalidStep("This letter goes by e-mail and is signed on screen. Sign it here, now.", "action")
            office_post = OfficePost.objects.filter(office_id=letter.office_id).first()
            if office_post and office_post.signature_medium == SignatureMedium.SCREEN:
                raise InvalidStep("This office signs on screen. Sign the letter here, now.", "action")
            return (letter_actions.sign if paper.action == Action.SIGN else letter_actions.pp)(**common)
        case Action.CONFIRM_SIGNATURE:
            return letter_actions.confirm_signature(**common, bears_signature=True)
        case Action.ENVELOPE:
            ticks: dict[str, Any] = dict.fromkeys(TICKS, True)
            return letter_actions.envelope(**common, sheets=paper.sheets, things=paper.things, **ticks)
        case Action.POST:
            return letter_actions.post(
                **common,
                posted_on=timezone.localdate(paper.happened_at),
                post_class=paper.post_class,
                tracking_number=paper.tracking_number,
                number_reason=paper.number_reason,
                receipt_in_hand=True,
                service=service_of(letter.office_id) if goes_abroad(letter) else "",
            )
        case _:
            return _after_the_envelope(paper, common)


def _after_the_envelope(paper: OnPaper, common: dict[str, Any]) -> Letter:
    """What isn't posted; what missed the bag; the case record; what came back."""
    match paper.action:
        case Action.TAKE_OUT:
            return letter_actions.take_out(**common)
        case Action.BRING_BACK:
            return letter_actions.bring_back(**common)
        case Action.HAND_DELIVER | Action.GIVE_AT_RECEPTION:
            by_hand = paper.action == Action.HAND_DELIVER
            verb = letter_actions.hand_deliver if by_hand else letter_actions.give_at_reception
            how: dict[str, Any] = {"place": paper.place, "identity": paper.identity, "own_hands": paper.own_hands}
            return verb(**common, at=paper.happened_at, **how)
        case Action.NOT_DELIVERED:
            return letter_actions.not_delivered(**common, at=paper.happened_at, reason=paper.reason)
        case Action.LOCK_IN:
            return letter_actions.lock_in(**common)
        case Action.UPLOAD:
            return letter_actions.upload(**common, ics_reference=paper.ics_reference, child=paper.child)
        case Action.RETURN_UNDELIVERED:
            return letter_actions.return_undelivered(
                **common,
                reason=paper.reason,
                came_back_on=timezone.localdate(paper.happened_at),
                was_opened=paper.was_opened,
            )
        case _:
            raise NotPossible("That step is taken in Postroom, not entered from paper.")


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")
