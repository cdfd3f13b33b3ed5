"""Which stored files this floor still needs, for the sweep of those that nobody does."""

from audit.record.models import AccessRequest, Bundle


def files_in_use(hashes: list[str]) -> set[str]:
    """Those of `hashes` that a bundle or the answer to an access request is."""
    return {
        str(used)
        for model in (Bundle, AccessRequest)
        for used in model._base_manager.filter(file_id__in=hashes).values_list("file_id", flat=True)
    }
