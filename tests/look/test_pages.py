"""The frame, the error pages and the headers."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from postroom import nav
from postroom.people.models import User
from postroom.people.roles import Role

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Only the allocated worker can sign this letter.")


def lose(request: HttpRequest) -> HttpResponse:
    raise Http404("Ivy Invented, 3 Made Up Lane")


def fall(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("Ivy Invented, 3 Made Up Lane")


urlpatterns = [path("refuse/", refuse), path("lose/", lose), path("fall/", fall), path("", include("postroom.urls"))]
handler400 = "postroom.error_pages.bad_request"
handler403 = "postroom.error_pages.forbidden"
handler404 = "postroom.error_pages.not_found"
handler500 = "postroom.error_pages.server_error"
here = pytest.mark.urls("tests.look.test_pages")


@here
def test_403_gives_the_reason(client: Client, jo: User) -> None:
    client.force_login(jo)
    response = client.get("/refuse/")
    assert response.status_code == 403
    assert "Only the allocated worker can sign this letter." in response.content.decode()


@here
def test_404_names_nothing(client: Client, jo: User) -> None:
    response = client.get("/lose/")
    assert response.status_code == 404
    assert "Invented" not in response.content.decode()
    assert re.search(r"Number of this request.*[0-9a-f-]{36}", response.content.decode(), re.DOTALL)


@here
def test_500_needs_no_database_and_names_nothing() -> None:
    """No `db` fixture: a query would fail this test."""
    client = Client(raise_request_exception=False)
    response = client.get("/fall/")
    assert response.status_code == 500
    html = response.content.decode()
    assert "The fault is ours" in html
    assert "Invented" not in html
    assert re.search(r"[0-9a-f-]{36}", html)


def test_the_menu_shows_what_the_role_may_use(client: Client, jo: User, pat: User, monkeypatch: object) -> None:
    monkeypatch.setattr(nav, "NAV", [])
    nav.register(
        nav.NavItem("How it looks", "style", 20),
        nav.NavItem("For admin", "your_account", 10, nav.any_of(Role.ADMIN)),
        nav.NavItem("Not built", "no_such_page", 5),
    )
    client.force_login(jo)
    page = client.get("/style/").content.decode()
    assert "For admin" not in page
    assert "Not built" not in page
    assert page.count('<a href="/style/" aria-current="page">How it looks</a>') == 2  # desk and phone
    client.force_login(pat)
    page = client.get("/style/").content.decode()
    assert page.index("For admin") < page.index("How it looks")


def test_the_style_page_needs_signing_in(client: Client, jo: User) -> None:
    assert client.get("/style/").status_code == 302
    client.force_login(jo)
    assert client.get("/style/").status_code == 200


def test_an_error_is_in_the_title_and_at_the_top(client: Client, jo: User) -> None:
    client.force_login(jo)
    html = client.post("/style/", {}).content.decode()
    assert "<title>Error: How Postroom looks " in html
    assert html.index("There is a problem") < html.index("<h1")
    assert '<a href="#id_posted_0">Enter posted date</a>' in html


def test_headers(client: Client, db: None) -> None:
    response = client.get("/accounts/login/")
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";") if part.strip())
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "media-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    cookie = client.cookies["csrftoken"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_inline_style_or_script(template: Path) -> None:
    words = template.read_text()
    assert not re.search(r"<style[\s>]", words)
    assert not re.search(r"\sstyle\s*=", words)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", words)
    assert not re.search(r"<script(?![^>]*\ssrc=)", words)
    assert "javascript:" not in words
