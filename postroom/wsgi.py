"""The web server's way in: gunicorn postroom.wsgi."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
application = get_wsgi_application()

# After Django is set up: only then can its parts be imported.
from postroom.ledger.checks import refuse_without_triggers  # noqa: E402

refuse_without_triggers()
