"""Signing in: only the pages a council needs, and nothing to learn from them about who has an account."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core import mail
from django.test import Client

from postroom.people.models import User
from tests.look.conftest import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client: Client, login: str, password: str = PASSWORD) -> object:
    return client.post(LOGIN, {"login": login, "password": password})


def text(response: object) -> str:
    """The page without what differs from request to request."""
    html = response.content.decode()
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)
    return re.sub(r'value="[^"]*@[^"]*"', "", html)


@pytest.mark.parametrize(
    "closed",
    [
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/confirm-email/",
        "/accounts/",
        "/accounts/login/code/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/recovery-codes/download/",
        "/accounts/social/connections/",
        "/accounts/3rdparty/",
    ],
)
def test_pages_that_are_not_offered_do_not_exist(client: Client, closed: str, db: None) -> None:
    assert client.get(closed).status_code == 404
    assert client.post(closed).status_code == 404


def test_the_right_password_signs_in_and_the_key_changes(client: Client, jo: User) -> None:
    client.get("/accounts/login/?next=/account/")
    client.session.save()
    before = client.session.session_key
    response = sign_in(client, "JO.Sample@example.test")
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(jo.pk)
    assert client.session.session_key != before
    assert "You have" not in client.get("/account/").content.decode()


def test_passwords_are_kept_as_argon2(jo: User) -> None:
    assert jo.password.startswith("argon2$argon2id$")


def test_a_wrong_password_and_an_unknown_address_read_the_same(client: Client, jo: User) -> None:
    known, unknown = sign_in(client, jo.email, "wrong"), sign_in(client, "nobody@example.test", "wrong")
    assert known.status_code == unknown.status_code == 200
    assert text(known) == text(unknown)
    assert "The e-mail address or the password is not right" in text(known)


@pytest.mark.parametrize("login", ["jo.sample@example.test", "nobody@example.test"])
def test_lock_out_after_repeated_failure(client: Client, jo: User, login: str) -> None:
    for _ in range(settings.SIGN_IN_TRIES):
        assert "locked" not in text(sign_in(client, login, "wrong"))
    # Even the right password doesn't help now.
    locked = sign_in(client, login)
    assert "signing in is locked for now" in text(locked)
    assert "Wait 5 minutes" in text(locked)
    assert "_auth_user_id" not in client.session


def test_a_lock_out_is_for_that_address_alone(client: Client, jo: User, pat: User) -> None:
    for _ in range(settings.SIGN_IN_TRIES + 1):
        sign_in(client, jo.email, "wrong")
    assert sign_in(client, pat.email).status_code == 302


def test_an_inactive_account_is_told_so_only_with_its_password(client: Client, jo: User) -> None:
    User.objects.filter(pk=jo.pk).update(is_active=False)
    assert "is not right" in text(sign_in(client, jo.email, "wrong"))
    response = client.post(LOGIN, {"login": jo.email, "password": PASSWORD}, follow=True)
    assert "This account is not in use" in text(response)
    assert "_auth_user_id" not in client.session


def test_a_reset_reads_the_same_for_everyone_and_its_message_names_nobody(client: Client, jo: User) -> None:
    pages = [client.post("/accounts/password/reset/", {"email": e}, follow=True) for e in (jo.email, "no@example.test")]
    assert text(pages[0]) == text(pages[1])
    assert len(mail.outbox) == 1
    message = mail.outbox[0]
    assert message.to == [jo.email]
    assert message.subject == "Set a new password for Postroom"
    for personal in ("Jo", "Sample", "Riverside", jo.email):
        assert personal not in message.subject + message.body


def test_the_link_of_a_reset_sets_a_password_once(client: Client, jo: User) -> None:
    client.post("/accounts/password/reset/", {"email": jo.email})
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True)
    new = "other invented words here"
    done = client.post(page.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert "Your password is changed" in text(done)
    assert sign_in(Client(), jo.email, new).status_code == 302
    assert "This link no longer works" in text(Client().get(link, follow=True))


@pytest.mark.parametrize("weak", ["short", "password1234", "1234567890123"])
def test_a_weak_password_is_refused(client: Client, jo: User, weak: str) -> None:
    client.force_login(jo)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    jo.refresh_from_db()
    assert jo.check_password(PASSWORD)


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_codes_from_a_phone_from_turning_on_to_turning_off(client: Client, jo: User) -> None:
    sign_in(client, jo.email)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    assert "data:image" not in text(page)  # the CSP shows no data: pictures
    assert "style=" not in text(page)
    secret = page.context["form"].secret
    assert secret in text(page)
    client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
    stored = Authenticator.objects.get(user=jo, type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data)  # encrypted at rest
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10

    other = Client()
    assert sign_in(other, jo.email)["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in other.session
    wrong = other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "That code is not right" in text(wrong)
    other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert other.session["_auth_user_id"] == str(jo.pk)

    assert "Turn off" in text(client.get("/account/"))
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=jo).exists()


def test_wrong_codes_lock_out_too(client: Client, jo: User) -> None:
    Authenticator.objects.create(user=jo, type=Authenticator.Type.TOTP, data={"secret": _closed("JBSWY3DPEHPK3PXP")})
    sign_in(client, jo.email)
    pages = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}) for _ in range(settings.SIGN_IN_TRIES + 1)]
    assert "That code is not right" in text(pages[0])
    assert "too many tries" in text(pages[-1])


def _closed(secret: str) -> str:
    from allauth.mfa.adapter import get_adapter

    return get_adapter().encrypt(secret)


def test_signing_out_needs_a_post(client: Client, jo: User) -> None:
    client.force_login(jo)
    assert "Do you want to sign out" in text(client.get("/accounts/logout/"))
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_where_to_go_next_stays_on_this_site(client: Client, jo: User) -> None:
    response = client.post(f"{LOGIN}?next=https://elsewhere.example/", {"login": jo.email, "password": PASSWORD})
    assert response["Location"] == "/"


def test_your_account_says_who_and_why(client: Client, jo: User) -> None:
    client.force_login(jo)
    page = text(client.get("/account/"))
    assert "Social worker, Riverside" in page
    assert "Jo Sample" in page
