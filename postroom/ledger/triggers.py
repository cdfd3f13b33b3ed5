"""Rules that the database itself keeps, on PostgreSQL and SQLite, against its owner too.

A Trigger refuses an event on a table where a condition holds; a Keeper keeps another table in step with it. An app
registers its triggers when it is loaded (`register` in AppConfig.ready); they are installed after every migrate,
because SQLite drops a table's triggers when it rebuilds the table; and the web server and worker refuse to start where
one is missing (checks.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper

BOTH = ("postgresql", "sqlite")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")
# pg_trigger.tgtype: row 1, before 2, then the events.
_EVENT_BITS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """Refuse `event` on `table` where `when` holds, as an IntegrityError with `message`.

    `event`: INSERT, UPDATE, "UPDATE OF column", DELETE or TRUNCATE (PostgreSQL only). `when` is SQL over OLD and NEW
    that both databases read alike, for example
    `OLD.state IS DISTINCT FROM NEW.state AND NOT ((OLD.state, NEW.state) IN (VALUES ('drafted', 'typed')))`.
    `vendors` says where it applies.
    """

    name: str
    table: str
    event: str
    message: str
    when: str = "TRUE"
    vendors: tuple[str, ...] = BOTH
    timing: ClassVar[str] = "BEFORE"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not _NAME.fullmatch(self.table):
            raise ValueError(f"{self.name!r} on {self.table!r}: names are lower-case letters, digits and _.")
        if self.verb not in _EVENT_BITS or "'" in self.message or "$" in self.when:
            raise ValueError(f"{self.name}: unknown event, or a quote in its message.")

    @property
    def tables(self) -> set[str]:
        """Without these it can't stand."""
        return {self.table}

    @property
    def verb(self) -> str:
        """The event without its columns."""
        return self.event.split(" ", 1)[0]

    def sqlite_sql(self) -> str:
        """The one CREATE TRIGGER statement, as SQLite keeps it."""
        return (
            f'CREATE TRIGGER "{self.name}" {self.timing} {self.event} ON "{self.table}" FOR EACH ROW WHEN {self.when} '
            f"BEGIN {self.sqlite_deed()}; END"
        )

    def sqlite_deed(self) -> str:
        """What happens where `when` holds, as SQLite says it."""
        return f"SELECT RAISE(ABORT, '{self.message}')"

    def postgres_body(self) -> str:
        """The body of the PL/pgSQL function."""
        returned = {"TRUNCATE": "NULL", "DELETE": "OLD"}.get(self.verb, "NEW")
        return (
            f"BEGIN IF {self.when} THEN RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
            f"MESSAGE = '{self.message}'; END IF; RETURN {returned}; END"
        )

    def postgres_sql(self, schema: str) -> list[str]:
        """The statements that make function and trigger. ENABLE ALWAYS: a replica's session doesn't pass either."""
        each = "STATEMENT" if self.verb == "TRUNCATE" else "ROW"
        return [
            # The search path is fixed: no temporary table can stand in for one that `when` looks into.
            f'CREATE OR REPLACE FUNCTION "{schema}"."{self.name}"() RETURNS trigger LANGUAGE plpgsql '
            f'SET search_path = "{schema}", pg_temp AS $fn${self.postgres_body()}$fn$',
            f'DROP TRIGGER IF EXISTS "{self.name}" ON "{self.table}"',
            f'CREATE TRIGGER "{self.name}" {self.timing} {self.event} ON "{self.table}" FOR EACH {each} '
            f'EXECUTE FUNCTION "{schema}"."{self.name}"()',
            f'ALTER TABLE "{self.table}" ENABLE ALWAYS TRIGGER "{self.name}"',
        ]

    def postgres_type(self) -> int:
        """What pg_trigger.tgtype must be."""
        before = 2 if self.timing == "BEFORE" else 0
        return before | _EVENT_BITS[self.verb] | (0 if self.verb == "TRUNCATE" else 1)


@dataclass(frozen=True, kw_only=True)
class Keeper(Trigger):
    """After `event` on `table`, where `when` holds, do `does`: one statement over OLD and NEW that both databases
    read alike. What it writes stands or falls with the row. `fills`: the table it writes to, which a release may bring
    only in the migrations that are about to run."""

    does: str
    fills: str
    message: str = ""
    timing: ClassVar[str] = "AFTER"

    @property
    def tables(self) -> set[str]:
        return {self.table, self.fills}

    def sqlite_deed(self) -> str:
        return self.does

    def postgres_body(self) -> str:
        return f"BEGIN IF {self.when} THEN {self.does}; END IF; RETURN NULL; END"


_registry: dict[str, Trigger] = {}


def register(*triggers: Trigger) -> None:
    """Add triggers to those that must stand. Registering the same again changes nothing; another of a name raises."""
    for trigger in triggers:
        if _registry.setdefault(trigger.name, trigger) != trigger:
            raise ValueError(f"There is another trigger named {trigger.name}.")


def append_only(table: str, *, keys: Iterable[tuple[str, ...]]) -> list[Trigger]:
    """The triggers that make a table append-only. `keys`: its unique columns, for SQLite's INSERT OR REPLACE."""
    clash = " OR ".join("(" + " AND ".join(f"{c} = NEW.{c}" for c in key) + ")" for key in keys)
    message = f"{table} is append-only: what is written stays"
    return [
        Trigger(name=f"{table}_no_update", table=table, event="UPDATE", message=message),
        Trigger(name=f"{table}_no_delete", table=table, event="DELETE", message=message),
        Trigger(name=f"{table}_no_truncate", table=table, event="TRUNCATE", message=message, vendors=("postgresql",)),
        Trigger(
            name=f"{table}_no_replace",
            table=table,
            event="INSERT",
            message=message,
            when=f"EXISTS (SELECT 1 FROM {table} WHERE {clash})",  # noqa: S608 - names from code
            vendors=("sqlite",),
        ),
    ]


def expected(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """The triggers that must stand on this database: those registered for its kind, whose tables exist."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    return [t for t in _registry.values() if connection.vendor in t.vendors and t.tables <= tables]


def missing(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Those that are not there, are switched off, or say something else than they should.

    Not those on a column that a release brings only in the migrations that are about to run.
    """
    standing = _standing_postgres if connection.vendor == "postgresql" else _standing_sqlite
    found = standing(connection)
    absent = [t for t in expected(connection) if found.get((t.table, t.name)) != _wanted(connection, t)]
    there = {t.table: _columns_there(connection, t.table) for t in absent if _columns_of(t)}
    return [t for t in absent if _columns_of(t) <= there.get(t.table, set())]


def _columns_of(trigger: Trigger) -> set[str]:
    """The columns after UPDATE OF."""
    _, _, columns = trigger.event.partition(" OF ")
    return {column.strip() for column in columns.split(",") if column.strip()}


def _columns_there(connection: BaseDatabaseWrapper, table: str) -> set[str]:
    """The table's columns. Of SQLite's own pragma: Django's description of a table parses the SQL that made it, which
    takes a tenth of a second for a table with many constraints."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM pragma_table_info(%s)", [table])
            return {name for (name,) in cursor.fetchall()}
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def install(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Put every missing trigger in place; returns those that were missing. Nothing is touched where all is well."""
    absent = missing(connection)
    if absent:
        with connection.cursor() as cursor:
            for trigger in absent:
                for sql in create_sql(connection, trigger):
                    cursor.execute(sql)
    return absent


def create_sql(connection: BaseDatabaseWrapper, trigger: Trigger) -> list[str]:
    """The statements that put one trigger in place, whatever stood there before."""
    if connection.vendor == "postgresql":
        return trigger.postgres_sql(_schema(connection))
    return [f'DROP TRIGGER IF EXISTS "{trigger.name}"', trigger.sqlite_sql()]


def drop_sql(connection: BaseDatabaseWrapper, trigger: Trigger) -> str:
    """The statement that takes one trigger away. For migrations on SQLite and the tests' own engines."""
    on = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
    return f'DROP TRIGGER IF EXISTS "{trigger.name}"{on}'


def _schema(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def _wanted(connection: BaseDatabaseWrapper, trigger: Trigger) -> tuple[Any, ...]:
    if connection.vendor == "postgresql":
        return ("A", trigger.postgres_type(), None, trigger.postgres_body())
    return (trigger.sqlite_sql(),)


def _standing_sqlite(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {(table, name): (sql,) for table, name, sql in cursor.fetchall()}


def _standing_postgres(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled::text, t.tgtype::int, t.tgqual, p.prosrc FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
        )
        return {(table, name): tuple(rest) for table, name, *rest in cursor.fetchall()}
