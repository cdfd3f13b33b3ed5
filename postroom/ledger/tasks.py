"""The ledger's scheduled work."""

from celery import shared_task

from postroom.ledger import readings, sealing


@shared_task(name="postroom.ledger.seal")
def seal(everything: bool = False) -> int:
    """Seal what is unsealed; returns how many entries. Running it twice at once or again does no harm."""
    return sealing.seal(everything=everything).entries


@shared_task(name="postroom.ledger.seal_readings")
def seal_readings(everything: bool = False) -> int:
    """Seal the readings that are in no batch yet; returns how many. Running it twice at once or again does no harm."""
    return readings.seal_readings(everything=everything)
