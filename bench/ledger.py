"""How many steps a second the ledger takes, beside bare inserts and beside one chain for everything.

    DATABASE_URL=postgres://… python -m bench.ledger [--seconds 3]

Each writer is a process of its own. `insert`: a bare INSERT of a row of an entry's size, in a transaction; `bare`: an
UPDATE of a locked row beside it, by the same Django, as a step takes both; `subjects`: record_and_save, each writer on
subjects of its own; `one chain`: all on the same subject.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MODES = ("insert", "bare", "subjects", "one chain")
WRITERS = (1, 8, 32)
SUBJECTS_EACH = 4
PROJECT = Path(__file__).resolve().parents[1]


def bench_ledger() -> list[dict[str, Any]]:
    """Writes a second by 1, 8 and 32 writers: a chain a subject, and one chain for everything, beside bare inserts."""
    from bench.measuring import row

    make = "postgres" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
    rows = measure(make, 3.0)
    found = {(one["mode"], one.get("writers")): one["per_second"] for one in rows}
    made = []
    for one in rows:
        mode, writers = one["mode"], one.get("writers")
        if writers is None:
            sha = {"ratio": one["times_bare_sha256"], "beside": "the time of bare SHA-256 over the same bytes"}
            made.append(row(f"ledger, {mode}", one["per_second"], "entries a second", **sha))
            continue
        more = {}
        if mode not in ("insert", "bare"):
            inserts, steps = (found[name, writers] for name in ("insert", "bare"))
            ratio = one["per_second"] / max(inserts, 1)
            more = {"ratio": round(ratio, 2), "beside": f"bare INSERTs; UPDATE and INSERT: {steps:,}"}
        if mode == "subjects":
            more["beside"] += f"; one chain: {found['one chain', writers]:,}"
        made.append(row(f"ledger, {mode}, {writers} writers", one["per_second"], "a second", **more))
    return made


def measure(make: str, seconds: float) -> list[dict[str, Any]]:
    """Rows of the table for one make of database (`postgres` needs DATABASE_URL), plus verifying what was written."""
    from tests.support.databases import committed_database, drop_templates, name_run

    ours = name_run()
    try:
        with tempfile.TemporaryDirectory() as folder, committed_database(make, Path(folder)) as database:
            env = {**os.environ, **database.env, "DJANGO_SETTINGS_MODULE": "postroom.settings"}
            command = [sys.executable, "-m", "bench.ledger", "--inside", make, "--seconds", str(seconds)]
            ran = subprocess.run(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        if ours:
            drop_templates()
            del os.environ["POSTROOM_TEST_RUN"]
    return [json.loads(line) for line in ran.stdout.splitlines()]


def measure_inside(make: str, seconds: float) -> None:
    """The same, in a process that has this database as its own; a JSON object a line."""
    import django
    from django.db import connections

    django.setup()
    prepare()
    connections.close_all()
    for mode in MODES:
        for writers in WRITERS:
            steps = write_together(mode, seconds, writers)
            row = {"database": make, "mode": mode, "writers": writers, "per_second": round(steps / seconds)}
            print(json.dumps(row), flush=True)
    print(json.dumps({"database": make, **check()}))


def write_together(mode: str, seconds: float, writers: int) -> int:
    """Steps that so many forks took between them; they begin together, once each has its connection."""
    fork = multiprocessing.get_context("fork")
    ready, counts = fork.Barrier(writers), fork.SimpleQueue()

    def run(number: int) -> None:
        counts.put(write(mode, seconds, number, ready.wait))

    children = [fork.Process(target=run, args=(number,)) for number in range(writers)]
    for child in children:
        child.start()
    steps = sum(counts.get() for _ in children)
    for child in children:
        child.join()
    return steps


def prepare() -> None:
    """Subjects for each writer, and a plain table of an entry's size."""
    from django.apps import apps
    from django.db import connection

    office = apps.get_model("people", "Office")
    office.objects.bulk_create(
        [office(code=f"b{n}", name=f"Bench {n}", address="x") for n in range(max(WRITERS) * SUBJECTS_EACH)]
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (id integer, subject text, words text, hash text)")


def write(mode: str, seconds: float, number: int, begin: Callable[[], Any]) -> int:
    """Take steps until the time is up; how many."""
    from django.apps import apps
    from django.db import connection, transaction

    from postroom.ledger.recording import Actor, record_and_save

    model = apps.get_model("people", "Office")
    own = [f"b{number * SUBJECTS_EACH + n}" for n in range(SUBJECTS_EACH)] if mode != "one chain" else ["b0"]
    subjects = list(model.objects.filter(code__in=own))
    anne = Actor(id=1, name="Anne Example", role="Admin", authority="Riverside")
    begin()
    steps, end = 0, time.time() + seconds
    while time.time() < end:
        subject = subjects[steps % len(subjects)]
        if mode == "insert":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("INSERT INTO bench_bare VALUES (%s, %s, %s, %s)", [steps, "b", "w" * 150, "f" * 64])
        elif mode == "bare":
            with transaction.atomic(), connection.cursor() as cursor:
                model.objects.select_for_update().get(pk=subject.pk)
                model.objects.filter(pk=subject.pk).update(phone=str(steps))
                cursor.execute("INSERT INTO bench_bare VALUES (%s, %s, %s, %s)", [steps, "b", "w" * 150, "f" * 64])
        else:
            record_and_save(subject, action="bench", actor=anne, details={"step": steps})
        steps += 1
    return steps


def check() -> dict[str, Any]:
    """Verify what was written: entries a second, and how that compares with SHA-256 over the same bytes alone."""
    import hashlib

    from postroom.ledger.chain import encode_entry
    from postroom.ledger.models import Entry
    from postroom.ledger.verify import verify

    report = verify()
    raw = [encode_entry(entry.values()) for entry in Entry.objects.iterator()]
    started = time.perf_counter()
    for item in raw:
        hashlib.sha256(item).hexdigest()
    bare = time.perf_counter() - started
    return {
        "mode": "verify",
        "intact": report.intact,
        "entries": report.entries,
        "per_second": round(report.entries / report.seconds),
        "times_bare_sha256": round(report.seconds / bare, 1),
    }


def main() -> None:
    """The table, or one writer's part of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--inside", default="", help="for its own use")
    options = parser.parse_args()
    if options.inside:
        measure_inside(options.inside, options.seconds)
        return
    for make in ("sqlite", *(["postgres"] if os.environ.get("DATABASE_URL", "").startswith("postgres") else [])):
        for row in measure(make, options.seconds):
            print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
