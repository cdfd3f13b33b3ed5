"""How every way in (command line, web server, worker, scheduler) refuses a wrong setting."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from environs import EnvError


@contextmanager
def or_a_sentence() -> Iterator[None]:
    """Read the settings inside this block: a wrong one ends the process with a sentence, not with a traceback."""
    try:
        yield
    except (ImproperlyConfigured, EnvError) as error:
        print(f"Postroom can't start: {str(error).rstrip('.')}.", file=sys.stderr)  # noqa: T201 - before there are logs
        # On 3 gunicorn gives up, where on any other status it would start worker after worker.
        sys.exit(3 if "gunicorn" in sys.modules else 1)
