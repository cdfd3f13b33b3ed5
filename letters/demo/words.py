"""Invented names, places and letters. They look it: nobody is called Sample, and there is no Northmere."""

# ruff: noqa: RUF001 - letters have the apostrophe that printers set

from __future__ import annotations

from dataclasses import dataclass

FIRST_NAMES = (
    "Ada", "Alder", "Bryn", "Cleo", "Dara", "Esme", "Fern", "Gwen", "Hari", "Idris", "Juno", "Kit", "Lark", "Maya",
    "Noor", "Olu", "Perry", "Quinn", "Rowan", "Sol", "Tamsin", "Uma", "Vesna", "Wren", "Xanthe", "Yusuf", "Zoë", "Ash",
    "Briar", "Cedar", "Dilys", "Eden", "Frankie", "Goldie", "Harper", "Iris",
    "Ottoline", "Perrin", "Quillon", "Rosalba", "Sorrel", "Ulric", "Verity", "Winslow", "Yorick", "Zelda",
)  # fmt: skip
SURNAMES = (
    "Sample", "Example", "Specimen", "Placeholder", "Pretend", "Invented", "Madeup", "Fictive", "Demo", "Template",
    "Imaginary", "Nobody", "Mockup", "Dummy", "Notional", "Figment",
)  # fmt: skip
# On cases: longer names and other letters, as real lists have them.
CASE_SURNAMES = (*SURNAMES, "Example-Sample", "Sämple", "O’Pretend", "Invented-ap-Nobody", "Placeholderová")
STREETS = ("Sample Road", "Example Street", "Pretend Lane", "Specimen Close", "Invented Way", "Figment Terrace")
LOCALITIES = ("Upper Pretend", "Little Example", "Sample Green")
TOWNS = (("NORTHMERE", "NM"), ("EXAMPLETON", "NX"), ("SAMPLE BAY", "NB"))
PROFESSIONALS = (
    ("Head teacher", "Invented Primary School"),
    ("School nurse", "Pretend Lane Health Centre"),
    ("GP", "Specimen Surgery"),
    ("Solicitor", "Figment and Nobody LLP"),
    ("Health visitor", "Example Street Clinic"),
)


@dataclass(frozen=True)
class DemoOffice:
    """One of the three offices and its people; the names come in the order of ROLES_AT_OFFICE."""

    code: str
    name: str
    address: str
    phone: str
    stock: str
    medium: str
    mark: str
    admins: int
    workers: int
    printer_place: str


# The three differ in what an office may choose: stock, paper or screen, label or stamp.
OFFICES = (
    DemoOffice("riv", "Riverside", "Riverside House\n1 Invented Quay\nNORTHMERE\nNM1 1AA", "01632 960101",
               "dl", "paper", "label", 3, 4, "First floor, beside the post room"),
    DemoOffice("hil", "Hillcrest", "The Old Pretend Exchange\n22 Sample Hill\nEXAMPLETON\nNX4 2BB", "01632 960202",
               "dl", "screen", "stamp", 3, 4, "Ground floor, behind reception"),
    DemoOffice("bay", "Sample Bay", "Harbour Placeholder\n7 Figment Parade\nSAMPLE BAY\nNB9 3DD", "01632 960303",
               "c5", "paper", "label", 2, 3, "Second floor, by the lift"),
)  # fmt: skip


@dataclass(frozen=True)
class DemoLetter:
    """What one kind of letter says; `{child}` is the child's first name. Each fits one sheet (a test renders all)."""

    subject: str
    draft: str
    body: str
    # In the second version: what the worker proposes, or what was forgotten.
    more: str
    enclosures: tuple[tuple[str, int], ...] = ()


LETTERS = (
    DemoLetter(
        "Our meeting",
        "Please thank them for the meeting, say I will visit {child} next week, usual wording.",
        "Thank you for meeting me.\n\nWe agreed that:\n\n- I will visit {child} at home next week\n- you will bring "
        "the list of questions we talked about\n\nPlease tell me **by Thursday** if the time doesn’t suit you.",
        "You are welcome to have somebody with you when I visit.",
    ),
    DemoLetter(
        "A visit to your home",
        "Visit letter. Morning visit, with the family support worker. Phone number of the office.",
        "I would like to visit you and {child} to talk about how the summer has been.\n\nI will come in the morning, "
        "with a colleague from family support. The visit takes about an hour.",
        "If the morning doesn’t suit, please ring the office and we will find another time.",
    ),
    DemoLetter(
        "Contact arrangements for {child}",
        "Contact arrangements as agreed on the phone. Enclose the calendar.",
        "## What we agreed\n\nContact takes place every second Saturday, from 10 am to 12 noon, at the invented centre "
        "in Sample Road.\n\n## What happens next\n\n1. The first contact is on the date in the enclosed calendar.\n"
        "2. I will ring you afterwards.\n3. We look at the arrangements again after six weeks.",
        "Please keep the calendar somewhere you can both see it.",
        (("Calendar of contacts", 1),),
    ),
    DemoLetter(
        "Information about {child}",
        "To the professional: please send a short report, attendance and how they are doing. Consent form enclosed.",
        "I am the social worker for {child}. I would be grateful for a short report on how {child} is doing, with "
        "attendance since September.\n\nThe parent has agreed to this; a copy of the signed form is enclosed.",
        "A page is enough. Please send it to the address at the head of this letter.",
        (("Signed consent form", 2),),
    ),
    DemoLetter(
        "A new social worker",
        "Introduce me, new worker, looking forward to meeting them. Office phone number.",
        "I am {child}’s new social worker, and I look forward to meeting you both.\n\nYou can reach me through the "
        "office; its number is at the head of this letter.",
        "Your former worker has told me about the plan, so you need not explain everything again.",
    ),
    DemoLetter(
        "Help that you asked about",
        "They asked about help in the holidays. Two places, leaflet enclosed.",
        "You asked about help in the school holidays. There are two places you could try:\n\n- the invented holiday "
        "club in Pretend Lane\n- the family room at Specimen Close, on Tuesdays\n\nBoth are free. I enclose a leaflet.",
        "I can ring them for you if you like.",
        (("Leaflet: holidays", 1),),
    ),
)  # fmt: skip

RETYPE_NOTES = (
    "Please add the sentence I have put in below.",
    "The last paragraph is missing.",
    "Could this be a little warmer? I have put in a sentence.",
)
EDIT_REASONS = ("A paragraph was left out in typing.", "The worker rang with one more sentence.")
REOPEN_REASONS = ("The enclosure was still on the desk.", "The window showed too little after folding.")
WITHDRAW_REASONS = ("The visit has taken place meanwhile.", "Told on the phone instead.", "The case plan has changed.")
RETURN_REASONS = ("Gone away.", "Addressee unknown.", "No such address.")
