"""Help is for everyone signed in: it tells nothing of anybody (tests/look/test_help.py)."""

NAMES = {"help:index", "help:guide", "help:picture"}
