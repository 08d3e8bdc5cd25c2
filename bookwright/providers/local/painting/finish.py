"""What is done to a whole picture after it was drawn: light that blooms, paper, pigment, a hand that wanders a little.

Done on pixels, since an SVG filter over a whole picture takes seconds.
"""

import functools
import io

import numpy as np
import numpy.typing as npt
import resvg_py
from PIL import Image, ImageChops, ImageFilter

from bookwright.contracts.depicting import PictureStyle

QUALITY = 86
_UNSTEADY = 1.7
"""Pixels that a line wanders off at most, in the artistic style."""
Waves = npt.NDArray[np.float32]


def rasterise(svg: str) -> Image.Image:
    """An SVG picture as pixels."""
    png = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    with Image.open(io.BytesIO(bytes(png))) as image:
        return image.convert("RGB")


def finish(image: Image.Image, style: PictureStyle) -> bytes:
    """The finished picture as WebP."""
    match style:
        case PictureStyle.REALISTIC:
            image = _lit(image)
        case PictureStyle.ARTISTIC:
            image = _painted(image)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=2)
    return out.getvalue()


def _lit(image: Image.Image) -> Image.Image:
    """Light blooms around what is bright, the corners are a little darker."""
    width, height = image.size
    small = image.resize((width // 8, height // 8), Image.Resampling.BOX)
    bright = small.point([0 if level < 150 else round((level - 150) * 0.62) for level in range(256)] * 3)
    bloom = bright.filter(ImageFilter.GaussianBlur(7)).resize((width, height), Image.Resampling.BILINEAR)
    return ImageChops.multiply(ImageChops.screen(image, bloom), _vignette(width, height))


def _painted(image: Image.Image) -> Image.Image:
    """Watercolour on rough paper: lines that wander, pigment that pools, and the paper's grain."""
    width, height = image.size
    rows, columns = _wander(width, height)
    pixels = np.asarray(image)[rows, columns]
    wandering = Image.fromarray(pixels)
    soft = wandering.resize((width // 4, height // 4), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(5))
    soft = soft.resize((width, height), Image.Resampling.BILINEAR)
    pooled = Image.blend(soft, wandering, 1.16)  # beyond 1: edges gain pigment, as wet paint does when it dries
    return ImageChops.multiply(pooled, _paper(width, height))


def _waves(rng: np.random.Generator, width: int, height: int, cell: int) -> Waves:
    """Smooth noise between -1 and 1 whose waves are some `cell` pixels long."""
    small = rng.standard_normal((height // cell + 2, width // cell + 2)).astype(np.float32)
    grown = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    noise: Waves = np.clip(np.asarray(grown) / 2.2, -1, 1)
    return noise


@functools.lru_cache(maxsize=4)
def _wander(width: int, height: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    rows += _UNSTEADY * _waves(rng, width, height, 22)
    columns += _UNSTEADY * _waves(rng, width, height, 22)
    return (
        np.clip(np.rint(rows), 0, height - 1).astype(np.int32),
        np.clip(np.rint(columns), 0, width - 1).astype(np.int32),
    )


@functools.lru_cache(maxsize=4)
def _paper(width: int, height: int) -> Image.Image:
    """What is to be multiplied with: grain, blotches, and a paler rim."""
    rng = np.random.default_rng(11)
    grain = _waves(rng, width, height, 2) * 0.028 + _waves(rng, width, height, 5) * 0.022
    blotches = _waves(rng, width, height, 90) * 0.04 + _waves(rng, width, height, 260) * 0.035
    share = np.clip(0.965 + grain + blotches, 0, 1)
    tint = np.array([1.0, 0.992, 0.972], np.float32)
    return Image.fromarray((255 * share[..., None] * tint).astype(np.uint8))


@functools.lru_cache(maxsize=4)
def _vignette(width: int, height: int) -> Image.Image:
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    away = np.clip(np.sqrt(rows**2 + columns**2) - 0.75, 0, 1)
    share = (255 * (1 - 0.34 * away**1.5)).astype(np.uint8)
    return Image.fromarray(np.repeat(share[..., None], 3, axis=2))
