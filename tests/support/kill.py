"""Killing a process at every point where it could die, to see what it leaves behind.

    with Killer(database.env) as killer:
        for run in killer.every_point("letters.tests.kill_targets:sign"):
            ...look at the database: nothing lost, nothing doubled; then `killer.run("...:recover")`...
            ...and put the database back as it was...

A point is right before: an SQL statement (BEGIN and COMMIT among them), an fsync, a rename, and each connect, send and
receive on a socket. The k-th run is killed with -9 before its k-th point; the last run isn't killed, it reaches its
end.

A target is a function without arguments, named `module:function`. It runs in a fork of a process that has set Django up
but never opened a connection, so a run costs what the target costs and not a start of Python. A module of targets may
have a function `warm` that does, once and without the database, what is slow the first time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 60


@dataclass(frozen=True)
class Run:
    """One run of a target. `events`: its points in order, the one it was killed before last. `error`: its traceback."""

    target: str
    k: int | None
    killed: bool
    events: list[str] = field(default_factory=list)
    error: str = ""

    def __str__(self) -> str:
        where = f"before point {self.k}, {self.events[-1]}" if self.killed and self.events else "not killed"
        return f"{self.target}: {where}"


class Killer:
    """Runs targets in an environment (DATABASE_URL, POSTROOM_DATA_DIR, ...), killing each where it is told to."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = {**os.environ, "DJANGO_SETTINGS_MODULE": "postroom.settings", **env}

    def __enter__(self) -> Killer:
        self.host = subprocess.Popen(
            [sys.executable, "-m", "tests.support.kill"],
            cwd=PROJECT,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.orders, self.answers = self.host.stdin, self.host.stdout
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.orders.close()
        try:
            self.host.wait(timeout=10)
        finally:
            self.host.kill()
            self.host.wait()
            self.answers.close()

    def run(self, target: str, k: int | None = None) -> Run:
        """Run a target, killed before its k-th point (1 is the first), or to its end with None.

        Raises RuntimeError with the traceback if the target itself raised.
        """
        self.orders.write(json.dumps({"target": target, "k": k}) + "\n")
        self.orders.flush()
        answer = self.answers.readline()
        if not answer:
            raise RuntimeError(f"The process that runs {target} ended; its error is above.")
        run = Run(target=target, k=k, **json.loads(answer))
        if run.error:
            raise RuntimeError(f"{run}\n{run.error}")
        return run

    def sampled_points(self, target: str, whole: Run, count: int) -> Iterator[Run]:
        """Run a target killed before `count` of the points of `whole`, one of each kind among them, and to its end.

        Drawn by a seed from the target's name, so that each run of the suite takes the same.
        """
        draw = random.Random(target)
        kinds: dict[str, list[int]] = {}
        for number, event in enumerate(whole.events, start=1):
            kinds.setdefault(" ".join(event.split(" ")[: 2 if event.startswith("socket") else 1]), []).append(number)
        chosen = {draw.choice(points) for points in kinds.values()}
        others = sorted(set(range(1, len(whole.events) + 1)) - chosen)
        chosen |= set(draw.sample(others, max(0, min(count - len(chosen), len(others)))))
        ks: list[int | None] = [*sorted(chosen), None]
        for k in ks:
            yield self.run(target, k)

    def every_point(self, target: str, *, start: int = 1, step: int = 1, limit: int = 2000) -> Iterator[Run]:
        """Run a target killed before its first point, its second, and so on; the last run yielded wasn't killed.

        `step` above 1 takes a sample (the soak run takes all). Raises AssertionError if `limit` is reached.
        """
        for k in range(start, limit, step):
            run = self.run(target, k)
            yield run
            if not run.killed:
                return
        raise AssertionError(f"{target} still has points to be killed at after {limit}")


def run_killed_at(k: int | None, target: str, env: dict[str, str]) -> Run:
    """One run on its own; see `Killer.run`."""
    with Killer(env) as killer:
        return killer.run(target, k)


# --- In the process that forks, and in its forks -------------------------------------------------


def _count_down(k: int | None, report: int) -> Any:
    """A function that notes each point, and kills this process right before the k-th."""
    seen = 0

    def point(name: str) -> None:
        nonlocal seen
        seen += 1
        os.write(report, (name.replace("\n", " ")[:100] + "\n").encode())
        if seen == k:
            os.kill(os.getpid(), signal.SIGKILL)

    return point


def _hook(point: Any) -> None:
    """Have `point` called before each SQL statement, commit, fsync, rename and socket call of this process."""
    import socket
    import ssl

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.signals import connection_created

    def statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        point("SQL " + sql)
        return execute(sql, params, many, context)

    def connected(connection: Any, **_: Any) -> None:
        if statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(statement)

    # No weak reference: `connected` must outlive this call.
    connection_created.connect(connected, weak=False)

    def before(owner: Any, name: str, label: str) -> None:
        real = getattr(owner, name)

        def hooked(*args: Any, **kwargs: Any) -> Any:
            point(label)
            return real(*args, **kwargs)

        setattr(owner, name, hooked)

    # atomic() commits by these, not by a statement.
    before(BaseDatabaseWrapper, "_commit", "COMMIT")
    before(BaseDatabaseWrapper, "_rollback", "ROLLBACK")
    before(os, "fsync", "fsync")
    before(os, "rename", "rename")
    before(os, "replace", "rename")
    for name in ("connect", "connect_ex", "send", "sendall", "sendmsg", "sendto", "recv", "recv_into"):
        before(socket.socket, name, "socket " + name)
    for name in ("send", "recv_into"):  # under TLS
        before(ssl.SSLSocket, name, "socket " + name)


def _run_in_fork(target: str, k: int | None, report: int, errors: int) -> None:
    """Run the target and end this process."""
    import importlib
    import traceback

    ended = 1
    os.dup2(2, 1)  # what a target prints is no answer of the host's
    try:
        module, name = target.split(":")
        function = getattr(importlib.import_module(module), name)
        _hook(_count_down(k, report))
        function()
        ended = 0
    except BaseException:
        os.write(errors, traceback.format_exc().encode()[-20_000:])
    os._exit(ended)


def _read_all(handle: int) -> str:
    with os.fdopen(handle, "rb") as pipe:
        return pipe.read().decode()


def _host() -> None:
    """Read orders from standard input, fork for each, tell how it went."""
    import importlib

    import django

    django.setup()
    warmed = set()
    for line in sys.stdin:
        order = json.loads(line)
        name = order["target"].split(":")[0]
        if name not in warmed:
            getattr(importlib.import_module(name), "warm", lambda: None)()  # once here, so that no fork has to
            warmed.add(name)
        report_read, report = os.pipe()
        errors_read, errors = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.alarm(RUN_SECONDS)  # a target that hangs ends itself, and is told from one that was killed
            _run_in_fork(order["target"], order["k"], report, errors)
        os.close(report)
        os.close(errors)
        events = _read_all(report_read).splitlines()
        error = _read_all(errors_read)
        status = os.waitpid(pid, 0)[1]
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and not error and status:
            error = f"ended with status {status}" + (" (hung)" if os.WIFSIGNALED(status) else "")
        print(json.dumps({"killed": killed, "events": events, "error": error}), flush=True)


if __name__ == "__main__":
    _host()
