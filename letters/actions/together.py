"""Checking letters that say the same to several people: the text once, each address singly (OGP-3a, decision 0165)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from letters.actions.checking import judge_words, keep_check, mark_checked, return_for_retyping
from letters.actions.common import hold_case, step
from letters.actions.tray import Result
from letters.models import Letter, LetterVersion, SharedText, TextCheck
from letters.named import say_names
from letters.permissions import CONDITION_WORDS, Condition
from letters.policy import check_action
from letters.shared import same_words, text_check_of
from letters.states import Action, State
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep, NotAllowed, NotPossible, Stale, StepError
from postroom.steps.table import Grant

MAY_GO_BACK = (State.TYPED, State.WORKER_CHECKED, State.SIGNED)


@dataclass(frozen=True)
class Addressed:
    """A letter as the person saw it, whose address they confirmed; `found_belongs` as for `check`."""

    letter: Letter
    seen: Seen
    found_belongs: bool = False


def check_text(*, letter: Letter, by: User, seen_text: str, body_confirmed: bool) -> TextCheck:
    """Confirm once the words that this letter has in common with others of its set; the standing row if there is one.

    It checks no letter by itself. `seen_text`: the text's hash as it was on the page. Who may check the letter may do
    it, save whoever typed these words on any letter of the set. Raises InvalidStep, Stale, NotPossible, NotAllowed.
    """
    if not body_confirmed:
        raise InvalidStep("Confirm that the text is correct, or send the letters back.", "body_confirmed")
    with transaction.atomic():
        hold_case(letter.case_id)
        fresh, grant = _as_seen(letter, by, seen_text, Action.CHECK)
        standing = text_check_of(fresh, by)
        if standing is not None:
            return standing
        shared = SharedText.objects.get(word=fresh.together)
        typed = LetterVersion.objects.filter(letter__case_id=fresh.case_id, letter__together=fresh.together)
        if typed.filter(text_hash=seen_text, typed_by=by).exists():
            raise NotAllowed(CONDITION_WORDS[Condition.NOT_TYPIST])
        return TextCheck.objects.create(
            shared=shared,
            version=fresh.typed_version,
            text_hash=seen_text,
            by=by,
            role=ROLE_NAMES[grant.role],
            at=timezone.now(),
        )


def check_address(
    *, letter: Letter, by: User, seen: Seen, address_confirmed: bool = True, found_belongs: bool = False
) -> Letter:
    """Check a letter whose words this person confirmed for its set: its address, greeting and who has a copy are
    confirmed for it alone, and its check rests on that of the text.

    Everything that `check` asks of person and letter is asked here too, what its words give away as well.
    """
    if not address_confirmed:
        raise InvalidStep("Confirm that the address is correct, or send the letter back.", "address_confirmed")
    rests_on: list[TextCheck] = []

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        text_check = text_check_of(locked, by)
        assert text_check is not None  # noqa: S101 - the person's condition has just been asked
        rests_on.append(text_check)
        found = judge_words(locked, by, found_belongs)
        mark_checked(locked, by, taken.at)
        details = {"address": True, "text_check": text_check.pk, "text": text_check.text_hash}
        return details | ({"found_belongs": len(found)} if found else {})

    def after(locked: Letter, taken: Taken) -> None:
        keep_check(locked, by, taken, text_check=rests_on[0])

    with transaction.atomic():
        if found_belongs:
            hold_case(letter.case_id)  # before the letter, as ever: what is said of its names locks the letter
            say_names(letter, by, seen)
        return step(letter, Action.CHECK_ADDRESS, by=by, seen=seen, change=change, after=after)


def check_addresses(*, chosen: Iterable[Addressed], by: User) -> list[Result]:
    """Each letter's check in a transaction of its own, with its own result: one that can't be stops no other."""
    results = []
    for one in chosen:
        try:
            letter = check_address(letter=one.letter, by=by, seen=one.seen, found_belongs=one.found_belongs)
            results.append(Result(letter, True))
        except StepError as error:
            results.append(Result(one.letter, False, str(error)))
    return results


def send_text_back(*, letter: Letter, by: User, seen_text: str, reason: str, proposed_body: str = "") -> list[Result]:
    """The text itself is wrong: nobody's confirmation of it stands any more, and each letter that says it goes back for
    retyping by a step of its own, with this reason; checks and signatures on it are void.

    Those in their envelopes stay: they are reopened singly. Raises what `return_for_retyping` raises of `letter`.
    """
    if not reason.strip():
        raise InvalidStep("Say what is wrong, so that admin can put it right.", "reason")
    with transaction.atomic():
        hold_case(letter.case_id)
        fresh, _ = _as_seen(letter, by, seen_text, Action.RETURN_FOR_RETYPING)
        rows = list(same_words(fresh).filter(state__in=MAY_GO_BACK).order_by("pk"))
        wrong = TextCheck.objects.filter(shared__word=fresh.together, text_hash=seen_text, voided_at__isnull=True)
        wrong.update(voided_at=timezone.now())
    results = []
    for row in rows:
        try:
            back = return_for_retyping(letter=row, by=by, seen=Seen.of(row), reason=reason, proposed_body=proposed_body)
            results.append(Result(back, True))
        except StepError as error:
            results.append(Result(row, False, str(error)))
    return results


def _as_seen(letter: Letter, by: User, seen_text: str, action: Action) -> tuple[Letter, Grant]:
    """The letter as it is now, still with the text that was on the page, and the right to do this to it."""
    fresh = Letter.objects.select_related("case", "address__person", "addressee", "current").get(pk=letter.pk)
    grant = check_action(fresh, by, action)
    if not same_words(fresh).exists():
        raise NotPossible("This letter's words are its own: check it on its own page.")
    if fresh.typed_version.text_hash != seen_text:
        raise Stale("The text has changed since you opened it. Nothing was done; look at it as it is now.", fresh)
    return fresh, grant
