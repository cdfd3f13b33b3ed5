"""Who may be sent what, and how: document × recipient × channel as data, and the one function over it. Pure.

Source: OGP-7, OGP-8 and OGP-9 (Out-going Post in District Offices, version 3), CLS-6 (1.1.4 Confidentiality); where
they are open, the strict reading (`docs/decisions/0005-routes.md`). What has no row is refused.

Whether a recipient is family or professional, in area or out, is for whoever asks to know and to prove.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Document(StrEnum):
    """What is to go out."""

    LETTER = "letter"
    CP_REPORT = "cp_report"
    LAC_REPORT = "lac_report"
    MINUTES = "minutes"


class Recipient(StrEnum):
    """To whom. Child, parent and carer are all family; a solicitor or an advocate is a professional."""

    FAMILY_IN_AREA = "family_in_area"
    FAMILY_OUT_OF_AREA = "family_out_of_area"
    PROFESSIONAL = "professional"


class Channel(StrEnum):
    """How. Registered post is Royal Mail Special Delivery Guaranteed; Signed For does not count."""

    POST = "post"
    REGISTERED_POST = "registered_post"
    BY_HAND = "by_hand"
    SECURE_EMAIL = "secure_email"


class Verdict(StrEnum):
    """What the policy says of a route: Y, H or N in its table. From the mildest to the strictest."""

    ALLOWED = "allowed"
    NEEDS_APPROVAL = "needs_approval"
    REFUSED = "refused"


class Condition(StrEnum):
    """What must hold beside the verdict. On a refused row: what would open it."""

    OUT_OF_AREA_APPROVED = "out_of_area_approved"
    TRACKING_NUMBER = "tracking_number"
    MANAGER_APPROVED = "manager_approved"
    OFFICE_TURNED_IT_ON = "office_turned_it_on"


DOCUMENT_NAMES: dict[Document, str] = {
    Document.LETTER: "Letter",
    Document.CP_REPORT: "Child protection report",
    Document.LAC_REPORT: "LAC report",
    Document.MINUTES: "Minutes",
}
RECIPIENT_NAMES: dict[Recipient, str] = {
    Recipient.FAMILY_IN_AREA: "Family in area",
    Recipient.FAMILY_OUT_OF_AREA: "Family out of area",
    Recipient.PROFESSIONAL: "Professional",
}
CHANNEL_NAMES: dict[Channel, str] = {
    Channel.POST: "ordinary post",
    Channel.REGISTERED_POST: "registered post",
    Channel.BY_HAND: "by hand",
    Channel.SECURE_EMAIL: "secure e-mail",
}
CONDITION_WORDS: dict[Condition, str] = {
    Condition.OUT_OF_AREA_APPROVED: "out of area approved",
    Condition.TRACKING_NUMBER: "tracking number",
    Condition.MANAGER_APPROVED: "a manager's approval with a reason",
    Condition.OFFICE_TURNED_IT_ON: "off unless the office turns it on",
}
_WAYS: dict[Channel, str] = {
    Channel.POST: "by ordinary post",
    Channel.REGISTERED_POST: "by registered post",
    Channel.BY_HAND: "by hand, carried by the social worker",
    Channel.SECURE_EMAIL: "by secure e-mail",
}


@dataclass(frozen=True)
class Row:
    """One cell of the policy's table. `because`: what the policy says, where it is not simply allowed."""

    document: Document
    recipient: Recipient
    channel: Channel
    verdict: Verdict
    clauses: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    because: str = ""


@dataclass(frozen=True)
class Route:
    """The answer for one document, or for a pack of several: the verdict, its clauses, conditions and words."""

    documents: tuple[Document, ...]
    recipient: Recipient
    channel: Channel
    verdict: Verdict
    clauses: tuple[str, ...]
    conditions: tuple[Condition, ...]
    # For a refusal what the policy says and which way is open; for an approval who may give it; else "".
    sentence: str

    @property
    def clause(self) -> str:
        """The clauses and, after a colon, the conditions: "OGP-8: out of area approved, tracking number"."""
        words = ", ".join(CONDITION_WORDS[c] for c in self.conditions)
        return ", ".join(self.clauses) + (f": {words}" if words else "")

    def missing(self, holding: Collection[Condition]) -> tuple[Condition, ...]:
        """The conditions that do not hold yet, given those that do."""
        return tuple(c for c in self.conditions if c not in holding)

    def is_open(self, holding: Collection[Condition] = ()) -> bool:
        """May it go this way now, with these conditions holding? A refused route never is; no condition opens it."""
        return self.verdict is not Verdict.REFUSED and not self.missing(holding)


Y, N, H = Verdict.ALLOWED, Verdict.REFUSED, Verdict.NEEDS_APPROVAL
_Cell = tuple[Verdict, tuple[str, ...], tuple[Condition, ...], str]

_NO_REPORT_TO_FAMILY = "CP and LAC reports are never posted or e-mailed to family members, in area or out"
_REPORT_NOT_BY_ORDINARY_POST = "Confidential reports do not go by ordinary post"
_REPORT_BY_REGISTERED_POST = "A report goes to a professional by registered post only where a manager approves it"
_MINUTES_NOT_POSTED = "Minutes are no longer posted"
_ONLY_OUT_OF_AREA = "Only to family living out of area may minutes be posted"
_NEVER_ORDINARY_POST = "Minutes to family out of area may be posted by registered post only"
_MINUTES_HANDED = "Minutes are physically handed to family by the social worker, never e-mailed"
_MINUTES_EMAILED = "Minutes are e-mailed to professionals"
_LETTERS_NOT_EMAILED = "Letters go by e-mail only from an office that has turned this on, and this office has not"
_SENSITIVE = "This letter is marked sensitive, and is held to registered post or delivery by hand"


def _cell(verdict: Verdict, clauses: str, because: str = "", *conditions: Condition) -> _Cell:
    return verdict, tuple(clauses.split()), conditions, because


_REPORT_TO_FAMILY = (
    _cell(N, "OGP-7", _NO_REPORT_TO_FAMILY),
    _cell(N, "OGP-7", _NO_REPORT_TO_FAMILY),
    _cell(Y, "OGP-7"),
    _cell(N, "OGP-7", _NO_REPORT_TO_FAMILY),
)
_ANY_LETTER = (
    _cell(Y, "OGP-4a"),
    _cell(Y, "CLS-6"),
    _cell(Y, "CLS-6"),
    _cell(N, "CLS-6", _LETTERS_NOT_EMAILED, Condition.OFFICE_TURNED_IT_ON),
)
_REPORTS = (Document.CP_REPORT, Document.LAC_REPORT)
# As the policy's table is printed: ordinary post, registered post, by hand, secure e-mail.
_LINES: tuple[tuple[tuple[Document, ...], tuple[Recipient, ...], tuple[_Cell, ...]], ...] = (
    ((Document.LETTER,), tuple(Recipient), _ANY_LETTER),
    (_REPORTS, (Recipient.FAMILY_IN_AREA, Recipient.FAMILY_OUT_OF_AREA), _REPORT_TO_FAMILY),
    (
        _REPORTS,
        (Recipient.PROFESSIONAL,),
        (
            _cell(N, "CLS-6", _REPORT_NOT_BY_ORDINARY_POST),
            _cell(H, "CLS-6", _REPORT_BY_REGISTERED_POST, Condition.MANAGER_APPROVED),
            _cell(Y, "CLS-6"),
            _cell(Y, "CLS-6"),
        ),
    ),
    (
        (Document.MINUTES,),
        (Recipient.FAMILY_IN_AREA,),
        (
            _cell(N, "OGP-9", _MINUTES_NOT_POSTED),
            _cell(N, "OGP-8 OGP-9", _ONLY_OUT_OF_AREA),
            _cell(Y, "OGP-9"),
            _cell(N, "OGP-9", _MINUTES_HANDED),
        ),
    ),
    (
        (Document.MINUTES,),
        (Recipient.FAMILY_OUT_OF_AREA,),
        (
            _cell(N, "OGP-8", _NEVER_ORDINARY_POST),
            _cell(Y, "OGP-8", "", Condition.OUT_OF_AREA_APPROVED, Condition.TRACKING_NUMBER),
            _cell(Y, "OGP-9"),
            _cell(N, "OGP-9", _MINUTES_HANDED),
        ),
    ),
    (
        (Document.MINUTES,),
        (Recipient.PROFESSIONAL,),
        (
            _cell(N, "OGP-9", _MINUTES_NOT_POSTED),
            _cell(N, "OGP-9", _MINUTES_NOT_POSTED),
            _cell(N, "OGP-9", _MINUTES_EMAILED),
            _cell(Y, "OGP-9 CLS-6"),
        ),
    ),
)


def _rows() -> Iterator[Row]:
    for documents, recipients, cells in _LINES:
        for document in documents:
            for recipient in recipients:
                for channel, (verdict, clauses, conditions, because) in zip(Channel, cells, strict=True):
                    yield Row(document, recipient, channel, verdict, clauses, conditions, because)


# One row for each document, recipient and channel: 48. The functions below read this and nothing else.
ROUTES: tuple[Row, ...] = tuple(_rows())
_STRICTNESS = list(Verdict)


class EmptyPack(ValueError):
    """A pack with nothing in it has no route."""


def route(
    document: Document,
    recipient: Recipient,
    channel: Channel,
    *,
    letters_by_email: bool = False,
    sensitive: bool = False,
) -> Route:
    """May this document go to this recipient by this channel? (OGP-7, OGP-8, OGP-9, CLS-6)

    `letters_by_email`: the office has turned secure e-mail of letters on. `sensitive`: the letter is marked sensitive,
    by its worker or by a rule of its office. Both touch letters only. Raises ValueError for a name that is none.
    """
    return route_of_pack((document,), recipient, channel, letters_by_email=letters_by_email, sensitive=sensitive)


def route_of_pack(
    documents: Collection[Document],
    recipient: Recipient,
    channel: Channel,
    *,
    letters_by_email: bool = False,
    sensitive: bool = False,
) -> Route:
    """The same for several documents in one envelope or message: the strictest of them decides, all conditions add up.

    Raises EmptyPack for no documents, ValueError for a name that is none.
    """
    pack = tuple(dict.fromkeys(Document(document) for document in documents))
    recipient, channel = Recipient(recipient), Channel(channel)
    if not pack:
        raise EmptyPack("Say what is to go out: a pack needs at least one document.")
    rows = [_decide(document, recipient, channel, letters_by_email, sensitive) for document in pack]
    strictest = max(rows, key=lambda row: _STRICTNESS.index(row.verdict))
    deciding = [row for row in rows if row.verdict is strictest.verdict] if strictest.verdict is N else rows
    clauses = tuple(dict.fromkeys(clause for row in deciding for clause in row.clauses))
    conditions = tuple(dict.fromkeys(condition for row in deciding for condition in row.conditions))
    sentence = ""
    if strictest.verdict is N:
        ways = _open_ways(pack, recipient, letters_by_email, sensitive)
        sentence = f"{strictest.because} ({', '.join(strictest.clauses)}). {ways}"
    elif strictest.verdict is H:
        sentence = (
            f"{strictest.because} ({', '.join(strictest.clauses)}). "
            "Ask a team manager or deputy team manager other than yourself, with your reason."
        )
    return Route(pack, recipient, channel, strictest.verdict, clauses, conditions, sentence)


def _decide(document: Document, recipient: Recipient, channel: Channel, letters_by_email: bool, sensitive: bool) -> Row:
    """The row of the table, with what the office and the letter's mark make of it."""
    asked = (document, recipient, channel)
    row = next((r for r in ROUTES if (r.document, r.recipient, r.channel) == asked), None)
    if row is None:
        return Row(*asked, N, ("CLS-6",), (), "The policy names no such way")
    if document is Document.LETTER and sensitive and channel not in (Channel.REGISTERED_POST, Channel.BY_HAND):
        return Row(*asked, N, ("CLS-6",), (), _SENSITIVE)
    if row.verdict is N and letters_by_email and row.conditions == (Condition.OFFICE_TURNED_IT_ON,):
        return Row(*asked, Y, row.clauses)
    return row


def _open_ways(pack: tuple[Document, ...], recipient: Recipient, letters_by_email: bool, sensitive: bool) -> str:
    """A sentence: by which channels all of the pack may go, and on which conditions."""
    ways = []
    for channel in Channel:
        rows = [_decide(document, recipient, channel, letters_by_email, sensitive) for document in pack]
        if all(row.verdict is not N for row in rows):
            needed = dict.fromkeys(CONDITION_WORDS[c] for row in rows for c in row.conditions)
            ways.append(_WAYS[channel] + (f" (needs: {', '.join(needed)})" if needed else ""))
    if ways:
        return f"It can go {', or '.join(ways)}."
    if len(pack) > 1:
        return "No one way is open to all of these together: send them separately."
    return "No way is open to this recipient: ask your team manager what to do."
