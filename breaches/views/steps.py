"""The pages of the steps, one class each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.http import Http404

from breaches import actions, forms, naming, presenters
from breaches.actions.deciding import Answers
from breaches.duties import Kind
from breaches.models import Decision, Involved, MeetingException, ServiceUser
from breaches.policy import standing_proposal
from breaches.reports.content import what_it_rests_on
from breaches.states import BreachAction
from breaches.views.common import Simple, StepPage, Words
from letters.models import Letter
from letters.views.common import person
from postroom.cases.models import Case
from postroom.context import authority_for
from postroom.steps.engine import Seen
from postroom.steps.errors import InvalidStep


class FactsPage(StepPage):
    action = BreachAction.AMEND
    words = Words("Put the facts right", "Save", done="The facts are put right.")

    def form(self, *data: Any) -> django_forms.Form:
        breach = self.breach
        initial = {
            name: getattr(breach, name)
            for name in ("what", "discovered_by", "people_count", "record_count", "categories", "done_at_once")
        }
        initial |= forms.moment_initial("occurred", breach.occurred_at)
        initial |= forms.moment_initial("discovered", breach.discovered_at)
        initial["case_references"] = " ".join(breach.cases.values_list("reference", flat=True))
        return forms.FactsForm(*data, initial=initial)

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        facts = dict(form.cleaned_data)
        references = facts.pop("case_references")
        facts["cases"] = list(Case.objects.filter(reference__in=references))
        if len(facts["cases"]) != len(references):
            raise InvalidStep("There is no case with one of these references. Check them.", "case_references")
        facts["occurred_at"], facts["discovered_at"] = facts.pop("occurred"), facts.pop("discovered")
        actions.amend(breach=self.breach, by=person(self.request), seen=seen, facts=facts)


class AwarePage(Simple):
    action = BreachAction.CHANGE_AWARE
    verb = actions.change_aware
    words = Words(
        "Change when the council was aware",
        "Change it",
        intro="The 72 hours and every open duty are counted from then. The reason stays on record.",
        done="Changed. The times are counted anew.",
    )

    def form(self, *data: Any) -> django_forms.Form:
        return forms.AwareForm(*data, initial=forms.moment_initial("aware_at", self.breach.aware_at))


class MorePage(StepPage):
    action = BreachAction.FIND_MORE
    words = Words(
        "More was found",
        "Add it",
        intro=(
            "What is missing among the duties is added; what is done stays done. The breach is assessed and decided "
            "on again."
        ),
        done="Added. The new duties are on the list.",
    )

    def form(self, *data: Any) -> django_forms.Form:
        return forms.MoreForm(*data)

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        kinds = [Kind(kind) for kind in form.cleaned_data["kinds"]]
        reason = form.cleaned_data["reason"]
        actions.find_more(breach=self.breach, by=person(self.request), seen=seen, kinds=kinds, reason=reason)


class InvolvePage(Simple):
    action = BreachAction.NAME_INVOLVED
    verb = actions.name_involved
    form_class = forms.InvolvedForm
    words = Words(
        "Name a person involved",
        "Keep them out",
        intro="From then on they have no part in running the case or deciding; the deputy of their office acts.",
        done="They are kept out of running this case.",
    )


class ClearInvolvedPage(StepPage):
    action = BreachAction.CLEAR_INVOLVED
    words = Words("Not involved after all", "They are not involved", done="They are no longer kept out.")

    def find(self, **arguments: Any) -> None:
        found = Involved.objects.filter(breach=self.breach, cleared_at__isnull=True, pk=arguments["pk"]).first()
        if found is None:
            raise Http404
        self.involved = found

    def form(self, *data: Any) -> django_forms.Form:
        return forms.ReasonForm(*data)

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        actions.clear_involved(
            breach=self.breach, by=person(self.request), seen=seen, involved=self.involved, **form.cleaned_data
        )


class AskExceptionPage(StepPage):
    """For the meeting as a whole, or for one of those named (`?person=`)."""

    action = BreachAction.ASK_EXCEPTION
    words = Words(
        "Leave out or put off the meeting",
        "Ask for a decision",
        intro=(
            "Refused or impossible: a manager of the office decides, and the letter is free. Danger: the Caldicott "
            "Guardian decides, and the letter waits."
        ),
        done="Asked. It waits for a decision.",
    )

    def form(self, *data: Any) -> django_forms.Form:
        return forms.ExceptionForm(*data)

    def about(self) -> ServiceUser | None:
        """Whom the address names, if they stand on the list."""
        asked = self.request.GET.get("person", "")
        if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
            return None
        named = self.breach.service_users.filter(cleared_at__isnull=True, pk=int(asked))
        return named.select_related("person__case").first()

    def the_words(self) -> Words:
        one = self.about()
        if one is None:
            return self.words
        return replace(self.words, title=f"{naming.name_of(one, person(self.request))} can\u2019t be met, or not yet")

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        one = self.about()
        if self.request.GET.get("person") and one is None:
            raise InvalidStep("This person is not on the list any more. Begin again from the page of the breach.", "")
        by = person(self.request)
        actions.ask_exception(breach=self.breach, by=by, seen=seen, service_user=one, **form.cleaned_data)


class _AnswerPage(Simple):
    form_class = forms.AnswerForm

    def context(self) -> dict[str, Any]:
        waiting = MeetingException.objects.filter(breach=self.breach, decided_at__isnull=True)
        asked = waiting.select_related("asked_by", "service_user__person").first()
        whom = naming.whom_asked(asked, person(self.request), authority_for(self.request))
        return {"asked": asked, "whom": whom}


class AnswerMeetingPage(_AnswerPage):
    action = BreachAction.APPROVE_NO_MEETING
    verb = actions.approve_no_meeting
    words = Words("Is there really no way to meet?", "Decide", done="Your decision is recorded.")


class AnswerDeferralPage(_AnswerPage):
    action = BreachAction.APPROVE_DEFERRAL
    verb = actions.approve_deferral
    words = Words("Would telling them now endanger somebody?", "Decide", done="Your decision is recorded.")


class LinkLetterPage(StepPage):
    action = BreachAction.LINK_LETTER
    words = Words(
        "Link the letter to the service user",
        "Link it",
        intro="It can't be signed before the meeting is on record. The case's worker hands it over like any letter.",
        done="Linked. The letter waits for the meeting.",
    )

    def form(self, *data: Any) -> django_forms.Form:
        return forms.LinkForm(*data)

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        references = form.cleaned_data["reference"]
        # One sentence for a letter that isn't there and one of a case that isn't concerned: neither is told apart.
        letter = Letter.objects.filter(reference__in=references[:1], case__breaches=self.breach).first()
        if letter is None or len(references) != 1:
            raise InvalidStep("There is no letter with this reference in the cases of this breach.", "reference")
        actions.link_letter(breach=self.breach, by=person(self.request), seen=seen, letter=letter)


class AssessPage(Simple):
    action = BreachAction.ASSESS
    verb = actions.assess
    words = Words("Assess the risk", "Save the assessment", done="Assessed. The deciders have been told.")

    def form(self, *data: Any) -> django_forms.Form:
        names = ("likelihood", "severity", "consequences", "containment", "redress")
        return forms.AssessForm(*data, initial={name: getattr(self.breach, name) for name in names})


class AskAdvicePage(Simple):
    action = BreachAction.ASK_ADVICE
    verb = actions.ask_advice
    form_class = forms.QuestionForm
    words = Words(
        "Ask the Data Protection Officer",
        "Ask",
        intro="The decision waits for the advice. The 72 hours don't.",
        done="Asked. The Data Protection Officer has been told.",
    )


class AdvisePage(Simple):
    action = BreachAction.ADVISE
    verb = actions.advise
    form_class = forms.AdviceForm
    words = Words("Your advice", "Record the advice", done="Your advice is recorded.")

    def context(self) -> dict[str, Any]:
        asked = self.breach.advice.filter(given_at__isnull=True).first()
        return {"question": asked, "report": what_it_rests_on(self.breach)[:-1]}  # the question stands above


class DecidePage(StepPage):
    action = BreachAction.PROPOSE_DECISION
    words = Words(
        "Decide",
        "Record my decision",
        intro="It stands when the other of the two agrees to it.",
        done="Recorded. The other of the two has been told: it stands when they agree.",
    )

    def form(self, *data: Any) -> django_forms.Form:
        form = forms.DecisionForm(*data)
        form.fields["professional_body"].label = f"Refer it to {settings.PROFESSIONAL_BODY_NAME}?"
        form.fields["commissioner"].label = f"Refer it to the {settings.COMMISSIONER_NAME}?"
        return form

    def context(self) -> dict[str, Any]:
        return {"outside_href": settings.REFERRAL_POLICY_URL, "report": what_it_rests_on(self.breach)}

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        answers = Answers(**form.cleaned_data)
        actions.propose_decision(breach=self.breach, by=person(self.request), seen=seen, answers=answers)


class AgreePage(StepPage):
    action = BreachAction.AGREE_DECISION
    words = Words(
        "Agree to the decision",
        "I agree to this decision",
        intro="If you don't agree, go back to the breach and write the decision anew.",
        done="The decision stands.",
    )
    decision: Decision | None = None

    def find(self, **arguments: Any) -> None:
        self.decision = standing_proposal(self.breach)

    def form(self, *data: Any) -> django_forms.Form:
        return forms.ConfirmForm(*data)

    def context(self) -> dict[str, Any]:
        more = {"decision": self.decision, "body_name": settings.PROFESSIONAL_BODY_NAME}
        return more | {"report": what_it_rests_on(self.breach)}

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        assert self.decision is not None  # noqa: S101 - the guard has looked
        actions.agree_decision(breach=self.breach, by=person(self.request), seen=seen, decision=self.decision)


class CausePage(Simple):
    action = BreachAction.RECORD_CAUSE
    verb = actions.record_cause
    words = Words("Cause, and the step that should have held", "Save", done="The cause is recorded.")

    def form(self, *data: Any) -> django_forms.Form:
        names = ("cause", "cause_words", "control", "control_held_by", "lessons")
        return forms.CauseForm(*data, initial={name: getattr(self.breach, name) for name in names})

    def context(self) -> dict[str, Any]:
        return {"held": presenters.controls_held(self.breach)}


class AddActionPage(Simple):
    action = BreachAction.ADD_FOLLOW_UP
    verb = actions.add_follow_up
    form_class = forms.FollowUpForm
    words = Words("Add an action", "Add it", done="Added. Whoever does it has been told.")


class ClosePage(Simple):
    form_class = forms.ConfirmForm
    verb = actions.close

    @property
    def action(self) -> BreachAction:  # type: ignore[override]
        return BreachAction.CLOSE_NEAR_MISS if self.breach.only_near_miss else BreachAction.CLOSE

    def the_words(self) -> Words:
        what = "near miss" if self.breach.only_near_miss else "breach"
        return Words(
            f"Close this {what}",
            "Close it",
            intro="If more is found later, it is opened again by what was found.",
            done="Closed.",
        )
