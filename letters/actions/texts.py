"""An office's templates and standard paragraphs: each change is a new version, in the ledger (OGP-0, OGP-2)."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from letters.models import OfficeText, OfficeTextVersion
from letters.placeholders import PLACEHOLDERS, unknown_in
from letters.text_rights import TEXT_RULES, TextAction, TextCondition
from postroom.ledger.recording import Actor, record
from postroom.people.authority import authority_of
from postroom.people.models import Office, User
from postroom.people.roles import ROLE_NAMES
from postroom.steps.errors import InvalidStep, NotAllowed, Stale
from postroom.steps.table import Grant


def check_text_action(user: User, office: Office) -> Actor:
    """Who it is, for the record, if they may keep this office's texts. Raises NotAllowed with who can."""
    authority = authority_of(user)
    decision = TEXT_RULES.decide(TextAction.KEEP_TEXTS, authority.at_office(office.pk), {TextCondition.IN_OFFICE})
    if not isinstance(decision, Grant):
        raise NotAllowed(TEXT_RULES.explain(decision))
    role = decision.role
    return Actor(id=user.pk, name=user.name, role=ROLE_NAMES[role], authority=authority.how(role, office.pk))


def add_text(*, office: Office, by: User, kind: str, name: str, subject: str, body: str) -> OfficeText:
    """A new template or paragraph with its first version. Raises NotAllowed, InvalidStep naming the field."""
    actor = check_text_action(by, office)
    _judge(kind, name, subject, body)
    text = OfficeText(office=office, kind=kind, name=name.strip())
    try:
        with transaction.atomic():
            text._history_user = by  # type: ignore[attr-defined]
            text.save(force_insert=True)
            _version(text, 1, by, subject, body)
            record(text, action="add_text", actor=actor, details={"office": office.code, "kind": kind, "version": 1})
            text.save(update_fields=["ledger_seq", "ledger_head"])
    except IntegrityError as error:
        raise InvalidStep("The office has one of that name already. Choose another name.", "name") from error
    return text


def change_text(
    *, text: OfficeText, by: User, seen: int, name: str, subject: str, body: str, is_active: bool = True
) -> OfficeText:
    """A new version, or the same words under another name, or no longer in use. Letters typed before keep theirs.

    `seen`: the number of the version that the person had in front of them. Raises NotAllowed, InvalidStep, Stale.
    """
    actor = check_text_action(by, text.office)
    _judge(text.kind, name, subject, body)
    try:
        with transaction.atomic():
            locked = OfficeText.objects.select_for_update(of=("self",)).get(pk=text.pk)
            newest = locked.versions.order_by("-number")[0]
            if newest.number != seen:
                raise Stale(
                    "Somebody else changed this text meanwhile. Nothing of yours was saved; look again.", locked
                )
            number = newest.number
            if (newest.subject, newest.body) != (subject.strip(), _plain(body)):
                number += 1
                _version(locked, number, by, subject, body)
            locked.name, locked.is_active = name.strip(), is_active
            record(locked, action="change_text", actor=actor, details={"version": number, "in_use": is_active})
            locked._history_user = by  # type: ignore[attr-defined]
            locked.save()
    except IntegrityError as error:
        raise InvalidStep("The office has one of that name already. Choose another name.", "name") from error
    return locked


def _version(text: OfficeText, number: int, by: User, subject: str, body: str) -> None:
    OfficeTextVersion.objects.create(text=text, number=number, subject=subject.strip(), body=_plain(body), by=by)


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()


def _judge(kind: str, name: str, subject: str, body: str) -> None:
    """Raises InvalidStep: no name, no words, a placeholder that isn't on the list."""
    if kind not in OfficeText.Kind.values:
        raise InvalidStep("Choose a template or a paragraph.", "kind")
    if not name.strip():
        raise InvalidStep("Give it a name.", "name")
    if not body.strip():
        raise InvalidStep("Write what it says.", "body")
    for field, words in (("subject", subject), ("body", body)):
        if unknown := unknown_in(words):
            known = ", ".join(PLACEHOLDERS)
            raise InvalidStep(f"There is no placeholder called {unknown[0] or 'nothing'}. There are: {known}.", field)
