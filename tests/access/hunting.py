"""Looking for a secret on every page of the site: each address of the resolver with what it takes filled in.

An address that a new floor adds is walked by itself; nobody has to put it on a list here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from postroom.cases.names import compact

# What a page takes that isn't given: the first row of its table, and words that an office or stock may have.
ANY_NUMBER, ANY_WORD = 1, "none"
# These sign somebody out or turn them into somebody else: nothing is shown there.
NOT_WALKED = {"account_logout", "demo_become"}


def every_path(given: Mapping[str, list[Any]]) -> Iterator[tuple[str, str]]:
    """(name, path) of each address, with each value of `given` for what it takes by that name."""
    for name, takes in patterns():
        if name.rpartition(":")[2] in NOT_WALKED:
            continue
        choices = [given.get(what) or [ANY_NUMBER if number else ANY_WORD] for what, number in takes]
        for values in itertools.product(*choices):
            try:
                yield name, reverse(name, args=values)
            except NoReverseMatch:
                continue


def patterns() -> Iterator[tuple[str, list[tuple[str, bool]]]]:
    """The name of each address, and what it takes: by which name, and whether that is a number."""
    return _patterns(get_resolver())


def _patterns(resolver: URLResolver, inside: str = "") -> Iterator[tuple[str, list[tuple[str, bool]]]]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from _patterns(part, f"{inside}{part.namespace}:" if part.namespace else inside)
        elif isinstance(part, URLPattern) and part.name:
            converters = part.pattern.converters
            yield f"{inside}{part.name}", [(what, "Int" in type(c).__name__) for what, c in converters.items()]


def words_on(response: Any) -> str:
    """Everything that a response says: its source, its headers, the text and the metadata of a PDF."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    said = [str(value) for value in response.headers.values()]
    said.append(words_in_pdf(data) if data.startswith(b"%PDF") else data.decode(errors="replace"))
    return "\n".join(said)


def words_in_pdf(data: bytes) -> str:
    """The text of its pages, its metadata of both kinds, and the metadata of what it took over from other files."""
    said = []
    with pikepdf.open(BytesIO(data)) as pdf:
        said += [str(value) for value in pdf.docinfo.values()] + [str(name) for name in pdf.attachments]
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Stream) and thing.get("/Type") == pikepdf.Name.Metadata:
                said.append(thing.read_bytes().decode(errors="replace"))
            elif isinstance(thing, pikepdf.Dictionary) and "/Title" in thing:
                said.append(str(thing.Title))  # bookmarks
    document = pypdfium2.PdfDocument(data)
    said += [page.get_textpage().get_text_bounded() for page in document]
    return "\n".join(said)


def tells(text: str, secrets: list[str]) -> list[str]:
    """Those of `secrets` that stand in the text, however they are broken or spaced."""
    squeezed = compact(text)
    return [secret for secret in secrets if compact(secret) in squeezed]


def walk(client: Client, given: Mapping[str, list[Any]], secrets: list[str]) -> list[str]:
    """Every page by GET; which of them told a secret, or failed, in a sentence each."""
    wrong = []
    for name, path in every_path(given):
        response = client.get(path)
        if response.status_code >= 500 and response.status_code != 503:
            wrong.append(f"{name}: {response.status_code}")
        if found := tells(words_on(response), secrets):
            wrong.append(f"{name} ({path}) tells {found}")
    return wrong
