"""Pictures of a PDF's pages, drawn once and kept under DATA_DIR by the PDF's hash, never public.

They are derived from the PDF and may be deleted at any time; the next look draws them again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from django.conf import settings

from letters.content import Typed, content_of, post_of, render_proved, signatory_of
from letters.models import Letter
from letters.rendering.pdfium import page_pictures

PREVIEW_SECONDS = 3600
FINISHED = "pages"  # written last: until it is there the drawing isn't complete


def _root() -> Path:
    return Path(settings.DATA_DIR) / "pictures"


def picture(pdf: bytes, page: int) -> bytes | None:
    """The PNG of page `page` (from 1) of this PDF; None if it has no such page. Draws all pages the first time."""
    folder = _root() / "pdf" / hashlib.sha256(pdf).hexdigest()
    _draw(pdf, folder)
    return _read(folder, page)


def page_count(pdf: bytes) -> int:
    """How many pages the PDF has. Draws them the first time."""
    return _draw(pdf, _root() / "pdf" / hashlib.sha256(pdf).hexdigest())


class Preview:
    """A letter as it would look, not stored: `key` names its pictures for an hour, `pages` how many there are."""

    def __init__(self, key: str, pages: int) -> None:
        self.key, self.pages = key, pages

    @property
    def numbers(self) -> range:
        """The page numbers, from 1."""
        return range(1, self.pages + 1)


def preview(letter: Letter, typed: Typed) -> Preview:
    """Render and prove what was typed, and draw its pages. `letter.address` is the one chosen.

    Raises InvalidStep naming the field that stands against it. Needs no transaction and keeps nothing for long.
    """
    post = post_of(letter)
    pdf, _ = render_proved(content_of(letter, typed, signatory_of(letter)), post.stock.geometry())
    key = hashlib.sha256(pdf).hexdigest()
    drafts = _root() / "preview" / str(letter.pk)
    pages = _draw(pdf, drafts / key)
    _sweep(drafts)
    return Preview(key, pages)


def preview_picture(letter: Letter, key: str, page: int) -> bytes | None:
    """One page of a preview of this very letter; None when there is none, or no longer."""
    return _read(_root() / "preview" / str(letter.pk) / key, page)


def forget_previews(letter: Letter) -> None:
    """Remove what was drawn while the letter was typed."""
    shutil.rmtree(_root() / "preview" / str(letter.pk), ignore_errors=True)


def sweep(older_than_seconds: float = 30 * 24 * 3600) -> int:
    """Remove pictures not drawn within that time, previews after an hour. Returns how many folders went."""
    removed = _sweep(_root() / "pdf", older_than_seconds)
    for drafts in (_root() / "preview").glob("*"):
        removed += _sweep(drafts)
    return removed


def _draw(pdf: bytes, folder: Path) -> int:
    """Draw all pages into `folder` unless they are there; how many there are."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int((folder / FINISHED).read_text())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pages = page_pictures(pdf)
    for number, png in enumerate(pages, start=1):
        _write(folder / f"{number}.png", png)
    _write(folder / FINISHED, str(len(pages)).encode())
    return len(pages)


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: two people may draw the same letter at once."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)


def _read(folder: Path, page: int) -> bytes | None:
    try:
        return (folder / f"{page}.png").read_bytes()
    except FileNotFoundError:
        return None


def _sweep(folder: Path, seconds: float = PREVIEW_SECONDS) -> int:
    limit, removed = time.time() - seconds, 0
    for drawn in folder.glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if drawn.stat().st_mtime < limit:
                shutil.rmtree(drawn, ignore_errors=True)
                removed += 1
    return removed
