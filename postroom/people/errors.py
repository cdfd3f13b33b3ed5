"""What can stop a change of people or offices. Each carries a sentence for the person; nothing depends on its words."""

from __future__ import annotations


class PeopleError(Exception):
    """A change that was not made; nothing was saved. `str(error)` says why, and what to do next."""


class NotPermitted(PeopleError):
    """This person may not do this (403)."""


class OutOfDate(PeopleError):
    """Somebody changed the person or office since it was shown (409)."""


class Refused(PeopleError):
    """What was entered can't be; `field` names the entry (empty: the whole)."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
