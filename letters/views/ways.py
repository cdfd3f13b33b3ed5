"""Which way a letter goes; carried by hand, collected at reception; the proof of registered post (CLS-6)."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from letters import actions
from letters.actions.ways import is_kept_by_office
from letters.forms.enveloping import ReasonForm
from letters.forms.ways import ChooseWayForm, DeliveredForm, HandingForm, NotDeliveredForm
from letters.models import Letter
from letters.policy import open_to_by_email
from letters.selectors import visible_to
from letters.states import Action
from letters.views.common import Outcome, run_step
from letters.views.desk import StepPage
from letters.ways import WAY_NAMES, Way
from postroom.context import authority_for
from postroom.forms import PlainForm

BEFORE_ENVELOPE = "The letter was put in its envelope on {day}; it can't have been before"
BEFORE_POSTING = "The letter was posted on {day}; it can't have been delivered before"


class ChooseWayPage(StepPage):
    """Another way, or the mark "sensitive" put on or taken off."""

    action = Action.CHOOSE_WAY
    template = "letters/desk/choose_way.html"

    def form(self, data: Any = None) -> ChooseWayForm:
        by_email = open_to_by_email(self.letter.office_id, [self.letter.addressee])
        initial = {"way": self.letter.way, "sensitive": self.letter.sensitive}
        return ChooseWayForm(data, initial=initial, by_email=by_email)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.choose_way, form=form, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return {"kept_by_office": is_kept_by_office(self.letter)}

    def words(self, letter: Letter) -> str:
        return f"It goes this way now: {WAY_NAMES[Way(letter.way)]}{', sensitive' if letter.sensitive else ''}."


class _HandingPage(StepPage):
    """Into the person's own hands."""

    template = "letters/desk/handing.html"
    place: ClassVar[str] = ""
    verb: ClassVar[Any]

    def form(self, data: Any = None) -> forms.Form:
        now = timezone.localtime()
        initial = {"on": now.date(), "clock": f"{now:%H:%M}"}
        return HandingForm(
            data,
            earliest=self.letter.enveloped_on,
            early_words=BEFORE_ENVELOPE,
            initial={**initial, "place": self.place},
        )

    def take(self, form: Any) -> Outcome:
        data = form.cleaned_data
        names = ("at", "place", "identity", "own_hands")
        verb = type(self).verb
        return run_step(self.request, self.letter, verb, form=form, **{name: data[name] for name in names})

    def context(self) -> dict[str, Any]:
        version = self.letter.current
        assert version is not None  # noqa: S101 - in its envelope, so typed
        return {"address": version.as_content["address_lines"], "reception": self.action == Action.GIVE_AT_RECEPTION}

    def words(self, letter: Letter) -> str:
        return "Recorded as handed over. Next: admin puts it on the case record."


def out_of_hand(page: StepPage, letter: Letter) -> tuple[str, ...]:
    """Where to go from a letter that left somebody's hand: its page, or My work where the case is another's by now."""
    visible = visible_to(page.user, authority=authority_for(page.request))
    found = visible.filter(pk=letter.pk).exists()
    return ("letters:letter", letter.reference) if found else ("letters:my_work",)


class TakeOutPage(StepPage):
    """A social worker takes it with them: one tap, here or on the letter's page, whose words say how it travels."""

    action = Action.TAKE_OUT
    template = "letters/desk/take_out.html"

    def form(self, data: Any = None) -> PlainForm:
        return PlainForm(data)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.take_out, form=form)

    def context(self) -> dict[str, Any]:
        version = self.letter.current
        assert version is not None  # noqa: S101 - in its envelope, so typed
        return {"address": version.as_content["address_lines"]}

    def words(self, letter: Letter) -> str:
        return "It is with you, and among the papers that are out. Record the delivery when you have made it."


class BringBackPage(StepPage):
    """It is back in the office."""

    action = Action.BRING_BACK
    template = "letters/desk/bring_back.html"

    def form(self, data: Any = None) -> PlainForm:
        return PlainForm(data)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.bring_back, form=form)

    def words(self, letter: Letter) -> str:
        return "Recorded: the letter is back in the office."

    def next(self, letter: Letter) -> tuple[str, ...]:
        return out_of_hand(self, letter)


class HandDeliverPage(_HandingPage):
    """A social worker delivered it."""

    action = Action.HAND_DELIVER
    verb = staticmethod(actions.hand_deliver)

    def next(self, letter: Letter) -> tuple[str, ...]:
        return out_of_hand(self, letter)


class ReceptionPage(_HandingPage):
    """It was collected at reception."""

    action = Action.GIVE_AT_RECEPTION
    verb = staticmethod(actions.give_at_reception)
    place = "Reception"


class NotDeliveredPage(StepPage):
    """It could not be put into the person's own hands."""

    action = Action.NOT_DELIVERED
    template = "letters/desk/not_delivered.html"

    def form(self, data: Any = None) -> NotDeliveredForm:
        now = timezone.localtime()
        return NotDeliveredForm(
            data,
            earliest=self.letter.enveloped_on,
            early_words=BEFORE_ENVELOPE,
            initial={"on": now.date(), "clock": f"{now:%H:%M}"},
        )

    def take(self, form: Any) -> Outcome:
        data = form.cleaned_data
        return run_step(
            self.request, self.letter, actions.not_delivered, form=form, at=data["at"], reason=data["reason"]
        )

    def words(self, letter: Letter) -> str:
        return (
            "Recorded. The letter is on hold; a team manager or deputy decides whether it is carried again. "
            "Say so when it is back in the office."
        )


class CarryAgainPage(StepPage):
    """A manager lets it be carried again."""

    action = Action.CARRY_AGAIN
    template = "letters/desk/carry_again.html"

    def form(self, data: Any = None) -> ReasonForm:
        return ReasonForm(data)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.carry_again, form=form, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return {"tries": self.letter.handings.select_related("by")}

    def words(self, letter: Letter) -> str:
        return "It may be carried again."


class DeliveredPage(StepPage):
    """What Royal Mail says of a registered letter's delivery."""

    action = Action.CONFIRM_DELIVERY
    template = "letters/desk/delivered.html"

    def form(self, data: Any = None) -> DeliveredForm:
        return DeliveredForm(data, earliest=self.letter.posted_on, early_words=BEFORE_POSTING)

    def take(self, form: Any) -> Outcome:
        data = form.cleaned_data
        return run_step(
            self.request,
            self.letter,
            actions.confirm_delivery,
            form=form,
            delivered_at=data["at"],
            printed_name=data["printed_name"],
        )

    def words(self, letter: Letter) -> str:
        return "The proof of delivery is on record."
