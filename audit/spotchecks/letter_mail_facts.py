"""What the record says of a letter sent by secure e-mail (CLS-6). What came back keeps on its row what went."""

from __future__ import annotations

from audit.spotchecks.mail_facts import domain_fact, encrypted_fact, password_fact, right_fact, subject_fact
from audit.spotchecks.words import Fact, at_moment
from letters.actions.disposing import GONE_EMAIL
from letters.actions.emailing import RIGHTS
from letters.actions.posting import long_date
from letters.models import Letter, LetterPassword
from letters.states import Action, State
from letters.ways import WAY_NAMES, Way
from postroom.ledger.models import Entry

_STEPS = (Action.ATTEMPT.value, Action.DECIDE_SENT.value, Action.MARK_SENT.value, Action.BOUNCE.value)


def letter_mail_facts(letter: Letter) -> tuple[dict[str, Fact], dict[str, bool]]:
    """(question code → what the record says, question code → whether it applies) of what e-mail alone asks: order,
    address, right and so on. Three queries."""
    steps = list(Entry.objects.filter(subject=letter.ledger_subject, action__in=_STEPS).order_by("seq"))
    password = LetterPassword.objects.select_related("given_by").filter(letter=letter, send=letter.sends).first()
    went = letter.emailed_on is not None
    facts = {
        "addressee": _addressee(letter),
        "order": _order(letter, steps),
        "right": right_fact(letter.right_by, letter.right_at, RIGHTS.get(letter.right_basis, "no reason given")),
        "channel": _channel(letter),
        "encrypted": encrypted_fact(password, went=went),
        "password": password_fact(password, sent=went, owed=False),
        "subject": subject_fact(),
        "domain": domain_fact(letter.email, letter.office_id),
        "arrived": _arrived(letter, steps),
    }
    applies = {
        **dict.fromkeys(("addressee", "order", "right", "channel"), True),
        **dict.fromkeys(("encrypted", "subject", "domain", "arrived"), went),
        "password": facts["password"].holds is not None,
    }
    return facts, applies


def _addressee(letter: Letter) -> Fact:
    who = f"{letter.addressee.name}, {letter.addressee.get_relationship_display().lower()}"
    if letter.email == GONE_EMAIL:
        return Fact(f"{who}. The e-mail address was destroyed under the retention schedule.")
    if not letter.email:
        return Fact(f"{who}. No e-mail was sent.", False)
    same = letter.email == letter.addressee.email
    return Fact(f"{who}, {letter.email}{'' if same else '. The case has another e-mail address now'}.", same)


def _order(letter: Letter, steps: list[Entry]) -> Fact:
    if not (letter.checked_by and letter.checked_at and letter.signed_by and letter.signed_at):
        return Fact("The record has no check and signature that stand.", False)
    words = f"Checked {at_moment(letter.checked_at)} by {letter.checked_by.name}; "
    words += f"signed {at_moment(letter.signed_at)} by {letter.signed_by.name}"
    tries = [step.at for step in steps if step.action == Action.ATTEMPT]
    if not tries:
        return Fact(f"{words}; not sent.", False)
    return Fact(f"{words}; sending began {at_moment(tries[-1])}.", letter.checked_at <= letter.signed_at <= tries[-1])


def _channel(letter: Letter) -> Fact:
    to = "family" if letter.addressee.is_family else "a professional"
    marked = ", marked sensitive" if letter.sensitive else ""
    by_email = letter.way == Way.SECURE_EMAIL
    words = f"Letter to {to}{marked}. {WAY_NAMES[Way(letter.way)]}."
    return Fact(words, not (by_email and (letter.addressee.is_family or letter.sensitive)))


def _arrived(letter: Letter, steps: list[Entry]) -> Fact:
    if letter.state == State.UNCERTAIN:
        return Fact(f"Uncertain since {at_moment(letter.state_since)}: nobody has decided whether it was sent.", False)
    if letter.emailed_on is None:
        return Fact("Not sent.", False)
    sent, last = f"Sent {long_date(letter.emailed_on)}", steps[-1] if steps else None
    if letter.state == State.RETURNED:
        return Fact(f"{sent}; it came back {at_moment(letter.state_since)}.", False)
    if last is not None and last.action == Action.DECIDE_SENT:
        return Fact(f"{sent}, as {last.actor_name} decided where it was uncertain; nothing has come back.")
    return Fact(f"{sent}; the mail server took it, and nothing has come back.", True)
