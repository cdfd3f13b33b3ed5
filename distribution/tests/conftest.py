"""A committed database of each make, for tests that use other processes."""

from tests.support.fixtures import _templates, database

__all__ = ["_templates", "database"]
