"""What the record says to each question of the checklist, so that the checker compares it with paper and with ICS."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from audit.models import Item
from distribution.models import Handover
from distribution.models import Item as Copy
from distribution.states import State as CopyState
from letters.actions.posting import long_date, notes_text
from letters.models import Letter, Registered
from letters.policy import address_is_current
from letters.routes import CHANNEL_NAMES, Channel, Document, Recipient, Verdict, route
from letters.states import State
from letters.tracking import TrackingNumberError, check_tracking_number
from letters.ways import IN_PERSON, SAFE, WAY_NAMES, Way
from postroom.people.authority import authority_of
from postroom.people.roles import Role

PP_ROLES = frozenset({Role.DUTY_WORKER, Role.ADVANCED_PRACTITIONER, Role.DEPUTY_TEAM_MANAGER, Role.TEAM_MANAGER})


@dataclass(frozen=True)
class Fact:
    """In words, and whether the record itself holds (None: it can't say)."""

    words: str
    holds: bool | None = None


def facts_of(item: Item) -> dict[str, Fact]:
    """Question code → what the record says. A fixed number of queries."""
    if item.copy_id is not None:
        return copy_facts(item.copy_id)
    letter = (
        Letter.objects.select_related(
            "addressee", "address__verified_by", "signed_by", "signed_for", "initialled_by", "checked_by",
            "current__stock", "office", "case", "address__person",
        ).get(spot_check_items=item)
    )  # fmt: skip
    return {
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


def _at(moment: object) -> str:
    local = timezone.localtime(moment)  # type: ignore[arg-type]
    return f"{long_date(local.date())}, {local:%H:%M}"


def _addressee(letter: Letter) -> Fact:
    verified = letter.address.verified_by
    by = (
        f"verified by {verified.name}, {long_date(letter.address.verified_on)}"
        if verified and letter.address.verified_on
        else "never verified"
    )
    lines = ", ".join(letter.address.line_list)
    current = address_is_current(letter)
    more = "" if current else ". It was changed or is in doubt since"
    return Fact(f"{letter.addressee.name}, {lines}; {by}{more}.", current)


def _order(letter: Letter) -> Fact:
    if not (letter.checked_by and letter.checked_at and letter.signed_by and letter.signed_at):
        return Fact("The record has no check and signature that stand.", False)
    enveloped = letter.enveloped_at
    words = f"Checked {_at(letter.checked_at)} by {letter.checked_by.name}; "
    words += f"signed {_at(letter.signed_at)} by {letter.signed_by.name}"
    if enveloped is None:
        return Fact(f"{words}; not in an envelope.", False)
    words += f"; in its envelope {_at(enveloped)}."
    return Fact(words, letter.checked_at <= letter.signed_at <= enveloped)


def _pp(letter: Letter) -> Fact:
    if letter.signature_kind != "pp" or letter.signed_by is None or letter.signed_at is None:
        return Fact("Signed by the worker.")
    held = authority_of(letter.signed_by, letter.signed_at).at_office(letter.office_id)
    return Fact(f"{letter.signed_by.name} as {letter.authority}, {_at(letter.signed_at)}.", bool(held & PP_ROLES))


def _window(letter: Letter) -> Fact:
    stock = letter.current.stock.name if letter.current else "none"
    return Fact(f"Proved on the PDF for envelope {stock}.")


def _contents(letter: Letter) -> Fact:
    envelope = letter.envelopes.filter(reopened_at__isnull=True).first()
    if envelope is None:
        return Fact("No envelope is recorded.", False)
    return Fact(f"{envelope.sheets} sheet{'s' if envelope.sheets != 1 else ''} counted in by {envelope.by.name}.")


def _label(letter: Letter) -> Fact:
    envelope = letter.envelopes.filter(reopened_at__isnull=True).first()
    mark = envelope.get_return_mark_display() if envelope else "not recorded"
    return Fact(f"{mark}: {', '.join(letter.office.address_lines)}.")


def tracking_fault(number: str) -> str:
    """What is wrong with a tracking number, in words; "" if its check digit is right."""
    try:
        check_tracking_number(number)
    except TrackingNumberError as error:
        return str(error)
    return ""


def _channel(letter: Letter) -> Fact:
    words = f"Letter. {WAY_NAMES[Way(letter.way)]}"
    if letter.post_class:
        words += f", {letter.get_post_class_display()}"
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
    came = f"; delivered {_at(proof.delivered_at)}" if proof is not None and proof.delivered_at else ""
    number = f"Registered post {letter.tracking_number}{reason}{came}. A letter needs no approval."
    return Fact(number, not tracking_fault(letter.tracking_number) or bool(reason))


def _handed(letter: Letter) -> Fact:
    if letter.way not in IN_PERSON:
        return Fact("It goes by post.")
    done = letter.handings.filter(delivered=True).select_related("by").first()
    if done is None:
        tries = letter.handings.count()
        return Fact(f"Not handed over yet; {tries} tr{'y' if tries == 1 else 'ies'} in vain on record.")
    who = (
        f"To {done.to_name} at {done.place}, {_at(done.at)}, by {done.by.name}; {done.get_identity_display().lower()}."
    )
    return Fact(who, bool(done.to_name and done.place and done.identity))


def copy_facts(pk: int) -> dict[str, Fact]:
    """The same of a copy of a report or minutes. A fixed number of queries."""
    copy = Copy.objects.select_related(
        "person", "address__verified_by", "distribution__issued_by", "case__office", "approved_by", "initialled_by",
        "right_by", "stock", "handed_by", "posted_by",
    ).get(pk=pk)  # fmt: skip
    posted = copy.channel == Channel.REGISTERED_POST
    no_envelope = Fact("Not in an envelope: it does not go by post.")
    return {
        "addressee": _recipient(copy),
        "order": Fact(f"Issued by {copy.distribution.issued_by.name}, {_at(copy.distribution.issued_at)}, as it is."),
        "pp": Fact("Nothing is signed here."),
        "window": Fact(f"A cover sheet, proved for envelope {copy.stock.name}." if copy.stock else "No cover sheet."),
        "contents": Fact(f"{copy.pages} page{'s' if copy.pages != 1 else ''} of this copy, and its cover sheet.")
        if posted
        else no_envelope,
        "initials": Fact(f"{copy.initials}, {copy.initialled_by.name}") if copy.initialled_by else no_envelope,
        "return_label": Fact(f"On the back: {', '.join(copy.case.office.address_lines)}.") if posted else no_envelope,
        "channel": _route(copy),
        "out_of_area": _approval(copy),
        "ics_date": _copy_upload(copy),
        "tray": _copies_left(copy),
        "hand_delivery": _into_hands(copy),
    }


def _recipient(copy: Copy) -> Fact:
    where = f", {', '.join(copy.address.line_list)}" if copy.address is not None else ""
    right = f"; their right to it confirmed by {copy.right_by.name}" if copy.right_by else "; no right confirmed"
    return Fact(
        f"{copy.person.name}, {copy.person.get_relationship_display().lower()}{where}{right}.", bool(copy.right_by)
    )


def _route(copy: Copy) -> Fact:
    way = CHANNEL_NAMES[Channel(copy.channel)] if copy.channel else "no way chosen"
    who = {Recipient.PROFESSIONAL: "a professional", Recipient.FAMILY_IN_AREA: "family in area"}
    to = who.get(copy.recipient, "family out of area")
    words = f"{copy.get_document_display()} to {to}: {way[0].lower()}{way[1:]}."
    if not copy.channel:
        return Fact(words, False)
    verdict = route(Document(copy.document), copy.recipient, Channel(copy.channel)).verdict
    return Fact(words, verdict is not Verdict.REFUSED)


def _approval(copy: Copy) -> Fact:
    if copy.channel != Channel.REGISTERED_POST:
        return Fact("Not by post: neither is needed.")
    by = f"Approved by {copy.approved_by.name}" if copy.approved_by else "Not approved"
    number = f"tracking number {copy.tracking_number}" if copy.tracking_number else "no tracking number yet"
    holds = bool(copy.approved_by) and (copy.posted_on is None or not tracking_fault(copy.tracking_number))
    return Fact(f"{by}; {number}.", holds)


def _copy_upload(copy: Copy) -> Fact:
    if copy.uploaded_at is None:
        return Fact("Not on the case record yet." if copy.upload_owed else "Nothing is owed to the case record yet.")
    return Fact(f"In ICS as {copy.ics_reference}, {_at(copy.uploaded_at)}.", bool(copy.ics_reference))


def _copies_left(copy: Copy) -> Fact:
    old = Copy.objects.filter(
        case__office_id=copy.case.office_id, state=CopyState.RELEASED, posted_on__isnull=True,
        enveloped_on__lt=timezone.localdate(),
    ).count()  # fmt: skip
    return Fact(f"{old} enveloped before today still {'waits' if old == 1 else 'wait'} by the record.", old == 0)


def _into_hands(copy: Copy) -> Fact:
    if copy.channel != Channel.BY_HAND:
        return Fact("It does not go by hand.")
    done = Handover.objects.select_related("by").filter(item=copy).first()
    if done is None:
        return Fact(
            "Not handed over yet." if copy.handed_on is None else "No record of handing over.", copy.handed_on is None
        )
    where = f"{done.get_where_display().lower()}{f', {done.place}' if done.place else ''}"
    return Fact(
        f"Into their own hands {where}, {_at(done.at)}, by {done.by.name}; {done.get_known_by_display().lower()}.", True
    )


def _ics(letter: Letter) -> Fact:
    if letter.posted_on is None and letter.handed_on is None:
        return Fact("Not gone yet.")
    where = f"In ICS as {letter.ics_reference}" if letter.ics_reference else "Not uploaded yet"
    return Fact(f"{where}. The notes should begin: {notes_text(letter)}", bool(letter.ics_reference))


def _tray(letter: Letter) -> Fact:
    today = timezone.localdate()
    old = Letter.objects.filter(office_id=letter.office_id, state=State.ENVELOPED, enveloped_on__lt=today)
    count = old.count()
    return Fact(f"{count} enveloped before today still {'waits' if count == 1 else 'wait'} by the record.", count == 0)
