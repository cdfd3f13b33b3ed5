"""A committed database of each make, for tests that use other processes."""

from tests.support.fixtures import database

__all__ = ["database"]
