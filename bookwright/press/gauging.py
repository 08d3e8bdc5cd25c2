"""Pictures measured: whose colours are in them, what stands out in them."""

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bookwright.contracts.depicting import PlacedThing
from bookwright.text.inspecting import usable

if TYPE_CHECKING:
    from PIL import Image

_LOOKED_AT = 384
"""Pixels of the longer side of the picture that colours are counted in."""
LEAST_COLOUR = 0.004
"""Share of a picture that a colour takes up when somebody wears it. In 40 pictures of our own painter, four heroes in
ten settings at all times and in all weathers, it was 1.2% at least. A scene of that colour hides that they lack."""
_NEAR_HUE, _NEAR_LIGHT, _GREY = 0.35, 30.0, 12.0
"""Hues are near within so many radians, greys within so much lightness (CIELAB); what has less chroma is a grey."""
_LEAST_CHROMA = 0.3
"""Share of a colour's chroma that is left of it in shade, fog or at night."""
_AROUND = 0.35
"""How far around a box its surroundings reach, in shares of its sides; cut out with it is half of that."""
_STANDS_OUT = 6.0
"""Mean difference of lightness or colour (CIELAB) between what is in a box and the mean around it."""
_CROP_SIDE = 256


class Gauge:
    """A `PictureGauge` with Pillow and numpy."""

    def has_colour(self, picture: bytes, colour: str) -> bool:
        """See the port. Light and shade change a colour's lightness and chroma, and leave its hue."""
        image = _open(picture)
        image.thumbnail((_LOOKED_AT, _LOOKED_AT))
        seen = _lab(np.asarray(image))
        return _share(seen, colour) >= LEAST_COLOUR

    def standing_out(self, picture: bytes, boxes: Sequence[PlacedThing]) -> tuple[PlacedThing, ...]:
        """See the port."""
        if not boxes:
            return ()
        seen = np.asarray(_open(picture))
        return tuple(box for box in boxes if usable(box) and _stands_out(seen, box))

    def cut_out(self, picture: bytes, boxes: Sequence[PlacedThing]) -> tuple[bytes, ...]:
        """See the port."""
        image = _open(picture)
        return tuple(_png(image.crop(_edges(box, *image.size, around=_AROUND / 2))) for box in boxes)


def _open(picture: bytes) -> "Image.Image":
    from PIL import Image

    return Image.open(io.BytesIO(picture)).convert("RGB")


def _png(crop: "Image.Image") -> bytes:
    from PIL import Image

    factor = _CROP_SIDE / max(crop.size)
    if factor > 1:  # models overlook what is tiny
        crop = crop.resize((round(crop.width * factor), round(crop.height * factor)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    crop.save(out, "PNG")
    return out.getvalue()


def _edges(box: PlacedThing, width: int, height: int, *, around: float = 0.0) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in pixels, inside the picture."""
    more_x, more_y = box.width * around, box.height * around
    return (
        max(round((box.left - more_x) * width), 0),
        max(round((box.top - more_y) * height), 0),
        min(round((box.left + box.width + more_x) * width), width),
        min(round((box.top + box.height + more_y) * height), height),
    )


def _stands_out(seen: "np.ndarray[Any, Any]", box: PlacedThing) -> bool:
    height, width = seen.shape[:2]
    left, top, right, bottom = _edges(box, width, height)
    outer = _edges(box, width, height, around=_AROUND)
    around = _lab(seen[outer[1] : outer[3], outer[0] : outer[2]])
    inside = np.zeros(around.shape[:2], dtype=bool)
    inside[top - outer[1] : bottom - outer[1], left - outer[0] : right - outer[0]] = True
    if inside.all() or not inside.any():
        return False
    difference = np.linalg.norm(around[inside] - around[~inside].mean(axis=0), axis=-1)
    return float(difference.mean()) >= _STANDS_OUT


def _share(seen: "np.ndarray[Any, Any]", colour: str) -> float:
    """The share of pixels that may be of a colour."""
    light, a, b = _of(colour)
    chroma = float(np.hypot(a, b))
    seen_chroma = np.hypot(seen[..., 1], seen[..., 2])
    if chroma < _GREY:
        return float(np.mean((seen_chroma < 2 * _GREY) & (np.abs(seen[..., 0] - light) < _NEAR_LIGHT)))
    turned = np.arctan2(seen[..., 2], seen[..., 1]) - np.arctan2(b, a)
    near = np.abs((turned + np.pi) % (2 * np.pi) - np.pi) < _NEAR_HUE
    return float(np.mean(near & (seen_chroma >= _LEAST_CHROMA * chroma)))


@lru_cache(maxsize=64)
def _of(colour: str) -> tuple[float, float, float]:
    light, a, b = _lab(np.frombuffer(bytes.fromhex(colour.removeprefix("#")), dtype=np.uint8).reshape(1, 1, 3))[0, 0]
    return float(light), float(a), float(b)


def _lab(pixels: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """sRGB (0–255) as CIELAB under D65 (CIE 15:2004)."""
    linear = np.asarray(pixels, dtype=np.float32) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T / _WHITE
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    dtype=np.float32,
)
_WHITE = np.array([0.95047, 1.0, 1.08883], dtype=np.float32)
