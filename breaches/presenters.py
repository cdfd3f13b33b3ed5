"""How a breach reads on a page: its history in words, what can be done next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from breaches.duties import Duty, Evidence
from breaches.happened import KIND_WORDS, behind
from breaches.models import Breach, BreachDuty, Involved, MeetingException, Referral
from breaches.permissions import BREACH_RULES
from breaches.policy import POLICY, people_left, promised_phase, referral_owed, standing_proposal, still_to_do, to_send
from breaches.reports.parts import moment
from breaches.selectors import family_not_named, without_deciders_steps
from breaches.sight import Part, Sight, sees
from breaches.states import BreachAction
from breaches.words import CATEGORY_NAMES, Category, Control
from distribution.models import Item as Copy
from distribution.states import Action as CopyAction
from letters.models import Check, Envelope, Letter, Signature
from letters.presenters import Event
from postroom.forms import in_words
from postroom.ledger.models import Entry, Reason
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.table import Grant

DONE_WORDS: dict[str, str] = {
    BreachAction.REPORT: "Reported",
    BreachAction.AMEND: "Facts put right",
    BreachAction.CHANGE_AWARE: "Time of becoming aware changed",
    BreachAction.FIND_MORE: "More was found",
    BreachAction.NAME_INVOLVED: "A person involved was named",
    BreachAction.CLEAR_INVOLVED: "A person is not involved after all",
    BreachAction.DO_DUTY: "Duty done",
    BreachAction.SET_ASIDE_DUTY: "Duty set aside",
    BreachAction.SIGN_REPORT: "Report of the Information & Records Manager signed off",
    BreachAction.ASK_EXCEPTION: "Asked to leave out or put off the meeting",
    BreachAction.APPROVE_NO_MEETING: "Decided on the meeting",
    BreachAction.APPROVE_DEFERRAL: "Decided on putting it off",
    BreachAction.NAME_PEOPLE: "People whose data it was named",
    BreachAction.CLEAR_PERSON: "A person named by mistake taken back",
    BreachAction.MEET_PERSON: "A person told face to face",
    BreachAction.LINK_LETTER: "Letter to the service user linked",
    BreachAction.ASSESS: "Risk assessed",
    BreachAction.ASK_ADVICE: "Data Protection Officer asked",
    BreachAction.ADVISE: "Data Protection Officer's advice given",
    BreachAction.PROPOSE_DECISION: "Decision written by the first of the two",
    BreachAction.AGREE_DECISION: "Decided by both",
    BreachAction.MAKE_NOTIFICATION: "Notification to the Commissioner made",
    BreachAction.REFER: "Reported to the Commissioner",
    BreachAction.WITHDRAW_PHASE: "Phase promised to the Commissioner withdrawn",
    BreachAction.RECORD_CAUSE: "Cause recorded",
    BreachAction.ADD_FOLLOW_UP: "Action added",
    BreachAction.FINISH_FOLLOW_UP: "Action finished",
    BreachAction.CLOSE: "Closed",
    BreachAction.CLOSE_NEAR_MISS: "Near miss closed",
}
# The pages of the steps, in the order in which they come; duties have a list of their own.
PAGES: tuple[tuple[BreachAction, str, str], ...] = (
    (BreachAction.APPROVE_NO_MEETING, "answer_meeting", "Decide on the meeting"),
    (BreachAction.APPROVE_DEFERRAL, "answer_deferral", "Decide whether to put off telling them"),
    (BreachAction.ADVISE, "advise", "Give your advice"),
    (BreachAction.SIGN_REPORT, "sign_report", "Write and sign off your report"),
    (BreachAction.AGREE_DECISION, "agree", "Read the decision, and agree"),
    (BreachAction.PROPOSE_DECISION, "decide", "Write the decision"),
    (BreachAction.ASSESS, "assess", "Assess the risk"),
    (BreachAction.REFER, "refer", "Record that the notification was sent"),
    (BreachAction.MAKE_NOTIFICATION, "notify", "Make the notification to the Commissioner"),
    (BreachAction.WITHDRAW_PHASE, "withdraw_phase", "Withdraw the promised phase"),
    (BreachAction.ASK_ADVICE, "ask_advice", "Ask the Data Protection Officer"),
    (BreachAction.NAME_PEOPLE, "name_people", "Name the people whose data it was"),
    (BreachAction.LINK_LETTER, "link_letter", "Link the letter to the service user"),
    (BreachAction.ASK_EXCEPTION, "ask_exception", "Ask to leave out or put off the meeting"),
    (BreachAction.RECORD_CAUSE, "cause", "Record the cause"),
    (BreachAction.ADD_FOLLOW_UP, "add_action", "Add an action"),
    (BreachAction.NAME_INVOLVED, "involve", "Name a person involved"),
    (BreachAction.AMEND, "facts", "Put the facts right"),
    (BreachAction.CHANGE_AWARE, "aware", "Change when the council was aware"),
    (BreachAction.FIND_MORE, "more", "More was found"),
    (BreachAction.CLOSE, "close", "Close the breach"),
    (BreachAction.CLOSE_NEAR_MISS, "close", "Close the near miss"),
)


@dataclass(frozen=True)
class Button:
    """A step that this person can take now."""

    label: str
    href: str
    first: bool = False


def href(name: str, breach: Breach, *more: Any) -> str:
    """The address of one of a breach's pages."""
    return reverse(f"breaches:{name}", args=[breach.reference, *more])


def kinds_in_words(breach: Breach) -> str:
    """ "lost, stolen"."""
    return ", ".join(KIND_WORDS[kind] for kind in breach.kinds)


def categories_in_words(breach: Breach) -> list[str]:
    """What kinds of data, in words."""
    return [CATEGORY_NAMES[Category(one)] for one in breach.categories]


def timeline(breach: Breach, sight: Sight, *, most: int = 15, before: int | None = None) -> list[Event]:
    """The newest entries of the ledger in words, with their reasons; `before`: those before that.

    Only those who decide have the steps of the disciplinary part. Three queries, four where somebody of ours was named.
    """
    found = Entry.objects.filter(subject=breach.ledger_subject).order_by("-seq")
    if not sees(Part.STEPS, sight):
        found = without_deciders_steps(found, [breach.ledger_subject])
    entries = list((found.filter(seq__lt=before) if before is not None else found)[:most])
    reasons = dict(
        Reason.objects.filter(subject=breach.ledger_subject, seq__in=[e.seq for e in entries]).values_list(
            "seq", "text"
        )
    )
    words = behind(entries)
    return [
        Event(
            title=f"{DONE_WORDS.get(entry.action, entry.action)}{words[entry.seq]}",
            when=entry.at,
            by=_by(entry),
            text=reasons.get(entry.seq, ""),
            back=entry.action in (BreachAction.FIND_MORE, BreachAction.CLEAR_INVOLVED),
            seq=entry.seq,
        )
        for entry in entries
    ]


def _by(entry: Entry) -> str:
    """Who, and in what office; whoever reports needs none."""
    office = entry.actor_authority or entry.actor_role
    return entry.actor_name if office in ("", ROLE_NAMES[Role.SIGNED_IN]) else f"{entry.actor_name} ({office})"


def buttons(breach: Breach, user: User, authority: Authority) -> list[Button]:
    """The steps this person can take now; those that bring the case on stand first."""
    standing = POLICY.standing_with(breach, user, authority)
    pending = MeetingException.objects.filter(breach=breach, decided_at__isnull=True).first()
    proposal = standing_proposal(breach)
    found: list[Button] = []
    for action, name, label in PAGES:
        row = BREACH_RULES.transition(action, str(breach.state))
        allowed = isinstance(BREACH_RULES.decide(action, standing.roles, standing.holding), Grant)
        if row is None or not allowed or POLICY.failed_guards(breach, row.guards):
            continue
        if not _makes_sense(action, breach, pending):
            continue
        if action == BreachAction.PROPOSE_DECISION and proposal is not None and proposal.agreed_at is None:
            label = "Write the decision anew"
        if action == BreachAction.MAKE_NOTIFICATION and to_send(breach) is not None:
            label = "Make the notification anew"
        found.append(Button(label, href(name, breach), first=_brings_on(action, breach)))
    return sorted(found, key=lambda button: not button.first)


def _makes_sense(action: BreachAction, breach: Breach, pending: MeetingException | None) -> bool:
    match action:
        case BreachAction.APPROVE_NO_MEETING:
            return pending is not None and pending.kind != "danger"
        case BreachAction.APPROVE_DEFERRAL:
            return pending is not None and pending.kind == "danger"
        case BreachAction.ADVISE:
            return breach.advice.filter(given_at__isnull=True).exists()
        case BreachAction.ASK_ADVICE:
            return not breach.only_near_miss and not breach.advice.filter(given_at__isnull=True).exists()
        case BreachAction.ASK_EXCEPTION:
            meeting = breach.duties.filter(duty=Duty.SERVICE_USER_MEETING, status="open")
            return pending is None and meeting.exists()
        case BreachAction.SIGN_REPORT:
            return breach.duties.filter(duty=Duty.RECORDS_MANAGER_REPORT, status="open").exists()
        case BreachAction.LINK_LETTER:
            writing = breach.duties.filter(duty=Duty.SERVICE_USER_LETTER).first()
            return writing is not None and (still_to_do(breach, writing) or bool(people_left(breach)))
        case BreachAction.NAME_PEOPLE:
            return not breach.only_near_miss and family_not_named(breach).exists()
        case _:
            return True


def _brings_on(action: BreachAction, breach: Breach) -> bool:
    always = {
        BreachAction.APPROVE_NO_MEETING, BreachAction.APPROVE_DEFERRAL, BreachAction.ADVISE,
        BreachAction.SIGN_REPORT, BreachAction.REFER,
        BreachAction.AGREE_DECISION, BreachAction.CLOSE, BreachAction.CLOSE_NEAR_MISS,
    }  # fmt: skip
    if action in always:
        return True
    if action == BreachAction.ASSESS:
        return breach.state == "reported"
    if action == BreachAction.ASK_ADVICE:
        return not breach.advice.exists()
    if action == BreachAction.PROPOSE_DECISION:
        return standing_proposal(breach) is None
    return action == BreachAction.RECORD_CAUSE and not breach.cause


@dataclass(frozen=True)
class Clock:
    """How it stands with the 72 hours."""

    words: str
    overdue: bool


def clock_of(breach: Breach, duties: list[BreachDuty]) -> Clock | None:
    """The Commissioner's clock in words; None for a near miss."""
    row = next((one for one in duties if one.duty == Duty.COMMISSIONER), None)
    if row is None or row.due_at is None:
        return None
    if (last := promised_phase(breach)) is not None and last.promised_until <= timezone.now():
        return Clock(f"Phase {last.phase + 1}, promised to the {settings.COMMISSIONER_NAME}, is overdue.", True)
    if row.settled and (phases := Referral.objects.filter(breach=breach).count()):
        return Clock(f"Reported to the {settings.COMMISSIONER_NAME}, phase {phases}.", False)
    if referral_owed(breach) and row.settled:
        return Clock(f"Both decided to report it to the {settings.COMMISSIONER_NAME}. Report it now.", True)
    if not still_to_do(breach, row):
        return Clock(f"Both decided not to report it to the {settings.COMMISSIONER_NAME}.", False)
    left = row.due_at - timezone.now()
    if left <= dt.timedelta(0):
        return Clock(f"The time to report to the {settings.COMMISSIONER_NAME} is over. Report it now, with why.", True)
    hours = int(left.total_seconds() // 3600)
    span = f"{hours} hour{'' if hours == 1 else 's'}" if hours else "less than an hour"
    return Clock(f"To be reported to the {settings.COMMISSIONER_NAME} within {span}, or both decide not to.", False)


@dataclass(frozen=True)
class Promise:
    """The phase that was promised to the Commissioner, as the list of duties shows it."""

    words: str
    whom: str
    until: dt.date | None
    overdue: bool


def promise_of(breach: Breach) -> Promise | None:
    """What is owed of a promised phase; None where none is."""
    last = promised_phase(breach)
    if last is None:
        return None
    words = f"Send phase {last.phase + 1}, which was promised to the {settings.COMMISSIONER_NAME}, or withdraw it."
    return Promise(words, settings.COMMISSIONER_NAME, last.more_by, last.promised_until <= timezone.now())


@dataclass(frozen=True)
class Phase:
    """A notification: its words, and where its PDF is as it was made."""

    words: str
    href: str
    reason: str = ""


def to_send_of(breach: Breach) -> Phase | None:
    """The notification that was made and waits to be sent."""
    made = to_send(breach)
    if made is None:
        return None
    at = reverse("breach_reports:report", args=[breach.reference, "commissioner-to-send"])
    return Phase(f"Phase {made.phase}, made {moment(made.made_at)} by {made.made_by.name}", at)


def phases_of(breach: Breach) -> list[Phase]:
    """What was sent, phase by phase, each as it was sent. Two queries."""
    found = []
    for one in breach.referrals.select_related("withdrawn_by"):
        words = f"Reported to the {settings.COMMISSIONER_NAME}, phase {one.phase}, {moment(one.at)}, "
        words += f"reference {one.reference}."
        if one.late_reason:
            words += f" Late: {one.late_reason}"
        if one.more_to_come:
            words += f" More is to follow{f' by {in_words(one.more_by)}' if one.more_by else ''}."
        reason = ""
        if one.withdrawn_at and one.withdrawn_by:
            reason = f"Withdrawn {moment(one.withdrawn_at)} by {one.withdrawn_by.name}: {one.withdrawn_reason}"
        kept = one.notification_id is not None
        name = f"commissioner-{one.phase}"
        at = reverse("breach_reports:report", args=[breach.reference, name]) if kept else ""
        found.append(Phase(words, at, reason))
    return found


@dataclass(frozen=True)
class Held:
    """Who held a control of the linked letter or copy, and when."""

    control: Control
    words: str
    who: User
    at: dt.datetime


def controls_held(breach: Breach) -> list[Held]:
    """Which steps of the linked letter's or copy's own history should have held, and who held them; [] without one."""
    if breach.letter is not None:
        return _held_on_letter(breach.letter)
    return _held_on_copy(breach.copy) if breach.copy is not None else []


_ON_COPIES: dict[str, tuple[Control, str]] = {
    CopyAction.CONFIRM_RIGHT: (Control.CASE_RECORD, "The recipient's right confirmed"),
    CopyAction.RELEASE: (Control.CHANNEL, "Released, with the way it goes"),
    CopyAction.ENVELOPE: (Control.CONTENTS_CHECK, "Contents checked and initialled"),
    CopyAction.HAND_OVER: (Control.HAND_DELIVERY, "Handed over, the recipient identified"),
}


def _held_on_copy(copy: Copy) -> list[Held]:
    """The newest of each such step, from the ledger: the row of a copy that came back doesn't say any more."""
    steps = Entry.objects.filter(subject=copy.ledger_subject, action__in=_ON_COPIES).order_by("seq")
    last = {step.action: step for step in steps}
    people = User.objects.in_bulk({step.actor_id for step in last.values() if step.actor_id is not None})
    return [
        Held(control, words, people[step.actor_id], step.at)
        for action, (control, words) in _ON_COPIES.items()
        if (step := last.get(action)) is not None and step.actor_id in people
    ]


def _held_on_letter(letter: Letter) -> list[Held]:
    """As they stand. Three queries."""
    found = []
    check = Check.objects.filter(letter=letter, voided_at__isnull=True).select_related("by").first()
    if check is not None:
        found.append(Held(Control.ADDRESS_CHECK, "Address and body checked", check.by, check.at))
    signed = Signature.objects.filter(letter=letter, voided_at__isnull=True).select_related("by").first()
    if signed is not None:
        found.append(Held(Control.SIGNATURE, "Signed", signed.by, signed.at))
    envelope = Envelope.objects.filter(letter=letter, reopened_at__isnull=True).select_related("by").first()
    if envelope is not None:
        found.append(Held(Control.CONTENTS_CHECK, "Contents checked and initialled", envelope.by, envelope.at))
    return found


def involved_of(breach: Breach) -> list[Involved]:
    """Who is kept out."""
    return list(breach.involved.filter(cleared_at__isnull=True).select_related("user").order_by("pk"))


def evidence_words(row: BreachDuty) -> str:
    """What proves it, as the list says it."""
    if row.status == BreachDuty.Status.OPEN:
        return ""
    parts = []
    if row.row.evidence == Evidence.DECISION and row.answer is not None:
        parts.append("Yes." if row.answer else "No.")
    if row.reference:
        parts.append(f"Reference {row.reference}.")
    parts.append(row.note)
    return " ".join(part for part in parts if part)
