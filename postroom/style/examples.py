"""Invented content for the style page: each part in each of its shapes."""

import datetime as dt
from typing import Any

from django import forms

from postroom.forms import DatePartsField, PlainForm
from postroom.templatetags.look import STATE_LOOKS


class ExampleForm(PlainForm):
    """Every kind of field."""

    widths = {"reference": 10}
    choice_hints = {"post_class": {"special": "Tracked to the door, with a signature."}}

    reference = forms.CharField(label="ICS reference", help_text="It is at the top of the case record.")
    email = forms.EmailField(label="E-mail address", required=False)
    office = forms.ChoiceField(
        label="Office", choices=[("", "Choose an office"), ("riv", "Riverside"), ("hil", "Hillview")]
    )
    posted = DatePartsField(label="Posted date", help_text="For example, 20 7 2026", latest=dt.date.today)
    post_class = forms.ChoiceField(
        label="Class of post",
        widget=forms.RadioSelect,
        choices=[("first", "First class"), ("second", "Second class"), ("special", "Special Delivery")],
    )
    contents = forms.MultipleChoiceField(
        label="What is in the envelope",
        widget=forms.CheckboxSelectMultiple,
        choices=[("letter", "The letter, 2 sheets"), ("leaflet", "Leaflet, 1 sheet")],
    )
    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 4}))
    scan = forms.FileField(label="Scan of the signed letter", required=False, help_text="A PDF, at most 10 MB.")
    initialled = forms.BooleanField(label="I have written JS on the back of the envelope")


def context() -> dict[str, Any]:
    """What the style page shows beside its form."""
    at = dt.datetime(2026, 7, 20, 14, 5, tzinfo=dt.UTC)
    return {
        "states": list(STATE_LOOKS),
        "colours": ["grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"],
        "tasks": [
            {"title": "Address", "href": "#address", "status": "Confirmed"},
            {
                "title": "Body",
                "href": "#body",
                "hint": "Changed since you last looked",
                "status": "To check",
                "colour": "blue",
            },
            {"title": "Sign", "status": "Can't start yet"},
        ],
        "rows": [
            {"key": "To", "lines": ["Ms Ivy Invented", "3 Made Up Lane", "NORTHMERE", "NM1 2AB"], "href": "#to"},
            {"key": "Worker", "value": "Jo Sample"},
            {"key": "Enclosures", "value": ""},
        ],
        "head": ["Reference", "About", {"text": "Waiting", "numeric": True}, "State"],
        "letters": [
            [
                {"text": "K7Q2M4XD9", "href": "#k7q"},
                "Contact plan",
                {"text": "3 days", "numeric": True, "overdue": True},
                {"state": "typed"},
            ],
            [
                {"text": "M2B8T6WR4", "href": "#m2b"},
                "Meeting on 4 August",
                {"text": "1 hour", "numeric": True},
                {"state": "signed"},
            ],
        ],
        "events": [
            {
                "title": "Returned for retyping",
                "when": at,
                "by": "Jo Sample",
                "text": "The date of the meeting is wrong.",
                "back": True,
            },
            {"title": "Typed", "when": at - dt.timedelta(hours=2), "by": "Pat Example (admin)"},
            {"title": "Handed over", "when": at - dt.timedelta(days=1), "by": "Jo Sample"},
        ],
        "way": [
            {"label": "Drafted", "done": True, "note": "18 July"},
            {"label": "Typed", "done": True, "note": "20 July"},
            {"label": "Checked", "current": True, "note": "with Jo Sample"},
            {"label": "Signed"},
            {"label": "Envelope"},
            {"label": "Posted"},
            {"label": "On ICS"},
        ],
        "trail": [{"label": "Cases", "href": "#cases"}, {"label": "Case 40217", "href": "#case"}],
        "body": "Dear Ms Invented\n\n## What we agreed\n\n- A visit on **4 August**\n- A call each week\n",
    }
