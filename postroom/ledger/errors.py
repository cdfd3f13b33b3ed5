"""What the ledger refuses. Pure: no Django, so that chain.py can be lifted out and run anywhere."""


class LedgerError(Exception):
    """Something that the ledger can't take. `str(error)` says what, in a sentence."""


class Unencodable(LedgerError, ValueError):
    """A value that has no place in an entry: NUL, half a surrogate pair, a wrong type, a number beyond 64 bits.

    `field` names where it stood.
    """

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"The ledger can't keep the {field.replace('_', ' ')}: {why}.")
        self.field = field


class NotInTransaction(LedgerError):
    """record() was called outside a transaction. A step and its entry are committed together, or neither is."""


class ChainMoved(LedgerError):
    """Somebody else wrote the next entry of this chain: the subject in memory was stale and its row not locked."""
