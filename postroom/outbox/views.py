"""A person's own choice: when the e-mails come that say it is their turn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from postroom.context import authority_for
from postroom.forms import PlainForm
from postroom.outbox.choices import choice_of, choose
from postroom.outbox.models import When
from postroom.outbox.notices import all_notices
from postroom.people.models import User
from postroom.people.roles import Role


class NoticeForm(PlainForm):
    """One choice of three."""

    required_words = {"when": "Choose when the e-mails come"}
    when = forms.ChoiceField(label="When do you want them?", widget=forms.RadioSelect, choices=When.choices)


def _hints() -> dict[str, str]:
    return {
        When.AT_ONCE.value: "As soon as it is your turn.",
        When.MORNING.value: f"From {settings.SUMMARY_HOUR:02}:00 on working days, if anything waits.",
        When.NONE.value: "What is urgent still comes at once.",
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice_settings(request: HttpRequest) -> HttpResponse:
    """Choose. What is urgent can't be turned off; the page says what that is."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - signed in
    chosen = choice_of(user)
    form = NoticeForm(request.POST if request.method == "POST" else None, initial={"when": chosen})
    form.fields["when"].widget.attrs["choice_hints"] = _hints()
    if request.method == "POST" and form.is_valid():
        choose(user=user, when=form.cleaned_data["when"])
        messages.success(request, "Saved. It holds from the next e-mail on.")
        return redirect("your_account")
    context: dict[str, Any] = {
        "form": form,
        "chosen": chosen,
        "is_admin": authority_for(request).has(Role.ADMIN),
        "hour": f"{settings.SUMMARY_HOUR:02}:00",
        "urgent": [notice.subject for notice in all_notices() if notice.urgent],
    }
    return render(request, "outbox/notice_settings.html", context, status=422 if form.errors else 200)
