"""A picture that can be told from others: sky, sun and hills, in colours and places that follow from a seed."""

import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw

_SKY_BANDS = 24


@lru_cache(maxsize=64)
def png(seed: str, width: int, height: int) -> bytes:
    """A PNG of this size; the same seed gives the same bytes."""
    chance = random.Random(seed)
    sky, ground, sun = (tuple(chance.randrange(low, low + 110) for _ in "rgb") for low in (110, 30, 140))
    image = Image.new("P", (width, height))
    shades = [
        tuple(colour * (2 * _SKY_BANDS - band) // (2 * _SKY_BANDS) for colour in sky) for band in range(_SKY_BANDS)
    ]
    hills = [tuple(colour * share // 4 for colour in ground) for share in (4, 3, 2)]
    image.putpalette([part for colour in (*shades, *hills, sun) for part in colour])
    draw = ImageDraw.Draw(image)
    for band in range(_SKY_BANDS):
        draw.rectangle((0, band * height // _SKY_BANDS, width, (band + 1) * height // _SKY_BANDS), fill=band)
    radius, across = min(width, height) // 9, chance.randrange(width)
    high = chance.randrange(radius, height // 2)
    draw.ellipse((across - radius, high - radius, across + radius, high + radius), fill=_SKY_BANDS + len(hills))
    for hill in range(len(hills)):
        top = height * (5 + hill) // 8
        points = [(width * step // 8, top + chance.randrange(-height // 16, height // 16)) for step in range(9)]
        draw.polygon([(0, height), *points, (width, height)], fill=_SKY_BANDS + hill)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()
