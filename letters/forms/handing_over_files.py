"""The files of a hand-over: several at once, each through the gate; what passed is kept while the rest is put right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from postroom.files.errors import FileError
from postroom.files.keeping import keep as keep_upload
from postroom.files.store import read
from postroom.uploads import Checked, Kind, Refused, check_upload
from postroom.uploads.kinds import ACCEPT

TAKEN = (Kind.WORD, Kind.PDF, Kind.PICTURE, Kind.AUDIO, Kind.TEXT)
MOST = 8
SALT = "letters.handed-over-file"
KEPT_SECONDS = 12 * 3600
_WORDS = {
    Kind.WORD: "Word file",
    Kind.PDF: "PDF",
    Kind.PICTURE: "photo or scan",
    Kind.AUDIO: "dictation",
    Kind.TEXT: "text file",
}


class _Files(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return files.getlist(name) if isinstance(files, MultiValueDict) else []

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class FilesField(forms.Field):
    """`cleaned_data[name]` is a list of Checked. Each file that isn't taken is named by its place, not by its name."""

    widget = _Files(attrs={"accept": ",".join(ACCEPT[kind] for kind in TAKEN), "multiple": True})

    def clean(self, value: Any) -> list[Checked]:
        """Every file through the gate. Raises ValidationError with a sentence for each that isn't taken."""
        uploads = list(value or [])
        if len(uploads) > MOST:
            raise ValidationError(f"Choose at most {MOST} files.")
        checked, faults = [], []
        for number, upload in enumerate(uploads, start=1):
            try:
                checked.append(check_upload(upload, allow=TAKEN))
            except Refused as error:
                which = f"File {number}: " if len(uploads) > 1 else ""
                faults.append(f"{which}{error}")
        self.passed = checked
        if faults:
            raise ValidationError(faults)
        return checked


class KeptFile:
    """A file that passed in an earlier try: its signed ticket for the form, and its words for the person."""

    def __init__(self, ticket: str, checked: Checked) -> None:
        self.ticket, self.checked = ticket, checked

    @property
    def words(self) -> str:
        """ "PDF, 3 pages"."""
        extra = f", {self.checked.pages} pages" if self.checked.pages > 1 else ""
        return f"{_WORDS[self.checked.kind]}{extra}"


def keep(checked: Checked) -> KeptFile:
    """Keep a file that passed; nobody can hand back another's, the ticket is signed. Swept if it isn't used."""
    file = keep_upload(checked)
    facts = [file.pk, str(checked.kind), checked.media_type, checked.pages, checked.seconds, checked.scanned]
    return KeptFile(signing.dumps(facts, salt=SALT), checked)


def kept_file(ticket: str) -> KeptFile | None:
    """The file of a ticket; None if it is spoilt, old, or its bytes are gone."""
    try:
        sha256, kind, media_type, pages, seconds, scanned = signing.loads(ticket, salt=SALT, max_age=KEPT_SECONDS)
        data = read(sha256)
    except (signing.BadSignature, FileError, ValueError, TypeError):
        return None
    text = ""
    if kind == Kind.TEXT:
        text = check_upload(data, allow=(Kind.TEXT,)).text
    return KeptFile(ticket, Checked(Kind(kind), media_type, data, pages, seconds, text, scanned))
