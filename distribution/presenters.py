"""Words for pages: what happened to an item, what comes next and who can do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from distribution.facts import AFRESH, Facts
from distribution.models import Item
from distribution.policy import can, needs_approval
from distribution.states import ACTION_NAMES, Action, State
from letters.routes import CHANNEL_NAMES, Channel
from postroom.ledger.models import Entry
from postroom.people.authority import Authority
from postroom.people.models import User

_HAPPENED: dict[str, str] = {
    Action.ISSUE: "Issued",
    Action.REPLACE_VERSION: "Given a version of their own",
    Action.CHOOSE_ROUTE: "Way chosen",
    Action.CONFIRM_RIGHT: "Right confirmed",
    Action.ASK_APPROVAL: "Approval asked for",
    Action.APPROVE: "Approved",
    Action.DECLINE: "Not approved",
    Action.RELEASE: "Released",
    Action.TAKE_OUT: "Taken out to be handed over",
    Action.HAND_OVER: "Handed over",
    Action.NOT_POSSIBLE: "Could not be handed over",
    Action.BRING_BACK: "Brought back to the office",
    Action.ENVELOPE: "In its envelope, initialled",
    Action.POST: "Posted, registered",
    Action.PROVE_DELIVERY: "Delivered, says Royal Mail",
    Action.RETURN_UNDELIVERED: "Came back undelivered",
    Action.SEND: "To be sent by secure e-mail",
    Action.ATTEMPT: "E-mail begun",
    Action.MARK_SENT: "E-mail taken by the mail server",
    Action.MARK_NOT_SENT: "Not taken; it is tried again",
    Action.FAIL: "Refused by the mail server",
    Action.DECIDE_SENT: "Decided: it was sent",
    Action.DECIDE_NOT_SENT: "Decided: it was not sent",
    Action.GIVE_PASSWORD: "Password given",
    Action.TEXT_PASSWORD: "Password to be sent by text",
    Action.MARK_TEXTED: "Password sent by text",
    Action.MARK_NOT_TEXTED: "The text could not be sent",
    Action.BOUNCE: "E-mail came back",
    Action.HOLD: "Put on hold",
    Action.ASK_AGAIN: "To be confirmed again",
    Action.PREPARE_AGAIN: "To be made ready again",
    Action.SET_ASIDE: "Set aside",
    Action.UPLOAD: "On the case record",
}
_BACK = {
    Action.NOT_POSSIBLE, Action.RETURN_UNDELIVERED, Action.FAIL, Action.BOUNCE, Action.HOLD, Action.ASK_AGAIN,
    Action.PREPARE_AGAIN, Action.DECLINE, Action.SET_ASIDE, Action.MARK_NOT_TEXTED,
}  # fmt: skip


def events_of(entries: list[Entry], reasons: Mapping[int, str]) -> list[dict[str, Any]]:
    """Ledger entries, newest first, for the timeline component."""
    return [
        {
            "title": _HAPPENED.get(entry.action, entry.action),
            "when": entry.at,
            "by": f"{entry.actor_name} ({entry.actor_authority or entry.actor_role})",
            "text": reasons.get(entry.seq, ""),
            "back": entry.action in _BACK,
        }
        for entry in entries
    ]


@dataclass(frozen=True)
class Next:
    """One step that comes next: its words, who can take it, and the button if this person can."""

    words: str
    who: str
    href: str = ""
    label: str = ""
    why_not: str = ""


# Page of each step: name of the address, label of its button.
PAGES: dict[str, tuple[str, str]] = {
    Action.CHOOSE_ROUTE: ("ready", "Make it ready"),
    Action.APPROVE: ("approve", "Decide on it"),
    Action.RELEASE: ("release", "Release it"),
    Action.TAKE_OUT: ("take_out", "Take it out"),
    Action.HAND_OVER: ("hand_over", "Record the hand-over"),
    Action.NOT_POSSIBLE: ("not_possible", "It was not possible"),
    Action.BRING_BACK: ("bring_back", "It is back in the office"),
    Action.ENVELOPE: ("envelope", "Put it in its envelope"),
    Action.POST: ("post", "Record the posting"),
    Action.PROVE_DELIVERY: ("delivery", "Record the delivery"),
    Action.RETURN_UNDELIVERED: ("returned", "It came back"),
    Action.SEND: ("send", "Send it by secure e-mail"),
    Action.DECIDE_SENT: ("decide", "Say whether it arrived"),
    Action.GIVE_PASSWORD: ("password", "Give the password"),
    Action.PREPARE_AGAIN: ("again", "Make it ready again"),
    Action.SET_ASIDE: ("set_aside", "Set aside"),
    Action.UPLOAD: ("upload", "Record it on ICS"),
    Action.REPLACE_VERSION: ("version", "Give a redacted version"),
}
OTHERS = (
    Action.NOT_POSSIBLE, Action.BRING_BACK, Action.RETURN_UNDELIVERED, Action.PREPARE_AGAIN, Action.SET_ASIDE,
    Action.REPLACE_VERSION, Action.UPLOAD,
)  # fmt: skip


# What becomes of a paper that is out, whoever has it says.
_HOLDERS: dict[str, str] = {
    Action.HAND_OVER: "whoever took it out",
    Action.BRING_BACK: "whoever took it out, or a manager of the office",
}


def main_step(item: Item, facts: Facts = AFRESH) -> tuple[str, str] | None:
    """What comes next, as (action, words), and None where nothing does."""
    state = State(item.state)
    if state == State.PREPARED:
        if item.approval_asked_by_id and not item.approved_by_id:
            return Action.APPROVE, "a manager decides on the approval"
        if item.approved_by_id and item.right_by_id and not needs_approval(item, facts):
            return Action.RELEASE, "release it; it is approved"
        return Action.CHOOSE_ROUTE, "confirm their right and the way it goes"
    if state == State.RELEASED:
        if item.by_hand:
            out = item.carried_by_id is not None
            return (Action.HAND_OVER, "hand it over") if out else (Action.TAKE_OUT, "take it to them")
        if item.is_posted:
            sealed = item.initialled_by_id is not None
            return (Action.POST, "post it, registered") if sealed else (Action.ENVELOPE, "put it in its envelope")
        return None if item.sending else (Action.SEND, "send it by secure e-mail")
    if state == State.SENT:
        if item.is_posted:
            return Action.PROVE_DELIVERY, "follow it to the door"
        if not facts.person(item).is_active:
            return Action.SET_ASIDE, "they are off the case and get no password: set them aside"
        return Action.GIVE_PASSWORD, "give the password by another channel"
    return (
        {
            State.HELD: (Action.BRING_BACK if item.carried_by_id else Action.PREPARE_AGAIN, "find out what is right"),
            State.UNCERTAIN: (Action.DECIDE_SENT, "find out whether it arrived"),
            State.HANDED_OVER: (Action.UPLOAD, "record it on ICS"),
            State.DELIVERED: (Action.UPLOAD, "record it on ICS"),
        }.get(state)
        if state in (State.HELD, State.UNCERTAIN) or item.upload_owed
        else None
    )


def next_step(item: Item, user: User, authority: Authority, facts: Facts = AFRESH) -> Next | None:
    """The next step of this item, with a button for whoever may take it."""
    found = main_step(item, facts)
    if found is None:
        return None
    action, words = found
    who = item.rules.explain(item.rules.decide(action, (), ()))  # type: ignore[arg-type]
    who = _HOLDERS.get(action) or who.partition("It can be done by: ")[2].rstrip(".")
    name, label = PAGES[action]
    if can(item, user, action, authority=authority, facts=facts):
        return Next(words, who, reverse(f"distribution:{name}", args=[item.reference]), label)
    return Next(words, who)


def other_steps(item: Item, user: User, authority: Authority, facts: Facts = AFRESH) -> list[dict[str, Any]]:
    """The buttons beside the main one."""
    main = main_step(item, facts)
    return [
        {
            "href": reverse(f"distribution:{PAGES[action][0]}", args=[item.reference]),
            "label": PAGES[action][1],
            "warning": action == Action.SET_ASIDE,
        }
        for action in OTHERS
        if (main is None or action != main[0]) and can(item, user, action, authority=authority, facts=facts)
    ]


def way_words(item: Item) -> str:
    """How it goes, in words."""
    return CHANNEL_NAMES[Channel(item.channel)].capitalize() if item.channel else "Not chosen yet"


__all__ = ["ACTION_NAMES", "Next", "events_of", "main_step", "next_step", "other_steps", "way_words"]
