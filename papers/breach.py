"""What a loss opens on the floor below: a breach report, already filled in (CLS-7)."""

from __future__ import annotations

import datetime as dt

from breaches import actions
from breaches.duties import Kind
from breaches.words import Category
from distribution.models import Item as Copy
from letters.models import Letter
from papers.models import Device, Gone, PapersKind, PapersOut
from postroom.forms import in_words
from postroom.people.models import User


def report_of_loss(papers: PapersOut, *, by: User, at: dt.datetime, words: str) -> str:
    """Report these papers as lost or stolen in the caller's transaction; returns the breach's reference.

    Lost, or stolen; when, by whom found out, whose case, how many papers, how they were carried. The council is aware
    from now (`at`) on, so the police and the 72 hours begin with this step. Who had the papers counts as involved.
    """
    breach = actions.report(
        by=by,
        report=actions.Report(
            kinds=(Kind.THEFT if papers.gone == Gone.THEFT else Kind.LOSS,),
            office=papers.case.office if papers.case else papers.office,
            what=_words(papers, words),
            occurred_at=papers.gone_since,
            discovered_at=at,
            discovered_by=by.name,
            aware_at=at,
            reported_for=papers.holder if papers.holder_id != by.pk else None,
            letter=letter_of(papers),
            copy=copy_of(papers),
            cases=(papers.case,) if papers.case else (),
            record_count=papers.pages,
            categories=(Category.CHILDREN, Category.FAMILY),
            done_at_once="",
            involved=(papers.holder,),
        ),
    )
    return str(breach.reference)


def letter_of(papers: PapersOut) -> Letter | None:
    """The letter whose delivery by hand entered these papers, or None."""
    kind, _, rest = papers.entered_by.partition("/")
    return Letter.objects.filter(reference=rest.partition("/")[0]).first() if kind == Letter.ledger_kind else None


def copy_of(papers: PapersOut) -> Copy | None:
    """The copy of a report or minutes whose delivery by hand entered these papers, or None."""
    kind, _, rest = papers.entered_by.partition("/")
    if kind != Copy.ledger_kind:
        return None
    return Copy.objects.filter(reference=rest.partition("/")[0]).select_related("case", "distribution").first()


def _words(papers: PapersOut, words: str) -> str:
    """What happened in the reporter's words, then what the register knows."""
    what = "A notebook" if papers.kind == PapersKind.NOTEBOOK else papers.title
    known = [f"{what}: {papers.what}. Papers out {papers.reference}."]
    if papers.taken_at:
        known.append(f"Taken by {papers.holder.name} for: {papers.get_purpose_display().lower()}.")
    known.append("They were in a lockable bag.")
    if papers.device == Device.LAPTOP:
        known.append("A laptop with a password was with them.")
    known.append(f"They were due back on {in_words(papers.due_on)}.")
    return f"{words.strip()}\n\n{' '.join(known)}"
