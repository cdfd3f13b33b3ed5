"""The e-mails that breaches send: a closed table, without a word about whom or what a breach concerns."""

from __future__ import annotations

from postroom.outbox.notices import register_notice

NOTICES: dict[str, tuple[str, str]] = {
    "breach_reported": (
        "A breach or near miss was reported",
        "A breach or near miss was reported in Postroom. What has to be done, and by when, stands on its page.",
    ),
    "breach_mark": (
        "The time to report a breach to the Commissioner runs out",
        "A breach is not yet reported to the Commissioner, nor decided not to be. The time left stands on its page.",
    ),
    "breach_overdue": ("A duty of a breach is overdue", "Something that had to be done after a breach is overdue."),
    "breach_asked": ("A breach needs you", "A breach waits for your decision, agreement or advice."),
    "breach_decided": ("A breach was decided on", "The decision on a breach stands. What is left stands on its page."),
    "breach_trend": (
        "Breaches rise",
        "More breaches or near misses than usual were reported at an office, or of one step of the process that should "
        "have held. Which it is stands with the figures.",
    ),
    "breach_phase": (
        "A further phase is promised to the Commissioner",
        "A further phase of a breach was promised to the Commissioner and is not sent yet. Send it, or withdraw it.",
    ),
    "breach_waits": (
        "A breach still waits for you",
        "Advice, or a decision on meeting the service user, was asked for and is not given yet.",
    ),
    "breach_nobody": (
        "A breach needs somebody who may act",
        "An office that a breach needs is held by nobody who may act on it. Name a dated deputy, or give the role.",
    ),
    "breach_action_late": ("An action is overdue", "An action that follows from a breach or near miss is overdue."),
    "breach_action": ("An action is yours", "You were given an action that follows from a breach or near miss."),
}


def register() -> None:
    """Make the notices known to the outbox."""
    for code, (subject, text) in NOTICES.items():
        register_notice(code, subject, text, urgent=True)  # clocks run: nobody turns these off
