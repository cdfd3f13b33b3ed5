"""The pages of the report to the Commissioner: made, sent, its promised phase withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from breaches import actions, forms, presenters
from breaches.actions.referring import is_late
from breaches.policy import promised_phase, to_send
from breaches.states import BreachAction
from breaches.views.common import Simple, Words


class NotifyPage(Simple):
    action = BreachAction.MAKE_NOTIFICATION
    verb = actions.make_notification

    def the_words(self) -> Words:
        return Words(
            f"Make the notification to the {settings.COMMISSIONER_NAME}",
            "Make it, to be sent",
            intro=(
                "It says what is on record now and what you enter here, and is kept as it is. It can be made in "
                "phases. Afterwards read the PDF, send it, and record when."
            ),
            done="Made. Read it, send it, and record when it was sent.",
        )

    def form(self, *data: Any) -> django_forms.Form:
        first = not self.breach.referrals.exists()
        before = to_send(self.breach)
        names = ("note", "late_reason", "more_by")
        initial = {name: getattr(before, name) for name in names} if before is not None else {}
        if before is not None:
            initial["more_to_come"] = before.more_by is not None
        return forms.NotificationForm(*data, initial=initial, late=first and is_late(self.breach, timezone.now()))

    def context(self) -> dict[str, Any]:
        draft = reverse("breach_reports:report", args=[self.breach.reference, "commissioner"])
        return {"outside_href": settings.REFERRAL_POLICY_URL, "report_href": draft}

    def next(self) -> str:
        made = to_send(self.breach)
        return presenters.href("refer" if made is not None else "breach", self.breach)


class ReferPage(Simple):
    action = BreachAction.REFER
    verb = actions.refer
    form_class = forms.ReferForm

    def the_words(self) -> Words:
        return Words(
            f"Report to the {settings.COMMISSIONER_NAME}",
            "Record that it was sent",
            intro="Send the notification that was made, then record when. It is kept as it was sent.",
            done="Recorded.",
        )

    def context(self) -> dict[str, Any]:
        return {
            "outside_href": settings.REFERRAL_POLICY_URL,
            "notification": presenters.to_send_of(self.breach),
            "notify_href": presenters.href("notify", self.breach),
        }


class WithdrawPhasePage(Simple):
    action = BreachAction.WITHDRAW_PHASE
    verb = actions.withdraw_phase
    form_class = forms.ReasonForm
    words = Words("No further phase is sent", "Withdraw it", done="Withdrawn, with its reason.")

    def the_words(self) -> Words:
        promised = promised_phase(self.breach)
        number = promised.phase + 1 if promised is not None else ""
        return Words(
            "No further phase is sent",
            "Withdraw it",
            intro=f"Phase {number} was promised to the {settings.COMMISSIONER_NAME}. Say why it isn't sent after all.",
            done="Withdrawn, with its reason.",
        )
