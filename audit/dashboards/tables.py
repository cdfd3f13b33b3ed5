"""The figures as tables: the page, its plots and every export show these same rows."""

from __future__ import annotations

from dataclasses import dataclass

from audit.dashboards.counting import GROUP_NAMES
from audit.dashboards.figures import Figures
from audit.spotchecks.plan import percent

Cell = str | int | float


@dataclass(frozen=True)
class Table:
    """A title, its columns, its rows; the first column names the row."""

    slug: str
    title: str
    head: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    note: str = ""


def per_thousand(part: int, whole: int) -> str:
    """As people read it: 1.2; "–" where there is nothing to divide by."""
    return f"{1000 * part / whole:.1f}" if whole else "–"


def tables_of(figures: Figures) -> list[Table]:
    """All of them, in the order of the page."""
    return [_now(figures), _stays(figures), _months(figures), _pp(figures), _checks(figures), _breaches(figures)]


def _now(figures: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [(now.name, now.count, now.stuck) for now in figures.now]
    rows.append(("Posted, not on the case record", figures.owed, figures.owed_late))
    rows.append(("Handed over, not on the case record", *figures.owed_handed))
    rows.append(("Sent by secure e-mail, not on the case record", *figures.owed_emailed))
    return Table("now", "Where letters stand now", ("State", "Letters", "Waiting too long"), rows)


def _stays(figures: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (stay.name, stay.count, round(stay.days, 1), *(percent(group, stay.count) for group in stay.groups))
        for stay in figures.stays
    ]
    head = ("State", "Letters that left it", "Days on average", *GROUP_NAMES)
    return Table("stays", "How long letters stay in each state", head, rows, "Calendar days, weekends included.")


def _months(figures: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (m.name, m.posted, m.pp, percent(m.pp, m.posted), m.uploaded,
         round(m.upload_days / m.uploaded, 1) if m.uploaded else "–", m.returned, m.opened)
        for m in figures.months
    ]  # fmt: skip
    head = ("Month", "Posted", "Of them pp", "pp share", "Put on the case record", "Days to it on average",
            "Came back", "Of them opened")  # fmt: skip
    return Table("months", "Month by month", head, rows)


def _pp(figures: Figures) -> Table:
    whole = figures.total("pp")
    rows: list[tuple[Cell, ...]] = [(name, count, percent(count, whole)) for name, count in figures.pp_by]
    return Table("pp", "Who signed pp", ("Person", "Letters posted", "Share of all pp"), rows)


def _checks(figures: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            f"{check.finished_at:%d %B %Y}".lstrip("0") if check.finished_at else "",
            check.office.name if check.office else "All offices",
            check.sample,
            check.count,
            check.faulty or 0,
            percent(check.faulty or 0, check.sample),
            percent(check.at_most or 0, check.count),
        )
        for check in figures.checks
    ]
    head = ("Finished", "Office", "Looked at", "Of", "Faulty", "Found", "At most, 95 % sure")
    return Table(
        "checks",
        "Spot checks",
        head,
        rows,
        "Items picked by hand are not counted. They are letters, and copies of reports and minutes.",
    )


def _breaches(figures: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (m.name, m.breaches, m.near_misses, m.items, per_thousand(m.breaches, m.items)) for m in figures.months
    ]
    head = ("Month", "Breaches", "Near misses", "Items sent", "Breaches per 1,000 items")
    note = (
        "Items: letters posted, handed over or sent by secure e-mail, and copies of reports and minutes by registered "
        "post, by secure e-mail or into somebody's own hands. A breach counts in the month in which somebody became "
        "aware of it."
    )
    return Table("breaches", "Breaches", head, rows, note)
