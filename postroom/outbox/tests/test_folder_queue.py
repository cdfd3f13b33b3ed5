"""The queue that is a folder: several at once, and files left by one that was killed while writing."""

import threading
from pathlib import Path

import pytest
from kombu import Connection, Exchange, Queue

from postroom.outbox.folder_queue import Transport

QUEUE = Queue("postroom", Exchange("postroom", type="direct"), routing_key="postroom")


@pytest.fixture
def folders(tmp_path):
    options = {"store_processed": False}
    names = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"}
    for key, name in (names | {"processed_folder": "done"}).items():
        (tmp_path / name).mkdir(exist_ok=True)
        options[key] = str(tmp_path / name)
    return options


def connect(folders):
    """As a process that has just begun: kombu remembers in each what it has bound."""
    Transport.global_state.clear()
    return Connection("localhost", transport=Transport, transport_options=folders)


def drain(connection):
    found = []
    queue = connection.SimpleQueue(QUEUE)
    while True:
        try:
            message = queue.get(block=False)
        except queue.Empty:
            return found
        message.ack()
        found.append(message.payload)


def test_all_bind_and_tell_at_once(folders):
    """kombu's own stops one of them here: it reads the bindings that another has begun to write."""
    with connect(folders) as connection:
        QUEUE(connection.channel()).declare()
    failed: list[BaseException] = []
    ready = threading.Barrier(8)

    def bind_and_tell(number):
        try:
            with connect(folders) as connection, connection.channel() as channel:
                ready.wait(10)
                for turn in range(10):
                    Queue(f"reply-{number}-{turn}", exchange=QUEUE.exchange, channel=channel).declare()
                    connection.Producer().publish(
                        {"n": number, "t": turn}, exchange=QUEUE.exchange, routing_key="postroom", declare=[QUEUE]
                    )
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=bind_and_tell, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    with connect(folders) as connection:
        told = drain(connection)
        assert sorted((one["n"], one["t"]) for one in told) == [(n, t) for n in range(8) for t in range(10)]
        assert drain(connection) == []


@pytest.mark.parametrize("left", [b"", b'[["postroom", "'], ids=["empty", "cut off"])
def test_bindings_left_half_written_stop_nobody(folders, left):
    with connect(folders) as connection:
        QUEUE(connection.channel()).declare()
    for file in Path(folders["control_folder"]).glob("*.exchange"):
        file.write_bytes(left)
    with connect(folders) as connection:
        connection.Producer().publish({"n": 1}, exchange=QUEUE.exchange, routing_key="postroom", declare=[QUEUE])
        assert drain(connection) == [{"n": 1}]


def test_a_message_left_half_written_is_set_aside(folders):
    with connect(folders) as connection:
        connection.Producer().publish({"n": 1}, exchange=QUEUE.exchange, routing_key="postroom", declare=[QUEUE])
        messages = Path(folders["data_folder_in"])
        (messages / "0_first.postroom.msg").write_bytes(b"")
        (messages / "1_second.postroom.msg").write_bytes(b'{"body": "')
        assert drain(connection) == [{"n": 1}]
        assert list(messages.iterdir()) == []


def test_what_is_not_yet_whole_is_read_by_nobody(folders, monkeypatch):
    """As after kill -9 before the move: the new message stands beside, under a name that no reader asks for."""
    with connect(folders) as connection:
        QUEUE(connection.channel()).declare()
        monkeypatch.setattr(Path, "replace", lambda beside, path: None)
        connection.Producer().publish({"n": 1}, exchange=QUEUE.exchange, routing_key="postroom")
        assert [file.suffix for file in Path(folders["data_folder_in"]).iterdir()] == [".part"]
        assert drain(connection) == []
