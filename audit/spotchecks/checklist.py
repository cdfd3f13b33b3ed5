"""What is looked at in a spot check (facts.md, "Spot checks"): the questions, and where each can be seen. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Which letters, and copies of reports and minutes, can be drawn."""

    POSTED = "posted"
    TRAY = "tray"
    UPLOADED = "uploaded"
    RETURNED = "returned"
    HANDED = "handed"
    EMAILED = "emailed"


STAGE_NAMES: dict[str, str] = {
    Stage.POSTED: "Posted in the period",
    Stage.TRAY: "In the tray now, in their envelopes",
    Stage.UPLOADED: "Put on the case record in the period",
    Stage.RETURNED: "Came back undelivered in the period",
    Stage.HANDED: "Handed over by hand in the period",
    Stage.EMAILED: "Sent by secure e-mail in the period",
}


class Kind(StrEnum):
    """Kinds of post: letters by who signed, copies of reports and minutes; a stratum can be made of each."""

    OWN = "worker"
    PP = "pp"
    COPY = "copy"


KIND_NAMES: dict[str, str] = {
    Kind.OWN: "Letters signed by the worker",
    Kind.PP: "Letters signed for the worker (pp)",
    Kind.COPY: "Copies of reports and minutes",
}


class Checklist(StrEnum):
    """Which questions an item has: what lies or went on paper, or a copy or a letter that went by secure e-mail."""

    PAPER = "paper"
    EMAIL = "email"
    LETTER_EMAIL = "letter"


CHECKLIST_NAMES: dict[str, str] = {
    Checklist.PAPER: "On paper",
    Checklist.EMAIL: "By secure e-mail",
    Checklist.LETTER_EMAIL: "A letter by secure e-mail",
}


class Answer(StrEnum):
    """To one question."""

    YES = "yes"
    NO = "no"
    NA = "na"


ANSWER_NAMES: dict[str, str] = {Answer.YES: "Yes", Answer.NO: "No: a fault", Answer.NA: "Can't apply here"}


@dataclass(frozen=True)
class Question:
    """One line of the checklist. `must`: the stages in which "can't apply" is no answer, besides where the record says
    that it applies (`must_answer`). `look`: where to look."""

    code: str
    text: str
    look: str
    must: frozenset[Stage] = frozenset()


_ALL = frozenset(Stage)
_PAPER = frozenset({Stage.TRAY})
QUESTIONS: tuple[Question, ...] = (
    Question("addressee", "Do recipient and address match the case record?", "Look in ICS, not only here.", _ALL),
    Question("order", "Did the check and the signature come before the envelope?", "The record below says.", _ALL),
    Question("pp", "If it was pp'd: was the authority held at that time?", "The rota and roles of that day."),
    Question("window", "Does the address alone show in the window?", "Slide the sheet to each side and look.", _PAPER),
    Question("contents", "Are the contents exactly this letter's sheets?", "Each bears the reference.", _PAPER),
    Question("initials", "Are initials on the back, the same as recorded?", "The back of the envelope.", _PAPER),
    Question("return_label", "Is the return address on the back, without Children's Services?", "The back.", _PAPER),
    Question("channel", "Did it go, or is it about to go, the right way?", "Letter, report or minutes; to whom.", _ALL),
    Question("out_of_area", "If out of area: approval and tracking number there?", "Registered post only."),
    Question("ics_date", "Is the date in the ICS notes the day it was posted?", "Open the document in ICS.",
             frozenset({Stage.UPLOADED})),
    Question("tray", "Is nothing old in the tray beside it?", "Anything enveloped before today.", _PAPER),
    Question("hand_delivery", "If delivered by hand: is the record complete?", "By whom, to whom, when, identity.",
             frozenset({Stage.HANDED})),
)  # fmt: skip
# OGP-9, CLS-6: professionals get an encrypted file, its password by another way, where they have a right to it.
_SENT = frozenset({Stage.EMAILED, Stage.RETURNED, Stage.UPLOADED})
EMAIL_QUESTIONS: tuple[Question, ...] = (
    Question("addressee", "Do recipient and e-mail address match the case record?", "Look in ICS, not only here.",
             _ALL),
    Question("right", "Was this recipient's right to it confirmed, and rightly?", "Who they are to the child, in ICS.",
             _ALL),
    Question("channel", "Was e-mail the right way for this document and recipient?", "Never for family.", _ALL),
    Question("encrypted", "Did it go as an encrypted file?", "In the office's mailbox, or ask the recipient.", _SENT),
    Question("password", "Did the password go another way, to the recipient themselves?",
             "By phone or text, never by e-mail. If it isn't given yet, it can't apply."),
    Question("subject", "Is there nothing about anybody in the subject and the text?", "In the office's mailbox.",
             _SENT),
    Question("domain", "Was the address one of an allowed domain?", "The office's list, under Secure e-mail.", _SENT),
    Question("arrived", "Did it arrive, or was every doubt about that settled?", "Failures come to the mailbox.",
             _SENT),
    Question("ics_date", "Is the date in the ICS notes the day it was sent?", "Open the document in ICS.",
             frozenset({Stage.UPLOADED})),
)  # fmt: skip
# A letter was checked and signed here (OGP-3) before it went: asked besides.
LETTER_EMAIL_QUESTIONS: tuple[Question, ...] = (
    EMAIL_QUESTIONS[0],
    Question("order", "Did the check and the signature come before it was sent?", "The record below says.", _ALL),
    next(question for question in QUESTIONS if question.code == "pp"),
    *EMAIL_QUESTIONS[1:],
)
# Copies of reports and minutes are neither checked nor signed here; safeguarding issued them as they are.
NOT_OF_COPIES = frozenset({"order"})
BY_CODE: dict[str, Question] = {question.code: question for question in (*EMAIL_QUESTIONS, *QUESTIONS)}


def questions_of(checklist: str) -> tuple[Question, ...]:
    """The questions of this checklist, in the order in which they are asked."""
    by_email = {Checklist.EMAIL.value: EMAIL_QUESTIONS, Checklist.LETTER_EMAIL.value: LETTER_EMAIL_QUESTIONS}
    return by_email.get(str(checklist), QUESTIONS)


def must_answer(question: Question, stage: str, *, copy: bool, applying: Collection[str] = ()) -> bool:
    """Is "can't apply" no answer to this question, for what is drawn at this stage?

    `applying`: the codes of the questions that apply to this very item by the record (`words.applying`).
    """
    return (stage in question.must and not (copy and question.code in NOT_OF_COPIES)) or question.code in applying


def what_is_missing(
    answers: Mapping[str, str],
    notes: Mapping[str, str],
    stage: str,
    *,
    copy: bool = False,
    checklist: str = Checklist.PAPER,
    applying: Collection[str] = (),
) -> dict[str, str]:
    """Question code → the sentence that says what to do, for every answer that can't stand; empty if all can.

    `applying`: as for `must_answer`.
    """
    problems: dict[str, str] = {}
    for question in questions_of(checklist):
        answer = answers.get(question.code, "")
        if answer not in set(Answer):
            problems[question.code] = f"Answer: {question.text}"
        elif answer == Answer.NA and must_answer(question, stage, copy=copy, applying=applying):
            problems[question.code] = f"Answer yes or no: {question.text}"
        elif answer == Answer.NO and not notes.get(question.code, "").strip():
            problems[question.code] = f"Say what is wrong: {question.text}"
    return problems


def is_faulty(answers: Mapping[str, str]) -> bool:
    """One fault makes the letter faulty, however many there are."""
    return Answer.NO in answers.values()
