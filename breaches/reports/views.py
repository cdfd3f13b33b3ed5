"""Pages and files of breaches' reports: seen by those who see the whole of a breach, and by nobody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from breaches.kept_out import kept_out
from breaches.models import Breach, BreachDuty
from breaches.presenters import phases_of, to_send_of
from breaches.reports import figures, register
from breaches.reports.content import NONE, REPORTS, contact_point, notification_file, signed_report, without_staff
from breaches.reports.parts import moment
from breaches.reports.pdf import register_pdf, report_pdf
from breaches.reports.readers import READERS
from breaches.selectors import sight_of, visible_to
from breaches.sight import Part, Sight, sees
from postroom.context import authority_for
from postroom.files.store import read
from postroom.ledger.readings import record_read
from postroom.people.models import User
from postroom.people.roles import Role
from postroom.people.views.common import me
from postroom.steps.references import is_reference

MONTHS = {"3": 91, "12": 365, "36": 1096}


def _register(request: HttpRequest) -> QuerySet[Breach]:
    """The breaches whole of which this person sees. Raises PermissionDenied for those who read no register."""
    user, authority = me(request), authority_for(request)
    if not authority.has(*READERS):
        raise PermissionDenied("The register is read by information governance and by those who decide on breaches.")
    found = visible_to(user, authority=authority).filter(~kept_out(user.pk))
    if not authority.has(Role.INFORMATION_GOVERNANCE):
        # A near miss that they happened to report themselves is theirs to see, not part of their register.
        found = found.exclude(is_disclosure=False, is_loss=False, is_theft=False)
    return found


@login_required
@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures, alerts, and the newest of the register, with its files."""
    breaches = _register(request)
    span = request.GET.get("months", "12")
    today = timezone.localdate()
    since = today - dt.timedelta(days=MONTHS.get(span, 365))
    offices = figures.by_office(breaches, since)
    total = figures.whole(offices)
    causes, controls = (count(breaches, since, total.sent) for count in (figures.by_cause, figures.by_control))
    newest = breaches.select_related("office").order_by("-pk")[:25]
    context: dict[str, Any] = {
        "alerts": [alert.words for alert in figures.alerts(breaches, today)],
        "since": since,
        "spans": [{"value": key, "current": key == span} for key in MONTHS],
        "tiles": [
            {"label": "Breaches", "value": f"{total.breaches:,}"},
            {"label": "Near misses", "value": f"{total.near_misses:,}"},
            {"label": "Items sent", "value": f"{total.items:,}"},
            {"label": "Breaches for 1,000 items", "value": total.per_thousand},
        ],
        "groups": [
            _group("By office", "Office", [*offices, total] if len(offices) > 1 else offices, sent=True),
            _group("By cause", "Cause", causes),
            _group("By the control that should have held", "Control", controls),
        ],
        "newest_head": ["Reference", "Office", "State", "Reported"],
        "rows": [_newest(breach) for breach in newest],
        "files": [
            {"href": reverse("breach_reports:register", args=[kind]), "label": kind.upper()}
            for kind in ("csv", "xlsx", "pdf")
        ],
    }
    return render(request, "breach_reports/overview.html", context)


def _group(title: str, what: str, lines: list[figures.Line], *, sent: bool = False) -> dict[str, Any]:
    """One plot with its table: breaches and near misses, and the breaches for 1,000 items sent."""
    numbers = ["Letters", "Registered", "E-mailed", "By hand", "Items"] if sent else []
    return {
        "title": title,
        "head": [what, *_numeric("Breaches", "Near misses", *numbers, "Breaches for 1,000 items")],
        "rows": [[line.name, *_numeric(*_numbers(line, sent))] for line in lines],
        "plot": _plot(title, [line for line in lines if line.breaches or line.near_misses]),
    }


def _numbers(line: figures.Line, sent: bool) -> list[str]:
    one = line.sent
    parts = [one.letters, one.registered, one.emailed, one.handed_over, one.items] if sent else []
    return [*(f"{number:,}" for number in (line.breaches, line.near_misses, *parts)), line.per_thousand]


def _numeric(*words: str) -> list[dict[str, Any]]:
    return [{"text": word, "numeric": True} for word in words]


def _plot(title: str, lines: list[figures.Line]) -> dict[str, Any]:
    """Bars for the component `plot_bars`: breaches, near misses as the lighter rest; the sum of all is left out."""
    lines = [line for line in lines if line.name != figures.ALL]
    most = max((line.breaches + line.near_misses for line in lines), default=0) or 1
    bars = []
    for place, line in enumerate(lines):
        width = round(200 * (line.breaches + line.near_misses) / most, 1)
        y = place * 30 + 4
        bars.append(
            {
                "label": line.name,
                "words": f"{line.breaches} + {line.near_misses}",
                "y": y,
                "text_y": y + 15,
                "width": width,
                "part": round(200 * line.breaches / most, 1),
                "words_x": 156 + width,
            }
        )
    says = "Darker: breaches; the rest: near misses."
    return {
        "title": f"Breaches and near misses {title[:1].lower()}{title[1:]}",
        "says": says,
        "bars": bars,
        "height": 30 * len(bars) + 4,
    }


def _newest(breach: Breach) -> list[Any]:
    href = reverse("breach_reports:reports", args=[breach.reference])
    return [
        {"text": breach.reference, "href": href},
        breach.office.name,
        breach.state_name,
        moment(breach.reported_at),
    ]


@login_required
@never_cache
@require_safe
def register_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The whole register as CSV, XLSX or PDF."""
    if kind not in ("csv", "xlsx", "pdf"):
        raise Http404
    rows = register.rows_of(_register(request))
    made = f"Made {moment(timezone.now())} by {me(request).name}."
    record_read("list/breaches", by=me(request), what="export")
    if kind == "csv":
        return _file(register.as_csv(rows), "text/csv; charset=utf-8", "breaches.csv")
    if kind == "xlsx":
        xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return _file(register.as_xlsx(rows), xlsx, "breaches.xlsx")
    return _file(register_pdf(rows, made), "application/pdf", "breaches.pdf")


def _breach(request: HttpRequest, reference: str) -> tuple[Breach, Sight]:
    """The breach and how much is seen of it, if this person sees the whole; else it doesn't exist here: Http404."""
    user, authority = me(request), authority_for(request)
    compact = "".join(reference.split()).upper()
    rows = visible_to(user, authority=authority).select_related("office", "reported_by", "assessed_by")
    found = rows.filter(reference=compact).first() if is_reference(compact) else None
    sight = sight_of(found, user, authority) if found is not None else Sight.REPORTER
    if found is None or sight not in (Sight.FULL, Sight.DECIDER):
        raise Http404
    return found, sight


@login_required
@never_cache
@require_safe
def reports(request: HttpRequest, reference: str) -> HttpResponse:
    """The reports of one breach."""
    breach, _ = _breach(request, reference)
    record_read(breach, by=me(request), what="page")
    links = [
        {"href": reverse("breach_reports:report", args=[breach.reference, name]), "label": words}
        for name, (words, _) in REPORTS.items()
    ]
    frozen = [*phases_of(breach), *filter(None, [to_send_of(breach)])]
    links += [{"href": one.href, "label": one.words.rstrip(".")} for one in frozen if one.href]
    context = {
        "breach": breach,
        "links": links,
        "signed": signed_report(breach) is not None,
        "no_contact": any(value == NONE for _, value in contact_point()),
    }
    return render(request, "breach_reports/reports.html", context)


@login_required
@never_cache
@require_safe
def report(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """One report as PDF."""
    breach, sight = _breach(request, reference)
    if name.startswith("commissioner-"):
        kept = notification_file(breach, name.removeprefix("commissioner-"))
        if kept is None:
            raise Http404
        record_read(breach, by=me(request), what="pdf")
        return _file(read(kept.pk), kept.media_type, f"{breach.reference}-{name}.pdf")
    if name not in REPORTS:
        raise Http404
    record_read(breach, by=me(request), what="pdf")
    frozen = signed_report(breach) if name == "records-manager" else None
    if frozen is not None:  # what was signed off is the report, whatever was recorded since
        content, kind = kept_report(breach, frozen, sight, me(request))
        return _file(content, kind, f"{breach.reference}-{name}.pdf")
    made = f"Made {moment(timezone.now())} by {me(request).name}."
    pdf = report_pdf(REPORTS[name][1](breach), made)
    return _file(pdf, "application/pdf", f"{breach.reference}-{name}.pdf")


def kept_report(breach: Breach, row: BreachDuty, sight: Sight, user: User) -> tuple[bytes, str]:
    """The bytes and media type of the report that is kept with a duty, as far as it is for whoever sees so much.

    One kept when reports still said what was decided on staff goes to those who decide alone, for it can't be changed;
    the others get the same report made anew without that (OGP-12).
    """
    if row.file is None:
        raise Http404
    if row.file_for_deciders and not sees(Part.SIGNED_BEFORE, sight):
        made = f"Made {moment(timezone.now())} by {user.name}."
        return report_pdf(without_staff(breach, row), made), "application/pdf"
    return read(row.file.pk), row.file.media_type


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
