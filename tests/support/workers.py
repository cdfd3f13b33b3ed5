"""Real Celery workers as processes of their own, to be killed or stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def start_worker(env: dict[str, str], *, include: str = "", name: str = "w1") -> subprocess.Popen[bytes]:
    """Start one worker process (pool `solo`, so that killing it leaves no children) with this environment."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "postroom.celery",
        "worker",
        "--pool",
        "solo",
        "-n",
        f"{name}@test",
    ]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"]
    if include:
        command += ["--include", include]
    return subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **env}, stdout=subprocess.DEVNULL)


@contextmanager
def workers(env: dict[str, str], count: int, *, include: str = "") -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run `count` workers while the block runs. The list may be changed: what is in it at the end is killed."""
    running = [start_worker(env, include=include, name=f"w{n}") for n in range(count)]
    try:
        yield running
    finally:
        for worker in running:
            worker.kill()
        for worker in running:
            worker.wait()
