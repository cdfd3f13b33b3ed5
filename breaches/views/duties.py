"""The pages of one duty: done with its evidence, set aside, or signed off."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from breaches import actions, forms, presenters
from breaches.duties import Duty
from breaches.models import BreachDuty
from breaches.policy import BreachPolicy, can, to_send
from breaches.reports.content import of_records_manager, to_director
from breaches.reports.parts import moment
from breaches.reports.pdf import report_pdf
from breaches.sight import Sight
from breaches.states import BreachAction
from breaches.views.common import Simple, StepPage, Words
from letters.views.common import person
from postroom.context import authority_for
from postroom.files.keeping import keep
from postroom.files.store import store
from postroom.steps.engine import Seen


class _DutyPage(StepPage):
    row: BreachDuty

    def find(self, **arguments: Any) -> None:
        found = BreachDuty.objects.filter(breach=self.breach, duty=arguments["duty"]).first()
        if found is None:
            raise Http404
        self.row = found

    def policy(self) -> BreachPolicy:
        return BreachPolicy(duty=Duty(self.row.duty))


class DutyPage(_DutyPage):
    action = BreachAction.DO_DUTY

    def the_words(self) -> Words:
        return Words(self.row.row.words.rstrip("."), "Record as done", done="Recorded as done.")

    def form(self, *data: Any) -> django_forms.Form:
        return forms.DutyForm(*data, row=self.row.row)

    def context(self) -> dict[str, Any]:
        duty = Duty(self.row.duty)
        aside = "ask_exception" if duty == Duty.SERVICE_USER_MEETING else "set_aside"
        more = () if aside == "ask_exception" else (self.row.duty,)
        return {
            "aside_href": presenters.href(aside, self.breach, *more),
            "outside_href": settings.BREACH_FORM_URL if duty == Duty.FORM else "",
            "report_href": self._report_href(duty),
            **self._referring(duty),
            **self._signing(duty),
        }

    def _referring(self, duty: Duty) -> dict[str, Any]:
        """The report to the Commissioner has pages of its own: first made, then sent."""
        if duty != Duty.COMMISSIONER:
            return {}
        made = to_send(self.breach) is not None
        return {
            "refer_href": presenters.href("refer" if made else "notify", self.breach),
            "refer_words": "Record that the notification was sent" if made else "Make the notification",
        }

    def _report_href(self, duty: Duty) -> str:
        """Where the report that can be kept is read first, for those who see the whole."""
        if duty != Duty.DIRECTOR_REPORT or self.sight not in (Sight.FULL, Sight.DECIDER):
            return ""
        return reverse("breach_reports:report", args=[self.breach.reference, "director"])

    def _signing(self, duty: Duty) -> dict[str, Any]:
        """For the report that is signed off by their own hand: where, for whoever may; else who does it."""
        if duty != Duty.RECORDS_MANAGER_REPORT:
            return {}
        may = can(self.breach, person(self.request), BreachAction.SIGN_REPORT, authority=authority_for(self.request))
        return {"signing": True, "sign_href": presenters.href("sign_report", self.breach) if may else ""}

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        entered = dict(form.cleaned_data)
        upload = entered.pop("file", None)
        made_here = entered.pop("made_here", False)
        if upload is not None:
            entered["file"] = keep(upload)
        elif made_here:
            made = f"Kept {moment(timezone.now())} by {person(self.request).name}."
            entered["file"] = store(report_pdf(to_director(self.breach), made), "application/pdf")
        actions.do_duty(breach=self.breach, by=person(self.request), seen=seen, duty=Duty(self.row.duty), **entered)


class SignReportPage(Simple):
    """The report on the screen, and under it the hand of its author."""

    action = BreachAction.SIGN_REPORT
    verb = actions.sign_report
    form_class = forms.SignReportForm
    words = Words(
        "Write and sign off your report",
        "Sign off the report",
        intro=(
            "This is the report as it stands now, without your findings. What you sign off is kept as it is, "
            "whatever is recorded later."
        ),
        done="Signed off. The report is kept as it is, and the duty is done.",
    )

    def context(self) -> dict[str, Any]:
        return {"report": of_records_manager(self.breach).sections[1:]}


class SetAsidePage(_DutyPage):
    action = BreachAction.SET_ASIDE_DUTY

    def the_words(self) -> Words:
        what = self.row.row.words.rstrip(".")
        return Words("This does not apply", "Set it aside", intro=f"{what}.", done="Set aside, with its reason.")

    def policy(self) -> BreachPolicy:
        return BreachPolicy()

    def form(self, *data: Any) -> django_forms.Form:
        return forms.ReasonForm(*data)

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        duty, by = Duty(self.row.duty), person(self.request)
        actions.set_aside_duty(breach=self.breach, by=by, seen=seen, duty=duty, **form.cleaned_data)
