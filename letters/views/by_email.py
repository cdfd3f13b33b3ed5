"""A letter by secure e-mail: its worker sends it, decides where it is uncertain, reads the password out (CLS-6)."""

from __future__ import annotations

from typing import Any

from letters import actions
from letters.actions.emailing import password_of
from letters.forms.by_email import DecideEmailForm, PasswordForm, SendEmailForm
from letters.models import Letter, OfficeMail
from letters.states import Action
from letters.views.common import Outcome, run_step
from letters.views.desk import StepPage
from postroom.ledger.readings import record_read


class SendEmailPage(StepPage):
    """The worker confirms address and right, and sends it."""

    action = Action.SEND_EMAIL
    template = "letters/desk/send_email.html"

    def form(self, data: Any = None) -> SendEmailForm:
        return SendEmailForm(data, initial={"email": self.letter.addressee.email})

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.send_email, form=form, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        mail = OfficeMail.objects.filter(office_id=self.letter.office_id).first()
        email = self.letter.addressee.email
        return {"email": email, "secure": mail is not None and mail.is_secure(email)}

    def words(self, letter: Letter) -> str:
        return "It is being sent. When the mail server has taken it, you read the password out by phone."


class DecideEmailPage(StepPage):
    """Nobody knows whether it left: a person finds out."""

    action = Action.DECIDE_SENT
    template = "letters/desk/decide_email.html"

    def form(self, data: Any = None) -> DecideEmailForm:
        return DecideEmailForm(data)

    def take(self, form: Any) -> Outcome:
        verb = actions.decide_sent if form.cleaned_data["sent"] else actions.decide_not_sent
        return run_step(self.request, self.letter, verb, form=form, reason=form.cleaned_data["reason"])

    def words(self, letter: Letter) -> str:
        return (
            "Recorded. It is being sent again." if letter.sending else "Recorded: it was sent. Read the password out."
        )


class PasswordPage(StepPage):
    """The password to read out; each look at it is recorded."""

    action = Action.GIVE_PASSWORD
    template = "letters/desk/password.html"

    def form(self, data: Any = None) -> PasswordForm:
        return PasswordForm(data)

    def take(self, form: Any) -> Outcome:
        return run_step(self.request, self.letter, actions.give_password, form=form, **form.cleaned_data)

    def context(self) -> dict[str, Any]:
        record_read(self.letter, by=self.user, what="password")
        return {"password": password_of(self.letter)}

    def words(self, letter: Letter) -> str:
        return "Recorded: they have the letter and its password. Nothing of the password is kept."
