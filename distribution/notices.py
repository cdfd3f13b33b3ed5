"""The e-mails that distribution sends to staff: a closed table, without a word about whom or what it concerns."""

from postroom.outbox.notices import register_notice

NOTICES: dict[str, tuple[str, str]] = {
    "item_issued": ("A document waits for you", "Safeguarding has issued a document on one of your cases."),
    "item_new_version": ("A new version waits for you", "A recipient on one of your cases has a version of their own."),
    "item_approval_asked": ("An approval is asked of you", "A worker asks you to approve how a document goes out."),
    "item_approval_decided": ("An approval was decided", "What you asked a manager to approve has been decided."),
    "item_held": ("Something is on hold", "A document on one of your cases is on hold and needs you to look at it."),
    "items_not_proved": (
        "Registered post without its proof",
        "Registered post of your office has not been shown to have arrived. Look its tracking number up.",
    ),
    "items_not_uploaded": (
        "Documents are not on the case record",
        "Documents that your office has given out are not on the case record yet.",
    ),
    "item_not_opened": (
        "A document waits for its password",
        "A document that you sent by secure e-mail can't be opened until you give its recipient the password.",
    ),
    "item_not_texted": (
        "A text could not be sent",
        "The password of a document that you sent by secure e-mail could not be sent by text. Read it out by phone.",
    ),
    "item_bounced": ("An e-mail came back", "A document that you sent by secure e-mail could not be delivered."),
}


URGENT = frozenset({"item_bounced", "item_held"})


def register() -> None:
    """Make the notices known to the outbox."""
    for code, (subject, text) in NOTICES.items():
        register_notice(code, subject, text, urgent=code in URGENT)
