"""The tables as CSV, XLSX and PDF. A cell that a spreadsheet would take for a formula is made plain text first."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from django.utils.html import escape
from openpyxl import Workbook
from openpyxl.styles import Font

from audit.dashboards.tables import Table
from letters.rendering.typesetting import FONT_FAMILY, typeset_anyway
from postroom.spreadsheets import plain


def as_csv(tables: Sequence[Table]) -> bytes:
    """One line a figure: table, row, column, value; UTF-8 with a mark that spreadsheets need."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Table", "Row", "Column", "Value"])
    for table in tables:
        for row in table.rows:
            writer.writerows(
                [plain(table.title), plain(row[0]), plain(name), plain(value)]
                for name, value in zip(table.head[1:], row[1:], strict=True)
            )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """A sheet a table."""
    book = Workbook()
    book.remove(book.active)
    for table in tables:
        sheet = book.create_sheet(table.title[:31])
        sheet.append([plain(name) for name in table.head])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in table.rows:
            sheet.append([plain(value) for value in row])
        for line in sheet.iter_rows(min_row=2):
            for cell in line:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_CSS = f"""
@page {{ size: A4 landscape; margin: 15mm; @bottom-right {{ content: "page " counter(page) " of " counter(pages);
  font: 8pt "{FONT_FAMILY}"; }} }}
body {{ font: 9pt/1.35 "{FONT_FAMILY}"; }}
h1 {{ font-size: 15pt; margin: 0 0 2mm; }} h2 {{ font-size: 11pt; margin: 6mm 0 1mm; break-after: avoid; }}
table {{ border-collapse: collapse; width: 100%; }} tr {{ break-inside: avoid; }}
th, td {{ text-align: left; padding: 0.8mm 3mm 0.8mm 0; border-bottom: 0.2mm solid #888; vertical-align: top; }}
"""


def as_pdf(tables: Sequence[Table], *, title: str, subtitle: str) -> bytes:
    """All tables on A4, PDF/UA."""
    parts: list[str] = []
    for table in tables:
        parts.append(f"<h2>{escape(table.title)}</h2>")
        if not table.rows:
            parts.append("<p>Nothing in this time.</p>")
            continue
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
        body = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(value)}</td>" for value in row[1:])}</tr>'
            for row in table.rows
        )
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    head = f'<html lang="en-GB"><head><title>{escape(title)}</title></head>'

    def with_note(note: str) -> str:
        top = f"<h1>{escape(title)}</h1><p>{escape(subtitle)}{'.' if note else ''}{escape(note)}</p>"
        return f"<!doctype html>{head}<body>{top}{''.join(parts)}</body></html>"

    return typeset_anyway(with_note, _CSS)
