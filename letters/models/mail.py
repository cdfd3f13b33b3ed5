"""Secure e-mail: to which domains an office may write, and the password of one encrypted document (CLS-6).

For letters, and for the reports and minutes of the floor above.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from letters.models.letter import Letter
from postroom.ledger.history import field_history
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import Office, User


class OfficeMail(LedgerSubject):
    """To which domains an office may send secure e-mail, and from which address. Nothing set: to none."""

    ledger_kind = "office_mail"

    office = models.OneToOneField(Office, models.PROTECT, related_name="secure_mail")
    sender = models.EmailField("sender", help_text="The office's own mailbox; what can't be delivered comes there.")
    allowed_domains = models.TextField(
        "allowed domains", blank=True, help_text="One a line, for example invented-school.sch.uk."
    )
    secure_domains = models.TextField(
        "secure-mail domains", blank=True, help_text="Domains of a secure mail service, one a line: nhs.net, cjsm.net."
    )
    history = field_history(
        excluded_fields=["ledger_seq", "ledger_head"], table_name="distribution_historicalofficemail"
    )

    class Meta:
        # Reports and minutes had it first; the table keeps its name.
        db_table = "distribution_officemail"

    def __str__(self) -> str:
        return f"mail of {self.office}"

    @property
    def ledger_key(self) -> str:
        return self.office.code

    def domains(self) -> dict[str, bool]:
        """Each domain that may be written to, in small letters, and whether it is one of secure mail."""
        found: dict[str, bool] = dict.fromkeys(_lines(self.allowed_domains), False)
        return found | dict.fromkeys(_lines(self.secure_domains), True)

    def is_secure(self, email: str) -> bool:
        """Does this address lie with a service of secure mail, by the office's own list?"""
        return self.domains().get(domain_of(email), False)


def domain_of(email: str) -> str:
    """The domain of an address, in small letters. A subdomain is another domain."""
    return email.rpartition("@")[2].lower()


def why_not_emailed(mail: OfficeMail | None, email: str) -> str:
    """Why an office with these rules may not write to this address, in a sentence; "" if it may (CLS-6)."""
    if mail is None:
        return "This office has no secure e-mail set up yet. Its team manager sets it up under Secure e-mail."
    if not email:
        return "No e-mail address is on the case for this recipient. Add it on the case first."
    if domain_of(email) not in mail.domains():
        return (
            "The domain of this recipient's e-mail address is not on the office's list. Ask your team manager to add "
            "it under Secure e-mail, or choose another way."
        )
    return ""


def _lines(text: str) -> list[str]:
    return [line.strip().lower() for line in text.splitlines() if line.strip()]


class SealedPassword(models.Model):
    """The password of one e-mailed document, encrypted at rest; the text goes as soon as it was given (CLS-6)."""

    send = models.PositiveSmallIntegerField(help_text="Of which sending.")
    sealed = models.TextField(blank=True, help_text="Encrypted under the installation's key; empty once given.")
    made_at = models.DateTimeField(default=timezone.now)
    # Each look at it is in the log of readings; here stands how it was given in the end.
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    given_at = models.DateTimeField(null=True)
    given_how = models.CharField(max_length=10, blank=True, default="")

    HOW: ClassVar[dict[str, str]] = {"phone": "Read out by phone", "text": "Sent by text message"}

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"password {self.pk}"

    @property
    def how_given(self) -> str:
        """By which other channel, in words."""
        return self.HOW.get(self.given_how, "")


class LetterPassword(SealedPassword):
    """The password of a letter that was sent by e-mail; `send` is its `Letter.sends`."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="passwords")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "send"], name="letter_password_once_a_send")]
