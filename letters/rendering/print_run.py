"""Several PDFs as one to print: each begins on a fresh sheet, also on a duplex printer. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import pikepdf

A4_PT = (595.276, 841.89)


def one_to_print(documents: Iterable[bytes]) -> bytes:
    """All pages in order; a document with an odd number of pages gets a blank back. Raises pikepdf.PdfError.

    One document is open at a time, so that a long run needs little memory. Viewers are told not to scale (facts.md:
    "fit to page" moves the address out of its window).
    """
    with pikepdf.new() as whole:
        for data in documents:
            with pikepdf.open(BytesIO(data)) as one:
                whole.pages.extend(one.pages)
                if len(one.pages) % 2:
                    whole.add_blank_page(page_size=A4_PT)
        whole.Root.ViewerPreferences = pikepdf.Dictionary(PrintScaling=pikepdf.Name("/None"))
        out = BytesIO()
        whole.save(out)
        return out.getvalue()
