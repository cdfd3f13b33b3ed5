"""The words of every e-mail that Postroom sends by itself. A closed table: nothing about a person or case gets in.

An e-mail says that something waits and where; what it is stands behind the link, after sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass

from postroom.outbox.errors import OutboxError


class UnknownNotice(OutboxError):
    """No notice is registered under this code."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Subject and text of one e-mail; both are the same for everyone and every case.

    `urgent`: it comes at once, whatever its person chose. `shared`: it waits at a desk that several people share, and
    goes to those alone who asked for each at once; for the others their morning's counts say it.
    """

    code: str
    subject: str
    text: str
    urgent: bool = False
    shared: bool = False


_notices: dict[str, Notice] = {}


def register_notice(code: str, subject: str, text: str, *, urgent: bool = False, shared: bool = False) -> Notice:
    """Add a notice to the table, at import. Raises ValueError for a placeholder, a line break in the subject, or a
    code that is taken by other words: whatever is filled in at sending could be personal data."""
    notice = Notice(code, subject.strip(), text.strip(), urgent, shared)
    if not notice.subject or not notice.text or "\n" in notice.subject:
        raise ValueError(f"The notice {code} needs one line of subject, and a text.")
    if any(mark in notice.subject + notice.text for mark in "{}%"):
        raise ValueError(f"The notice {code} has a placeholder; notices are fixed words.")
    if _notices.setdefault(code, notice) != notice:
        raise ValueError(f"Two notices are called {code}.")
    return notice


def notice_of(code: str) -> Notice:
    """The notice registered under this code. Raises UnknownNotice."""
    try:
        return _notices[code]
    except KeyError:
        raise UnknownNotice(code) from None


def all_notices() -> list[Notice]:
    """Every registered notice, by code."""
    return [_notices[code] for code in sorted(_notices)]


COVER_GIVEN = register_notice(
    "cover_given",
    "You have been given duty at an office for some days",
    "A manager has given you admin duty, or asked you to cover at an office. Your details say where and on which days.",
)
HANDED_ON = register_notice(
    "handed_on",
    "Work has changed hands",
    "A case went to another worker or office, or somebody left. What went along, and who has it now, is on the page.",
)
JOB_STUCK = register_notice(
    "JOB_STUCK",
    "Postroom could not finish a job",
    "Something that Postroom owes to the outside, an e-mail, a PDF or an upload, needs a person to look at it.",
    urgent=True,
)
