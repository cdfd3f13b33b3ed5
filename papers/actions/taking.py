"""Papers leave: for an agreed task at once (CLS-2), else when the line manager has agreed (CLS-3, CLS-4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from papers.actions.common import step, tell
from papers.models import Device, PapersKind, PapersOut
from papers.policy import DELIVERY_POLICY, POLICY
from papers.selectors import manager_ids_of
from papers.states import PapersAction, PapersState, Purpose
from postroom.cases.models import Case
from postroom.cases.states import CaseState
from postroom.people.models import Office, User
from postroom.steps.engine import Seen, Taken, create, moment
from postroom.steps.errors import InvalidStep

USB_REFUSED = (
    "Confidential data never goes on a USB stick. Leave it in the office: use the laptop's secure connection, "
    "or send the document by secure e-mail."
)


@dataclass(frozen=True, kw_only=True)
class Security:
    """How the papers travel, as the person says when they leave with them (CLS-4)."""

    in_lockable_bag: bool
    device: str = Device.NONE
    laptop_has_password: bool = False


@dataclass(frozen=True, kw_only=True)
class WhatLeaves:
    """Which papers, for what, where to, and by when they are back or destroyed (the end of `due_on`, a local day)."""

    kind: str
    what: str
    purpose: str
    due_on: dt.date
    pages: int | None = None
    purpose_words: str = ""
    destination: str = ""


def take_out(
    *, case: Case | None, office: Office, leaves: WhatLeaves, security: Security, by: User, entered_by: str = ""
) -> PapersOut:
    """Papers leave now for an agreed task; nobody has to agree. Raises NotAllowed, GuardFailed, InvalidStep.

    `entered_by` names the hand delivery that enters them by itself ("" for a person's own entry).
    """
    papers = entry_of(case=case, office=office, leaves=leaves, security=security, by=by, entered_by=entered_by)
    policy = DELIVERY_POLICY if entered_by else POLICY
    return create(papers, action=PapersAction.TAKE, by=by, policy=policy, details=details_of(papers))


def entry_of(
    *, case: Case | None, office: Office, leaves: WhatLeaves, security: Security, by: User, entered_by: str
) -> PapersOut:
    """The entry that `take_out` saves, as yet unsaved. Raises InvalidStep."""
    papers = _entry(case, office, leaves, by, state=PapersState.OUT, entered_by=entered_by, taken_at=moment())
    _secure(papers, security)
    return papers


def ask(*, case: Case | None, office: Office, leaves: WhatLeaves, by: User, manager_away: bool = False) -> PapersOut:
    """Ask the line manager for papers for another purpose; they stay in the office until then.

    `manager_away`: the asker knows that the line manager can't answer today; the next manager and the office's
    managers are asked with them, and the record says so. Raises NotAllowed, GuardFailed, InvalidStep.
    """
    if leaves.purpose == Purpose.OTHER and not leaves.purpose_words.strip():
        raise InvalidStep("Say what the papers are needed for.", "purpose_words")
    papers = _entry(
        case, office, leaves, by, state=PapersState.ASKED, asked_of=by.line_manager, manager_away=manager_away
    )

    def after(made: PapersOut, taken: Taken) -> None:
        tell(made, "papers_asked", manager_ids_of(made), occasion="asked")

    return create(papers, action=PapersAction.ASK, by=by, policy=POLICY, details=details_of(papers), after=after)


def leave(*, papers: PapersOut, by: User, seen: Seen, security: Security) -> PapersOut:
    """Take what was agreed: how it travels is asked now (CLS-4)."""

    def change(locked: PapersOut, taken: Taken) -> Mapping[str, Any]:
        if locked.due_on < timezone.localdate():
            raise InvalidStep("The agreed day is over. Ask again with another day.")
        locked.taken_at = taken.at
        return {"device": str(locked.device), "lockable_bag": locked.in_lockable_bag}

    return _secured_step(papers, by, seen, security, change)


def not_take(*, papers: PapersOut, by: User, seen: Seen) -> PapersOut:
    """The papers stay in the office after all."""
    return step(papers, PapersAction.NOT_TAKE, by=by, seen=seen)


def _secured_step(papers: PapersOut, by: User, seen: Seen, security: Security, change: Any) -> PapersOut:
    """The engine asks its guards before `change`; so what the person says of bag and laptop is held here first."""
    _check_security(security)
    if not security.in_lockable_bag:
        raise InvalidStep(papers.rules.words["secured"], "in_lockable_bag")
    if security.device == Device.LAPTOP and not security.laptop_has_password:
        raise InvalidStep(papers.rules.words["secured"], "laptop_has_password")

    def secured(locked: PapersOut, taken: Taken) -> Mapping[str, Any]:
        _secure(locked, security)
        found: Mapping[str, Any] = change(locked, taken)
        return found

    return step(papers, PapersAction.LEAVE, by=by, seen=seen, change=secured)


def _entry(case: Case | None, office: Office, leaves: WhatLeaves, by: User, **more: Any) -> PapersOut:
    if case is None and leaves.kind != PapersKind.NOTEBOOK:
        raise InvalidStep("Say which case the papers belong to. Only a notebook can belong to several.", "kind")
    if case is not None and case.state != CaseState.OPEN and not more.get("entered_by"):
        raise InvalidStep("This case is closed. Ask a manager to open it again first.")
    if not leaves.what.strip():
        raise InvalidStep("Say which papers leave.", "what")
    if leaves.pages is not None and not 1 <= leaves.pages <= 9999:
        raise InvalidStep("Pages must be a number from 1 to 9,999.", "pages")
    today = timezone.localdate()
    if leaves.due_on < today:
        raise InvalidStep("The day they are due must be today or later.", "due_on")
    if leaves.due_on > today + dt.timedelta(days=settings.PAPERS_LONGEST_DAYS):
        raise InvalidStep(
            f"Papers stay out at most {settings.PAPERS_LONGEST_DAYS} days. Choose an earlier day.", "due_on"
        )
    return PapersOut(
        case=case,
        office=case.office if case else office,
        holder=by,
        kind=leaves.kind,
        what=" ".join(leaves.what.split()),
        pages=leaves.pages,
        purpose=leaves.purpose,
        purpose_words=" ".join(leaves.purpose_words.split()),
        destination=" ".join(leaves.destination.split()),
        due_on=leaves.due_on,
        **more,
    )


def _check_security(security: Security) -> None:
    if security.device == "usb":
        raise InvalidStep(USB_REFUSED, "device")
    if security.device not in Device.values:
        raise InvalidStep("Choose what goes with the papers.", "device")


def _secure(papers: PapersOut, security: Security) -> None:
    _check_security(security)
    papers.in_lockable_bag = security.in_lockable_bag
    papers.device = security.device
    papers.laptop_has_password = security.laptop_has_password and security.device == Device.LAPTOP


def details_of(papers: PapersOut) -> dict[str, Any]:
    """For the ledger: nothing that was typed, nobody's name."""
    return {
        "kind": str(papers.kind),
        "purpose": str(papers.purpose),
        "pages": papers.pages,
        "due_on": papers.due_on.isoformat(),
        "device": str(papers.device),
        "lockable_bag": papers.in_lockable_bag,
        "laptop_has_password": papers.laptop_has_password,
        "manager_away": papers.manager_away,
        "entered_by": papers.entered_by,
    }
