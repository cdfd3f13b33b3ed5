"""The lists that people choose from: categories, causes, controls, the words of the risk grid. Pure data.

Source: facts.md ("Breach clocks", "Causes of real post breaches"), Article 33 for what a notification says.
"""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """Whose data or what kind of it; a report to the Commissioner names them."""

    CHILDREN = "children"
    FAMILY = "family"
    ADDRESSES = "addresses"
    HEALTH = "health"
    CRIMINAL = "criminal"
    ADOPTION = "adoption"
    STAFF = "staff"
    OTHER = "other"


CATEGORY_NAMES: dict[Category, str] = {
    Category.CHILDREN: "Details of children",
    Category.FAMILY: "Details of family members or carers",
    Category.ADDRESSES: "Home or placement addresses",
    Category.HEALTH: "Health",
    Category.CRIMINAL: "Alleged or proven offences, abuse",
    Category.ADOPTION: "Adoption or fostering",
    Category.STAFF: "Details of staff or professionals",
    Category.OTHER: "Something else",
}


class Cause(StrEnum):
    """What went wrong."""

    WRONG_ADDRESS = "wrong_address"
    OLD_ADDRESS = "old_address"
    WRONG_PERSON = "wrong_person"
    WRONG_ENCLOSURE = "wrong_enclosure"
    WRONG_CONTENT = "wrong_content"
    NOT_REDACTED = "not_redacted"
    ADDRESS_DISCLOSED = "address_disclosed"
    WRONG_CHANNEL = "wrong_channel"
    LOST_IN_POST = "lost_in_post"
    LOST_OR_STOLEN_OUTSIDE = "lost_or_stolen_outside"
    SEEN_OR_HEARD = "seen_or_heard"
    OTHER = "other"


CAUSE_NAMES: dict[Cause, str] = {
    Cause.WRONG_ADDRESS: "Sent to a wrong address",
    Cause.OLD_ADDRESS: "Sent to an old address, the new one being known",
    Cause.WRONG_PERSON: "Given or sent to the wrong person",
    Cause.WRONG_ENCLOSURE: "A page or enclosure of another case went with it",
    Cause.WRONG_CONTENT: "The text held details of another case",
    Cause.NOT_REDACTED: "Something was not blacked out",
    Cause.ADDRESS_DISCLOSED: "A confidential address was disclosed",
    Cause.WRONG_CHANNEL: "Sent in a way that is not allowed",
    Cause.LOST_IN_POST: "Lost in the post",
    Cause.LOST_OR_STOLEN_OUTSIDE: "Lost or stolen outside the office",
    Cause.SEEN_OR_HEARD: "Seen or overheard by somebody",
    Cause.OTHER: "Something else",
}


class Control(StrEnum):
    """The step of the process that should have held."""

    CASE_RECORD = "case_record"
    TYPING = "typing"
    ADDRESS_CHECK = "address_check"
    BODY_CHECK = "body_check"
    SIGNATURE = "signature"
    CONTENTS_CHECK = "contents_check"
    CHANNEL = "channel"
    HAND_DELIVERY = "hand_delivery"
    TRANSPORT = "transport"
    NONE = "none"


CONTROL_NAMES: dict[Control, str] = {
    Control.CASE_RECORD: "Keeping the address on the case up to date",
    Control.TYPING: "Typing",
    Control.ADDRESS_CHECK: "The worker's check of the address",
    Control.BODY_CHECK: "The worker's check of the body",
    Control.SIGNATURE: "Signature or pp",
    Control.CONTENTS_CHECK: "Admin's check of the contents at the envelope",
    Control.CHANNEL: "Choosing how to send it",
    Control.HAND_DELIVERY: "Identity at hand delivery",
    Control.TRANSPORT: "Papers kept in a lockable bag",
    Control.NONE: "None: no step of the process answers this",
}
# The control that answers each cause; where a letter is linked, its history says who held it.
CONTROL_OF: dict[Cause, Control] = {
    Cause.WRONG_ADDRESS: Control.ADDRESS_CHECK,
    Cause.OLD_ADDRESS: Control.CASE_RECORD,
    Cause.WRONG_PERSON: Control.HAND_DELIVERY,
    Cause.WRONG_ENCLOSURE: Control.CONTENTS_CHECK,
    Cause.WRONG_CONTENT: Control.BODY_CHECK,
    Cause.NOT_REDACTED: Control.BODY_CHECK,
    Cause.ADDRESS_DISCLOSED: Control.BODY_CHECK,
    Cause.WRONG_CHANNEL: Control.CHANNEL,
    Cause.LOST_IN_POST: Control.CHANNEL,
    Cause.LOST_OR_STOLEN_OUTSIDE: Control.TRANSPORT,
    Cause.SEEN_OR_HEARD: Control.NONE,
    Cause.OTHER: Control.NONE,
}

# The 5 × 5 grid; advisory, the decision is people's.
LIKELIHOOD_WORDS: dict[int, str] = {
    1: "Very unlikely: no sign that anybody saw or could use it",
    2: "Unlikely: seen at most by somebody bound to keep it to themselves",
    3: "Possible: seen by somebody who could use it",
    4: "Likely: in the hands of somebody with a reason to use it",
    5: "Almost certain: used already, or about to be",
}
SEVERITY_WORDS: dict[int, str] = {
    1: "Hardly any: a small inconvenience",
    2: "Slight: upset that passes",
    3: "Moderate: distress, money or trust lost",
    4: "Serious: lasting distress, a placement or family relation damaged",
    5: "Very serious: danger to somebody's life, health or freedom",
}


class Level(StrEnum):
    """What the grid says."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


LEVEL_WORDS: dict[Level, str] = {
    Level.LOW: "Low: a risk to the people concerned is unlikely. Record why, if it is not referred.",
    Level.MEDIUM: "Medium: a risk to the people concerned. A report to the Commissioner is called for.",
    Level.HIGH: "High: a high risk to the people concerned. They are told without undue delay.",
}


def level_of(likelihood: int, severity: int) -> Level:
    """The grid: the product of both steps (1 to 5); 5 of severity is never low. Raises ValueError outside the grid."""
    if not (1 <= likelihood <= 5 and 1 <= severity <= 5):
        raise ValueError("Both steps go from 1 to 5.")
    product = likelihood * severity
    if product >= 15:
        return Level.HIGH
    return Level.MEDIUM if product >= 6 or severity == 5 else Level.LOW
