"""The gate: what is what it says gets in; three hundred files that aren't each get a sentence, and nothing stays."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from postroom.uploads import Kind, Refused, UploadField, check_upload, gate
from postroom.uploads.clamd import ScannerDown, scan
from postroom.uploads.examine import examine
from postroom.uploads.tests import samples
from postroom.uploads.tests.bad_files import cases
from tests.support.clamd import scanner

EVERYTHING = tuple(Kind)
BAD = list(cases())
GOOD: dict[str, tuple[bytes, Kind, str]] = {
    "pdf": (samples.pdf(3), Kind.PDF, "application/pdf"),
    "word": (samples.word(), Kind.WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "jpeg": (samples.picture(), Kind.PICTURE, "image/jpeg"),
    "png": (samples.picture("PNG"), Kind.PICTURE, "image/png"),
    "mp3": (samples.mp3(), Kind.AUDIO, "audio/mpeg"),
    "mp3 without tags": (samples.mp3()[20:], Kind.AUDIO, "audio/mpeg"),
    "wav": (samples.wav(), Kind.AUDIO, "audio/wav"),
    "ogg": (samples.ogg(), Kind.AUDIO, "audio/ogg"),
    "m4a": (samples.m4a(), Kind.AUDIO, "audio/mp4"),
    "text": ("Dear Zoë,\r\nwe met.".encode(), Kind.TEXT, "text/plain"),
    "text of Windows": ("Dear Zoë – we met".encode("cp1252"), Kind.TEXT, "text/plain"),
    "text of Notepad": ("Dear Zoë".encode("utf-16"), Kind.TEXT, "text/plain"),
    "text that speaks of markup": (b"Use <script> tags? No.", Kind.TEXT, "text/plain"),
}


def test_there_are_three_hundred() -> None:
    assert len(BAD) >= 300
    assert len({name for name, _, _ in BAD}) > 280


# A soak tries all three hundred; `make test` a hundred of them, drawn by a fixed seed.
TRIED = range(len(BAD)) if os.environ.get("POSTROOM_SOAK") else sorted(random.Random(300).sample(range(len(BAD)), 100))


@pytest.mark.parametrize("name", GOOD)
def test_what_is_what_it_says_gets_in(name: str) -> None:
    data, kind, media_type = GOOD[name]
    checked = check_upload(data, allow=EVERYTHING)
    assert (checked.kind, checked.media_type, checked.scanned) == (kind, media_type, False)
    if kind is not Kind.PICTURE:
        assert checked.data == data, "kept byte for byte"
    if kind is Kind.AUDIO:
        assert checked.seconds >= 1
    assert checked.pages == {"pdf": 3, "jpeg": 1, "png": 1}.get(name, 0)


@pytest.mark.parametrize("number", TRIED, ids=lambda n: BAD[n][0])
def test_a_bad_file_gets_one_sentence(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never another error; a sentence that says what to do; nothing written anywhere."""
    monkeypatch.chdir(tmp_path)
    _, data, codes = BAD[number]
    with pytest.raises(Refused) as refused:
        examine(data, EVERYTHING)
    assert refused.value.code in codes.split("|"), str(refused.value)
    sentence = str(refused.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert ". " in sentence or "; " in sentence or "," in sentence, "says what to do next as well"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", range(0, len(BAD), 11), ids=lambda n: BAD[n][0])
def test_the_same_in_a_process_of_its_own(number: int) -> None:
    _, data, codes = BAD[number]
    with pytest.raises(Refused) as refused:
        check_upload(data, allow=EVERYTHING)
    assert refused.value.code in codes.split("|"), str(refused.value)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_not_asked_for_is_told_what_is(kind: Kind) -> None:
    data = next(data for data, of, _ in GOOD.values() if of is kind)
    for allow in ((other,) for other in Kind if other is not kind):
        with pytest.raises(Refused, match="Hand in") as refused:
            examine(data, allow)
        assert refused.value.code == "kind"


def test_a_photo_loses_what_the_camera_wrote_and_stands_upright() -> None:
    image = Image.new("RGB", (60, 40), (200, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (53.0, 28.0, 12.0)  # where
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"taken at home")
    checked = check_upload(out.getvalue(), allow=(Kind.PICTURE,))
    assert b"SecretCamera" in out.getvalue()
    assert b"SecretCamera" not in checked.data
    assert b"taken at home" not in checked.data
    with Image.open(BytesIO(checked.data)) as kept:
        assert kept.size == (40, 60)
        assert not dict(kept.getexif())


def test_a_script_behind_a_picture_is_gone() -> None:
    for kind in ("JPEG", "PNG"):
        data = samples.picture(kind) + b"<script>alert(1)</script>"
        assert b"<script" not in check_upload(data, allow=(Kind.PICTURE,)).data


def test_a_child_that_is_killed_or_never_ends_refuses_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for boot in ("import os; os.kill(os.getpid(), 9)", "print('nonsense')", "import time; time.sleep(60)"):
        monkeypatch.setattr(gate, "_BOOT", boot)
        monkeypatch.setattr(gate, "SECONDS", 1.0)
        with pytest.raises(Refused) as refused:
            check_upload(samples.pdf(), allow=(Kind.PDF,))
        assert refused.value.code == "swollen"


def test_the_child_knows_no_secret_and_can_write_no_file(tmp_path: Path) -> None:
    assert not {"SECRET_KEY", "DATABASE_URL", "LEDGER_SIGNING_KEY"} & set(gate._environment())
    code = gate._BOOT.replace(
        "main()",
        f"main.__globals__['examine'] = lambda *a: open({str(tmp_path / 'x')!r}, 'wb').write(b'1' * 99); main()",
    )
    folder = str(Path(gate.__file__).resolve().parent.parent)
    done = subprocess.run([sys.executable, "-c", code, folder, "pdf"], input=b"x", capture_output=True, check=False)
    assert done.returncode != 0
    assert not (tmp_path / "x").exists() or (tmp_path / "x").read_bytes() == b""


def test_the_field_gives_the_checked_file_or_the_sentence() -> None:
    field = UploadField(allow=(Kind.PDF, Kind.PICTURE), required=False)
    assert "A PDF or a picture (JPEG or PNG), at most 20 MB." in field.help_text
    assert field.clean(None) is None
    assert field.clean(SimpleUploadedFile("x.exe", samples.pdf())).pages == 1
    for name, data, code in (("a.pdf", b"", "empty"), ("b.pdf", b"MZ" + bytes(99), "foreign")):
        with pytest.raises(ValidationError) as refused:
            field.clean(SimpleUploadedFile(name, data))
        assert refused.value.code == code


def test_more_than_can_be_taken_is_told_without_being_read() -> None:
    class Huge:
        size = 80 * 1024 * 1024

        def read(self, most: int = -1) -> bytes:
            raise AssertionError("read")

    with pytest.raises(Refused, match=r"80\.0 MB; at most 20 MB"):
        check_upload(Huge(), allow=(Kind.PDF,))


@pytest.fixture
def clamd(settings: Any) -> Any:
    with scanner(settings) as server:
        yield server


def test_a_scanner_that_is_set_up_sees_the_very_bytes(clamd: Any) -> None:
    data = samples.pdf(2)
    assert check_upload(data, allow=(Kind.PDF,)).scanned
    assert clamd.got == data


def test_what_the_scanner_finds_is_refused(clamd: Any) -> None:
    with pytest.raises(Refused) as refused:
        check_upload(b"X5O!P%@AP EICAR-STANDARD-ANTIVIRUS", allow=(Kind.TEXT,))
    assert refused.value.code == "infected"


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"\0", b"nonsense\0"])
def test_a_scanner_without_a_clear_answer_refuses(clamd: Any, answer: bytes) -> None:
    clamd.answer = answer
    with pytest.raises(Refused) as refused:
        check_upload(samples.pdf(), allow=(Kind.PDF,))
    assert refused.value.code == "scanner"


@pytest.mark.parametrize("manner", ["silent", "trickling"])
def test_a_slow_scanner_holds_nobody_beyond_its_time(settings: Any, manner: str) -> None:
    """Also one that answers a byte now and then: the time is for all of it."""
    with scanner(settings, seconds=0.3) as server:
        server.manner = manner
        begun = time.monotonic()
        with pytest.raises(ScannerDown):
            scan(samples.pdf(), settings.CLAMD_URL, seconds=settings.CLAMD_SECONDS)
        assert time.monotonic() - begun < 1.0


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.ctl"])
def test_a_scanner_that_is_down_refuses(settings: Any, url: str) -> None:
    settings.CLAMD_URL = url
    with pytest.raises(Refused) as refused:
        check_upload(samples.pdf(), allow=(Kind.PDF,))
    assert refused.value.code == "scanner"
