"""Which stored files breaches still need, for the sweep of those that nobody does."""

from breaches.models import BreachDuty


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that are the evidence of a duty."""
    return set(BreachDuty.objects.filter(file_id__in=hashes).values_list("file_id", flat=True))
