#!/usr/bin/env python
"""Postroom's command line. Without any setting it works on the embedded default in var/."""

import os
import sys


def main() -> int:
    """Run one management command; a setting that is wrong ends in a sentence, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        print("Postroom's parts are not installed here. Run `make run` once, then use .venv/bin/python manage.py.")
        return 1
    from postroom.starting import or_a_sentence

    with or_a_sentence():
        execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
