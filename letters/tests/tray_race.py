"""The tray and the way of a letter at the same moment, by two people and more. A process of its own:

    python -m letters.tests.tray_race LETTERS

Prints one JSON object: see `letters.tests.tray_rivals`.
"""

from __future__ import annotations

import json
import os
import sys

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.settings")
    django.setup()
    from letters.tests.tray_rivals import race

    print(json.dumps(race(int(sys.argv[1]))))
