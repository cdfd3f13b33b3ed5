"""What the record says to each question of the checklist, so that the checker compares it with paper and with ICS."""

from __future__ import annotations

from django.utils import timezone

from audit.models import Item
from audit.spotchecks.checklist import Checklist
from audit.spotchecks.copy_facts import copy_facts
from audit.spotchecks.letter_mail_facts import letter_mail_facts
from audit.spotchecks.words import Fact, at_moment, marked, shown, tracking_fault
from letters.actions.posting import long_date, notes_text
from letters.models import Letter, Registered
from letters.policy import address_is_current
from letters.states import State
from letters.ways import IN_PERSON, SAFE, WAY_NAMES, Way
from postroom.cases.confidential import HIDDEN
from postroom.people.authority import authority_of
from postroom.people.roles import Role

PP_ROLES = frozenset({Role.DUTY_WORKER, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER})


def facts_of(item: Item) -> dict[str, Fact]:
    """Question code → what the record says. A fixed number of queries."""
    if item.copy_id is not None:
        return copy_facts(item)
    letter = (
        Letter.objects.select_related(
            "addressee", "address__verified_by", "signed_by", "signed_for", "initialled_by", "checked_by",
            "current__stock", "office", "case", "address__person", "right_by",
        ).get(spot_check_items=item)
    )  # fmt: skip
    if item.checklist == Checklist.LETTER_EMAIL:
        facts, applies = letter_mail_facts(letter)
        facts |= {"pp": _pp(letter), "ics_date": _ics(letter)}
        return marked(facts, applies | {"pp": letter.signature_kind == "pp", "ics_date": bool(letter.ics_reference)})
    handings = letter.way in IN_PERSON and letter.handings.exists()
    here = letter.state in (State.ENVELOPED, State.RETURNED)
    facts = {
        "addressee": _addressee(letter),
        "order": _order(letter),
        "pp": _pp(letter),
        "window": _window(letter),
        "contents": _contents(letter),
        "initials": Fact(
            f"{letter.initials}, {letter.initialled_by.name}" if letter.initialled_by else "None recorded"
        ),
        "return_label": _label(letter),
        "channel": _channel(letter),
        "out_of_area": _registered(letter),
        "ics_date": _ics(letter),
        "tray": _tray(letter),
        "hand_delivery": _handed(letter),
    }
    return marked(
        facts,
        {
            "addressee": True,
            "order": True,
            "pp": letter.signature_kind == "pp",
            # Its envelope lies in the office by the record, or came back to it.
            **dict.fromkeys(("window", "contents", "initials", "return_label"), here),
            "channel": True,
            "out_of_area": letter.way == Way.REGISTERED_POST
            and (bool(letter.tracking_number) or letter.posted_on is not None),
            "ics_date": bool(letter.ics_reference),
            "tray": facts["tray"].holds is False,
            "hand_delivery": handings,
        },
    )


def _addressee(letter: Letter) -> Fact:
    verified = letter.address.verified_by
    by = (
        f"verified by {verified.name}, {long_date(letter.address.verified_on)}"
        if verified and letter.address.verified_on
        else "never verified"
    )
    lines = shown(letter.address)
    current = address_is_current(letter)
    more = "" if current else ". It was changed or is in doubt since"
    return Fact(f"{letter.addressee.name}, {lines}; {by}{more}.", current)


def _order(letter: Letter) -> Fact:
    if not (letter.checked_by and letter.checked_at and letter.signed_by and letter.signed_at):
        return Fact("The record has no check and signature that stand.", False)
    enveloped = letter.enveloped_at
    words = f"Checked {at_moment(letter.checked_at)} by {letter.checked_by.name}; "
    words += f"signed {at_moment(letter.signed_at)} by {letter.signed_by.name}"
    if enveloped is None:
        return Fact(f"{words}; not in an envelope.", False)
    words += f"; in its envelope {at_moment(enveloped)}."
    return Fact(words, letter.checked_at <= letter.signed_at <= enveloped)


def _pp(letter: Letter) -> Fact:
    if letter.signature_kind != "pp" or letter.signed_by is None or letter.signed_at is None:
        return Fact("Signed by the worker.")
    held = authority_of(letter.signed_by, letter.signed_at).at_office(letter.office_id)
    return Fact(f"{letter.signed_by.name}, {at_moment(letter.signed_at)}. {letter.authority}.", bool(held & PP_ROLES))


def _window(letter: Letter) -> Fact:
    stock = letter.current.stock.name if letter.current else "none"
    return Fact(f"Proved on the PDF for envelope {stock}.")


def _contents(letter: Letter) -> Fact:
    envelope = letter.envelopes.filter(reopened_at__isnull=True).first()
    if envelope is None:
        return Fact("No envelope is recorded.", False)
    how = f", {envelope.scanned} of them scanned in" if envelope.scanned else ""
    return Fact(f"{envelope.sheets} sheet{'s' if envelope.sheets != 1 else ''} counted in by {envelope.by.name}{how}.")


def _label(letter: Letter) -> Fact:
    envelope = letter.envelopes.filter(reopened_at__isnull=True).first()
    mark = envelope.get_return_mark_display() if envelope else "not recorded"
    return Fact(f"{mark}: {', '.join(letter.office.address_lines)}.")


def _channel(letter: Letter) -> Fact:
    words = f"Letter. {WAY_NAMES[Way(letter.way)]}"
    if letter.post_class:
        words += f", {letter.class_words}"
    if not letter.sensitive:
        return Fact(f"{words}.")
    return Fact(f"{words}. It is marked sensitive: registered post or by hand alone.", letter.way in SAFE)


def _registered(letter: Letter) -> Fact:
    if letter.way != Way.REGISTERED_POST:
        return Fact("Not by registered post: a letter needs neither.")
    if not letter.tracking_number:
        return Fact(
            "By registered post; no tracking number on record yet.", None if letter.posted_on is None else False
        )
    proof = Registered.objects.filter(letter=letter).first()
    reason = f", accepted because: {proof.number_reason}" if proof is not None and proof.number_reason else ""
    came = f"; delivered {at_moment(proof.delivered_at)}" if proof is not None and proof.delivered_at else ""
    number = f"Registered post {letter.tracking_number}{reason}{came}. A letter needs no approval."
    return Fact(number, not tracking_fault(letter.tracking_number) or bool(reason))


def _handed(letter: Letter) -> Fact:
    if letter.way not in IN_PERSON:
        return Fact("It goes by post.")
    done = letter.handings.filter(delivered=True).select_related("by").first()
    if done is None:
        tries = letter.handings.count()
        return Fact(f"Not handed over yet; {tries} tr{'y' if tries == 1 else 'ies'} in vain on record.")
    known = done.get_identity_display().lower()
    place = HIDDEN.lower() if letter.address.is_confidential else done.place
    who = f"To {done.to_name} at {place}, {at_moment(done.at)}, by {done.by.name}; {known}."
    return Fact(who, bool(done.to_name and done.place and done.identity))


def _ics(letter: Letter) -> Fact:
    if not letter.upload_owed and letter.uploaded_at is None:
        return Fact("Not gone yet.")
    where = f"In ICS as {letter.ics_reference}" if letter.ics_reference else "Not uploaded yet"
    return Fact(f"{where}. The notes should begin: {notes_text(letter)}", bool(letter.ics_reference))


def _tray(letter: Letter) -> Fact:
    today = timezone.localdate()
    old = Letter.objects.filter(office_id=letter.office_id, state=State.ENVELOPED, enveloped_on__lt=today)
    count = old.count()
    return Fact(f"{count} enveloped before today still {'waits' if count == 1 else 'wait'} by the record.", count == 0)
