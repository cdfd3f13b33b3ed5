"""What can stop a step. Each carries a sentence for the person; nothing depends on its words."""

from __future__ import annotations

from typing import Any


class StepError(Exception):
    """A step that was not taken; nothing was changed. `str(error)` says why, and what to do next."""


class NotAllowed(StepError):
    """This person may not take this step (403)."""


class NotPossible(StepError):
    """The step does not exist in the state the subject is in (409)."""


class GuardFailed(StepError):
    """Something about the subject stands against it; `guard` names it (409)."""

    def __init__(self, message: str, guard: str) -> None:
        super().__init__(message)
        self.guard = guard


class ReasonNeeded(StepError):
    """A correction is named, with a reason; none was given (the form asks again)."""


class InvalidStep(StepError):
    """What was entered can't be (a posting date in the future); `field` names the entry."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Stale(StepError):
    """Somebody changed the subject since the person saw it (409). `subject` is as it stands now."""

    def __init__(self, message: str, subject: Any = None) -> None:
        super().__init__(message)
        self.subject = subject
