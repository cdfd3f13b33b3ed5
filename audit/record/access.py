"""All that is held on one person: found by what points to them, so that a floor to come is found without being named.

From the person, their addresses and the letters to them, every table is asked for rows that point there, and once more
for rows that point to those. Beside them: ledger entries, reasons and reads, field history, and letters to others of
the case that name them. What is about somebody else of the case is marked, to be redacted before it is given out.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from audit.record.models import LegalHold
from breaches.selectors import without_deciders_steps
from distribution.models import Distribution
from letters.models import Letter
from papers.models import PapersOut
from postroom.cases.models import Address, CasePerson, IcsLine, Relationship
from postroom.files.errors import FileError
from postroom.files.models import StoredFile
from postroom.files.store import read
from postroom.ledger.kept import kind_of
from postroom.ledger.models import Entry, Reading, Reason
from postroom.ledger.subjects import LedgerSubject
from postroom.people.models import Office, User

# Of use to nobody but the machine, or secret.
LEFT_OUT = {"salt", "ledger_seq", "ledger_head", "content_hash", "password", "lease_token", "payload"}
LEFT_OUT |= {"name_key", "subject_key"}  # copies of what is given, for the search
COPIES = {"letters.LetterWords"}
OWN_APPS = {"record", "ledger", "sessions", "contenttypes", "auth", "admin", "account", "mfa", "outbox", "files"}
# About staff, for those who decide alone (OGP-12), or privileged advice: no part of what is held on a family.
FOR_DECIDERS = {
    "decision": {"disciplinary", "disciplinary_reason", "professional_body", "professional_body_reason", "legal_advice"}
}
ABOUT_STAFF = {"breaches.Involved", "breaches.Reminder", "breaches.ReportDraft"}
MARK = "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}", "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"
DEPTH = 2
LEFT_OUT_CASES = "Breach cases left out"
SECTION_OTHERS = "Letters to others that are about them"


@dataclass
class Held:
    """What was found: sections of rows (a row is field to value, as text), files by name, and words about others.

    `left_out`: how many breach cases whoever gathers is part of, and so does not see.
    """

    people: list[CasePerson]
    sections: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    left_out: int = 0

    def add(self, section: str, row: dict[str, str]) -> None:
        """One row more."""
        self.sections.setdefault(section, []).append(row)

    def counts(self) -> dict[str, int]:
        """Rows by section."""
        counted = {section: len(rows) for section, rows in self.sections.items()}
        return counted | ({LEFT_OUT_CASES: self.left_out} if self.left_out else {})


def find(people: Sequence[CasePerson], *, by: User) -> Held:
    """Everything held on this person, who may stand on several cases; reads only. `by`: who gathers.

    The number of queries grows with what is held.
    """
    people = list(people)
    held = Held(people, others=_words_of_others(people))
    letters = list(Letter.objects.filter(addressee__in=people).order_by("pk"))
    addresses = Address.objects.filter(person__in=people).order_by("pk")
    first: list[models.Model] = [*people, *addresses, *letters, *_breaches(people), *_of_cases(people)]
    seen: set[tuple[Any, Any]] = set()
    subjects: dict[str, None] = {}

    def taken(rows: Iterable[models.Model]) -> list[models.Model]:
        fresh = [row for row in _open_to(list(rows), by, held) if _take(held, row, seen)]
        subjects.update((row.ledger_subject, None) for row in fresh if isinstance(row, LedgerSubject))
        return fresh

    everything = round_of = taken(first)
    for _ in range(DEPTH):
        round_of = taken(_pointing_to(round_of))
        everything = everything + round_of
    for row in everything:
        _history(held, row)
    _record(held, list(subjects))
    for person in people:
        _named(held, person, letters)
    _elsewhere(held, people, list(subjects))
    return held


def _breaches(people: list[CasePerson]) -> Iterable[models.Model]:
    """Breach cases about these people; those of a letter come by the letter."""
    kind = kind_of("breaches")
    return kind.rows().filter(breaches_about(people, kind.model)).distinct().order_by("pk") if kind else []


def breaches_about(people: Iterable[CasePerson], model: type[models.Model]) -> Q:
    """Breach cases of the cases these people stand on, or whose words name them."""
    people = list(people)
    about = Q(cases__in={person.case_id for person in people})
    for column in model._meta.concrete_fields:
        for person in people if isinstance(column, models.TextField) else ():
            about |= Q(**{f"{column.name}__icontains": person.name})
    return about


def _open_to(rows: list[models.Model], by: User, held: Held) -> list[models.Model]:
    """Without the breach cases that whoever gathers is part of (clauses.md: anyone involved, on that case)."""
    kind = kind_of("breaches")
    if kind is None:
        return rows
    mine = kind.involved(by.pk, [row.pk for row in rows if isinstance(row, kind.model)])
    held.left_out += len(mine)
    return [row for row in rows if not (isinstance(row, kind.model) and row.pk in mine)]


def _take(held: Held, row: models.Model, seen: set[tuple[Any, Any]]) -> bool:
    key = (row._meta.label, row.pk)
    if key in seen or row._meta.label in ABOUT_STAFF or getattr(row, "for_deciders", False):
        return False
    seen.add(key)
    held.add(str(row._meta.verbose_name).capitalize(), _as_text(row, held))
    return True


def _as_text(row: models.Model, held: Held) -> dict[str, str]:
    text = {}
    deciders = FOR_DECIDERS.get(str(row._meta.model_name), set())
    for column in row._meta.concrete_fields:
        if column.name in LEFT_OUT or column.name in deciders or isinstance(column, models.BinaryField):
            continue
        value = getattr(row, column.attname)
        if value in (None, "", [], {}):
            continue
        if isinstance(column, models.ForeignKey) and column.related_model in (User, Office):
            value = getattr(row, column.name).name
        elif getattr(row, f"{column.name}_for_deciders", False):
            continue  # a report kept from when it still said what was decided on staff
        elif isinstance(column, models.ForeignKey) and column.related_model is StoredFile:
            held.files[str(value)] = f"{row._meta.model_name}-{row.pk}"
        text[str(column.verbose_name)] = value if isinstance(value, str) else json.dumps(value, cls=DjangoJSONEncoder)
    return text


def _pointing_to(rows: list[models.Model]) -> Iterable[models.Model]:
    wanted: dict[type[models.Model], list[Any]] = {}
    for row in rows:
        wanted.setdefault(type(row), []).append(row.pk)
    for model in filter(asked, apps.get_models(include_auto_created=True)):
        for column in pointers(model):
            target: Any = column.related_model
            if target in wanted:
                yield from model._base_manager.filter(**{f"{column.name}__in": wanted[target]}).order_by("pk")


def asked(model: type[models.Model]) -> bool:
    """Is this table asked for rows that point to what was found?"""
    return not (model._meta.app_label in OWN_APPS or model._meta.label in COPIES or hasattr(model, "history_id"))


def pointers(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    """Its columns that point to other rows."""
    return [column for column in model._meta.concrete_fields if isinstance(column, models.ForeignKey)]


def _history(held: Held, row: models.Model) -> None:
    kept: Any = getattr(row, "history", None)
    for old in kept.order_by("history_date") if kept is not None else ():
        held.add(f"Field history of {row._meta.verbose_name}", _as_text(old, held))


def _record(held: Held, subjects: list[str]) -> None:
    steps = without_deciders_steps(Entry.objects.filter(subject__in=subjects), subjects)
    for entry in steps.order_by("subject", "seq"):
        held.add(
            "Steps in the record",
            {"of": entry.subject, "when": entry.at.isoformat(), "what": entry.action, "who": entry.actor_name,
             "role": entry.actor_role},
        )  # fmt: skip
    for reason in Reason.objects.filter(subject__in=subjects).order_by("subject", "seq"):
        held.add("Reasons in the record", {"of": f"{reason.subject} {reason.seq}", "words": reason.text})
    for reading in Reading.objects.filter(subject__in=subjects).order_by("pk"):
        row = {"of": reading.subject, "when": reading.at.isoformat(), "what": reading.what, "who": reading.reader_name}
        held.add("Who read what is held on them", row)


def _named(held: Held, person: CasePerson, own: list[Letter]) -> None:
    """Letters to others of the case that are about the person: whatever names them; of a child all of it.

    A case is its children's: a draft, a question to the worker or a letter to their school is about them without a
    name, unless the letter says that it is about another.
    """
    letters = Letter.objects.filter(case=person.case_id).exclude(pk__in=[letter.pk for letter in own]).order_by("pk")
    for letter in letters.prefetch_related("versions", "sources", "questions", "proposals", "about"):
        about = list(letter.about.all())
        whole = _is_child(person) and (not about or person in about)
        for what, text in _texts(letter):
            if text and (whole or person.name.casefold() in text.casefold()):
                held.add(SECTION_OTHERS, {"letter": letter.reference, "what": what, "text": text})
        for source in letter.sources.all() if whole else ():
            held.files[str(source.file_id)] = f"draft-{letter.reference}-{source.pk}"


def _elsewhere(held: Held, people: list[CasePerson], subjects: list[str]) -> None:
    """What no row of theirs points to: holds on their cases or records, and rows of files from ICS that name them."""
    holds = Q(case__in={person.case_id for person in people}) | Q(record__in=subjects)
    lines = Q()
    for person in people:
        holds |= Q(why__icontains=person.name)
        lines |= Q(words__icontains=person.name)
        if person.ics_number:
            lines |= Q(words__icontains=person.ics_number)
    for section, rows in (
        ("Legal holds", LegalHold.objects.filter(holds)),
        ("Rows of files from ICS that name them", IcsLine.objects.filter(lines) if people else ()),
    ):
        for row in rows:
            held.add(section, _as_text(row, held))


def _is_child(person: CasePerson) -> bool:
    return person.relationship == Relationship.CHILD


def _texts(letter: Letter) -> Iterable[tuple[str, str]]:
    """Everything that was written in or about a letter, with what it is."""
    yield "subject", letter.subject
    yield "draft", letter.draft_text
    yield "instructions", letter.instructions
    for source in letter.sources.all():
        yield "draft, as a file", source.text
    for question in letter.questions.all():
        yield "question to the worker", question.text
        yield "answer of the worker", question.answer
    for proposal in letter.proposals.all():
        yield "why it was sent back", proposal.note
        yield "proposed words", proposal.body
    for version in sorted(letter.versions.all(), key=lambda row: row.number):
        yield f"version {version.number}", version.body if version.content else ""


def _of_cases(people: list[CasePerson]) -> Iterable[models.Model]:
    """Reports and minutes of a child's cases with each copy, and papers out: they are about the child.

    Of papers out those that name somebody else are about them, too.
    """
    cases = [person.case_id for person in people if _is_child(person)]
    yield from Distribution.objects.filter(case__in=cases).order_by("pk")
    named = Q(case__in=cases)
    for person in people:
        about = Q(what__icontains=person.name) | Q(purpose_words__icontains=person.name)
        named |= Q(case=person.case_id) & about
    yield from PapersOut.objects.filter(named).order_by("pk")


def _words_of_others(people: list[CasePerson]) -> list[str]:
    """Names, addresses, phone numbers of everybody else on their cases: what has to be looked at."""
    words: set[str] = set()
    cases = {person.case_id for person in people}
    others = CasePerson.objects.filter(case__in=cases).exclude(pk__in=[person.pk for person in people])
    for other in others.prefetch_related("addresses"):
        words.update(
            str(getattr(other, name, "") or "").strip()
            for name in ("name", "salutation", "ics_number", "email", "mobile")
        )
        for address in other.addresses.all():
            words.update(line.strip() for line in address.lines.splitlines()[:2])
    mine = Address.objects.filter(person__in=people)
    own = " ".join([*(person.name for person in people), *(a.lines for a in mine)]).casefold()
    return sorted((w for w in words if len(w) > 3 and w.casefold() not in own), key=lambda w: (-len(w), w))


def marked(text: str, others: list[str]) -> str:
    """`text` with whatever is about somebody else between double square brackets."""
    if not others:
        return text
    pattern = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in others)
    return re.sub(pattern, lambda match: f"{MARK[0]}{match[0]}{MARK[1]}", text, flags=re.IGNORECASE)


def write_answer(out: IO[bytes], held: Held, reference: str) -> None:
    """The answer as a ZIP: held.html to read, held.json, and files as they are, to be looked at one by one."""
    sections = {
        section: [{name: marked(value, held.others) for name, value in row.items()} for row in rows]
        for section, rows in held.sections.items()
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        missing = []
        for sha256, name in sorted(held.files.items()):
            try:
                archive.writestr(f"files/{name}-{sha256[:8]}", read(sha256))
            except FileError:
                missing.append(name)
        context = {"sections": sections, "reference": reference, "made": timezone.now(), "missing": missing,
                   "files": len(held.files), "left_out": held.left_out}  # fmt: skip
        archive.writestr("held.html", render_to_string("record/held.html", context))
        archive.writestr("held.json", json.dumps(sections, ensure_ascii=False, indent=1))
