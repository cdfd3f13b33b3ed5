"""A question to the worker, and its answer."""

from __future__ import annotations

from django import forms

from postroom.forms import PlainForm


class AskForm(PlainForm):
    """What admin needs to know."""

    required_words = {"text": "Write your question"}
    text = forms.CharField(
        label="What do you need to know?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en-GB", "spellcheck": "true"}),
        help_text="It stays with the letter, with its answer.",
    )


class AnswerForm(PlainForm):
    """What the worker answers."""

    required_words = {"text": "Write your answer"}
    text = forms.CharField(
        label="Your answer",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en-GB", "spellcheck": "true"}),
    )
