"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def council(request: HttpRequest) -> dict[str, object]:
    """The council's own name and colour, and whether this is a demonstration."""
    return {"council_name": settings.COUNCIL_NAME, "is_demo": settings.DEMO}
