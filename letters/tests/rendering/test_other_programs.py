"""The window proof on what a browser prints to PDF: Type 3 and TrueType fonts, its own way of placing text."""

import subprocess
from pathlib import Path

import pytest

from letters.rendering.stock import DL
from letters.rendering.window_proof import prove_window

PROJECT = Path(__file__).resolve().parents[3]
LINES = ("Ms Zo\u00eb Office-Fl\u00f6rsheim", "12 Sample Street", "SAMPLETON", "SE1 2QH")

PAGE = """<!doctype html><meta charset="utf-8"><style>
@page {{ size: A4; margin: 0 }} body {{ margin: 0; font: 10pt Arial }} div {{ position: absolute; left: 24mm }}
.address {{ top: {top}mm; line-height: 12pt }} .ref {{ top: {ref}mm }}
</style><div class="address">{lines}</div><div class="ref">Dear Ms Example</div>"""


@pytest.mark.browser
@pytest.mark.policy("OGP-4a")
@pytest.mark.parametrize(
    ("top", "ref", "code"), [(60, 100, None), (50, 100, "address_outside"), (60, 85, "other_text")]
)
def test_printed_by_a_browser(tmp_path, top, ref, code):
    found = subprocess.run([PROJECT / "tools" / "chromium"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("no Chromium here: run `make test`")
    source, made = tmp_path / "letter.html", tmp_path / "letter.pdf"
    source.write_text(PAGE.format(top=top, ref=ref, lines="<br>".join(LINES)), encoding="utf-8")
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"
    command = [
        found.stdout.strip(),
        *flags.split(),
        "--disable-component-update",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    command += ["--no-pdf-header-footer", f"--print-to-pdf={made}", source.as_uri()]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    proof = prove_window(made.read_bytes(), DL)
    assert {fault.code for fault in proof.faults} >= ({code} if code else set())
    assert proof.ok is (code is None), proof
    if code is None:
        assert proof.address == LINES
