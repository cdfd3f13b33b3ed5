"""What a row needs so that the ledger can keep its chain: the place and hash of its newest entry."""

from typing import ClassVar

from django.db import models

from postroom.ledger.chain import GENESIS

__all__ = ["GENESIS", "LedgerSubject"]


class LedgerSubject(models.Model):
    """A row with a chain of its own. Its newest hash lies on the row itself, which the engine has locked anyway.

    `ledger_kind` names the kind in entries ("letter"); `ledger_key` is the row's public reference, never a name.
    """

    ledger_kind: ClassVar[str]

    ledger_seq = models.PositiveBigIntegerField(default=0, editable=False)
    ledger_head = models.CharField(max_length=64, default=GENESIS, editable=False)

    class Meta:
        abstract = True

    @property
    def ledger_key(self) -> str:
        """The public reference that stands in entries."""
        raise NotImplementedError

    @property
    def ledger_subject(self) -> str:
        """The chain's name, for example `letter/K7Q2M4XD9`."""
        return f"{self.ledger_kind}/{self.ledger_key}"
