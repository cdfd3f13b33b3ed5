"""Measures what Postroom adds to its parts, prints a table and writes bench/results.json (not kept in git).

    make bench                                  all of it, on a PostgreSQL of its own
    .venv/bin/python bench/run.py pdf step      some of it, on the server that DATABASE_URL names, or SQLite

Each part works in a database or folder of its own. Figures are medians, warm; a ratio's two sides are measured in turn
in the same run, so that what else the machine does weighs on both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")

RESULTS = PROJECT / "bench" / "results.json"
PARTS = ("pdf", "step", "my_work", "figures", "ledger")
ROUNDS = 25
# My work is measured with so many letters, and with so many (BENCH_LETTERS for a quicker look).
SIZES = (1_000, int(os.environ.get("BENCH_LETTERS", "100000")))
# The figures with so many, and with so many (a million takes long to make).
FIGURE_SIZES = (1_000, int(os.environ.get("BENCH_FIGURE_LETTERS", "100000")))

Row = dict[str, Any]


def in_turn(*sides: Callable[[], object], rounds: int = ROUNDS, warm: int = 3) -> list[float]:
    """The median of each side in milliseconds; they take turns, after `warm` rounds that don't count."""
    taken: list[list[float]] = [[] for _ in sides]
    for number in range(warm + rounds):
        for times, side in zip(taken, sides, strict=True):
            begun = time.perf_counter()
            side()
            if number >= warm:
                times.append((time.perf_counter() - begun) * 1000)
    return [statistics.median(times) for times in taken]


def row(what: str, value: float, unit: str, **more: Any) -> Row:
    """One line of the table."""
    return {"what": what, "value": round(value, 2), "unit": unit, **more}


# --- a letter's PDF ------------------------------------------------------------------------------------------------


def bench_pdf() -> list[Row]:
    """A letter, rendered and proved, beside bare WeasyPrint of the same HTML and CSS; the proof alone."""
    import datetime as dt

    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from letters.demo.words import LETTERS
    from letters.rendering import letter_pdf, typesetting
    from letters.rendering.content import LetterContent, Letterhead
    from letters.rendering.stock import Stock
    from letters.rendering.window_proof import prove_window

    stock = Stock(name="DL", slug="dl", envelope_w=220, envelope_h=110, window_w=90, window_h=35, window_left=20,
                  window_up=18, folds_mm=(99, 198), max_sheets=5)  # fmt: skip
    content = LetterContent(
        reference="K7Q2M4XD9",
        letterhead=Letterhead("Northmere County Council", "Riverside office", ("1 Invented Quay", "NORTHMERE")),
        address_lines=("Ms Ada Sample", "12 Sample Road", "NORTHMERE", "NM2 3BB"),
        letter_date=dt.date(2026, 7, 20),
        salutation="Dear Ms Sample",
        subject="Our meeting",
        body=LETTERS[0].body.format(child="Kit"),
        signatory_name="Wren Example",
        signatory_role="Social worker",
        signatory_office="Riverside",
    )
    caught: list[tuple[str, str]] = []
    plain = typesetting.typeset

    def catching(html: str, css: str, **more: Any) -> bytes:
        caught.append((html, css))
        return plain(html, css, **more)

    letter_pdf.typeset = catching  # the very HTML and CSS that the letter is made of
    pdf = letter_pdf.render_letter(content, stock)
    letter_pdf.typeset = plain
    html, css_text = caught[0]
    fonts = FontConfiguration()
    css = CSS(string=css_text, font_config=fonts)

    def bare() -> None:
        HTML(string=html).render(stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1").write_pdf(
            pdf_variant="pdf/ua-1"
        )

    ours, theirs, proof = in_turn(
        lambda: letter_pdf.proved_letter(content, stock), bare, lambda: prove_window(pdf, stock)
    )
    return [
        row("PDF of a letter, proved", ours, "ms", ratio=round(ours / theirs, 2), beside="bare WeasyPrint"),
        row("bare WeasyPrint, same HTML", theirs, "ms"),
        row("window proof", proof, "ms"),
    ]


# --- a step ----------------------------------------------------------------------------------------------------------


def bench_step() -> list[Row]:
    """`actions.check` from call to commit, beside a transaction of bare SQL that writes the rows the step wrote."""
    from django.db import connection

    from letters import actions
    from letters.models import Letter
    from letters.states import State
    from postroom.steps.engine import Seen

    fresh(letters=120)
    letters = list(
        Letter.objects.filter(state=State.WORKER_CHECKED).select_related("case__allocated_worker").order_by("pk")
    )
    # A worker may check again what stands checked: the same step, as often as wanted, on one letter.
    letter = letters[0]
    worker = letter.case.allocated_worker

    def step() -> None:
        nonlocal letter
        letter = actions.check(
            letter=letter, by=worker, seen=Seen.of(letter), address_confirmed=True, body_confirmed=True
        )

    written = statements_of(step)
    replay = bare_transaction(written)
    ours, theirs = in_turn(step, replay, rounds=100)
    return [
        row(f"a check, to its commit ({connection.vendor})", ours, "ms", ratio=round(ours / theirs, 2),
            beside="bare SQL of the same rows"),
        row(f"bare SQL, the same {len(written)} writes", theirs, "ms"),
    ]  # fmt: skip


def statements_of(step: Callable[[], None]) -> list[tuple[str, Any]]:
    """The statements that write, and the lock, of one step, with what they were given."""
    from django.db import connection

    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")) or "FOR UPDATE" in sql:
            seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        step()
    return seen


def bare_transaction(written: list[tuple[str, Any]]) -> Callable[[], None]:
    """The same statements in a transaction of the driver's own, on tables of the same columns and keys.

    Copies without triggers: a second entry in the same place of a chain would be refused on the real ones.
    """
    import re

    from django.db import connection

    copies: dict[str, str] = {}
    statements = []
    with connection.cursor() as cursor:
        for sql, params in written:
            match = re.search(r'(?:INTO|UPDATE|FROM) "(\w+)"', sql)
            assert match, sql
            table = match[1]
            if table not in copies:
                copies[table] = f"bench_{table}"[:60]
                cursor.execute(f'DROP TABLE IF EXISTS "{copies[table]}"')
                like = (
                    '(LIKE "{0}" INCLUDING DEFAULTS INCLUDING IDENTITY)'
                    if connection.vendor == "postgresql"
                    else 'AS SELECT * FROM "{0}"'
                )
                cursor.execute(f'CREATE TABLE "{copies[table]}" {like.format(table)}')
                if connection.vendor == "postgresql":
                    cursor.execute(f'INSERT INTO "{copies[table]}" SELECT * FROM "{table}"')
                first = "history_id" if "historical" in table else "id"
                cursor.execute(f'CREATE INDEX "bench_i_{len(copies)}" ON "{copies[table]}" ("{first}")')
            copied = sql.replace(f'"{table}"', f'"{copies[table]}"')
            if copied.startswith("UPDATE"):
                # The row was changed once already: without this the UPDATE would find none, and cost nothing.
                head, found, condition = copied.partition(" WHERE ")
                copied = head + found + condition.replace('"version" = %s', '"version" >= %s')
            statements.append((copied, params))

    def replay() -> None:
        raw = connection.connection
        cursor = raw.cursor()
        cursor.execute("BEGIN")
        for sql, params in statements:
            cursor.execute(sql if connection.vendor == "postgresql" else sql.replace("%s", "?"), params)
            if sql.startswith("UPDATE"):
                assert cursor.rowcount > 0, sql
        cursor.execute("COMMIT")
        cursor.close()

    return replay


# --- My work ----------------------------------------------------------------------------------------------------------


def bench_my_work() -> list[Row]:
    """Everyone's first page with few and with many letters: as many queries, and how much longer it takes."""
    from django.db import connection, reset_queries
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    from postroom.people.demo import BACKEND
    from postroom.people.models import RoleGrant

    try:
        address = reverse("letters:my_work")
    except NoReverseMatch:
        return [{"what": "My work", "skipped": "there is no such page yet"}]
    found: dict[tuple[str, int], tuple[float, int]] = {}
    made: list[Row] = []
    for size in SIZES:
        begun = time.monotonic()
        fresh(letters=size)
        made.append(row(f"seed_demo --letters {size}", time.monotonic() - begun, "s"))
        for role in ("worker", "admin", "team_manager"):
            grant = RoleGrant.objects.filter(role=role).select_related("user").order_by("pk").first()
            assert grant is not None
            client = Client()
            client.force_login(grant.user, backend=BACKEND)

            def look(client: Client = client) -> None:
                answer = client.get(address, headers={"host": "localhost"})
                assert answer.status_code == 200, answer.status_code

            (taken,) = in_turn(look)
            connection.force_debug_cursor = True
            reset_queries()
            look()
            found[role, size] = taken, len(connection.queries)
            connection.force_debug_cursor = False
    small, large = SIZES
    for role in ("worker", "admin", "team_manager"):
        (quick, few), (slow, many) = found[role, small], found[role, large]
        made.append(
            row(f"My work of a {role}, {large:,} letters", slow, "ms", ratio=round(slow / quick, 2),
                beside=f"{small:,} letters: {quick:.1f} ms", queries=many, queries_before=few)
        )  # fmt: skip
    return made


# --- compliance figures -----------------------------------------------------------------------------------------------


def bench_figures() -> list[Row]:
    """The page of compliance figures with few and with many letters: as many queries, and how much longer it takes."""
    from django.db import connection, reset_queries
    from django.test import Client
    from django.urls import reverse

    from audit.dashboards.keeping import keep_up
    from audit.models import FigureRow
    from postroom.ledger.sealing import seal
    from postroom.people.demo import BACKEND
    from postroom.people.models import RoleGrant

    address = reverse("audit:figures") + "?months=12"
    found: dict[int, tuple[float, int]] = {}
    made: list[Row] = []
    for size in FIGURE_SIZES:
        fresh(letters=size)
        seal(everything=True)
        begun = time.monotonic()
        positions = keep_up()
        taken = time.monotonic() - begun
        made.append(
            row(f"sums of {size:,} letters, kept up from nothing", taken, "s", positions=positions,
                rows=FigureRow.objects.count())
        )  # fmt: skip
        grant = RoleGrant.objects.filter(role="district_admin_manager").select_related("user").order_by("pk").first()
        assert grant is not None
        client = Client()
        client.force_login(grant.user, backend=BACKEND)

        def look(client: Client = client) -> None:
            answer = client.get(address, headers={"host": "localhost"})
            assert answer.status_code == 200, answer.status_code

        (middle,) = in_turn(look)
        connection.force_debug_cursor = True
        reset_queries()
        look()
        found[size] = middle, len(connection.queries)
        connection.force_debug_cursor = False
    (quick, few), (slow, many) = (found[size] for size in FIGURE_SIZES)
    small, large = FIGURE_SIZES
    made.append(
        row(f"compliance figures, {large:,} letters", slow, "ms", ratio=round(slow / quick, 2),
            beside=f"{small:,} letters: {quick:.1f} ms", queries=many, queries_before=few)
    )  # fmt: skip
    return made


# --- the ledger -------------------------------------------------------------------------------------------------------


def bench_ledger() -> list[Row]:
    """Writes a second by 1, 8 and 32 writers beside bare inserts: `bench.ledger` measures, here it is told."""
    from bench.ledger import measure

    make = "postgres" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
    rows = measure(make, 3.0)
    bare = {one["writers"]: one["per_second"] for one in rows if one["mode"] == "bare"}
    made = []
    for one in rows:
        words = f"ledger, {one['mode']}" + (f", {one['writers']} writers" if "writers" in one else "")
        more = {}
        if one["mode"] != "bare" and one.get("writers") in bare:
            more = {"ratio": round(one["per_second"] / max(bare[one["writers"]], 1), 2), "beside": "bare inserts"}
        made.append(row(words, one["per_second"], "a second", **more))
    return made


# --- running it -------------------------------------------------------------------------------------------------------


def fresh(*, letters: int) -> None:
    """Empty the bench's own database and seed it."""
    from django.core.management import call_command
    from django.db import connection

    connection.close()
    drop_and_make()
    call_command("migrate", verbosity=0, interactive=False)
    with Path(os.devnull).open("w") as quiet:
        call_command("seed_demo", letters=letters, stdout=quiet)


def drop_and_make() -> None:
    """A new empty database named bench_…; never the one that DATABASE_URL names."""
    from django.conf import settings
    from django.db import connection

    options = connection.settings_dict
    if connection.vendor == "sqlite":
        path = Path(options["NAME"])
        assert path.name == "bench.sqlite3", path
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        return
    name = "bench_postroom"
    assert options["NAME"] == name, options["NAME"]
    import psycopg

    with psycopg.connect(os.environ["BENCH_BASE_URL"], autocommit=True) as base:
        base.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        base.execute(f'CREATE DATABASE "{name}"')
    assert settings.DATABASES["default"]["NAME"] == name


def run_inside(part: str) -> None:
    """One part, in a process with a database of its own; its rows as JSON."""
    import logging

    import django

    django.setup()
    logging.disable(logging.WARNING)
    rows = {
        "pdf": bench_pdf,
        "step": bench_step,
        "my_work": bench_my_work,
        "figures": bench_figures,
        "ledger": bench_ledger,
    }[part]()
    print("RESULT " + json.dumps(rows), flush=True)


def run_part(part: str, minutes: float) -> list[Row]:
    """A part in a process of its own, so that none warms or slows the next; ended when its time is up."""
    from urllib.parse import urlsplit, urlunsplit

    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "POSTROOM_DATA_DIR": folder}
        base = env.get("DATABASE_URL", "")
        if part in ("step", "my_work", "figures", "pdf"):
            if base.startswith("postgres"):
                env["BENCH_BASE_URL"] = base
                env["DATABASE_URL"] = urlunsplit(urlsplit(base)._replace(path="/bench_postroom"))
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
    if "queries" in one:
        line += f"   {one['queries']} queries (before: {one['queries_before']})"
    return line


def main() -> int:
    """The table. Exits 1 if a part failed or was cut off."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)} (all)")
    parser.add_argument("--minutes", type=float, default=20, help="at most, for each part (20)")
    parser.add_argument("--inside", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        run_inside(options.inside)
        return 0
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}. There are {', '.join(PARTS)}.")
    results: dict[str, list[Row]] = {}
    for part in options.parts or PARTS:
        results[part] = run_part(part, options.minutes)
        for one in results[part]:
            print(show(one), flush=True)
    RESULTS.write_text(json.dumps({"load": os.getloadavg(), "parts": results}, indent=2) + "\n")
    return int(
        any("failed" in one or "not done" in str(one.get("skipped")) for rows in results.values() for one in rows)
    )


if __name__ == "__main__":
    sys.exit(main())
