"""Three hundred files that aren't what they say, aren't whole, or would do something: name, bytes, code expected.

`name` is what a sender might call it. Several codes, parted by "|", where more than one reason is right.
"""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO

import pikepdf
from PIL import Image

from postroom.uploads.kinds import MB
from postroom.uploads.tests import samples

Case = tuple[str, bytes, str]
ANYTHING = "foreign|unknown|damaged|empty|markup|acts|locked|swollen|pixels|pages|page_size|large|moving|long|kind"


@cache
def _bomb() -> bytes:
    """400 MB of nothing, in 400 kB."""
    return zlib.compress(bytes(400 * MB), 9)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _empty()
    yield from _renamed()
    yield from _cut()
    yield from _pdf()
    yield from _word()
    yield from _pictures()
    yield from _audio()
    yield from _markup()
    yield from _large()
    yield from _noise()


def light_cases() -> Iterator[Case]:
    """Those that are small to make and harmless to open: empty, renamed, cut short, source of pages."""
    yield from _empty()
    yield from _renamed()
    yield from _cut()
    yield from _markup()


def _empty() -> Iterator[Case]:
    for name in ("empty.pdf", "empty.docx", "empty.jpg", "empty.mp3", "empty.txt"):
        yield name, b"", "empty"
    yield "blank.txt", b" \r\n\t\n", "empty"
    yield "nought.pdf", bytes(5000), "empty"


def _renamed() -> Iterator[Case]:
    """Something else under a name that is taken."""
    foreign = {
        "program": b"MZ" + bytes(200),
        "linux": b"\x7fELF\x02\x01\x01" + bytes(200),
        "mac": b"\xcf\xfa\xed\xfe" + bytes(200),
        "java": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(90),
        "shell": b"#!/bin/sh\nrm -rf /\n",
        "python": b"#!/usr/bin/env python3\nimport os\n",
        "rtf": rb"{\rtf1\ansi Dear Ms Sample}",
        "postscript": b"%!PS-Adobe-3.0\n(x) run",
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(60),
        "rar": b"Rar!\x1a\x07\x01\0" + bytes(60),
        "gz": b"\x1f\x8b\x08" + bytes(60),
        "flac": b"fLaC" + bytes(60),
        "amr": b"#!AMR\n" + bytes(60),
        "wma": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(60),
        "webm": b"\x1a\x45\xdf\xa3" + bytes(60),
        "avi": b"RIFF" + struct.pack("<I", 90) + b"AVI LIST" + bytes(80),
        "sqlite": b"SQLite format 3\0" + bytes(90),
        "lnk": b"L\0\0\0\x01\x14\x02\0" + bytes(60),
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60),
        "avif": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(60),
        "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000),
    }
    for image in ("GIF", "WEBP", "BMP", "TIFF"):
        out = BytesIO()
        Image.new("RGB", (40, 30)).save(out, image)
        foreign[image.lower()] = out.getvalue()
    for what, data in foreign.items():
        for ending in ("pdf", "docx", "jpg"):
            yield f"{what}.{ending}", data, "foreign"


def _cut() -> Iterator[Case]:
    """Cut short at many places."""
    rng = random.Random("cut")
    whole = {
        "pdf": samples.pdf(3),
        "docx": samples.word(),
        "jpg": samples.picture(),
        "png": samples.picture("PNG"),
        "mp3": samples.mp3(),
        "wav": samples.wav(0.3),
        "ogg": samples.ogg(),
        "m4a": samples.m4a(),
    }
    for ending, data in whole.items():
        places = [rng.randrange(60, len(data) - 8) for _ in range(7)] + [len(data) // 2]
        for place in places:
            # A few bytes of a recording are no frame: what is left may be nothing at all.
            yield f"cut at {place}.{ending}", data[:place], "damaged|empty|unknown"


def _pdf() -> Iterator[Case]:
    def made(change, **options) -> bytes:
        document = pikepdf.open(BytesIO(samples.pdf()))
        change(document)
        return samples.saved(document, **options)

    def action(**keys):
        return lambda d: d.Root.__setitem__("/OpenAction", pikepdf.Dictionary(**keys))

    def on_page(key, value):
        return lambda d: d.pages[0].obj.__setitem__(key, value)

    name = pikepdf.Name
    script = pikepdf.Dictionary(S=name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    yield "script on opening.pdf", made(action(S=name.JavaScript, JS=pikepdf.String("app.alert(1)"))), "acts"
    yield "starts a program.pdf", made(action(S=name.Launch, F=pikepdf.String("cmd.exe"))), "acts"
    yield "submits.pdf", made(action(S=name.SubmitForm, F=pikepdf.String("http://example.com"))), "acts"
    yield "imports.pdf", made(action(S=name.ImportData, F=pikepdf.String("x"))), "acts"
    yield "script on a page.pdf", made(on_page("/AA", pikepdf.Dictionary(O=script))), "acts"
    named = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), script])))
    yield "named script.pdf", made(lambda d: d.Root.__setitem__("/Names", named)), "acts"
    yield (
        "xfa.pdf",
        made(lambda d: d.Root.__setitem__("/AcroForm", pikepdf.Dictionary(XFA=pikepdf.String("x")))),
        "acts",
    )
    for subtype in ("RichMedia", "Movie", "Sound", "3D"):
        annotation = pikepdf.Dictionary(Type=name.Annot, Subtype=name(f"/{subtype}"), Rect=[0, 0, 9, 9])
        yield f"{subtype}.pdf", made(on_page("/Annots", pikepdf.Array([annotation]))), "acts"

    def attach(document) -> None:
        document.attachments["evil.exe"] = b"MZ" + bytes(50)

    yield "attachment.pdf", made(attach), "acts"
    for level in (2, 4, 6):
        lock = pikepdf.Encryption(owner="o", user="u", R=level, aes=level > 3, metadata=level > 3)
        yield f"locked, {level}.pdf", made(lambda d: None, encryption=lock), "locked"
        lock = pikepdf.Encryption(owner="o", user="", R=level, aes=level > 3, metadata=level > 3)
        yield f"against changes, {level}.pdf", made(lambda d: None, encryption=lock), "locked"
    yield "no pages.pdf", samples.saved(pikepdf.new()), "empty|damaged"
    yield "too many pages.pdf", samples.pdf(201), "pages"
    yield "a wall.pdf", samples.pdf(size=(14000, 14000)), "page_size"
    yield "a speck.pdf", samples.pdf(size=(3, 3)), "page_size"

    def swell(document) -> None:
        document.pages[0].Contents = pikepdf.Stream(document, _bomb(), Filter=name.FlateDecode)

    yield "swells.pdf", made(swell, recompress_flate=False), "swollen"

    def swell_twice(document) -> None:
        filters = pikepdf.Array([name.FlateDecode, name.FlateDecode])
        document.pages[0].Contents = pikepdf.Stream(document, zlib.compress(_bomb(), 9), Filter=filters)

    yield "swells twice.pdf", made(swell_twice, recompress_flate=False), "swollen"

    def huge_picture(document) -> None:
        image = pikepdf.Stream(document, b"\0" * 10, Type=name.XObject, Subtype=name.Image, Width=90000, Height=90000)
        document.pages[0].Resources.XObject = pikepdf.Dictionary(X=document.make_indirect(image))

    yield "huge picture.pdf", made(huge_picture), "pixels"
    whole = samples.pdf(2)
    yield "head alone.pdf", b"%PDF-1.7\n", "damaged"
    yield "head and text.pdf", b"%PDF-1.7\nDear Ms Sample\n%%EOF\n", "damaged"
    yield "web page before.pdf", b"<html><script>alert(1)</script>" + whole, "markup|unknown"
    yield "zip before.pdf", samples.word() + whole, "damaged|foreign"
    yield "index gone.pdf", whole.replace(b"startxref", b"startxxxx"), "damaged"
    yield "catalogue gone.pdf", whole.replace(b"/Root", b"/Rxxt"), "damaged"
    yield "pages gone.pdf", whole.replace(b"/Kids", b"/Kxds"), "damaged|empty"


def _word() -> Iterator[Case]:
    good = samples.word()
    main = samples.MEDIA_TYPE_MAIN.encode()

    def main_as(kind: str) -> bytes:
        return samples.changed_zip(good, replace={"[Content_Types].xml": (main, kind.encode())})

    office = "application/vnd.openxmlformats-officedocument"
    yield "macros.docx", samples.changed_zip(good, add={"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "acts"
    yield "macros elsewhere.docx", samples.changed_zip(good, add={"word/x/VBAPROJECT.bin": b"x"}), "acts"
    yield "docm.docx", main_as("application/vnd.ms-word.document.macroEnabled.main+xml"), "acts"
    yield "dotx.docx", main_as(f"{office}.wordprocessingml.template.main+xml"), "foreign"
    yield "xlsx.docx", main_as(f"{office}.spreadsheetml.sheet.main+xml"), "foreign"
    yield "pptx.docx", main_as(f"{office}.presentationml.slides"), "foreign"
    yield "activex.docx", samples.changed_zip(good, add={"word/activeX/activeX1.xml": b"<a/>"}), "acts"
    for inner in ("oleObject1.bin", "x.exe", "sheet.xlsx"):
        yield f"carries {inner}.docx", samples.changed_zip(good, add={f"word/embeddings/{inner}": b"x"}), "acts"
    for inner in ("a.js", "a.vbs", "a.hta", "a.html", "media/a.svg", "a.dll"):
        yield f"carries {inner}.docx", samples.changed_zip(good, add={f"word/{inner}": b"x"}), "acts"
    relation = (
        b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
        b'Target="http://example.com/x" TargetMode="External"/></Relationships>'
    )
    for kind in (b"attachedTemplate", b"image", b"oleObject", b"frame", b"subDocument", b"aFChunk"):
        fetched = {"word/_rels/document.xml.rels": (b"</Relationships>", relation % kind)}
        yield f"fetches {kind.decode()}.docx", samples.changed_zip(good, replace=fetched), "acts"
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    yield "entities.docx", samples.changed_zip(good, add={"word/more.xml": laughs}), "acts"
    yield (
        "entities in utf-16.docx",
        samples.changed_zip(good, add={"word/m.xml": laughs.decode().encode("utf-16-le")}),
        "acts",
    )
    yield (
        "outside entity.docx",
        samples.changed_zip(good, add={"word/m.xml": b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'}),
        "acts",
    )
    yield "zip bomb.docx", samples.changed_zip(good, add={"word/media/a.bin": bytes(130 * MB)}), "swollen"
    yield (
        "many bombs.docx",
        samples.changed_zip(good, add={f"word/media/{n}.bin": bytes(14 * MB) for n in range(10)}),
        "swollen",
    )
    yield "too many parts.docx", samples.changed_zip(good, add={f"word/{n}.txt": b"" for n in range(2100)}), "swollen"
    yield (
        "locked.docx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
        "locked",
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("letter.txt", "Dear Ms Sample")
    plain_zip = out.getvalue()
    yield "a zip.docx", plain_zip, "foreign"
    yield "a zip.pdf", plain_zip, "foreign"
    yield "an empty zip.docx", b"PK\x05\x06" + bytes(18), "foreign"
    yield "no document.docx", samples.changed_zip(plain_zip, add={"[Content_Types].xml": main}), "damaged"
    yield "types say nothing.docx", samples.changed_zip(plain_zip, add={"[Content_Types].xml": b"<Types/>"}), "foreign"
    lying = bytearray(good)
    # Every "password" flag in the list of parts.
    place = lying.find(b"PK\x01\x02")
    while place >= 0:
        lying[place + 8] |= 1
        place = lying.find(b"PK\x01\x02", place + 4)
    yield "packed with a password.docx", bytes(lying), "locked"
    rng = random.Random("word")
    for number in range(8):
        broken = bytearray(good)
        start = good.find(b"word/document.xml") + 60
        for _ in range(200):
            broken[start + rng.randrange(400)] = rng.randrange(256)
        yield f"scratched {number}.docx", bytes(broken), "damaged"


def _png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = data or zlib.compress(bytes(64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _pictures() -> Iterator[Case]:
    yield "bomb.png", _png(60000, 60000, zlib.compress(bytes(4 * MB), 9)), "pixels"
    yield "taller than wide.png", _png(2, 2_000_000_000), "pixels|damaged"
    yield "no width.png", _png(0, 40), "damaged"
    yield "a dot.png", _png(2, 2, zlib.compress(bytes(4))), "empty"
    yield "head alone.png", b"\x89PNG\r\n\x1a\n", "damaged"
    yield "another head.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dXXXX" + bytes(40), "damaged"
    frames = [Image.new("RGB", (40, 40), (n * 60, 0, 0)) for n in range(3)]
    out = BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    yield "moving.png", out.getvalue(), "moving"
    good = samples.picture(quality=95)
    yield "end alone.jpg", b"\xff\xd8\xff\xd9", "damaged"
    yield "head alone.jpg", good[:20], "damaged"
    for start in (b"\xff\xd8\xff<script>alert(1)</script>", b"\xff\xd8\xff\xe0\0\x10JFIF" + b"<svg onload=x>" * 20):
        yield "script.jpg", start + b"\xff\xd9", "damaged"
    yield "size of a house.jpg", _jpeg_says(good, 65000, 65000), "pixels|damaged"
    for ending in ("jpg", "png"):
        yield f"program with a head.{ending}", b"\xff\xd8\xff" + b"MZ" * 400, "damaged"


def _jpeg_says(data: bytes, width: int, height: int) -> bytes:
    place = data.find(b"\xff\xc0")
    return data[: place + 5] + struct.pack(">HH", height, width) + data[place + 9 :]


def _audio() -> Iterator[Case]:
    yield "film.m4a", samples.m4a(b"vide"), "foreign"
    yield "no tracks.m4a", samples.m4a(b"text"), "damaged"
    yield "no length.m4a", samples.m4a(seconds=0), "empty"
    yield "four hours.m4a", samples.m4a(seconds=4 * 3600), "long"
    yield "head alone.m4a", samples.box(b"ftyp", b"M4A \0\0\0\0"), "damaged"
    yield "box without end.m4a", samples.box(b"ftyp", b"M4A \0\0\0\0") + struct.pack(">I4s", 2**31, b"moov"), "damaged"
    yield "silence.wav", samples.wav(0.0), "empty"
    yield "says more.wav", samples.wav(0.1).replace(b"data", b"data\xff\xff\xff\x7f", 1), "damaged"
    yield "no format.wav", b"RIFF\x24\0\0\0WAVEdata\x04\0\0\0abcd", "damaged"
    yield "odd format.wav", samples.wav(0.1).replace(b"fmt \x10\0\0\0\x01\0", b"fmt \x10\0\0\0\x99\x99"), "damaged"
    yield "tags alone.mp3", b"ID3\x04\0\0\0\0\0\x0a" + bytes(10), "damaged"
    yield "web page in tags.mp3", b"ID3\x04\0\0\0\0\0\x40" + b"<script>alert(1)</script>" * 9, "damaged"
    yield "frames, then a program.mp3", samples.mp3(5) + b"MZ" + bytes(900), "damaged"
    yield "two frames.mp3", samples.mp3(2), "damaged"
    yield "odd tag size.mp3", b"ID3\x04\0\0\xff\xff\xff\xff" + bytes(50), "damaged"
    yield "film in ogg.ogg", samples.ogg().replace(b"OpusHead", b"\x80theora_"), "foreign"
    yield "end missing.ogg", samples.ogg().replace(b"OggS\0\x04", b"OggS\0\0"), "damaged"
    yield "page lost.ogg", samples.ogg().replace(b"OggS\0\0", b"OXXS\0\0", 1), "damaged"
    yield "head alone.ogg", b"OggS", "damaged"


def _markup() -> Iterator[Case]:
    """Scripts inside SVG and HTML, whatever they are called."""
    sources = [
        '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        "<!-- harmless --><svg/>",
        "<!DOCTYPE html><html><script>alert(1)</script></html>",
        "<html><body onload=alert(1)></body></html>",
        "<script>alert(document.cookie)</script>",
        "<iframe src=javascript:alert(1)></iframe>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">letter</a>',
        "\n\n   <HTML><SCRIPT>alert(1)</SCRIPT>",
        "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    ]
    for number, source in enumerate(sources, 1):
        for ending, encoding in (("txt", "utf-8"), ("jpg", "utf-8-sig"), ("pdf", "utf-16")):
            yield f"source {number}.{ending}", source.encode(encoding), "markup"


def _large() -> Iterator[Case]:
    yield "huge.pdf", b"%PDF-1.7\n" + bytes(21 * MB), "large"
    yield "huge.docx", b"PK\x03\x04" + bytes(11 * MB), "large"
    yield "huge.jpg", b"\xff\xd8\xff" + bytes(21 * MB), "large"
    yield "huge.txt", b"Dear Ms Sample. " * (MB // 16), "large"
    yield "huge.wav", b"RIFF\0\0\0\0WAVE" + bytes(51 * MB), "large"


def _noise() -> Iterator[Case]:
    """Bytes at random, with and without a beginning that lies."""
    rng = random.Random("noise")
    starts = [
        b"",
        b"%PDF-1.4\n",
        b"PK\x03\x04",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"OggS\0",
        b"ID3\x03",
        b"RIFF",
    ]
    for start in starts:
        for number in range(6):
            yield f"noise {number}.bin", start + rng.randbytes(rng.randrange(50, 4000)), ANYTHING
