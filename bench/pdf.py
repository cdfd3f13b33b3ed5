"""A letter's PDF, and the preview beside the text, each beside bare WeasyPrint of the same HTML and CSS."""

from __future__ import annotations

import re
import time
from typing import Any

from bench.measuring import Row, in_turn, row


def bench_pdf() -> list[Row]:
    """A letter, rendered and proved, beside bare WeasyPrint of the same HTML and CSS; the proof alone."""
    import datetime as dt

    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from letters.demo.words import LETTERS
    from letters.rendering import letter_pdf, typesetting
    from letters.rendering.content import LetterContent, Letterhead
    from letters.rendering.stock import Stock
    from letters.rendering.window_proof import prove_window

    stock = Stock(name="DL", slug="dl", envelope_w=220, envelope_h=110, window_w=90, window_h=35, window_left=20,
                  window_up=18, folds_mm=(99, 198), max_sheets=5)  # fmt: skip
    content = LetterContent(
        reference="K7Q2M4XD9",
        letterhead=Letterhead("Northmere County Council", "Riverside office", ("1 Invented Quay", "NORTHMERE")),
        address_lines=("Ms Ada Sample", "12 Sample Road", "NORTHMERE", "NM2 3BB"),
        letter_date=dt.date(2026, 7, 20),
        salutation="Dear Ms Sample",
        subject="Our meeting",
        body=LETTERS[0].body.format(child="Kit"),
        signatory_name="Wren Example",
        signatory_role="Social worker",
        signatory_office="Riverside",
    )
    caught: list[tuple[str, str]] = []
    plain = typesetting.typeset

    def catching(html: str, css: str, **more: Any) -> bytes:
        caught.append((html, css))
        return plain(html, css, **more)

    letter_pdf.typeset = catching  # the very HTML and CSS that the letter is made of
    pdf = letter_pdf.render_letter(content, stock)
    letter_pdf.typeset = plain
    html, css_text = caught[0]
    fonts = FontConfiguration()
    css = CSS(string=css_text, font_config=fonts)

    def bare() -> None:
        HTML(string=html).render(stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1").write_pdf(
            pdf_variant="pdf/ua-1"
        )

    ours, theirs, proof = in_turn(
        lambda: letter_pdf.proved_letter(content, stock), bare, lambda: prove_window(pdf, stock)
    )
    return [
        row("PDF of a letter, proved", ours, "ms", ratio=round(ours / theirs, 2), beside="bare WeasyPrint"),
        row("bare WeasyPrint, same HTML", theirs, "ms"),
        row("window proof", proof, "ms"),
    ]


def bench_preview() -> list[Row]:
    """What the typist waits for: the form posted, the piece of HTML back, the picture of the first page fetched."""
    import dataclasses

    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from bench.databases import empty
    from letters.content import content_of, post_of, render_proved, signatory_of
    from letters.demo.words import LETTERS
    from postroom.people.demo import BACKEND
    from tests.support import world

    empty()
    desk = world.Desk(world.make_office("bench", "Bench"))
    letter = world.hand_over(desk)
    client = Client(headers={"host": "localhost"})
    client.force_login(desk.admin, backend=BACKEND)
    today, count = timezone.localdate(), 0
    body = LETTERS[0].body.format(child="Kit")
    fields = {
        "seen_version": letter.version, "seen_hash": letter.content_hash, "version": 0, "address": desk.address.pk,
        "letter_date_day": today.day, "letter_date_month": today.month, "letter_date_year": today.year,
        "salutation": "Dear Ms Sample", "subject": "Our meeting", "sign_off": "Yours sincerely",
    }  # fmt: skip

    def look() -> None:
        nonlocal count
        count += 1  # another text each time, as somebody types
        answer = client.post(reverse("letters:preview", args=[letter.reference]), {**fields, "body": f"{body} {count}"})
        assert answer.status_code == 200, answer.content
        match = re.search(rb'src="([^"]+[.]png)"', answer.content)
        assert match is not None, answer.content
        picture = client.get(match[1].decode())
        assert picture.headers["Content-Type"] == "image/png"

    content = content_of(letter, world.typed(body), signatory_of(letter))
    geometry = post_of(letter).stock.geometry()

    def pdf_alone() -> None:
        render_proved(dataclasses.replace(content, body=f"{body} {time.monotonic_ns()}"), geometry)

    ours, pdf = in_turn(look, pdf_alone)
    return [
        row("preview, from the post to the picture", ours, "ms", ratio=round(ours / pdf, 2), beside="its PDF alone"),
        row("the preview's PDF alone, proved", pdf, "ms"),
    ]
