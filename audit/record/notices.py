"""The e-mails of the record: a closed table of fixed words."""

from postroom.outbox.notices import register_notice

NOTICES: dict[str, tuple[str, str]] = {
    "record_not_intact": (
        "The record is not as it was written",
        "The nightly look at Postroom's record found something that was changed. Open the page, and keep the database "
        "as it is until somebody who knows has looked at it.",
    ),
}


def register() -> None:
    """Make the notices known to the outbox."""
    for code, (subject, text) in NOTICES.items():
        register_notice(code, subject, text, urgent=True)
