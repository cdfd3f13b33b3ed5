"""The table of routes as the policy prints it, in Markdown: for `docs/routes.md`. Pure."""

from __future__ import annotations

from letters.routes import CHANNEL_NAMES, DOCUMENT_NAMES, RECIPIENT_NAMES, Channel, Document, Recipient, Verdict, route

_CELLS = {Verdict.ALLOWED: "yes", Verdict.REFUSED: "**no**", Verdict.NEEDS_APPROVAL: "if approved"}


def routes_table() -> str:
    """One line for each document and recipient, one column for each channel, and the words of each refusal."""
    head = " | ".join(CHANNEL_NAMES[channel] for channel in Channel)
    parts = [
        "# Who may be sent what, and how\n\nWhat has no row is refused; no role overrides a refusal. This is an office "
        "that has turned nothing on, and a letter that isn't marked sensitive.\n\n",
        f"| document → recipient | {head} |\n|---|{'---|' * len(Channel)}\n",
    ]
    refusals: dict[str, None] = {}
    for document in Document:
        for recipient in Recipient:
            cells = []
            for channel in Channel:
                answer = route(document, recipient, channel)
                cells.append(f"{_CELLS[answer.verdict]} ({answer.clause})")
                if answer.sentence:
                    refusals[answer.sentence] = None
            name = f"{DOCUMENT_NAMES[document]} → {RECIPIENT_NAMES[recipient].lower()}"
            parts.append(f"| {name} | {' | '.join(cells)} |\n")
    parts.append("\nWhere a way is closed, the person reads one of these:\n\n")
    parts.extend(f"- {sentence}\n" for sentence in refusals)
    return "".join(parts)
