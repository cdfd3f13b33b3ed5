"""The envelope: contents checked and initialled; opened again (OGP-4a, OGP-4b, OGP-5)."""

from __future__ import annotations

from typing import Any

from letters import actions
from letters.actions.enveloping import made_items, own_sheets, print_in_hand, sheets_to_count, things_to_count
from letters.content import pdf_of
from letters.forms.enveloping import EnvelopeForm, ReasonForm
from letters.models import Letter, SheetScan
from letters.rendering.addresses import is_abroad
from letters.sheets_in import ToScan, scan_of, to_scan
from letters.states import Action
from letters.views.common import Outcome, run_step
from letters.views.desk import StepPage

CHANGED_SINCE = "Its address, or a name on it, has changed on the case."


class EnvelopePage(StepPage):
    """Put the letter in its window envelope and initial it."""

    action = Action.ENVELOPE
    template = "letters/desk/envelope.html"

    # A form that came too late shows what was scanned, too.
    scan = SheetScan.OFFERED
    to_scan: ToScan | None = None

    def prepare(self) -> None:
        if self.letter.current is not None and not self.letter.current.sheets:
            pdf_of(self.letter.current)  # counts its sheets
        self.scan = scan_of(self.letter.office_id)
        self.to_scan = to_scan(self.letter) if self.scan != SheetScan.OFF else None
        if self.to_scan is None:
            self.scan = SheetScan.OFF

    def form(self, data: Any = None) -> EnvelopeForm:
        return EnvelopeForm(
            data,
            initials=self.user.initials,
            return_mark=self.letter.office.post.return_mark,
            addressee=self.letter.addressee.name,
            things=things_to_count(self.letter),
            scan=self.scan,
            to_scan=self.to_scan,
        )

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.envelope, form=form, **form.step())

    def context(self) -> dict[str, Any]:
        version = self.letter.current
        assert version is not None  # noqa: S101 - signed, so typed
        content = version.as_content
        printed = print_in_hand(self.letter)
        total = sheets_to_count(self.letter, printed)
        return {
            "address": content["address_lines"],
            "abroad": is_abroad(content["address_lines"]),
            "enclosures": [*content["enclosures"], *made_items(self.letter)],
            "own_sheets": own_sheets(self.letter, printed),
            "both_sides": printed is not None and printed.both_sides,
            "printed_behind": any(item.get("kind") == "file" for item in content["enclosures"]),
            "total": total,
            "to_scan": self.to_scan,
            "too_many": _too_many(total, version.stock.max_sheets),
        }

    def words(self, letter: Letter) -> str:
        return f"In its envelope, initialled {letter.initials}. Next: post it."


def _too_many(total: int, takes: int) -> str:
    """Why it doesn't go into this envelope, and what to do; "" if it does."""
    if total <= takes:
        return ""
    return (
        f"{total} sheets are too many for this envelope, which takes {takes}. Ask for the letter to be returned for "
        "retyping with fewer enclosures, or for the office to use a larger envelope."
    )


class ReopenPage(StepPage):
    """Open the envelope again, before it is posted."""

    action = Action.REOPEN
    template = "letters/desk/reopen.html"

    def form(self, data: Any = None) -> ReasonForm:
        return ReasonForm(data, initial={"reason": CHANGED_SINCE if self.letter.anew else ""})

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.reopen, form=form, **form.cleaned_data)

    def words(self, letter: Letter) -> str:
        if letter.anew:
            return "The envelope is open again. The letter is not sent as it is: its page says what is next."
        return "The envelope is open again. The initials no longer count; the signature does."
