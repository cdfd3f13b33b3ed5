"""A dictation, known by how it is built inside: MP3, M4A, WAV, OGG; whole, and sound alone. Pure."""

from __future__ import annotations

import struct

from postroom.uploads.kinds import Checked, Kind, Refused

MAX_SECONDS = 3 * 3600
_DAMAGED = "This recording can't be played; it may be damaged or cut off. Save it anew and try again."
_BITRATES = {
    (3, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (3, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (2, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def examine(data: bytes) -> Checked:
    """The recording as it is, with its length. Raises Refused."""
    try:
        if data[:4] == b"RIFF":
            media_type, seconds = "audio/wav", _wav(data)
        elif data[:4] == b"OggS":
            media_type, seconds = "audio/ogg", _ogg(data)
        elif data[4:8] == b"ftyp":
            media_type, seconds = "audio/mp4", _mp4(data)
        else:
            media_type, seconds = "audio/mpeg", _mp3(data)
    except (struct.error, IndexError, ZeroDivisionError, OverflowError) as error:
        raise Refused("damaged", _DAMAGED) from error
    if seconds <= 0:
        raise Refused("empty", "There is no sound in this recording. Choose it again, or record it anew.")
    if seconds > MAX_SECONDS:
        raise Refused("long", "This recording is longer than three hours. Hand in the dictation of this letter alone.")
    return Checked(Kind.AUDIO, media_type, data, seconds=max(1, -int(-seconds // 1)))


def _damaged() -> Refused:
    return Refused("damaged", _DAMAGED)


def _wav(data: bytes) -> float:
    place, rate, length = 12, 0, None
    while place + 8 <= len(data):
        name, size = data[place : place + 4], struct.unpack_from("<I", data, place + 4)[0]
        if name == b"fmt ":
            code, _, _, rate = struct.unpack_from("<HHII", data, place + 8)
            if code not in (1, 3, 6, 7, 17, 49, 85, 0xFFFE):
                raise _damaged()
        if name == b"data":
            if place + 8 + size > len(data):
                raise _damaged()
            length = size
        place += 8 + size + size % 2
    if not rate or length is None:
        raise _damaged()
    return float(length / rate)


def _ogg(data: bytes) -> float:
    """Walks every page: each begins with its mark, the last says it is the last."""
    place, last, granule, rate, skip = 0, 0, 0, 0, 0
    while place < len(data):
        if data[place : place + 4] != b"OggS" or data[place + 4] != 0:
            raise _damaged()
        last = data[place + 5]
        at = struct.unpack_from("<q", data, place + 6)[0]
        granule = at if at > granule else granule
        count = data[place + 26]
        start = place + 27 + count
        size = sum(data[place + 27 : start])
        body = data[start : start + size]
        if len(body) < size:
            raise _damaged()
        if place == 0:
            if body.startswith(b"OpusHead"):
                rate, skip = 48000, struct.unpack_from("<H", body, 10)[0]
            elif body.startswith(b"\x01vorbis"):
                rate = struct.unpack_from("<I", body, 12)[0]
            elif body.startswith(b"Speex   "):
                rate = struct.unpack_from("<I", body, 36)[0]
            else:
                raise Refused("foreign", "This OGG file is no recording that can be played here. Save it as MP3.")
        place = start + size
    if not last & 4:
        raise _damaged()
    return max(granule - skip, 0) / rate


def _boxes(data: bytes, start: int, end: int) -> dict[bytes, list[tuple[int, int]]]:
    """The boxes between two places: name → where their insides begin and end. Raises Refused where one is cut off."""
    found: dict[bytes, list[tuple[int, int]]] = {}
    while start + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, start + 8)[0], 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            raise _damaged()
        found.setdefault(name, []).append((start + head, start + size))
        start += size
    return found


def _mp4(data: bytes) -> float:
    top = _boxes(data, 0, len(data))
    if b"moov" not in top or (b"mdat" not in top and b"moof" not in top):
        raise _damaged()
    moov = _boxes(data, *top[b"moov"][0])
    handlers = set()
    for track in moov.get(b"trak", []):
        for media in _boxes(data, *track).get(b"mdia", []):
            for handler, _ in _boxes(data, *media).get(b"hdlr", []):
                handlers.add(data[handler + 8 : handler + 12])
    if b"vide" in handlers:
        raise Refused("foreign", "This is a film. Save the sound alone, as M4A or MP3.")
    if b"soun" not in handlers or b"mvhd" not in moov:
        raise _damaged()
    place = moov[b"mvhd"][0][0]
    if data[place] == 1:
        scale, length = struct.unpack_from(">IQ", data, place + 20)
    else:
        scale, length = struct.unpack_from(">II", data, place + 12)
    # A recording in pieces says its length in each of them only.
    return float(length / scale) if length else (1.0 if b"moof" in top else 0.0)


def _mp3(data: bytes) -> float:
    """Walks every frame; a little may follow the last (tags), nothing else may lie between them."""
    place = 0
    if data[:3] == b"ID3":
        size = 0
        for byte in data[6:10]:
            if byte & 0x80:
                raise _damaged()
            size = size << 7 | byte
        place = 10 + size
    frames, seconds = 0, 0.0
    while place + 4 <= len(data):
        frame = _mp3_frame(data, place)
        if frame is None:
            break
        size, length = frame
        if place + size > len(data):
            raise _damaged()
        place, frames, seconds = place + size, frames + 1, seconds + length
    rest = data[place:]
    tags = rest.startswith((b"TAG", b"APETAGEX", b"LYRICS", b"3DI")) or not rest.strip(b"\0")
    if frames < 3 or not tags:
        raise _damaged()
    return seconds


def _mp3_frame(data: bytes, place: int) -> tuple[int, float] | None:
    """Bytes and seconds of the frame at this place; None if there is none."""
    one, two, three = data[place], data[place + 1], data[place + 2]
    version, layer = two >> 3 & 3, 4 - (two >> 1 & 3)
    if one != 0xFF or two & 0xE0 != 0xE0 or version == 1 or layer not in (2, 3):
        return None
    rate_index, bit_index = three >> 2 & 3, three >> 4
    if rate_index == 3 or bit_index in (0, 15):
        return None
    table = _BITRATES[(3 if version == 3 else 2, 1 if layer == 3 else 2)]
    rate, bits = _RATES[version][rate_index], table[bit_index] * 1000
    samples = 576 if layer == 3 and version != 3 else 1152
    return samples // 8 * bits // rate + (three >> 1 & 1), samples / rate
