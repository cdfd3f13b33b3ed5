"""The two policies that Postroom exists to carry out, with what their headers say and no word more. Pure.

The texts lie beside this file, byte for byte as the council gave them; a header that a text doesn't have is empty. They
are never edited: a new version is entered in the app and stands beside them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Known:
    """One policy as it came. `review_on` None: its text names no date."""

    slug: str
    title: str
    version: str
    file: str
    issued_on: dt.date
    issued_words: str
    author: str = ""
    approval: str = ""
    review_words: str = ""
    review_on: dt.date | None = None
    audience: str = ""
    rationale: str = ""

    @property
    def text(self) -> str:
        """The whole text."""
        return (TEXTS / self.file).read_bytes().decode()


KNOWN: tuple[Known, ...] = (
    Known(
        slug="outgoing-post",
        title="Out-going Post in District Offices",
        version="3",
        file="outgoing-post-3.txt",
        issued_on=dt.date(2020, 7, 1),
        issued_words="July 2020",
        author="Christine Hoggarth/Julia Simpson",
        approval="B.S.M., July 2020",
        review_words="July 2021",
        review_on=dt.date(2021, 7, 31),
        audience="Administration, Social workers, Team Managers",
        rationale="This process has been devised to provide a consistent and auditable approach to sending out "
        "confidential information.",
    ),
    Known(
        slug="confidentiality",
        title="1.1.4 Confidentiality and Loss of Sensitive Data",
        version="August 2013",
        file="confidentiality-2013-08.txt",
        issued_on=dt.date(2013, 8, 1),
        issued_words="Significantly amended in August 2013",
    ),
)
