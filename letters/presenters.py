"""How a letter reads on a page: its steps in words, its way, who can do what comes next. No queries here."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from letters.states import Action, State
from letters.ways import WAY_NAMES, Way
from postroom.forms import in_words
from postroom.ledger.models import Entry, Reading
from postroom.people.roles import Role
from postroom.steps.table import join_words

# What somebody did, as the history says it.
DONE_WORDS: dict[str, str] = {
    Action.HAND_OVER: "Handed over to admin for typing",
    Action.TYPE: "Typed",
    Action.PRINT: "Printed",
    Action.CONFIRM_PRINT: "Print came out whole",
    Action.VOID_PRINT: "Print did not come out: its sheets are void",
    Action.RETURN_TO_WORKER: "Print handed back to the worker",
    Action.CHECK: "Address and body checked",
    Action.CHECK_ADDRESS: "Address checked, with the text that was checked for several letters",
    Action.NAME_OTHERS: "Said that it may name somebody else who gets one",
    Action.RECORD_FORMAT: "Made in the addressee's format",
    Action.SIGN: "Signed",
    Action.PP: "Signed for the worker (pp)",
    Action.CONFIRM_SIGNATURE: "Signature on paper confirmed",
    Action.ENVELOPE: "Put in its envelope and initialled",
    Action.CHOOSE_WAY: "Another way chosen",
    Action.POST: "Posted",
    Action.CONFIRM_DELIVERY: "Proof of delivery recorded",
    Action.TAKE_OUT: "Taken out to be delivered by hand",
    Action.HAND_DELIVER: "Handed over by hand",
    Action.GIVE_AT_RECEPTION: "Given out at reception",
    Action.NOT_DELIVERED: "Could not be delivered by hand",
    Action.BRING_BACK: "Brought back to the office",
    Action.CARRY_AGAIN: "May be carried again",
    Action.LOCK_IN: "Missed the collection, locked in overnight",
    Action.SEND_EMAIL: "Right confirmed, to be sent by secure e-mail",
    Action.ATTEMPT: "Began to send it by e-mail",
    Action.MARK_SENT: "Sent by secure e-mail",
    Action.MARK_NOT_SENT: "Not sent yet, to be tried again",
    Action.FAIL: "Could not be sent by e-mail",
    Action.DECIDE_SENT: "Decided: the e-mail was sent",
    Action.DECIDE_NOT_SENT: "Decided: the e-mail was not sent, to be sent again",
    Action.GIVE_PASSWORD: "Password read out by phone",
    Action.BOUNCE: "The e-mail came back undelivered",
    Action.UPLOAD: "Uploaded to ICS",
    Action.UPLOAD_CHILD: "Uploaded to one child's record in ICS",
    Action.RETURN_FOR_RETYPING: "Sent back for retyping",
    Action.EDIT_AFTER_CHECK: "Changed after the check",
    Action.REOPEN: "Envelope opened again",
    Action.WITHDRAW: "Withdrawn",
    Action.RETURN_UNDELIVERED: "Came back undelivered",
    Action.VOID_CHECK: "Check no longer stands",
    Action.MOVE_OFFICE: "Moved with its case to another office",
    Action.ASK: "Question to the worker",
    Action.ANSWER: "Question answered",
    Action.CHANGE_BRIEF: "Day, format or copies changed",
}
STEPS_BACK = frozenset(
    {
        Action.RETURN_FOR_RETYPING,
        Action.EDIT_AFTER_CHECK,
        Action.REOPEN,
        Action.WITHDRAW,
        Action.RETURN_UNDELIVERED,
        Action.NOT_DELIVERED,
        Action.FAIL,
        Action.BOUNCE,
        Action.VOID_CHECK,
    }
)


@dataclass(frozen=True)
class Event:
    """One entry of the ledger for `components/timeline.html`: title, when (aware), by, text (reason), back."""

    title: str
    when: Any
    by: str
    text: str
    back: bool
    seq: int


def event_of(entry: Entry, reason: str = "", names: Mapping[int, str] | None = None) -> Event:
    """One ledger entry in plain words: what, when, who in which role and on what authority, and the reason.

    `names`: of those who entered steps later (`selectors.enterers`), by their id.
    """
    details: Mapping[str, Any] = json.loads(entry.payload)
    title = DONE_WORDS.get(entry.action, entry.action.replace("_", " ").capitalize())
    return Event(
        title=f"{title}{_more(entry.action, details)}",
        when=entry.at,
        by=_who(entry),
        text=" ".join(filter(None, (_late(details, names or {}), reason))),
        back=entry.action in STEPS_BACK,
        seq=entry.seq,
    )


def events_of(
    entries: Iterable[Entry], reasons: Mapping[int, str], names: Mapping[int, str] | None = None
) -> list[Event]:
    """Entries in the order given; `reasons` by the entries' `seq` (those that retention deleted are not there)."""
    return [event_of(entry, _reason(entry, reasons), names) for entry in entries]


def entered_by(entry: Entry) -> int | None:
    """Id of who entered the step after it had happened on paper; None for one that was taken here."""
    found = json.loads(entry.payload).get("entered_by")
    return found if isinstance(found, int) else None


def _late(details: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """When a step that was entered later really happened, and who entered it."""
    if "entered_by" not in details:
        return ""
    local = timezone.localtime(dt.datetime.fromisoformat(details["happened_at"]))
    by = names.get(details["entered_by"], "somebody else")
    return f"Entered later by {by}. It happened on paper on {in_words(local.date())}, {local:%H:%M}."


def _reason(entry: Entry, reasons: Mapping[int, str]) -> str:
    if not entry.reason_hash:
        return ""
    return reasons.get(entry.seq, "The reason has been deleted, as the retention rules say.")


def _who(entry: Entry) -> str:
    if entry.actor_id is None:
        return "Postroom"
    # The authority names the role and where it was held; the role alone is for those held without more words.
    return f"{entry.actor_name} ({entry.actor_authority or entry.actor_role})"


def _more(action: str, details: Mapping[str, Any]) -> str:
    """What the details add to the words, where they add something to a reader."""
    if action in (Action.TYPE, Action.EDIT_AFTER_CHECK) and "version" in details:
        given = ", with the words typed for several" if "same_as" in details else ""
        return f", version {details['version']}{given}"
    if action in (Action.SIGN, Action.PP) and details.get("medium") in ("paper", "screen"):
        return f" on {details['medium']}"
    if action == Action.PRINT and details.get("signed"):
        return " with its signature"
    if action == Action.CONFIRM_SIGNATURE and details.get("scan"):
        return ", with its scan"
    if action == Action.ENVELOPE and details.get("sheets"):
        sheets = details["sheets"]
        how = ", scanned in" if details.get("scanned") else ""
        return f" ({details.get('initials', '')}), {sheets} {'sheet' if sheets == 1 else 'sheets'}{how}"
    if action == Action.CHOOSE_WAY and details.get("way") in list(Way):
        marked = " (sensitive)" if details.get("sensitive") else ""
        return f": {WAY_NAMES[Way(details['way'])].lower()}{marked}"
    if action == Action.RETURN_UNDELIVERED and "opened" in details:
        return ", opened" if details["opened"] else ", not opened"
    return ""


# Where a letter stands, as the line of steps on its page shows it.
WAY: tuple[tuple[State, str], ...] = (
    (State.DRAFTED, "Drafted"),
    (State.TYPED, "Typed"),
    (State.WORKER_CHECKED, "Checked"),
    (State.SIGNED, "Signed"),
    (State.ENVELOPED, "In its envelope"),
    (State.POSTED, "Posted"),
    (State.UPLOADED, "On the case record"),
)
# The same for one that goes into the person's own hands.
_BY_EMAIL = {
    State.ENVELOPED: (State.UNCERTAIN, "Being sent"),
    State.POSTED: (State.EMAILED, "Sent by e-mail"),
}
# And for one that goes by secure e-mail, in no envelope.
WAY_BY_EMAIL = tuple(_BY_EMAIL.get(stop, (stop, name)) for stop, name in WAY)
WAY_BY_HAND = tuple((State.HANDED_OVER, "Handed over") if stop == State.POSTED else (stop, name) for stop, name in WAY)


@dataclass(frozen=True)
class FirstPage:
    """What the first page says to somebody whose role has no letters of its own."""

    title: str
    text: str


FIRST_PAGES: dict[Role, FirstPage] = {
    Role.SAFEGUARDING: FirstPage(
        "Safeguarding", "You read the reports and minutes that your unit issued. Ordinary letters are the offices'."
    ),
    Role.DISTRICT_ADMIN_MANAGER: FirstPage(
        "District Admin Manager",
        "You make the spot checks. A letter opens to you when a spot check has drawn it, not before.",
    ),
    Role.INFORMATION_GOVERNANCE: FirstPage(
        "Information governance", "A letter opens to you when a breach case links it, not before."
    ),
    Role.ASSISTANT_DIRECTOR: FirstPage(
        "Assistant Director", "A letter opens to you when a breach case that you decide on links it."
    ),
    Role.CALDICOTT_GUARDIAN: FirstPage(
        "Caldicott Guardian", "A letter opens to you when a breach case that you decide on links it."
    ),
    Role.DIRECTOR: FirstPage("Director", "Reports of breaches come to you here. Letters are not open to you."),
    Role.BUSINESS_IMPROVEMENT_MANAGER: FirstPage(
        "Business Improvement Manager", "You are told here of each breach. Letters are not open to you."
    ),
    Role.RECORDS_MANAGER: FirstPage(
        "Information & Records Manager", "You are told here of each breach, and write the report on it."
    ),
    Role.DATA_PROTECTION_OFFICER: FirstPage(
        "Data Protection Officer", "Your advice on a breach is asked for and recorded here."
    ),
    Role.SYSTEM_ADMINISTRATOR: FirstPage(
        "System administrator", "You look after people and offices. Letters are not open to you, and need not be."
    ),
}


# What was opened, as the readings of the ledger name it.
READ_WORDS = {"page": "page", "pdf": "PDF", "picture": "page picture", "file": "file handed over", "export": "export"}


@dataclass(frozen=True)
class ReadBy:
    """Readings by one person close together, as one line: what was opened, how often, the newest time."""

    name: str
    what: str
    times: int
    at: dt.datetime


def read_by(readings: Iterable[Reading]) -> list[ReadBy]:
    """Readings, newest first, those of one person within an hour of each other in one line."""
    groups: list[list[Reading]] = []
    for row in readings:
        last = groups[-1][-1] if groups else None
        if last is not None and last.reader_id == row.reader_id and last.at - row.at < dt.timedelta(hours=1):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [
        ReadBy(
            name=group[0].reader_name,
            what=join_words(dict.fromkeys(READ_WORDS.get(row.what, row.what) for row in group)),
            times=len(group),
            at=group[0].at,
        )
        for group in groups
    ]


# The page that takes each step, by URL name; steps without one are Postroom's own.
PAGES: dict[Action, str] = {
    Action.TYPE: "letters:type",
    Action.EDIT_AFTER_CHECK: "letters:type",
    Action.PRINT: "letters:print",
    Action.RETURN_TO_WORKER: "letters:print",
    Action.CHECK: "letters:check",
    Action.CHECK_ADDRESS: "letters:check_together",
    Action.RECORD_FORMAT: "letters:record_format",
    Action.SIGN: "letters:sign",
    Action.PP: "letters:pp",
    Action.CONFIRM_SIGNATURE: "letters:confirm_signature",
    Action.ENVELOPE: "letters:envelope",
    Action.POST: "letters:post",
    Action.CHOOSE_WAY: "letters:choose_way",
    Action.CONFIRM_DELIVERY: "letters:confirm_delivery",
    Action.TAKE_OUT: "letters:take_out",
    Action.HAND_DELIVER: "letters:hand_deliver",
    Action.GIVE_AT_RECEPTION: "letters:give_at_reception",
    Action.NOT_DELIVERED: "letters:not_delivered",
    Action.BRING_BACK: "letters:bring_back",
    Action.CARRY_AGAIN: "letters:carry_again",
    Action.SEND_EMAIL: "letters:send_email",
    Action.DECIDE_SENT: "letters:decide_email",
    Action.DECIDE_NOT_SENT: "letters:decide_email",
    Action.GIVE_PASSWORD: "letters:password",
    Action.UPLOAD: "letters:upload",
    Action.UPLOAD_CHILD: "letters:upload",
    Action.RETURN_FOR_RETYPING: "letters:send_back",
    Action.REOPEN: "letters:reopen",
    Action.WITHDRAW: "letters:withdraw",
    Action.RETURN_UNDELIVERED: "letters:returned",
    Action.ASK: "letters:ask",
    Action.CHANGE_BRIEF: "letters:brief",
}
# The words on its button.
BUTTONS: dict[Action, str] = {
    Action.TYPE: "Type this letter",
    Action.EDIT_AFTER_CHECK: "Change it after the check",
    Action.PRINT: "Print",
    Action.CHECK: "Check address and body",
    Action.RECORD_FORMAT: "Record what was made in their format",
    Action.SIGN: "Sign",
    Action.PP: "Sign for the worker (pp)",
    Action.CONFIRM_SIGNATURE: "Confirm the signature on paper",
    Action.ENVELOPE: "Put it in its envelope",
    Action.POST: "Record the posting",
    Action.CHOOSE_WAY: "Choose another way",
    Action.CONFIRM_DELIVERY: "Record the proof of delivery",
    Action.TAKE_OUT: "I am taking it with me",
    Action.HAND_DELIVER: "Record the delivery by hand",
    Action.GIVE_AT_RECEPTION: "Give it out at reception",
    Action.NOT_DELIVERED: "It could not be delivered",
    Action.BRING_BACK: "It is back in the office",
    Action.CARRY_AGAIN: "Let it be carried again",
    Action.SEND_EMAIL: "Send it by secure e-mail",
    Action.DECIDE_SENT: "Decide whether it was sent",
    Action.GIVE_PASSWORD: "Read out the password",
    Action.UPLOAD: "Upload to ICS",
    Action.UPLOAD_CHILD: "Upload to ICS",
    Action.RETURN_FOR_RETYPING: "Send back for retyping",
    Action.REOPEN: "Open the envelope again",
    Action.WITHDRAW: "Withdraw",
    Action.RETURN_UNDELIVERED: "It came back undelivered",
    Action.ASK: "Ask the worker",
    Action.CHANGE_BRIEF: "Change day, format or copies",
}
ASIDE: tuple[Action, ...] = (
    Action.TYPE,
    Action.EDIT_AFTER_CHECK,
    Action.CHECK,
    Action.PRINT,
    Action.ASK,
    Action.RECORD_FORMAT,
    Action.CHANGE_BRIEF,
    Action.RETURN_FOR_RETYPING,
    Action.CHOOSE_WAY,
    Action.NOT_DELIVERED,
    Action.BRING_BACK,
    Action.CARRY_AGAIN,
    Action.GIVE_PASSWORD,
    Action.CONFIRM_DELIVERY,
    Action.REOPEN,
    Action.RETURN_UNDELIVERED,
    Action.WITHDRAW,
)
WARNING_ACTIONS = frozenset({Action.WITHDRAW})


def next_actions(
    state: State,
    *,
    on_paper: bool,
    printed: bool,
    sheets_in_hand: bool,
    upload_owed: bool,
    way: Way = Way.POST,
    is_out: bool = False,
    held: bool = False,
    proof_owed: bool = False,
    children_owed: int = 1,
    format_owed: bool = False,
    sending: bool = False,
    password_owed: bool = False,
) -> tuple[Action, ...]:
    """The steps that bring a letter on from where it stands, the first to be done first. None: its way has ended."""
    match state:
        case State.DRAFTED:
            return (Action.TYPE,)
        case State.TYPED:
            return (Action.CHECK,) if printed or not on_paper else (Action.PRINT, Action.CHECK)
        case State.WORKER_CHECKED:
            return (Action.SIGN, Action.PP) if printed or not on_paper else (Action.PRINT, Action.SIGN, Action.PP)
        case State.SIGNED if way == Way.SECURE_EMAIL:
            return () if sending else (Action.SEND_EMAIL,)
        case State.UNCERTAIN:
            return (Action.DECIDE_SENT,)
        case State.SIGNED:
            if sheets_in_hand:
                return (Action.RECORD_FORMAT,) if format_owed else (Action.ENVELOPE,)
            return (Action.CONFIRM_SIGNATURE,) if on_paper else (Action.PRINT,)
        case State.ENVELOPED:
            if way == Way.BY_HAND and is_out and held:
                return (Action.BRING_BACK,)
            if way == Way.BY_HAND and not is_out:
                return (Action.TAKE_OUT,)
            return (_OUTWARD.get(way, Action.POST),)
    proof = (Action.CONFIRM_DELIVERY,) if proof_owed and state != State.RETURNED else ()
    upload = Action.UPLOAD if children_owed <= 1 else Action.UPLOAD_CHILD
    password = (Action.GIVE_PASSWORD,) if password_owed and state != State.RETURNED else ()
    return password + ((upload,) if upload_owed else ()) + proof


_OUTWARD = {Way.BY_HAND: Action.HAND_DELIVER, Way.COLLECTED: Action.GIVE_AT_RECEPTION}

# Steps that the letter's own page takes with one tap, and the words that the button stands for.
AT_ONCE: dict[Action, str] = {
    Action.TAKE_OUT: (
        "It goes in a lockable bag, and is among the papers that are out of the office until you hand it over or bring "
        "it back."
    )
}

# What the next step is, as the box on the letter's page says it.
NEXT_WORDS: dict[Action, str] = {
    Action.TYPE: "type the letter",
    Action.EDIT_AFTER_CHECK: "type it again",
    Action.CHANGE_BRIEF: "take a name out of Copy to",
    Action.RETURN_FOR_RETYPING: "send it back, so that a name can be taken out of Copy to",
    Action.CHOOSE_WAY: "see to its address on the case, or choose another way",
    Action.REOPEN: "open its envelope again",
    Action.PRINT: "print it",
    Action.CHECK: "check the address and the body",
    Action.RECORD_FORMAT: "have it made in the format that its addressee can read, and record what was made",
    Action.SIGN: "sign it",
    Action.PP: "sign it for the worker (pp)",
    Action.CONFIRM_SIGNATURE: "confirm that the paper bears the signature",
    Action.ENVELOPE: "put it in its window envelope",
    Action.POST: "post it",
    Action.TAKE_OUT: "take it with you to deliver it",
    Action.HAND_DELIVER: "hand it over",
    Action.BRING_BACK: "bring it back to the office",
    Action.GIVE_AT_RECEPTION: "give it out at reception",
    Action.SEND_EMAIL: "send it by secure e-mail",
    Action.DECIDE_SENT: "find out whether the e-mail left, and decide",
    Action.GIVE_PASSWORD: "read the password out by phone",
    Action.CONFIRM_DELIVERY: "record when Royal Mail delivered it",
    Action.UPLOAD: "upload it to ICS",
    Action.UPLOAD_CHILD: "upload it to each child's record in ICS",
}


@dataclass(frozen=True)
class WayStep:
    """A step of the line on the letter's page, for `components/way.html`."""

    label: str
    done: bool
    current: bool
    note: str = ""


def way_of(
    state: State, *, furthest: State | None = None, in_person: bool = False, by_email: bool = False
) -> list[WayStep]:
    """The line of steps. A withdrawn letter shows how far it came (`furthest`), a returned one that it was posted."""
    stops = WAY_BY_EMAIL if by_email else WAY_BY_HAND if in_person else WAY
    order = [stop for stop, _ in stops]
    if state == State.WITHDRAWN:
        reached = order.index(furthest) if furthest in order else 0
        steps = [WayStep(label, place <= reached, False) for place, (_, label) in enumerate(stops)]
        return [*steps[: reached + 1], WayStep("Withdrawn", False, True)]
    if state == State.RETURNED:
        posted = len(order) - 2
        return [
            *(WayStep(label, True, False) for _, label in stops[: posted + 1]),
            WayStep("Returned undelivered", False, True),
        ]
    here = order.index(state)
    last = len(order) - 1
    return [
        WayStep(label, place < here or place == here == last, place == here) for place, (_, label) in enumerate(stops)
    ]
