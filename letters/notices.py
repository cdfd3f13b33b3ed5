"""The e-mails that letters send: a closed table, without a word about whom or what a letter concerns."""

from postroom.outbox.notices import register_notice

NOTICES: dict[str, tuple[str, str]] = {
    "letter_typed": (
        "A letter waits for you to check",
        "A letter has been typed and waits for you to check its address and its body.",
    ),
    "letter_check_voided": (
        "A check of yours no longer stands",
        "A letter that you checked was changed afterwards. It has to be checked again.",
    ),
    "letter_signature_voided": (
        "A signature of yours no longer stands",
        "A letter that you signed was changed afterwards. It has to be checked and signed again.",
    ),
    "letter_sent_back": ("A letter was sent back", "A letter that you typed was sent back for retyping."),
    "letter_returned": (
        "A letter came back undelivered",
        "A letter from one of your cases came back. Its address is in doubt until you verify it.",
    ),
    "letter_not_delivered": (
        "A letter could not be delivered by hand",
        "A letter from one of your cases could not be put into the person's own hands. It is on hold.",
    ),
    "letter_question": (
        "A question about a letter of yours",
        "Admin can't go on with a letter without your answer. The question stands on the letter's page.",
    ),
    "letter_answer": ("Your question is answered", "The worker has answered your question about a letter."),
    "letters_not_uploaded": (
        "Letters have gone and are not on the case record",
        "Letters of your office have gone and are not on the case record yet. The list shows which.",
    ),
    "letters_not_proved": (
        "Registered post without its proof of delivery",
        "Letters of your office went by registered post, and their delivery is not on record. The list shows which.",
    ),
    "letter_to_type": ("A letter waits to be typed", "A draft was handed over to your office's desk. Type it."),
    "letter_to_print": ("A letter waits to be printed", "A letter of your office was checked. Print it to be signed."),
    "letter_to_envelope": (
        "A signed letter waits at your office's desk",
        "A letter of your office was signed. It waits for you to bring it on to its envelope.",
    ),
    "letter_to_carry": ("A letter waits for you to deliver", "A letter from one of your cases is ready to be carried."),
    "letter_in_danger": (
        "A letter may miss the day it must go or arrive by",
        "A letter of your office must go very soon, and its worker has not checked or signed it. See what can be done.",
    ),
    "letter_not_emailed": (
        "A letter could not be sent by e-mail",
        "A letter from one of your cases could not be sent by secure e-mail. Nothing left; its page says what to do.",
    ),
    "letter_email_returned": (
        "An e-mail came back",
        "A letter that you sent by secure e-mail could not be delivered. Hand it over anew once you know the address.",
    ),
    "letter_to_email": ("A letter waits for you to send it", "A letter of yours is signed. Send it by secure e-mail."),
    "letter_withdrawn": ("A letter was withdrawn", "A letter that you worked on was withdrawn."),
}


# Somebody may be waiting at a door, or a day may be missed.
URGENT = frozenset(
    {
        "letter_not_delivered",
        "letter_not_emailed",
        "letter_email_returned",
        "letter_signature_voided",
        "letter_in_danger",
    }
)
# Of a desk that several share.
SHARED = frozenset({"letter_to_type", "letter_to_print", "letter_to_envelope"})


def register() -> None:
    """Make the notices known to the outbox."""
    for code, (subject, text) in NOTICES.items():
        register_notice(code, subject, text, urgent=code in URGENT, shared=code in SHARED)
