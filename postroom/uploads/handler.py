"""What happens to an upload while it comes in: no more of it is kept than can ever be taken."""

from __future__ import annotations

from django.core.files.uploadhandler import TemporaryFileUploadHandler

from postroom.uploads.kinds import LARGEST

KEPT = LARGEST + 1


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes to a temporary file, which goes with the request, and lets fall whatever is beyond the largest limit.

    The file's `size` still says how much came, so that the gate can say so; what was typed in the same form is kept.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep what is within the limit; None: no other handler gets it either."""
        if start < KEPT:
            super().receive_data_chunk(raw_data[: KEPT - start], start)
