"""The table of duties in Markdown, for `docs/duties.md`. Pure."""

from __future__ import annotations

from breaches.duties import DEFAULT_TIMES, DUTIES, PARTY_NAMES, Due, Kind, Unit


def duties_table() -> str:
    """One line for each duty: its words, of which kinds of event, by when, and what proves it done."""
    kinds = " | ".join(_words(kind) for kind in Kind)
    parts = [
        "# What follows from a breach or near miss\n\n"
        "The times are defaults, under the names that `breaches/duties.py` gives them.\n\n",
        f"| duty | whom | {kinds} | by when | evidence | clauses |\n|---|---|{'---|' * len(Kind)}---|---|---|\n",
    ]
    for row in DUTIES:
        demanded = " | ".join("yes" if kind in row.kinds else "" for kind in Kind)
        parts.append(
            f"| {row.words} | {PARTY_NAMES[row.whom]} | {demanded} | {_by_when(row.due)} "
            f"| {_words(row.evidence)} | {', '.join(row.clauses)} |\n"
        )
    return "".join(parts)


def _by_when(due: Due) -> str:
    figure = DEFAULT_TIMES[due.setting]
    counted = "working days" if due.unit is Unit.WORKING_DAYS else "hours"
    start = f"after `{due.after}`" if due.after else "from becoming aware"
    return f"{f'{figure} {counted} {start}' if figure else 'at once'} (`{due.setting}`)"


def _words(name: str) -> str:
    return name.replace("_", " ")
