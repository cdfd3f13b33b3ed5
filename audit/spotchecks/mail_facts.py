"""What the record says of anything sent by secure e-mail, a copy or a letter (CLS-6, OGP-9)."""

from __future__ import annotations

import datetime as dt

from audit.spotchecks.words import Fact, at_moment
from letters.actions.disposing import GONE_EMAIL
from letters.actions.sealed_mail import SUBJECT
from letters.models import OfficeMail, SealedPassword
from postroom.people.models import User


def right_fact(by: User | None, at: dt.datetime | None, basis: str) -> Fact:
    """Who confirmed the recipient's right to it, and why (`basis`, in words)."""
    if by is None or at is None:
        return Fact("Nobody confirmed it.", False)
    return Fact(f"Confirmed by {by.name}, {at_moment(at)}: {basis}.", True)


def encrypted_fact(password: SealedPassword | None, *, went: bool) -> Fact:
    """The password's row of this sending is what says that the file was encrypted."""
    if not went:
        return Fact("It was not sent.")
    if password is None:
        return Fact("There is no password of this sending on record, so the file can't have been encrypted.", False)
    return Fact(f"Encrypted (AES-256) under a password made for it, {at_moment(password.made_at)}.", True)


def password_fact(password: SealedPassword | None, *, sent: bool, owed: bool) -> Fact:
    """`owed`: by where it stands the password must have been given."""
    if password is None:
        return Fact("No password was made.", False if sent else None)
    if password.given_at is None or password.given_by is None:
        return Fact("Not given yet, by the record.", False if owed else None)
    return Fact(f"{password.how_given or 'Given'} by {password.given_by.name}, {at_moment(password.given_at)}.", True)


def subject_fact() -> Fact:
    """Every e-mail says the same."""
    return Fact(f"The subject is always \u201c{SUBJECT}\u201d; the text names nobody, only the reference.", True)


def domain_fact(email: str, office_id: int) -> Fact:
    """Is it on the office's list today? One query."""
    domain = email.rpartition("@")[2].lower()
    if not domain:
        return Fact("No e-mail address is on record.", False)
    if email == GONE_EMAIL:
        return Fact("The address was destroyed under the retention schedule.")
    mail = OfficeMail.objects.filter(office_id=office_id).first()
    if mail is not None and domain in mail.domains():
        kind = "of a secure mail service" if mail.domains()[domain] else "on the office's list of allowed domains"
        return Fact(f"{domain}: {kind}.", True)
    # The step that sends looks at the list itself; it can have been changed since.
    return Fact(f"{domain}: not on the office's list today. It was when it was sent; see who took it off, and why.")
