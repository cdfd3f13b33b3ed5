"""The pages on the people whose data it was: named, each met, or why that can't be (CLS-14)."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404

from breaches import actions, forms, naming, presenters
from breaches.models import ServiceUser
from breaches.selectors import people_for
from breaches.states import BreachAction
from breaches.views.common import Simple, StepPage, Words
from letters.views.common import person
from postroom.steps.engine import Seen


class NamePeoplePage(Simple):
    action = BreachAction.NAME_PEOPLE
    verb = actions.name_people

    def the_words(self) -> Words:
        intro = "Of the people on its cases. Their names are shown to those who see the whole breach, and nowhere else."
        if not people_for(self.breach, person(self.request)).exists():
            intro = "Nobody is left to name: all the family on its cases that you may know of are on the list."
        return Words("Whose data was it?", "Name them", intro=intro, done="Named. Each is to be met and written to.")

    def context(self) -> dict[str, Any]:
        return {"nothing": not people_for(self.breach, person(self.request)).exists()}

    def form(self, *data: Any) -> django_forms.Form:
        return forms.PeopleForm(*data, people=people_for(self.breach, person(self.request)))


class _PersonPage(StepPage):
    """A step about one of those named."""

    row: ServiceUser

    def find(self, **arguments: Any) -> None:
        named = self.breach.service_users.filter(cleared_at__isnull=True, pk=arguments["pk"])
        found = named.select_related("person__case").first()
        if found is None:
            raise Http404
        self.row = found

    def name(self) -> str:
        """As this person may read it."""
        return naming.name_of(self.row, person(self.request))


class MeetPersonPage(_PersonPage):
    action = BreachAction.MEET_PERSON

    def the_words(self) -> Words:
        return Words(f"{self.name()} was told face to face", "Record the meeting", done="The meeting is recorded.")

    def context(self) -> dict[str, Any]:
        return {"aside_href": f"{presenters.href('ask_exception', self.breach)}?person={self.row.pk}"}

    def form(self, *data: Any) -> django_forms.Form:
        return forms.MetForm(*data)

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        by = person(self.request)
        actions.meet_person(breach=self.breach, by=by, seen=seen, service_user=self.row, **form.cleaned_data)


class ClearPersonPage(_PersonPage):
    action = BreachAction.CLEAR_PERSON

    def the_words(self) -> Words:
        return Words(f"It was not the data of {self.name()}", "Take them off the list", done="They are off the list.")

    def form(self, *data: Any) -> django_forms.Form:
        return forms.ReasonForm(*data)

    def take(self, form: django_forms.Form, seen: Seen) -> None:
        by = person(self.request)
        actions.clear_person(breach=self.breach, by=by, seen=seen, service_user=self.row, **form.cleaned_data)
