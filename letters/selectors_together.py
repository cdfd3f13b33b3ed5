"""The letters that were handed over with one text, as somebody who checks them sees them on one page."""

from __future__ import annotations

from dataclasses import dataclass

from letters.models import Letter
from letters.policy import check_action
from letters.selectors import visible_to, whole_of
from letters.shared import same_words
from letters.states import Action, State
from postroom.cases.models import MustNotKnow
from postroom.people.authority import Authority
from postroom.people.models import User
from postroom.steps.errors import StepError


@dataclass(frozen=True)
class InSet:
    """A letter of the set; `ready`: this person may check its address here now. `why`: why not, if that can be said."""

    letter: Letter
    ready: bool
    why: str = ""


@dataclass(frozen=True)
class Together:
    """What one page shows of a set. `apart`: how many are left out, as their addressees must not know of another's."""

    rows: list[InSet]
    apart: int

    @property
    def ready(self) -> list[Letter]:
        """Those whose address this person may check here now."""
        return [row.letter for row in self.rows if row.ready]


def together_with(letter: Letter, user: User, authority: Authority) -> Together:
    """The letters handed over with this one that `user` may read, itself first. No two whose addressees must not know
    of each other, as no list tells of both: each of them is checked on a page that shows the other nowhere."""
    if not letter.together:
        return Together([], 0)
    visible = visible_to(user, authority=authority).filter(case_id=letter.case_id, together=letter.together)
    found = whole_of(visible.exclude(state=State.WITHDRAWN).values_list("pk", flat=True))
    found.sort(key=lambda row: (row.pk != letter.pk, row.pk))
    pairs = MustNotKnow.objects.filter(case_id=letter.case_id, lifted_at__isnull=True).values_list("a_id", "b_id")
    hidden_from: dict[int, set[int]] = {}
    for a, b in pairs:
        hidden_from.setdefault(a, set()).add(b)
        hidden_from.setdefault(b, set()).add(a)
    shown: list[Letter] = []
    for row in found:
        if not hidden_from.get(row.addressee_id, set()) & {one.addressee_id for one in shown}:
            shown.append(row)
    text = letter.current.text_hash if letter.current else ""
    return Together([_in_set(row, text, user, authority) for row in shown], len(found) - len(shown))


def _in_set(letter: Letter, text: str, user: User, authority: Authority) -> InSet:
    if letter.state == State.DRAFTED:
        return InSet(letter, False, "Admin has still to type it.")
    if letter.state != State.TYPED:
        return InSet(letter, False)
    if not text or letter.typed_version.text_hash != text:
        return InSet(letter, False, "It says something else. Check it on its own page.")
    try:
        check_action(letter, user, Action.CHECK, authority=authority)
    except StepError as error:
        return InSet(letter, False, str(error))
    return InSet(letter, True)


def set_of(reference: str) -> list[str]:
    """The references of all that were handed over with the letter of that reference. One query."""
    of = Letter.objects.filter(reference=reference).exclude(together="")
    alike = Letter.objects.filter(case_id__in=of.values("case_id"), together__in=of.values("together"))
    return list(alike.values_list("reference", flat=True))


def waits_with_others(letter: Letter) -> bool:
    """Does another letter of its set say the same and wait for its check too? At most one query."""
    return same_words(letter).filter(state=State.TYPED).exclude(pk=letter.pk).exists()
