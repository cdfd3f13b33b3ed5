"""A seeded database of letters multiplied by SQL, for measuring lists and searches; the bench's own database only.

What the pages that are measured read is multiplied: cases, people, addresses, letters with their versions, checks,
signatures, prints, envelopes, returns, notices, reports and minutes with their copies, breaches with their duties, and
the sums of the figures. Field history and ledger entries are not: no list reads them, and they would be
ten rows a letter.

The copies are of the older letters (done with, save a few forgotten in every hundred), spread over the years before;
the newest, which stand in every state, are copied IN_HAND times, as if so many times as much were under way. A council
with so many letters has more people: the copies are spread over OFFICES times as many offices and WORKERS times as many
workers. Nothing here passes through the rules: triggers and foreign keys are off, as PostgreSQL's superuser may do.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from postroom.steps.references import new_reference

# Copy number k of a row has its id less k times this, so that newer rows have the higher ids, as they have in life.
STRIDE = 20_000
FIRST_ID = 100_000_000
YEARS = 7
IN_HAND = 10
OFFICES = 4
WORKERS = 40
SURNAMES = 3_000
BATCH = 100

CASES = ("cases_case", "cases_caseperson", "cases_address")
LETTERS = (
    "letters_letter",
    "letters_letterversion",
    "letters_print",
    "letters_check",
    "letters_signature",
    "letters_envelope",
    "letters_return",
    "letters_notice",
    "letters_proposal",
    "letters_handing",
    "audit_figurepart",
)
# What happened beside letters: a condition (over s, the seeded row) says which are done with, and copied each time; the
# others, under way, are copied IN_HAND times, like letters.
_CLOSED = "EXISTS (SELECT FROM seed_breaches_breach b WHERE b.id = s.breach_id AND b.state = 'closed')"
BESIDE: dict[str, str] = {
    "distribution_distribution": "TRUE",
    "distribution_item": "s.state IN ('sent', 'delivered', 'handed_over', 'withdrawn')",
    "breaches_breach": "s.state = 'closed'",
    "breaches_breachduty": _CLOSED,
    "breaches_breach_cases": _CLOSED,
}
# What a breach is of has a copy each time where this holds; else the copy of the breach is of nothing.
_SETTLED = BESIDE["distribution_item"].replace("s.state", "i.state")
THERE = {
    "letter_id": "SELECT FROM old WHERE old.id = s.letter_id",
    "copy_id": f"SELECT FROM seed_distribution_item i WHERE i.id = s.copy_id AND {_SETTLED}",
}
TABLES = (*CASES, *LETTERS, *BESIDE)
# Tables with references of their own.
REFERRED = ("letters_letter", "cases_case", "distribution_distribution", "distribution_item", "breaches_breach")
# Columns that lead to a row of which there is a copy too.
LEADS = {
    "id",
    "case_id",
    "person_id",
    "addressee_id",
    "address_id",
    "letter_id",
    "current_id",
    "version_id",
    "relied_on_id",
    "envelope_id",
    "distribution_id",
    "breach_id",
}
# Offices and people that come with the copies have these ids more than those they are copies of, a copy.
MORE = 1_000_000
MOMENTS, DAYS = "timestamp with time zone", "date"
# What the database itself keeps in step where letters are written by its rules.
WORDS = """
INSERT INTO letters_letterwords (letter_id, office_id, case_id, subject_words, name_words)
SELECT l.id, l.office_id, l.case_id, l.subject_key, p.name_key
FROM letters_letter l JOIN cases_caseperson p ON p.id = l.addressee_id ORDER BY l.id
"""
LAST_WORD = r"\S+$"

Say = Callable[[str], object]


def start_high(cursor: Any) -> None:
    """Before anything is seeded: let the ids begin so high that the copies fit below."""
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {FIRST_ID}")


def multiply(cursor: Any, *, to: int, say: Say = lambda words: None) -> int:
    """Multiply the letters of a freshly seeded database until there are at least `to`; how many there are."""
    cursor.execute("SELECT current_database()")
    name = cursor.fetchone()[0]
    assert name.startswith("bench_"), name
    for setting in ("session_replication_role = replica", "maintenance_work_mem = '512MB'", "synchronous_commit = off"):
        cursor.execute(f"SET {setting}")
    _keep_seeds(cursor)
    old, fresh, seeded = (_count(cursor, table) for table in ("old", "fresh", "letters_letter"))
    copies = -(-(to - seeded - IN_HAND * fresh) // old)
    for table in REFERRED:
        _references(cursor, f"refs_{table}", copies * _count(cursor, table), table)
    _surnames(cursor)
    always = _without_rules(cursor)
    kept = _without_indexes(cursor)
    _people(cursor)
    for first in range(1, copies + 1, BATCH):
        last = min(copies, first + BATCH - 1)
        for table in TABLES:
            _copy(cursor, table, first, last, copies)
        say(f"{last:,} of {copies:,} copies")
    cursor.execute("DELETE FROM letters_letterwords")
    cursor.execute(WORDS)
    for definition in kept:
        cursor.execute(definition)
    for table, trigger in always:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "{trigger}"')
    _figures(cursor, copies)
    for setting in ("session_replication_role", "maintenance_work_mem", "synchronous_commit"):
        cursor.execute(f"RESET {setting}")
    cursor.execute("VACUUM ANALYZE")
    return _count(cursor, "letters_letter")


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table}")
    return int(cursor.fetchone()[0])


def _keep_seeds(cursor: Any) -> None:
    """The seeded rows, numbered; which letters are old, which under way."""
    for table in TABLES:
        numbered = f"SELECT *, row_number() OVER (ORDER BY id) - 1 AS bench_n FROM {table}"
        cursor.execute(f"CREATE TEMP TABLE seed_{table} AS {numbered}")
    newest = "(SELECT max(created_at) FROM letters_letter)"
    cursor.execute(
        f"CREATE TEMP TABLE old AS SELECT id FROM letters_letter WHERE created_at < {newest} - interval '55 days'"
    )
    cursor.execute("CREATE TEMP TABLE fresh AS SELECT id FROM letters_letter EXCEPT SELECT id FROM old")


def _people(cursor: Any) -> None:
    """More offices that do their post as the first ones do, and more workers."""
    change = {
        "people_office": ({"id": f"id + k * {MORE}", "code": "code || k", "name": "name || ' ' || k"}, OFFICES),
        "people_user": ({"id": f"id + k * {MORE}", "email": "k || email"}, WORKERS),
        "letters_officepost": ({"id": f"id + k * {MORE}", "office_id": f"office_id + k * {MORE}"}, OFFICES),
    }
    for table, (changed, many) in change.items():
        names = [name for name, _ in _columns(cursor, table)]
        into, values = ", ".join(names), ", ".join(changed.get(name, name) for name in names)
        cursor.execute(f"INSERT INTO {table} ({into}) SELECT {values} FROM {table}, generate_series(1, {many - 1}) k")


def _columns(cursor: Any, table: str) -> list[tuple[str, str]]:
    """Names and types of a table's columns."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
        "AND table_name = %s ORDER BY ordinal_position",
        [table],
    )
    return list(cursor.fetchall())


def _references(cursor: Any, table: str, count: int, taken: str) -> None:
    """So many references that nobody has, numbered from 0."""
    rng = Random(7)
    cursor.execute(f"SELECT reference FROM {taken}")
    known = {row[0] for row in cursor.fetchall()}
    cursor.execute(f"CREATE TEMP TABLE {table} (place bigint, reference text)")
    with cursor.copy(f"COPY {table} (place, reference) FROM STDIN") as copy:
        for place in range(count):
            while (reference := new_reference(rng)) in known:
                pass
            known.add(reference)
            copy.write_row((place, reference))
    cursor.execute(f"CREATE UNIQUE INDEX ON {table} (place)")
    cursor.execute(f"ANALYZE {table}")


def _surnames(cursor: Any) -> None:
    sounds = ("ba", "cor", "den", "fal", "gim", "hol", "jas", "kel", "lum", "mor", "nis", "pel", "rud", "sil", "tav")
    names = sorted({a + b + c for a in sounds for b in sounds for c in sounds})[:SURNAMES]
    cursor.execute("CREATE TEMP TABLE surnames (place int PRIMARY KEY, name text)")
    with cursor.copy("COPY surnames (place, name) FROM STDIN") as copy:
        for place, name in enumerate(names):
            copy.write_row((place, name.capitalize()))


def _without_rules(cursor: Any) -> list[tuple[str, str]]:
    """Turn off the triggers that fire in any role: what is multiplied has no steps in the ledger. Gives them."""
    cursor.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
        "WHERE tgenabled = 'A' AND NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)",
        [list(TABLES)],
    )
    found = list(cursor.fetchall())
    for table, trigger in found:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{trigger}"')
    return found


def _without_indexes(cursor: Any) -> list[str]:
    """Drop the indexes that no constraint needs; gives what makes them again."""
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "WHERE i.indrelid::regclass::text = ANY(%s) "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [[*TABLES, "letters_letterwords"]],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


def _copy(cursor: Any, table: str, first: int, last: int, copies: int) -> None:
    """Copies `first` to `last` of a table's seeded rows."""
    columns = _columns(cursor, table)
    into = ", ".join(f'"{name}"' for name, _ in columns)
    letter = "s.id" if table == "letters_letter" else "s.letter_id"
    each_day = YEARS * 365 / copies
    if table in BESIDE:
        done = BESIDE[table]
        parts = [(done, f"(k * {each_day})::int", last), (f"NOT ({done})", "0", min(last, IN_HAND))]
        _copy_parts(cursor, table, columns, into, first, parts)
        return
    parts = [
        (
            "TRUE" if table in CASES else f"EXISTS (SELECT FROM old WHERE old.id = {letter})",
            f"(k * {each_day})::int",
            last,
        )
    ]
    if table in LETTERS:
        parts.append((f"EXISTS (SELECT FROM fresh WHERE fresh.id = {letter})", "0", min(last, IN_HAND)))
    _copy_parts(cursor, table, columns, into, first, parts)


def _copy_parts(
    cursor: Any, table: str, columns: list[tuple[str, str]], into: str, first: int, parts: list[tuple[str, str, int]]
) -> None:
    """Each part of a table's seeded rows: which (a condition over s), how many days back, up to which copy."""
    for condition, days, upto in parts:
        values = ", ".join(_value(table, name, kind, days) for name, kind in columns)
        joined = f"JOIN surnames n ON n.place = ((s.bench_n * 31 + k * 7) % {SURNAMES})"
        if table in REFERRED:
            joined += f" JOIN refs_{table} r ON r.place = (k - 1) * (SELECT count(*) FROM seed_{table}) + s.bench_n"
        cursor.execute(
            f"INSERT INTO {table} ({into}) SELECT {values} FROM generate_series({upto}, {first}, -1) k "
            f"CROSS JOIN seed_{table} s {joined} WHERE {condition}"
        )


def _value(table: str, name: str, kind: str, days: str) -> str:
    """What stands in a column of a copy; `days`: how far back it lies."""
    if table == "breaches_breach" and name in THERE:
        return f'CASE WHEN EXISTS ({THERE[name]}) THEN s."{name}" - k * {STRIDE} END'
    if name in LEADS:
        return f's."{name}" - k * {STRIDE}'
    match table, name:
        case _, "reference" if table in REFERRED:
            return "r.reference"
        case _, "office_id":
            return f"s.office_id + (k % {OFFICES}) * {MORE}"
        case _, "allocated_worker_id":
            return f"s.allocated_worker_id + (k % {WORKERS}) * {MORE}"
        case "cases_caseperson", "ics_number":
            return "CASE WHEN s.ics_number = '' THEN '' ELSE s.ics_number || '-' || k END"
        case "cases_caseperson", "name":
            return f"regexp_replace(s.name, '{LAST_WORD}', n.name)"
        case "cases_caseperson", "name_key":
            return f"regexp_replace(s.name_key, '{LAST_WORD}', lower(n.name))"
        case "letters_letter", "subject":
            return "CASE WHEN s.bench_n % 3 = 0 AND s.subject <> '' THEN s.subject || ': ' || n.name ELSE s.subject END"
        case "letters_letter", "subject_key":
            more = "CASE WHEN s.bench_n % 3 = 0 AND s.subject <> '' THEN ' ' || lower(n.name) ELSE '' END"
            return f"s.subject_key || {more}"
    return _moved(name, kind, days)


def _moved(name: str, kind: str, days: str) -> str:
    """A moment or day so far back; anything else as it is."""
    if kind == MOMENTS:
        return f's."{name}" - make_interval(days => {days})'
    if kind == DAYS and name != "date_of_birth":
        return f's."{name}" - {days}'
    return f's."{name}"'


def _figures(cursor: Any, copies: int) -> None:
    """The sums that the ledger of so many letters would give, as far as lists of them can: by month, and as of now."""
    months = YEARS * 12
    cursor.execute(
        "INSERT INTO audit_figurerow (office_id, day, measure, key, count, seconds) "
        "SELECT office_id, (date_trunc('month', now()) - make_interval(months => m))::date, measure, key, "
        "ceil(sum(count) * %s / %s), ceil(sum(seconds) * %s / %s) "
        "FROM audit_figurerow CROSS JOIN generate_series(0, %s) m WHERE measure NOT IN ('now', 'owed') "
        "GROUP BY office_id, m, measure, key "
        "ON CONFLICT (office_id, measure, day, key) DO UPDATE SET count = audit_figurerow.count + excluded.count, "
        "seconds = audit_figurerow.seconds + excluded.seconds",
        [copies, months, copies, months, months - 1],
    )
    cursor.execute("DELETE FROM audit_figurerow WHERE measure IN ('now', 'owed')")
    settled = "state IN ('uploaded', 'withdrawn', 'returned')"
    cursor.execute(
        "INSERT INTO audit_figurerow (office_id, day, measure, key, count, seconds) "
        f"SELECT office_id, CASE WHEN {settled} THEN date '1970-01-01' ELSE state_since::date END, 'now', state, "
        "count(*), 0 FROM letters_letter GROUP BY 1, 2, 4"
    )
    cursor.execute(
        "INSERT INTO audit_figurerow (office_id, day, measure, key, count, seconds) "
        "SELECT office_id, coalesce(posted_on, handed_on, emailed_on), 'owed', CASE WHEN posted_on IS NOT NULL THEN '' "
        "WHEN handed_on IS NOT NULL THEN 'handed' ELSE 'emailed' END, count(*), 0 FROM letters_letter "
        "WHERE coalesce(posted_on, handed_on, emailed_on) IS NOT NULL AND uploaded_at IS NULL "
        "AND state <> 'uncertain' GROUP BY 1, 2, 4"
    )
