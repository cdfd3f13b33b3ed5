"""python -m tests.support.from_models: the tables of DATABASE_URL made from the models, in a tenth of the time.

As the tests' own database is made (conftest.py); that migrations make the same is tests/setup/test_migrations.py.
"""

from __future__ import annotations

import os


class _NoMigrations:
    """Says of each app that it has none."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


def main() -> None:
    """Make the tables, their triggers, and the rows that migrations put in."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
    settings.MIGRATION_MODULES = _NoMigrations()
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from tests.support.databases import fill_as_migrations_do

    fill_as_migrations_do()


if __name__ == "__main__":
    main()
