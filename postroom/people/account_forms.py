"""allauth's forms in our words: no placeholders, labels and errors as sentences, help where it is read."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm

from postroom.forms import Plain

WHAT_IS_STRONG = (
    "At least 12 characters, and not one that many people use. Three words that don't belong together are easy to "
    "remember and hard to guess."
)


class AllauthPlain(Plain):
    """Plain, for a form that allauth made: its placeholders go, and `words` gives (label, hint) by field name."""

    words: dict[str, tuple[str, str]] = {}

    def _make_plain(self, name: str, field: Any) -> None:
        field.widget.attrs.pop("placeholder", None)
        if name in self.words:
            field.label, field.help_text = self.words[name]
        super()._make_plain(name, field)


class SignInForm(AllauthPlain, account.LoginForm):
    """E-mail address and password."""

    words = {"login": ("E-mail address", ""), "password": ("Password", "")}


class ChangePasswordForm(AllauthPlain, account.ChangePasswordForm):
    """The present password and a new one, twice."""

    words = {
        "oldpassword": ("Your present password", ""),
        "password1": ("New password", WHAT_IS_STRONG),
        "password2": ("New password again", ""),
    }


class SetPasswordForm(AllauthPlain, account.SetPasswordForm):
    """A first password, twice."""

    words = {"password1": ("New password", WHAT_IS_STRONG), "password2": ("New password again", "")}


class ResetPasswordForm(AllauthPlain, account.ResetPasswordForm):
    """Where to send the link that lets one set a new password."""

    words = {"email": ("E-mail address", "The one that you sign in with.")}


class NewPasswordForm(AllauthPlain, account.ResetPasswordKeyForm):
    """A new password after the link in the message."""

    words = {"password1": ("New password", WHAT_IS_STRONG), "password2": ("New password again", "")}


class ReauthenticateForm(AllauthPlain, account.ReauthenticateForm):
    """The password once more, before something that matters."""

    words = {"password": ("Password", "")}


CODE_WORDS = ("Code", "Six digits from the app on your phone, or one of your recovery codes.")


class CodeForm(AllauthPlain, mfa.AuthenticateForm):
    """The second step of signing in."""

    words = {"code": CODE_WORDS}
    widths = {"code": 10}


class CodeAgainForm(AllauthPlain, mfa.ReauthenticateForm):
    """A code once more, before something that matters."""

    words = {"code": CODE_WORDS}
    widths = {"code": 10}


class ActivateCodesForm(AllauthPlain, ActivateTOTPForm):
    """The first code, as proof that the phone has the secret."""

    words = {"code": ("Code from the app", "Six digits.")}
    widths = {"code": 10}
