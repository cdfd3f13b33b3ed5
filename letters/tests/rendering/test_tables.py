"""Tables in a letter's text: printed with their headings said, nothing of them beyond words, told in a comparison."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest

from letters.differences import words
from letters.rendering.body import body_html
from letters.rendering.letter_pdf import proved_letter
from letters.rendering.stock import DL
from letters.tests.rendering.test_behind import CONTENT

TABLE = "| Day | Where |\n| --- | --- |\n| **Monday** | At home |\n| Friday | 5 \\| 6 |\n"


def structure(pdf: bytes) -> list[tuple[str, dict[str, str]]]:
    """The PDF's structure elements, in reading order: kind and what its attributes say."""
    found: list[tuple[str, dict[str, str]]] = []

    def go(node: pikepdf.Object) -> None:
        if not isinstance(node, pikepdf.Dictionary):
            return
        if "/S" in node:
            attributes = node.get("/A", pikepdf.Dictionary())
            each = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
            said = {str(k): str(v) for one in each if isinstance(one, pikepdf.Dictionary) for k, v in one.items()}
            found.append((str(node.S), said))
        kids: Any = node.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            go(kid)

    with pikepdf.open(BytesIO(pdf)) as document:
        go(document.Root.StructTreeRoot)
    return found


@pytest.mark.policy("OGP-2")
def test_a_table_is_printed_with_its_headings_tagged():
    pdf = proved_letter(replace(CONTENT, body=f"Contacts:\n\n{TABLE}\nPlease ring."), DL)
    kinds = structure(pdf)
    assert [kind for kind, _ in kinds if kind in ("/Table", "/TR", "/TH", "/TD")] == [
        "/Table", "/TR", "/TH", "/TH", "/TR", "/TD", "/TD", "/TR", "/TD", "/TD",
    ]  # fmt: skip
    assert [said.get("/Scope") for kind, said in kinds if kind == "/TH"] == ["/Column", "/Column"]
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert text.index("Day") < text.index("Monday") < text.index("5 | 6") < text.index("Please ring")


@pytest.mark.policy("OGP-2")
def test_a_long_table_heads_each_page_again_and_parts_no_row():
    rows = "".join(f"| Visit {number} | {'At the family centre. ' * 4} |\n" for number in range(60))
    pdf = proved_letter(replace(CONTENT, body=f"| When | Where |\n| --- | --- |\n{rows}"), DL)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    assert len(pages) > 2
    assert all("When" in page for page in pages[:-1])


def test_a_table_holds_words_and_nothing_else():
    html = body_html("| <b>a</b> | [x](http://y) |\n| :-- | --: |\n| <script>alert(1)</script> | ![p](q) |\n")
    assert "<script" not in html
    assert "<b>" not in html
    assert "style=" not in html  # the page's own policy lets no style stand in a tag
    assert html.count('<th scope="col">') == 2


def test_a_changed_cell_is_told_as_that():
    pieces = words(TABLE, TABLE.replace("Friday", "Thursday"))
    assert [(piece.kind, piece.text) for piece in pieces if piece.kind != "same"] == [
        ("removed", "Friday"), ("added", "Thursday"),
    ]  # fmt: skip
