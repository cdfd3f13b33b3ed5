"""Which stored files breaches still need, for the sweep of those that nobody does."""

from breaches.models import BreachDuty, Notification


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that are the evidence of a duty, or a notification to the Commissioner."""
    found: set[str] = set()
    for model in (BreachDuty, Notification):
        found |= {str(sha) for sha in model.objects.filter(file_id__in=hashes).values_list("file_id", flat=True)}
    return found
