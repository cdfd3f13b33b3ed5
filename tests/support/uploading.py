"""Which addresses take a file from outside: read from the URL conf, the views and their forms; none is forgotten.

A view counts when its code, or what it calls in our own views, has both a form with a field for a file and the files
of the request.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import CodeType, ModuleType
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver

OURS = ("audit", "breaches", "distribution", "downtime", "letters", "papers", "postroom")


def file_fields(form: type[forms.BaseForm]) -> list[str]:
    """The names of a form's fields for files."""
    fields = getattr(form, "base_fields", {})
    return [name for name, field in fields.items() if getattr(field.widget, "input_type", "") == "file"]


def takes_several(form: type[forms.BaseForm]) -> bool:
    """Has it a field for several files at once?"""
    fields = getattr(form, "base_fields", {})
    return any(fields[name].widget.attrs.get("multiple") for name in file_fields(form))


def taking_files() -> dict[str, list[type[forms.BaseForm]]]:
    """By URL name: the forms with a field for a file that a POST to it is bound to."""
    found = {}
    for name, callback in _addresses(get_resolver()):
        seen: set[Any] = set()
        _reach(inspect.unwrap(getattr(callback, "view_class", callback)), seen)
        with_files = [one for one in seen if _is_form(one) and file_fields(one)]
        if with_files and any("FILES" in _names(one) for one in seen if not _is_form(one)):
            found[name] = sorted(with_files, key=lambda form: form.__qualname__)
    return found


def _addresses(resolver: URLResolver, inside: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from _addresses(part, f"{inside}{part.namespace}:" if part.namespace else inside)
        elif isinstance(part, URLPattern) and part.name and part.callback is not None:
            yield f"{inside}{part.name}", part.callback


def _is_form(thing: Any) -> bool:
    return inspect.isclass(thing) and issubclass(thing, forms.BaseForm)


def _is_ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).split(".")[0] in OURS


def _functions(thing: Any) -> list[Any]:
    """The functions whose code is the thing's: itself, or the methods of a class, inherited ones too."""
    if inspect.isfunction(thing):
        return [inspect.unwrap(thing)]
    classes = [one for one in inspect.getmro(thing) if _is_ours(one)]
    values = [value for one in classes for value in vars(one).values()]
    values = [getattr(value, "fget", None) or getattr(value, "func", None) or value for value in values]
    return [inspect.unwrap(value) for value in values if inspect.isfunction(value)]


def _names(thing: Any) -> set[str]:
    return {name for function in _functions(thing) for name in _names_in(function.__code__)}


def _names_in(code: CodeType) -> set[str]:
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return {*code.co_names, *(name for one in inner for name in _names_in(one))}


def _reach(thing: Any, seen: set[Any]) -> None:
    if thing in seen or not _is_ours(thing):
        return
    seen.add(thing)
    if _is_form(thing):
        return
    for function in _functions(thing):
        names = _names_in(function.__code__)
        for name in names:
            value = function.__globals__.get(name)
            inside = [getattr(value, one, None) for one in names] if isinstance(value, ModuleType) else [value]
            for one in inside:
                in_views = inspect.isfunction(one) and ".views" in f".{one.__module__}"
                if _is_form(one) or in_views:
                    _reach(one, seen)
