"""Things to be found: put in plain sight, apart from one another and from the figures, among others that nobody looks
for."""

import functools
import io
import random
from dataclasses import dataclass

import resvg_py
from PIL import Image

from bookwright.contracts.depicting import PictureStyle, PlacedThing
from bookwright.providers.local.painting.pen import Pen
from bookwright.providers.local.painting.stage import Stage
from bookwright.providers.local.painting.things.library import thing_of
from bookwright.providers.local.painting.things.stock import THINGS

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in units."""
_TURNS = (-18, -9, 0, 9, 18)
_SIZE = 0.088
"""Of a thing in front, as a share of the picture's shorter side."""
_MARGIN = 8.0
_TRIES = 240
_DISTRACTORS = 15


@dataclass(frozen=True)
class Wanted:
    """A thing that is to be drawn."""

    asked: str
    """The name in the order; empty for one that nobody looks for."""
    name: str
    colour: str | None


def things_wanted(names: tuple[str, ...]) -> list[Wanted]:
    """What is to be found, each thing once: a name that is unknown, or means the same as one before it, is left out."""
    wanted: dict[str, Wanted] = {}
    for asked in names:
        found = thing_of(asked)
        if found:
            wanted.setdefault(found[0], Wanted(asked, *found))
    return list(wanted.values())


def place_things(s: Stage, wanted: list[Wanted], taken: list[Box]) -> tuple[PlacedThing, ...]:
    """Draw each of the things once, and some others; `taken` is where figures are. Answers where the things are; one
    that there is no room for is left out."""
    sought = {one.name for one in wanted}
    others = [name for name in THINGS if name not in sought]
    row = wanted + [Wanted("", name, None) for name in s.rng.sample(others, min(_DISTRACTORS, len(others)))]
    short = min(s.width, s.height)
    occupied = list(taken)
    drawn: list[tuple[float, float, float, int, Wanted, Box]] = []
    for one in row:
        turn = s.rng.choice(_TURNS)
        extent = extent_of(one.name, s.pen.style, turn)
        spot = _spot(s, THINGS[one.name].aloft, extent, short * _SIZE, occupied)
        if spot is None:
            continue
        x, y, scale, box = spot
        occupied.append(box)
        drawn.append((x, y, scale, turn, one, box))
    light = s.light.on_figures()
    for x, y, scale, turn, one, box in sorted(drawn, key=lambda entry: entry[1]):
        thing = THINGS[one.name]
        if not thing.aloft and not s.afloat and not s.pen.flat:
            s.pen.glow((box[0] + box[2]) / 2, box[3] - 3 * scale, (box[2] - box[0]) * 0.52, "#1c1a30", 0.4, 9 * scale)
        with s.pen.moved(x, y, scale, turn=turn):
            thing.draw(s.pen, light.at(one.colour or thing.main))
    return tuple(_placed(s, one, box) for _, _, _, _, one, box in drawn if one.asked)


def _placed(s: Stage, one: Wanted, box: Box) -> PlacedThing:
    left, top, right, bottom = box
    return PlacedThing(
        name=one.asked,
        left=round(left / s.width, 4),
        top=round(top / s.height, 4),
        width=round((right - left) / s.width, 4),
        height=round((bottom - top) / s.height, 4),
    )


def _spot(
    s: Stage, aloft: bool, extent: Box, size: float, occupied: list[Box]
) -> tuple[float, float, float, Box] | None:
    """A free place: middle, scale, and the box that is taken there; None when the picture is full."""
    top = s.height * 0.06 if aloft or s.afloat else max(s.floor[0] - s.height * 0.16, s.height * 0.4)
    bottom = s.horizon - s.height * 0.05 if aloft and not s.indoors and not s.afloat else s.height * 0.94
    for attempt in range(_TRIES):
        if attempt == _TRIES // 2:  # anywhere, then
            top, bottom = s.height * 0.06, s.height * 0.94
        x, y = s.rng.uniform(0.05, 0.95) * s.width, s.rng.uniform(top, bottom)
        nearness = 0.72 + 0.4 * (y / s.height) if not aloft else 0.9
        scale = size * nearness / 100 * s.rng.uniform(0.92, 1.08)
        box = (x + extent[0] * scale, y + extent[1] * scale, x + extent[2] * scale, y + extent[3] * scale)
        inside = box[0] > 6 and box[1] > 6 and box[2] < s.width - 6 and box[3] < s.height - 6
        if inside and not any(_meet(box, other) for other in occupied):
            return x, y, scale, box
    return None


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] - _MARGIN < other[2]
        and other[0] - _MARGIN < one[2]
        and one[1] - _MARGIN < other[3]
        and other[1] - _MARGIN < one[3]
    )


@functools.lru_cache(maxsize=2048)
def extent_of(name: str, style: PictureStyle, turn: int) -> Box:
    """The box that a thing fills around its middle when it is turned, as it is seen: measured on its pixels."""
    pen = Pen(style, random.Random(0))
    with pen.moved(80, 80, turn=turn):
        THINGS[name].draw(pen)
    png = resvg_py.svg_to_bytes(svg_string=pen.svg(160, 160, 160), skip_system_fonts=True)
    with Image.open(io.BytesIO(bytes(png))) as image:
        seen = image.getchannel("A").getbbox() or (0, 0, 160, 160)
    left, top, right, bottom = seen
    return left - 80.0, top - 80.0, right - 80.0, bottom - 80.0
