"""What the record says of a copy of a report or minutes, as it stood when it went (OGP-7, OGP-8, OGP-9, CLS-6)."""

from __future__ import annotations

from django.utils import timezone

from audit.models import Item
from audit.spotchecks.checklist import Checklist
from audit.spotchecks.copies import CAME_BACK, as_it_was
from audit.spotchecks.mail_facts import domain_fact, encrypted_fact, password_fact, right_fact, subject_fact
from audit.spotchecks.words import Fact, at_moment, marked, shown, tracking_fault
from distribution.actions.posting import notes_text
from distribution.actions.preparing import RIGHTS
from distribution.models import EmailPassword, Handover
from distribution.models import Item as Copy
from distribution.states import Action
from distribution.states import State as CopyState
from letters.actions.posting import long_date
from letters.routes import CHANNEL_NAMES, Channel, Document, Recipient, Verdict, route
from postroom.cases.confidential import HIDDEN
from postroom.ledger.models import Entry
from postroom.steps.errors import InvalidStep

# What may have become of an e-mail, beside its being sent.
_ENDS = (Action.DECIDE_SENT, Action.DECIDE_NOT_SENT, Action.FAIL, *CAME_BACK)


def copy_facts(item: Item) -> dict[str, Fact]:
    """Question code → what the record says, for the checklist that the item has. A fixed number of queries."""
    now = Copy.objects.select_related(
        "person", "address__verified_by", "distribution__issued_by", "case__office", "approved_by", "initialled_by",
        "right_by", "stock", "handed_by", "posted_by",
    ).get(spot_check_items=item)  # fmt: skip
    copy = as_it_was(now, item.check_of)
    ends = Entry.objects.filter(subject=now.ledger_subject, action__in=[str(action) for action in _ENDS])
    steps = list(ends.order_by("seq"))
    if item.checklist == Checklist.EMAIL:
        facts = _by_email(copy, now, steps)
        went = copy.sent_at is not None or now.state == CopyState.UNCERTAIN
        applying = {
            **dict.fromkeys(("addressee", "right", "channel"), True),
            **dict.fromkeys(("encrypted", "subject", "domain", "arrived"), went),
            # Given, or it ought to be: what was delivered is read by now.
            "password": facts["password"].holds is not None,
            "ics_date": copy.uploaded_at is not None,
        }
        return marked(facts, applying)
    facts = _on_paper(copy, steps)
    lies_here = now.state == CopyState.RELEASED and now.enveloped_on is not None and now.posted_on is None
    by_hand = copy.channel == Channel.BY_HAND
    applying = {
        **dict.fromkeys(("addressee", "channel"), True),
        **dict.fromkeys(("window", "contents", "initials", "return_label"), lies_here),
        "out_of_area": copy.channel == Channel.REGISTERED_POST,
        "ics_date": copy.uploaded_at is not None,
        "tray": facts["tray"].holds is False,
        "hand_delivery": by_hand and ("Not handed over yet" not in facts["hand_delivery"].words),
    }
    return marked(facts, applying)


def _on_paper(copy: Copy, steps: list[Entry]) -> dict[str, Fact]:
    posted = copy.channel == Channel.REGISTERED_POST
    issued = copy.distribution
    no_envelope = Fact("Not in an envelope: it does not go by post.")
    return {
        "addressee": _recipient(copy),
        "order": Fact(f"Issued by {issued.issued_by.name}, {at_moment(issued.issued_at)}, as it is."),
        "pp": Fact("Nothing is signed here."),
        "window": Fact(f"A cover sheet, proved for envelope {copy.stock.name}." if copy.stock else "No cover sheet."),
        "contents": Fact(f"{copy.pages} page{'s' if copy.pages != 1 else ''} of this copy, and its cover sheet.")
        if posted
        else no_envelope,
        "initials": Fact(f"{copy.initials}, {copy.initialled_by.name}") if copy.initialled_by else no_envelope,
        "return_label": Fact(f"On the back: {', '.join(copy.case.office.address_lines)}.") if posted else no_envelope,
        "channel": _route(copy),
        "out_of_area": _approval(copy, steps),
        "ics_date": _copy_upload(copy),
        "tray": _copies_left(copy),
        "hand_delivery": _into_hands(copy),
    }


def _by_email(copy: Copy, now: Copy, steps: list[Entry]) -> dict[str, Fact]:
    password = EmailPassword.objects.select_related("given_by").filter(item=now, send=copy.sends).first()
    return {
        "addressee": _recipient(copy),
        "right": right_fact(copy.right_by, copy.right_at, RIGHTS.get(copy.right_basis, "no reason given")),
        "channel": _route(copy),
        "encrypted": encrypted_fact(password, went=copy.sent_at is not None or copy.state == CopyState.UNCERTAIN),
        "password": password_fact(password, sent=copy.sent_at is not None, owed=copy.state == CopyState.DELIVERED),
        "subject": subject_fact(),
        "domain": domain_fact(copy.email, copy.case.office_id),
        "arrived": _arrived(copy, now, steps),
        "ics_date": _copy_upload(copy),
    }


def _arrived(copy: Copy, now: Copy, steps: list[Entry]) -> Fact:
    if now.state == CopyState.UNCERTAIN:
        return Fact(f"Uncertain since {at_moment(now.state_since)}: nobody has decided whether it was sent.", False)
    sent = f"Sent {at_moment(copy.sent_at)}" if copy.sent_at else "Not sent"
    after = [step for step in steps if copy.sent_at is None or step.at >= copy.sent_at]
    back = next((step for step in after if step.action in CAME_BACK), None)
    if back is not None:
        return Fact(f"{sent}; it came back {at_moment(back.at)}.", False)
    decided = [step for step in steps if step.action == Action.DECIDE_SENT and step.at == copy.sent_at]
    if decided:
        return Fact(f"{sent}, as {decided[0].actor_name} decided where it was uncertain; nothing has come back.", None)
    if copy.sent_at is None:
        return Fact(f"{sent}.", False)
    return Fact(f"{sent}; the mail server took it, and nothing has come back.", True)


def _back_words(steps: list[Entry]) -> str:
    back = next((step for step in reversed(steps) if step.action in CAME_BACK), None)
    return f" It came back {long_date(timezone.localdate(back.at))}." if back is not None else ""


def _recipient(copy: Copy) -> Fact:
    where = f", {shown(copy.address)}" if copy.address is not None else ""
    where += f", {copy.email}" if copy.email else ""
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


def _approval(copy: Copy, steps: list[Entry]) -> Fact:
    if copy.channel != Channel.REGISTERED_POST:
        return Fact("Not by post: neither is needed.")
    by = f"Approved by {copy.approved_by.name}" if copy.approved_by else "Not approved"
    number = f"tracking number {copy.tracking_number}" if copy.tracking_number else "no tracking number yet"
    holds = bool(copy.approved_by) and (copy.posted_on is None or not tracking_fault(copy.tracking_number))
    return Fact(f"{by}; {number}.{_back_words(steps)}", holds)


def _copy_upload(copy: Copy) -> Fact:
    try:
        notes = f" The notes should begin: {notes_text(copy)}"
    except InvalidStep:
        notes = ""
    if copy.uploaded_at is None:
        if not copy.upload_owed:
            return Fact("Nothing is owed to the case record yet.")
        return Fact(f"Not on the case record yet.{notes}", False)
    where = f"In ICS as {copy.ics_reference}, {at_moment(copy.uploaded_at)}."
    return Fact(f"{where}{notes}", bool(copy.ics_reference))


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
    hidden = copy.address is not None and copy.address.is_confidential
    place = HIDDEN.lower() if hidden and done.place else done.place
    where = f"{done.get_where_display().lower()}{f', {place}' if place else ''}"
    known = done.get_known_by_display().lower()
    return Fact(f"Into their own hands {where}, {at_moment(done.at)}, by {done.by.name}; {known}.", True)
