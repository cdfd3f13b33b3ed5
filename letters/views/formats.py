"""Recording what was made in the addressee's format, before the letter leaves (decision 0167)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from letters import actions
from letters.forms.formats import FormatForm
from letters.made import made_of
from letters.models import Letter
from letters.states import Action
from letters.views.common import Outcome, run_step
from letters.views.desk import StepPage


class FormatPage(StepPage):
    """Who made it, when, what it is; it is counted in at the envelope."""

    action = Action.RECORD_FORMAT
    template = "letters/desk/format.html"

    def form(self, data: Any = None) -> FormatForm:
        files = self.request.FILES if data is not None else None
        initial = {"made_on": timezone.localdate()}
        return FormatForm(data, files, letter_format=self.letter.letter_format, initial=initial)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.record_format, form=form, **form.step())

    def context(self) -> dict[str, Any]:
        return {"made": made_of(self.letter)}

    def words(self, letter: Letter) -> str:
        return "On record. It is counted in when the letter is put in its envelope."
