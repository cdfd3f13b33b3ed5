"""The ledger's scheduled work."""

from celery import shared_task

from postroom.ledger import sealing


@shared_task(name="postroom.ledger.seal")
def seal(everything: bool = False) -> int:
    """Seal what is unsealed; returns how many entries. Running it twice at once or again does no harm."""
    return sealing.seal(everything=everything).entries
