"""The web server's way in: gunicorn postroom.wsgi."""

import os

from django.core.wsgi import get_wsgi_application

from postroom.starting import or_a_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
with or_a_sentence():
    application = get_wsgi_application()

# After Django is set up: only then can its parts be imported.
from postroom.ledger.checks import refuse_without_triggers

with or_a_sentence():
    refuse_without_triggers()
