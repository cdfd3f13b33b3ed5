"""Reports and the register as PDF: A4, PDF/UA, the fonts of the letters. About 60 ms a page, so made when asked for."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.html import escape

from breaches.reports.parts import Report, Section
from breaches.reports.register import HEAD, Cell
from letters.rendering.typesetting import FONT_FAMILY, MissingGlyphs, typeset, typeset_anyway

_CSS = f"""
@page {{ size: A4; margin: 20mm 18mm; @bottom-left {{ content: "Confidential"; font: 8pt {FONT_FAMILY}; }}
  @bottom-right {{ content: "page " counter(page) " of " counter(pages); font: 8pt {FONT_FAMILY}; }} }}
html {{ font-family: {FONT_FAMILY}; font-size: 10pt; line-height: 1.4; color: #000 }} body {{ margin: 0 }}
h1 {{ font-size: 16pt; margin: 0 0 2mm }} h2 {{ font-size: 12pt; margin: 7mm 0 1mm; break-after: avoid }}
.council {{ font-weight: bold }} .about {{ margin: 0 0 4mm }}
table {{ border-collapse: collapse; width: 100% }} tr {{ break-inside: avoid }}
th, td {{ text-align: left; vertical-align: top; padding: 1mm 3mm 1mm 0; border-bottom: 0.2mm solid #888;
  overflow-wrap: anywhere }}
.keys th {{ width: 48mm; font-weight: bold }} td {{ white-space: pre-line }}
"""
_WIDE = """
@page { size: A3 landscape; margin: 12mm } html { font-size: 7.5pt } td, th { padding: 0.8mm 2mm 0.8mm 0 }
th { overflow-wrap: normal } tbody th { white-space: nowrap }
"""


def report_pdf(report: Report, made: str) -> bytes:
    """The report's bytes; `made` says when and by whom it was made."""
    parts = "".join(_section(section) for section in report.sections)

    def with_note(note: str) -> str:
        head = _head(report.title, report.about, f"{made}{note}")
        return _document(f"{report.title}, {report.about}", head + parts)

    return typeset_anyway(with_note, _CSS)


def register_pdf(rows: Sequence[Sequence[Cell]], made: str) -> bytes:
    """The register on wide sheets."""
    title = "Register of breaches and near misses"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in HEAD)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if rows else "<p>None.</p>"

    def with_note(note: str) -> str:
        return _document(title, _head(title, f"{len(rows)} in all", f"{made}{note}") + table)

    return typeset_anyway(with_note, _CSS + _WIDE)


def unprintable(text: str) -> str:
    """The sentence that says which characters of `text` no font here has; "" if all can be printed."""
    try:
        typeset(_document("Text", f"<p>{escape(text)}</p>"), _CSS)
    except MissingGlyphs as error:
        return str(error)
    return ""


def _head(title: str, about: str, made: str) -> str:
    council = f'<p class="council">{escape(settings.COUNCIL_NAME)}</p>'
    return f'{council}<h1>{escape(title)}</h1><p class="about">{escape(about)}. {escape(made)}</p>'


def _section(section: Section) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(key)}</th><td>{escape(value)}</td></tr>' for key, value in section.rows
    )
    return f'<h2>{escape(section.title)}</h2><table class="keys"><tbody>{rows}</tbody></table>'


def _document(title: str, body: str) -> str:
    head = f'<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    return f"<!doctype html>{head}<body>{body}</body></html>"
