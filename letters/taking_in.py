"""Words out of a file that was handed over, as the editor writes them (Markdown). Pure: bytes in, text out.

A Word file goes through mammoth and then, always, through nh3: mammoth doesn't sanitise. What remains are paragraphs,
headings, bold, lists and tables; pictures, links' targets and everything else fall away.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO

import mammoth
import nh3

from postroom.uploads import Checked, Kind

LONGEST = 50_000
_TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "ul", "ol", "li", "table", "tr", "td", "th", "br"}
# What would mean something at the start of a line, or anywhere, in Markdown.
_SPECIAL = re.compile(r"([\\*_`\[\]|])")
_LINE_START = re.compile(r"^(\s*)(#{1,6}\s|[-+]\s|>)")
_ITEM = re.compile(r"(\s*)(-|\d+)\.? ")
_NUMBER_START = re.compile(r"^(\s*\d{1,9})([.)]\s)")


def readable_text(checked: Checked) -> str:
    """What can be read in a Word or text file, as the editor writes it; "" for every other kind."""
    if checked.kind is Kind.WORD:
        return word_text(checked.data)
    if checked.kind is Kind.TEXT:
        return plain_text(checked.text)
    return ""


def word_text(data: bytes) -> str:
    """A checked Word file's text. Headers, footers and pictures fall away; an unreadable one gives ""."""
    try:
        # Pictures are not read at all: nothing of them could stay.
        html = mammoth.convert_to_html(
            BytesIO(data), convert_image=mammoth.images.img_element(lambda image: {"src": ""})
        ).value
    except Exception:  # mammoth raises whatever its parts raise; the file itself stays beside the editor
        return ""
    return html_text(html)


def html_text(html: str) -> str:
    """HTML from outside as Markdown, cleaned by nh3 first."""
    clean = nh3.clean(html, tags=_TAGS, attributes={}, clean_content_tags={"script", "style"})
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    return reader.text()[:LONGEST]


def plain_text(text: str) -> str:
    """Plain text so that it stands in the letter as it stood in the file."""
    lines = [_escaped(line.rstrip()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST]


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", text)
    text = _LINE_START.sub(r"\1\\\2", text)
    return _NUMBER_START.sub(r"\1\\\2", text)


class _Reader(HTMLParser):
    """Clean HTML to blocks of Markdown, parted by empty lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[str] = []
        self._words: list[str] = []
        self._lists: list[list[object]] = []  # kind, number of the item
        self._rows: list[list[str]] | None = None
        self._prefix = ""

    def text(self) -> str:
        """All blocks; items of one list stand line under line."""
        self._end_block()
        out = ""
        for block in self._blocks:
            item, before = _ITEM.match(block), _ITEM.match(out.rsplit("\n", 1)[-1])
            # One list, or one inside another; a list of the other kind beside it is another list.
            same = item and before and (item[1] != before[1] or item[2].isdigit() == before[2].isdigit())
            out += ("" if not out else "\n" if same else "\n\n") + block
        return out

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Blocks begin; bold and line breaks are written as they come."""
        if tag in ("strong", "b"):
            self._words.append("\0b")
        elif tag == "br":
            self._words.append("\n")
        elif tag in ("ul", "ol"):
            self._end_block()
            self._lists.append([tag, 0])
        elif tag == "table":
            self._end_block()
            self._rows = []
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("td", "th"):
            self._words = []
        elif tag == "p" and self._rows is not None:
            self._words.append(" ")
        else:
            self._begin(tag)

    def _begin(self, tag: str) -> None:
        if tag == "p" and self._prefix:
            return  # the paragraph of a list's item
        self._end_block()
        if tag == "li" and self._lists:
            kind = self._lists[-1]
            kind[1] = int(str(kind[1])) + 1
            mark = "-" if kind[0] == "ul" else f"{kind[1]}."
            self._prefix = "   " * (len(self._lists) - 1) + mark + " "
        elif tag in ("h1", "h2"):
            self._prefix = "## "
        elif tag.startswith("h"):
            self._prefix = "### "

    def handle_endtag(self, tag: str) -> None:
        """Blocks end."""
        if tag in ("strong", "b"):
            self._words.append("\0e")
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append(self._take().replace("\n", " "))
        elif tag == "table" and self._rows is not None:
            rows, self._rows = self._rows, None
            self._blocks.append(_table(rows)) if any(rows) else None
        elif tag in ("ul", "ol"):
            self._end_block()
            self._lists = self._lists[:-1]
        elif self._rows is None and tag in ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6"):
            self._end_block() if tag != "p" or not self._lists else self._words.append(" ")

    def handle_data(self, data: str) -> None:
        """Words, with whatever would mean something in Markdown marked as words."""
        self._words.append(re.sub(r"\s+", " ", data))

    def _take(self) -> str:
        text = "".join(self._words)
        self._words = []
        # Bold of nothing falls away; blanks stand outside the marks.
        text = re.sub(r"\0b(\s*)\0e", r"\1", text)
        pieces = re.split(r"(\0b|\0e)", text)
        out, bold = [], False
        for piece in pieces:
            if piece in ("\0b", "\0e"):
                bold = piece == "\0b"
                continue
            lines = "\n".join(
                _SPECIAL.sub(r"\\\1", line.strip(" ") if "\n" in piece else line) for line in piece.split("\n")
            )
            core = lines.strip()
            if bold and core:
                start = lines[: len(lines) - len(lines.lstrip())]
                end = lines[len(lines.rstrip()) :]
                lines = f"{start}**{core}**{end}"
            out.append(lines)
        return "".join(out).replace("\0", "").strip()

    def _end_block(self) -> None:
        text = self._take()
        prefix, self._prefix = self._prefix, ""
        if not text:
            return
        if not prefix:
            text = "\n".join(
                _NUMBER_START.sub(r"\1\\\2", _LINE_START.sub(r"\1\\\2", line)) for line in text.split("\n")
            )
        elif prefix.startswith("#"):
            text = text.replace("**", "").replace("\n", " ")
        self._blocks.append(prefix + text)


def _table(rows: list[list[str]]) -> str:
    width = max(len(row) for row in rows)
    padded = [row + [""] * (width - len(row)) for row in rows if row]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])
