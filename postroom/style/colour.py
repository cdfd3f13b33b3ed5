"""The council's colour: checked at start-up, given to browsers as a small stylesheet of custom properties.

The strict CSP allows no inline styles, so the colour can't be written into the page itself.
"""

import hashlib
import re

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Rgb = tuple[int, int, int]

# WCAG 2.2, 1.4.3: text needs this contrast with what lies behind it.
NEEDED_CONTRAST = 4.5
WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)


def parse(colour: str) -> Rgb:
    """'#1d4f5c' → (29, 79, 92). Raises ValueError for anything but # and six hexadecimal digits."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(colour)
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(rgb: Rgb) -> float:
    """Relative luminance, 0 (black) to 1 (white), as WCAG defines it."""
    linear = [part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio, 1 (the same) to 21 (black and white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(rgb: Rgb, other: Rgb, share: float) -> str:
    """`rgb` with `share` (0 to 1) of `other` in it, as #rrggbb."""
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(rgb, other, strict=True))


def check(colour: str) -> None:
    """Refuse a colour that can't be read, or on which white text can't. Raises ImproperlyConfigured with a hint."""
    try:
        rgb = parse(colour)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"COUNCIL_COLOUR is '{colour}'. Write it as # and six hexadecimal digits, for example #1d4f5c."
        ) from error
    # Links stand in this colour on the palest tint of it too, which is the harder test of the two.
    tint = parse(mixed(rgb, WHITE, 0.94))
    ratio = min(contrast(rgb, WHITE), contrast(rgb, tint))
    if ratio < NEEDED_CONTRAST:
        raise ImproperlyConfigured(
            f"COUNCIL_COLOUR {colour} is too light: white text on it has a contrast of {ratio:.1f} to 1, "
            f"and people need {NEEDED_CONTRAST}. Choose a darker shade of it."
        )


def theme_css(colour: str) -> str:
    """The custom properties that the stylesheet takes its brand from."""
    rgb = parse(colour)
    properties = {
        "--govuk-brand-colour": colour,
        "--govuk-link-colour": colour,
        "--govuk-link-hover-colour": mixed(rgb, BLACK, 0.45),
        "--govuk-surface-background-colour": mixed(rgb, WHITE, 0.94),
        "--govuk-surface-border-colour": mixed(rgb, WHITE, 0.5),
        "--brand-dark": mixed(rgb, BLACK, 0.45),
    }
    return ":root{" + "".join(f"{name}:{value};" for name, value in properties.items()) + "}\n"


def theme_version() -> str:
    """Changes when the colour or this file's recipe does, so that browsers may keep the stylesheet for a year."""
    return hashlib.sha256(theme_css(settings.COUNCIL_COLOUR).encode()).hexdigest()[:12]
