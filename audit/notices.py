"""The e-mails of this floor: fixed words, without a word about whom or what."""

from postroom.outbox.notices import register_notice

NOTICES: dict[str, tuple[str, str]] = {
    "spotcheck_finding": (
        "A finding of a spot check waits for you",
        "A spot check of the post found something, and putting it right is yours. The page says what, and by when.",
    ),
    "spotcheck_witness": (
        "You were named as having seen the dice of a spot check",
        "The District Admin Manager has recorded that you saw the dice thrown for a spot check. Nothing is drawn "
        "before you have confirmed it, or said that they are not the dice you saw. The page shows the digits.",
    ),
    "spotcheck_dice": (
        "The witness of a spot check's dice has answered",
        "Whoever saw the dice has confirmed them, or said that they are not the dice they saw. The page says which, "
        "and what comes next.",
    ),
    "spotcheck_answered": (
        "A finding of a spot check was answered",
        "The owner of a finding has said what was done. It waits for you to follow it up.",
    ),
}


def register() -> None:
    """Make the notices known to the outbox."""
    for code, (subject, text) in NOTICES.items():
        register_notice(code, subject, text)
