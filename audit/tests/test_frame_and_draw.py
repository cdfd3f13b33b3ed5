"""The frame's form, and the draw beside coreutils: the printed shell line, run by bash, must give the same bytes."""

from __future__ import annotations

import hashlib
import io
import random
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.spotchecks.draw import SHELL_LINE, SeedError, draw, is_usual_seed, ticket
from audit.spotchecks.frame import Frame, FrameError, make_frame, read_frame

pytestmark = pytest.mark.policy("OGP-10")
SEED = "00123456789012345678"
FRAME = make_frame(f"RIV-2026-{n:05d}" for n in range(1, 41))
ODD = [
    "",
    " ",
    "  ",
    "\t",
    "\\",
    "\\n",
    "\\c",
    "'",
    '"',
    "$x",
    "`x`",
    "*",
    "%s",
    "-n",
    "-e",
    "é",
    "ß",
    "Ж",
    "𝄞",
    "\r.",
    "\x7f",
]


def some_frames(count: int, seed: int) -> list[tuple[Frame, str, int]]:
    """Frames with odd characters, shared beginnings and near copies; seeds with leading noughts and odd ones too."""
    chance, cases = random.Random(seed), []
    for _ in range(count):
        references = {
            chance.choice(ODD) + str(chance.randrange(50)) + chance.choice(ODD) + chance.choice("aA1é")
            for _ in range(chance.randrange(1, 30))
        }
        digits = f"{chance.randrange(10 ** chance.randrange(1, 21)):020d}"
        odd_seed = "".join(chance.choices([o for o in ODD if o] + list("0123456789"), k=chance.randrange(1, 25)))
        frame = make_frame(references)
        cases.append(
            (frame, chance.choice([digits, digits, digits.lstrip("0") or "0", odd_seed]), chance.randrange(35))
        )
    return cases


def by_hand(cases: list[tuple[Frame, str, int]], folder: Path) -> list[bytes]:
    """What bash and coreutils make of them: one bash for all, the shell line as it is printed."""
    script = []
    for number, (frame, seed, n) in enumerate(cases):
        here = folder / str(number)
        here.mkdir()
        (here / "frame.txt").write_bytes(frame.data)
        (here / "seed").write_bytes(seed.encode() + b".")  # $( ) would eat a line feed at the end
        script.append(f"cd {here}; seed=$(cat seed); seed=${{seed%.}}; n={n}; {{ {SHELL_LINE}; }} >drawn")
    # bash -s reads its commands from stdin; each frame is read from its own file.
    subprocess.run(["bash", "-eu"], input="\n".join(script).encode(), check=True, timeout=3600)
    return [(folder / str(number) / "drawn").read_bytes() for number in range(len(cases))]


def as_file(references: list[str]) -> bytes:
    return "".join(f"{reference}\n" for reference in references).encode()


def test_draws_are_those_of_coreutils(tmp_path):
    cases = some_frames(60, seed=20260720)
    for (frame, seed, n), expected in zip(cases, by_hand(cases, tmp_path), strict=True):
        assert as_file(draw(frame, seed, n)) == expected, (frame, seed, n)


@pytest.mark.soak
def test_a_thousand_draws_are_those_of_coreutils(tmp_path):
    cases = some_frames(1000, seed=1)
    for (frame, seed, n), expected in zip(cases, by_hand(cases, tmp_path), strict=True):
        assert as_file(draw(frame, seed, n)) == expected, (frame, seed, n)


def test_frames_are_those_of_sort(tmp_path):
    """What make_frame writes is what `LC_ALL=C sort -u` writes of the same lines, and it reads back."""
    for number, (frame, _, _) in enumerate(some_frames(40, seed=7)):
        lines = list(frame.references) * 2
        random.Random(number).shuffle(lines)
        (tmp_path / "lines").write_bytes(b"".join(line + b"\n" for line in lines))
        command = ["sort", "-u", str(tmp_path / "lines")]
        done = subprocess.run(command, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}, capture_output=True, check=True)
        assert done.stdout == frame.data
        assert read_frame(done.stdout) == frame
        assert frame.sha256 == hashlib.sha256(done.stdout).hexdigest()
        assert frame.count == done.stdout.count(b"\n")


def test_a_ticket_written_out_by_the_rule():
    inner = hashlib.sha256(SEED.encode()).hexdigest()
    assert ticket(SEED, b"RIV-2026-00007") == hashlib.sha256((inner + "RIV-2026-00007").encode()).hexdigest()


def test_a_leading_nought_is_another_seed():
    assert draw(FRAME, "0" + SEED[1:], 40) == draw(FRAME, SEED, 40)
    assert draw(FRAME, SEED.lstrip("0"), 40) != draw(FRAME, SEED, 40)


def test_more_are_drawn_by_going_on_and_all_of_it_is_each_once():
    whole = draw(FRAME, SEED, 99)
    assert sorted(whole) == [reference.decode() for reference in FRAME.references]
    assert [draw(FRAME, SEED, n) for n in range(41)] == [whole[:n] for n in range(41)]


@pytest.mark.parametrize(
    ("data", "why", "line"),
    [
        (b"", "empty", None),
        (b"\n", "this line is empty", 1),
        (b"a\n\nb\n", "this line is empty", 2),
        (b"a\nb", "no line feed at its end", 2),
        (b"a\r\nb\r\n", "CR LF", 1),
        (b"b\na\n", "not in the order of bytes", 2),
        (b"a\nb\nb\n", "stands there twice", 3),
        (b"a\nB\n", "not in the order of bytes", 2),  # as a locale would sort it
        ("é\nz\n".encode(), "not in the order of bytes", 2),
        (b"10\n9\n100\n", "not in the order of bytes", 3),
        (b"a\n\xff\n", "not UTF-8", 2),
        ("é".encode("latin-1") + b"\n", "not UTF-8", 1),
        (b"a\0\n", "NUL", 1),
        (b"\xef\xbb\xbfa\n", "byte order mark", 1),
    ],
)
def test_what_is_not_a_frame_is_refused_with_why(data, why, line):
    with pytest.raises(FrameError, match=why) as refused:
        read_frame(data)
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("references", "why"),
    [([], "empty"), (["a\nb"], "line break"), (["a", ""], "is empty"), (["\ud800"], "half a char")],
)
def test_what_cannot_stand_in_a_frame_is_refused(references, why):
    with pytest.raises(FrameError, match=why):
        make_frame(references)


@pytest.mark.parametrize(("seed", "n"), [("", 1), ("1\0", 1), (SEED, -1)])
def test_what_nothing_can_be_drawn_by_is_refused(seed, n):
    with pytest.raises(SeedError):
        draw(FRAME, seed, n)


def test_a_usual_seed_is_20_digits():
    assert is_usual_seed(SEED)
    assert not any(map(is_usual_seed, [SEED[1:], SEED + "0", " " + SEED[1:], SEED + "\n", "\u0661" * 20, ""]))


def spotcheck(frame: Path, seed: str, n: int) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("spotcheck_draw", "--frame", str(frame), f"--seed={seed}", "-n", str(n), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_draws_and_says_from_what(tmp_path):
    path = tmp_path / "frame.txt"
    path.write_bytes(FRAME.data)
    out, err = spotcheck(path, SEED, 5)
    assert out.encode() == as_file(draw(FRAME, SEED, 5))
    assert err == f"Frame: 40 references, SHA-256 {FRAME.sha256}\n"
    _, err = spotcheck(path, "dice", 41)
    assert "The seed is not 20 digits" in err
    assert "holds only 40" in err


def test_the_command_refuses_what_is_no_frame(tmp_path):
    path = tmp_path / "frame.txt"
    path.write_bytes(b"b\na\n")
    with pytest.raises(CommandError, match="Line 2: this is not in the order of bytes"):
        spotcheck(path, SEED, 1)
    with pytest.raises(CommandError, match="can't be read: No such file"):
        spotcheck(tmp_path / "none.txt", SEED, 1)
    path.write_bytes(FRAME.data)
    with pytest.raises(CommandError, match="There is no seed"):
        spotcheck(path, "", 1)


def test_the_command_gives_the_frames_own_bytes_whatever_the_terminal(tmp_path, settings):
    """As a process of its own, on a terminal that can't say é, with a seed that is no UTF-8."""
    path = tmp_path / "frame.txt"
    frame = make_frame(["é 1", "Ж\r2", "\\n3"])
    path.write_bytes(frame.data)
    command = [sys.executable, "manage.py", "spotcheck_draw", "--frame", path, b"--seed=\xff0", "-n", "3"]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin", "POSTROOM_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        check=True,
        timeout=120,
    )
    seed_hash = hashlib.sha256(b"\xff0").hexdigest().encode()
    tickets = sorted((hashlib.sha256(seed_hash + line).hexdigest(), line) for line in frame.references)
    assert done.stdout == b"".join(line + b"\n" for _, line in tickets)
