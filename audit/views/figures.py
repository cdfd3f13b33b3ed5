"""Compliance at a glance: one office or all of theirs, the last months, as files too, and the letters behind."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.dashboards import exports, plots
from audit.dashboards.counting import GROUP_NAMES, SETTLED
from audit.dashboards.figures import Figures, figures_of, months_back
from audit.dashboards.keeping import first_look
from audit.dashboards.tables import Table, per_thousand, tables_of
from audit.floor_policy import offices_for
from audit.floor_rules import FloorAction
from audit.selectors import visible_checks
from audit.spotchecks.plan import percent
from audit.views.common import not_allowed, person
from postroom.context import authority_for
from postroom.forms import PlainForm
from postroom.people.models import Office

MONTHS = [("1", "This month"), ("3", "3 months"), ("6", "6 months"), ("12", "12 months"), ("24", "24 months")]
ON_A_PAGE = 50


class ChooseForm(PlainForm):
    """Which office, how long."""

    office = forms.ChoiceField(label="Office", required=False)
    months = forms.ChoiceField(label="Time", choices=MONTHS, required=False)


@dataclass(frozen=True)
class Scope:
    """What was chosen: the offices, how many months, and both as they stand in an address."""

    offices: list[Office]
    months: int
    office_code: str
    form: ChooseForm

    @property
    def query(self) -> str:
        return f"office={self.office_code}&months={self.months}"

    @property
    def words(self) -> str:
        return self.offices[0].name if len(self.offices) == 1 else "All offices"


def scope_of(request: HttpRequest) -> Scope | None:
    """What the person chose among what they may see; None if they may see none. Http404 for an office not theirs."""
    mine = offices_for(authority_for(request), FloorAction.SEE_FIGURES)
    if not mine:
        return None
    code, months = request.GET.get("office", ""), request.GET.get("months", "12")
    chosen = [office for office in mine if office.code == code] if code and code != "all" else mine
    if not chosen:
        raise Http404
    months = months if months in dict(MONTHS) else "12"
    shown = code if code and code != "all" else mine[0].code if len(mine) == 1 else "all"
    form = ChooseForm(initial={"office": shown, "months": months})
    choices = [(office.code, office.name) for office in mine]
    form.fields["office"].choices = [("all", "All offices"), *choices] if len(mine) > 1 else choices  # type: ignore[attr-defined]
    return Scope(chosen, int(months), shown, form)


def no_figures(request: HttpRequest) -> HttpResponse:
    return not_allowed(request, "The figures are for managers, each for their own office.")


@login_required
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The page."""
    scope = scope_of(request)
    if scope is None:
        return no_figures(request)
    if not first_look():
        return render(request, "audit/figures_not_yet.html", {"scope": scope})
    found = figures_of(scope.offices, scope.months)
    tables = {table.slug: table for table in tables_of(found)}
    links = _links(request, found, scope)
    context = {
        "scope": scope,
        "figures": found,
        "tiles": _tiles(found, scope),
        "sections": [
            {
                "table": tables[slug],
                "rows": _shown(tables[slug]),
                "plot": plot,
                "empty": empty,
                "links": links.get(slug, []),
            }
            for slug, plot, empty in _sections(found)
        ],
    }
    return render(request, "audit/figures.html", context)


def _shown(table: Table) -> list[list[str]]:
    """The rows as words; a nought is a figure too."""
    return [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in table.rows]


def _tiles(found: Figures, scope: Scope) -> list[dict[str, Any]]:
    posted, letters = found.total("posted"), f"{reverse('audit:figure_letters')}?{scope.query}&what="
    late = found.owed_handed[1] + found.owed_emailed[1]
    tiles: list[dict[str, Any]] = [
        {"label": "Posted", "value": f"{posted:,}", "href": f"{letters}posted"},
        {"label": "Waiting too long", "value": found.stuck, "bad": found.stuck, "href": f"{letters}stuck"},
        {
            "label": "Posted, not on the case record",
            "value": found.owed,
            "note": f"{found.owed_late} of them too long",
            "bad": found.owed_late,
            "href": f"{letters}owed",
            "note_href": f"{letters}owed_late" if found.owed_late else "",
        },
        {
            "label": "Handed over or e-mailed, not on the case record",
            "value": f"{found.owed_handed[0] + found.owed_emailed[0]:,}",
            "note": f"{late} of them too long",
            "bad": late,
            "href": f"{letters}owed_other",
            "note_href": f"{letters}owed_other_late" if late else "",
        },
        {"label": "Signed pp", "value": percent(found.total("pp"), posted), "href": f"{letters}pp"},
        {
            "label": "Came back, per 1,000",
            "value": per_thousand(found.total("returned"), found.total("could_return")),
            "href": f"{letters}returned",
        },
    ]
    breaches, items = found.total("breaches"), found.total("items")
    tiles.append(
        {
            "label": "Breaches, per 1,000 items",
            "value": per_thousand(breaches, items),
            "href": f"{reverse('audit:figure_breaches')}?{scope.query}",
        }
    )
    return tiles


def _links(request: HttpRequest, found: Figures, scope: Scope) -> dict[str, list[dict[str, str]]]:
    """What lies behind each table, by its slug: letters by state, month and person; the spot checks themselves."""
    base = f"{reverse('audit:figure_letters')}?{scope.query}&what="
    checks = visible_checks(person(request), authority_for(request)).filter(pk__in=[c.pk for c in found.checks])
    mine = set(checks.values_list("pk", flat=True))
    breaches, copies = (f"{reverse(f'audit:figure_{name}')}?{scope.query}" for name in ("breaches", "copies"))
    stays = f"{reverse('audit:figure_stays')}?{scope.query}"
    return {
        "now": [
            link
            for now in found.now
            for link in (
                {"href": f"{base}now&state={now.state}", "text": f"{now.name}: {now.count:,}"},
                {"href": f"{base}stuck&state={now.state}", "text": f"{now.name}: {now.stuck:,} waiting too long"},
            )
            if now.stuck or not link["href"].startswith(f"{base}stuck")
        ]
        + [
            {"href": f"{base}{what}", "text": f"{words}, not on the case record: {count:,}"}
            for what, words, (count, _) in (
                ("owed", "Posted", (found.owed, 0)),
                ("owed_handed", "Handed over", found.owed_handed),
                ("owed_emailed", "Sent by secure e-mail", found.owed_emailed),
            )
            if count
        ],
        "stays": [
            {"href": f"{stays}&state={stay.state}{more}", "text": f"{stay.name}: {count:,} {words}"}
            for stay in found.stays
            for more, count, words in (
                ("", stay.count, "left it"),
                *((f"&group={n}", stay.groups[n], name.lower()) for n, name in enumerate(GROUP_NAMES)),
            )
            if count
        ],
        "months": [
            {"href": f"{base}{what}&month={m.first:%Y-%m}", "text": f"{m.name}: {count:,} {words}"}
            for m in found.months
            for what, count, words in (
                ("posted", m.posted, "posted"),
                ("pp", m.pp, "of them signed pp"),
                ("uploaded", m.uploaded, "put on the case record"),
                ("returned", m.returned, "came back"),
                ("opened", m.opened, "of them opened"),
            )
            if count
        ],
        "breaches": [
            {"href": f"{address}&month={m.first:%Y-%m}", "text": f"{m.name}: {count:,} {words}"}
            for m in found.months
            for address, count, words in (
                (breaches, m.breaches + m.near_misses, "breaches and near misses"),
                (f"{base}posted", m.posted, "letters posted"),
                (f"{base}handed", m.handed, "letters handed over"),
                (f"{base}emailed", m.emailed, "letters sent by secure e-mail"),
                (copies, m.copies, "copies of reports and minutes"),
            )
            if count
        ],
        "pp": [
            {"href": f"{base}pp&by={pk}", "text": f"{name}: {count:,} signed pp"}
            for pk, (name, count) in zip(found.pp_ids, found.pp_by, strict=True)
        ],
        "checks": [
            {"href": reverse("audit:spot_check", args=[c.reference]), "text": f"{c.finished_at:%-d %B %Y}: {c.result}"}
            for c in found.checks
            if c.pk in mine
        ],
    }


def _sections(found: Figures) -> list[tuple[str, Any, str]]:
    """Slug of the table, its plot, the sentence where there is nothing."""
    stands = [(now.name, now.count, now.stuck, f"{now.count:,}") for now in found.now if now.state not in SETTLED]
    stays = [(stay.name, stay.days, 0.0, f"{stay.days:.1f} d") for stay in found.stays]
    months = [(m.short, m.posted, m.pp, f"{m.name}: {m.posted} posted, {m.pp} of them pp") for m in found.months]
    people = [(name, count, 0.0, str(count)) for name, count in found.pp_by[:10]]
    checks = [
        (f"{c.finished_at:%d %b}", (c.faulty or 0) / c.sample, (c.at_most or 0) / c.count, c.result)
        for c in found.checks
    ]
    breaches = [
        (m.short, 1000 * m.breaches / m.items if m.items else 0, 0.0, f"{m.name}: {m.breaches} breaches")
        for m in found.months
    ]
    bound = "The dot is what was found; the line reaches to what there can be at most, 95 % sure."
    return [
        _section(plots.bars("now", "Letters under way, by state", "The dark part has waited too long.", stands)),
        _section(plots.bars("stays", "Days in each state on average", "", stays)),
        _section(plots.columns("months", "Letters posted each month", "The dark part was signed pp.", months)),
        _section(plots.bars("pp", "Letters signed pp and posted, by whom", "The ten with most.", people)),
        _section(plots.bounds("checks", "Share faulty in each spot check", bound, checks)),
        _section(plots.columns("breaches", "Breaches per 1,000 items sent", "", breaches)),
    ]


EMPTY = {
    "now": "No letter yet.",
    "stays": "No letter has moved in this time.",
    "months": "",
    "pp": "Nothing was signed pp in this time.",
    "checks": "No spot check was finished in this time.",
    "breaches": "",
}


def _section(plot: Any) -> tuple[str, Any, str]:
    return plot.slug, plot, EMPTY[plot.slug]


@login_required
@require_safe
def figures_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The same tables as a file: csv, xlsx or pdf."""
    scope = scope_of(request)
    if scope is None:
        return no_figures(request)
    if not first_look():
        return redirect(f"{reverse('audit:figures')}?{scope.query}")
    tables: list[Table] = tables_of(figures_of(scope.offices, scope.months))
    match kind:
        case "csv":
            data, media = exports.as_csv(tables), "text/csv; charset=utf-8"
        case "xlsx":
            data, media = exports.as_xlsx(tables), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case "pdf":
            today = timezone.localdate()
            subtitle = f"{scope.words}, {dict(MONTHS)[str(scope.months)].lower()} up to {today.day} {today:%B %Y}"
            data, media = exports.as_pdf(tables, title="Compliance figures", subtitle=subtitle), "application/pdf"
        case _:
            raise Http404
    headers = {"Content-Disposition": f'attachment; filename="figures.{kind}"', "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type=media, headers=headers)


def days_of(scope: Scope, month: str) -> tuple[dt.date, dt.date]:
    """First and last day of the months chosen, or of one of them (2026-07). Http404 for another."""
    firsts = {f"{first:%Y-%m}": first for first in months_back(timezone.localdate(), scope.months)}
    if month and month not in firsts:
        raise Http404
    begin, last = (firsts[month], firsts[month]) if month else (min(firsts.values()), max(firsts.values()))
    return begin, (last + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
