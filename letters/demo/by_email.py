"""The demonstration's letter by secure e-mail, from an office that has that on: sent, and on the phone its password.

By the real actions. No mail server is asked: it stood uncertain, and its worker found out that it had arrived.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from letters import actions
from letters.actions import emailing
from letters.content import Typed
from letters.models import Letter
from letters.policy import open_to_by_email
from letters.ways import Way
from postroom.cases.actions.common import can_be_allocated
from postroom.cases.models import Address, Relationship
from postroom.outbox.models import Job, JobState
from postroom.people.models import Office, User
from postroom.steps.engine import Seen

BODY = "Thank you for coming to the meeting.\n\nThe next one is in four weeks. Please send me your note before it."


def play(office: Office, admin: User) -> Letter | None:
    """One letter, sent and its password given; None where nobody may have one so."""
    address = _address(office)
    worker = address.person.case.allocated_worker if address else None
    if address is None or worker is None:
        return None
    person = address.person
    letter = actions.hand_over(
        case=person.case, addressee=person, address=address, by=worker, draft_text="Thank them, and ask for the note.",
        subject="Our meeting", still_right=True, way=Way.SECURE_EMAIL,
    )  # fmt: skip
    typed = Typed(f"Dear {person.salutation or person.name}", BODY, subject="Our meeting")
    letter = actions.type_letter(letter=letter, by=admin, seen=Seen.of(letter), typed=typed)
    ticks: dict[str, Any] = {"address_confirmed": True, "body_confirmed": True}
    letter = actions.check(letter=letter, by=worker, seen=Seen.of(letter), **ticks)
    letter = actions.sign(letter=letter, by=worker, seen=Seen.of(letter))
    right: dict[str, Any] = {"email": person.email, "basis": "works_with", "address_confirmed": True}
    letter = actions.send_email(letter=letter, by=worker, seen=Seen.of(letter), **right)
    now = timezone.now()
    emailing.MAILING.attempt(letter)
    jobs = Job.objects.filter(kind=emailing.KIND, key=f"{letter.reference}:{letter.sends}")
    jobs.update(state=JobState.UNCERTAIN, attempted_at=now, attempt_id="demonstration", run_after=now)
    letter = Letter.objects.get(pk=letter.pk)
    why = "They rang: it has arrived."
    letter = actions.decide_sent(letter=letter, by=worker, seen=Seen.of(letter), reason=why)
    return actions.give_password(letter=letter, by=worker, seen=Seen.of(letter), recipient_known=True)


def _address(office: Office) -> Address | None:
    """Where a professional with an e-mail address that the office may write to is."""
    rows = Address.objects.filter(
        person__case__office=office, person__case__state="open", person__case__is_restricted=False,
        person__relationship=Relationship.PROFESSIONAL, person__is_active=True, retired_at__isnull=True,
    ).exclude(person__email="")  # fmt: skip
    for address in rows.select_related("person__case__allocated_worker", "person__case__office").order_by("-pk"):
        worker = address.person.case.allocated_worker
        allowed = bool(open_to_by_email(office.pk, [address.person])) and address.is_usable
        if allowed and worker is not None and can_be_allocated(worker, office.pk):
            return address
    return None
