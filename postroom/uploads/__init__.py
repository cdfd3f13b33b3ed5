"""The gate that every file from outside passes, known by its content and never by its name.

    from postroom.uploads import Kind, UploadField            # in a form: cleaned_data["scan"] is a Checked, or None
    scan = UploadField(label="Scan", allow=(Kind.PDF, Kind.PICTURE))

    checked = check_upload(file_or_bytes, allow=(Kind.PDF,))   # or by hand: a Checked, or raises Refused
    stored = postroom.files.keeping.keep(checked)              # its StoredFile, with whether a scanner looked at it

A refused file comes with one sentence that says what is wrong and what to do next. Nothing is written before a file has
passed. Its content is opened in a process of its own, with limits of memory and time (`child.py`); pictures are drawn
anew, without what the camera wrote into them; PDFs and Word files are kept byte for byte. `checked.scanned` is False
where no virus scanner is set up: pages say so beside the file (`components/virus_scan.html`).
"""

from postroom.uploads.field import UploadField
from postroom.uploads.gate import check_upload
from postroom.uploads.kinds import Checked, Kind, Refused

__all__ = ["Checked", "Kind", "Refused", "UploadField", "check_upload"]
