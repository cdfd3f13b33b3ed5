"""The Information & Records Manager's report, written and signed off by their own hand (CLS-11)."""

from __future__ import annotations

from typing import Any

from breaches.actions.common import set_due_times, step
from breaches.actions.duties import settle, to_do
from breaches.duties import Duty
from breaches.models import Breach, BreachDuty
from breaches.reports.content import Signed, of_records_manager
from breaches.reports.parts import moment
from breaches.reports.pdf import report_pdf, unprintable
from breaches.states import BreachAction
from postroom.files.models import StoredFile
from postroom.files.store import store
from postroom.people.models import User
from postroom.people.roles import ROLE_NAMES, Role
from postroom.steps.engine import Seen, Taken
from postroom.steps.errors import InvalidStep


def sign_report(*, breach: Breach, by: User, seen: Seen, findings: str, signed_off: bool) -> Breach:
    """Freeze the report as it stands with its author's findings: the PDF is kept, its hash is in the ledger.

    The duty is done with that very file. `findings`: what the author concludes, in their words. `signed_off`: they
    have read the report and sign it off. Raises InvalidStep naming what is missing or can't be printed.
    """
    if not findings.strip():
        raise InvalidStep("Write what you found and conclude: it is your report.", "findings")
    if sentence := unprintable(findings):
        raise InvalidStep(sentence, "findings")
    if not signed_off:
        raise InvalidStep("Read the report, and confirm that you sign it off.", "signed_off")

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        row = to_do(locked, Duty.RECORDS_MANAGER_REPORT)
        file = _frozen(locked, Signed(by.name, _office(taken), taken.at, findings.strip()))
        settle(row, BreachDuty.Status.DONE, by, taken.at)
        row.happened_at, row.note, row.file = taken.at, findings.strip(), file
        row.save()
        return {"duty": str(Duty.RECORDS_MANAGER_REPORT), "file": file.pk}

    return step(
        breach,
        BreachAction.SIGN_REPORT,
        by=by,
        seen=seen,
        change=change,
        after=lambda locked, taken: set_due_times(locked),
    )


def _office(taken: Taken) -> str:
    """In what office they sign: the holder, or the dated deputy as the record has it."""
    return taken.authority or ROLE_NAMES[Role.RECORDS_MANAGER]


def _frozen(breach: Breach, signed: Signed) -> StoredFile:
    """The report of this very moment as a kept PDF; rolled back with its step, the sweep of orphans removes it."""
    pdf = report_pdf(of_records_manager(breach, signed), f"Signed off {moment(signed.at)} by {signed.name}.")
    return store(pdf, "application/pdf")
