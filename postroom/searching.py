"""A box that is searched with: what is typed is looked up on the server, and what it found is chosen below the box.

For lists too long for a select. Works without scripts: the form comes back with what was found, and everything else as
it was typed. What is typed is posted, never in an address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MOST = 10
LONGEST = 200


@dataclass(frozen=True)
class Typed:
    """What stands in the box, and the values that are chosen of what it found."""

    words: str = ""
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """One thing that was found: its value, what people read, a second line."""

    value: str
    label: str
    hint: str = ""


def nothing(words: str) -> list[Found]:
    """Finds nothing."""
    return []


class SearchBox(forms.Widget):
    """Posts as NAME (the words) and NAME_chosen. `search` finds; `several`: ticks instead of radio buttons."""

    template_name = "django/forms/widgets/search_box.html"

    def __init__(self, *, several: bool = False, legend: str = "Whom do you mean?", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.several, self.legend = several, legend
        self.search: Callable[[str], list[Found]] = nothing

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With what the words found, unless they alone say it."""
        context = super().get_context(name, None, attrs)
        typed = value if isinstance(value, Typed) else Typed(str(value or ""))
        found = self.search(typed.words)[:MOST] if typed.words.strip() else []
        context["widget"] |= {
            "words": typed.words,
            "legend": self.legend,
            "part": "checkboxes" if self.several else "radios",
            "type": "checkbox" if self.several else "radio",
            "found": [{"one": one, "chosen": one.value in typed.chosen} for one in found],
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:
        """As it was posted; a null byte is nothing."""
        several = data.getlist if hasattr(data, "getlist") else lambda key: [data[key]] if key in data else []
        chosen = tuple(str(value) for value in several(f"{name}_chosen")[:50])
        return Typed(str(data.get(name) or "").replace("\0", "")[:LONGEST], chosen)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data


class SearchField(forms.Field):
    """The base of fields with a search box. Subclasses say what is found, and what the words and the choice mean."""

    widget: type[SearchBox] | SearchBox = SearchBox

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        assert isinstance(self.widget, SearchBox)  # noqa: S101 - made by the line above
        self.widget.search = self.find

    def __deepcopy__(self, memo: Any) -> SearchField:
        copied: SearchField = super().__deepcopy__(memo)
        assert isinstance(copied.widget, SearchBox)  # noqa: S101
        copied.widget.search = copied.find  # of the copy, which the form may have told what to search in
        return copied

    def find(self, words: str) -> list[Found]:
        """What these words find, at most MOST + 1."""
        raise NotImplementedError

    def meant(self, typed: Typed) -> Any:
        """What was typed and chosen means. Raises ValidationError with what to do."""
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        """None for an empty box that isn't required."""
        typed = value if isinstance(value, Typed) else Typed(str(value or ""))
        if not typed.words.strip():
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return self.meant(Typed())
        return self.meant(Typed(" ".join(typed.words.split()), typed.chosen))
