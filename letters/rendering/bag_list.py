"""The list that goes with a post bag, as PDF. References and sums; no name and no address. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from letters.rendering.typesetting import FONT_FAMILY, typeset

Row = Sequence[str]


def render_bag_list(title: str, intro: str, sums: Sequence[Row], letters: Sequence[Row]) -> bytes:
    """PDF bytes. `sums`: class, format, number, weight; `letters`: reference, class, tracking number, initials."""

    def table(caption: str, heads: Row, rows: Sequence[Row]) -> str:
        head = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in heads)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        return f"<h2>{escape(caption)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    body = (
        f"<h1>{escape(title)}</h1><p>{escape(intro)}</p>"
        + table("By class and format", ("Class", "Format", "Number", "Weight, about"), sums)
        + table("Letters", ("Reference", "Class", "Tracking number", "Initials"), letters)
        + "<p class='line'>Handed to Royal Mail by: ____________________  at: __________</p>"
    )
    css = (
        "@page { size: A4; margin: 20mm; @bottom-right { content: 'page ' counter(page) ' of ' counter(pages) } }"
        f"body {{ font-family: {FONT_FAMILY}; font-size: 10.5pt }} h1 {{ font-size: 16pt }} h2 {{ font-size: 12pt }}"
        "table { border-collapse: collapse; width: 100% } th, td { border: 0.2mm solid #555; padding: 1mm 2mm;"
        " text-align: left } tr { break-inside: avoid } .line { margin-top: 12mm }"
    )
    return typeset(
        f'<!doctype html><html lang="en-GB"><head><title>{escape(title)}</title></head><body>{body}</body></html>', css
    )
