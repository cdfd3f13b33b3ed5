"""Tags and filters of the design language. `{% load look %}`."""

import datetime as dt
from typing import Any, NamedTuple

from django import template
from django.forms import BaseForm, Widget
from django.forms.widgets import CheckboxInput, FileInput
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class StateLook(NamedTuple):
    """How a state is shown: its words, a colour of the tag, and a shape (todo, half, done, stopped)."""

    words: str
    colour: str
    shape: str


# Words, colour and shape together: nobody needs to see colours to tell the states apart.
STATE_LOOKS: dict[str, StateLook] = {
    "drafted": StateLook("Drafted", "grey", "todo"),
    "typed": StateLook("Typed", "blue", "half"),
    "worker_checked": StateLook("Checked", "purple", "half"),
    "signed": StateLook("Signed", "teal", "half"),
    "enveloped": StateLook("In its envelope", "orange", "half"),
    "posted": StateLook("Posted", "yellow", "half"),
    "uploaded": StateLook("On ICS", "green", "done"),
    "prepared": StateLook("To be made ready", "grey", "todo"),
    "released": StateLook("Ready to go", "blue", "half"),
    "handed_over": StateLook("Handed over", "green", "done"),
    "sent": StateLook("Sent", "yellow", "half"),
    "emailed": StateLook("Sent by e-mail", "green", "done"),
    "delivered": StateLook("Delivered", "green", "done"),
    "held": StateLook("On hold", "red", "stopped"),
    "uncertain": StateLook("Uncertain", "red", "stopped"),
    "set_aside": StateLook("Set aside", "grey", "stopped"),
    "withdrawn": StateLook("Withdrawn", "grey", "stopped"),
    "returned": StateLook("Came back", "red", "stopped"),
    "reported": StateLook("Reported", "red", "todo"),
    "assessed": StateLook("Assessed", "orange", "half"),
    "decided": StateLook("Decided", "purple", "half"),
    # Papers out of the office.
    "asked": StateLook("Waits for the manager", "blue", "todo"),
    "agreed": StateLook("Agreed", "purple", "half"),
    "refused": StateLook("Refused", "grey", "stopped"),
    "out": StateLook("Out", "orange", "half"),
    "back": StateLook("Back", "green", "done"),
    "destroyed": StateLook("Destroyed", "green", "done"),
    "lost": StateLook("Lost or stolen", "red", "stopped"),
    "handed_on": StateLook("Handed over", "green", "done"),
    "not_taken": StateLook("Not taken", "grey", "stopped"),
}


@register.inclusion_tag("components/state_tag.html")
def state_tag(state: Any) -> dict[str, Any]:
    """`{% state_tag letter.state %}`: the tag of a state. A state without a look yet shows its name in grey."""
    name = str(getattr(state, "value", state))
    return {"look": STATE_LOOKS.get(name) or StateLook(name.replace("_", " ").capitalize(), "grey", "todo")}


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """'20 July 2026' (local). Nothing for None."""
    if value is None or value == "":
        return ""
    local = timezone.localtime(value) if isinstance(value, dt.datetime) and timezone.is_aware(value) else value
    return f"{local.day} {local:%B %Y}"


@register.filter
def moment(value: dt.datetime | None) -> SafeString | str:
    """A <time> element: '20 July 2026, 14:05' (local)."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html(
        '<time class="nowrap" datetime="{}">{} {}, {}</time>',
        local.isoformat(timespec="seconds"),
        local.day,
        f"{local:%B %Y}",
        f"{local:%H:%M}",
    )


@register.filter
def due_at(value: dt.datetime | None) -> SafeString | str:
    """When it is due: the day alone where the whole day is left for it ("20 July 2026"), else the moment."""
    if value and f"{timezone.localtime(value):%H:%M}" == "23:59":
        return day(value)
    return moment(value)


@register.filter
def widget_kind(field: Any) -> str:
    """Which of the field templates' shapes a bound field takes: 'tick', 'group', 'file' or 'line'."""
    widget: Widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return "tick"
    if getattr(widget, "use_fieldset", False):
        return "group"
    return "file" if isinstance(widget, FileInput) else "line"


@register.filter
def shows_optional(field: Any) -> bool:
    """Is '(optional)' said after this bound field's label? Not on ticks: there it would read as nonsense.

    Nor on what another answer calls for (`Plain.sometimes`): there it would be wrong.
    """
    asked_for = field.name in getattr(field.form, "sometimes", ())
    return not (field.field.required or asked_for or widget_kind(field) == "tick")


@register.filter
def error_links(form: BaseForm) -> list[dict[str, str]]:
    """Every error of a form as {href, text}; href leads to the first box it is about, or is empty."""
    links = [{"href": getattr(form, "leads_to", ""), "text": str(error)} for error in form.non_field_errors()]
    for bound in form:
        target = bound.auto_id
        if target and getattr(bound.field.widget, "use_fieldset", False):
            target = f"{target}_0"
        href = "" if bound.is_hidden or not target else f"#{target}"
        links += [{"href": href, "text": str(error)} for error in bound.errors]
    return links


@register.simple_tag
def any_errors(*forms: Any) -> bool:
    """True if any of the forms given (or None) has errors."""
    return any(form is not None and form != "" and getattr(form, "errors", None) for form in forms)


@register.simple_tag
def attributes(attrs: dict[str, Any], *left_out: str) -> SafeString:
    """A widget's attributes as HTML, but for those named."""
    parts = []
    for name, value in attrs.items():
        if name in left_out or value is False or value is None:
            continue
        parts.append(format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value))
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped above


@register.filter
def choice_hint(hints: dict[str, str] | None, value: Any) -> str:
    """The hint under one radio button or checkbox."""
    return (hints or {}).get(str(value), "")


@register.filter
def get_attr(attrs: dict[str, Any], name: str) -> Any:
    """An attribute whose name has a hyphen, which a template can't ask for by a dot."""
    return attrs.get(name)


@register.filter
def date_part_label(name: str) -> str:
    """'posted_month' → 'Month'."""
    return name.rsplit("_", 1)[-1].capitalize()


@register.filter
def item(values: list[Any], index: int) -> Any:
    """The value at `index`; nothing if there is none."""
    return values[index] if index < len(values) else ""
