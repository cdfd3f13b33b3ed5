"""The e-mails of the register: a closed table, without a word about whose papers they are."""

from postroom.outbox.notices import register_notice

NOTICES: dict[str, tuple[str, str]] = {
    "papers_asked": (
        "A request to take papers out waits for you",
        "Somebody asks to take papers out of the office. Please agree or refuse; they stay in the office until then.",
    ),
    "papers_agreed": ("Your request to take papers out was agreed", "You may take the papers that you asked for."),
    "papers_refused": (
        "Your request to take papers out was refused",
        "The papers that you asked for stay in the office. The reason stands with your request.",
    ),
    "papers_late": (
        "Papers that you took out are late",
        "Papers that you took out of the office should be back. Return them, have them destroyed, or report them lost.",
    ),
    "papers_late_manager": (
        "Papers out of the office are late",
        "Papers taken out by somebody you manage have not come back, although they were reminded. Please ask them.",
    ),
    "papers_lost": (
        "Papers out of the office were reported lost or stolen",
        "Somebody you manage has papers that were reported lost or stolen. The report says what is to be done now.",
    ),
    "papers_witness": (
        "You were named as a witness",
        "A colleague recorded that you saw papers come back or be destroyed. If you did not, tell your manager.",
    ),
}


URGENT = frozenset({"papers_lost", "papers_late", "papers_late_manager", "papers_witness"})


def register() -> None:
    """Make the notices known to the outbox."""
    for code, (subject, text) in NOTICES.items():
        register_notice(code, subject, text, urgent=code in URGENT)
