"""A person's own account page."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from postroom.people.authority import authority_of


@login_required
@require_safe
def your_account(request: HttpRequest) -> HttpResponse:
    """Who the site takes you for, what roles you hold and why, and the ways to change how you sign in."""
    user = request.user
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return render(
        request,
        "people/your_account.html",
        {
            "held_as": sorted(authority_of(user).words.values()),  # type: ignore[arg-type]
            "two_step": Authenticator.Type.TOTP in kinds,
            "recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        },
    )
