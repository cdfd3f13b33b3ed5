"""Reporting, putting the facts right, who is involved, the assessment (OGP-11, OGP-12, CLS-8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from breaches.actions.common import hands_on, holders, involve, open_letters, set_due_times, step, tell
from breaches.copies import hands_on_copy
from breaches.duties import DUTIES, Kind, duties_missing
from breaches.models import ROWS, Breach, BreachDuty, Decision, Involved, ReportDraft
from breaches.policy import PARTY_ROLES, POLICY
from breaches.states import BreachAction
from breaches.words import Category
from distribution.models import Item as Copy
from letters.models import Letter
from postroom.cases.models import Case
from postroom.people.models import Office, User
from postroom.people.roles import Role
from postroom.steps.engine import Seen, Taken, create
from postroom.steps.errors import InvalidStep

PLACES = {row.duty: place for place, row in enumerate(DUTIES)}
# Begun and never sent: its words belong to no breach case, and so to no schedule of one.
DRAFT_DAYS = 30
# So long after a report the same words of the same person, about the same moments, are that report sent again.
AGAIN = dt.timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the reporter tells. Times are aware; `occurred_at` None: not known; `cases`: the cases concerned.

    `letter` or `copy` (of a report or minutes), never both: what it is about.
    """

    kinds: tuple[Kind, ...]
    office: Office
    what: str
    discovered_at: dt.datetime
    discovered_by: str
    aware_at: dt.datetime
    occurred_at: dt.datetime | None = None
    reported_for: User | None = None
    letter: Letter | None = None
    copy: Copy | None = None
    cases: tuple[Case, ...] = ()
    people_count: int | None = None
    record_count: int | None = None
    categories: tuple[str, ...] = ()
    done_at_once: str = ""
    involved: tuple[User, ...] = ()


def report(*, by: User, report: Report, draft: ReportDraft | None = None) -> Breach:
    """Report a breach or near miss; its duties are there at once, and those who have them are told (OGP-11).

    Raises InvalidStep naming the entry that can't be.
    """
    now = timezone.now()
    _judge_times(report.occurred_at, report.discovered_at, report.aware_at, now)
    _judge_words(report.kinds, report.what)
    if report.letter and report.copy:
        raise InvalidStep("Report it with the letter or with the copy, and name the other in your words.", "what")
    hands = hands_on(report.letter) if report.letter else {}
    hands |= hands_on_copy(report.copy) if report.copy else {}
    hands |= {person.pk: "named in the report" for person in report.involved if person.pk not in hands}
    breach = Breach(
        office=report.office,
        what=report.what,
        occurred_at=report.occurred_at,
        discovered_at=report.discovered_at,
        discovered_by=report.discovered_by,
        aware_at=report.aware_at,
        reported_at=now,
        reported_by=by,
        reported_for=report.reported_for,
        line_manager=_line_manager(report.reported_for or by, hands),
        letter=report.letter,
        copy=report.copy,
        people_count=report.people_count,
        record_count=report.record_count,
        categories=_categories(report.categories),
        done_at_once=report.done_at_once,
        **_flags(report.kinds),
    )

    def after(made: Breach, taken: Taken) -> None:
        of_it = [about.case for about in (report.letter, report.copy) if about is not None]
        made.cases.set({*report.cases, *of_it})
        Involved.objects.bulk_create(Involved(breach=made, user_id=pk, how=how) for pk, how in hands.items())
        _add_duties(made, report.kinds)
        open_letters(made)
        if draft is not None:
            ReportDraft.objects.filter(pk=draft.pk, by=by).delete()

    details = {
        "kinds": [str(kind) for kind in report.kinds],
        "letter": report.letter.reference if report.letter else "",
        **({"copy": report.copy.reference} if report.copy else {}),
        "aware_at": report.aware_at.isoformat(),
    }
    return create(breach, action=BreachAction.REPORT, by=by, policy=POLICY, details=details, after=after)


def report_once(*, by: User, told: Report, draft: ReportDraft | None = None) -> Breach:
    """`report`; but the same form sent again (a double click, a lost answer) gives the breach that it made the first
    time, so that no clock runs twice. Two that arrive together take turns."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        made = Breach.objects.filter(
            **_flags(told.kinds),
            reported_at__gte=timezone.now() - AGAIN,
            reported_by=by,
            reported_for=told.reported_for,
            office=told.office,
            what=told.what,
            discovered_at=told.discovered_at,
            aware_at=told.aware_at,
            letter=told.letter,
            copy=told.copy,
        ).first()
        return made or report(by=by, report=told, draft=draft)


def amend(*, breach: Breach, by: User, seen: Seen, facts: Mapping[str, Any]) -> Breach:
    """Put the facts right: what, when it occurred and was discovered, whose data (`cases`), what was done at once.

    When the council became aware is changed by `change_aware`, more loss by `find_more`. Raises InvalidStep.
    """
    names = {
        "what", "occurred_at", "discovered_at", "discovered_by", "people_count", "record_count", "categories",
        "done_at_once",
    }  # fmt: skip

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        changed = sorted(name for name in names & set(facts) if getattr(locked, name) != facts[name])
        cases = _other_cases(locked, facts["cases"]) if "cases" in facts else None
        for name in changed:
            setattr(locked, name, facts[name])
        _judge_times(locked.occurred_at, locked.discovered_at, locked.aware_at, taken.at)
        _judge_words(locked.kinds, locked.what)
        return {"changed": [*changed, "cases"], "cases": cases} if cases is not None else {"changed": changed}

    def after(locked: Breach, taken: Taken) -> None:
        if "cases" in facts:
            locked.cases.set(facts["cases"])

    return step(breach, BreachAction.AMEND, by=by, seen=seen, change=change, after=after)


def _other_cases(breach: Breach, cases: Collection[Case]) -> list[str] | None:
    """The references of `cases` where they are others than before, else None.

    Raises InvalidStep if a case would go whose people are named, or of which the letter to the service user is.
    """
    before, now = set(breach.cases.values_list("pk", flat=True)), {case.pk for case in cases}
    named = breach.service_users.filter(cleared_at__isnull=True, person__case__in=before - now)
    if named.exists() or breach.service_user_letters.filter(letter__case__in=before - now).exists():
        words = "People of a case you left out are named on this breach, or its letter is linked. Leave the case in."
        raise InvalidStep(words, "case_references")
    return sorted(case.reference for case in cases) if now != before else None


def change_aware(*, breach: Breach, by: User, seen: Seen, aware_at: dt.datetime, reason: str) -> Breach:
    """The council became aware at another time; the 72 hours and every open duty are counted anew. Needs a reason."""

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        if aware_at > locked.reported_at:
            raise InvalidStep("The council was aware at the latest when this was reported.", "aware_at")
        if locked.occurred_at and aware_at < locked.occurred_at:
            raise InvalidStep("Nobody can have been aware before it happened.", "aware_at")
        before, locked.aware_at = locked.aware_at, aware_at
        return {"from": before.isoformat(), "to": aware_at.isoformat()}

    return step(
        breach,
        BreachAction.CHANGE_AWARE,
        by=by,
        seen=seen,
        reason=reason,
        change=change,
        after=lambda locked, taken: set_due_times(locked),
    )


def find_more(*, breach: Breach, by: User, seen: Seen, kinds: Iterable[Kind], reason: str) -> Breach:
    """More was found: what is missing among the duties is added, what is done stays done.

    The breach goes back to be assessed and decided on; a closed one is opened again. `reason`: what was found.
    """
    more = tuple(Kind(kind) for kind in kinds)

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        for name, yes in _flags({*locked.kinds, *more}).items():
            setattr(locked, name, yes)
        locked.decided_ad = locked.decided_cg = locked.decided_at = locked.closed_at = None
        Decision.objects.filter(breach=locked, superseded_at__isnull=True).update(superseded_at=taken.at)
        return {"kinds": [str(kind) for kind in locked.kinds]}

    return step(
        breach,
        BreachAction.FIND_MORE,
        by=by,
        seen=seen,
        reason=reason,
        change=change,
        after=lambda locked, taken: _add_duties(locked, locked.kinds),
    )


def name_involved(*, breach: Breach, by: User, seen: Seen, person: User, how: str) -> Breach:
    """Somebody is involved: from now on they are kept out, and the linked letters are closed to them.

    A decision they wrote that the other of the two has not agreed to yet doesn't stand any more (CLS-15).
    """

    def after(locked: Breach, taken: Taken) -> None:
        if Involved.objects.filter(breach=locked, user=person, cleared_at__isnull=True).exists():
            raise InvalidStep("This person is named already.", "person")
        involve(locked, person, how, taken.at)

    return step(
        breach, BreachAction.NAME_INVOLVED, by=by, seen=seen, change=lambda b, t: {"person": person.pk}, after=after
    )


def clear_involved(*, breach: Breach, by: User, seen: Seen, involved: Involved, reason: str) -> Breach:
    """It was not so: the person is no longer kept out. Needs a reason; nobody clears themselves."""

    def after(locked: Breach, taken: Taken) -> None:
        standing = Involved.objects.filter(pk=involved.pk, breach=locked, cleared_at__isnull=True)
        if not standing.update(cleared_at=taken.at):
            raise InvalidStep("This person is not named any more.", "")
        open_letters(locked)

    details = {"person": involved.user_id}
    return step(
        breach, BreachAction.CLEAR_INVOLVED, by=by, seen=seen, reason=reason, change=lambda b, t: details, after=after
    )


def assess(
    *,
    breach: Breach,
    by: User,
    seen: Seen,
    likelihood: int,
    severity: int,
    consequences: str,
    containment: str,
    redress: str,
) -> Breach:
    """The risk on the grid with its words, what limits the harm, what makes good (CLS-8)."""
    for value, name in ((likelihood, "likelihood"), (severity, "severity")):
        if not 1 <= value <= 5:
            raise InvalidStep("Choose a step from 1 to 5.", name)
    for words, name, ask in (
        (consequences, "consequences", "Say what it is likely to mean for the people concerned."),
        (containment, "containment", "Say what was done to limit the harm."),
        (redress, "redress", "Say what is done to make good the loss."),
    ):
        if not words.strip():
            raise InvalidStep(ask, name)

    def change(locked: Breach, taken: Taken) -> dict[str, Any]:
        locked.likelihood, locked.severity = likelihood, severity
        locked.consequences, locked.containment, locked.redress = consequences, containment, redress
        locked.assessed_by, locked.assessed_at = by, taken.at
        # A decision was on another assessment: whoever wrote it looks again.
        Decision.objects.filter(breach=locked, superseded_at__isnull=True).update(superseded_at=taken.at)
        return {"likelihood": likelihood, "severity": severity}

    def after(locked: Breach, taken: Taken) -> None:
        deciders = holders((Role.ASSISTANT_DIRECTOR, Role.CALDICOTT_GUARDIAN))
        tell(locked, deciders, "breach_asked", f"assessed{locked.version}", but=by)

    return step(breach, BreachAction.ASSESS, by=by, seen=seen, change=change, after=after)


def _line_manager(person: User, out: Collection[int]) -> User | None:
    """Who manages this person; one who has left or is among `out` (involved) is passed over for the next one up."""
    passed, manager = {person.pk}, person.line_manager
    while manager is not None and manager.pk not in passed:
        if manager.is_active and manager.pk not in out:
            return manager
        passed.add(manager.pk)
        manager = manager.line_manager
    return None


def _add_duties(breach: Breach, kinds: Collection[Kind]) -> None:
    """Add the duties that these kinds of event bring and that are not there yet; tell those who have them."""
    standing = set(BreachDuty.objects.filter(breach=breach).values_list("duty", flat=True))
    missing = duties_missing(kinds, [duty for duty in PLACES if duty in standing])
    BreachDuty.objects.bulk_create(BreachDuty(breach=breach, duty=row.duty, place=PLACES[row.duty]) for row in missing)
    set_due_times(breach)
    roles = {Role.INFORMATION_GOVERNANCE} | {PARTY_ROLES[row.whom] for row in missing if row.whom in PARTY_ROLES}
    if not breach.only_near_miss:
        roles.add(Role.ASSISTANT_DIRECTOR)
    told = holders(roles)
    if breach.line_manager_id is not None and any(row.whom == "line_manager" for row in missing):
        told.add(breach.line_manager_id)
    tell(breach, told, "breach_reported", breach.version)


def _flags(kinds: Collection[Kind]) -> dict[str, bool]:
    return {f"is_{kind}": kind in kinds for kind in Kind}


def _categories(chosen: Iterable[str]) -> list[str]:
    return [str(Category(one)) for one in chosen]


def _judge_words(kinds: Collection[Kind], what: str) -> None:
    if not kinds:
        raise InvalidStep("Say whether it is a near miss, or something was disclosed, lost or stolen.", "kinds")
    if not what.strip():
        raise InvalidStep("Say what happened.", "what")


def _judge_times(
    occurred: dt.datetime | None, discovered: dt.datetime, aware: dt.datetime, reported: dt.datetime
) -> None:
    """The four times in their order: it occurs, is discovered; somebody is aware; it is reported."""
    if discovered > reported:
        raise InvalidStep("When it was discovered can't be in the future.", "discovered_at")
    if occurred is not None and occurred > discovered:
        raise InvalidStep("It can't have happened after it was discovered.", "occurred_at")
    if aware > reported:
        raise InvalidStep("The council was aware at the latest when this was reported.", "aware_at")
    if occurred is not None and aware < occurred:
        raise InvalidStep("Nobody can have been aware before it happened.", "aware_at")


__all__ = [
    "ROWS",
    "Report",
    "amend",
    "assess",
    "change_aware",
    "clear_involved",
    "find_more",
    "name_involved",
    "report",
]


def forget_drafts() -> int:
    """Delete what was begun on the form, and neither sent nor touched for DRAFT_DAYS; returns how many (CLS-1)."""
    before = timezone.now() - dt.timedelta(days=DRAFT_DAYS)
    return ReportDraft.objects.filter(saved_at__lt=before).delete()[0]
