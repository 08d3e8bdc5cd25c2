"""Colours as `#rrggbb`, and what is done to them."""

import colorsys
import functools

RGB = tuple[float, float, float]
"""Shares of red, green and blue, 0 to 1."""


@functools.lru_cache(maxsize=4096)
def rgb(colour: str) -> RGB:
    """A colour's shares."""
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def text(shares: RGB) -> str:
    """Shares as a colour, each brought within 0 to 1."""
    return "#" + "".join(f"{round(255 * min(max(share, 0.0), 1.0)):02x}" for share in shares)


@functools.lru_cache(maxsize=16384)
def mix(one: str, other: str, share: float) -> str:
    """The one with so much of the other in it."""
    a, b = rgb(one), rgb(other)
    return text((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share))


def lighter(colour: str, share: float = 0.2) -> str:
    """Towards a warm white."""
    return mix(colour, "#fffaf0", share)


def darker(colour: str, share: float = 0.2) -> str:
    """Towards a cool black, as shadows are."""
    return mix(colour, "#1a1430", share)


@functools.lru_cache(maxsize=16384)
def toned(colour: str, saturation: float, lightness: float = 1.0) -> str:
    """With its saturation and lightness multiplied."""
    hue, light, strength = colorsys.rgb_to_hls(*rgb(colour))
    return text(colorsys.hls_to_rgb(hue, min(light * lightness, 1.0), min(strength * saturation, 1.0)))


@functools.lru_cache(maxsize=16384)
def lit(colour: str, light: RGB) -> str:
    """As it is seen in light of that colour."""
    r, g, b = rgb(colour)
    return text((r * light[0], g * light[1], b * light[2]))


def luminance(colour: str) -> float:
    """How light it looks, 0 to 1."""
    r, g, b = rgb(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
