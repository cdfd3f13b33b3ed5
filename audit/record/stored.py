"""Which stored files this floor still needs, for the sweep of those that nobody does."""

from audit.record.models import Bundle


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that a bundle is."""
    return {str(used) for used in Bundle.objects.filter(file_id__in=hashes).values_list("file_id", flat=True)}
