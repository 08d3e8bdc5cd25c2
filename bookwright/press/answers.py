"""Answer pages of search-and-find books: the scenes small, with a circle around each thing."""

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bookwright.contracts.depicting import PlacedThing
from bookwright.contracts.ports.answers import AnsweredScene

if TYPE_CHECKING:  # Pillow is imported where it is used: 4 MB that a worker without such books does without
    from PIL import Image

WIDTH, HEIGHT = 1_536, 1_152
GAP = 24
_PAPER, _INK, _RING, _HALO = "#fbf7ef", "#33302b", "#e0218a", "#ffffff"
"""The ring's magenta is rare in pictures and told from others also by people who see red and green alike."""
_QUALITY = 90
_FINER = 2
"""Circles are drawn so much larger and then made smaller, so that they are smooth."""
_SPACE = 0.25
"""Between a thing and its circle, in shares of the thing's diagonal."""
_LEAST_RADIUS = 9.0
_RING_WIDTH, _HALO_WIDTH = 4, 8
_BADGE = 34


class Answers:
    """An `AnswerArtist` with Pillow."""

    media_type = "image/webp"
    width, height = WIDTH, HEIGHT

    def answers(self, scenes: Sequence[AnsweredScene]) -> bytes:
        """See the port."""
        from PIL import Image

        sheet = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
        for scene, (left, top, width, height) in zip(scenes, cells(len(scenes)), strict=True):
            with Image.open(io.BytesIO(scene.picture)) as picture:
                small = _fitted(picture.convert("RGB"), width, height)
            small = _circled(small, scene.found)
            place = left + (width - small.width) // 2, top + (height - small.height) // 2
            sheet.paste(small, place)
            _badge(sheet, place, scene.page)
        out = io.BytesIO()
        sheet.save(out, "WEBP", quality=_QUALITY)
        return out.getvalue()


def cells(count: int) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of as many places as there are scenes, a last row that is not full in the middle."""
    if not count:
        return []
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    width, height = (WIDTH - GAP * (columns + 1)) // columns, (HEIGHT - GAP * (rows + 1)) // rows
    found = []
    for place in range(count):
        row, column = divmod(place, columns)
        in_row = min(columns, count - row * columns)
        begin = (WIDTH - in_row * width - (in_row - 1) * GAP) // 2
        found.append((begin + column * (width + GAP), GAP + row * (height + GAP), width, height))
    return found


def circle(box: PlacedThing, width: int, height: int) -> tuple[float, float, float]:
    """Centre and radius of the circle around a thing, in pixels of a picture of this size."""
    across, down = box.width * width, box.height * height
    radius = max(math.hypot(across, down) / 2 * (1 + _SPACE), _LEAST_RADIUS)
    return (box.left + box.width / 2) * width, (box.top + box.height / 2) * height, radius


def _fitted(picture: "Image.Image", width: int, height: int) -> "Image.Image":
    from PIL import Image

    factor = min(width / picture.width, height / picture.height)
    size = max(round(picture.width * factor), 1), max(round(picture.height * factor), 1)
    return picture.resize(size, Image.Resampling.LANCZOS)


def _circled(small: "Image.Image", found: Sequence[PlacedThing]) -> "Image.Image":
    from PIL import Image, ImageDraw

    size = small.width * _FINER, small.height * _FINER
    rings = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(rings)
    # All halos first: none is to cut through a neighbour's ring.
    for colour, line in ((_HALO, _HALO_WIDTH), (_RING, _RING_WIDTH)):
        for box in found:
            x, y, radius = (value * _FINER for value in circle(box, small.width, small.height))
            reach = radius + line * _FINER / 2
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), outline=colour, width=line * _FINER)
    smooth = rings.resize(small.size, Image.Resampling.BOX)
    small.paste(smooth, mask=smooth)
    return small


def _badge(sheet: "Image.Image", place: tuple[int, int], page: int) -> None:
    """The page's number on a small disc in the scene's upper left corner."""
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(sheet)
    left, top = place[0] - _BADGE // 4, place[1] - _BADGE // 4
    text = str(page)
    width = max(_BADGE, 14 * len(text) + 14)
    draw.rounded_rectangle((left, top, left + width, top + _BADGE), _BADGE // 2, fill=_PAPER, outline=_INK, width=2)
    draw.text((left + width / 2, top + _BADGE / 2), text, _INK, ImageFont.load_default(20), anchor="mm")
