"""Back, destroyed, lost, found."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from papers.models import DestroyedBy, Gone, PapersOut
from papers.selectors import witnesses_for
from postroom.forms import DatePartsField
from postroom.people.forms import SeenForm
from postroom.people.models import User


class BackForm(SeenForm):
    """The day, and who saw it. Whoever takes in somebody else's papers is the witness and isn't asked for one."""

    required_words = {"witness": "Choose the colleague who saw it"}

    ended_on = DatePartsField(
        label="Day they came back", latest=timezone.localdate, too_late="The day must be today or earlier"
    )
    witness = forms.ModelChoiceField(
        User.objects.none(),
        label="Who saw it?",
        empty_label="Choose a colleague",
        help_text="Another person of the office. They are told that you named them.",
    )

    def __init__(self, *args: Any, papers: PapersOut, by: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"ended_on": timezone.localdate(), **(kwargs.get("initial") or {})}
        kwargs["seen"] = papers.version
        super().__init__(*args, **kwargs)
        if papers.holder_id == by.pk:
            self.fields["witness"].queryset = witnesses_for(papers)  # type: ignore[attr-defined]
        else:
            del self.fields["witness"]


class DestroyedForm(BackForm):
    """The day, how, and who saw it."""

    required_words = {**BackForm.required_words, "destroyed_by": "Choose how they were destroyed"}

    destroyed_by = forms.ChoiceField(label="How?", choices=DestroyedBy.choices, widget=forms.RadioSelect)
    field_order = ["ended_on", "destroyed_by", "witness"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].label = "Day they were destroyed"


class FoundForm(BackForm):
    """The day they came back, where they were, and who saw it."""

    required_words = {**BackForm.required_words, "reason": "Say where they were found and who may have seen them"}

    reason = forms.CharField(
        label="Where were they, and who may have seen them?", max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    field_order = ["ended_on", "reason", "witness"]


class LostForm(SeenForm):
    """Lost or stolen, since when, and what happened: enough to open the breach report."""

    widths = {"gone_time": 5}
    required_words = {
        "gone": "Say whether they were lost or stolen",
        "reason": "Say in a few words what happened",
        "gone_time": "Enter a time, like 14:30. Roughly is enough",
    }

    gone = forms.ChoiceField(label="What happened to them?", choices=Gone.choices, widget=forms.RadioSelect)
    gone_on = DatePartsField(
        label="Day it happened, or they were last seen",
        latest=timezone.localdate,
        too_late="The day must be today or earlier",
    )
    gone_time = forms.TimeField(label="About what time", input_formats=["%H:%M", "%H.%M", "%H%M"])
    reason = forms.CharField(
        label="What happened?",
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text="Where, how, and what you have done since. It goes into the breach report.",
    )

    def __init__(self, *args: Any, papers: PapersOut, **kwargs: Any) -> None:
        now = timezone.localtime()
        kwargs["initial"] = {"gone_on": now.date(), "gone_time": f"{now:%H:%M}", **(kwargs.get("initial") or {})}
        super().__init__(*args, seen=papers.version, **kwargs)
        self.fields["gone_time"].error_messages["invalid"] = "Enter a time, like 14:30"

    @property
    def gone_since(self) -> dt.datetime:
        """The aware moment that was entered; a minute that lies ahead of now by the clock's seconds is now."""
        day, time = self.cleaned_data["gone_on"], self.cleaned_data["gone_time"]
        return timezone.make_aware(dt.datetime.combine(day, time))
