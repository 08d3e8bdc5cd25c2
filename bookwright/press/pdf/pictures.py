"""Pictures as typst takes them fastest: JPEG, which it copies into the PDF as it is, no larger than print needs."""

import io
import math
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps

_ALL_PIXELS = 500_000_000
"""In all pictures of a book together. typst decodes each and keeps it, which takes three bytes a pixel."""
_LONGEST, _LEAST = 2_000, 600
"""Pixels of a picture's longer side; 2,000 are 250 to the inch on our pages."""
_MOST_PIXELS = 80_000_000  # below what Pillow itself warns about
_QUALITY = 88
_ORIENTATION = 0x0112
_END_OF_IMAGE = b"\xff\xd9"


class Placed(NamedTuple):
    """A picture in the scratch folder."""

    name: str
    width: int
    height: int


def longest_side(pages: int) -> int:
    """Pixels that a picture's longer side may have in a book of so many pages, for typst to find room for all."""
    return max(_LEAST, min(_LONGEST, math.isqrt(_ALL_PIXELS // max(pages, 1))))


def place(source: Path | bytes, folder: Path, stem: str, longest: int = _LONGEST) -> Placed | None:
    """Put a picture into `folder` as `stem`.jpg. A sound JPEG whose longer side has no more than `longest` pixels stays
    as it is, byte for byte; anything else is turned into such a one, transparency on white. None when it can't be
    decoded or has far too many pixels."""
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            target = folder / f"{stem}.jpg"
            if image.format == "JPEG" and _fits_as_it_is(image, longest):
                size = image.size
                if not data.endswith(_END_OF_IMAGE):  # cut off, or with something behind it
                    image.draft("L", (image.width // 8, image.height // 8))  # less work finds a cut file too
                    image.load()
                target.write_bytes(data)
                return Placed(target.name, *size)
            flat = _flattened(image)
            flat.thumbnail((longest, longest), Image.Resampling.LANCZOS)
            flat.save(target, "JPEG", quality=_QUALITY, subsampling=0)
            return Placed(target.name, *flat.size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the picture
        return None


def edges(path: Path) -> tuple[str, str]:
    """The mean colours (`#rrggbb`) of a picture's top and bottom rows."""
    with Image.open(path) as image:
        small = image.convert("RGB").resize((1, 50), Image.Resampling.BOX)
    top, bottom = (small.getpixel((0, row)) for row in (0, 49))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    return f"#{bytes(top).hex()}", f"#{bytes(bottom).hex()}"


def _fits_as_it_is(image: Image.Image, longest: int) -> bool:
    upright = image.getexif().get(_ORIENTATION, 1) == 1
    return image.mode in ("RGB", "L") and max(image.size) <= longest and upright


def _flattened(image: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(image)
    if turned.mode in ("RGBA", "LA", "PA", "P") or "transparency" in turned.info:
        coloured = turned.convert("RGBA")
        white = Image.new("RGB", coloured.size, "white")
        white.paste(coloured, mask=coloured.getchannel("A"))
        return white
    return turned.convert("RGB")
