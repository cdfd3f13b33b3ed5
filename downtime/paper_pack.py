"""The paper pack: forms to print beforehand and keep in a drawer, for when Postroom can't be reached. Pure.

One page for each thing that is done on paper; each asks what Postroom asks, in the same words (OGP-1 to OGP-5).
"""

from __future__ import annotations

from html import escape

from letters.rendering.typesetting import FONT_FAMILY, typeset

_CSS = f"""
@page {{ size: A4; margin: 18mm 16mm;
  @bottom-right {{ content: "page " counter(page) " of " counter(pages); font: 9pt {FONT_FAMILY} }} }}
html {{ font: 11pt/1.4 {FONT_FAMILY} }}
section {{ break-after: page }} section:last-child {{ break-after: auto }}
h1 {{ font-size: 17pt; margin: 0 0 3mm }} p, li {{ margin: 0 0 2mm }}
.field {{ border-bottom: 0.4pt solid black; padding-top: 7mm; margin-bottom: 2mm; font-size: 10pt }}
.tall {{ border: 0.4pt solid black; height: 60mm; margin: 2mm 0 4mm }}
.tick::before {{ content: ""; display: inline-block; width: 4mm; height: 4mm; border: 0.6pt solid black;
  margin-right: 3mm }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border: 0.4pt solid black; padding: 1.5mm; text-align: left; font-size: 9pt; vertical-align: top }}
td {{ height: 9mm }}
"""
_SIGNED = ("Name in capitals", "Role (for pp: on what authority, and for whom)", "Day and time", "Signature")


def _fields(*labels: str) -> str:
    return "".join(f'<p class="field">{escape(label)}</p>' for label in labels)


def _ticks(*labels: str) -> str:
    return "".join(f'<p class="tick">{escape(label)}</p>' for label in labels)


def _table(rows: int, *heads: str) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    row = "<tr>" + "<td></td>" * len(heads) + "</tr>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{row * rows}</tbody></table>"


def paper_pack(office_name: str) -> bytes:
    """The pack for an office, as PDF/UA-1: what to do, and six forms."""
    office = escape(office_name)
    pages = [
        f"<h1>When the system is down: {office}</h1>"
        "<p>The rules stay the same on paper. Use one form for each letter, and copy as many as you need.</p><ol>"
        "<li>A letter that isn't typed yet waits, or is handed over on form 1 and typed when the system is back.</li>"
        "<li>A printed letter is checked and signed on form 2. Only the allocated worker signs. Only the duty "
        "worker, an advanced practitioner, a deputy or the team manager may pp.</li>"
        "<li>Only admin puts a letter in its envelope, with form 3. Whoever signed it may not.</li>"
        "<li>What goes to the post is listed on form 4, with the day.</li>"
        "<li>A letter that is delivered by hand or collected is on form 5. If it can't be handed over, bring it back: "
        "it is never posted instead.</li>"
        "<li>What is put on the case record in ICS, and what comes back, is on form 6.</li>"
        "<li>Reports and minutes are not posted to family. Hand them over, or wait.</li>"
        "<li>Keep every form. When the system is back, the team manager opens a downtime (“When the system is down”), "
        "and admin enters each step with the time on the form and a scan of it.</li></ol>"
        "<p>If something went to the wrong person, tell your manager at once, and report it as soon as you can.</p>",
        "<h1>Form 1: a draft handed over</h1>"
        + _fields("Case reference or ICS number", "To whom", "Address, as on the case record", "From which worker")
        + '<p>What the letter is to say</p><div class="tall"></div>'
        + _fields("Enclosures, and how many sheets", "Post by, and why", *_SIGNED),
        "<h1>Form 2: checked and signed</h1>"
        + _fields("Reference of the letter (on each sheet)")
        + _ticks(
            "The address is right: I compared it with the case record.",
            "The body is right: I read all of it.",
            "I did not type this letter.",
            "Names in it of people who aren't on this case, or who get one too, belong there (or it has none).",
        )
        + "<p>A translation: the translator's written confirmation is here.</p>"
        + _fields("Who translated it", "Day on which they confirmed it")
        + _fields(*_SIGNED)
        + "<p>Only for pp, where the worker has not checked it:</p>"
        + _ticks("I made both checks myself."),
        "<h1>Form 3: in its envelope</h1>"
        + _fields(
            "Reference of the letter (on each sheet)",
            "How many sheets went in, enclosures too",
            "What else went in that is no sheet, and how many of each",
        )
        + _ticks(
            "Every sheet bears this reference, and is for this addressee.",
            "The envelope is new.",
            "The whole address, and nothing else, shows in the window.",
            "The return label or stamp is on the back.",
            "I wrote my initials on the back.",
            "I did not sign this letter.",
        )
        + _fields("Name in capitals", "Initials", "Day and time"),
        "<h1>Form 4: gone to the post</h1>"
        + _fields("Day", "Time of the collection", "Taken by")
        + _table(15, "Reference", "Class", "Tracking number (registered)", "Admin's initials"),
        "<h1>Form 5: into the person's own hands</h1>"
        + _fields("Reference of the letter (on each sheet)")
        + "<p>Taken out by a social worker, in a lockable bag:</p>"
        + _fields("Name in capitals", "Day and time it was taken out")
        + _ticks(
            "I put it into their own hands (or admin did, at reception).",
            "I knew them.",
            "They showed a document with their name.",
            "They answered questions only they could answer.",
            "It could not be delivered.",
        )
        + _fields(
            "Why it could not be delivered",
            "Where",
            *_SIGNED[:1],
            "Day and time it was handed over or tried",
            "Signature",
            "Back in the office: day and time",
        ),
        "<h1>Form 6: on the case record; came back; locked in overnight</h1>"
        + "<p>In ICS: the notes begin with the day it was posted or handed over.</p>"
        + _table(7, "Reference", "Which child", "Reference that ICS gave", "Day and time", "Name")
        + "<p>Came back undelivered:</p>"
        + _table(4, "Reference", "Why", "Opened?", "Day and time", "Name")
        + "<p>Missed the collection and locked in:</p>"
        + _table(3, "Reference", "Day and time", "Name"),
    ]
    body = "".join(f"<section>{page}</section>" for page in pages)
    head = f"<head><title>Paper pack, {office}</title></head>"
    return typeset(f'<!doctype html><html lang="en-GB">{head}<body>{body}</body></html>', _CSS)
