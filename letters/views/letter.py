"""A letter's page: where it stands, what comes next and who can do it, what it says, what was done to it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from letters import anew, presenters, selectors
from letters.abroad import goes_abroad
from letters.actions.ways import way_words
from letters.confidential import Sight
from letters.content import pdf_of
from letters.deadlines import warning, warning_in_person
from letters.made import made_of
from letters.models import IcsWay, Letter, LetterVersion, PostClass, SignatureMedium
from letters.page_links import links_for
from letters.permissions import RULES
from letters.policy import can, check_action, format_owed, password_is_owed
from letters.presenters import ASIDE, BUTTONS, NEXT_WORDS, PAGES, WARNING_ACTIONS
from letters.selectors import Record
from letters.selectors_desk import questions_of, sources_of, unscanned_in
from letters.shared import why_not_given
from letters.states import Action, Guard, State
from letters.views.common import letter_or_404, person, sight_of
from letters.ways import IN_PERSON, Way
from postroom.cases.selectors import opens_to
from postroom.context import authority_for
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.errors import GuardFailed, InvalidStep, NotAllowed, StepError
from postroom.steps.table import join_words

NAMES_SHOWN = 4
EVENTS_ON_PAGE = 12
WITH_ITS_CARRIER = (Action.HAND_DELIVER, Action.NOT_DELIVERED, Action.BRING_BACK)
BEFORE_POSTING = (State.DRAFTED, State.TYPED, State.WORKER_CHECKED, State.SIGNED, State.ENVELOPED)


@dataclass(frozen=True)
class Button:
    """A step that this person can take now."""

    label: str
    href: str
    warning: bool = False
    # One tap: the button takes the step from here, and these are the words it stands for.
    at_once: str = ""


@dataclass(frozen=True)
class NextStep:
    """A step that brings the letter on: its words, who can take it, and this person's button or why not."""

    words: str
    who: str
    button: Button | None
    why_not: str
    join: str = ""


@dataclass(frozen=True)
class Shown:
    """A version as a page shows it: its content as plain data, the numbers of its page pictures."""

    version: LetterVersion
    content: dict[str, Any]
    pages: range
    fault: str = ""
    # Uploaded files among its pages that no virus scanner has looked at.
    unscanned: int = 0


def shown(request: HttpRequest, found: Letter) -> Shown | None:
    """The letter's version ready to show; rendered now if it never was (demo data, import). A fault is told.

    To somebody who isn't shown its confidential address: the words alone, no pictures.
    """
    version = found.current
    if version is None:
        return None
    sight = sight_of(request, found)
    if not sight.sees(version.address):
        return Shown(version, sight.content(version), range(0))
    fault = ""
    if not version.pdf_id:
        try:
            pdf_of(version)
        except InvalidStep as error:
            fault = str(error)
    content = version.as_content
    return Shown(version, content, range(1, version.sheets + 1), fault, unscanned_in(content))


@login_required
@require_safe
def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything about one letter. The number of queries depends on its state, not on its length of history."""
    found = letter_or_404(request, reference)
    record = selectors.record_of(found)
    entries, reasons = selectors.entries_of(found, most=EVENTS_ON_PAGE + 1)
    sight = sight_of(request, found)
    reasons = {seq: sight.words(reason) for seq, reason in reasons.items()}
    events = presenters.events_of(entries, reasons, selectors.enterers(entries))
    signature = record.standing_signature
    needs = anew.needed(found)
    wanted = anew.mends(found, needs) or next_actions_of(found, record)
    others = _others(request, found, wanted)
    questions = list(questions_of(found))
    for row in record.handings:
        row.place = sight.place(row.place)
    sight.hide(record.proposals, "note")
    sight.hide(questions, "text", "answer")
    found.due_why = sight.words(found.due_why)
    return render(
        request,
        "letters/work/letter.html",
        {
            "letter": found,
            "way": presenters.way_of(
                State(found.state),
                furthest=_furthest(found, entries),
                in_person=found.way in IN_PERSON,
                by_email=found.way == Way.SECURE_EMAIL,
            ),
            "goes": way_words(found),
            "shown": shown(request, found),
            "to_lines": sight.lines(found.address),
            "hides_address": not sight.sees(found.address),
            "next_steps": _next_steps(request, found, record, wanted),
            "why_anew": anew.WHY.get(needs, ""),
            "names_changed": _names_changed(found, sight) if needs else [],
            "under_way": under_way(record),
            "may_upload": under_way(record)
            and can(found, person(request), upload_of(record), authority=authority_for(request)),
            "others": others,
            "record": record,
            "signature": signature,
            "has_signed_file": signature is not None
            and (signature.medium == SignatureMedium.SCREEN or bool(signature.scan_id)),
            "came_from": list(found.current.texts.select_related("text").order_by("pk")) if found.current else [],
            "events": events[:EVENTS_ON_PAGE],
            "more_events": len(events) > EVENTS_ON_PAGE,
            "sources": sources_of(found) if sight.sees(found.address) else [],
            "draft": sight.words(found.draft_text),
            "instructions": sight.words(found.instructions),
            "questions": questions,
            "can_answer": can(found, person(request), Action.ANSWER, authority=authority_for(request)),
            "due_warning": due_warning(found),
            "made": made_of(found),
            "opens_case": opens_to(found.case, person(request), authority_for(request)),
            "links": links_for(person(request), authority_for(request), found),
        },
    )


def _names_changed(found: Letter, sight: Sight) -> list[anew.Changed]:
    made_for = found.current.address if found.current else found.address
    return anew.names_changed(found, address_shown=sight.sees(made_for) and sight.sees(found.address))


def due_warning(found: Letter, post_class: str = "") -> str:
    """Why the day the worker gave can't be met, or only by first class; "" when there is none or it has gone.

    Reckoned with the office's own collection time, and the class that is chosen or that the office usually uses.
    """
    if found.state not in BEFORE_POSTING or found.due_on is None:
        return ""
    now, post = timezone.now(), getattr(found.office, "post", None)
    if found.way in IN_PERSON:
        return warning_in_person(found.due_on, now)
    if goes_abroad(found):
        post_class = post_class or PostClass.ABROAD_STANDARD.value
    elif found.way == Way.REGISTERED_POST:
        post_class = post_class or PostClass.SPECIAL_1PM.value
    elif not post_class and post is not None:
        post_class = post.usual_class
    return warning(found.due_kind, found.due_on, now, post.collection if post else None, post_class)


def on_paper(found: Letter) -> bool:
    """Is the letter signed on paper: as it was, or as its office chose."""
    medium = SignatureMedium.SCREEN if found.way == Way.SECURE_EMAIL else found.office.post.signature_medium
    return (found.signature_medium or medium) == SignatureMedium.PAPER


def next_actions_of(found: Letter, record: Record) -> tuple[Action, ...]:
    """The steps that bring this letter on: as far as nothing has to be put right first (letters.anew)."""
    return presenters.next_actions(
        State(found.state),
        on_paper=on_paper(found),
        printed=record.printed(found.current_id) is not None,
        sheets_in_hand=found.sheets_in_hand,
        upload_owed=found.upload_owed,
        way=Way(found.way),
        is_out=found.carried_by_id is not None,
        held=bool(record.holds),
        proof_owed=found.proof_owed,
        children_owed=len([row for row in record.uploads if row.done_at is None]),
        format_owed=found.state == State.SIGNED and format_owed(found),
        sending=found.sending,
        password_owed=found.emailed_on is not None and password_is_owed(found),
    )


def under_way(record: Record) -> bool:
    """Is Postroom itself just bringing it to ICS? Then it is nobody's work, as My work has it too."""
    owed = [row for row in record.uploads if row.done_at is None]
    return bool(owed) and all(row.way != IcsWay.MANUAL and not row.error for row in owed)


def upload_of(record: Record) -> Action:
    """How it is uploaded by hand: to each child's record singly where there are several."""
    return Action.UPLOAD_CHILD if sum(row.done_at is None for row in record.uploads) > 1 else Action.UPLOAD


def _next_steps(request: HttpRequest, found: Letter, record: Record, wanted: tuple[Action, ...]) -> list[NextStep]:
    if under_way(record):
        wanted = tuple(action for action in wanted if action not in (Action.UPLOAD, Action.UPLOAD_CHILD))
    roles = {row.role for row in RULES.permissions if row.action in wanted}
    holders = selectors.people_who_hold(found, roles - {Role.WORKER}) if wanted else []
    steps = [_next_step(request, found, action, holders) for action in wanted]
    # What this person can do stands first.
    steps.sort(key=lambda step: step.button is None)
    return steps


def _next_step(request: HttpRequest, found: Letter, action: Action, holders: list[tuple[Role, User]]) -> NextStep:
    button, why_not = None, ""
    try:
        _may_take(request, found, action)
        button = _button(found, action)
    except NotAllowed as error:
        # Said only where a role of theirs comes near; "your role does not include this" is noise beside the names.
        nearby = any(row.role in _own_roles(request, found) for row in RULES.permissions if row.action == action)
        why_not = str(error) if nearby else ""
    except StepError as error:
        why_not = str(error)
    join = "Or" if action == Action.PP else "Also"
    words = "type it again" if action == Action.TYPE and found.state == State.TYPED else NEXT_WORDS[action]
    return NextStep(words, who_can(found, action, holders), button, why_not, join)


def _may_take(request: HttpRequest, found: Letter, action: Action) -> None:
    """Raises StepError. An address that is retired or in doubt is no bar to typing: another is chosen there."""
    try:
        check_action(found, person(request), action, authority=authority_for(request))
    except GuardFailed as error:
        if action not in (Action.TYPE, Action.EDIT_AFTER_CHECK) or error.guard != Guard.ADDRESS_CURRENT:
            raise


def _own_roles(request: HttpRequest, found: Letter) -> frozenset[Role]:
    roles = authority_for(request).at_office(found.office_id) - {Role.WORKER}
    if person(request).pk in (found.case.allocated_worker_id, found.carried_by_id):
        roles |= {Role.WORKER}
    return roles


def who_can(found: Letter, action: Action, holders: list[tuple[Role, User]]) -> str:
    """Names and roles of those who can take the step, as one sentence part. "" if nobody holds a role for it."""
    roles = {row.role for row in RULES.permissions if row.action == action}
    parts = []
    if action in WITH_ITS_CARRIER and found.carried_by:
        parts.append(f"{found.carried_by.name} (who has it with them)")
    elif Role.WORKER in roles:
        worker = found.case.allocated_worker
        parts.append(f"{worker.name} (the case's worker)" if worker else "the case's worker, once it is allocated")
    named = (found.case.allocated_worker_id, found.carried_by_id)
    able = [pair for pair in holders if pair[0] in roles and pair[1].pk not in named]
    for role, group in itertools.groupby(able, key=lambda pair: pair[0]):
        parts.append(_names(ROLE_NAMES[role].lower(), [user.name for _, user in group]))
    return join_words(parts, "or") if parts else ""


def _names(role: str, names: list[str]) -> str:
    shown_names, rest = names[:NAMES_SHOWN], len(names) - NAMES_SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    return f"{', '.join(shown_names)}{more} ({role})"


def _others(request: HttpRequest, found: Letter, wanted: tuple[Action, ...]) -> list[Button]:
    """The other steps this person can take now, steps back among them."""
    buttons = []
    for action in ASIDE:
        if action in wanted or RULES.transition(action, str(found.state)) is None:
            continue
        try:
            _may_take(request, found, action)
        except StepError:
            continue
        buttons.append(_button(found, action))
    if found.together and not why_not_given(found) and Role.ADMIN in authority_for(request).at_office(found.office_id):
        buttons.append(Button("Give its words to the others", reverse("letters:give_words", args=[found.reference])))
    return buttons


def _button(found: Letter, action: Action) -> Button:
    label = BUTTONS[action]
    if action == Action.TYPE and found.current_id:
        label = "Type it again"
    if action == Action.CHECK and found.state == State.WORKER_CHECKED:
        label = "Check it again"
    href = reverse(PAGES[action], args=[found.reference])
    return Button(label, href, action in WARNING_ACTIONS, presenters.AT_ONCE.get(action, ""))


def _furthest(found: Letter, entries: list[Any]) -> State | None:
    """Where a withdrawn letter stood before."""
    if found.state != State.WITHDRAWN:
        return None
    return next((State(entry.from_state) for entry in entries if entry.action == Action.WITHDRAW), None)
