"""An unsafe setting stops the start in production: one sentence, no traceback, whichever way in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from postroom.settings import mail_settings

PROJECT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SAFE = {
    "POSTROOM_PRODUCTION": "1",
    "SECRET_KEY": "k" * 60,
    "DATABASE_URL": "postgres://postroom:invented@127.0.0.1:1/postroom",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://postroom:invented@127.0.0.1:1",
    "ALLOWED_HOSTS": "post.example.gov.uk",
    "SITE_URL": "https://post.example.gov.uk",
    "LEDGER_SIGNING_KEY": "5" * 64,
}
UNSAFE = {
    "no secret key": ({"SECRET_KEY": ""}, "SECRET_KEY"),
    "short secret key": ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    "no database": ({"DATABASE_URL": ""}, "DATABASE_URL"),
    "SQLite": ({"DATABASE_URL": "sqlite:///postroom.sqlite3"}, "DATABASE_URL"),
    "unreadable database": ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    "no queue": ({"REDIS_URL": ""}, "REDIS_URL"),
    "demo on": ({"POSTROOM_DEMO": "1"}, "POSTROOM_DEMO"),
    "debug on": ({"DEBUG": "1"}, "DEBUG"),
    "debug not a yes or no": ({"DEBUG": "perhaps"}, "DEBUG"),
    "a number that is none": ({"SESSION_IDLE_MINUTES": "soon"}, "SESSION_IDLE_MINUTES"),
    "a part that a breach's report hasn't": ({"BREACH_FORM_ORDER": "risk,harm"}, "BREACH_FORM_ORDER"),
    "no hosts": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
    "every host": ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
    "every host, among others": ({"ALLOWED_HOSTS": "post.example.gov.uk, *"}, "ALLOWED_HOSTS"),
    "no mail": ({"EMAIL_URL": ""}, "EMAIL_URL"),
    "mail in no known way": ({"EMAIL_URL": "tls+smtp://postroom:invented@127.0.0.1:1"}, "EMAIL_URL"),
    "no data folder": ({"POSTROOM_DATA_DIR": ""}, "POSTROOM_DATA_DIR"),
}
WAYS_IN = {
    "manage.py": [sys.executable, "manage.py", "check"],
    "gunicorn": [str(BIN / "gunicorn"), "postroom.wsgi", "--no-control-socket", "--bind", "127.0.0.1:0"],
    "worker": [str(BIN / "celery"), "-A", "postroom.celery", "worker", "--pool", "solo"],
    "scheduler": [str(BIN / "celery"), "-A", "postroom.celery", "beat"],
}


def start(way_in, folder, **changes):
    kept = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    env = kept | SAFE | {"POSTROOM_DATA_DIR": str(folder)} | changes
    return subprocess.run(
        WAYS_IN[way_in], cwd=PROJECT, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_safe_settings_start(tmp_path):
    done = start("manage.py", tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("case", UNSAFE)
def test_unsafe_setting_stops_the_start_with_a_sentence(case, tmp_path):
    changes, named = UNSAFE[case]
    done = start("manage.py", tmp_path, **changes)
    assert done.returncode == 1
    assert done.stderr.startswith("Postroom can't start: ")
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.rstrip().endswith(".")
    assert "invented" not in done.stderr  # a password that is part of a setting must not reach a log


@pytest.mark.parametrize("way_in", ["gunicorn", "worker", "scheduler"])
def test_every_way_in_refuses_without_a_traceback(way_in, tmp_path):
    done = start(way_in, tmp_path, POSTROOM_DEMO="1")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Postroom can't start: POSTROOM_DEMO is on." in said
    assert "Traceback" not in said


@pytest.mark.parametrize("way_in", ["gunicorn", "worker"])
def test_an_unprepared_database_stops_the_start(way_in, tmp_path):
    """Celery swallows what a signal's receiver raises; the worker must end all the same."""
    trial = {"POSTROOM_PRODUCTION": "0", "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}", "REDIS_URL": ""}
    done = start(way_in, tmp_path, **trial)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Postroom can't start: " in said
    assert "manage.py migrate" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("url", "tls", "ssl", "port"),
    [
        ("smtp+tls://u:p%40@mail.example:2525", True, False, 2525),
        ("smtp+tls://u:p%40@mail.example", True, False, 587),
        ("smtp+ssl://u:p%40@mail.example:465", False, True, 465),
        ("smtp://u:p%40@mail.example", False, False, 25),
    ],
)
def test_a_mail_server_is_spoken_to_as_its_address_says(url, tls, ssl, port):
    """The address in docs/deploy.md once meant no TLS, and secure e-mail then waits for ever."""
    found = mail_settings(url)
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", port)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("u", "p@")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)
