"""The letters that were handed over with one text, as somebody who types or checks them sees them on one page."""

from __future__ import annotations

from dataclasses import dataclass

from letters.differences import Difference, compare
from letters.models import Letter, LetterVersion, Proposal, WorkingText
from letters.policy import check_action
from letters.selectors import visible_to, whole_of
from letters.shared import same_words, why_not_given, why_not_taken, words_in
from letters.states import Action, State
from postroom.cases.models import MustNotKnow
from postroom.cases.selectors import apart_from
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
    shown, apart = _on_one_page(letter, user, authority)
    text = letter.current.text_hash if letter.current else ""
    return Together([_in_set(row, text, user, authority) for row in shown], apart)


def _on_one_page(letter: Letter, user: User, authority: Authority) -> tuple[list[Letter], int]:
    """The letters of the set that one page may show, this one first; and how many are left out. Five queries."""
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
    return shown, len(found) - len(shown)


def _in_set(letter: Letter, text: str, user: User, authority: Authority) -> InSet:
    if letter.state == State.DRAFTED:
        return InSet(letter, False, "Admin has still to type it.")
    if letter.state != State.TYPED:
        return InSet(letter, False)
    if not text or letter.typed_version.text_hash != text:
        return InSet(letter, False, "It says or encloses something else. Check it on its own page.")
    try:
        check_action(letter, user, Action.CHECK, authority=authority)
    except StepError as error:
        return InSet(letter, False, str(error))
    return InSet(letter, True)


@dataclass(frozen=True)
class ToGive:
    """A letter of the set beside the one whose words are given. `kept`: what somebody has begun to type of it.

    `offered`: it can be given them; `ticked`: no words of its own would go. `why`: how it stands, as a sentence.
    `differs`: from its own words to those that are given.
    """

    letter: Letter
    why: str
    offered: bool = False
    ticked: bool = False
    kept: WorkingText | None = None
    differs: tuple[Difference, ...] = ()

    @property
    def key(self) -> str:
        """The value of its tick: what was seen of it."""
        edition = self.kept.edition if self.kept else 0
        return f"{self.letter.reference}:{self.letter.version}:{self.letter.content_hash}:{edition}"


@dataclass(frozen=True)
class Giving:
    """What one page shows of a set whose words are typed; `apart` as for `Together`."""

    rows: list[ToGive]
    apart: int

    @property
    def offered(self) -> list[ToGive]:
        """Those that can be given the words."""
        return [row for row in self.rows if row.offered]

    @property
    def left(self) -> list[ToGive]:
        """Those that stay as they are."""
        return [row for row in self.rows if not row.offered]


def others_to_give(letter: Letter, user: User, authority: Authority) -> Giving:
    """The others handed over with this typed letter, and how each stands to its words. Eight queries, however many."""
    if why_not_given(letter):
        return Giving([], 0)
    shown, apart = _on_one_page(letter, user, authority)
    others = [row for row in shown if row.pk != letter.pk]
    kept = {row.letter_id: row for row in WorkingText.objects.filter(letter__in=others).select_related("saved_by")}
    sent_back: dict[int, list[Proposal]] = {}
    for proposal in Proposal.objects.filter(letter__in=[letter, *others]).select_related("by").order_by("pk"):
        sent_back.setdefault(proposal.letter_id, []).append(proposal)
    before = LetterVersion.objects.filter(letter=letter).exclude(pk=letter.typed_version.pk)
    earlier = [_text(words_in(version.as_content)) for version in before.only("content")]
    own = {(row.note, row.body) for row in sent_back.get(letter.pk, [])}
    new = words_in(letter.typed_version.as_content)
    rows = []
    for row in others:
        open_ones = [one for one in sent_back.get(row.pk, []) if one.taken_in_at is None]
        asked = [one for one in open_ones if (one.note, one.body) not in own]
        rows.append(_to_give(row, new, earlier, kept.get(row.pk), asked))
    return Giving(rows, apart)


def _to_give(
    letter: Letter, new: dict[str, str], earlier: list[dict[str, str]], kept: WorkingText | None, asked: list[Proposal]
) -> ToGive:
    says = words_in(letter.current.as_content) if letter.current else None
    begun = _begun(kept, says)
    if letter.state != State.DRAFTED and says == new and begun is None:
        return ToGive(letter, "It says this already.")
    document = "A finished document was put in for it. Type it on its own page."
    if why := why_not_taken(letter) or (document if kept and kept.fields.get("document") else ""):
        return ToGive(letter, why)
    if begun is not None and kept is not None and begun not in (_text(new), *earlier):
        differs = tuple(compare(begun, _text(new)))
        words = f"{kept.saved_by.name} has begun to type other words for it, which would go."
        return ToGive(letter, words, offered=True, kept=kept, differs=differs)
    if asked:
        words = f"{asked[-1].by.name} sent it back: “{asked[-1].note}” Is that met?"
        return ToGive(letter, words, offered=True, kept=kept, differs=tuple(compare(says or {}, new)))
    if says is None:
        return ToGive(letter, "It isn't typed yet.", offered=True, ticked=True, kept=kept)
    if _text(says) == _text(new):
        again = letter.state == State.DRAFTED
        words = "It was sent back with these words." if again else "It says this, with another date."
        return ToGive(letter, words, offered=True, ticked=again, kept=kept, differs=tuple(compare(says, new)))
    if _text(says) in earlier:
        return ToGive(letter, "It says what this letter said before.", offered=True, ticked=True, kept=kept)
    words = "It was typed with words of its own, which would go."
    return ToGive(letter, words, offered=True, kept=kept, differs=tuple(compare(says, new)))


def _text(words: dict[str, str]) -> dict[str, str]:
    """Without the date: the same text on another day is no text of its own."""
    return {name: text for name, text in words.items() if name != "letter_date"}


def _begun(kept: WorkingText | None, says: dict[str, str] | None) -> dict[str, str] | None:
    """The words that somebody has begun to type in place of what the letter says; None where there are none."""
    if kept is None or not str(kept.fields.get("body", "")).strip():
        return None
    text = {name: str(kept.fields.get(name, "")).strip() for name in ("subject", "body", "sign_off")}
    return None if says is not None and text == _text(says) else text


def typed_for_others(letter: Letter, user: User, authority: Authority) -> LetterVersion | None:
    """The newest version typed for another letter of its set, whose words this one can be given on its own page: there
    nothing says whose they are. Once this one is typed, only where no page shows the two together, and only words that
    it doesn't say. Three queries for a letter that was handed over with others, otherwise none."""
    if not letter.together or why_not_taken(letter):
        return None
    visible = visible_to(user, authority=authority).filter(case_id=letter.case_id, together=letter.together)
    others = visible.filter(office_id=letter.office_id).exclude(pk=letter.pk).exclude(current=None)
    if letter.current is not None:
        others = others.filter(addressee__in=apart_from(letter.addressee))
    says = words_in(letter.current.as_content) if letter.current else None
    rows = others.select_related("current").order_by("-current_id")
    given = (row.typed_version for row in rows if not why_not_given(row))
    return next((version for version in given if words_in(version.as_content) != says), None)


def how_many_together(letter: Letter) -> int:
    """How many letters were handed over with one text, this one among them; 1 for one alone. At most one query."""
    if not letter.together:
        return 1
    alike = Letter.objects.filter(case_id=letter.case_id, together=letter.together)
    return alike.exclude(state=State.WITHDRAWN).count()


def set_of(reference: str) -> list[str]:
    """The references of all that were handed over with the letter of that reference. One query."""
    of = Letter.objects.filter(reference=reference).exclude(together="")
    alike = Letter.objects.filter(case_id__in=of.values("case_id"), together__in=of.values("together"))
    return list(alike.values_list("reference", flat=True))


def waits_with_others(letter: Letter) -> bool:
    """Does another letter of its set say the same and wait for its check too? At most one query."""
    return same_words(letter).filter(state=State.TYPED).exclude(pk=letter.pk).exists()
