"""A finished document as the letter: its pages unchanged, marks in the margin, the same window proof (OGP-4a)."""

from __future__ import annotations

from collections.abc import Sequence

import pypdfium2

from letters.rendering.addresses import is_abroad
from letters.rendering.behind import Part, joined, marked, put_behind
from letters.rendering.content import LetterContent, Signature, in_words
from letters.rendering.letter_pdf import LetterNotProved, render_carrier, same_text
from letters.rendering.stock import Stock
from letters.rendering.window_proof import prove_window


def proved_document(
    content: LetterContent,
    data: bytes,
    stock: Stock,
    *,
    signature: Signature | None = None,
    behind: Sequence[Part] = (),
) -> bytes:
    """The document, marked, proved for the stock; where its own address fails the proof, a carrier sheet in front.

    What shows in the window must be the address that the letter goes to, whoever typed the document: another one, at
    another house, fails as well. Raises AddressDoesNotFit, MissingGlyphs, LetterNotProved.
    """
    pdf = marked(data, content.reference, _signed_words(signature))
    if not _shows(pdf, content, stock):
        carrier = render_carrier(content.address_lines, stock, reference=f"{content.reference}, carrier sheet")
        pdf = joined(carrier, pdf)
    if behind:
        pdf = put_behind(pdf, behind, content.reference)
    proof = prove_window(pdf, stock, allow_abroad=is_abroad(content.address_lines))
    if not proof.ok or not same_text(proof.address, content.address_lines):
        faults = [fault.message for fault in proof.faults] or ["The window doesn't show the letter's address."]
        raise LetterNotProved(proof, faults)
    return pdf


def _shows(pdf: bytes, content: LetterContent, stock: Stock) -> bool:
    proof = prove_window(pdf, stock, allow_abroad=is_abroad(content.address_lines))
    return bool(proof.ok) and same_text(proof.address, content.address_lines)


def _signed_words(signature: Signature | None) -> str:
    """A signature on screen, as one line in the margin: the document's own pages have no place for it."""
    if signature is None:
        return ""
    pp = f"pp {signature.signed_for}, " if signature.kind == "pp" else ""
    return f"Signed on screen: {pp}{signature.signed_by}, {signature.role}, {in_words(signature.signed_on)}"


def document_text(data: bytes, most: int = 50_000) -> str:
    """The words of a PDF, page by page, for whoever checks it by text; "" where there are none (a scan)."""
    document = pypdfium2.PdfDocument(data)
    try:
        pages, size = [], 0
        for page in document:
            textpage = page.get_textpage()
            words = textpage.get_text_range().replace("\r\n", "\n").replace("\r", "\n")
            textpage.close()
            page.close()
            words = "".join(c for c in words if c == "\n" or c.isprintable()).strip()
            pages.append(words)
            size += len(words)
            if size > most:
                break
        return "\n\n".join(words for words in pages if words)[:most]
    finally:
        document.close()
