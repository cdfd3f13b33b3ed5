"""Measures what Postroom adds to its parts, prints a table and writes bench/results.json (not kept in git).

    make bench                                  all of it, on a PostgreSQL of its own
    .venv/bin/python bench/run.py pdf step      some of it, on the server that DATABASE_URL names, or SQLite

Each part works in a database or folder of its own. Figures are medians, warm; a ratio's two sides are measured in turn
in the same run, so that what else the machine does weighs on both alike. A module a kind of part is in this folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")

from bench.databases import NAME  # noqa: E402 - once the path is set
from bench.measuring import Row  # noqa: E402

RESULTS = PROJECT / "bench" / "results.json"
# Each part with the function that measures it, and the minutes it may take at most.
PARTS = {
    "pdf": ("bench.pdf:bench_pdf", 5),
    "preview": ("bench.pdf:bench_preview", 5),
    "print_run": ("bench.print_run:bench_print_run", 15),
    "step": ("bench.steps:bench_step", 10),
    "figures": ("bench.figures:bench_figures", 20),
    "import": ("bench.cases_import:bench_import", 40),
    "lists": ("bench.lists:bench_lists", 40),
    "ledger": ("bench.ledger:bench_ledger", 10),
}


def run_inside(part: str) -> None:
    """One part, in a process with a database of its own; its rows as JSON."""
    import logging

    import django

    django.setup()
    logging.disable(logging.WARNING)
    module, _, name = PARTS[part][0].partition(":")
    rows = getattr(import_module(module), name)()
    print("RESULT " + json.dumps(rows), flush=True)


def run_part(part: str, minutes: float) -> list[Row]:
    """A part in a process of its own, so that none warms or slows the next; ended when its time is up."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "POSTROOM_DATA_DIR": folder}
        base = env.get("DATABASE_URL", "")
        if part != "ledger":  # it makes databases of its own
            if base.startswith("postgres"):
                env["BENCH_BASE_URL"] = base
                env["DATABASE_URL"] = urlunsplit(urlsplit(base)._replace(path=f"/{NAME}"))
            else:
                env["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        command = [sys.executable, str(Path(__file__)), "--inside", part]
        try:
            ran = subprocess.run(command, env=env, cwd=PROJECT, capture_output=True, text=True, timeout=minutes * 60)
        except subprocess.TimeoutExpired:
            return [{"what": part, "skipped": f"not done in {minutes:g} minutes"}]
    for line in ran.stdout.splitlines():
        if line.startswith("RESULT "):
            found: list[Row] = json.loads(line.removeprefix("RESULT "))
            return found
    print(ran.stderr[-2000:], file=sys.stderr)
    return [{"what": part, "failed": ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else "no result"}]


def show(one: Row) -> str:
    """A line of the table."""
    if "value" not in one:
        return f"{one['what']:<46} {one.get('skipped') or one['failed']}"
    line = f"{one['what']:<46} {one['value']:>10,.2f} {one['unit']}"
    if "ratio" in one:
        line += f"   {one['ratio']:.2f} × {one['beside']}"
    if "a_second" in one:
        line += f"   {one['a_second']:,} a second"
    if "queries" in one:
        line += f"   {one['queries']} queries (before: {one['queries_before']})"
    return line


def main() -> int:
    """The table. Exits 1 if a part failed or was cut off."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)} (all)")
    parser.add_argument("--minutes", type=float, help="at most, for each part, instead of what it has itself")
    parser.add_argument("--inside", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        run_inside(options.inside)
        return 0
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}. There are {', '.join(PARTS)}.")
    results: dict[str, list[Row]] = {}
    for part in options.parts or PARTS:
        results[part] = run_part(part, options.minutes or PARTS[part][1])
        for one in results[part]:
            print(show(one), flush=True)
    RESULTS.write_text(json.dumps({"load": os.getloadavg(), "parts": results}, indent=2) + "\n")
    return int(
        any("failed" in one or "not done" in str(one.get("skipped")) for rows in results.values() for one in rows)
    )


if __name__ == "__main__":
    sys.exit(main())
