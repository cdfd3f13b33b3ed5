"""The council's colour: only one that people can read, and only by a stylesheet of its own."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from postroom.style import colour


def test_contrast_is_wcags() -> None:
    assert colour.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    # The well-known lightest grey that passes on white.
    assert colour.contrast(colour.parse("#767676"), colour.WHITE) == pytest.approx(4.54, abs=0.01)
    assert colour.contrast(colour.parse("#777777"), colour.WHITE) < 4.5


@pytest.mark.parametrize("good", ["#1d4f5c", "#000000", "#5B2C6F", "#8b0000"])
def test_a_dark_colour_is_taken(good: str) -> None:
    colour.check(good)


@pytest.mark.parametrize("light", ["#ffcc00", "#ffffff", "#777777", "#5a9bd4"])
def test_a_light_colour_stops_the_start(light: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="too light"):
        colour.check(light)


@pytest.mark.parametrize("wrong", ["red", "#fff", "1d4f5c", "#1d4f5c;}body{display:none", "", "#1d4f5c\n"])
def test_what_is_no_colour_stops_the_start(wrong: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="six hexadecimal digits"):
        colour.check(wrong)


def test_the_stylesheet_carries_the_colour(client: Client, settings: object) -> None:
    settings.COUNCIL_COLOUR = "#5b2c6f"
    response = client.get("/theme.css")
    assert response["Content-Type"].startswith("text/css")
    assert b"--govuk-brand-colour:#5b2c6f" in response.content
    assert response["Cache-Control"] == "no-cache"


def test_it_is_kept_only_under_its_own_version(client: Client, settings: object) -> None:
    before = colour.theme_version()
    assert "immutable" in client.get(f"/theme.css?v={before}")["Cache-Control"]
    settings.COUNCIL_COLOUR = "#5b2c6f"
    assert colour.theme_version() != before
    assert client.get(f"/theme.css?v={before}")["Cache-Control"] == "no-cache"
