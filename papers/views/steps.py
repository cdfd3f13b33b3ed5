"""Each step of an entry, on a page of its own: answered, taken, back, destroyed, lost, found, another day, recorded.

All have one shape (`StepPage`): what the page says, its form, and the verb that the form's entries go to.
"""

from __future__ import annotations

from typing import Any

from papers import actions, presenters
from papers.forms import (
    AnotherDayForm,
    AnswerForm,
    BackForm,
    DestroyedForm,
    FoundForm,
    LeaveForm,
    LostForm,
    RecordForm,
)
from papers.states import PapersAction
from papers.views.common import StepPage
from postroom.forms import in_words
from postroom.people.forms import ConfirmForm
from postroom.steps.engine import Seen


class AnswerPage(StepPage):
    """The line manager agrees by one button, or refuses with a reason (CLS-3). Made for a phone."""

    title, button = "May these papers leave the office?", "Agree"
    template = "papers/answer.html"

    @property
    def action(self) -> PapersAction:  # type: ignore[override]
        """Which of the two buttons was pressed."""
        return PapersAction.REFUSE if self.form.is_bound and self.form.refuses else PapersAction.AGREE

    def make_form(self, data: Any) -> AnswerForm:
        return AnswerForm(data, seen=self.papers.version)

    def more(self) -> dict[str, Any]:
        return {"facts": presenters.facts_of(self.papers)}

    def intro(self) -> str:
        return ""

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        if self.form.refuses:
            actions.refuse(papers=self.papers, by=self.by, seen=seen, reason=data["reason"])
            return f"Refused. {self.papers.holder.name} is told."
        actions.agree(papers=self.papers, by=self.by, seen=seen)
        return f"Agreed. {self.papers.holder.name} is told, and may take them."


class LeavePage(StepPage):
    """What was agreed leaves now; how it travels is asked (CLS-4)."""

    action = PapersAction.LEAVE
    title, button = "Take the papers now", "They leave with me now"

    def make_form(self, data: Any) -> LeaveForm:
        return LeaveForm(data, seen=self.papers.version)

    def intro(self) -> str:
        return f"{self.papers.title}, due {in_words(self.papers.due_on)}."

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        actions.leave(papers=self.papers, by=self.by, seen=seen, security=self.form.security)
        return "Entered. They are out of the office in your hands now."


class NotTakenPage(StepPage):
    """They stay in the office after all."""

    action = PapersAction.NOT_TAKE
    title, button = "The papers are not taken after all", "They stay in the office"

    def make_form(self, data: Any) -> ConfirmForm:
        return ConfirmForm(data, seen=self.papers.version)

    def intro(self) -> str:
        return ""

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        actions.not_take(papers=self.papers, by=self.by, seen=seen)
        return "Entered. The papers stay in the office."


class BackPage(StepPage):
    """Back in the office, before a witness (CLS-3)."""

    action = PapersAction.GIVE_BACK
    title, button = "The papers are back", "They are back"

    def make_form(self, data: Any) -> BackForm:
        return BackForm(data, papers=self.papers, by=self.by)

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        actions.give_back(papers=self.papers, by=self.by, seen=seen, **data)
        return "Entered. They are back in the office."


class DestroyedPage(StepPage):
    """Destroyed: how, and who saw it (CLS-3)."""

    action = PapersAction.DESTROY
    title, button = "The papers are destroyed", "They are destroyed"

    def make_form(self, data: Any) -> DestroyedForm:
        return DestroyedForm(data, papers=self.papers, by=self.by)

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        actions.destroy(papers=self.papers, by=self.by, seen=seen, **data)
        return "Entered. They are destroyed."


class LostPage(StepPage):
    """Lost or stolen: one page, and the breach report is open (CLS-7)."""

    action = PapersAction.LOSE
    title, button, warning = "The papers are lost or stolen", "Report it now", True

    def make_form(self, data: Any) -> LostForm:
        return LostForm(data, papers=self.papers)

    def intro(self) -> str:
        return f"{super().intro()} This opens a breach report, filled in with what is known here."

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        said = {"gone": data["gone"], "gone_since": self.form.gone_since, "reason": data["reason"]}
        lost = actions.lose(papers=self.papers, by=self.by, seen=seen, **said)
        return f"Breach report {lost.breach_reference} is open. It says what to do now: the police come first."


class FoundPage(StepPage):
    """Lost papers are found and back. The breach report goes on."""

    action = PapersAction.FIND
    title, button = "The papers are found and back", "They are back"

    def make_form(self, data: Any) -> FoundForm:
        return FoundForm(data, papers=self.papers, by=self.by)

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        actions.find(papers=self.papers, by=self.by, seen=seen, **data)
        return "Entered. They are back; say so on the breach report too."


class AnotherDayPage(StepPage):
    """They are due on another day."""

    action = PapersAction.EXTEND
    title, button = "Another day for the papers", "Change the day"

    def make_form(self, data: Any) -> AnotherDayForm:
        return AnotherDayForm(data, seen=self.papers.version, initial={"due_on": self.papers.due_on})

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        changed = actions.extend(papers=self.papers, by=self.by, seen=seen, **data)
        return f"Entered. They are due on {in_words(changed.due_on)}."


class RecordPage(StepPage):
    """The reference that the case record gave the running record (CLS-3)."""

    action = PapersAction.KEEP_RECORD
    button = "Keep the reference"

    @property
    def title(self) -> str:  # type: ignore[override]
        """By the name that the council gives its running records."""
        return f"It is on {presenters.record_name()} running records"

    def make_form(self, data: Any) -> RecordForm:
        initial = {"record_reference": self.papers.record_reference}
        return RecordForm(data, seen=self.papers.version, initial=initial)

    def intro(self) -> str:
        return ""

    def take(self, data: dict[str, Any], seen: Seen) -> str:
        actions.keep_record(papers=self.papers, by=self.by, seen=seen, **data)
        return "Kept. The entry points to its running record."
