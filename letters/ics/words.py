"""Why ICS could not be given a document, in words for admin. Pure."""

from __future__ import annotations

_WORDS = {
    "folder_full": "The folder for ICS is full.",
    "folder_read_only": "The folder for ICS can't be written to.",
    "folder_no_access": "Postroom has no access to the folder for ICS.",
    "folder_missing": "The folder for ICS is not there.",
    "folder_not_set": "No folder for ICS is set up.",
    "http_no_address": "No address of ICS is set up.",
    "http_timeout": "ICS did not answer in time.",
    "http_tls": "The connection to ICS is not secure.",
    "document_missing": "The completed document could not be read.",
}


def trouble_words(code: str) -> str:
    """A sentence for the code of a failed attempt; "" for none."""
    if not code:
        return ""
    if code.startswith("http_answer"):
        return "ICS gave an answer that Postroom does not understand."
    if code.startswith("http_") and code[5:].isdigit():
        return f"ICS refused it (code {code[5:]})."
    return _WORDS.get(code, "ICS could not be reached.")
