"""The demonstration's sign-in: anyone may become any of the invented people. Not there at all when DEMO is off."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from postroom.people.models import DutySlot, RoleGrant, User, half_day_at
from postroom.people.roles import ROLE_NAMES, Role

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to become: the account, and the roles held today in words."""

    user: User
    roles: list[str]

    @property
    def office(self) -> str:
        """The office's name, or the whole council."""
        return self.user.office.name if self.user.office else "Whole council"


def demo_people() -> list[DemoPerson]:
    """All active people, by office (those without one last), then by role and name. Three queries."""
    now = timezone.now()
    day, half = half_day_at(now)
    users = (
        User.objects.filter(is_active=True)
        .select_related("office")
        .prefetch_related(
            Prefetch("grants", RoleGrant.objects.on(day), to_attr="held"),
            Prefetch("duty_slots", DutySlot.objects.filter(day=day, half=half), to_attr="on_duty"),
        )
    )
    order = {role: place for place, role in enumerate(Role)}

    def roles_of(user: User) -> list[Role]:
        held = {Role(grant.role) for grant in user.held}  # type: ignore[attr-defined]
        if user.on_duty:  # type: ignore[attr-defined]
            held.add(Role.DUTY_WORKER)
        return sorted(held, key=order.__getitem__)

    found = [(user, roles_of(user)) for user in users]
    found.sort(
        key=lambda pair: (
            pair[0].office is None,
            pair[0].office.name if pair[0].office else "",
            [order[role] for role in pair[1]] or [len(order)],
            pair[0].name,
        )
    )
    return [DemoPerson(user, [ROLE_NAMES[role] for role in roles]) for user, roles in found]


def by_office(people: Iterable[DemoPerson]) -> dict[str, list[DemoPerson]]:
    """The same people under their office's name, in the same order."""
    offices: dict[str, list[DemoPerson]] = {}
    for person in people:
        offices.setdefault(person.office, []).append(person)
    return offices


def only_in_demo() -> None:
    """Raises Http404 unless this is a demonstration. Settings refuse DEMO in production; this looks again."""
    if not settings.DEMO or settings.PRODUCTION:
        raise Http404


@require_safe
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """The list of people to become."""
    only_in_demo()
    return render(request, "people/demo.html", {"offices": by_office(demo_people())})


@require_POST
def become(request: HttpRequest, user_id: int) -> HttpResponse:
    """Sign in as one of them, without a password. A different person's session is wiped."""
    only_in_demo()
    user = get_object_or_404(User, pk=user_id, is_active=True)
    login(request, user, backend=BACKEND)
    return redirect(settings.LOGIN_REDIRECT_URL)
