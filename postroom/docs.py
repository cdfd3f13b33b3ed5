"""The documents that are printed from the tables, so that they can't say anything else."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from audit.floor_rules import FLOOR_ACTION_NAMES, FLOOR_RULES
from audit.record.permissions import RECORD_ACTION_NAMES, RECORD_PERMISSIONS, RecordAction
from audit.spotchecks.rules import (
    CHECK_ACTION_NAMES,
    CHECK_RULES,
    FINDING_ACTION_NAMES,
    FINDING_RULES,
    ITEM_ACTION_NAMES,
    ITEM_RULES,
)
from breaches.duties_table import duties_table
from breaches.permissions import BREACH_RULES
from breaches.states import BREACH_ACTION_NAMES
from distribution.permissions import RULES as COPY_RULES
from distribution.states import ACTION_NAMES as COPY_ACTION_NAMES
from distribution.states import STATE_NAMES as COPY_STATE_NAMES
from downtime.states import DOWNTIME_ACTION_NAMES, DOWNTIME_RULES
from letters.permissions import RULES as LETTER_RULES
from letters.routes_table import routes_table
from letters.states import ACTION_NAMES, STATE_NAMES
from letters.text_rights import TEXT_ACTION_NAMES, TEXT_RULES
from papers.states import AGREEMENT_ACTION_NAMES, AGREEMENT_RULES, PAPERS_ACTION_NAMES, PAPERS_RULES
from postroom.cases.states import CASE_ACTION_NAMES, CASE_RULES
from postroom.people.permissions import PEOPLE_ACTION_NAMES, PEOPLE_PERMISSIONS, PeopleAction
from postroom.people.roles import ROLE_NAMES
from postroom.steps.table import Rules

HEAD = "<!-- Printed by `manage.py print_docs` from the tables of the code; `make check` compares. Don't edit. -->\n\n"

CLAUSES: dict[str, str] = {
    "OGP-0": "The process is consistent and auditable",
    "OGP-1": "The worker provides admin with the letter for typing",
    "OGP-2": "Admin types the letter, prints it and returns it to the worker",
    "OGP-3a": "The worker checks address and body, then signs",
    "OGP-3b": "Only a duty worker, advanced practitioner, deputy or team manager can pp",
    "OGP-4a": "Into a window envelope: the address, all of it and nothing else shows",
    "OGP-4b": "Admin checks the contents and initials the back of the envelope",
    "OGP-5": "Return label or stamp; no mention of Children's Services",
    "OGP-6": "The posted date goes into the description notes in ICS",
    "OGP-7": "CP and LAC reports are never posted to family",
    "OGP-8": "Minutes to family out of area: registered post only",
    "OGP-9": "Minutes go by e-mail to professionals and by hand to clients",
    "OGP-10": "Regular spot checks by the District Admin Manager",
    "OGP-11": "Whoever discovers a breach reports it",
    "OGP-12": "Failure to follow the process could be disciplinary",
    "CLS-1": "Whoever has access to confidential data keeps it secure at all times",
    "CLS-2": "Papers leave the office only for agreed professional tasks",
    "CLS-3": "Any other removal needs the line manager's agreement and a record",
    "CLS-4": "No USB sticks; laptops have a password; lockable bags",
    "CLS-5": "Notebooks, identities and addresses are kept secure",
    "CLS-6": "Secure e-mail or special delivery; right address, addressee and right to know",
    "CLS-7": "Loss or theft: police and line manager at once",
    "CLS-8": "A detailed report to the Director",
    "CLS-9": "Business Improvement Manager, Caldicott Guardian, Information & Records Manager are told",
    "CLS-10": "Governance is told of all breaches and near misses",
    "CLS-11": "The Information & Records Manager prepares a report",
    "CLS-12": "Insurers are informed",
    "CLS-13": "The media office is considered",
    "CLS-14": "The service user is told face to face, then in writing",
    "CLS-15": "Assistant Director and Caldicott Guardian decide on further action",
}


# Every kind of subject that the engine moves: title, its two tables, the names of its actions.
SUBJECTS: tuple[tuple[str, Rules[str], Mapping[Any, str]], ...] = (
    ("A letter", LETTER_RULES, ACTION_NAMES),
    ("An office's templates", TEXT_RULES, TEXT_ACTION_NAMES),
    ("A recipient's copy of a report or minutes", COPY_RULES, COPY_ACTION_NAMES),
    ("A case", CASE_RULES, CASE_ACTION_NAMES),
    ("Papers out of the office", PAPERS_RULES, PAPERS_ACTION_NAMES),
    ("An agreement to work away from the office", AGREEMENT_RULES, AGREEMENT_ACTION_NAMES),
    ("A downtime", DOWNTIME_RULES, DOWNTIME_ACTION_NAMES),
    ("Figures and policies", FLOOR_RULES, FLOOR_ACTION_NAMES),
    ("A spot check", CHECK_RULES, CHECK_ACTION_NAMES),
    ("A letter in a spot check", ITEM_RULES, ITEM_ACTION_NAMES),
    ("A finding of a spot check", FINDING_RULES, FINDING_ACTION_NAMES),
    ("A breach", BREACH_RULES, BREACH_ACTION_NAMES),
)


def documents() -> dict[str, str]:
    """File name in docs/ → its text."""
    return {
        "states.md": states(),
        "permissions.md": permissions(),
        "policy.md": policy(),
        "routes.md": HEAD + routes_table(),
        "duties.md": HEAD + duties_table(),
    }


def states() -> str:
    """The transitions of each kind of subject, with a diagram."""
    parts = [HEAD, "# What can happen, and where it leads\n"]
    for title, rules, names in SUBJECTS:
        parts.append(f"\n## {title}\n\n```mermaid\nstateDiagram-v2\n")
        parts.extend(
            f"    {row.source or '[*]'} --> {row.target}: {row.action}\n"
            for row in rules.transitions
            if row.source != row.target
        )
        parts.append("```\n\n| step | from | to | must hold | reason | clauses |\n|---|---|---|---|---|---|\n")
        words: dict[str, str] = {str(action): name for action, name in names.items()}
        parts.extend(
            f"| {words[row.action]} (`{row.action}`) | {_state(row.source)} | {_state(row.target)} "
            f"| {', '.join(f'`{g}`' for g in row.guards)} | {'yes' if row.reason else ''} "
            f"| {', '.join(row.clauses)} |\n"
            for row in rules.transitions
        )
        guards = sorted({g for row in rules.transitions for g in row.guards})
        if guards:
            parts.append("\nWhere a guard does not hold, the person reads:\n\n")
            parts.extend(f"- `{guard}`: {rules.words[guard]}\n" for guard in guards)
    return "".join(parts)


def _state(state: str) -> str:
    names = {str(s): name for s, name in (*COPY_STATE_NAMES.items(), *STATE_NAMES.items())}
    return names.get(state, state.title()) if state else "(new)"


def permissions() -> str:
    """Who may take each step, on which conditions."""
    parts = [HEAD, "# Who may do what\n\nNo row, no right; nobody overrides.\n"]
    for title, rules, names in SUBJECTS:
        parts.append(f"\n## {title}\n\n| step | who | if | clauses |\n|---|---|---|---|\n")
        parts.extend(_permission_rows(rules, {str(action): name for action, name in names.items()}))
    parts.append("\n## People, offices and the rota\n\n| step | who | if | clauses |\n|---|---|---|---|\n")
    parts.extend(
        f"| {PEOPLE_ACTION_NAMES[PeopleAction(row.action)]} (`{row.action}`) | {ROLE_NAMES[row.role]} "
        f"| {'; '.join(map(str, row.conditions))} | {', '.join(row.clauses)} |\n"
        for row in PEOPLE_PERMISSIONS
    )
    parts.append("\n## The record\n\n| step | who | if | clauses |\n|---|---|---|---|\n")
    parts.extend(
        f"| {RECORD_ACTION_NAMES[RecordAction(row.action)]} (`{row.action}`) | {ROLE_NAMES[row.role]} "
        f"| {'; '.join(map(str, row.conditions))} | {', '.join(row.clauses)} |\n"
        for row in RECORD_PERMISSIONS
    )
    return "".join(parts)


def _permission_rows(rules: Rules[str], names: dict[str, str]) -> list[str]:
    rows = []
    for action in rules.actions():
        ways = [p for p in rules.permissions if p.action == action]
        if not ways:
            rows.append(f"| {names[action]} (`{action}`) | Postroom itself | | |\n")
        rows.extend(
            f"| {names[action]} (`{action}`) | {ROLE_NAMES[way.role]} | {'; '.join(map(str, way.conditions))} "
            f"| {', '.join(way.clauses)} |\n"
            for way in ways
        )
    return rows


def policy() -> str:
    """Each clause of the two policies and the tests that carry it."""
    proofs = marked_tests(settings.BASE_DIR)
    parts = [HEAD, "# Policy clauses and the tests that prove them\n\n| clause | says | tests |\n|---|---|---|\n"]
    for clause, words in CLAUSES.items():
        tests = "<br>".join(f"`{name}`" for name in proofs.get(clause, [])) or "none yet"
        parts.append(f"| {clause} | {words} | {tests} |\n")
    return "".join(parts)


def marked_tests(root: Path) -> dict[str, list[str]]:
    """Clause → "file::test" of every test marked `@pytest.mark.policy(...)`, also by a parametrized table."""
    found: dict[str, set[str]] = defaultdict(set)
    folders = [
        root / name
        for name in ("postroom", "letters", "distribution", "downtime", "breaches", "papers", "audit", "tests")
    ]
    for path in sorted(p for folder in folders if folder.is_dir() for p in folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        where = path.relative_to(root)
        whole_file = _clauses_in_assignments(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                for clause in _clauses(node.decorator_list) | whole_file:
                    found[clause].add(f"{where}::{node.name}")
    return {clause: sorted(tests) for clause, tests in found.items()}


def _clauses(nodes: list[ast.expr]) -> set[str]:
    clauses = set()
    for node in nodes:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "policy":
                clauses |= {str(a.value) for a in call.args if isinstance(a, ast.Constant)}
    return clauses


def _clauses_in_assignments(tree: ast.Module) -> set[str]:
    marks = [n.value for n in tree.body if isinstance(n, ast.Assign) and _names(n) == ["pytestmark"]]
    return _clauses(marks)


def _names(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]
