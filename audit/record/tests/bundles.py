"""Bundles for tests: made, changed, and given to the verifier."""

import contextlib
import io
import json
import subprocess
import sys
import zipfile

from django.conf import settings

import verify_bundle
from audit.record.bundle import Wanted, write_bundle
from letters.models import Letter
from postroom.ledger.signing import sign
from postroom.outbox import carrier
from postroom.outbox.models import Job


def make(subjects=None, content_of=None, scope="everything"):
    out = io.BytesIO()
    wanted = Wanted(scope, subjects, content_of if content_of is not None else Letter.objects.none())
    if content_of is not None:
        wanted = Wanted(scope, subjects, content_of, with_content=True)
    write_bundle(out, wanted)
    return out.getvalue()


def run(data, tmp_path, *options):
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    command = [sys.executable, "-I", "-S", str(settings.BASE_DIR / "verify_bundle.py"), str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def here(data, tmp_path, *options):
    """The same in this process: quicker."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = verify_bundle.main([str(path), *options])
    return code, out.getvalue()


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, resign=False):
    """The parts as a bundle; `resign`: as somebody with another key could make it agree with itself."""
    if resign:
        import hashlib

        manifest = json.loads(parts["manifest.json"])
        manifest["files"] = {
            name: hashlib.sha256(raw).hexdigest() for name, raw in parts.items() if not name.startswith("manifest")
        }
        manifest = {**manifest, **(resign if isinstance(resign, dict) else {})}
        text = json.dumps(manifest, indent=1, sort_keys=True)
        parts = {**parts, "manifest.json": text.encode(), "manifest.sig": " ".join(sign(text)).encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
    return out.getvalue()


def changed(data, name, edit, resign=True):
    """The bundle with the lines of one file edited, and the manifest made to agree."""
    parts = parts_of(data)
    rows = [json.loads(line) for line in parts[name].splitlines()]
    edited = edit(rows)
    rows = edited if edited is not None else rows
    parts[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return packed(parts, resign)


def carry():
    for job in Job.objects.filter(kind="audit_bundle", state="owed"):
        carrier.carry(job.pk)
