"""Cells of files that a spreadsheet opens: no words of ours may run there as a formula. For every floor."""

from __future__ import annotations

from typing import TypeVar

# What a spreadsheet takes for the beginning of a formula, or cuts before one.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = TypeVar("Cell")


def plain(cell: Cell) -> Cell | str:
    """The cell, with an apostrophe before what begins like a formula, also behind blanks; numbers as they are."""
    if isinstance(cell, str) and cell.lstrip(" \N{NO-BREAK SPACE}").startswith(STARTS):
        return f"'{cell}"
    return cell
