"""The queue as a folder, for an installation without Redis: kombu's, made safe for several at once and for kill -9.

kombu's own writes in place. A worker that starts while another writes reads an empty file of bindings and stops for
good ("Unrecoverable error: JSONDecodeError", kombu issue 1551); one killed within such a write leaves a file on which
each later worker stops. Here a file is written beside its place and moved there whole; bindings change under one
lock; and what can't be read is set aside: the outbox's rows are the truth, its sweeper tells of the job again.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any, cast
from uuid import uuid4

import structlog
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

log = structlog.get_logger(__name__)


def put_whole(path: Path, content: bytes) -> None:
    """Write `content` so that a reader finds at `path` what was there before or all of the new, never a part."""
    # No ".msg" and no ".exchange" at its end: nobody takes it for a finished one.
    beside = path.with_name(f"{path.name}.{uuid4().hex}.part")
    beside.write_bytes(content)
    beside.replace(path)


class Channel(filesystem.Channel):
    """kombu's folder channel with whole writes."""

    @contextmanager
    def _bindings_locked(self) -> Iterator[None]:
        folder = Path(self.control_folder)
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def get_table(self, exchange: str) -> list[filesystem.exchange_queue_t]:
        """The queues bound to an exchange; none where its file can't be read: each worker binds its own at start."""
        try:
            return cast("list[filesystem.exchange_queue_t]", super().get_table(exchange))
        except ValueError:
            log.warning("queue_bindings_unreadable", exchange=exchange)
            return []

    def _write_table(self, exchange: str, table: list[filesystem.exchange_queue_t]) -> None:
        put_whole(self._exchange_file(exchange), str_to_bytes(dumps(table)))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._bindings_locked():
            table = self.get_table(exchange)
            if binding not in table:
                self._write_table(exchange, [binding, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any) -> None:
        self._purge(queue)
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._bindings_locked():
            table = self.get_table(exchange)
            if binding in table:
                self._write_table(exchange, [other for other in table if other != binding])

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        put_whole(Path(self.data_folder_out) / name, str_to_bytes(dumps(payload)))

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        while True:
            try:
                return cast("dict[str, Any]", super()._get(queue))
            except Empty:
                raise
            except ValueError:  # kombu has taken the file out of the folder by now
                log.warning("queue_message_unreadable", queue=queue)


class Transport(filesystem.Transport):
    """Named in the settings as CELERY_BROKER_TRANSPORT; the folders stand in CELERY_BROKER_TRANSPORT_OPTIONS."""

    Channel = Channel
