"""A photo or a scan, drawn anew: upright, without what the camera wrote into it (place, time, make). Pure."""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from postroom.uploads.kinds import Checked, Kind, Refused

MAX_PIXELS = 120_000_000  # an A4 sheet at 600 dpi has 35 million
LONGEST_SIDE = 4000  # of what is kept; A4 at 340 dpi
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
_DAMAGED = "This picture can't be opened; it may be damaged or cut off. Take or save it anew and try again."
_TOO_LARGE = "This picture has more dots than a scanned sheet can have. Scan it at 300 dpi."


def examine(data: bytes) -> Checked:
    """The picture drawn anew as the same format. Raises Refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=list(_TYPES)) as image:
                kind = str(image.format)
                if image.width * image.height > MAX_PIXELS:
                    raise Refused("pixels", _TOO_LARGE)
                if min(image.size) < 8:
                    raise Refused("empty", "This picture is too small to show anything. Choose the right one.")
                if getattr(image, "n_frames", 1) > 1 and kind == "PNG":
                    raise Refused("moving", "This is a moving picture. Save one picture of it as PNG or JPEG.")
                _whole(data, kind)
                image.load()
                return Checked(Kind.PICTURE, _TYPES[kind], _anew(image, kind), pages=1)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("pixels", _TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise Refused("damaged", _DAMAGED) from error
    except Exception as error:  # a spoilt picture can raise anything; here it can do no more
        raise Refused("damaged", _DAMAGED) from error


def _whole(data: bytes, kind: str) -> None:
    """Looked at by hand: WeasyPrint tells Pillow, for the whole process, to load what is cut off as if whole."""
    end = data.find(b"IEND") if kind == "PNG" else data.rfind(b"\xff\xd9")
    start = 0 if kind == "PNG" else data.rfind(b"\xff\xda")
    if end < start or end < 0:
        raise Refused("damaged", _DAMAGED)


def _anew(image: Image.Image, kind: str) -> bytes:
    """The dots alone, turned as the camera was held, no larger than a sheet needs."""
    upright = ImageOps.exif_transpose(image)
    keep = {"1", "L", "RGB"} if kind == "JPEG" else {"1", "L", "LA", "RGB", "RGBA"}
    mode = upright.mode if upright.mode in keep else "RGB" if kind == "JPEG" else "RGBA"
    plain = upright.convert(mode)
    if max(plain.size) > LONGEST_SIDE:
        if plain.mode == "1":
            plain = plain.convert("L")
        plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain.info = {}
    out = BytesIO()
    if kind == "JPEG":
        plain.convert("L" if plain.mode == "1" else plain.mode).save(out, "JPEG", quality=88, optimize=True)
    else:
        plain.save(out, "PNG")
    return out.getvalue()
