"""What the application's own role may do in production (PostgreSQL): nothing to an append-only table but read and add.

Migrations run as the tables' owner, by MIGRATE_DATABASE_URL; web server and worker as another role, by DATABASE_URL.
Then even the application's password alters no entry, lifts no trigger and chooses no id.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from postroom.ledger.triggers import expected

# Retention deletes reasons; a trigger asks for its leave.
ALSO = {"ledger_reason": "DELETE"}


def append_only_tables(connection: BaseDatabaseWrapper) -> set[str]:
    """The tables that no row of is ever changed: those with a trigger on every UPDATE."""
    triggers = [t for t in expected(connection) if t.event == "UPDATE" and t.when == "TRUE"]
    return {trigger.table for trigger in triggers if trigger.name == f"{trigger.table}_no_update"}


def grant_statements(connection: BaseDatabaseWrapper, role: str) -> list[str]:
    """The statements that give `role` what the application needs and no more. Run them as the owner; again is fine."""
    quote = connection.ops.quote_name
    to, database = quote(role), quote(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = quote(cursor.fetchone()[0])
        tables = connection.introspection.table_names(cursor)
        columns = {
            table: [column.name for column in connection.introspection.get_table_description(cursor, table)]
            for table in append_only_tables(connection)
        }
    statements = [
        f"REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM PUBLIC, {to}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}",
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
    ]
    for table in sorted(tables):
        statements.append(f"REVOKE ALL ON {quote(table)} FROM {to}")
        if table not in columns:
            rights = "SELECT" if table == "django_migrations" else "SELECT, INSERT, UPDATE, DELETE"
            statements.append(f"GRANT {rights} ON {quote(table)} TO {to}")
            continue
        own = ", ".join(quote(name) for name in columns[table] if name != "id")
        more = f", {ALSO[table]}" if table in ALSO else ""
        statements.append(f"GRANT SELECT, INSERT ({own}){more} ON {quote(table)} TO {to}")
    return statements
