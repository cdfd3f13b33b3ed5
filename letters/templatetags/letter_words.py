"""Words about letters in templates. `{% load letter_words %}`."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from letters.rendering.body import body_html

register = template.Library()


@register.filter
def written_day(value: str) -> str:
    """A date kept as text in a frozen version, "2026-07-20", as people write it: "20 July 2026"."""
    try:
        day = dt.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{day.day} {day:%B %Y}"


@register.filter
def since(value: dt.datetime) -> SafeString:
    """A <time>: "10:45 today" for today, else "20 July" with the year where it isn't this one."""
    local, today = timezone.localtime(value), timezone.localdate()
    words = f"{local.day} {local:%B}" + ("" if local.year == today.year else f" {local.year}")
    if local.date() == today:
        words = f"{local:%H:%M} today"
    return format_html('<time class="nowrap" datetime="{}">{}</time>', local.isoformat(timespec="seconds"), words)


@register.filter
def letter_body(markdown: str) -> SafeString:
    """A letter's body as the HTML that its PDF is made from: what is read on screen is what is printed."""
    return mark_safe(body_html(markdown))  # noqa: S308 - the parser knows no HTML; what looks like it is escaped
