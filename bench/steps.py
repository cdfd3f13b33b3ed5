"""One step of a letter from call to commit, beside a transaction of bare SQL that writes the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.databases import fresh
from bench.measuring import Row, in_turn, row


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
