"""The letter's body: a small part of Markdown as HTML. Nothing else in it has a meaning: no HTML, links or pictures."""

from functools import cache

from markdown_it import MarkdownIt


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "linkify": False, "typographer": False, "breaks": True})
    return parser.enable(["emphasis", "heading", "list", "newline", "escape", "table"])


def body_html(markdown: str) -> str:
    """`markdown` as HTML: paragraphs, headings, bold, lists, line breaks, tables. The letter's own title is its h1."""
    tokens = _markdown().parse(markdown)
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
        elif token.tag in {"h4", "h5", "h6"}:
            token.tag = "h3"
        elif token.tag in {"th", "td"}:
            # Columns stand as they stand in every letter; a heading says what it heads, also to a screen reader.
            token.attrs = {"scope": "col"} if token.tag == "th" and token.nesting == 1 else {}
    return str(_markdown().renderer.render(tokens, _markdown().options, {}))
