"""Printing: to which printer, what came out of it, the print given back to the worker (OGP-2, OGP-4a)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from letters.actions.common import step, tell_worker
from letters.content import Sheets, make_files, sheets_to_print
from letters.models import Letter, Print, Printer, Signature, SignatureMedium
from letters.policy import POLICY, LetterPolicy
from letters.printers import measured_printers
from letters.states import Action, State
from letters.weights import sheets_of_pages
from postroom.files.errors import FileError
from postroom.files.store import path_of
from postroom.people.models import User
from postroom.steps.engine import Seen, Taken, remark
from postroom.steps.errors import GuardFailed, InvalidStep, NotPossible


def print_letter(*, letter: Letter, by: User, seen: Seen, printer: Printer | None = None) -> Letter:
    """Record that the letter as it stands was sent to the printer: which bytes, to which printer, by whom, when.

    `printer` None: the office's only one that is measured for this envelope. An earlier print of the same pages of
    which nobody said that it came out is void from now on. A letter signed on screen is printed with its signature, and
    only then are the sheets for the envelope in hand. Raises GuardFailed where the printer isn't measured, InvalidStep
    (field "printer") where there are several and none was chosen.
    """
    made: dict[str, Any] = {}
    make_files(letter)
    # Marking and proving the sheets is slow: first, for the letter as it was seen. Another print since then is Stale.
    number = next_number(letter)
    ready = _ready(letter, number)

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        source, signed = pdf_to_print(locked)
        if ready is None or ready.source != source or number != next_number(locked):
            raise InvalidStep("Open the PDF first, then print it.", "")
        made.update(pdf_id=ready.pdf.pk, number=number, bare=list(ready.bare))
        made.update(signed=signed, printer=_judge_sheets(locked, printer or only_printer(locked)))
        made.update(both_sides=made["printer"].both_sides)
        if signed:
            locked.sheets_in_hand = True
        details = {"pdf": ready.pdf.pk, "number": number, "signed": signed, "printer": made["printer"].pk}
        return details | ({"both_sides": True} if made["both_sides"] else {})

    def after(locked: Letter, taken: Taken) -> None:
        unsaid_prints(locked).filter(signed=made["signed"]).update(came_out=False, said_by=by, said_at=taken.at)
        Print.objects.create(letter=locked, version=locked.typed_version, by=by, at=taken.at, **made)

    policy = LetterPolicy(printer)
    return step(letter, Action.PRINT, by=by, seen=seen, change=change, after=after, policy=policy)


def _judge_sheets(letter: Letter, printer: Printer) -> Printer:
    """The printer, if what comes out of it goes into the envelope. Raises InvalidStep (field "printer")."""
    version = letter.typed_version
    enclosed = [item for item in version.as_content["enclosures"] if item.get("kind", "sheets") == "sheets"]
    total = sheets_of_pages(version.sheets, both_sides=printer.both_sides) + sum(item["pages"] for item in enclosed)
    if total > version.stock.max_sheets and not printer.both_sides:
        raise InvalidStep(
            f"On one side this is {total} sheets, and {version.stock.name} takes {version.stock.max_sheets}. Choose a "
            "printer that prints both sides, or finish the letter again for a larger envelope.",
            "printer",
        )
    return printer


def next_number(letter: Letter) -> int:
    """Which print of the letter the next one is, from 1. One query."""
    last = Print.objects.filter(letter=letter).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _ready(letter: Letter, number: int) -> Sheets | None:
    """The marked sheets; None where there is no PDF to mark. Whether the letter may be printed the step itself asks."""
    try:
        source, _ = pdf_to_print(letter)
    except (InvalidStep, NotPossible):
        return None
    try:
        return sheets_to_print(letter.typed_version, source, number)
    except FileError as error:
        raise InvalidStep("Its PDF can't be read. Ask whoever runs Postroom.", "") from error


def only_printer(letter: Letter) -> Printer:
    """The one printer that the letter may go to. Raises InvalidStep where there are several, GuardFailed for none."""
    usable = measured_printers(letter.office_id, letter.typed_version)
    if not usable:
        raise GuardFailed(letter.rules.words["printer_measured"], "printer_measured")
    if len(usable) > 1:
        raise InvalidStep("Choose the printer it goes to.", "printer")
    return usable[0]


def unsaid_prints(letter: Letter) -> QuerySet[Print]:
    """Prints of the letter's version of which nobody has said yet what came out."""
    return Print.objects.filter(letter=letter, version_id=letter.current_id, came_out__isnull=True)


def pdf_to_print(letter: Letter) -> tuple[str, bool]:
    """SHA-256 of the bytes to print now, and whether they bear an on-screen signature.

    Raises InvalidStep if the file isn't there yet (it is made when the page is opened).
    """
    if letter.state == State.SIGNED and letter.signature_medium == SignatureMedium.SCREEN:
        signature = Signature.objects.filter(letter=letter, voided_at__isnull=True).order_by("-pk").first()
        if signature is None or not signature.pdf_id:
            raise InvalidStep("Open the signed PDF first, then print it.", "")
        return str(signature.pdf_id), True
    version = letter.typed_version
    if not version.pdf_id or not path_of(str(version.pdf_id)).exists():
        raise InvalidStep("Open the PDF first, then print it.", "")
    return str(version.pdf_id), False


def confirm_print(*, letter: Letter, by: User, printed: Print, seen: Seen | None = None) -> Letter:
    """Admin has looked at the sheets: this print came out whole. Said once; the letter stays as it stands.

    `seen` is taken for the sake of the pages and not compared: it is said of the paper. Raises GuardFailed where it was
    said already, or the letter was typed again since.
    """

    def after(locked: Letter, taken: Taken) -> None:
        _say(locked, printed, True, taken)

    return remark(letter, action=Action.CONFIRM_PRINT, by=by, policy=POLICY, details={"print": printed.pk}, after=after)


def void_print(*, letter: Letter, by: User, seen: Seen, printed: Print) -> Letter:
    """This print did not come out whole: its sheets are void and go to the shredder. The letter can be printed again.

    Where no other print of these pages is left, nothing is in hand for signing or for the envelope any more.
    """

    def change(locked: Letter, taken: Taken) -> dict[str, Any]:
        _say(locked, printed, False, taken)
        signed = locked.signature_medium == SignatureMedium.SCREEN
        left = Print.objects.filter(letter=locked, version_id=locked.current_id, signed=signed)
        if not left.exclude(came_out=False).exists():
            locked.sheets_in_hand = False
        return {"print": printed.pk}

    return step(letter, Action.VOID_PRINT, by=by, seen=seen, change=change)


def _say(locked: Letter, printed: Print, came_out: bool, taken: Taken) -> None:
    """What came out of one print. Raises GuardFailed if that was said before."""
    rows = unsaid_prints(locked).filter(pk=printed.pk)
    if rows.update(came_out=came_out, said_by=taken.by, said_at=taken.at) != 1:
        raise GuardFailed(locked.rules.words["print_unsaid"], "print_unsaid")


def return_to_worker(*, letter: Letter, by: User, seen: Seen) -> Letter:
    """Record that the print was handed back to the worker, who is told again: so its sheets had come out."""

    def after(locked: Letter, taken: Taken) -> None:
        unsaid_prints(locked).update(came_out=True, said_by=by, said_at=taken.at)
        tell_worker(locked)

    return step(letter, Action.RETURN_TO_WORKER, by=by, seen=seen, after=after)
